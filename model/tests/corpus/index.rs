//! Which documents there are, and what the corpus itself says of each.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The folders of the corpus that hold whole documents.
pub(crate) const FOLDERS: &[&str] = &["smoke", "dev", "probes", "suites", "hostile"];

/// One document.
pub(crate) struct Case {
    /// `dev/github.json`.
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) expect: Expect,
}

/// What must come of a document.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expect {
    /// No error; where the corpus counts them, so many operations and webhooks.
    Accept(Option<Counts>),
    /// No error, but a warning.
    Warn,
    /// An error.
    Reject,
    /// An error or a warning: documents that are invalid, but clear, go on.
    Fault,
}

/// As `INDEX.tsv` counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Counts {
    pub(crate) operations: usize,
    pub(crate) webhooks: usize,
}

/// The documents of a folder, in the order of its index.
pub(crate) fn cases(corpus: &Path, folder: &str) -> Vec<Case> {
    let root = corpus.join(folder);
    let index = fs::read_to_string(root.join("INDEX.tsv"));
    let Ok(index) = index else { return unindexed(&root, folder) };
    let case = |row: HashMap<&str, &str>| {
        let file = row["file"];
        let expect = match expect(&row)? {
            Expect::Reject if folder == "suites" => Expect::Fault,
            other => other,
        };
        Some(Case { name: format!("{folder}/{file}"), path: root.join(file), expect })
    };
    rows(&index).filter_map(case).collect()
}

/// `None` where the row is no document alone, such as a dialogue of Prism's.
fn expect(row: &HashMap<&str, &str>) -> Option<Expect> {
    let count = |column: &str| row.get(column).map(|text| text.parse().expect("a count"));
    let counts = count("ops").zip(count("webhooks"));
    let counts = counts.map(|(operations, webhooks)| Counts { operations, webhooks });
    match *row.get("expect").unwrap_or(&"accept") {
        "accept" => Some(Expect::Accept(counts)),
        "warn" => Some(Expect::Warn),
        "reject" => Some(Expect::Reject),
        _ => None,
    }
}

/// The rows of a table whose first line names the columns.
fn rows(table: &str) -> impl Iterator<Item = HashMap<&str, &str>> {
    let mut lines = table.lines();
    let columns: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    lines.map(move |line| columns.iter().copied().zip(line.split('\t')).collect())
}

/// A folder without an index: every file right in it. `bad` in its name says that it is to be rejected.
fn unindexed(root: &Path, folder: &str) -> Vec<Case> {
    let Ok(entries) = fs::read_dir(root) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.is_file());
    files.sort();
    let case = |path: PathBuf| {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let expect = if file.contains("_bad_") { Expect::Reject } else { Expect::Accept(None) };
        Case { name: format!("{folder}/{file}"), path, expect }
    };
    files.into_iter().map(case).collect()
}
