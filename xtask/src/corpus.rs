//! `cargo xtask corpus FOLDER`: generates a client and a server for every document of a folder, compiles them as modules
//! of one crate with warnings denied, and prints the result of each.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use descant_generator::output::{Mode, apply};
use descant_generator::{Generated, Parts, Settings, generate};
use descant_model::codes::Code;
use descant_model::diagnostic::Severity;
use descant_model::load::{Options, load};

use crate::loops;

/// Some documents of a folder.
#[derive(clap::Args)]
pub(crate) struct Folder {
    /// A folder of documents
    pub(crate) folder: PathBuf,
    /// Only documents whose names contain this
    #[arg(long)]
    pub(crate) only: Vec<String>,
}

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    folder: Folder,
    /// Generate, but do not compile
    #[arg(long)]
    no_compile: bool,
    /// Have each document's generated client call its mock and its generated server
    #[arg(long = "loop")]
    closed_loop: bool,
}

/// What came of a document.
struct Outcome {
    name: String,
    module: String,
    /// What was loaded has no errors.
    errors: usize,
    left_out: usize,
    operations: usize,
    lines: usize,
    milliseconds: u128,
    generated: bool,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> ExitCode {
    let root = crate::root().join("target/corpus");
    let done = match args.closed_loop {
        true => documents(&args.folder).and_then(|documents| loops::run(&documents)),
        false => corpus(args, &root),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn corpus(args: &Args, root: &Path) -> std::io::Result<bool> {
    let mut outcomes = Vec::new();
    if root.join("src").exists() {
        fs::remove_dir_all(root.join("src"))?;
    }
    for path in documents(&args.folder)? {
        let outcome = document(&path, root)?;
        println!(
            "{:32} {:5} operations {:7} lines {:6} ms {:4} errors {:4} left out{}",
            outcome.name,
            outcome.operations,
            outcome.lines,
            outcome.milliseconds,
            outcome.errors,
            outcome.left_out,
            if outcome.generated { "" } else { "  NOT GENERATED" },
        );
        outcomes.push(outcome);
    }
    let generated = outcomes.iter().filter(|outcome| outcome.generated).count();
    println!("{generated} of {} documents generated", outcomes.len());
    if args.no_compile {
        return Ok(generated == outcomes.len());
    }
    write_crate(root, &outcomes)?;
    let started = Instant::now();
    let status = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--offline", "--manifest-path"])
        .arg(root.join("Cargo.toml"))
        .env("CARGO_TARGET_DIR", root.join("target"))
        .env("RUSTFLAGS", "")
        .status()?;
    println!("compiled: {} in {} s", status.success(), started.elapsed().as_secs());
    Ok(status.success() && generated == outcomes.len())
}

/// The documents that the folder's `INDEX.tsv` names, else those that lie in it.
pub(crate) fn documents(args: &Folder) -> std::io::Result<Vec<PathBuf>> {
    let index = fs::read_to_string(args.folder.join("INDEX.tsv"));
    let mut found: Vec<PathBuf> = match index {
        Ok(index) => {
            let rows = index.lines().skip(1).filter_map(|row| row.split('\t').next());
            rows.map(|name| args.folder.join(name)).collect()
        }
        Err(_) => {
            let files = fs::read_dir(&args.folder)?.filter_map(|entry| entry.ok().map(|entry| entry.path()));
            files.filter(|path| path.is_file()).collect()
        }
    };
    found.retain(|path| {
        let name = path.to_string_lossy();
        args.only.is_empty() || args.only.iter().any(|only| name.contains(only.as_str()))
    });
    found.sort();
    Ok(found)
}

fn document(path: &Path, root: &Path) -> std::io::Result<Outcome> {
    let parts: Vec<_> =
        path.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let name = parts.last().cloned().unwrap_or_default();
    let module: String = format!("d_{name}")
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
        .collect();
    let started = Instant::now();
    let loaded = load(path, &Options::default());
    let errors = loaded.diagnostics.iter().filter(|finding| finding.severity == Severity::Error).count();
    let operations = loaded.api.as_ref().map_or(0, |api| api.operations.len());
    let settings = Settings {
        name: name.clone(),
        source: name.clone(),
        parts: Parts { contract: true, ..Parts::USUAL },
        ..Settings::default()
    };
    let generated: Option<Generated> = loaded.api.map(|api| generate(&api, &settings));
    let milliseconds = started.elapsed().as_millis();
    let files = generated.as_ref().map_or(&[][..], |generated| &generated.files);
    apply(&root.join("src").join(&module), files, Mode::Write)?;
    let left_out = generated.as_ref().map_or(0, |generated| {
        generated.diagnostics.iter().filter(|finding| finding.code == Code::Unsupported).count()
    });
    let lines = files.iter().map(|file| file.text.lines().count()).sum();
    let generated = generated.is_some();
    Ok(Outcome { name, module, errors, left_out, operations, lines, milliseconds, generated })
}

fn write_crate(root: &Path, outcomes: &[Outcome]) -> std::io::Result<()> {
    let runtime = crate::root().join("runtime");
    let manifest = format!(
        "[package]\nname = \"corpus\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [lib]\ndoctest = false\n\n[dependencies]\naxum = {{ version = \"0.8\", default-features = false }}\n\
         descant-runtime = {{ path = {runtime:?}, features = [\"client\", \"server\"] }}\n"
    );
    fs::write(root.join("Cargo.toml"), manifest)?;
    fs::copy(crate::root().join("Cargo.lock"), root.join("Cargo.lock"))?;
    let mut lib = String::from("//! Every document's output.\n\n#![deny(warnings)]\n\n");
    for outcome in outcomes.iter().filter(|outcome| outcome.generated) {
        let _ = writeln!(lib, "pub mod {};", outcome.module);
    }
    fs::write(root.join("src/lib.rs"), lib)
}
