//! Thousands of damaged documents, the same ones at every run: none may make the front end panic, take long, or need more
//! stack than a small thread has. `DESCANT_MUTATIONS` sets how many; the one at hand stands in
//! `target/tmp/mutant.*`, so that one which ends the process can be found.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test: what it indexes is its own"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use descant_model::dump::dump;
use descant_model::load::{Options, load_text};
use descant_model::render::{Format, render};

#[path = "common/cpu_time.rs"]
mod cpu_time;
#[path = "mutations/damage.rs"]
mod damage;
#[path = "common/random.rs"]
mod random;
#[path = "common/shared.rs"]
mod shared;
#[path = "common/tree.rs"]
mod tree;

use cpu_time::CpuTime;
use random::Random;

/// What a thread has that somebody made small, as servers and other languages' runtimes do.
const SMALL_STACK: usize = 256 << 10;

/// Larger documents would only make fewer rounds.
const MAX_SEED_BYTES: usize = 40_000;

const MUTANTS: u64 = 2_000;

/// For one document, in a build for debugging.
const PATIENCE: Duration = Duration::from_secs(2);

const FORMATS: [Format; 6] =
    [Format::Human, Format::Concise, Format::Json, Format::Sarif, Format::Junit, Format::Github];

/// A document to damage.
struct Seed {
    name: String,
    text: Vec<u8>,
}

#[test]
fn no_damaged_document_does_harm() {
    let count = std::env::var("DESCANT_MUTATIONS").ok().and_then(|text| text.parse().ok());
    let seeds = seeds();
    for number in 0..count.unwrap_or(MUTANTS) {
        let mut random = Random::new(number);
        let seed = &seeds[random.below(seeds.len())];
        let other = &seeds[random.below(seeds.len())];
        let (name, mutant) = damage::damaged(&seed.name, &seed.text, &other.text, &mut random);
        survive("mutant", &format!("mutant {number} of {}", seed.name), &name, mutant);
    }
}

/// Documents that did harm once.
#[test]
fn no_regression_does_harm() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/regressions");
    files(&folder).into_iter().for_each(|seed| survive("regression", &seed.name, &seed.name, seed.text));
}

/// Runs the front end on a small stack, from text to model and findings to text.
fn survive(file: &str, what: &str, name: &str, text: Vec<u8>) {
    let extension = Path::new(name).extension().unwrap_or_default();
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join(file).with_extension(extension);
    fs::write(&copy, &text).expect("target/tmp can be written");
    let name = name.to_owned();
    let run = move || {
        let start = CpuTime::now();
        let loaded = load_text(&name, text, &Options::default());
        loaded.api.as_ref().map(dump);
        for format in FORMATS {
            render(format, &loaded.diagnostics, &loaded.sources);
        }
        start.elapsed()
    };
    let thread = std::thread::Builder::new().stack_size(SMALL_STACK).spawn(run).expect("a thread");
    let took = thread.join().unwrap_or_else(|_| panic!("{what} makes a panic: {}", copy.display()));
    assert!(took < PATIENCE, "{what} takes {took:?}: {}", copy.display());
}

/// The repository's own documents, and those of the corpus that are hostile or show one thing each.
fn seeds() -> Vec<Seed> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec")];
    let corpus = shared::corpus();
    folders
        .extend(["hostile", "probes", "smoke"].iter().filter_map(|name| Some(corpus.as_ref()?.join(name))));
    let mut seeds: Vec<Seed> = folders.iter().flat_map(|folder| files(folder)).collect();
    seeds.retain(|seed| seed.text.len() <= MAX_SEED_BYTES);
    assert!(!seeds.is_empty(), "there is nothing to damage");
    seeds
}

/// The documents in a folder, by name.
fn files(folder: &Path) -> Vec<Seed> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "json" || e == "yaml" || e == "yml"));
    paths.sort();
    let seed = |path: PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Seed { name, text: fs::read(&path).unwrap_or_default() }
    };
    paths.into_iter().map(seed).collect()
}
