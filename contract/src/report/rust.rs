//! A report as a Rust test file: a test for each cause, which makes the calls of its case again.

use std::collections::HashSet;
use std::fmt::Write;

use super::{Report, causes};
use crate::credentials::variable;

/// The longest name of a test.
const LONGEST: usize = 80;

/// Returns a file for the folder `tests` of a package that depends on `descant-contract`. `document` is the path of the
/// document, as a run of that package's tests sees it. `BASE_URL` replaces the URL; credentials are environment variables.
pub fn rust(report: &Report<'_>, document: &str) -> String {
    let credentials: Vec<String> = report.credentials.schemes().map(credential).collect();
    let mut text = format!(
        "//! What `descant test` found: a test for each cause, which fails as long as the cause is there.\n\n\
         use descant_contract::{{Unkept, replay}};\n\n\
         const DOCUMENT: &str = {document:?};\nconst URL: &str = {:?};\n\n\
         /// Makes the calls of a case again.\n\
         fn again(case: &str) -> Result<(), Unkept> {{\n    \
             let url = std::env::var(\"BASE_URL\").unwrap_or_else(|_| URL.to_owned());\n    \
             replay(DOCUMENT, &url, &[{}], case)\n}}\n",
        report.base,
        credentials.join(", ")
    );
    let mut names = HashSet::new();
    for cause in causes(report).iter().filter(|cause| !report.known.contains_key(&cause.id)) {
        let Some(operation) = report.api.operations.get(cause.verdict.case.operation) else { continue };
        let id = cause.verdict.case.id(operation);
        let name = unique(&mut names, &identifier(&id));
        let failure = cause.failure.to_string();
        // What a service sent may be quoted there, and a comment cannot hold every character.
        let comment = |line: &str| format!("/// {}\n", line.replace(char::is_control, " "));
        let lines = failure.lines().map(comment).collect::<String>();
        let _ =
            write!(text, "\n{lines}#[test]\nfn {name}() -> Result<(), Unkept> {{\n    again({id:?})\n}}\n");
    }
    text
}

/// The pair of a scheme and the environment variable that holds its credential.
fn credential(scheme: &str) -> String {
    format!("({scheme:?}, &std::env::var({:?}).unwrap_or_default())", variable(scheme))
}

/// Returns a name of words that a case's identifier has.
fn identifier(id: &str) -> String {
    let words = id.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name = words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("_");
    let name: String = name.chars().take(LONGEST).collect();
    let name = name.trim_end_matches('_');
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("case_{name}")
    } else {
        name.to_owned()
    }
}

fn unique(names: &mut HashSet<String>, name: &str) -> String {
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    let mut all = std::iter::once(name.to_owned()).chain(numbered);
    let free = all.find(|name| names.insert(name.clone()));
    free.unwrap_or_else(|| name.to_owned())
}
