//! What came of everything that a document states: each thing of the model is looked for in the plan, and what is neither
//! there nor in a diagnostic gets one. So nothing can be missing, and nothing is left out in silence.

mod constraints;

use std::collections::HashSet;
use std::sync::Arc;

use descant_model::api::{self, Api, MediaType, Operation, SchemeKind, StatusPattern, Style};
use descant_model::codes::Code;
use descant_model::diagnostic::{Diagnostic, Diagnostics};
use descant_model::source::{Origin, Sources};
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Value, json};

use crate::Settings;
use crate::plan::Plan;
use crate::plan::http::{self, Body, Content, Media, PartContent};
use crate::plan::items::Type;
use crate::plan::links::Link;

/// What came of everything, in the order of the document.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// First the operations with all that belongs to them, then schemas.
    pub entries: Vec<Entry>,
}

/// One thing that the document states.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it is.
    pub kind: ElementKind,
    /// As the document calls it: `GET /pets`, a parameter's name, a status, a keyword.
    pub name: String,
    /// The operation that it belongs to; empty for a schema's.
    pub of: String,
    /// What came of it.
    pub outcome: Treatment,
    /// Where it stands; the pointer may be finer than the span.
    pub origin: Origin,
}

/// Kinds of things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ElementKind {
    /// Under `paths`.
    Operation,
    /// Under `webhooks`.
    Webhook,
    /// Under an operation's `callbacks`.
    Callback,
    /// A parameter of an operation.
    Parameter,
    /// One media type of a request's body.
    RequestBody,
    /// A response, by its status.
    Response,
    /// One media type of a response's body.
    ResponseBody,
    /// A header of a response.
    Header,
    /// A header of a part of a multipart body.
    PartHeader,
    /// How a property of a form is written, by its name.
    PartStyle,
    /// A link of a response.
    Link,
    /// The pages of a list: how the next one is requested.
    Pages,
    /// One of an operation's alternatives.
    SecurityRequirement,
    /// A scope that such an alternative names.
    SecurityScope,
    /// A scheme.
    SecurityScheme,
    /// A base URL.
    Server,
    /// A keyword of a schema that restricts values.
    Constraint,
}

/// What came of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// Generated code has it.
    Emitted,
    /// A constraint: generated code refuses what breaks it.
    Checked,
    /// Types or documentation say it; of a constraint: what breaks it is let through.
    Documented,
    /// Documentation says it, and a note of this code why no more came of it.
    Told(Code),
    /// Generated code does not have it; a diagnostic of this code says so.
    LeftOut(Code),
}

impl Treatment {
    /// As the report says it.
    pub fn as_str(self) -> &'static str {
        match self {
            Treatment::Emitted => "emitted",
            Treatment::Checked => "checked",
            Treatment::Documented | Treatment::Told(_) => "documented",
            Treatment::LeftOut(_) => "left-out",
        }
    }
}

impl Report {
    /// The report as JSON. Keys are added, never changed.
    pub fn to_json(&self, sources: &Sources) -> String {
        let count = |word: &str| self.entries.iter().filter(|entry| entry.outcome.as_str() == word).count();
        let words = ["emitted", "checked", "documented", "left-out"];
        let summary: serde_json::Map<String, Value> =
            words.iter().map(|word| ((*word).to_owned(), count(word).into())).collect();
        let entries: Vec<Value> = self.entries.iter().map(|entry| entry.to_json(sources)).collect();
        format!("{:#}\n", json!({ "summary": summary, "entries": entries }))
    }
}

impl Entry {
    fn to_json(&self, sources: &Sources) -> Value {
        let span = self.origin.span;
        let file = sources.get(span.file);
        let (line, column) = file.map_or((0, 0), |file| file.line_column(span.start));
        let code = match self.outcome {
            Treatment::LeftOut(code) | Treatment::Told(code) => Some(code.as_str()),
            _ => None,
        };
        json!({
            "kind": self.kind,
            "name": self.name,
            "of": self.of,
            "outcome": self.outcome.as_str(),
            "code": code,
            "file": file.map_or("", |file| &file.name),
            "line": line,
            "column": column,
            "pointer": &*self.origin.pointer,
        })
    }
}

/// Looks for everything of the model in the plan that is in the parts that are wanted; of the operations that the document
/// has as a whole, those that the settings leave out are told.
pub(crate) fn report(
    api: &Api,
    whole: &Api,
    plan: &Plan,
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> Report {
    let Settings { parts, config, .. } = settings;
    let known = diagnostics.iter().map(|found| (found.pointer.clone(), found.code)).collect();
    let mut walk = Walk {
        api,
        plan,
        parts: *parts,
        known,
        reported: HashSet::new(),
        diagnostics,
        report: Report::default(),
    };
    walk.servers();
    for operation in &whole.operations {
        match config.keeps(operation) {
            true => walk.operation(ElementKind::Operation, operation, &plan.operations),
            false => walk.excluded(operation),
        }
    }
    for webhook in api.webhooks.iter().filter(|_| parts.webhooks) {
        walk.operation(ElementKind::Webhook, webhook, &plan.webhooks);
    }
    walk.schemes();
    walk.constraints(&plan.accounts, config.picks());
    walk.report
}

struct Walk<'r> {
    api: &'r Api,
    plan: &'r Plan,
    parts: crate::Parts,
    /// What diagnostics were made of, before.
    known: HashSet<(Arc<str>, Code)>,
    /// What was reported here: several operations may refer to one thing.
    reported: HashSet<(Arc<str>, String)>,
    diagnostics: &'r mut Diagnostics,
    report: Report,
}

impl<'r> Walk<'r> {
    fn add(&mut self, kind: ElementKind, name: &str, of: &str, origin: &Origin, emitted: bool) {
        let outcome = match emitted {
            true => Treatment::Emitted,
            false => Treatment::LeftOut(self.left_out(kind, name, origin)),
        };
        self.push(kind, name, of, origin, outcome);
    }

    /// As [`Walk::add`], of what is in the documentation alone.
    fn tell(&mut self, kind: ElementKind, name: &str, of: &str, origin: &Origin, told: bool) {
        match told {
            true => self.push(kind, name, of, origin, Treatment::Documented),
            false => self.add(kind, name, of, origin, false),
        }
    }

    fn push(&mut self, kind: ElementKind, name: &str, of: &str, origin: &Origin, outcome: Treatment) {
        let (name, of) = (name.to_owned(), shortened(of).to_owned());
        let origin = Origin { span: origin.span, pointer: enclosing(&origin.pointer) };
        self.report.entries.push(Entry { kind, name, of, outcome, origin });
    }

    /// The code of the diagnostic that says so; where there is none, one is made.
    fn left_out(&mut self, kind: ElementKind, name: &str, origin: &Origin) -> Code {
        let told = self.known.contains(&(origin.pointer.clone(), Code::Unsupported));
        if !told && self.reported.insert((origin.pointer.clone(), name.to_owned())) {
            let message = format!("{} `{name}` is left out", words(kind));
            self.diagnostics.push(Diagnostic::new(Code::Unsupported, message, origin));
        }
        Code::Unsupported
    }

    fn servers(&mut self) {
        for server in self.api.servers.iter() {
            let emitted = self.plan.servers.first().is_some_and(|list| list.servers.contains(server));
            self.add(ElementKind::Server, &server.url, "", &Origin::default(), emitted);
        }
    }

    fn schemes(&mut self) {
        for (name, scheme) in &self.api.security_schemes {
            let presented = scheme.kind != SchemeKind::MutualTls;
            let emitted = presented && self.plan.schemes.iter().any(|planned| planned.key == *name);
            self.add(ElementKind::SecurityScheme, name, "", &scheme.origin, emitted);
        }
    }

    fn excluded(&mut self, operation: &Operation) {
        let (code, key) = (Code::SettingsExcluded, operation.key());
        let message = format!("`{key}` is left out by the settings");
        self.diagnostics.push(Diagnostic::new(code, message, &operation.origin));
        self.push(ElementKind::Operation, &key, "", &operation.origin, Treatment::LeftOut(code));
    }

    fn operation(&mut self, kind: ElementKind, operation: &'r Operation, planned: &'r [http::Operation]) {
        let key = operation.key();
        let planned = planned.iter().find(|planned| planned.key == key);
        self.add(kind, &key, "", &operation.origin, planned.is_some());
        if let Some(pages) = planned.and_then(|planned| planned.pages.as_ref()) {
            self.add(ElementKind::Pages, &pages.next.to_string(), &key, &operation.origin, true);
        }
        for parameter in &operation.parameters {
            let same =
                |one: &http::Parameter| one.key == parameter.name && one.location == parameter.location;
            let emitted = planned.is_some_and(|planned| planned.parameters.iter().any(same));
            self.add(ElementKind::Parameter, &parameter.name, &key, &parameter.origin, emitted);
        }
        if let Some(body) = &operation.request_body {
            let planned = planned.and_then(|planned| planned.body.as_ref());
            self.content(ElementKind::RequestBody, &body.content, &key, planned);
        }
        for (status, response) in &operation.responses {
            let answer = planned.and_then(|planned| planned.answers.iter().find(|one| one.status == *status));
            self.response(*status, response, &key, answer);
        }
        self.requirements(operation, &key, planned);
        if !Arc::ptr_eq(&operation.servers, &self.api.servers) {
            for server in operation.servers.iter() {
                let list = planned.filter(|planned| !planned.outgoing);
                let list = list.and_then(|planned| self.plan.servers.get(planned.servers.unwrap_or(0)));
                let emitted = list.is_some_and(|list| list.servers.contains(server));
                self.add(ElementKind::Server, &server.url, &key, &operation.origin, emitted);
            }
        }
        let wanted = self.parts.webhooks;
        for callback in operation.callbacks.values().flatten().filter(|_| wanted) {
            self.operation(ElementKind::Callback, callback, &self.plan.callbacks);
        }
    }

    fn content(
        &mut self,
        kind: ElementKind,
        content: &IndexMap<String, MediaType>,
        of: &str,
        planned: Option<&'r Body>,
    ) {
        for (name, media) in content {
            let emitted =
                planned.is_some_and(|body| self.media(body).any(|media| media.media_types.contains(name)));
            self.add(kind, name, of, &media.origin, emitted);
            let headers = media.encoding.iter().flat_map(|(part, encoding)| {
                encoding.headers.iter().map(move |(name, header)| (part, name, header))
            });
            for (part, header, stated) in headers {
                let told = planned.is_some_and(|body| self.is_file(body, name, part));
                self.tell(ElementKind::PartHeader, header, of, &stated.origin, told);
            }
            for (part, encoding) in &media.encoding {
                let Some(style) = encoding.style else { continue };
                // A file is a part, and has no other form.
                let usual = style == Style::Form && encoding.explode;
                let written = planned.is_some_and(|body| usual || !self.is_file(body, name, part));
                self.add(ElementKind::PartStyle, part, of, &media.origin, written);
            }
        }
    }

    fn media(&self, body: &'r Body) -> impl Iterator<Item = &'r Media> {
        let (one, branches) = match &body.content {
            Content::One(media) => (Some(media), &[][..]),
            Content::Choice(index) => {
                (None, self.plan.choices.get(*index).map_or(&[][..], |choice| choice.branches.as_slice()))
            }
        };
        one.into_iter().chain(branches.iter().map(|(_, media)| media))
    }

    /// Whether a part of a form is a file, which has its headers with it.
    fn is_file(&self, body: &'r Body, media_type: &str, part: &str) -> bool {
        let media = self.media(body).find(|media| media.media_types.iter().any(|one| one == media_type));
        let Some(Type::Form(index)) = media.map(|media| &media.ty) else { return false };
        let fields = self.plan.forms.get(*index).map_or(&[][..], |form| form.fields.as_slice());
        fields.iter().any(|field| field.key == part && matches!(field.content, PartContent::File { .. }))
    }

    fn response(
        &mut self,
        status: StatusPattern,
        response: &api::Response,
        of: &str,
        answer: Option<&'r http::Answer>,
    ) {
        let name = status.to_string();
        self.add(ElementKind::Response, &name, of, &response.origin, answer.is_some());
        self.content(
            ElementKind::ResponseBody,
            &response.content,
            of,
            answer.and_then(|answer| answer.body.as_ref()),
        );
        let headers = answer.and_then(|answer| self.plan.headers.get(answer.headers?));
        for (name, header) in &response.headers {
            let emitted = headers.is_some_and(|headers| headers.fields.iter().any(|one| one.key == *name));
            self.add(ElementKind::Header, name, of, &header.origin, emitted);
        }
        for (name, link) in &response.links {
            let told = answer.is_some_and(|answer| answer.links.contains(name));
            let unfollowed = (link.origin.pointer.clone(), Code::LinkUnfollowed);
            match self.is_followed(of, status, name) {
                true => self.add(ElementKind::Link, name, of, &link.origin, true),
                false if told && self.known.contains(&unfollowed) => {
                    self.push(
                        ElementKind::Link,
                        name,
                        of,
                        &link.origin,
                        Treatment::Told(Code::LinkUnfollowed),
                    );
                }
                false => self.tell(ElementKind::Link, name, of, &link.origin, told),
            }
        }
    }

    /// Whether the client has a method for a link.
    fn is_followed(&self, of: &str, status: StatusPattern, name: &str) -> bool {
        let is_of = |link: &&Link| {
            let operation = self.plan.operations.get(link.of.0).filter(|operation| operation.key == of);
            operation
                .and_then(|operation| operation.answers.get(link.of.1))
                .is_some_and(|one| one.status == status)
        };
        self.plan.links.iter().filter(is_of).any(|link| link.key == *name)
    }

    fn requirements(&mut self, operation: &Operation, of: &str, planned: Option<&http::Operation>) {
        let security = planned.and_then(|planned| self.plan.securities.get(planned.security));
        for requirement in &operation.security.alternatives {
            let presented = |name: &&String| {
                let scheme = self.api.security_schemes.get(*name);
                scheme.is_some_and(|scheme| scheme.kind != SchemeKind::MutualTls)
            };
            let schemes: Vec<String> = requirement.schemes.keys().filter(presented).cloned().collect();
            let emitted = security.is_some_and(|security| security.alternatives.contains(&schemes));
            let name = requirement.schemes.keys().cloned().collect::<Vec<_>>().join(" and ");
            self.add(ElementKind::SecurityRequirement, &name, of, &operation.origin, emitted);
            for scope in requirement.schemes.values().flatten() {
                self.tell(ElementKind::SecurityScope, scope, of, &operation.origin, planned.is_some());
            }
        }
    }
}

/// Texts that many entries share are no longer than this, in bytes: a path or a name may be as long as the document.
const LONGEST: usize = 1_000;

/// The beginning of a text.
fn shortened(text: &str) -> &str {
    let end = (0..=LONGEST.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

/// The pointer itself, or where it is long that of what its place is in.
fn enclosing(pointer: &Arc<str>) -> Arc<str> {
    if pointer.len() <= LONGEST {
        return pointer.clone();
    }
    let start = shortened(pointer);
    start.rsplit_once('/').map_or(start, |(outer, _)| outer).into()
}

/// A kind as a sentence begins with it.
fn words(kind: ElementKind) -> &'static str {
    match kind {
        ElementKind::Operation => "Operation",
        ElementKind::Webhook => "Webhook",
        ElementKind::Callback => "Callback",
        ElementKind::Parameter => "Parameter",
        ElementKind::RequestBody => "Request body",
        ElementKind::Response => "Response",
        ElementKind::ResponseBody => "Response body",
        ElementKind::Header => "Header",
        ElementKind::PartHeader => "Header of a part",
        ElementKind::PartStyle => "Style of the part",
        ElementKind::Link => "Link",
        ElementKind::Pages => "Pages",
        ElementKind::SecurityRequirement => "Security requirement",
        ElementKind::SecurityScope => "Scope",
        ElementKind::SecurityScheme => "Security scheme",
        ElementKind::Server => "Server",
        ElementKind::Constraint => "Constraint",
    }
}
