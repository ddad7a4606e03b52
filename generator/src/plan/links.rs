//! What can be called next: links of answers as methods of the client, and where callbacks of a request are sent.
//!
//! What a runtime expression (OAS 3.1, 4.8.20.4) names is looked for in what is planned. A link with one that names
//! nothing, or nothing that a typed value holds, stays in the documentation, and a note says why.

use indexmap::IndexMap;
use proc_macro2::Ident;
use serde_json::Value;

use descant_model::api::{self, Api, Location, StatusPattern};
use descant_model::codes::Code;
use descant_model::diagnostic::{Diagnostic, Diagnostics};

use super::docs::Docs;
use super::http::{Answer, Body, CallbackUrl, Codec, Content, Headers, Operation, UrlPiece};
use super::items::Type;
use super::names::{Case, Scope};

/// A link of an answer, whose expressions all name something.
#[derive(Debug)]
pub(crate) struct Link {
    /// The method of the client.
    pub(crate) name: Ident,
    /// As in the document.
    pub(crate) key: String,
    pub(crate) docs: Docs,
    /// The operation that answers, and which answer it is: indices.
    pub(crate) of: (usize, usize),
    /// Index of the operation that it leads to.
    pub(crate) target: usize,
    /// What the method must be told beside the answer.
    pub(crate) arguments: Vec<(Ident, Argument)>,
    /// For each of the target's parameters.
    pub(crate) parameters: Vec<Given>,
    pub(crate) body: Given,
}

/// What an argument is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Argument {
    /// A parameter of the request that was answered.
    Asked(usize),
    /// Its body.
    AskedBody,
    /// Its URL.
    AskedUrl,
    /// A parameter of the target.
    Parameter(usize),
    /// The body of the target.
    Body,
}

/// Where a value of the call comes from.
#[derive(Debug)]
pub(crate) enum Given {
    /// It is left out.
    Nothing,
    /// From an argument as it is.
    Argument(Ident),
    /// From a place in something.
    At(Place),
}

/// What a runtime expression, or a constant in its place, names.
#[derive(Debug)]
pub(crate) enum Place {
    /// A constant, as JSON.
    Constant(String),
    /// The answer's status, where the document leaves it open.
    Status,
    /// In the answer's body, at a pointer.
    Body(String),
    /// A field of the answer's headers.
    Header(Ident),
    /// In an argument, at a pointer.
    Argument(Ident, String),
    /// A text of all of these.
    Text(Vec<Place>),
}

impl Place {
    fn constant(text: &str) -> Place {
        Place::Constant(Value::from(text).to_string())
    }

    /// It, or what it is made of.
    pub(crate) fn parts(&self) -> &[Place] {
        match self {
            Place::Text(places) => places,
            one => std::slice::from_ref(one),
        }
    }
}

/// Every link that can be followed; of the others it is told why they cannot.
pub(super) fn links(
    api: &Api,
    operations: &[Operation],
    headers: &[Headers],
    diagnostics: &mut Diagnostics,
) -> Vec<Link> {
    let names: Vec<String> = operations.iter().map(|operation| operation.name.to_string()).collect();
    let mut scope = Scope::with(names.iter().map(String::as_str).chain(["new", "with"]));
    let mut links = Vec::new();
    for (index, (stated, planned)) in api.operations.iter().zip(operations).enumerate() {
        for (at, (answer, (_, response))) in planned.answers.iter().zip(&stated.responses).enumerate() {
            for (key, link) in &response.links {
                let mut taking = Taking::new(planned, answer, headers);
                let target = link.operation.and_then(|target| operations.get(target));
                let target = target.ok_or_else(|| "it leads to nothing that is generated".to_owned());
                let call = target.and_then(|target| Ok((target, taking.call(link, target)?)));
                let (target, (parameters, body)) = match call {
                    Ok(call) => call,
                    Err(reason) => {
                        let message = format!("Link `{key}` is in the documentation alone: {reason}");
                        diagnostics.push(Diagnostic::new(Code::LinkUnfollowed, message, &link.origin));
                        continue;
                    }
                };
                let name = scope.name(&format!("{key} of {}", planned.name), Case::Snake);
                let arguments = taking.arguments;
                let docs = docs(key, link, answer, target);
                let target = link.operation.unwrap_or_default();
                let key = key.clone();
                links.push(Link { name, key, docs, of: (index, at), target, arguments, parameters, body });
            }
        }
    }
    links
}

fn docs(key: &str, link: &api::Link, answer: &Answer, target: &Operation) -> Docs {
    let mut docs = Docs::default();
    docs.add_some(link.description.as_deref());
    docs.add(&format!("Follows the link `{key}` of the answer `{}`: `{}`.", answer.variant, target.key));
    docs.add("`None` where the answer is another, or does not hold what the link takes from it.");
    docs
}

/// What a link takes from an exchange.
struct Taking<'p> {
    asked: &'p Operation,
    answer: &'p Answer,
    headers: &'p [Headers],
    /// Of arguments and what is bound beside them.
    scope: Scope,
    arguments: Vec<(Ident, Argument)>,
}

impl<'p> Taking<'p> {
    fn new(asked: &'p Operation, answer: &'p Answer, headers: &'p [Headers]) -> Self {
        let scope = Scope::with(["answer", "body", "headers", "status"]);
        Taking { asked, answer, headers, scope, arguments: Vec::new() }
    }

    /// Where everything comes from that the target takes; the reason where something that the link gives has no place.
    fn call(&mut self, link: &api::Link, target: &Operation) -> Result<(Vec<Given>, Given), String> {
        let mut given: IndexMap<usize, Place> = IndexMap::new();
        for (name, value) in &link.parameters {
            let unknown = || format!("`{}` has no parameter `{name}`", target.key);
            given.insert(parameter(target, name).ok_or_else(unknown)?, self.value(value)?);
        }
        let body = match (&link.request_body, &target.body) {
            (Some(value), Some(body)) if is_value(body) => {
                let place = self.value(value)?;
                self.given(place, body.required.then(|| value_type(body)).flatten())
            }
            (Some(_), _) => return Err(format!("`{}` takes no body that can be put together", target.key)),
            (None, Some(body)) if body.required => {
                Given::Argument(self.argument("request body", Argument::Body))
            }
            (None, _) => Given::Nothing,
        };
        let parameters = target.parameters.iter().enumerate();
        let parameters = parameters.map(|(index, parameter)| match given.swap_remove(&index) {
            Some(place) => self.given(place, parameter.required.then_some(&parameter.ty)),
            None if parameter.required => {
                Given::Argument(self.argument(&parameter.name.to_string(), Argument::Parameter(index)))
            }
            None => Given::Nothing,
        });
        Ok((parameters.collect(), body))
    }

    /// From a place; from an argument as it is where that is of the type already.
    fn given(&self, place: Place, required: Option<&Type>) -> Given {
        let Place::Argument(name, pointer) = &place else { return Given::At(place) };
        let of = self.arguments.iter().find(|(known, _)| known == name).map(|(_, of)| *of);
        let own = match of {
            Some(Argument::Asked(index)) => {
                self.asked.parameters.get(index).filter(|one| one.required).map(|one| &one.ty)
            }
            Some(Argument::AskedBody) => {
                self.asked.body.as_ref().filter(|body| body.required).and_then(value_type)
            }
            _ => None,
        };
        match pointer.is_empty() && own.is_some() && own == required {
            true => Given::Argument(name.clone()),
            false => Given::At(place),
        }
    }

    /// What an expression, or a text with expressions in it, names; anything that is none is itself.
    fn value(&mut self, value: &Value) -> Result<Place, String> {
        let Some(text) = value.as_str().filter(|text| text.starts_with('$') || text.contains("{$")) else {
            return Ok(Place::Constant(value.to_string()));
        };
        let pieces = pieces(text).ok_or_else(|| format!("`{text}` has a brace that is not closed"))?;
        let mut places = Vec::new();
        for piece in pieces {
            places.push(match piece {
                Piece::Text(text) => Place::constant(text),
                Piece::Expression(text) => {
                    self.place(text).ok_or_else(|| format!("`{text}` names nothing that is typed"))?
                }
            });
        }
        match (places.pop(), places.is_empty()) {
            (Some(one), true) => Ok(one),
            (last, _) => Ok(Place::Text(places.into_iter().chain(last).collect())),
        }
    }

    /// What an expression names.
    fn place(&mut self, text: &str) -> Option<Place> {
        match (text, self.answer.status) {
            ("$url", _) => {
                return Some(Place::Argument(self.argument("url", Argument::AskedUrl), String::new()));
            }
            ("$method", _) => return self.asked.key.split(' ').next().map(Place::constant),
            ("$statusCode", StatusPattern::Code(code)) => return Some(Place::Constant(code.to_string())),
            ("$statusCode", _) => return Some(Place::Status),
            _ => {}
        }
        if let Some(rest) = text.strip_prefix("$response.") {
            if let Some(pointer) = body_pointer(rest) {
                return self.answer.body.as_ref().filter(|body| is_value(body)).map(|_| Place::Body(pointer));
            }
            let name = rest.strip_prefix("header.")?;
            let fields = &self.headers.get(self.answer.headers?)?.fields;
            let field = fields.iter().find(|field| field.key.eq_ignore_ascii_case(name))?;
            return Some(Place::Header(field.name.clone()));
        }
        match named(self.asked, text.strip_prefix("$request.")?)? {
            (Named::Body, pointer) => {
                Some(Place::Argument(self.argument("request body", Argument::AskedBody), pointer))
            }
            (Named::Parameter(index), pointer) => {
                let name = self.asked.parameters.get(index)?.name.to_string();
                Some(Place::Argument(self.argument(&name, Argument::Asked(index)), pointer))
            }
        }
    }

    /// The argument of this; the same where it was asked for before.
    fn argument(&mut self, text: &str, of: Argument) -> Ident {
        if let Some((name, _)) = self.arguments.iter().find(|(_, known)| *known == of) {
            return name.clone();
        }
        let name = self.scope.name(text.trim_start_matches("r#"), Case::Snake);
        self.arguments.push((name.clone(), of));
        name
    }
}

/// A part of a request that an expression can name.
enum Named {
    Parameter(usize),
    Body,
}

/// What stands behind `$request.`, and the pointer into it.
fn named(operation: &Operation, text: &str) -> Option<(Named, String)> {
    if let Some(pointer) = body_pointer(text) {
        return operation.body.as_ref().filter(|body| is_value(body)).map(|_| (Named::Body, pointer));
    }
    let at = operation.parameters.iter().position(|parameter| {
        let word = location(parameter.location);
        let name = text.strip_prefix(word).and_then(|rest| rest.strip_prefix('.'));
        name.is_some_and(|name| match parameter.location {
            Location::Header => parameter.key.eq_ignore_ascii_case(name),
            _ => parameter.key == name,
        })
    });
    at.map(|index| (Named::Parameter(index), String::new()))
}

/// The pointer of `body#/id`; that of the whole is empty.
fn body_pointer(text: &str) -> Option<String> {
    match text.strip_prefix("body")? {
        "" => Some(String::new()),
        rest => rest.strip_prefix('#').map(str::to_owned),
    }
}

/// The parameter of a name, before which its location may stand: `path.id`.
fn parameter(target: &Operation, name: &str) -> Option<usize> {
    let mut parameters = target.parameters.iter();
    let qualified = parameters.position(|one| name == format!("{}.{}", location(one.location), one.key));
    qualified.or_else(|| target.parameters.iter().position(|one| one.key == name))
}

fn location(location: Location) -> &'static str {
    match location {
        Location::Path => "path",
        Location::Query | Location::QueryString => "query",
        Location::Header => "header",
        Location::Cookie => "cookie",
    }
}

/// Whether a body is one typed value, which can be looked into and put together.
fn is_value(body: &Body) -> bool {
    value_type(body).is_some()
}

fn value_type(body: &Body) -> Option<&Type> {
    let Content::One(media) = &body.content else { return None };
    let whole = !media.streams() && matches!(media.codec, Codec::Json | Codec::Shaped | Codec::Text);
    whole.then_some(&media.ty)
}

/// Where each callback of an operation is sent, if the request alone says it.
pub(super) fn callback_urls(stated: &api::Operation, planned: &Operation) -> Vec<CallbackUrl> {
    let mut scope = Scope::default();
    let mut urls = Vec::new();
    for (name, callbacks) in &stated.callbacks {
        let mut expressions: Vec<&str> =
            callbacks.iter().map(|callback| callback.path.raw.as_str()).collect();
        expressions.dedup();
        for expression in expressions {
            let Some(pieces) = url_pieces(expression, planned) else { continue };
            let line = format!(
                "Where the callback `{name}` is sent: `{expression}`. `None` where the request does not say."
            );
            let mut docs = Docs::new(&line);
            docs.add("It is somebody else's input: look at where it leads before you send to it.");
            urls.push(CallbackUrl { name: scope.name(&format!("{name} url"), Case::Snake), docs, pieces });
        }
    }
    urls
}

/// A piece of a text with expressions in it.
enum Piece<'t> {
    Text(&'t str),
    Expression(&'t str),
}

/// The pieces of `http://x/{$request.body#/id}`, or of one bare expression; `None` where a brace is not closed.
fn pieces(text: &str) -> Option<Vec<Piece<'_>>> {
    if text.starts_with('$') {
        return Some(vec![Piece::Expression(text)]);
    }
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((text, after)) = rest.split_once('{') {
        let (inner, after) = after.split_once('}')?;
        pieces.extend((!text.is_empty()).then_some(Piece::Text(text)));
        pieces.push(Piece::Expression(inner));
        rest = after;
    }
    pieces.extend((!rest.is_empty()).then_some(Piece::Text(rest)));
    Some(pieces)
}

/// The pieces of a callback's URL.
fn url_pieces(expression: &str, planned: &Operation) -> Option<Vec<UrlPiece>> {
    let field = |text: &str| {
        let (named, pointer) = named(planned, text.strip_prefix("$request.")?)?;
        let name = match named {
            Named::Body => super::names::ident("body"),
            Named::Parameter(index) => planned.parameters.get(index)?.name.clone(),
        };
        Some(UrlPiece::Field(name, pointer))
    };
    let pieces = pieces(expression)?.into_iter().map(|piece| match piece {
        Piece::Text(text) => Some(UrlPiece::Text(text.to_owned())),
        Piece::Expression(text) => field(text),
    });
    pieces.collect::<Option<Vec<_>>>().filter(|pieces| !pieces.is_empty())
}
