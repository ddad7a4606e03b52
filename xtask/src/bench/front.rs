//! `cargo xtask bench front`: measures the front end on the corpus, each document in a
//! separate process.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Figure, MEGABYTE, Outcome, below, build, corpus, of_all};

/// What `model/examples/measure.rs` prints of a document.
struct Cost {
    operations: u64,
    webhooks: u64,
    errors: u64,
    warnings: u64,
    cpu: Duration,
    peak: u64,
}

/// Every figure of the front end.
pub(super) fn figures() -> Outcome<Vec<Figure>> {
    let corpus = corpus()?;
    build(&["-p", "descant-model", "--example", "measure"])?;
    let mut figures = vec![dev(&corpus)?, hostile(&corpus)?];
    figures.extend(github(&corpus)?);
    figures.push(broken()?);
    Ok(figures)
}

fn measure(document: &Path) -> Outcome<Cost> {
    let program = crate::root().join("target/release/examples/measure");
    let output = Command::new(program).arg(document).output().map_err(|error| error.to_string())?;
    let said: Value = serde_json::from_slice(&output.stdout)
        .map_err(|_| format!("{}: {}", document.display(), String::from_utf8_lossy(&output.stderr)))?;
    let number = |key: &str| said.get(key).and_then(Value::as_u64).unwrap_or_default();
    let cpu = said.get("cpu_seconds").and_then(Value::as_f64).unwrap_or_default();
    Ok(Cost {
        operations: number("operations"),
        webhooks: number("webhooks"),
        errors: number("errors"),
        warnings: number("warnings"),
        cpu: Duration::from_secs_f64(cpu),
        peak: number("peak_bytes"),
    })
}

/// The rows of an index, each by its columns' names.
fn index(folder: &Path) -> Outcome<Vec<HashMap<String, String>>> {
    let path = folder.join("INDEX.tsv");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut lines = text.lines().map(|line| line.split('\t').map(str::to_owned));
    let columns: Vec<String> = lines.next().into_iter().flatten().collect();
    Ok(lines.map(|cells| columns.iter().cloned().zip(cells).collect()).collect())
}

/// How many documents have as many operations and webhooks as the index counts.
fn dev(corpus: &Path) -> Outcome<Figure> {
    let rows = index(&corpus.join("dev"))?;
    let mut whole = 0;
    for row in &rows {
        let cell = |column: &str| row.get(column).map_or("", String::as_str);
        let cost = measure(&corpus.join("dev").join(cell("file")))?;
        let is_whole =
            cost.operations.to_string() == cell("ops") && cost.webhooks.to_string() == cell("webhooks");
        whole += usize::from(is_whole);
    }
    Ok(of_all("dev documents loaded, no operation lost", whole, rows.len()))
}

/// How many documents are rejected, warned of or accepted as the index says, within 2 s and 200 MB.
fn hostile(corpus: &Path) -> Outcome<Figure> {
    let rows = index(&corpus.join("hostile"))?;
    let mut answered = 0;
    for row in &rows {
        let cell = |column: &str| row.get(column).map_or("", String::as_str);
        let cost = measure(&corpus.join("hostile").join(cell("file")))?;
        let severity = match cell("expect") {
            "reject" => cost.errors > 0,
            "warn" => cost.errors == 0 && cost.warnings > 0,
            _ => cost.errors == 0,
        };
        let is_answered = severity && cost.cpu < Duration::from_secs(2) && cost.peak < 200 * MEGABYTE;
        if !is_answered {
            println!("     hostile/{}: {} expected", cell("file"), cell("expect"));
        }
        answered += usize::from(is_answered);
    }
    Ok(of_all("hostile documents answered within 2 s and 200 MB", answered, rows.len()))
}

fn github(corpus: &Path) -> Outcome<[Figure; 2]> {
    let cost = measure(&corpus.join("dev/github.json"))?;
    let megabytes = cost.peak / MEGABYTE;
    Ok([
        below("github.json to a checked model, CPU", cost.cpu, Duration::from_millis(500)),
        Figure {
            what: "github.json to a checked model, peak memory".to_owned(),
            goal: "below 250 MB".to_owned(),
            measured: format!("{megabytes} MB"),
            is_met: megabytes < 250,
        },
    ])
}

/// A document with a misspelt key, a reference to nothing and a wrong kind, to all three findings.
const BROKEN: &str = "\
openapi: 3.1.0
info: {title: Broken, version: '1'}
paths:
  /pets/{petId}:
    get:
      operationID: showPet
      parameters:
        - {name: petId, in: path, required: true, schema: {type: string}}
      responses:
        '200':
          description: A pet
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Pat'}
components:
  schemas:
    Pet:
      type: object
      required: name
      properties: {name: {type: string}}
";

/// From the start of a process to its end, on the clock; the best of ten, as the machine has other work.
fn broken() -> Outcome<Figure> {
    let path = crate::root().join("target/broken.yaml");
    std::fs::write(&path, BROKEN).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut best = Duration::MAX;
    for _ in 0..10 {
        let start = Instant::now();
        measure(&path)?;
        best = best.min(start.elapsed());
    }
    Ok(below("a broken document of 20 lines to its findings", best, Duration::from_millis(10)))
}
