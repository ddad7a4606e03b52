//! `cargo xtask bench contract`: how many cases `descant test` tries per second on mocks, whether its report depends on
//! the number of workers, and which planted faults it finds.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use serde_json::Value;

use super::served::Served;
use super::{Figure, Outcome, build, corpus, of_all};
use crate::python;

#[derive(clap::Args)]
pub(super) struct Args {
    /// A Python with starlette, uvicorn, jsonschema-rs and PyYAML, which the server with planted faults needs
    #[arg(long, default_value = "python3")]
    python: PathBuf,
    /// The program, where it is not to be built
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
}

/// Documents of the corpus, each with a path that its mock answers with 200, and the credentials of the caller.
const DOCUMENTS: [(&str, &str, &[&str]); 4] = [
    ("petstore.yaml", "/pet/1", &["petstore_auth=token", "api_key=token"]),
    ("prefect.json", "/health", &[]),
    ("stripe.yaml", "/v1/balance", &["basicAuth=user:", "bearerAuth=token"]),
    ("github.json", "/meta", &[]),
];

/// How often a document is tested: the fastest run counts, as the machine has other work.
const RUNS: usize = 3;

/// The faults of the server of the corpus.
const FAULTS: [&str; 15] = [
    "noauth",
    "nobodyvalid",
    "noheader",
    "badschema",
    "crash",
    "undoc",
    "no405",
    "uaf",
    "resphdr",
    "age51",
    "uniq",
    "email",
    "name41",
    "limit0",
    "noallow",
];

/// What a run of `descant test` reports.
struct Ran {
    cases: u64,
    errors: u64,
    seconds: f64,
    text: String,
}

/// Every figure of contract tests.
pub(super) fn figures(args: &Args) -> Outcome<Vec<Figure>> {
    let corpus = corpus()?;
    let program = match &args.program {
        Some(program) => program.clone(),
        None => {
            build(&["-p", "descant"])?;
            crate::root().join("target/release/descant")
        }
    };
    let mut figures = Vec::new();
    for (name, target, credentials) in DOCUMENTS {
        let tested = Tested { program: &program, document: &corpus.join("dev").join(name), credentials };
        figures.extend(tested.figures(target)?);
    }
    if python::has(&args.python, "starlette, uvicorn, jsonschema_rs, yaml") {
        let folder = corpus.join("../mutants");
        figures.extend(faults(&program, &args.python, &folder)?);
    } else {
        println!("skipped: {} lacks starlette, uvicorn, jsonschema-rs or PyYAML", args.python.display());
    }
    Ok(figures)
}

/// A document whose service is tested.
struct Tested<'a> {
    program: &'a Path,
    document: &'a Path,
    credentials: &'a [&'a str],
}

impl Tested<'_> {
    /// Speed, errors and determinism on the document's own mock.
    fn figures(&self, target: &str) -> Outcome<[Figure; 3]> {
        let name = self.document.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mock = |port: u16| {
            let mut command = Command::new(self.program);
            command.arg("mock").arg(self.document).args(["--log", "quiet", "--no-watch"]);
            command.args(["--port", &port.to_string()]);
            command
        };
        let mock = Served::start(mock, target)?;
        let mut best = self.run(mock.port(), &[])?;
        for _ in 1..RUNS {
            let next = self.run(mock.port(), &[])?;
            best = if next.seconds < best.seconds { next } else { best };
        }
        let one = self.run(mock.port(), &["--workers", "1"])?.text;
        let eight = self.run(mock.port(), &["--workers", "8"])?.text;
        let rate = best.cases as f64 / best.seconds;
        Ok([
            Figure {
                what: format!("{name}: cases per second, whole process"),
                goal: "at least 5000".to_owned(),
                measured: format!("{rate:.0} ({} in {:.2} s)", best.cases, best.seconds),
                is_met: rate >= 5_000.0,
            },
            Figure {
                what: format!("{name}: errors on its own mock"),
                goal: "0".to_owned(),
                measured: best.errors.to_string(),
                is_met: best.errors == 0,
            },
            Figure {
                what: format!("{name}: the report with 1 and 8 workers"),
                goal: "the same bytes".to_owned(),
                measured: if one == eight { "the same bytes" } else { "different" }.to_owned(),
                is_met: one == eight,
            },
        ])
    }

    fn run(&self, port: u16, more: &[&str]) -> Outcome<Ran> {
        let report = crate::root().join("target/bench-contract.jsonl");
        let mut command = Command::new(self.program);
        command.arg("test").arg(self.document).args(["--url", &format!("http://127.0.0.1:{port}")]);
        command.args(self.credentials.iter().flat_map(|credential| ["--credential", credential]));
        command.arg("--report").arg(format!("jsonl={}", report.display())).args(more);
        let start = Instant::now();
        let output = command.output().map_err(|error| error.to_string())?;
        let seconds = start.elapsed().as_secs_f64();
        let lines = std::fs::read_to_string(&report).unwrap_or_default();
        let last = lines.lines().next_back().and_then(|line| serde_json::from_str(line).ok());
        let last: Value = last.unwrap_or_default();
        let number = |name: &str| last.pointer(&format!("/summary/{name}")).and_then(Value::as_u64);
        let (Some(cases), Some(errors)) = (number("cases"), number("errors")) else {
            return Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)));
        };
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(Ran { cases, errors, seconds, text })
    }
}

/// The faults that are found in the server of the corpus, by its document with links and without, and the errors that
/// the server without faults has.
fn faults(program: &Path, python: &Path, folder: &Path) -> Outcome<Vec<Figure>> {
    let document = folder.join("openapi.yaml");
    let text =
        std::fs::read_to_string(&document).map_err(|error| format!("{}: {error}", document.display()))?;
    let without = crate::root().join("target/bench-contract.yaml");
    std::fs::write(&without, without_links(&text)).map_err(|error| error.to_string())?;
    let mut figures = Vec::new();
    for (name, document) in [("with links", &document), ("without links", &without)] {
        let tested = Tested { program, document, credentials: &["bearer=tok"] };
        let errors = |fault: &str| -> Outcome<u64> {
            let server = |port: u16| {
                let mut command = Command::new(python);
                command.args(["-m", "uvicorn", "server:app", "--app-dir"]).arg(folder).env("BUGS", fault);
                command.args(["--port", &port.to_string()]);
                command
            };
            let server = Served::start(server, "/stats")?;
            Ok(tested.run(server.port(), &[])?.errors)
        };
        let clean = errors("")?;
        figures.push(Figure {
            what: format!("errors of the server without faults, {name}"),
            goal: "0".to_owned(),
            measured: clean.to_string(),
            is_met: clean == 0,
        });
        let mut found = 0;
        for fault in FAULTS {
            match errors(fault)? {
                0 => println!("     {fault}, {name}: not found"),
                _ => found += 1,
            }
        }
        figures.push(of_all(&format!("planted faults found, {name}"), found, FAULTS.len()));
    }
    Ok(figures)
}

/// Removes the `links` of a document in block style: the lines that are indented more deeply than the key.
fn without_links(text: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut left = String::new();
    let mut within = None;
    for line in text.lines() {
        within = within.filter(|depth| line.trim().is_empty() || indent(line) > *depth);
        if line.trim() == "links:" {
            within = Some(indent(line));
        }
        if within.is_none() {
            left.push_str(line);
            left.push('\n');
        }
    }
    left
}
