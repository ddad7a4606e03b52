//! `cargo xtask fidelity FOLDER`: calls every operation of every document on the mock, with examples and with samples, and
//! validates each response with `judge/fidelity.py`, which shares no code with this project.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};
use std::sync::Arc;

use descant_contract::{Completeness, Credentials, RequestBuilder};
use descant_mock::{Mock, Response, Settings, respond};
use descant_model::api::Operation;
use descant_model::load::{Loaded, Options, load};
use serde_json::{Value, json};
use xtask::voices::request;

use crate::corpus::{Folder, documents};
use crate::python;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    folder: Folder,
    /// A Python that has openapi-schema-validator and PyYAML
    #[arg(long, default_value = "python3")]
    python: PathBuf,
    /// The seed of what is sampled
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// What came of the operations of a document.
#[derive(Default)]
struct Tally {
    tried: usize,
    kept: usize,
    /// What the document asks for cannot be, and the mock says so: 501.
    impossible: usize,
    /// Why not, by the operation.
    faults: Vec<String>,
}

/// Runs the command: a line a document, the faults below it; exit 1 on any.
pub(crate) fn run(args: &Args) -> ExitCode {
    let judge = crate::root().join("xtask/judge/fidelity.py");
    if !python::has(&args.python, "openapi_schema_validator, yaml") {
        println!("skipped: {} lacks openapi-schema-validator or PyYAML", args.python.display());
        return ExitCode::SUCCESS;
    }
    match Judge::start(&args.python, &judge).and_then(|mut judge| sweep(args, &mut judge)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn sweep(args: &Args, judge: &mut Judge) -> std::io::Result<bool> {
    let mut all = Tally::default();
    for path in documents(&args.folder)? {
        let tally = document(&path, args.seed, judge)?;
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        println!("{name:40} {}", tally.summary());
        tally.faults.iter().for_each(|fault| println!("    {fault}"));
        all.tried += tally.tried;
        all.kept += tally.kept;
        all.impossible += tally.impossible;
    }
    println!("{:40} {}", "all", all.summary());
    Ok(all.kept + all.impossible == all.tried)
}

impl Tally {
    fn summary(&self) -> String {
        let Self { tried, kept, impossible, .. } = self;
        let broken = tried - kept - impossible;
        format!("{kept:5} of {tried:5} as documented, {impossible:3} impossible, {broken:3} broken")
    }
}

/// Calls every operation twice: with what is required for the document's own answer, with everything for a sampled one.
fn document(path: &Path, seed: u64, judge: &mut Judge) -> std::io::Result<Tally> {
    let mut tally = Tally::default();
    let mut loaded = load(path, &Options::default());
    let Some(api) = loaded.api.take().map(Arc::new) else { return Ok(tally) };
    let credentials = Credentials::made_up(&api);
    let caller = RequestBuilder::new(&api, &credentials, seed);
    for (dynamic, extent) in [(false, Completeness::Required), (true, Completeness::Everything)] {
        let mock = Mock::new(api.clone(), Settings::default().with_seed(seed).with_dynamic(dynamic));
        for (index, operation) in api.operations.iter().enumerate() {
            tally.tried += 1;
            let called = caller
                .call(index, extent)
                .and_then(|(_, wire)| request(&wire))
                .map(|request| respond(&mock, &request));
            let verdict = match called {
                Ok(response) => {
                    let fault = judge.ask(&question(&loaded, operation, &response))?;
                    let is_fragment = operation.path.raw.contains('#');
                    let twins =
                        "impossible: but for a fragment, which is never sent, it is another operation";
                    fault.map(|fault| if is_fragment { twins.to_owned() } else { fault })
                }
                Err(reason) => Some(format!("impossible: no request can be made: {reason}")),
            };
            match verdict {
                None => tally.kept += 1,
                Some(fault) => {
                    let way = if dynamic { "sampled" } else { "examples" };
                    tally.impossible += usize::from(fault.starts_with("impossible"));
                    tally.faults.push(format!("{} ({way}): {fault}", operation.key()));
                }
            }
        }
    }
    Ok(tally)
}

/// What the judge needs: where the operation stands, and what came.
fn question(loaded: &Loaded, operation: &Operation, response: &Response) -> Value {
    let file = loaded.sources.get(operation.origin.span.file).and_then(|file| file.path.clone());
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| json!([name.as_str(), String::from_utf8_lossy(value.as_bytes())]));
    let body: String = response.body().iter().map(|byte| char::from(*byte)).collect();
    json!({
        "file": file.unwrap_or_default(),
        "root": loaded.sources.iter().next().and_then(|file| file.path.clone()),
        "method": operation.method,
        "pointer": &*operation.origin.pointer,
        "status": response.status().as_u16(),
        "headers": headers.collect::<Vec<_>>(),
        "body": body,
    })
}

/// The judge at work: a question a line, an answer a line.
struct Judge {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Judge {
    fn start(python: &Path, script: &Path) -> std::io::Result<Self> {
        let mut process =
            Command::new(python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let lost = || std::io::Error::other("the judge has no standard streams");
        let questions = process.stdin.take().ok_or_else(lost)?;
        let answers = BufReader::new(process.stdout.take().ok_or_else(lost)?);
        Ok(Self { process, questions, answers })
    }

    /// What is wrong with an answer, if anything.
    fn ask(&mut self, question: &Value) -> std::io::Result<Option<String>> {
        writeln!(self.questions, "{question}")?;
        self.questions.flush()?;
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            let status = self.process.wait()?;
            return Err(std::io::Error::other(format!("the judge ended: {status}")));
        }
        Ok(Some(line.trim_end().to_owned()).filter(|fault| !fault.is_empty()))
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mock_answers_as_documented() {
        let folder = crate::root().join("../shared/corpus/smoke");
        if !folder.exists() {
            return println!("skipped: {} is not there", folder.display());
        }
        let python = std::env::var_os("DESCANT_PYTHON").map_or_else(|| "python3".into(), PathBuf::from);
        let args = Args { folder: Folder { folder, only: Vec::new() }, python, seed: 1 };
        assert_eq!(run(&args), ExitCode::SUCCESS);
    }
}
