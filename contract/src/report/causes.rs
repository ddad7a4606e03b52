//! Groups failures by their cause, so that a fault is reported once.

use std::collections::{HashMap, HashSet};

use descant_exchange::Check;
use descant_model::api::Operation;
use descant_model::source::Origin;
use indexmap::IndexMap;
use serde_json::Value;

use super::Report;
use crate::case::{Body, Case, CaseKind};
use crate::exchange::Exchange;
use crate::failure::{Failure, Severity};
use crate::verdict::{CaseOutcome, Verdict};

/// Failures that have one cause.
#[derive(Clone, Debug)]
pub struct Cause<'r> {
    /// The first failure.
    pub failure: &'r Failure,
    /// The case that has it, and its exchanges.
    pub verdict: &'r Verdict,
    pub exchanges: &'r [Exchange],
    /// How many cases have it.
    pub cases: usize,
    /// The operations that have it, as indices.
    pub operations: Vec<usize>,
    /// The part of the document that is broken.
    pub origin: Option<&'r Origin>,
    /// What names the cause in every run, as a baseline has it.
    pub id: String,
}

impl<'r> Cause<'r> {
    /// Returns the part of the document that is broken, else the operation.
    pub fn place(&self, report: &'r Report<'_>) -> Option<&'r Origin> {
        let operation = || report.api.operations.get(self.verdict.case.operation).map(|it| &it.origin);
        self.origin.or_else(operation)
    }
}

/// What failures of one cause have in common.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    severity: Severity,
    check: Check,
    /// Where the cause is bound to one.
    operation: Option<usize>,
    /// The place in the document, as a pointer.
    place: Option<String>,
    text: String,
}

impl Key {
    fn id(&self, report: &Report<'_>, origin: Option<&Origin>) -> String {
        let operation = self.operation.map(|index| report.operation(index));
        let pointer = self.place.as_ref().and(origin).map(|origin| format!("#{}", origin.pointer));
        let parts = [Some(self.check.to_string()), operation, pointer, Some(self.text.clone())];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" › ")
    }
}

/// Returns the causes of a report: errors before warnings, and causes before what may follow from them.
pub fn causes<'r>(report: &'r Report<'_>) -> Vec<Cause<'r>> {
    let mut causes: IndexMap<Key, Cause<'r>> = IndexMap::new();
    // A service that accepts any credential accepts those that are nearly right, too.
    let accepts_any = report.verdicts.iter().any(|verdict| {
        let case = &verdict.case;
        case.kind == CaseKind::WrongCredential
            && case.name == CaseKind::WrongCredential.as_str()
            && matches!(&verdict.outcome, CaseOutcome::Broken { exchanges, .. } if exchanges.last().is_some_and(Exchange::is_success))
    });
    let unchecked = unchecked(report);
    for verdict in &report.verdicts {
        let CaseOutcome::Broken { broken, exchanges } = &verdict.outcome else { continue };
        for failure in broken {
            let origin = origin(report, verdict);
            let mut key = key(verdict, failure, exchanges, origin);
            if accepts_any && verdict.case.kind == CaseKind::WrongCredential && failure.check == Check::Status
            {
                key.text = CaseKind::WrongCredential.as_str().to_owned();
            }
            let is_edge = verdict.case.kind == CaseKind::Body && is_edge(&verdict.case.name);
            if is_edge && key.severity == Severity::Error && unchecked.contains(&verdict.case.operation) {
                key.text = "no constraint is checked".to_owned();
                key.place = origin.map(place);
                key.operation = origin.is_none().then_some(verdict.case.operation);
            }
            let id = key.id(report, origin);
            let cause = causes.entry(key).or_insert_with(|| Cause {
                id,
                failure,
                verdict,
                exchanges,
                cases: 0,
                operations: Vec::new(),
                origin,
            });
            cause.cases += 1;
            if !cause.operations.contains(&verdict.case.operation) {
                cause.operations.push(verdict.case.operation);
            }
        }
    }
    let mut causes: Vec<Cause<'r>> = causes.into_values().collect();
    causes.sort_by_key(|cause| (std::cmp::Reverse(cause.failure.severity), rank(cause)));
    causes
}

/// Whether a case of a body breaks a constraint of its schema, not its form.
fn is_edge(name: &str) -> bool {
    let name = plain(name);
    name != "type"
        && !["missing", "malformed", "media type", "wrong kind", ": type"]
            .iter()
            .any(|form| name.ends_with(form))
}

/// A name without what tells cases of one constraint apart: `pattern (2)` is `pattern`.
fn plain(name: &str) -> &str {
    name.rsplit_once(" (").filter(|(_, rest)| rest.ends_with(')')).map_or(name, |(name, _)| name)
}

/// The operations that accept every value that breaks a constraint of their body: they have no check, not a wrong one.
fn unchecked(report: &Report<'_>) -> HashSet<usize> {
    let edges = report.verdicts.iter().filter(|it| it.case.kind == CaseKind::Body && is_edge(&it.case.name));
    let mut refused = HashSet::new();
    let mut accepted: HashMap<usize, usize> = HashMap::new();
    for verdict in edges {
        match verdict.severity() {
            Some(Severity::Error) => *accepted.entry(verdict.case.operation).or_default() += 1,
            _ => _ = refused.insert(verdict.case.operation),
        }
    }
    accepted.retain(|operation, count| *count >= MANY && !refused.contains(operation));
    accepted.into_keys().collect()
}

/// From how many violations on their acceptance says that there is no check.
const MANY: usize = 3;

fn key(verdict: &Verdict, failure: &Failure, exchanges: &[Exchange], origin: Option<&Origin>) -> Key {
    let case = &verdict.case;
    let status = exchanges.last().map_or(0, Exchange::status);
    let is_valid = exchanges
        .len()
        .checked_sub(1)
        .and_then(|last| case.steps.get(last))
        .is_some_and(|step| step.expect.is_valid());
    let mut key = Key {
        severity: failure.severity,
        check: failure.check,
        operation: None,
        place: None,
        text: format!("{status} {}", general(&failure.message)),
    };
    if failure.check == Check::Status {
        key.text.clone_from(&failure.message);
    }
    if failure.check != Check::Status || failure.message.starts_with("the document describes no") {
        return key;
    }
    if status >= 500 {
        key.operation = Some(case.operation);
        key.text = status.to_string();
    } else if is_valid {
        key.operation = Some(case.operation);
    } else if failure.severity == Severity::Error {
        // An invalid request was accepted: the same constraint of a shared schema is the same cause.
        key.place = origin.map(place);
        key.operation = origin.is_none().then_some(case.operation);
        key.text = format!("{} {}", case.kind.as_str(), plain(&case.name));
        if matches!(case.kind, CaseKind::NoCredential | CaseKind::WrongCredential) {
            key.operation = None;
        } else if let Some(text) = of_reader(case) {
            (key.operation, key.place, key.text) = (None, None, text);
        } else if case.kind == CaseKind::State && case.name.ends_with("without a credential") {
            key.operation = None;
            key.text = format!("{0} {0}", CaseKind::NoCredential.as_str());
        }
    }
    key
}

/// A part of the document, as a key.
fn place(origin: &Origin) -> String {
    format!("{:?}{}", origin.span.file, origin.pointer)
}

/// What a service accepts because of how it reads any body, whatever the operation.
fn of_reader(case: &Case) -> Option<String> {
    let name = plain(&case.name);
    let sent = case.steps.first().and_then(|step| step.call.body.as_ref());
    let is_null = |value: &Value| {
        name.strip_prefix("type of ").and_then(|at| value.pointer(at)).is_some_and(Value::is_null)
    };
    match case.kind {
        CaseKind::Body if matches!(sent, Some(Body::Value { value, .. }) if is_null(value)) => {
            Some("null is accepted".to_owned())
        }
        CaseKind::Body if ["missing", "malformed", "undeclared media type"].contains(&name) => {
            Some(name.to_owned())
        }
        CaseKind::Robustness if name.starts_with("body: ") => Some(name.to_owned()),
        _ => None,
    }
}

/// A message without what differs from record to record: the positions in lists, and numbers.
fn general(message: &str) -> String {
    let (pointer, rest) = match message.split_once(": ") {
        Some((pointer, rest)) if pointer.starts_with('/') => (pointer, rest),
        _ => ("", message),
    };
    let segments = pointer
        .split('/')
        .filter(|segment| !segment.is_empty() && !segment.bytes().all(|b| b.is_ascii_digit()));
    let mut text: String = segments.map(|segment| format!("/{segment}")).collect();
    text.push(' ');
    let mut in_number = false;
    for c in rest.chars() {
        if !c.is_ascii_digit() {
            text.push(c);
        } else if !in_number {
            text.push('#');
        }
        in_number = c.is_ascii_digit();
    }
    text
}

/// The part of the document that a case tries.
fn origin<'r>(report: &'r Report<'_>, verdict: &Verdict) -> Option<&'r Origin> {
    let operation = report.api.operations.get(verdict.case.operation)?;
    match verdict.case.kind {
        CaseKind::Parameter => parameter(operation, &verdict.case.name),
        CaseKind::Boundary => parameter(operation, &verdict.case.name).or_else(|| body(report, operation)),
        CaseKind::Body => body(report, operation),
        _ => None,
    }
}

fn parameter<'r>(operation: &'r Operation, name: &str) -> Option<&'r Origin> {
    let is_it = |location: &str, parameter: &str| name.starts_with(&format!("{location} {parameter}: "));
    let mut all = operation.parameters.iter();
    all.find(|it| is_it(it.location.as_str(), &it.name)).map(|it| &it.origin)
}

fn body<'r>(report: &'r Report<'_>, operation: &'r Operation) -> Option<&'r Origin> {
    let content = operation.request_body.as_ref()?.content.values();
    let schemas = &report.api.schemas;
    let id = content.filter_map(|media| media.schema).next()?;
    let target = schemas.schema(id).and_then(descant_model::schema::Schema::as_reference).unwrap_or(id);
    schemas.get(target).map(|definition| &definition.origin)
}

/// Lower is nearer to the cause.
fn rank(cause: &Cause<'_>) -> u8 {
    let status = cause.exchanges.last().map_or(0, Exchange::status);
    match (cause.failure.check, cause.verdict.case.kind) {
        (Check::Answer, _) => 0,
        (Check::Status, _) if status >= 500 => 1,
        (Check::Status, CaseKind::NoCredential | CaseKind::WrongCredential) => 2,
        (_, CaseKind::State) => 3,
        (Check::Status, _) => 4,
        (Check::ContentType, _) => 5,
        (Check::Header, _) => 6,
        (Check::Body, _) => 7,
    }
}

#[cfg(test)]
mod tests {
    use super::general;

    #[test]
    fn positions_and_numbers_do_not_tell_causes_apart() {
        let check = |message: &str, expected: &str| assert_eq!(general(message), expected);
        check("/0/id: expected an integer", "/id expected an integer");
        check("/id: expected an integer", "/id expected an integer");
        check("14 bytes came", " # bytes came");
    }
}
