//! `cargo xtask agree FOLDER...`: builds programs from the documents' generated code, runs every request and every
//! response on all voices of their documents, and prints the differences by document and by kind.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use indexmap::IndexMap;
use xtask::agree::report::{Difference, Report, Tally};

use crate::corpus::{self, Folder};
use crate::programs::Programs;

/// How many lines of generated code one program has: less would link more often, more would compile on one core.
const LINES: usize = 20_000;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folders of documents; one that is absent is skipped, and said to be
    #[arg(required = true)]
    folders: Vec<PathBuf>,
    /// Only documents whose names contain this
    #[arg(long)]
    only: Vec<String>,
    /// No documents whose paths contain this
    #[arg(long)]
    except: Vec<String>,
    /// A file of kinds of difference that are known, one a line as the summary names it: they do not fail the command
    #[arg(long)]
    known: Option<PathBuf>,
    /// Print the kinds of difference alone
    #[arg(long)]
    summary: bool,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> ExitCode {
    let agreed = known(args.known.as_deref())
        .and_then(|known| agree(&documents(args)?, &Options { known, only_summary: args.summary }));
    match agreed {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// How differences are judged and printed.
#[derive(Default)]
struct Options {
    /// The kinds that do not fail the command.
    known: Vec<String>,
    only_summary: bool,
}

/// The kinds of difference in a file; what follows `#` at the start of a line is a comment.
fn known(path: Option<&Path>) -> io::Result<Vec<String>> {
    let Some(path) = path else { return Ok(Vec::new()) };
    let text = fs::read_to_string(path)?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(lines.map(str::to_owned).collect())
}

fn documents(args: &Args) -> io::Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for folder in &args.folders {
        if !folder.exists() {
            println!("SKIPPED: {} is not there; none of its documents was tried", folder.display());
            continue;
        }
        let folder = Folder { folder: folder.clone(), only: args.only.clone() };
        let is_document = |path: &PathBuf| {
            let extension = path.extension().and_then(|extension| extension.to_str());
            let excepted = args.except.iter().any(|name| path.to_string_lossy().contains(name.as_str()));
            path.is_file() && !excepted && matches!(extension, Some("yaml" | "yml" | "json"))
        };
        all.extend(corpus::documents(&folder)?.into_iter().filter(is_document));
    }
    Ok(all)
}

/// Whether all voices of all documents agree.
fn agree(documents: &[PathBuf], options: &Options) -> io::Result<bool> {
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
        print(report, options.only_summary);
    }
    let kinds = summarize(&reports);
    let new: Vec<&String> = kinds.iter().filter(|kind| !options.known.contains(kind)).collect();
    let mended = options.known.iter().filter(|kind| !kinds.contains(kind));
    mended.for_each(|kind| println!("known, but not found any more: {kind}"));
    if !options.known.is_empty() {
        new.iter().for_each(|kind| println!("not known: {kind}"));
    }
    Ok(sound && new.is_empty())
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
        assert!(agree(&[crate::root().join("xtask/agree/plain.yaml")], &Options::default()).unwrap());
    }
}
