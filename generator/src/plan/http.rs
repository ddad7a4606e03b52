//! What `plan` hands to `emit` of the HTTP half: operations, their bodies and answers, security schemes.

use std::sync::Arc;

use descant_exchange::{Pages, TextCodec};
use descant_model::api::{self, Location, StatusPattern};
use proc_macro2::Ident;

use super::docs::Docs;
use super::items::GroupId;
use super::items::Type;
use super::shapes::Shape;

/// A method on a path.
#[derive(Debug)]
pub(crate) struct Operation {
    /// The method of client and server.
    pub(crate) name: Ident,
    pub(crate) docs: Docs,
    pub(crate) deprecated: bool,
    /// Method and path template as written: `GET /pets/{petId}`.
    pub(crate) key: String,
    /// A webhook or callback: it is sent to a URL that its receiver names.
    pub(crate) outgoing: bool,
    /// Whether it answers with and without a slash at its end.
    pub(crate) strict_slash: bool,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<Body>,
    /// The call with its optional parameters and pages; `None` if there are none.
    pub(crate) call: Option<Ident>,
    /// How the next page of a list is requested.
    pub(crate) pages: Option<Pages>,
    /// The struct of all that a server gets.
    pub(crate) request: Ident,
    /// The enum of the answers.
    pub(crate) response: Ident,
    pub(crate) answers: Vec<Answer>,
    /// Index into [`super::Plan::securities`].
    pub(crate) security: usize,
    /// `None` where the document is small.
    pub(crate) group: Option<GroupId>,
    /// Index into [`super::Plan::servers`]; `None`: the document's.
    pub(crate) servers: Option<usize>,
    pub(crate) callback_urls: Vec<CallbackUrl>,
}

/// A parameter, or a response's header.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: Ident,
    /// As on the wire.
    pub(crate) key: String,
    pub(crate) location: Location,
    pub(crate) docs: Docs,
    pub(crate) required: bool,
    pub(crate) ty: Type,
    /// How its value is written.
    pub(crate) codec: TextCodec,
    pub(crate) shape: Shape,
    /// A Rust literal for an example call.
    pub(crate) example: Option<String>,
}

/// The body of a request or a response.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) docs: Docs,
    pub(crate) required: bool,
    pub(crate) content: Content,
    /// What a server checks of it: media types with an index into [`super::Plan::checks`].
    pub(crate) checks: Vec<(String, usize)>,
}

/// What a body may be.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "nearly every body has one media type")]
pub(crate) enum Content {
    One(Media),
    /// One of several representations: index into [`super::Plan::choices`].
    Choice(usize),
}

/// The enum over the representations of a body.
#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) name: Ident,
    pub(crate) docs: Docs,
    pub(crate) branches: Vec<(Ident, Media)>,
    /// The only group that it is used in.
    pub(crate) group: Option<GroupId>,
}

impl Choice {
    /// Returns the type of all representations, if they have one.
    pub(crate) fn only_type(&self) -> Option<&Type> {
        let (_, first) = self.branches.first()?;
        self.branches.iter().all(|(_, media)| media.ty == first.ty).then_some(&first.ty)
    }
}

/// One representation of a body.
#[derive(Debug)]
pub(crate) struct Media {
    /// As in the document; the first is what is sent. Several where nothing else tells them apart.
    pub(crate) media_types: Vec<String>,
    pub(crate) codec: Codec,
    pub(crate) ty: Type,
    /// The shape of what is neither JSON nor opaque: index into [`super::Plan::shapes`].
    pub(crate) shape: Option<usize>,
}

impl Media {
    /// Whether it may come and go piece by piece, so that it is there only once.
    pub(crate) fn streams(&self) -> bool {
        matches!(self.ty, Type::Body | Type::Content | Type::Items(_) | Type::Form(_))
    }
}

/// How a body becomes bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Codec {
    Json,
    /// A form, XML: as the shape says.
    Shaped,
    /// Text as it is; the type is `String`.
    Text,
    /// Bytes as they come; the type is `Body`.
    Stream,
    /// Bytes of a media type that the document leaves open; the type is `Content`.
    Content,
    /// Parts; the type is a [`Form`].
    Multipart,
    /// A line of JSON an item; the type is `Items`.
    Lines,
    /// The data of an event an item; the type is `Items`.
    Data,
    /// An event an item; the type is `Items`.
    Events,
}

/// The struct of a multipart body that has files.
#[derive(Debug)]
pub(crate) struct Form {
    pub(crate) name: Ident,
    pub(crate) docs: Docs,
    pub(crate) fields: Vec<Part>,
    /// Parts that are validated, but not read.
    pub(crate) unread: Vec<(String, Shape)>,
    /// The field of files by other names.
    pub(crate) more: Option<Ident>,
    /// The only group that it is used in.
    pub(crate) group: Option<GroupId>,
}

impl Form {
    /// What its constructor takes, where there is something to leave out.
    pub(crate) fn constructor(&self) -> Option<Vec<&Part>> {
        let taken: Vec<&Part> = self.fields.iter().filter(|part| part.required).collect();
        let all = taken.len() == self.fields.len() && self.more.is_none();
        (!taken.is_empty() && !all).then_some(taken)
    }
}

/// A part of a multipart body, or several of one name.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) name: Ident,
    /// As on the wire.
    pub(crate) key: String,
    pub(crate) docs: Docs,
    pub(crate) required: bool,
    pub(crate) content: PartContent,
}

/// What a part holds.
#[derive(Debug)]
pub(crate) enum PartContent {
    /// A file, or many, and the media type that it has if nothing else is said.
    File {
        many: bool,
        media_type: Option<String>,
    },
    Value(Type, Shape),
}

/// One of the answers of an operation.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) variant: Ident,
    pub(crate) status: StatusPattern,
    pub(crate) docs: Docs,
    /// `None`: an empty body.
    pub(crate) body: Option<Body>,
    /// Index into [`super::Plan::headers`].
    pub(crate) headers: Option<usize>,
    /// The links that the documentation tells of.
    pub(crate) links: Vec<String>,
}

/// The struct of the headers of an answer.
#[derive(Debug)]
pub(crate) struct Headers {
    pub(crate) name: Ident,
    pub(crate) docs: Docs,
    pub(crate) fields: Vec<Parameter>,
    /// The only group that it is used in.
    pub(crate) group: Option<GroupId>,
}

/// Servers by order of preference.
#[derive(Debug)]
pub(crate) struct Servers {
    /// The constant that holds them.
    pub(crate) name: Ident,
    pub(crate) servers: Arc<[api::Server]>,
}

/// A security scheme.
#[derive(Debug)]
pub(crate) struct Scheme {
    /// The field of `Credentials`.
    pub(crate) name: Ident,
    pub(crate) key: String,
    pub(crate) docs: Docs,
    pub(crate) kind: api::SchemeKind,
    /// What a server says of it with a 401.
    pub(crate) challenge: Option<String>,
    /// Constants of the URLs where tokens are requested.
    pub(crate) token_urls: Vec<TokenUrl>,
}

/// A constant of a URL where an OAuth2 client requests tokens.
#[derive(Debug)]
pub(crate) struct TokenUrl {
    pub(crate) name: Ident,
    pub(crate) docs: Docs,
    pub(crate) url: String,
}

/// What operations ask for: any one of these, each being schemes that must be met together.
#[derive(Debug)]
pub(crate) struct Security {
    pub(crate) name: Ident,
    pub(crate) alternatives: Vec<Vec<String>>,
}

/// Where the callbacks of one name and expression are sent.
#[derive(Debug)]
pub(crate) struct CallbackUrl {
    /// The method of the request.
    pub(crate) name: Ident,
    pub(crate) docs: Docs,
    pub(crate) pieces: Vec<UrlPiece>,
}

/// A piece of a URL.
#[derive(Debug)]
pub(crate) enum UrlPiece {
    Text(String),
    /// What stands in a field of the request at a pointer.
    Field(Ident, String),
}
