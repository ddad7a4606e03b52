//! The `serde_yaml` crate as an independent reader of YAML: of every text that it can read, both readers have the same
//! values, but for the differences that are listed here with their reasons. The texts are those of `tests/yaml`, and of the
//! corpus where it is at hand.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test without the test harness; what it trusts is ours"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use serde_yaml::Value as Yaml;

#[path = "common/absent.rs"]
mod absent;
#[path = "common/shared.rs"]
mod shared;
#[path = "common/tree.rs"]
mod tree;

/// Why a value that `serde_yaml` reads is another to us: YAML 1.2's core schema (10.3.2) is the rule.
mod reason {
    pub(crate) const MERGE: &str =
        "`<<` merges, as authors mean it (YAML 1.1); serde_yaml leaves it as a key";
    pub(crate) const TAG: &str = "a tag of one's own says nothing of a value in JSON";
    pub(crate) const INFINITE: &str = "`.inf` and `.nan` are no numbers of JSON, and read as text";
    pub(crate) const ZEROS: &str = "an integer may begin with zeros; to serde_yaml it is text";
    pub(crate) const BINARY: &str = "`0b1` is text in YAML 1.2; to serde_yaml it is a number";
    pub(crate) const LARGE: &str =
        "digits beyond 64 bits stay as they are written; serde_yaml has no value for them";
    pub(crate) const STREAM: &str = "of several documents the first is read; serde_yaml reads none";
    pub(crate) const DUPLICATE: &str =
        "of two equal keys the last counts, with a warning; serde_yaml reads nothing";

    /// Each of which a text in `tests/yaml` shows.
    pub(crate) const ALL: &[&str] = &[MERGE, TAG, INFINITE, ZEROS, BINARY, LARGE, STREAM, DUPLICATE];
}

/// The reasons that were needed, or the first difference that has none.
type Verdict = Result<BTreeSet<&'static str>, String>;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let own = texts(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/yaml"));
    let needed: BTreeSet<&str> = own.iter().filter_map(|path| judged(path).ok()).flatten().collect();
    let stale: Vec<&str> = reason::ALL.iter().copied().filter(|reason| !needed.contains(reason)).collect();
    let mut trials = vec![Trial::test("every reason applies to a text of tests/yaml", move || {
        if stale.is_empty() { Ok(()) } else { Err(format!("never needed: {stale:#?}").into()) }
    })];
    trials.extend(own.into_iter().map(|path| trial(&path, "own")));
    match shared::corpus() {
        Some(corpus) => trials.extend(texts(&corpus).into_iter().map(|path| trial(&path, "corpus"))),
        None => trials.push(absent::absent("corpus")),
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trial(path: &Path, kind: &str) -> Trial {
    let path = path.to_owned();
    Trial::test(format!("{kind}: {}", path.display()), move || {
        judged(&path).map(|_| ()).map_err(Failed::from)
    })
}

/// The YAML files of a folder and of those in it, in order.
fn texts(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder of texts").flatten().map(|entry| entry.path());
    let mut paths: Vec<PathBuf> = entries.collect();
    paths.sort();
    let below = |path: PathBuf| match path.is_dir() {
        true => texts(&path),
        false => vec![path],
    };
    let is_yaml = |path: &PathBuf| path.extension().is_some_and(|end| end == "yaml" || end == "yml");
    paths.into_iter().flat_map(below).filter(is_yaml).collect()
}

/// Reads a text in both ways.
fn judged(path: &Path) -> Verdict {
    let text = std::fs::read(path).map_err(|error| error.to_string())?;
    let ours = tree::value(&path.to_string_lossy(), &text);
    let mut reasons = BTreeSet::new();
    match (ours, serde_yaml::from_slice::<Yaml>(&text)) {
        (Some(ours), Ok(theirs)) => same(&ours, &theirs, "", &mut reasons)?,
        (Some(_), Err(error)) => _ = reasons.insert(refusal(&error.to_string())?),
        // What we refuse, tests of the parser and of hostile documents are about.
        (None, _) => {}
    }
    Ok(reasons)
}

/// Why `serde_yaml` refuses what we read.
fn refusal(error: &str) -> Result<&'static str, String> {
    let known = [
        ("duplicate entry", reason::DUPLICATE),
        ("more than one document", reason::STREAM),
        ("as u128, expected", reason::LARGE),
        ("as i128, expected", reason::LARGE),
    ];
    let found = known.iter().find(|(words, _)| error.contains(words)).map(|(_, reason)| *reason);
    found.ok_or_else(|| format!("serde_yaml alone refuses it: {error}"))
}

/// Compares two values; `reasons` takes in what explains their differences.
fn same(
    ours: &Value,
    theirs: &Yaml,
    place: &str,
    reasons: &mut BTreeSet<&'static str>,
) -> Result<(), String> {
    match (ours, theirs) {
        (Value::Null, Yaml::Null) => Ok(()),
        (Value::Bool(ours), Yaml::Bool(theirs)) if ours == theirs => Ok(()),
        (Value::String(ours), Yaml::String(theirs)) if ours == theirs => Ok(()),
        (_, Yaml::Tagged(tagged)) => {
            reasons.insert(reason::TAG);
            same(ours, &tagged.value, place, reasons)
        }
        (Value::Array(ours), Yaml::Sequence(theirs)) if ours.len() == theirs.len() => {
            let mut pairs = ours.iter().zip(theirs).enumerate();
            pairs.try_for_each(|(at, (ours, theirs))| same(ours, theirs, &format!("{place}/{at}"), reasons))
        }
        (Value::Object(_), Yaml::Mapping(map)) if map.contains_key("<<") => {
            reasons.insert(reason::MERGE);
            let mut merged = theirs.clone();
            merged.apply_merge().map_err(|error| format!("{place}: {error}"))?;
            same(ours, &merged, place, reasons)
        }
        (Value::Object(ours), Yaml::Mapping(theirs)) if ours.len() == theirs.len() => {
            theirs.iter().try_for_each(|(key, theirs)| {
                let key = text(key);
                let place = format!("{place}/{key}");
                let ours = ours.get(&key).ok_or_else(|| format!("{place}: only serde_yaml has it"))?;
                same(ours, theirs, &place, reasons)
            })
        }
        _ => match scalar(ours, theirs) {
            Some(reason) => {
                reasons.extend(reason);
                Ok(())
            }
            None => Err(format!("{place}: {ours} here, {theirs:?} to serde_yaml")),
        },
    }
}

/// Why two scalars of different kinds, or two numbers, are one value; `Some(None)` where they are equal.
fn scalar(ours: &Value, theirs: &Yaml) -> Option<Option<&'static str>> {
    match (ours, theirs) {
        (Value::Number(ours), Yaml::Number(theirs)) => {
            let integer =
                |value: Option<i64>, large: Option<u64>| value.map(i128::from).or(large.map(i128::from));
            let ours_whole = integer(ours.as_i64(), ours.as_u64());
            let is_same = match (ours_whole, integer(theirs.as_i64(), theirs.as_u64())) {
                (Some(ours), Some(theirs)) => ours == theirs,
                _ => ours.as_f64() == theirs.as_f64(),
            };
            is_same.then_some(None)
        }
        (Value::String(_), Yaml::Number(theirs)) if !theirs.is_finite() => Some(Some(reason::INFINITE)),
        (Value::String(ours), Yaml::Number(_)) if ours.starts_with("0b") => Some(Some(reason::BINARY)),
        (Value::Number(_), Yaml::String(theirs))
            if theirs.trim_start_matches(['-', '+']).starts_with('0') =>
        {
            Some(Some(reason::ZEROS))
        }
        _ => None,
    }
}

/// A key as JSON has it: a text.
fn text(key: &Yaml) -> String {
    match key {
        Yaml::String(text) => text.clone(),
        other => serde_yaml::to_string(other).unwrap_or_default().trim_end().to_owned(),
    }
}
