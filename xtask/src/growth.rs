//! `cargo xtask growth PATHS...`: takes parts of each document away by chance, generates with a lock, puts them back,
//! generates again with that lock, and prints what a user of the first output would notice.

mod public;
mod shrink;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use descant_generator::output::LOCK_FILE;
use descant_generator::{Generated, Lock, Parts, Settings, generate};
use descant_model::bundle::{Format, bundle};
use descant_model::load::{Loaded, Options, load, load_text};
use serde_json::Value;

use public::{Break, Kind, Public};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Documents, and folders of documents
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// How often each document is taken apart
    #[arg(long, default_value_t = 5)]
    seeds: u64,
    /// The first seed
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Only documents whose names contain this
    #[arg(long)]
    only: Vec<String>,
    /// The document that each of the paths becomes, instead of one that chance takes apart
    #[arg(long, value_name = "FILE")]
    later: Option<PathBuf>,
    /// Print the listed breaks, too
    #[arg(long)]
    listed: bool,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> ExitCode {
    let mut sound = true;
    let mut listed = BTreeMap::new();
    for path in documents(args) {
        match document(&path, args, &mut listed) {
            Ok(breaks) => {
                println!("{:40} {breaks} breaks", path.file_name().unwrap_or_default().to_string_lossy());
                sound &= breaks == 0;
            }
            Err(error) => {
                println!("{}: {error}", path.display());
                sound = false;
            }
        }
    }
    listed.iter().for_each(|(why, count)| println!("{count:8} listed: {why}"));
    if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn documents(args: &Args) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in &args.paths {
        let inner =
            std::fs::read_dir(path).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
        let mut inner: Vec<PathBuf> = inner.filter(|path| is_document(path)).collect();
        inner.sort();
        found.extend(if path.is_dir() { inner } else { vec![path.clone()] });
    }
    let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    found.retain(|path| args.only.is_empty() || args.only.iter().any(|only| name(path).contains(only)));
    found
}

fn is_document(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    path.is_file() && matches!(extension, Some("yaml" | "yml" | "json"))
}

/// Prints the breaks of a document; returns their number.
fn document(path: &Path, args: &Args, listed: &mut BTreeMap<&str, usize>) -> Result<usize, String> {
    if let Some(later) = &args.later {
        let [before, after] = [path, later].map(|path| load(path, &Options::default()));
        return Ok(told(0, &growth(before, after)?, args, listed));
    }
    let whole = read(path)?;
    let in_memory = |document: &Value| load_text("api.json", document.to_string(), &Options::default());
    let mut count = 0;
    for seed in args.from..args.from + args.seeds {
        let mut part = whole.clone();
        shrink::shrink(&mut part, seed);
        count += told(seed, &growth(in_memory(&part), in_memory(&whole))?, args, listed);
    }
    Ok(count)
}

fn told(seed: u64, breaks: &[Break], args: &Args, listed: &mut BTreeMap<&str, usize>) -> usize {
    let mut count = 0;
    for one in breaks {
        match one.kind {
            Kind::Listed(why) => *listed.entry(why).or_default() += 1,
            _ => count += 1,
        }
        if args.listed || !matches!(one.kind, Kind::Listed(_)) {
            println!("  {seed:3}: {one}");
        }
    }
    count
}

/// A document as one value, all of its files in it.
fn read(path: &Path) -> Result<Value, String> {
    let bundled = bundle(path, Some(Format::Json), &Options::default());
    serde_json::from_str(&bundled.text.ok_or("it cannot be bundled")?).map_err(|error| error.to_string())
}

/// What a user of the first document's output notices of the second's.
fn growth(before: Loaded, after: Loaded) -> Result<Vec<Break>, String> {
    let first = made(before, "")?;
    let lock = first.files.iter().find(|file| file.path == LOCK_FILE).map_or("", |file| &file.text);
    let second = made(after, lock)?;
    Ok(Public::read(&first.files)?.breaks(&Public::read(&second.files)?))
}

fn made(loaded: Loaded, lock: &str) -> Result<Generated, String> {
    let api = loaded.api.ok_or("it is no document")?;
    let settings = Settings {
        name: "api".to_owned(),
        source: "api.json".to_owned(),
        // A type that no operation uses may be read or written later: that is listed.
        parts: Parts { types: false, ..Parts::USUAL },
        lock: Lock::parse(lock).map_err(|error| error.to_string())?,
        ..Settings::default()
    };
    Ok(generate(&api, &settings))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library() -> Value {
        read(&crate::root().join("xtask/growth/library.yaml")).unwrap()
    }

    fn in_memory(document: &Value) -> Loaded {
        load_text("api.json", document.to_string(), &Options::default())
    }

    #[test]
    fn a_document_that_grows_renames_nothing() {
        let whole = library();
        for seed in 0..40 {
            let mut part = whole.clone();
            shrink::shrink(&mut part, seed);
            assert_ne!(part, whole, "seed {seed} takes nothing away");
            let breaks = growth(in_memory(&part), in_memory(&whole)).unwrap();
            let breaks: Vec<String> = breaks
                .iter()
                .filter(|one| !matches!(one.kind, Kind::Listed(_)))
                .map(ToString::to_string)
                .collect();
            assert_eq!(breaks, [""; 0], "seed {seed}");
        }
    }

    #[test]
    fn without_the_lock_names_move() {
        let whole = library();
        let later = Public::read(&made(in_memory(&whole), "").unwrap().files).unwrap();
        let moved = (0..40).filter(|seed| {
            let mut part = whole.clone();
            shrink::shrink(&mut part, *seed);
            let before = Public::read(&made(in_memory(&part), "").unwrap().files).unwrap();
            before.breaks(&later).iter().any(|one| !matches!(one.kind, Kind::Listed(_)))
        });
        assert!(moved.count() > 10, "the comparison sees nothing");
    }
}
