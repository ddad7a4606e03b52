//! A report as one static page without scripts: the verdict, the causes, and what was tried of each operation.

use std::fmt::Write;

use indexmap::IndexMap;

use super::curl::script;
use super::human::body;
use super::markup::escaped;
use super::{Cause, Report, causes, table};
use crate::case::CaseKind;
use crate::failure::Severity;
use crate::verdict::{CaseOutcome, Verdict};

const STYLE: &str = include_str!("html/style.css");
/// The most cases of one kind that an operation lists.
const LISTED: usize = 200;

/// Returns the page.
pub fn html(report: &Report<'_>) -> String {
    let causes = causes(report);
    let is_known = |cause: &&Cause<'_>| report.known.contains_key(&cause.id);
    let of = |severity| causes.iter().filter(|it| !is_known(it) && it.failure.severity == severity).count();
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    let tested = report.selected.len().saturating_sub(report.untested().len());
    let title = escaped(&report.api.info.title);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<title>{title}: contract tests</title>\n<style>\n{STYLE}</style>\n"
    );
    let verdict = if errors > 0 { ("bad", "broken") } else { ("good", "kept") };
    let _ = writeln!(
        page,
        "<header><h1>{title}</h1><p><span class=\"mark {}\">{}</span> {}</p>\n<dl>",
        verdict.0,
        verdict.1,
        escaped(&report.base)
    );
    let facts = [
        ("errors", errors.to_string(), if errors > 0 { "bad" } else { "" }),
        ("warnings", warnings.to_string(), if warnings > 0 { "warn" } else { "" }),
        ("cases", report.counts().total().to_string(), ""),
        ("operations tested", format!("{tested} of {}", report.selected.len()), ""),
    ];
    for (name, value, class) in facts {
        let _ = writeln!(page, "<div class=\"{class}\"><dt>{name}</dt><dd>{value}</dd></div>");
    }
    page.push_str("</dl></header>\n<main>\n");
    if let Some(reason) = &report.stopped {
        let _ = writeln!(page, "<p class=\"note\">Not complete: {}</p>", escaped(reason));
    }
    page.push_str("<section><h2>Causes</h2>\n");
    if causes.is_empty() {
        page.push_str("<p>None: every promise was kept.</p>\n");
    }
    for cause in &causes {
        page.push_str(&shown(report, cause));
    }
    page.push_str("</section>\n<section><h2>Coverage</h2>\n");
    page.push_str(&coverage(report));
    page.push_str("</section>\n</main>\n</html>\n");
    page
}

fn shown(report: &Report<'_>, cause: &Cause<'_>) -> String {
    let case = &cause.verdict.case;
    let known = report.known.get(&cause.id);
    let (class, word) = match (known, cause.failure.severity) {
        (Some(_), _) => ("known", "known"),
        (None, Severity::Error) => ("bad", "error"),
        (None, Severity::Warning) => ("warn", "warning"),
    };
    let open = if class == "bad" { " open" } else { "" };
    let mut text = format!(
        "<details class=\"cause\"{open}><summary><span class=\"mark {class}\">{word}</span> <code>{}</code> {}: {}</summary>\n<p>{}</p>\n",
        escaped(&report.operation(case.operation)),
        case.kind.as_str(),
        escaped(&case.name),
        escaped(&cause.failure.to_string())
    );
    if let Some(reason) = known {
        let _ = writeln!(text, "<p class=\"muted\">Known: {}</p>", escaped(reason));
    }
    let names: Vec<String> = cause.operations.iter().take(10).map(|it| report.operation(*it)).collect();
    let place = cause.place(report).map(|origin| {
        let file = report.place(origin).map(|it| format!("{}:{}:{} ", it.file, it.line, it.column));
        format!("{}#{}", file.unwrap_or_default(), origin.pointer)
    });
    let _ = writeln!(
        text,
        "<p class=\"muted\">{} cases in {}{}</p>",
        cause.cases,
        escaped(&names.join(", ")),
        place.map(|place| format!(" · {}", escaped(&place))).unwrap_or_default()
    );
    if let Some(answer) = cause.exchanges.last().and_then(|exchange| exchange.answer.as_ref().ok()) {
        let shown = format!("{}\n{}", answer.status, body(answer));
        let _ = writeln!(text, "<h3>Answer</h3><pre>{}</pre>", escaped(shown.trim()));
    }
    let calls = script(report, &case.steps, cause.exchanges).join("\n");
    let _ = writeln!(text, "<h3>Again</h3><pre>{}</pre></details>", escaped(&calls));
    text
}

/// The table of operation × kind; each operation opens into its cases with their statuses.
fn coverage(report: &Report<'_>) -> String {
    let table = table(report);
    let mut rows = table.rows.iter();
    let mut text = String::from("<div class=\"scroll\"><table>\n<thead><tr>");
    for cell in rows.next().into_iter().flatten() {
        let _ = write!(text, "<th>{}</th>", escaped(cell));
    }
    text.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        text.push_str("<tr>");
        for (at, cell) in row.iter().enumerate() {
            let class = match cell {
                _ if at == 0 => "",
                cell if cell.starts_with("FAIL") => "bad",
                cell if cell.starts_with("warn") => "warn",
                cell if cell == "-" || cell == "skip" => "none",
                _ => "good",
            };
            let tag = if at == 0 { "th" } else { "td" };
            let _ = write!(text, "<{tag} class=\"{class}\">{}</{tag}>", escaped(cell));
        }
        text.push_str("</tr>\n");
    }
    text.push_str("</tbody></table></div>\n");
    let untested = report.untested();
    let mut cases: IndexMap<usize, IndexMap<CaseKind, Vec<&Verdict>>> =
        report.selected.iter().map(|operation| (*operation, IndexMap::new())).collect();
    for verdict in &report.verdicts {
        let of = cases.entry(verdict.case.operation).or_default();
        of.entry(verdict.case.kind).or_default().push(verdict);
    }
    for (operation, kinds) in &cases {
        let reason = untested.iter().find(|(index, _)| index == operation).map(|(_, reason)| reason);
        let note = reason.map(|it| format!(" <span class=\"muted\">not tested: {}</span>", escaped(it)));
        let count: usize = kinds.values().map(Vec::len).sum();
        let _ = writeln!(
            text,
            "<details><summary><code>{}</code> <span class=\"muted\">{count} cases</span>{}</summary>",
            escaped(&report.operation(*operation)),
            note.unwrap_or_default()
        );
        for (kind, verdicts) in kinds {
            let _ = writeln!(text, "<h3>{}</h3><ul class=\"cases\">", kind.as_str());
            for verdict in verdicts.iter().take(LISTED) {
                let (class, status) = outcome(verdict);
                let name = escaped(&verdict.case.name);
                let _ = writeln!(text, "<li><span class=\"mark {class}\">{status}</span> {name}</li>");
            }
            if verdicts.len() > LISTED {
                let _ = writeln!(text, "<li class=\"muted\">and {} more</li>", verdicts.len() - LISTED);
            }
            text.push_str("</ul>\n");
        }
        text.push_str("</details>\n");
    }
    text
}

fn outcome(verdict: &Verdict) -> (&'static str, String) {
    match &verdict.outcome {
        CaseOutcome::Kept(status) => ("good", status.to_string()),
        CaseOutcome::Skipped(_) => ("known", "skipped".to_owned()),
        CaseOutcome::Broken { exchanges, .. } => {
            let class = if verdict.severity() == Some(Severity::Error) { "bad" } else { "warn" };
            (class, exchanges.last().map_or(0, crate::exchange::Exchange::status).to_string())
        }
    }
}
