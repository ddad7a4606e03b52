//! The version-neutral model that every back end reads: plain data, ids into arenas, an origin on every node.
//!
//! Nothing here knows an OpenAPI version, a `$ref` of the HTTP half or the text of a document. Schemas are
//! typed ([`crate::schema`]), in [`Api::schemas`]; every position of the HTTP half holds a [`SchemaId`].

mod challenge;
mod responses;
mod settings;

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

pub use self::settings::*;
pub use crate::schema::{Definition, SchemaId, SchemaName, Schemas};

use crate::source::Origin;

/// A whole API, in the order of its document.
#[derive(Clone, Debug, Default)]
pub struct Api {
    /// Title, version and the prose around them (OAS 4.8.2, Info Object).
    pub info: Info,
    /// Base URLs of the document; never empty: `/` where the document states none (OAS 4.8.1).
    pub servers: Arc<[Server]>,
    /// Declared tags in the document's order, then those that only operations name.
    pub tags: Vec<Tag>,
    /// Every scheme of `components.securitySchemes`, by its name.
    pub security_schemes: IndexMap<String, SecurityScheme>,
    /// Every operation under `paths`, in the document's order.
    pub operations: Vec<Operation>,
    /// Every operation under `webhooks`; `path.raw` is the webhook's name.
    pub webhooks: Vec<Operation>,
    /// Every schema that a position of the HTTP half or a `$ref` points at.
    /// Shared with what compiles them.
    pub schemas: Arc<Schemas>,
    /// The document's own `x-descant`.
    pub descant: DocumentSettings,
}

/// Title, version and the prose around them.
#[derive(Clone, Debug, Default)]
pub struct Info {
    pub title: String,
    pub version: String,
    pub summary: Option<String>,
    pub description: Option<String>,
}

/// A base URL with its variables (OAS 4.8.5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// As written, `{variables}` included.
    pub url: String,
    pub name: Option<String>,
    pub description: Option<String>,
    pub variables: IndexMap<String, ServerVariable>,
}

/// A variable of a [`Server`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerVariable {
    pub default: String,
    pub values: Vec<String>,
    pub description: Option<String>,
}

/// A tag (OAS 4.8.22; `parent` and `kind` are of 3.2).
#[derive(Clone, Debug, Default)]
pub struct Tag {
    pub name: String,
    pub summary: Option<String>,
    pub description: Option<String>,
    pub parent: Option<String>,
    pub kind: Option<String>,
}

/// One method on one path template.
#[derive(Clone, Debug)]
pub struct Operation {
    /// `operationId`, as written. It may be absent, empty or not unique.
    pub id: Option<String>,
    /// Upper case, as on the wire: `GET`, `QUERY`, or whatever `additionalOperations` names.
    pub method: String,
    pub path: PathTemplate,
    pub tags: Vec<String>,
    pub summary: Option<String>,
    pub description: Option<String>,
    pub deprecated: bool,
    /// Those of the path item and of the operation together, the operation's overriding; unique by (location, name).
    pub parameters: Vec<Arc<Parameter>>,
    pub request_body: Option<Arc<RequestBody>>,
    pub responses: Vec<(StatusPattern, Arc<Response>)>,
    /// The operation's, else the document's; shared, as most operations have the same. A webhook or callback has its
    /// own alone: the document's is what the API's server asks for.
    pub security: Arc<Security>,
    /// The servers in force here: the operation's, else the path item's, else the document's; shared likewise.
    pub servers: Arc<[Server]>,
    /// Callbacks by name; each operation's `path.raw` is the runtime expression.
    pub callbacks: IndexMap<String, Vec<Operation>>,
    pub source: Option<SourceTag>,
    pub descant: OperationSettings,
    pub origin: Origin,
}

impl Operation {
    /// `GET /pets/{petId}`: how diagnostics, reports and verdicts name an operation.
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path.raw)
    }
}

/// A path and the pieces that a router matches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PathTemplate {
    /// As written, a leading slash added where it was missing.
    pub raw: String,
    /// Literals and parameters in turn; a segment may hold several of each (`/{a}...{b}`, `/{x}.json`).
    pub pieces: Vec<PathPiece>,
}

/// A literal stretch of a path, or a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathPiece {
    Literal(String),
    Parameter(String),
}

/// A path, query, header or cookie parameter (OAS 4.8.12).
#[derive(Clone, Debug)]
pub struct Parameter {
    pub name: String,
    pub location: Location,
    pub description: Option<String>,
    /// Always true in a path.
    pub required: bool,
    pub deprecated: bool,
    pub encoding: ParameterEncoding,
    /// The schema of the value, whether by `schema` or by `content`; `None` where the document states none.
    pub schema: Option<SchemaId>,
    pub examples: Vec<Example>,
    pub source: Option<SourceTag>,
    pub origin: Origin,
}

/// Where a parameter travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Location {
    Path,
    Query,
    /// The whole query string is one value (3.2, `in: querystring`).
    QueryString,
    Header,
    Cookie,
}

impl Location {
    /// As OpenAPI writes it under `in`.
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

/// How a parameter's value is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParameterEncoding {
    /// By style (OAS 4.8.12.3); the defaults of the location are filled in.
    Style { style: Style, explode: bool, allow_reserved: bool, allow_empty: bool },
    /// As a document of this media type (`content`).
    Content { media_type: String },
}

/// RFC 6570's and OpenAPI's serialization styles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    Simple,
    Label,
    Matrix,
    Form,
    SpaceDelimited,
    PipeDelimited,
    DeepObject,
    /// 3.2, cookies: no percent-encoding.
    Cookie,
}

/// A request body (OAS 4.8.13).
#[derive(Clone, Debug)]
pub struct RequestBody {
    pub description: Option<String>,
    pub required: bool,
    /// By media type or range, in the document's order.
    pub content: IndexMap<String, MediaType>,
    pub origin: Origin,
}

/// One representation of a body (OAS 4.8.14).
#[derive(Clone, Debug, Default)]
pub struct MediaType {
    pub schema: Option<SchemaId>,
    /// The schema of each item of a sequential media type (3.2, `itemSchema`).
    pub item_schema: Option<SchemaId>,
    pub examples: Vec<Example>,
    /// By property of a form or multipart body.
    pub encoding: IndexMap<String, Encoding>,
    pub origin: Origin,
}

/// How one property of a form or multipart body is written (OAS 4.8.15).
#[derive(Clone, Debug, Default)]
pub struct Encoding {
    /// Comma-separated media types or ranges, as written.
    pub content_type: Option<String>,
    pub headers: IndexMap<String, Header>,
    /// `None` where the document states neither style, explode nor allowReserved.
    pub style: Option<Style>,
    pub explode: bool,
    pub allow_reserved: bool,
}

/// A named example value, `value` or `externalValue` (OAS 4.8.19).
#[derive(Clone, Debug)]
pub struct Example {
    /// The key under `examples`; `None` for the single `example`.
    pub name: Option<String>,
    pub summary: Option<String>,
    pub value: ExampleValue,
    /// The calls that it answers; `None`: any.
    pub when: Option<Arc<When>>,
    pub origin: Origin,
}

/// What an example holds.
#[derive(Clone, Debug, PartialEq)]
pub enum ExampleValue {
    /// A value that follows the schema; it is still to be serialized. Shared by all positions that refer to it.
    Data(Arc<Value>),
    /// Text that stands on the wire as it is (3.2, `serializedValue`).
    Serialized(String),
    /// A URL. It is never fetched.
    External(String),
}

/// A response of one status or range (OAS 4.8.17).
#[derive(Clone, Debug)]
pub struct Response {
    pub description: Option<String>,
    pub headers: IndexMap<String, Header>,
    /// By media type or range; empty where the response has no body.
    pub content: IndexMap<String, MediaType>,
    pub links: IndexMap<String, Link>,
    /// The calls that it answers; `None`: any.
    pub when: Option<Arc<When>>,
    pub origin: Origin,
}

/// A response header, or a header of a multipart part (OAS 4.8.21).
#[derive(Clone, Debug)]
pub struct Header {
    pub description: Option<String>,
    pub required: bool,
    pub deprecated: bool,
    pub encoding: ParameterEncoding,
    pub schema: Option<SchemaId>,
    pub examples: Vec<Example>,
    pub origin: Origin,
}

/// What can be called with values of a response (OAS 4.8.20).
#[derive(Clone, Debug, Default)]
pub struct Link {
    /// Index into [`Api::operations`]; `None` where the target is not of this document.
    pub operation: Option<usize>,
    pub description: Option<String>,
    /// Parameter name (perhaps `path.id`) to a constant or a runtime expression (`$response.body#/id`).
    pub parameters: IndexMap<String, Value>,
    pub request_body: Option<Value>,
    pub origin: Origin,
}

/// Which statuses a response is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StatusPattern {
    /// One code, 100 to 599.
    Code(u16),
    /// `4XX`: the leading digit.
    Range(u16),
    Default,
}

/// What a call must present: any one of the alternatives (OAS 4.8.30). Empty means nothing is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Security {
    pub alternatives: Vec<Requirement>,
}

/// Schemes that must be met together, each with the scopes it must grant; empty means anonymous is fine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirement {
    pub schemes: IndexMap<String, Vec<String>>,
}

/// A security scheme (OAS 4.8.27).
#[derive(Clone, Debug)]
pub struct SecurityScheme {
    pub kind: SchemeKind,
    pub description: Option<String>,
    pub deprecated: bool,
    pub source: Option<SourceTag>,
    pub descant: SchemeSettings,
    pub origin: Origin,
}

/// How a credential is presented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemeKind {
    /// `location` is a header, a query parameter or a cookie.
    ApiKey {
        location: Location,
        name: String,
    },
    Basic,
    Bearer {
        format: Option<String>,
    },
    /// Another scheme of the HTTP Authentication Scheme Registry, as written.
    Http {
        scheme: String,
    },
    OAuth2 {
        flows: Vec<OAuthFlow>,
        /// Where the authorization server's metadata are (3.2, RFC 8414).
        metadata_url: Option<String>,
    },
    OpenIdConnect {
        url: String,
    },
    MutualTls,
}

/// One OAuth2 flow (OAS 4.8.29).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OAuthFlow {
    /// `implicit`, `password`, `clientCredentials`, `authorizationCode` or `deviceAuthorization`.
    pub kind: String,
    /// `authorizationUrl`, or `deviceAuthorizationUrl`.
    pub authorization_url: Option<String>,
    pub token_url: Option<String>,
    pub refresh_url: Option<String>,
    pub scopes: IndexMap<String, String>,
}

/// Where a statement of a hand-written spec comes from (`x-source`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceTag {
    Seed,
    Sourced,
    Inferred,
    MockOnly,
}
