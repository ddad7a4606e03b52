//! `cargo xtask bombs`: runs every command of `descant` on documents that are built to make its work grow, and fails where
//! one takes more than the limits of `docs/figures.md` and more than in proportion to the document.
//!
//! Each command is a process of its own. Its time is the CPU time of user and kernel, so that other work on the machine
//! does not count; its memory the peak of the resident set. Both come from `/proc`, so the command needs Linux.

mod child;
mod http_kinds;
mod kinds;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use child::{Cost, Server};

/// CPU time that a command may take, whatever the size of its document.
const MOST_TIME: Duration = Duration::from_secs(2);
/// Memory that a command may take, whatever the size of its document.
const MOST_MEMORY: u64 = 200 << 20;
/// What a document of twice the size may take, of the smaller one's cost, beyond both limits.
const MOST_GROWTH: f64 = 2.6;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Documents, and folders of documents
    paths: Vec<PathBuf>,
    /// Also try the documents that are made here, each kind in two sizes
    #[arg(long)]
    own: bool,
    /// Of the documents that are made here, only kinds whose names contain this
    #[arg(long)]
    only: Option<String>,
    /// The program to measure
    #[arg(long, default_value = "target/release/descant")]
    descant: PathBuf,
    /// Only these commands
    #[arg(long, value_delimiter = ',')]
    commands: Vec<String>,
}

/// The commands that are measured.
const COMMANDS: [&str; 6] = ["lint", "generate", "report", "bundle", "mock", "test"];

/// Runs the command.
pub(crate) fn run(args: &Args) -> ExitCode {
    match measure(args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(args: &Args) -> std::io::Result<bool> {
    let folder = crate::root().join("target/bombs");
    std::fs::create_dir_all(&folder)?;
    let bench = Bench { program: std::path::absolute(&args.descant)?, folder, args };
    print!("{:28} {:>8}", "document", "kB");
    bench.commands().for_each(|command| print!(" {command:>16}"));
    println!();
    let mut passed = true;
    for path in documents(&args.paths)? {
        passed &= bench.documents(&[path])?;
    }
    let is_wanted = |name: &str| args.only.as_deref().is_none_or(|only| name.contains(only));
    let own = kinds::KINDS.iter().chain(http_kinds::KINDS);
    for kind in own.filter(|kind| args.own && is_wanted(kind.name)) {
        let mut paths = Vec::new();
        for size in [kind.size, kind.size * 2] {
            let path = bench.folder.join(format!("{}-{size}.yaml", kind.name));
            std::fs::write(&path, (kind.write)(size))?;
            paths.push(path);
        }
        passed &= bench.documents(&paths)?;
    }
    Ok(passed)
}

/// The files of some paths, and of the folders among them.
fn documents(paths: &[PathBuf]) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        match path.is_dir() {
            true => found.extend(std::fs::read_dir(path)?.filter_map(|entry| Some(entry.ok()?.path()))),
            false => found.push(path.clone()),
        }
    }
    found.retain(|path| path.extension().is_some_and(|end| end == "json" || end == "yaml"));
    found.sort();
    Ok(found)
}

struct Bench<'a> {
    program: PathBuf,
    folder: PathBuf,
    args: &'a Args,
}

impl Bench<'_> {
    fn commands(&self) -> impl Iterator<Item = &'static str> {
        let wanted = &self.args.commands;
        COMMANDS.into_iter().filter(move |name| wanted.is_empty() || wanted.iter().any(|one| one == name))
    }

    /// Measures documents of one kind, the smaller first; false where a command takes too much of the last.
    fn documents(&self, paths: &[PathBuf]) -> std::io::Result<bool> {
        let mut before: Vec<Cost> = Vec::new();
        let mut passed = true;
        for path in paths {
            let size = std::fs::metadata(path)?.len() >> 10;
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            print!("{name:28} {size:>8}");
            let mut costs = Vec::new();
            for (index, command) in self.commands().enumerate() {
                let cost = self.cost(command, path)?;
                let is_broken = !cost.is_within(before.get(index), paths.len() > 1);
                passed &= !is_broken;
                print!(" {:>16}", format!("{cost}{}", if is_broken { "!" } else { "" }));
                let _ = std::io::Write::flush(&mut std::io::stdout());
                costs.push(cost);
            }
            println!();
            before = costs;
        }
        Ok(passed)
    }

    fn cost(&self, name: &str, document: &Path) -> std::io::Result<Cost> {
        match name {
            "mock" | "test" => self.served(name == "test", document),
            "lint" | "bundle" => child::run(self.command(name, document)),
            _ => {
                let out = self.folder.join("out");
                // It may be absent.
                let _ = std::fs::remove_dir_all(&out);
                let mut command = self.command("generate", document);
                command.arg("--out").arg(&out);
                if name == "report" {
                    command.arg("--report").arg(self.folder.join("report.json"));
                }
                child::run(command)
            }
        }
    }

    /// The mock's cost of a few calls of each operation; or that of `descant test` against the mock.
    fn served(&self, is_test: bool, document: &Path) -> std::io::Result<Cost> {
        let mut command = self.command("mock", document);
        command.args(["--port", "0", "--log", "quiet"]);
        let mut server = Server::start(command)?;
        let Some(address) = server.address() else { return Ok(server.end(None)) };
        if is_test {
            let mut command = self.command("test", document);
            command.arg("--url").arg(format!("http://{address}"));
            let cost = child::run(command)?;
            drop(server);
            return Ok(cost);
        }
        let failure = server.call_all(&address, document);
        Ok(server.end(failure))
    }

    fn command(&self, name: &str, document: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(name).arg(document);
        command
    }
}

impl Cost {
    /// Whether it keeps to the limits, or to the proportion of a document of half the size.
    fn is_within(&self, before: Option<&Cost>, has_sizes: bool) -> bool {
        if self.failure.is_some() {
            return false;
        }
        if self.time <= MOST_TIME && self.memory <= MOST_MEMORY {
            return true;
        }
        let Some(before) = before else { return has_sizes };
        let grows = |now: f64, then: f64, least: f64| now <= least.max(then * MOST_GROWTH);
        before.failure.is_none()
            && grows(self.time.as_secs_f64(), before.time.as_secs_f64(), MOST_TIME.as_secs_f64())
            && grows(self.memory as f64, before.memory as f64, MOST_MEMORY as f64)
    }
}
