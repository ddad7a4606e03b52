//! The files that `descant test` writes.

use std::path::{Path, PathBuf};

use descant_contract::Report;
use descant_contract::report::{annotations, har, html, junit, lines, rust, sarif, summary};

use crate::exit;

/// A format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// JUnit XML: a test a case
    Junit,
    /// SARIF 2.1.0: a result a cause
    Sarif,
    /// JSON lines: an object a case, and a summary
    Jsonl,
    /// HTTP Archive 1.2: every exchange
    Har,
    /// A page
    Html,
    /// Markdown
    Markdown,
    /// A Rust file: a test a cause, which makes its calls again
    Rust,
}

/// A format with the file to write: `sarif=report.sarif`.
#[derive(Clone, Debug)]
pub(super) struct Output {
    pub(super) format: Format,
    path: PathBuf,
}

impl std::str::FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, path) = text.split_once('=').ok_or_else(|| format!("`{text}` is not `FORMAT=FILE`"))?;
        let format = <Format as clap::ValueEnum>::from_str(format, true).map_err(|_| {
            let formats = <Format as clap::ValueEnum>::value_variants().iter();
            let names = formats.filter_map(clap::ValueEnum::to_possible_value);
            let names = names.map(|name| name.get_name().to_owned()).collect::<Vec<_>>();
            format!("the formats are {}", names.join(", "))
        })?;
        Ok(Self { format, path: path.into() })
    }
}

impl Output {
    /// Writes the report of a document.
    pub(super) fn write(&self, report: &Report<'_>, document: &Path) -> Result<(), String> {
        let text = match self.format {
            Format::Junit => junit(report),
            Format::Sarif => sarif(report),
            Format::Jsonl => lines(report),
            Format::Har => har(report),
            Format::Html => html(report),
            Format::Markdown => summary(report),
            Format::Rust => rust(report, &document.to_string_lossy()),
        };
        write(&self.path, &text)
    }
}

pub(super) fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// Prints annotations, and adds the summary to that of the step, if GitHub runs one.
pub(super) fn github(report: &Report<'_>) -> Result<(), String> {
    use std::io::Write as _;
    exit::print(&annotations(report));
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").map(PathBuf::from) else { return Ok(()) };
    let file = std::fs::OpenOptions::new().append(true).create(true).open(&path);
    file.and_then(|mut file| file.write_all(summary(report).as_bytes()))
        .map_err(|error| format!("{}: {error}", path.display()))
}
