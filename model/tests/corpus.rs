//! Every document of the corpus is a test of its own: what it must load to, and what must be said of it. The corpus
//! stands beside the repository (`../shared/corpus`, or `DESCANT_SHARED`); where it is absent each folder is one ignored
//! test.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test without the test harness; what it trusts is ours"
)]

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};

#[path = "common/absent.rs"]
mod absent;
#[path = "common/cpu_time.rs"]
mod cpu_time;
#[path = "corpus/index.rs"]
mod index;
#[path = "corpus/judge.rs"]
mod judge;
#[path = "corpus/known.rs"]
mod known;
#[path = "common/shared.rs"]
mod shared;

use index::{Case, FOLDERS};
use judge::Complaint;
use known::Known;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = shared::corpus().map_or_else(skipped, |root| trials(&root));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn skipped() -> Vec<Trial> {
    FOLDERS.iter().map(|folder| absent::absent(folder)).collect()
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
