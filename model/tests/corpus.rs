//! Every document of the corpus is a test of its own: what it must load to, and what must be said of it. The corpus
//! stands beside the repository (`../shared/corpus`, or `DESCANT_SHARED`); where it is absent each folder is one ignored
//! test.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test without the test harness; what it trusts is ours"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};

#[path = "corpus/index.rs"]
mod index;
#[path = "corpus/judge.rs"]
mod judge;
#[path = "corpus/known.rs"]
mod known;

use index::{Case, FOLDERS};
use judge::Complaint;
use known::Known;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = corpus().map_or_else(skipped, |root| trials(&root));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The folder of the corpus, where there is one.
fn corpus() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let shared = std::env::var_os("DESCANT_SHARED").map_or_else(beside, PathBuf::from);
    shared.join("corpus").canonicalize().ok()
}

fn skipped() -> Vec<Trial> {
    eprintln!("skipped: there is no corpus in ../shared/corpus, and DESCANT_SHARED names none");
    FOLDERS.iter().map(|folder| Trial::test(*folder, || Ok(())).with_ignored_flag(true)).collect()
}

fn trials(root: &Path) -> Vec<Trial> {
    let known = Arc::new(Known::read());
    let cases: Vec<Case> = FOLDERS.iter().flat_map(|folder| index::cases(root, folder)).collect();
    let strangers = known.strangers(&cases);
    let mut trials = vec![Trial::test("known.toml", move || fail_with(&strangers))];
    for case in cases {
        let known = known.clone();
        trials.push(Trial::test(case.name.clone(), move || {
            fail_with(&known.settle(&case.name, judge::judge(&case)))
        }));
    }
    trials
}

fn fail_with(complaints: &[Complaint]) -> Result<(), libtest_mimic::Failed> {
    let lines: Vec<String> = complaints.iter().map(|c| format!("[{}] {}", c.code, c.text)).collect();
    if lines.is_empty() { Ok(()) } else { Err(lines.join("\n").into()) }
}
