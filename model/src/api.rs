//! The version-neutral model of a document for all back ends: plain data, ids into arenas, an origin on every node.
//!
//! The model contains no OpenAPI version, no `$ref` of the HTTP half and no text of the document. Schemas are
//! typed ([`crate::schema`]) and stored in [`Api::schemas`]; the HTTP half refers to them by [`SchemaId`].

mod challenge;
mod responses;
mod security;
mod settings;

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

pub use self::security::*;
pub use self::settings::*;
pub use crate::schema::{Definition, SchemaId, SchemaName, Schemas};

use crate::source::Origin;

/// An API, in the order of its document.
#[derive(Clone, Debug, Default)]
pub struct Api {
    /// Title, version and description (OAS 4.8.2, Info Object).
    pub info: Info,
    /// Base URLs of the document; never empty: `/` if the document states none (OAS 4.8.1).
    pub servers: Arc<[Server]>,
    /// Declared tags in the document's order, then undeclared tags of operations.
    pub tags: Vec<Tag>,
    /// Every scheme of `components.securitySchemes`, by its name.
    pub security_schemes: IndexMap<String, SecurityScheme>,
    /// Every operation under `paths`, in the document's order.
    pub operations: Vec<Operation>,
    /// Every operation under `webhooks`; `path.raw` is the webhook's name.
    pub webhooks: Vec<Operation>,
    /// Every schema that the HTTP half or a `$ref` refers to. Shared with the compiled schemas.
    pub schemas: Arc<Schemas>,
    /// The document's own `x-descant`.
    pub descant: DocumentSettings,
}

/// Title, version and description.
#[derive(Clone, Debug, Default)]
pub struct Info {
    /// The title of the API.
    pub title: String,
    /// The version of the API, not of OpenAPI.
    pub version: String,
    /// A short summary (3.1).
    pub summary: Option<String>,
    /// A description in CommonMark.
    pub description: Option<String>,
}

/// A base URL with its variables (OAS 4.8.5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// As written, `{variables}` included.
    pub url: String,
    /// A name that is unique among the servers (3.2).
    pub name: Option<String>,
    /// A description in CommonMark.
    pub description: Option<String>,
    /// The variables of the URL by name.
    pub variables: IndexMap<String, ServerVariable>,
}

/// A variable of a [`Server`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerVariable {
    /// The value used if the user sets none.
    pub default: String,
    /// The allowed values; empty if any value is allowed.
    pub values: Vec<String>,
    /// A description in CommonMark.
    pub description: Option<String>,
}

/// A tag (OAS 4.8.22; `parent` and `kind` are of 3.2).
#[derive(Clone, Debug, Default)]
pub struct Tag {
    /// The name that operations refer to.
    pub name: String,
    /// A short summary (3.2).
    pub summary: Option<String>,
    /// A description in CommonMark.
    pub description: Option<String>,
    /// The name of the tag that this one is nested in.
    pub parent: Option<String>,
    /// The category of the tag, such as `nav`.
    pub kind: Option<String>,
}

/// One method on one path template.
#[derive(Clone, Debug)]
pub struct Operation {
    /// `operationId`, as written. It may be absent, empty or not unique.
    pub id: Option<String>,
    /// The method in upper case: `GET`, `QUERY`, or a key of `additionalOperations`.
    pub method: String,
    /// The path template.
    pub path: PathTemplate,
    /// The names of the operation's tags.
    pub tags: Vec<String>,
    /// A short summary.
    pub summary: Option<String>,
    /// A description in CommonMark; the path item's if the operation has none.
    pub description: Option<String>,
    /// Whether the operation is deprecated.
    pub deprecated: bool,
    /// The parameters of the path item and of the operation, which override those of the path item; unique by (location, name).
    pub parameters: Vec<Arc<Parameter>>,
    /// The request body, if the operation describes one.
    pub request_body: Option<Arc<RequestBody>>,
    /// The documented responses, in the document's order.
    pub responses: Vec<(StatusPattern, Arc<Response>)>,
    /// The operation's security, else the document's; shared, as most operations have the same. A webhook or callback has
    /// only its own: the document's applies to the API's server.
    pub security: Arc<Security>,
    /// The servers of the operation, else of the path item, else of the document; shared likewise.
    pub servers: Arc<[Server]>,
    /// Callbacks by name; each operation's `path.raw` is the runtime expression.
    pub callbacks: IndexMap<String, Vec<Operation>>,
    /// The source of the statement (`x-source`).
    pub source: Option<SourceTag>,
    /// The operation's `x-descant`.
    pub descant: OperationSettings,
    /// The position of the operation in its file.
    pub origin: Origin,
}

impl Operation {
    /// Returns the name of the operation in diagnostics, reports and verdicts: `GET /pets/{petId}`.
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path.raw)
    }
}

/// A path template and its pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PathTemplate {
    /// The template as written, with a leading slash.
    pub raw: String,
    /// Alternating literals and parameters; a segment may contain several of each (`/{a}...{b}`, `/{x}.json`).
    pub pieces: Vec<PathPiece>,
}

/// Literal text of a path, or a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathPiece {
    /// Text that the path contains as written.
    Literal(String),
    /// The name of a parameter.
    Parameter(String),
}

/// A path, query, header or cookie parameter (OAS 4.8.12).
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The name, as written.
    pub name: String,
    /// The part of a request that contains the parameter.
    pub location: Location,
    /// A description in CommonMark.
    pub description: Option<String>,
    /// Always true in a path.
    pub required: bool,
    /// Whether the parameter is deprecated.
    pub deprecated: bool,
    /// The serialization of the value.
    pub encoding: ParameterEncoding,
    /// The schema of the value, from `schema` or `content`; `None` if the document states none.
    pub schema: Option<SchemaId>,
    /// Examples of the value.
    pub examples: Vec<Example>,
    /// The source of the statement (`x-source`).
    pub source: Option<SourceTag>,
    /// The position of the parameter in its file.
    pub origin: Origin,
}

/// The part of a request that contains a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Location {
    /// A segment of the path, or part of one.
    Path,
    /// A pair of the query string.
    Query,
    /// The whole query string is one value (3.2, `in: querystring`).
    QueryString,
    /// A header field.
    Header,
    /// A pair of the `Cookie` header.
    Cookie,
}

impl Location {
    /// Returns the value of `in`.
    pub fn as_str(self) -> &'static str {
        match self {
            Location::Path => "path",
            Location::Query => "query",
            Location::QueryString => "querystring",
            Location::Header => "header",
            Location::Cookie => "cookie",
        }
    }
}

/// The serialization of a parameter's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParameterEncoding {
    /// By style (OAS 4.8.12.3); the defaults of the location are filled in.
    Style {
        /// The style.
        style: Style,
        /// Whether each item or property is written separately.
        explode: bool,
        /// Whether reserved characters stay unencoded.
        allow_reserved: bool,
        /// Whether a query parameter may have no value (`allowEmptyValue`).
        allow_empty: bool,
    },
    /// By media type (`content`).
    Content {
        /// The media type.
        media_type: String,
    },
}

/// RFC 6570's and OpenAPI's serialization styles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// `a,b`, in paths and headers.
    Simple,
    /// `.a.b`, in paths.
    Label,
    /// `;name=a`, in paths.
    Matrix,
    /// `name=a`, in queries and cookies.
    Form,
    /// `name=a%20b`, in queries.
    SpaceDelimited,
    /// `name=a|b`, in queries.
    PipeDelimited,
    /// `name[key]=a`, in queries.
    DeepObject,
    /// 3.2, cookies: no percent-encoding.
    Cookie,
}

/// A request body (OAS 4.8.13).
#[derive(Clone, Debug)]
pub struct RequestBody {
    /// A description in CommonMark.
    pub description: Option<String>,
    /// Whether a request must have a body.
    pub required: bool,
    /// By media type or range, in the document's order.
    pub content: IndexMap<String, MediaType>,
    /// The position of the request body in its file.
    pub origin: Origin,
}

/// One representation of a body (OAS 4.8.14).
#[derive(Clone, Debug, Default)]
pub struct MediaType {
    /// The schema of the whole body.
    pub schema: Option<SchemaId>,
    /// The schema of each item of a sequential media type (3.2, `itemSchema`).
    pub item_schema: Option<SchemaId>,
    /// Examples of the body.
    pub examples: Vec<Example>,
    /// By property of a form or multipart body.
    pub encoding: IndexMap<String, Encoding>,
    /// The position of the media type in its file.
    pub origin: Origin,
}

/// The serialization of one property of a form or multipart body (OAS 4.8.15).
#[derive(Clone, Debug, Default)]
pub struct Encoding {
    /// Comma-separated media types or ranges, as written.
    pub content_type: Option<String>,
    /// The headers of a multipart part.
    pub headers: IndexMap<String, Header>,
    /// The style; `None` if the document states neither style, explode nor allowReserved.
    pub style: Option<Style>,
    /// Whether each item or property is written separately.
    pub explode: bool,
    /// Whether reserved characters stay unencoded.
    pub allow_reserved: bool,
}

/// A named example value, `value` or `externalValue` (OAS 4.8.19).
#[derive(Clone, Debug)]
pub struct Example {
    /// The key under `examples`; `None` for the single `example`.
    pub name: Option<String>,
    /// A short summary.
    pub summary: Option<String>,
    /// The example itself.
    pub value: ExampleValue,
    /// The requests to which it applies; `None`: all.
    pub when: Option<Arc<When>>,
    /// The position of the example in its file.
    pub origin: Origin,
}

/// The content of an example.
#[derive(Clone, Debug, PartialEq)]
pub enum ExampleValue {
    /// A value that is serialized by its media type. Shared by all positions that refer to it.
    Data(Arc<Value>),
    /// A serialized value, sent as written (3.2, `serializedValue`).
    Serialized(String),
    /// A URL. It is never fetched.
    External(String),
}

/// A response of one status or range (OAS 4.8.17).
#[derive(Clone, Debug)]
pub struct Response {
    /// A description in CommonMark.
    pub description: Option<String>,
    /// The response headers by name.
    pub headers: IndexMap<String, Header>,
    /// By media type or range; empty where the response has no body.
    pub content: IndexMap<String, MediaType>,
    /// The links by name.
    pub links: IndexMap<String, Link>,
    /// The requests to which it applies; `None`: all.
    pub when: Option<Arc<When>>,
    /// The position of the response in its file.
    pub origin: Origin,
}

/// A response header, or a header of a multipart part (OAS 4.8.21).
#[derive(Clone, Debug)]
pub struct Header {
    /// A description in CommonMark.
    pub description: Option<String>,
    /// Whether a response must have the header.
    pub required: bool,
    /// Whether the header is deprecated.
    pub deprecated: bool,
    /// The serialization of the value.
    pub encoding: ParameterEncoding,
    /// The schema of the value; `None` if the document states none.
    pub schema: Option<SchemaId>,
    /// Examples of the value.
    pub examples: Vec<Example>,
    /// The position of the header in its file.
    pub origin: Origin,
}

/// A call that can be made with values of a response (OAS 4.8.20).
#[derive(Clone, Debug, Default)]
pub struct Link {
    /// The target, as an index into [`Api::operations`]; `None` if it is not in this document.
    pub operation: Option<usize>,
    /// A description in CommonMark.
    pub description: Option<String>,
    /// Parameter name (perhaps `path.id`) to a constant or a runtime expression (`$response.body#/id`).
    pub parameters: IndexMap<String, Value>,
    /// A constant or a runtime expression for the request body of the target.
    pub request_body: Option<Value>,
    /// The position of the link in its file.
    pub origin: Origin,
}

/// The statuses of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StatusPattern {
    /// One code, 100 to 599.
    Code(u16),
    /// `4XX`: the leading digit.
    Range(u16),
    /// Every status without another pattern.
    Default,
}

/// The source of a statement in a hand-written document (`x-source`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceTag {
    /// The vendor's own published document.
    Seed,
    /// The vendor's other documentation, clients or SDKs.
    Sourced,
    /// No public source: the most likely interpretation.
    Inferred,
    /// Does not exist at the vendor.
    MockOnly,
}
