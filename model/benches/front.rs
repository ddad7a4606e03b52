//! How long the front end takes: a document of 13 MB to its checked model, and a broken one of 20 lines to its
//! finding. `cargo bench -p descant-model` prints the best of several runs beside the goal.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use descant_model::load::{Options, load, load_text};
use descant_model::render::{Format, render};

const BROKEN: &str = "openapi: 3.0.4
info: {title: Pets, version: 1.0.0}
paths:
  /pets:
    get:
      operationID: listPets
      parameters:
        - {name: limit, in: query, schema: {type: integer}}
        - {name: kind, in: url, schema: {type: string}}
      responses:
        '200':
          description: The pets
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Pets'}
components:
  schemas:
    Pet: {type: object, required: true, properties: {name: {type: string}}}
    Pets: {type: array, items: {$ref: '#/components/schemas/Dog'}}
    Dog: [1, 2]
";

fn main() {
    let shared = std::env::var_os("DESCANT_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"));
    let github = shared.join("corpus/dev/github.json");
    if github.exists() {
        let mut operations = 0;
        let time = best(5, || {
            let loaded = load(&github, &Options::default());
            operations = loaded.api.map_or(0, |api| api.operations.len());
        });
        println!("GitHub's document, {operations} operations: {time:?} (goal: 500ms)");
        println!("most memory so far: {} (goal: 250 MB)", peak_memory());
    } else {
        println!("skipped: {} is not there", github.display());
    }
    let time = best(100, || {
        let loaded = load_text("broken.yaml", BROKEN, &Options::default());
        assert!(!render(Format::Human, &loaded.diagnostics, &loaded.sources).is_empty());
    });
    println!("a broken document of 20 lines to its listing: {time:?} (goal: 10ms)");
}

/// The shortest of several runs.
fn best(runs: usize, mut run: impl FnMut()) -> Duration {
    let once = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..runs).map(once).min().unwrap_or_default()
}

/// As Linux counts it; elsewhere it is not known.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or("unknown".into(), |line| line.trim().to_owned())
}
