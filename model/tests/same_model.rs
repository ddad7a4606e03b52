//! Two ways of writing one document give one model: bundled or in several files, JSON or YAML, components in any order.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "common/absent.rs"]
mod absent;
#[path = "same_model/normal.rs"]
mod normal;
#[path = "common/shared.rs"]
mod shared;

use std::path::{Path, PathBuf};

use descant_model::api::Api;
use descant_model::bundle::{Format, bundle};
use descant_model::load::{Loaded, Options, load, load_text};
use libtest_mimic::{Arguments, Failed, Trial};

fn main() {
    let arguments = Arguments::from_args();
    let Some(corpus) = shared::corpus() else {
        libtest_mimic::run(&arguments, vec![absent::absent("corpus")]).exit();
    };
    let mut trials = Vec::new();
    for (file, slow) in documents(&corpus) {
        let path = corpus.join(&file);
        let name = format!("{}{}", if slow { "slow: " } else { "" }, file.display());
        trials.push(Trial::test(name, move || same(&path)).with_ignored_flag(slow));
    }
    libtest_mimic::run(&arguments, trials).exit();
}

/// Documents by their path in the corpus, and whether they are too large for a build that is not optimised: those run
/// with `--include-ignored`.
fn documents(corpus: &Path) -> Vec<(PathBuf, bool)> {
    let index =
        |folder: &str| std::fs::read_to_string(corpus.join(folder).join("INDEX.tsv")).unwrap_or_default();
    let listed = ["dev", "hostile"].into_iter().flat_map(|folder| {
        let index = index(folder);
        let names = index.lines().skip(1).filter_map(|line| line.split('\t').next());
        let accepted = index.lines().skip(1).map(|line| folder == "dev" || line.contains("\taccept\t"));
        let names = names.zip(accepted).filter(|(_, accepted)| *accepted);
        names.map(|(name, _)| Path::new(folder).join(name)).collect::<Vec<_>>()
    });
    let probes = std::fs::read_dir(corpus.join("probes")).into_iter().flatten().flatten();
    let probes = probes.filter(|entry| entry.path().extension().is_some_and(|ending| ending == "json"));
    let probes = probes.map(|entry| Path::new("probes").join(entry.file_name()));
    let size = |path: &Path| std::fs::metadata(corpus.join(path)).map_or(0, |metadata| metadata.len());
    let mut files: Vec<PathBuf> = listed.chain(probes).collect();
    files.sort();
    files
        .into_iter()
        .map(|path| (path.clone(), size(&path) > 150_000 || path.starts_with("dev/digitalocean")))
        .collect()
}

fn same(path: &Path) -> Result<(), Failed> {
    let original = model(load(path, &Options::default()))?;
    let json = bundled(path, Format::Json)?;
    let yaml = bundled(path, Format::Yaml)?;
    let from_json = model(load_text("bundle.json", json, &Options::default()))?;
    let from_yaml = model(load_text("bundle.yaml", yaml, &Options::default()))?;
    equal("JSON and YAML", &descant_model::dump::dump(&from_json), &descant_model::dump::dump(&from_yaml))?;
    equal("several files and one", &normal::dump(&original), &normal::dump(&from_json))?;
    let turned =
        model(load_text("turned.json", turned(&bundled(path, Format::Json)?)?, &Options::default()))?;
    // Without the first line: a version that is a number loses its zeros on the way through `serde_json`.
    let [before, after] = [from_json, turned].map(|api| normal::dump(&api));
    let below = |dump: &str| dump.split_once('\n').map(|(_, below)| below.to_owned()).unwrap_or_default();
    equal("components in another order", &below(&before), &below(&after))
}

/// The same document, the last component first. Security schemes stay: their order is the model's own.
fn turned(json: &str) -> Result<String, Failed> {
    let mut document: serde_json::Value = serde_json::from_str(json).map_err(|error| error.to_string())?;
    let components = document.get_mut("components").and_then(serde_json::Value::as_object_mut);
    for (kind, map) in components.into_iter().flatten() {
        if let Some(map) = map.as_object_mut().filter(|_| kind != "securitySchemes") {
            *map = std::mem::take(map).into_iter().rev().collect();
        }
    }
    Ok(document.to_string())
}

fn model(loaded: Loaded) -> Result<Api, Failed> {
    let errors = loaded.diagnostics.iter().map(|finding| format!("{}: {}", finding.pointer, finding.message));
    let errors: Vec<String> = errors.take(3).collect();
    loaded.api.ok_or_else(|| format!("no model: {errors:?}").into())
}

fn bundled(path: &Path, format: Format) -> Result<String, Failed> {
    let bundled = bundle(path, Some(format), &Options::default());
    bundled.text.ok_or_else(|| "no bundle".into())
}

fn equal(what: &str, left: &str, right: &str) -> Result<(), Failed> {
    let differing = left.lines().zip(right.lines()).enumerate().find(|(_, (left, right))| left != right);
    match differing {
        Some((line, (left, right))) => {
            Err(format!("{what} differ in line {line} of the dump:\n  {left}\n  {right}").into())
        }
        None if left.lines().count() != right.lines().count() => Err(format!(
            "{what} differ: one dump is longer by {:?}",
            left.lines().count().abs_diff(right.lines().count())
        )
        .into()),
        None => Ok(()),
    }
}
