//! `cargo xtask bench generate`: compares the cost of generated clients with those of other generators, in one run: CPU time of
//! generation, lines, and the time that rustc spends on the client's crate alone with its dependencies built.
//!
//! Peers are found in a folder: `cargo install --root FOLDER ploidy openapi-to-rust cargo-progenitor`, then `cargo
//! xtask bench generate --peers FOLDER`. If a peer rejects a document, or its output does not compile, its message is
//! printed. GNU time, `/usr/bin/time`, measures the processes.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Figure, Outcome};

/// What a process spent: CPU seconds and kilobytes at its peak.
#[derive(Clone, Copy, Default)]
struct Spent {
    seconds: f64,
    kilobytes: u64,
}

/// A generator's crate for a document.
struct Row {
    generating: Spent,
    lines: usize,
    compiling: Spent,
}

#[derive(clap::Args)]
pub(super) struct Args {
    /// The documents, as they lie in the corpus
    #[arg(value_name = "DOCUMENT", default_values = ["box.json", "stripe.yaml", "github.json"])]
    documents: Vec<String>,
    /// Where other generators were installed: `cargo install --root FOLDER ploidy openapi-to-rust cargo-progenitor`
    #[arg(long, value_name = "FOLDER")]
    peers: Option<PathBuf>,
    /// A `descant` that need not be built
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
}

/// A generator: its program and arguments, in which `DOCUMENT` and `OUT` stand for the document and the folder.
struct Generator {
    name: &'static str,
    program: PathBuf,
    arguments: String,
}

impl Generator {
    fn ours(program: Option<&Path>) -> Generator {
        let root = crate::root();
        let built = || root.join("target/release/descant");
        let runtime = root.join("runtime");
        let arguments = format!(
            "generate DOCUMENT --client --crate measured --runtime path:{} --out OUT",
            runtime.display()
        );
        Generator { name: "descant", program: program.map_or_else(built, Path::to_owned), arguments }
    }

    /// Those that are there.
    fn peers(folder: &Path) -> Vec<Generator> {
        let known = [
            ("ploidy", "generate rust DOCUMENT --name measured -o OUT"),
            ("openapi-to-rust", "generate DOCUMENT --quiet --output-dir OUT/src"),
            ("cargo-progenitor", "progenitor -i DOCUMENT -o OUT -n measured -v 0.1.0"),
        ];
        let peers = known.map(|(name, arguments)| Generator {
            name,
            program: folder.join("bin").join(name),
            arguments: arguments.to_owned(),
        });
        peers.into_iter().filter(|peer| peer.program.is_file()).collect()
    }

    /// Generates and compiles, and prints a line of the table.
    fn measure(&self, document: &Path) -> Outcome<Row> {
        let title = document.file_name().unwrap_or_default().to_string_lossy();
        let folder = crate::root().join("target/bench").join(self.name).join(title.replace('.', "-"));
        let _ = std::fs::remove_dir_all(&folder);
        let place = |word: &str| {
            word.replace("DOCUMENT", &document.to_string_lossy()).replace("OUT", &folder.to_string_lossy())
        };
        let mut command = Command::new("/usr/bin/time");
        let generating = timed(command.arg(&self.program).args(self.arguments.split(' ').map(place)))?;
        complete(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let lines = lines(&folder.join("src"));
        let compiling = compile(&folder)?;
        let row = Row { generating, lines, compiling };
        println!(
            "{title:12} {:16} {:>11.2} s {lines:>9} {:>9.1} s {:>6} MB",
            self.name,
            row.generating.seconds,
            row.compiling.seconds,
            row.compiling.kilobytes / 1024
        );
        Ok(row)
    }
}

/// Measures us, and the peers that are there.
pub(super) fn figures(args: &Args) -> Outcome<Vec<Figure>> {
    let corpus = super::corpus()?;
    if args.program.is_none() {
        super::build(&["-p", "descant"])?;
    }
    let ours = Generator::ours(args.program.as_deref());
    let peers = args.peers.as_deref().map(Generator::peers).unwrap_or_default();
    println!("{:12} {:16} {:>13} {:>9} {:>11} {:>9}", "", "", "generating", "lines", "rustc CPU", "peak");
    let mut figures = Vec::new();
    for document in &args.documents {
        let path = corpus.join("dev").join(document);
        let ours = ours.measure(&path)?;
        let mut rows = Vec::new();
        for peer in &peers {
            match peer.measure(&path) {
                Ok(row) => rows.push(row),
                Err(error) => println!("{document:12} {:16} {error}", peer.name),
            }
        }
        figures.extend(if rows.is_empty() {
            vec![alone(document, &ours)]
        } else {
            compare(document, &ours, &rows)
        });
    }
    Ok(figures)
}

/// Makes a crate of what was generated: a workspace of its own, as it lies in the folder of ours. openapi-to-rust makes a
/// module, and says what it depends on.
fn complete(folder: &Path) -> std::io::Result<()> {
    let manifest = folder.join("Cargo.toml");
    let text = match std::fs::read_to_string(folder.join("src/REQUIRED_DEPS.toml")) {
        Ok(dependencies) => {
            std::fs::rename(folder.join("src/mod.rs"), folder.join("src/lib.rs"))?;
            format!("[package]\nname = \"measured\"\nedition = \"2024\"\n\n{dependencies}")
        }
        Err(_) => std::fs::read_to_string(&manifest)?,
    };
    std::fs::write(manifest, format!("{text}\n[workspace]\n"))
}

/// `cargo check`, rustc for the crate itself under the clock, those for its dependencies not.
fn compile(folder: &Path) -> Outcome<Spent> {
    let target = crate::root().join("target/bench/target");
    let mut command = Command::new(env!("CARGO"));
    command.args(["check", "--quiet"]).current_dir(folder).env("CARGO_TARGET_DIR", target);
    command
        .env("RUSTC_WORKSPACE_WRAPPER", "/usr/bin/time")
        .env("CARGO_INCREMENTAL", "0")
        .env("RUSTFLAGS", "");
    timed(&mut command)
}

/// Runs a command of which `time` is a part: what the costliest of the measured processes spent.
fn timed(command: &mut Command) -> Outcome<Spent> {
    let output = command.env("TIME", "spent %U %S %M").output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(complaint(&said));
    }
    let spent = said.lines().filter_map(|line| {
        let mut numbers = line.strip_prefix("spent ")?.split(' ').map(str::parse::<f64>);
        let (user, system, peak) = (numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?);
        Some(Spent { seconds: user + system, kilobytes: peak as u64 })
    });
    spent.max_by(|a, b| a.seconds.total_cmp(&b.seconds)).ok_or_else(|| "nothing was measured".to_owned())
}

/// The first line of what a program said that tells of an error, else the last that is not `time`'s.
fn complaint(said: &str) -> String {
    let mut lines =
        said.lines().filter(|line| !line.starts_with("spent ") && !line.starts_with("Command exited"));
    let first = lines.clone().find(|line| line.to_lowercase().contains("error") || line.contains("panicked"));
    first.or_else(|| lines.next_back()).unwrap_or("it failed").trim().to_owned()
}

fn lines(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.map(|path: PathBuf| if path.is_dir() { lines(&path) } else { lines_of(&path) }).sum()
}

fn lines_of(path: &Path) -> usize {
    std::fs::read_to_string(path).map_or(0, |text| text.lines().count())
}

/// The goals: shares of what the best of the peers needs.
fn compare(document: &str, ours: &Row, peers: &[Row]) -> Vec<Figure> {
    let share = |of: fn(&Row) -> f64| of(ours) / peers.iter().map(of).fold(f64::INFINITY, f64::min);
    let shares = [
        ("generating, CPU", share(|row| row.generating.seconds), 0.6),
        ("lines", share(|row| row.lines as f64), 0.5),
        ("rustc, CPU", share(|row| row.compiling.seconds), 0.3),
        ("rustc, peak memory", share(|row| row.compiling.kilobytes as f64), 0.4),
    ];
    let figure = |(what, share, goal): (&str, f64, f64)| Figure {
        what: format!("{document}: {what}"),
        goal: format!("at most {goal} × the best peer's"),
        measured: format!("{share:.2} ×"),
        is_met: share <= goal,
    };
    shares.into_iter().map(figure).collect()
}

fn alone(document: &str, ours: &Row) -> Figure {
    Figure {
        what: format!("{document}: the client compiles"),
        goal: "yes; shares where a peer is installed".to_owned(),
        measured: format!("{:.1} s of rustc", ours.compiling.seconds),
        is_met: true,
    }
}
