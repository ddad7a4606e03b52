//! `cargo xtask agree FOLDER...`: builds programs from the documents' generated code, runs every request and every
//! response on all voices of their documents, and prints the differences by document and by kind.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use indexmap::IndexMap;
use xtask::agree::report::{Difference, Report, Tally};

use crate::corpus::{self, Folder};
use crate::programs::Programs;

/// How many lines of generated code one program has: less would link more often, more would compile on one core.
const LINES: usize = 20_000;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folders of documents
    #[arg(required = true)]
    folders: Vec<PathBuf>,
    /// Only documents whose names contain this
    #[arg(long)]
    only: Vec<String>,
    /// No documents whose paths contain this
    #[arg(long)]
    except: Vec<String>,
    /// Print the kinds of difference alone
    #[arg(long)]
    summary: bool,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> ExitCode {
    match documents(args).and_then(|documents| agree(&documents, args.summary)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn documents(args: &Args) -> io::Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for folder in &args.folders {
        let folder = Folder { folder: folder.clone(), only: args.only.clone() };
        let is_document = |path: &PathBuf| {
            let extension = path.extension().and_then(|extension| extension.to_str());
            let excepted = args.except.iter().any(|name| path.to_string_lossy().contains(name.as_str()));
            path.is_file() && !excepted && matches!(extension, Some("yaml" | "yml" | "json"))
        };
        let named =
            |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", folder.folder.display()));
        all.extend(corpus::documents(&folder).map_err(named)?.into_iter().filter(is_document));
    }
    Ok(all)
}

/// Whether all voices of all documents agree.
fn agree(documents: &[PathBuf], only_summary: bool) -> io::Result<bool> {
    let programs = Programs::new("agree", "xtask::agree::run").packed(documents, LINES)?;
    let mut sound = programs.build()?.success();
    let mut reports: Vec<Report> = Vec::new();
    for done in programs.run() {
        let (package, output, status) = done?;
        reports.extend(output.lines().filter_map(|line| serde_json::from_str(line).ok()));
        if !status.success() {
            println!("{package}: {status}");
            sound = false;
        }
    }
    reports.sort_by(|one, other| one.name.cmp(&other.name));
    for report in &reports {
        print(report, only_summary);
    }
    Ok(summarize(&reports).is_empty() && sound)
}

fn print(report: &Report, only_summary: bool) {
    let Report { name, requests, answers, differences, untried } = report;
    println!("{name:32} {} requests, {} answers judged alike", counts(*requests), counts(*answers));
    if only_summary {
        return;
    }
    for Difference { operation, tried, verdicts, count, example } in differences {
        println!("    {operation}: {tried}: {verdicts} ({count})\n        {example}");
    }
    for untried in untried {
        println!("    {}: not tried: {}", untried.operation, untried.reason);
    }
}

fn counts(tally: Tally) -> String {
    format!("{} of {}", tally.alike, tally.tried)
}

/// A kind of difference over all documents: verdicts that differ in the same way.
#[derive(Default)]
struct Kind<'a> {
    count: usize,
    /// What was tried, with how often.
    tried: IndexMap<&'a str, usize>,
    documents: IndexMap<&'a str, usize>,
    example: &'a str,
}

/// Prints each kind of difference, the most frequent first, and the sums; returns the kinds.
fn summarize(reports: &[Report]) -> Vec<String> {
    let mut kinds: IndexMap<&str, Kind<'_>> = IndexMap::new();
    let (mut requests, mut answers, mut untried) = (Tally::default(), Tally::default(), 0);
    for report in reports {
        requests.add(report.requests);
        answers.add(report.answers);
        untried += report.untried.len();
        for Difference { tried, verdicts, count, example, .. } in &report.differences {
            let kind = kinds.entry(verdicts).or_default();
            if kind.count == 0 {
                kind.example = example;
            }
            kind.count += count;
            *kind.tried.entry(tried).or_default() += count;
            *kind.documents.entry(&report.name).or_default() += count;
        }
    }
    kinds.sort_by(|one, a, other, b| b.count.cmp(&a.count).then_with(|| one.cmp(other)));
    if !kinds.is_empty() {
        println!("\nkinds of difference:");
    }
    for (verdicts, Kind { count, tried, documents, example }) in kinds.iter_mut() {
        println!(
            "{count:5}  {verdicts}\n        in {}; by {}\n        {example}",
            first(documents),
            first(tried)
        );
    }
    println!(
        "{} documents: {} requests, {} answers judged alike, {} kinds of difference, {untried} operations or responses not tried",
        reports.len(),
        counts(requests),
        counts(answers),
        kinds.len(),
    );
    kinds.into_keys().map(str::to_owned).collect()
}

/// The most frequent names, and how many others there are.
fn first(names: &mut IndexMap<&str, usize>) -> String {
    /// How many are named.
    const NAMED: usize = 5;
    names.sort_by(|one, a, other, b| b.cmp(a).then_with(|| one.cmp(other)));
    let named = names.iter().take(NAMED).map(|(name, count)| format!("{name} ({count})"));
    let more = names.len().saturating_sub(NAMED);
    let more = (more > 0).then(|| format!("{more} more"));
    named.chain(more).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One document is compiled here; `cargo xtask agree FOLDER` takes them all.
    #[test]
    fn the_voices_of_a_document_agree() {
        assert!(agree(&[crate::root().join("xtask/agree/plain.yaml")], true).unwrap());
    }
}
