//! Settings of `x-descant`; `docs/x-descant.md` describes each key.

use std::fmt;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The document's `x-descant`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentSettings {
    /// The scopes, widest first.
    pub scopes: Vec<String>,
    /// Whether paths match with and without a final slash.
    pub trailing_slash: Option<TrailingSlash>,
    /// The name of a built-in twin.
    pub twin: Option<String>,
}

/// A security scheme's `x-descant`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchemeSettings {
    /// The verification of a presented credential.
    pub verify: Verify,
    /// The source of the Fernet key or JWT secret.
    pub key: Option<KeySource>,
    /// The greatest age of a Fernet token, in seconds; `None`: any.
    pub max_age: Option<u64>,
    /// The seconds by which the clocks of a token's maker and its verifier may differ; `None`: 60 for the age of a Fernet
    /// token (its specification), 0 for a JWT.
    pub clock_skew: Option<u64>,
    /// The claims of a JWT that name its user; empty: `sub`.
    pub user_claims: Vec<String>,
    /// The schemes of `redirect_uri` beside `http`, `https` and those with a dot (RFC 8252, 7.1).
    pub redirect_schemes: Vec<String>,
    /// The accepted forms, each with one `{credential}`; empty for the bare credential.
    pub forms: Vec<String>,
    /// The `WWW-Authenticate` value of a 401, in place of the scheme's default.
    pub challenge: Option<String>,
    /// `true` or `false`, from the environment or the default; `None`: always enabled.
    pub enabled: Option<KeySource>,
    /// The known credentials; `None`: any well-formed credential is accepted.
    pub credentials: Option<Vec<Credential>>,
}

/// An operation's `x-descant`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OperationSettings {
    /// The scopes that a credential must have.
    pub requires: Vec<String>,
    /// Whether the operation writes; `None`: inferred from the method.
    pub access: Option<Access>,
    /// Overrides the document's setting; `None`: does not.
    pub trailing_slash: Option<TrailingSlash>,
    /// The effect on the mock's state, where it cannot be inferred.
    pub state: Option<Box<StateSettings>>,
    /// The pages of a list, where they cannot be inferred.
    pub pages: Option<Box<PageSettings>>,
}

/// An operation's `x-descant.state`; absent values are inferred.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateSettings {
    /// The role of the operation; `None`: inferred from the method.
    pub role: Option<StateRole>,
    /// The path of the collection: `/pets`.
    pub collection: Option<String>,
    /// The path parameter that names the item.
    pub item: Option<String>,
    /// The property with an item's identity.
    pub identity: Option<String>,
    /// The position of the item or items in the response body, as a list of names.
    pub at: Option<Vec<String>>,
    /// The pagination parameters; `None`: inferred from their names.
    pub paging: Option<Paging>,
    /// The filtered property by query parameter; `None`: inferred from their names.
    pub filters: Option<IndexMap<String, String>>,
    /// Properties that only this response shows.
    pub shown_once: Vec<String>,
}

/// The effect of an operation on a collection or an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StateRole {
    /// Creates an item.
    Create,
    /// Lists the items of a collection.
    List,
    /// Reads an item.
    Read,
    /// Replaces an item.
    Replace,
    /// Changes properties of an item.
    Update,
    /// Deletes an item.
    Delete,
    /// Ignores state.
    None,
}

/// The names of the query parameters that paginate and sort a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Paging {
    /// The parameter with the maximum number of items of a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// The parameter with the number of items to skip.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<String>,
    /// The parameter with the number of the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// The parameter with the identity of the previous page's last item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// The parameter with the property to sort by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
}

/// An operation's `x-descant.pages`; absent values are inferred.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageSettings {
    /// How the next page is requested; `None`: inferred.
    pub by: Option<PagedBy>,
    /// The query parameter that selects the page.
    pub parameter: Option<String>,
    /// The position of what the next page is requested with: in the body, or of [`PagedBy::Last`] in the last item; as a
    /// list of names.
    pub next: Option<Vec<String>>,
    /// The position of the list in the body, as a list of names.
    pub items: Option<Vec<String>>,
    /// The position of the flag in the body that says whether there are further pages, as a list of names.
    pub more: Option<Vec<String>>,
    /// The number of the first page.
    pub first: Option<u64>,
}

/// How the next page of a list is requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PagedBy {
    /// By a cursor that the body contains.
    Cursor,
    /// By a member of the last item.
    Last,
    /// By the number of items before it.
    Offset,
    /// By its number.
    Page,
    /// By a URL: of the header `Link`, or in the body.
    Link,
    /// Not at all: the list is whole.
    None,
}

impl PagedBy {
    /// The words of `by`.
    pub const NAMES: [&str; 6] = ["cursor", "last", "offset", "page", "link", "none"];

    /// Returns the word of `by`.
    pub fn as_str(self) -> &'static str {
        match self {
            PagedBy::Cursor => "cursor",
            PagedBy::Last => "last",
            PagedBy::Offset => "offset",
            PagedBy::Page => "page",
            PagedBy::Link => "link",
            PagedBy::None => "none",
        }
    }

    /// Returns the value that a word of `by` names.
    pub fn named(name: &str) -> Option<Self> {
        use PagedBy::{Cursor, Last, Link, None as Whole, Offset, Page};
        [Cursor, Last, Offset, Page, Link, Whole].into_iter().find(|by| by.as_str() == name)
    }
}

/// A condition on requests: the values that a request must have, by name or by JSON pointer (RFC 6901). It is the
/// `when` of `x-descant` and of a mock's rules.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct When {
    /// Path parameters.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub path: IndexMap<String, Value>,
    /// Query parameters.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub query: IndexMap<String, Value>,
    /// Headers, declared or not.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub header: IndexMap<String, Value>,
    /// Cookies.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub cookie: IndexMap<String, Value>,
    /// Values in the body, by JSON pointer.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub body: IndexMap<String, Value>,
}

/// The verification of a credential.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verify {
    /// Compared with the list of credentials.
    #[default]
    Value,
    /// Decrypted as a Fernet token, which contains user and password.
    Fernet,
    /// Verified as a JWT by signature (HS256) and expiry.
    Jwt,
}

/// The source of a key or a switch: an environment variable, else a default.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct KeySource {
    /// The name of the environment variable.
    pub env: Option<String>,
    /// The value if the variable is not set.
    pub default: Option<String>,
}

/// A known credential.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credential {
    /// The secret.
    pub value: Option<String>,
    /// The owner.
    pub user: Option<String>,
    /// The owner's password.
    pub password: Option<String>,
    /// The granted scopes; `None`: all scopes.
    pub scopes: Option<Vec<String>>,
    /// Whether the credential may be used to write.
    pub access: Access,
    /// Whether the credential is valid.
    pub status: CredentialStatus,
}

/// The access of an operation or a credential.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// Reads only.
    Read,
    /// Reads and writes.
    #[default]
    Write,
}

/// The status of a credential.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CredentialStatus {
    /// Valid.
    #[default]
    Active,
    /// Expired: refused with 401.
    Expired,
    /// Revoked: refused with 401.
    Revoked,
    /// Known, but without access: refused with 403.
    Forbidden,
}

/// Whether a path matches with and without a final slash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TrailingSlash {
    /// With and without a final slash, unless the document has both paths.
    #[default]
    Either,
    /// Only as written.
    Strict,
}

/// Omits the key, which must not appear in logs.
impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySource").field("env", &self.env).finish_non_exhaustive()
    }
}

/// Omits the secret and the password, which must not appear in logs.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { user, scopes, access, status, .. } = self;
        let mut shown = f.debug_struct("Credential");
        shown.field("user", user).field("scopes", scopes).field("access", access).field("status", status);
        shown.finish_non_exhaustive()
    }
}
