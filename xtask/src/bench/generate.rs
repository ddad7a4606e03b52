//! `cargo xtask bench generate`: what generated clients cost, ours and those of other generators, in one run: CPU to
//! generate, lines, and what rustc spends on the client's crate alone once its dependencies are built.
//!
//! Peers are looked for in a folder: `cargo install --root FOLDER ploidy`, then `cargo xtask bench generate --peers
//! FOLDER`. Processes are measured by GNU time, `/usr/bin/time`.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Figure, Outcome};

/// The documents, as they lie in the corpus.
const DOCUMENTS: [&str; 3] = ["box.json", "stripe.yaml", "github.json"];

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
    /// Where other generators were installed: `cargo install --root FOLDER ploidy`
    #[arg(long, value_name = "FOLDER")]
    peers: Option<PathBuf>,
}

/// Measures us, and the peers that are there.
pub(super) fn figures(args: &Args) -> Outcome<Vec<Figure>> {
    let (corpus, peers) = (super::corpus()?, args.peers.as_deref());
    super::build(&["-p", "descant"])?;
    println!("{:12} {:10} {:>13} {:>9} {:>11} {:>9}", "", "", "generating", "lines", "rustc CPU", "peak");
    let mut figures = Vec::new();
    for document in DOCUMENTS {
        let path = corpus.join("dev").join(document);
        let ours = measure(document, "descant", &ours(&path))?;
        let ploidy = peers.map(|folder| folder.join("bin/ploidy")).filter(|program| program.is_file());
        let peer = ploidy.map(|program| measure(document, "ploidy", &theirs(&program, &path))).transpose();
        match peer {
            Ok(Some(peer)) => figures.extend(compare(document, &ours, &peer)),
            Ok(None) => figures.push(alone(document, &ours)),
            Err(error) => println!("     {error}"),
        }
    }
    Ok(figures)
}

fn words(parts: &[&str]) -> Vec<String> {
    parts.iter().map(|part| (*part).to_owned()).collect()
}

/// The command that makes our client; `OUT` stands for the folder.
fn ours(document: &Path) -> Vec<String> {
    let (root, document) = (crate::root(), document.to_string_lossy());
    let program = root.join("target/release/descant");
    let runtime = format!("path:{}", root.join("runtime").display());
    let parts =
        ["generate", &document, "--client", "--crate", "measured", "--runtime", &runtime, "--out", "OUT"];
    words(&[&[&*program.to_string_lossy()][..], &parts].concat())
}

fn theirs(program: &Path, document: &Path) -> Vec<String> {
    let (program, document) = (program.to_string_lossy(), document.to_string_lossy());
    words(&[&program, "generate", "rust", &document, "--name", "measured", "-o", "OUT"])
}

/// Generates and compiles, and prints a line of the table.
fn measure(document: &str, generator: &str, command: &[String]) -> Outcome<Row> {
    let folder = crate::root().join("target/bench").join(generator).join(document.replace('.', "-"));
    let _ = std::fs::remove_dir_all(&folder);
    let out = folder.to_string_lossy();
    let command: Vec<&str> = command.iter().map(|part| if part == "OUT" { &*out } else { part }).collect();
    let generating = timed(Command::new("/usr/bin/time").args(command))?;
    // A workspace of its own: it lies in the folder of ours.
    let manifest = folder.join("Cargo.toml");
    let text = std::fs::read_to_string(&manifest).map_err(|error| format!("{generator}: {error}"))?;
    std::fs::write(&manifest, format!("{text}\n[workspace]\n")).map_err(|error| error.to_string())?;
    let compiling = compile(&folder, generator)?;
    let row = Row { generating, lines: lines(&folder.join("src")), compiling };
    println!(
        "{document:12} {generator:10} {:>11.2} s {:>9} {:>9.1} s {:>6} MB",
        row.generating.seconds,
        row.lines,
        row.compiling.seconds,
        row.compiling.kilobytes / 1024
    );
    Ok(row)
}

/// `cargo check`, rustc for the crate itself under the clock, those for its dependencies not.
fn compile(folder: &Path, generator: &str) -> Outcome<Spent> {
    let target = crate::root().join("target/bench").join(generator).join("target");
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
        let last: Vec<&str> = said.lines().rev().take(5).collect();
        return Err(format!("{:?} failed: {}", command.get_program(), last.join(" | ")));
    }
    let spent = said.lines().filter_map(|line| {
        let mut numbers = line.strip_prefix("spent ")?.split(' ').map(str::parse::<f64>);
        let (user, system, peak) = (numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?);
        Some(Spent { seconds: user + system, kilobytes: peak as u64 })
    });
    spent.max_by(|a, b| a.seconds.total_cmp(&b.seconds)).ok_or_else(|| "nothing was measured".to_owned())
}

fn lines(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.map(|path: PathBuf| if path.is_dir() { lines(&path) } else { lines_of(&path) }).sum()
}

fn lines_of(path: &Path) -> usize {
    std::fs::read_to_string(path).map_or(0, |text| text.lines().count())
}

/// The goals: shares of what the peer needs.
fn compare(document: &'static str, ours: &Row, peer: &Row) -> Vec<Figure> {
    let memory = |row: &Row| row.compiling.kilobytes as f64;
    let shares = [
        ("generating, CPU", ours.generating.seconds / peer.generating.seconds, 0.6),
        ("lines", ours.lines as f64 / peer.lines as f64, 0.5),
        ("rustc, CPU", ours.compiling.seconds / peer.compiling.seconds, 0.3),
        ("rustc, peak memory", memory(ours) / memory(peer), 0.4),
    ];
    let figure = |(what, share, goal): (&str, f64, f64)| Figure {
        what: format!("{document}: {what}"),
        goal: format!("at most {goal} × the peer's"),
        measured: format!("{share:.2} ×"),
        is_met: share <= goal,
    };
    shares.into_iter().map(figure).collect()
}

fn alone(document: &'static str, ours: &Row) -> Figure {
    Figure {
        what: format!("{document}: the client compiles"),
        goal: "yes; shares where a peer is installed".to_owned(),
        measured: format!("{:.1} s of rustc", ours.compiling.seconds),
        is_met: true,
    }
}
