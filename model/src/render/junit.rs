//! JUnit XML, which CI services display: one test case per finding, failed if it is an error, and a passed one for each
//! file without findings.

use quick_xml::escape::escape;
use std::fmt::Write as _;

use super::Location;
use super::clean::clean;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Sources;

pub(super) fn render(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let spotless: Vec<&str> = sources
        .iter()
        .map(|file| file.name.as_str())
        .filter(|name| !diagnostics.iter().any(|found| Location::new(found.span, sources).file == *name))
        .collect();
    let tests = diagnostics.len() + spotless.len();
    let failures = diagnostics.iter().filter(|found| found.severity == Severity::Error).count();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  \
         <testsuite name=\"descant lint\" tests=\"{tests}\" failures=\"{failures}\">\n"
    );
    // Writing to a string cannot fail.
    for found in diagnostics {
        _ = write_case(&mut out, found, sources);
    }
    for name in spotless {
        _ = writeln!(out, "    <testcase classname=\"{}\" name=\"no findings\"/>", attribute(name));
    }
    out + "  </testsuite>\n</testsuites>\n"
}

fn write_case(out: &mut String, found: &Diagnostic, sources: &Sources) -> std::fmt::Result {
    let at = Location::new(found.span, sources);
    let name = format!("{} at {}:{} (#{})", found.code.as_str(), at.line, at.column, found.pointer);
    writeln!(out, "    <testcase classname=\"{}\" name=\"{}\">", attribute(at.file), attribute(&name))?;
    let help = found.help.as_deref().unwrap_or_default();
    match found.severity {
        Severity::Error => {
            let message = attribute(&found.message);
            writeln!(
                out,
                "      <failure type=\"{}\" message=\"{message}\">{}</failure>",
                found.code.as_str(),
                attribute(help)
            )?;
        }
        Severity::Warning | Severity::Note => {
            let text = format!("{}: {}\n{help}", found.severity.as_str(), clean(&found.message));
            writeln!(out, "      <system-out>{}</system-out>", escape(text.trim_end()))?;
        }
    }
    writeln!(out, "    </testcase>")
}

/// Escapes text for XML: characters that XML 1.0 lacks are replaced first.
fn attribute(text: &str) -> String {
    escape(clean(text)).into_owned()
}
