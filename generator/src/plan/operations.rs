//! Operations: what their methods are called, what they take and what they answer.

mod bodies;

use proc_macro2::Ident;

use descant_exchange::{Pages, TextCodec};
use descant_model::api::{
    self, Api, Location, PagedBy, ParameterEncoding, PathPiece, SchemaId, StatusPattern, TrailingSlash,
};
use descant_model::codes::Code;
use descant_model::diagnostic::Diagnostic;
use descant_model::schema::Direction;
use descant_model::source::Origin;

pub(super) use self::bodies::Shared;
use super::checks::Checks;
use super::default_ids;
use super::docs::Docs;
use super::example::literal;
use super::http::{Answer, Body, Codec, Content, Form, Media, Operation, Parameter};
use super::items::GroupId;
use super::items::Type;
use super::links;
use super::names::{Case, Scope, spell};
use super::node::{Member, Node};
use super::prose::code;
use super::security::Securities;
use super::servers::OwnServers;
use super::settled::Asked;
use super::shapes::{Facet, Shape};
use super::text_shapes;
use super::types::Types;
use super::written::Written;

/// Plans one operation after the other; what several of them have in common is kept between.
pub(super) struct Planner<'p, 'a> {
    pub(super) types: &'p mut Types<'a>,
    pub(super) api: &'a Api,
    /// Of the types that operations define.
    pub(super) scope: Scope,
    pub(super) shared: Shared,
    pub(super) forms: Vec<Form>,
    pub(super) checks: Checks<'a>,
    pub(super) written: Written<'a>,
    pub(super) securities: Securities,
    pub(super) servers: OwnServers,
    /// What is planned are webhooks or callbacks.
    pub(super) outgoing: bool,
}

/// Names beside those of parameters: arguments of a method, fields of a request, methods of a call.
const BESIDE_PARAMETERS: [&str; 10] =
    ["answer", "body", "call", "context", "header", "json", "raw", "request", "response", "timeout"];

/// Why stated pages cannot be followed.
const NO_PAGES: &str = "its success must hold a list in JSON, and the query parameter and positions must exist (docs/x-descant.md)";
/// The methods of a call whose list has pages.
const PAGES: [&str; 2] = ["items", "pages"];

/// What a parameter and a response header have in common.
struct Header<'h> {
    description: Option<&'h str>,
    deprecated: bool,
    schema: Option<SchemaId>,
}

impl<'a> Planner<'_, 'a> {
    /// Every operation, in the document's order.
    pub(super) fn operations(&mut self, groups: &[Option<GroupId>]) -> Vec<Operation> {
        let texts: Vec<String> = self.api.operations.iter().map(method_text).collect();
        // What stands beside the operations: in client and server, and in the module that calls by name.
        for (operation, text) in self.api.operations.iter().zip(&texts) {
            self.types.settled.alias("operations", &operation.key(), text);
        }
        let mut scope = Scope::with(["call", "check_credentials", "new", "with"]);
        let short = default_ids::short_names(self.api);
        let text =
            |id: &String| short.get(id.as_str()).map_or_else(|| id.clone(), |short| (*short).to_owned());
        let asked: Vec<Asked> =
            texts.iter().map(|id| Asked { keys: vec![id.clone()], text: text(id) }).collect();
        let names = self.types.settled.kept(&mut scope, "operations", &asked, Case::Snake, true);
        let names = names.into_iter().map(|named| named.name);
        let operations = self.api.operations.iter().zip(names).zip(groups);
        operations.map(|((operation, name), group)| self.operation(operation, name, *group)).collect()
    }

    pub(super) fn operation(
        &mut self,
        operation: &'a api::Operation,
        name: Ident,
        group: Option<GroupId>,
    ) -> Operation {
        let words = name.to_string().trim_start_matches("r#").trim_end_matches('_').to_owned();
        let pages = if self.outgoing { None } else { self.pages(operation) };
        let parameters = self.parameters(operation, &words, pages.is_some());
        let has_call = pages.is_some() || parameters.iter().any(|parameter| !parameter.required);
        let body = operation.request_body.as_ref().and_then(|body| {
            let mut planned = self.body(&body.content, [&words, "body"], Direction::Request)?;
            planned.required = body.required;
            planned.checks = self.checks(&body.content, &format!("{words} body"));
            planned.docs.add_some(body.description.as_deref());
            Some(planned)
        });
        let answers = self.answers(operation, &words);
        let slash = operation.descant.trailing_slash.or(self.api.descant.trailing_slash).unwrap_or_default();
        let mut planned = Operation {
            docs: operation_docs(operation, &format!("`{}`", operation.key())),
            deprecated: operation.deprecated,
            key: operation.key(),
            outgoing: self.outgoing,
            strict_slash: slash == TrailingSlash::Strict,
            parameters,
            body,
            pages,
            call: has_call.then(|| self.scope.name(&format!("{words} call"), Case::Pascal)),
            request: self.scope.name(&format!("{words} request"), Case::Pascal),
            response: self.scope.name(&format!("{words} response"), Case::Pascal),
            answers,
            security: self.securities.add(self.api, &operation.security),
            group,
            servers: if self.outgoing { None } else { self.servers.add(operation, &words) },
            callback_urls: Vec::new(),
            name,
        };
        planned.callback_urls = links::callback_urls(operation, &planned);
        planned
    }

    /// The pages of a list: as the settings state, else the document.
    fn pages(&mut self, operation: &'a api::Operation) -> Option<Pages> {
        let chosen = self.types.config.pages.iter().find(|one| one.operation.admits(operation));
        let stated = chosen.map(|one| &one.settings).or(operation.descant.pages.as_deref());
        let pages = Pages::of(self.api, operation, stated);
        if let Some(by) =
            stated.and_then(|stated| stated.by).filter(|by| *by != PagedBy::None && pages.is_none())
        {
            let origin = chosen.map_or(&operation.origin, |one| &one.operation.origin);
            let message = format!("`{}` has no pages by {}: {NO_PAGES}", operation.key(), by.as_str());
            self.types.diagnostics.push(Diagnostic::new(Code::Unsupported, message, origin));
        }
        pages
    }

    fn parameters(&mut self, operation: &'a api::Operation, words: &str, paged: bool) -> Vec<Parameter> {
        let mut kept: Vec<&'a api::Parameter> = Vec::new();
        for parameter in &operation.parameters {
            if self.outgoing && parameter.location == Location::Path {
                let message =
                    format!("Path parameter `{}` is left out: the receiver names the URL", parameter.name);
                self.types.diagnostics.push(Diagnostic::new(Code::Unsupported, message, &parameter.origin));
            } else {
                kept.push(parameter);
            }
        }
        let texts: Vec<String> = kept.iter().map(|parameter| parameter_text(parameter, &kept)).collect();
        // What stands beside the parameters in a method, in a request and in a call.
        let mut scope = Scope::with(BESIDE_PARAMETERS);
        for name in ["url"].into_iter().filter(|_| self.outgoing).chain(PAGES.into_iter().filter(|_| paged)) {
            scope.name(name, Case::Snake);
        }
        let names =
            self.types.settled.names(&mut scope, &format!("parameters of {words}"), &texts, Case::Snake);
        let mut parameters = Vec::new();
        for (parameter, name) in kept.into_iter().zip(names) {
            let codec = TextCodec::of_parameter(parameter);
            self.note_unsupported(&codec, &parameter.name, &parameter.origin);
            let head = Header {
                description: parameter.description.as_deref(),
                deprecated: parameter.deprecated,
                schema: parameter.schema.filter(|_| codec.is_supported()),
            };
            let (docs, ty, mut shape) = self.header(&head, [words, &parameter.name], Direction::Request);
            if let ParameterEncoding::Style { allow_empty: true, .. } = parameter.encoding {
                shape.origin = None;
                shape.facets.push(Facet::Flag("MayBeEmpty"));
            }
            parameter.schema.into_iter().for_each(|id| self.checks.account(id));
            parameters.push(Parameter {
                name,
                key: parameter.name.clone(),
                location: parameter.location,
                docs,
                required: parameter.required,
                ty,
                codec,
                shape,
                example: literal(self.types.schemas, parameter),
            });
        }
        parameters
    }

    /// Reports a media type that no parameter can be read as.
    fn note_unsupported(&mut self, codec: &TextCodec, name: &str, origin: &Origin) {
        if let TextCodec::Unsupported(unsupported) = codec {
            let message = format!("`{name}`: {unsupported}");
            self.types.diagnostics.push(Diagnostic::new(Code::Unsupported, message, origin));
        }
    }

    /// The documentation, type and shape of a parameter or header.
    fn header(&mut self, header: &Header<'a>, place: [&str; 2], side: Direction) -> (Docs, Type, Shape) {
        let schema = header.schema.and_then(|id| Some((id, self.types.schemas.get(id)?)));
        let members: Vec<Member<'a>> = schema.iter().map(|(_, schema)| (&*schema.schema).into()).collect();
        let mut node = Node::read(self.types.schemas, &members);
        node.description = header.description.or(node.description);
        node.deprecated |= header.deprecated;
        let docs = self.types.property_docs(&node);
        let Some((id, _)) = schema else { return (docs, Type::String, Shape::text()) };
        let ty = match self.types.at(id, place.map(str::to_owned).to_vec(), side) {
            Type::Option(inner) => *inner,
            ty => ty,
        };
        (docs, ty, text_shapes::shape(self.types.schemas, id))
    }

    fn answers(&mut self, operation: &'a api::Operation, words: &str) -> Vec<Answer> {
        let texts: Vec<String> = operation.responses.iter().map(|(status, _)| status_word(*status)).collect();
        let names = Scope::default().names(&texts, Case::Variant);
        let mut answers = Vec::new();
        for (((status, response), variant), word) in operation.responses.iter().zip(names).zip(&texts) {
            let response: &'a api::Response = response;
            let place = format!("{word} body");
            let body = match has_content(operation, *status) {
                true => self.body(&response.content, [words, &place], Direction::Response),
                false => self.no_content(response),
            };
            let headers = self.headers(response, words, word);
            let mut docs = answer_docs(*status, response.description.as_deref());
            response.links.iter().for_each(|(name, link)| docs.add(&self.link(name, link)));
            let links = response.links.keys().cloned().collect();
            answers.push(Answer { variant, status: *status, docs, body, headers, links });
        }
        if answers.is_empty() {
            answers.push(undocumented());
        }
        answers
    }

    /// The body of an answer that has none, whatever the document says.
    fn no_content(&mut self, response: &api::Response) -> Option<Body> {
        for (name, media) in &response.content {
            let message = format!(
                "Response body `{name}` is left out: such an answer has no content (RFC 9110, 6.4.1)"
            );
            self.types.diagnostics.push(Diagnostic::new(Code::Unsupported, message, &media.origin));
        }
        None
    }

    /// What a link says can be called next, and with what (OAS 4.8.20).
    fn link(&self, name: &str, link: &api::Link) -> String {
        let target = link.operation.and_then(|index| self.api.operations.get(index));
        let target =
            target.map_or("no operation of this document".to_owned(), |one| format!("`{}`", one.key()));
        let body = link.request_body.iter().map(|value| ("its body", value));
        let given = link.parameters.iter().map(|(name, value)| (name.as_str(), value)).chain(body);
        let given: Vec<String> = given
            .map(|(name, value)| match value.as_str() {
                Some(text) => format!("{name} from `{text}`"),
                None => format!("{name} as `{value}`"),
            })
            .collect();
        let given = if given.is_empty() { String::new() } else { format!(": {}", given.join(", ")) };
        let prose = link.description.as_deref().map(|text| format!(" {}", text.trim())).unwrap_or_default();
        format!("Link `{name}` leads to {target}{given}.{prose}")
    }

    /// The headers of an answer; `None` where it has none.
    fn headers(&mut self, response: &'a api::Response, words: &str, word: &str) -> Option<usize> {
        let keys: Vec<String> = response.headers.keys().cloned().collect();
        let names = Scope::default().names(&keys, Case::Snake);
        let mut fields = Vec::new();
        for ((key, header), name) in response.headers.iter().zip(names) {
            let codec = TextCodec::of_header(header);
            self.note_unsupported(&codec, key, &header.origin);
            let head = Header {
                description: header.description.as_deref(),
                deprecated: header.deprecated,
                schema: header.schema.filter(|_| codec.is_supported()),
            };
            let (docs, ty, shape) =
                self.header(&head, [&format!("{words} {word}"), key], Direction::Response);
            fields.push(Parameter {
                name,
                key: key.clone(),
                location: Location::Header,
                docs,
                required: header.required,
                ty,
                codec,
                shape,
                example: None,
            });
        }
        (!fields.is_empty()).then(|| self.shared.headers(fields, words, word, self.types))
    }
}

/// The text of a method's name: the `operationId`, else method and path in words.
fn method_text(operation: &api::Operation) -> String {
    match operation.id.as_deref().filter(|id| id.chars().any(|c| c.is_ascii_alphanumeric())) {
        Some(id) => id.to_owned(),
        None => {
            let pieces = operation.path.pieces.iter().map(|piece| match piece {
                PathPiece::Literal(text) => text.clone(),
                PathPiece::Parameter(name) => format!(" by {name} "),
            });
            format!("{} {}", operation.method.to_lowercase(), pieces.collect::<String>())
        }
    }
}

/// The text of a parameter's name; its location goes before it where another location has the same name.
fn parameter_text(parameter: &api::Parameter, all: &[&api::Parameter]) -> String {
    let name = spell(&parameter.name, Case::Snake);
    let elsewhere = |other: &&&api::Parameter| {
        other.location != parameter.location && spell(&other.name, Case::Snake) == name
    };
    let word = match parameter.location {
        Location::Path => return parameter.name.clone(),
        Location::Query | Location::QueryString => "query",
        Location::Header => "header",
        Location::Cookie => "cookie",
    };
    match all.iter().any(|other| elsewhere(&other)) {
        true => format!("{word} {}", parameter.name),
        false => parameter.name.clone(),
    }
}

/// Its prose, and behind that a line that says what is called.
pub(super) fn operation_docs(operation: &api::Operation, line: &str) -> Docs {
    let mut docs = Docs::default();
    docs.add_some(operation.summary.as_deref());
    docs.add_some(operation.description.as_deref());
    docs.add(line);
    docs.add_some(scopes(operation).as_deref());
    docs
}

/// The scopes that its alternatives name, each with its scheme (OAS 4.8.30).
fn scopes(operation: &api::Operation) -> Option<String> {
    let alternatives = operation.security.alternatives.iter().flat_map(|one| &one.schemes);
    let asked = alternatives.filter(|(_, scopes)| !scopes.is_empty()).map(|(scheme, scopes)| {
        let scopes: Vec<String> = scopes.iter().map(|scope| code(scope)).collect();
        format!("{} of {}", scopes.join(" and "), code(scheme))
    });
    let asked: Vec<String> = asked.collect();
    (!asked.is_empty()).then(|| format!("Scopes: {}.", asked.join(", or ")))
}

fn answer_docs(status: StatusPattern, description: Option<&str>) -> Docs {
    let status = match status {
        StatusPattern::Default => "Any other status".to_owned(),
        pattern => pattern.to_string(),
    };
    match description.map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => Docs::new(&format!("{status}: {text}")),
        None => Docs::new(&format!("{status}.")),
    }
}

/// The answer of an operation that documents none: whatever comes, as it is.
fn undocumented() -> Answer {
    let media =
        Media { media_types: vec!["*/*".to_owned()], codec: Codec::Content, ty: Type::Content, shape: None };
    let body =
        Body { docs: Docs::default(), required: true, content: Content::One(media), checks: Vec::new() };
    let docs = Docs::new("Anything: the document states no answer.");
    let variant = super::names::ident("Default");
    Answer {
        variant,
        status: StatusPattern::Default,
        docs,
        body: Some(body),
        headers: None,
        links: Vec::new(),
    }
}

/// Whether an answer can have content (RFC 9110, 6.4.1 and 15.3.6).
fn has_content(operation: &api::Operation, status: StatusPattern) -> bool {
    operation.method != "HEAD" && !matches!(status, StatusPattern::Code(100..=199 | 204 | 205 | 304))
}

/// What an answer of a status is called.
fn status_word(status: StatusPattern) -> String {
    match status {
        StatusPattern::Default => "Default".to_owned(),
        StatusPattern::Range(1) => "Informational".to_owned(),
        StatusPattern::Range(2) => "Success".to_owned(),
        StatusPattern::Range(3) => "Redirection".to_owned(),
        StatusPattern::Range(4) => "ClientError".to_owned(),
        StatusPattern::Range(_) => "ServerError".to_owned(),
        StatusPattern::Code(code) => {
            let known = http::StatusCode::from_u16(code).ok().and_then(|status| status.canonical_reason());
            known.map_or_else(|| format!("Status{code}"), |reason| reason.replace('\'', ""))
        }
    }
}
