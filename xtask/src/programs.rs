//! Builds programs from generated code: a workspace whose members contain the client, server and stub of some documents, and
//! pass them to a function of this crate's library.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use descant_generator::output::{Mode, apply};
use descant_generator::{Parts, Settings, generate};
use descant_model::load::{Options, load};

/// The most lines of generated code that are compiled of one document: more takes minutes.
const MAX_LINES: usize = 150_000;

/// A workspace of programs.
pub(crate) struct Programs {
    root: PathBuf,
    /// What each name begins with.
    prefix: &'static str,
    /// The function that each program calls, with its documents.
    run: &'static str,
    members: Vec<String>,
}

/// The generated module of a document.
struct Module {
    name: String,
    path: String,
    lines: usize,
}

impl Programs {
    /// An empty workspace below `target`.
    pub(crate) fn new(prefix: &'static str, run: &'static str) -> Self {
        Self { root: crate::root().join("target").join(prefix), prefix, run, members: Vec::new() }
    }

    /// Writes a program for each document that has operations, and says of the others that they have none.
    pub(crate) fn one_each(mut self, documents: &[PathBuf]) -> io::Result<Self> {
        for document in documents {
            let name = identifier(document);
            let folder = self.root.join(&name);
            if let Some(module) = module(document, &folder)? {
                self.member(&name, &[module])?;
            }
        }
        self.finish()
    }

    /// Writes programs of several documents, each with about this many lines of generated code: they compile and link
    /// once.
    pub(crate) fn packed(mut self, documents: &[PathBuf], lines: usize) -> io::Result<Self> {
        let mut pack: Vec<Module> = Vec::new();
        let mut number = 1;
        for document in documents {
            let folder = self.root.join(number.to_string());
            let Some(module) = module(document, &folder)? else { continue };
            pack.push(module);
            if pack.iter().map(|module| module.lines).sum::<usize>() >= lines {
                self.member(&number.to_string(), &std::mem::take(&mut pack))?;
                number += 1;
            }
        }
        if !pack.is_empty() {
            self.member(&number.to_string(), &pack)?;
        }
        self.finish()
    }

    /// Writes one program.
    fn member(&mut self, name: &str, modules: &[Module]) -> io::Result<()> {
        let folder = self.root.join(name);
        let package = format!("{}-{}", self.prefix, name.replace('_', "-"));
        let mut main = "#![allow(dead_code, reason = \"a program uses but some of an API\")]\n\n".to_owned();
        for Module { name, .. } in modules {
            let _ = writeln!(main, "mod {name};");
        }
        let _ = writeln!(main, "\nfn main() -> std::process::ExitCode {{\n    {}(&[", self.run);
        for Module { name, path, .. } in modules {
            let _ = writeln!(main, "        xtask::voices!({name}, {path:?}),");
        }
        main.push_str("    ])\n}\n");
        write(&folder.join("src/main.rs"), &main)?;
        let manifest = format!(
            "[package]\nname = \"{package}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
             axum = {{ version = \"0.8\", default-features = false }}\n\
             descant-runtime = {{ path = {:?}, features = [\"client\", \"server\"] }}\nxtask = {{ path = {:?} }}\n",
            crate::root().join("runtime"),
            crate::root().join("xtask"),
        );
        write(&folder.join("Cargo.toml"), &manifest)?;
        self.members.push(name.to_owned());
        Ok(())
    }

    /// Writes the workspace, with this one's profiles, so that what is built already is not built again.
    fn finish(self) -> io::Result<Self> {
        let own = fs::read_to_string(crate::root().join("Cargo.toml"))?;
        let profiles = own.find("[profile.").and_then(|at| own.get(at..)).unwrap_or_default();
        let mut manifest =
            format!("[workspace]\nresolver = \"3\"\nmembers = {:?}\n\n{profiles}", self.members);
        for package in self.packages() {
            let _ = writeln!(manifest, "[profile.dev.package.{package}]\ndebug = false\n");
        }
        write(&self.root.join("Cargo.toml"), &manifest)?;
        fs::copy(crate::root().join("Cargo.lock"), self.root.join("Cargo.lock"))?;
        Ok(self)
    }

    fn packages(&self) -> impl Iterator<Item = String> {
        self.members.iter().map(|name| format!("{}-{}", self.prefix, name.replace('_', "-")))
    }

    /// Builds every program that can be built.
    pub(crate) fn build(&self) -> io::Result<ExitStatus> {
        self.cargo(["build", "--keep-going", "--workspace"]).status()
    }

    /// Runs each program, one after the other: its package, its output and how it ended.
    pub(crate) fn run(&self) -> impl Iterator<Item = io::Result<(String, String, ExitStatus)>> {
        self.packages().map(|package| {
            let output = self.cargo(["run", "--package", &package]).stderr(Stdio::inherit()).output()?;
            Ok((package, String::from_utf8_lossy(&output.stdout).into_owned(), output.status))
        })
    }

    fn cargo<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(env!("CARGO"));
        command.args(arguments).args(["--quiet", "--offline", "--manifest-path"]);
        command.arg(self.root.join("Cargo.toml")).env("CARGO_TARGET_DIR", crate::root().join("target"));
        command
    }
}

/// Generates the module of a document; `None` where there is nothing to call, or too much.
fn module(path: &Path, folder: &Path) -> io::Result<Option<Module>> {
    let Some(api) = load(path, &Options::default()).api.filter(|api| !api.operations.is_empty()) else {
        println!("{:40} has no operations", path.display());
        return Ok(None);
    };
    let name = format!("d_{}", identifier(path));
    let settings = Settings {
        name: name.clone(),
        source: name.clone(),
        parts: Parts { webhooks: false, contract: true, stub: true, ..Parts::USUAL },
        ..Settings::default()
    };
    let generated = generate(&api, &settings);
    let lines = generated.files.iter().map(|file| file.text.lines().count()).sum();
    if lines > MAX_LINES {
        println!(
            "NOT TRIED: {}: its code has {lines} lines, and {MAX_LINES} are compiled at most",
            path.display()
        );
        return Ok(None);
    }
    apply(&folder.join("src").join(&name), &generated.files, Mode::Write)?;
    Ok(Some(Module { name, path: path.canonicalize()?.display().to_string(), lines }))
}

/// A document's folder and name as part of an identifier.
fn identifier(path: &Path) -> String {
    let stem = path.with_extension("");
    let parts: Vec<_> =
        stem.components().rev().take(2).map(|part| part.as_os_str().to_string_lossy()).collect();
    let text = parts.iter().rev().map(AsRef::as_ref).collect::<Vec<_>>().join("_");
    text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect()
}

/// Writes a file unless it has that text already: a new time would have it compiled again.
fn write(path: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::write(path, text)
}
