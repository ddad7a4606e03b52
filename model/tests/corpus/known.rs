//! `known.toml`: what is known to fail, and why. An entry that no longer fails is itself a failure, so that the list can
//! only shrink.

use std::collections::HashSet;

use serde::Deserialize;

use crate::index::Case;
use crate::judge::Complaint;

#[derive(Deserialize)]
pub(crate) struct Known {
    #[serde(default)]
    known: Vec<Entry>,
}

/// All complaints of one code about each of some documents.
#[derive(Deserialize)]
struct Entry {
    documents: Vec<String>,
    /// That of a diagnostic, or of a [`Complaint`].
    code: String,
    reason: String,
}

impl Known {
    pub(crate) fn read() -> Self {
        let known: Self = toml::from_str(include_str!("../known.toml")).expect("known.toml is sound");
        assert!(known.known.iter().all(|entry| !entry.reason.is_empty()), "every entry says why");
        known
    }

    /// The complaints that are not known, and one for each entry that no longer fails.
    pub(crate) fn settle(&self, document: &str, complaints: Vec<Complaint>) -> Vec<Complaint> {
        let found: HashSet<String> = complaints.iter().map(|complaint| complaint.code.clone()).collect();
        let is_about = |entry: &&Entry| entry.documents.iter().any(|name| name == document);
        let entries: Vec<&Entry> = self.known.iter().filter(is_about).collect();
        let is_new = |complaint: &Complaint| !entries.iter().any(|entry| entry.code == complaint.code);
        let mut open: Vec<Complaint> = complaints.into_iter().filter(is_new).collect();
        let stale = entries.iter().filter(|entry| !found.contains(&entry.code));
        open.extend(stale.map(|entry| {
            Complaint::new(
                "stale",
                format!("no longer fails with `{}`: take it out of known.toml", entry.code),
            )
        }));
        open
    }

    /// Entries about documents that are not in the corpus.
    pub(crate) fn strangers(&self, cases: &[Case]) -> Vec<Complaint> {
        let names: HashSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
        let named = self.known.iter().flat_map(|entry| &entry.documents);
        let strangers = named.filter(|document| !names.contains(document.as_str()));
        strangers.map(|name| Complaint::new("stale", format!("`{name}` is not in the corpus"))).collect()
    }
}
