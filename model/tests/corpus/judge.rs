//! Loads one document and holds what comes of it against what the corpus says: counts, severities, words, time, and a
//! model in which nothing points at nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use descant_model::api::{Api, Operation, SchemaId};
use descant_model::diagnostic::{Diagnostic, Severity};
use descant_model::dump::dump;
use descant_model::load::{Loaded, Options, load};
use descant_model::render::{Format, render};
use serde::Deserialize;

use crate::cpu_time::CpuTime;
use crate::index::{Case, Counts, Expect};

/// A document of which nothing good is expected is answered within this, even in a build for debugging.
const PATIENCE: Duration = Duration::from_secs(2);

/// How an outcome differs from what is expected.
pub(crate) struct Complaint {
    /// Of the diagnostic that should not be; else `counts`, `accepted`, `silent`, `unsaid`, `unsound` or `slow`.
    pub(crate) code: String,
    pub(crate) text: String,
}

impl Complaint {
    pub(crate) fn new(code: &str, text: impl Into<String>) -> Self {
        Self { code: code.to_owned(), text: text.into() }
    }
}

/// What must be said of a document: an entry of `hostile.toml`.
#[derive(Deserialize)]
struct Answer {
    /// From a code to how often it is found, at least.
    #[serde(default)]
    codes: BTreeMap<String, usize>,
    /// What must stand somewhere in the findings.
    #[serde(default)]
    says: Vec<String>,
    /// What must stand nowhere in them.
    #[serde(default)]
    hides: Vec<String>,
}

/// Everything in which a document's outcome differs from what is expected.
pub(crate) fn judge(case: &Case) -> Vec<Complaint> {
    let start = CpuTime::now();
    let loaded = load(&case.path, &Options::default());
    let took = start.elapsed();
    let mut complaints = severities(case.expect, &loaded);
    if let Expect::Accept(Some(counts)) = case.expect {
        complaints.extend(miscounted(counts, loaded.api.as_ref()));
    }
    if let Some(file) = case.name.strip_prefix("hostile/") {
        if complaints.is_empty() {
            complaints.extend(unanswered(file, &loaded));
        }
        if took > PATIENCE {
            complaints.push(Complaint::new("slow", format!("took {took:?}, {PATIENCE:?} at most")));
        }
    }
    complaints.extend(loaded.api.iter().flat_map(dangling));
    complaints
}

fn severities(expect: Expect, loaded: &Loaded) -> Vec<Complaint> {
    let of = |severity| loaded.diagnostics.iter().filter(move |found| found.severity == severity);
    let lacks = |severity| of(severity).next().is_none();
    let errors = || of(Severity::Error).map(|found| error(found, loaded)).collect();
    match expect {
        Expect::Reject if lacks(Severity::Error) => vec![Complaint::new("accepted", "has no error")],
        Expect::Warn if lacks(Severity::Warning) => vec![Complaint::new("silent", "has no warning")],
        Expect::Fault if lacks(Severity::Error) && lacks(Severity::Warning) => {
            vec![Complaint::new("accepted", "has neither error nor warning")]
        }
        Expect::Reject | Expect::Fault => Vec::new(),
        Expect::Warn | Expect::Accept(_) => errors(),
    }
}

fn error(found: &Diagnostic, loaded: &Loaded) -> Complaint {
    let text = render(Format::Concise, std::slice::from_ref(found), &loaded.sources);
    Complaint::new(found.code.as_str(), text.trim_end())
}

fn miscounted(expected: Counts, api: Option<&Api>) -> Option<Complaint> {
    let api = api?;
    let found = Counts { operations: api.operations.len(), webhooks: api.webhooks.len() };
    (found != expected).then(|| Complaint::new("counts", format!("{found:?}, not {expected:?}")))
}

/// What `hostile.toml` asks to be said of a document, and is not.
fn unanswered(file: &str, loaded: &Loaded) -> Vec<Complaint> {
    let mut answers: BTreeMap<String, Answer> =
        toml::from_str(include_str!("../hostile.toml")).expect("hostile.toml is sound");
    let answer = answers.remove(file).unwrap_or(Answer { codes: [].into(), says: vec![], hides: vec![] });
    let text = render(Format::Human, &loaded.diagnostics, &loaded.sources);
    let text = anstream::adapter::strip_str(&text).to_string();
    let mut complaints = miscoded(&answer.codes, loaded);
    for words in answer.says.iter().filter(|words| !text.contains(*words)) {
        complaints.push(Complaint::new("unsaid", format!("`{words}` is not in:\n{text}")));
    }
    for words in answer.hides.iter().filter(|words| text.contains(*words)) {
        complaints.push(Complaint::new("unsaid", format!("`{words}` must not be in:\n{text}")));
    }
    complaints
}

fn miscoded(expected: &BTreeMap<String, usize>, loaded: &Loaded) -> Vec<Complaint> {
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for diagnostic in &loaded.diagnostics {
        *found.entry(diagnostic.code.as_str().to_owned()).or_default() += 1;
    }
    let too_few = |(code, least): &(&String, &usize)| found.get(*code).unwrap_or(&0) < *least;
    let missing: Vec<String> =
        expected.iter().filter(too_few).map(|(code, least)| format!("{least} of `{code}`")).collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let listing = render(Format::Concise, &loaded.diagnostics, &loaded.sources);
    vec![Complaint::new("unsaid", format!("wanted {}; found:\n{listing}", missing.join(", ")))]
}

/// Ids and references that lead nowhere: the model's own promise to the back ends.
fn dangling(api: &Api) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let mut operations: Vec<&Operation> = api.operations.iter().chain(&api.webhooks).collect();
    while let Some(operation) = operations.pop() {
        operations.extend(operation.callbacks.values().flatten());
        let lost = schemas(operation).into_iter().filter(|id| api.schemas.get(*id).is_none());
        complaints.extend(
            lost.map(|id| Complaint::new("unsound", format!("{}: no schema {id:?}", operation.key()))),
        );
    }
    for schema in &api.schemas.entries {
        let targets = schema.schema.within().filter_map(|inner| inner.reference());
        let lost = targets.filter(|target| api.schemas.get(**target).is_none());
        complaints.extend(lost.map(|id| Complaint::new("unsound", format!("{}: no {id:?}", schema.key))));
    }
    if dump(api).is_empty() {
        complaints.push(Complaint::new("unsound", "its dump is empty"));
    }
    complaints
}

/// The schemas that an operation's parameters and bodies point at.
fn schemas(operation: &Operation) -> Vec<SchemaId> {
    let parameters = operation.parameters.iter().filter_map(|parameter| parameter.schema);
    let responses = operation.responses.iter();
    let headers = responses.clone().flat_map(|(_, r)| r.headers.values()).filter_map(|header| header.schema);
    let contents = operation.request_body.iter().map(|body| &body.content);
    let contents = contents.chain(responses.map(|(_, response)| &response.content));
    let media = contents.flat_map(|content| content.values()).flat_map(|m| [m.schema, m.item_schema]);
    parameters.chain(headers).chain(media.flatten()).collect()
}
