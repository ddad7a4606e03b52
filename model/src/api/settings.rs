//! What `x-descant` settles for a mock: `docs/x-descant.md` says what each key means.

use std::fmt;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The document's `x-descant`: `docs/x-descant.md`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentSettings {
    /// Widest first.
    pub scopes: Vec<String>,
    pub trailing_slash: TrailingSlash,
    /// The name of behaviour that stands in the program, since no document can state it.
    pub twin: Option<String>,
}

/// A security scheme's `x-descant`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchemeSettings {
    pub verify: Verify,
    pub key: Option<KeySource>,
    /// Each with one `{credential}`; empty means the bare credential.
    pub forms: Vec<String>,
    pub challenge: Option<String>,
    /// `true` or `false`, from the environment or the default; `None`: the scheme is always in force.
    pub enabled: Option<KeySource>,
    /// `None`: any credential of the right shape is accepted.
    pub credentials: Option<Vec<Credential>>,
}

/// An operation's `x-descant`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OperationSettings {
    pub requires: Vec<String>,
    pub access: Option<Access>,
    /// `None`: as the document says.
    pub trailing_slash: Option<TrailingSlash>,
    /// What the operation does with the things that a mock keeps, where the paths do not tell.
    pub state: Option<Box<StateSettings>>,
}

/// An operation's `x-descant.state`; what is absent is inferred.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateSettings {
    pub role: Option<StateRole>,
    /// The path of the collection: `/pets`.
    pub collection: Option<String>,
    /// The path parameter that names the item.
    pub item: Option<String>,
    /// The property that holds an item's identity.
    pub identity: Option<String>,
    /// Where in the answer the item or the items stand: the names on the way.
    pub at: Option<Vec<String>>,
    /// Which query parameters cut the list; `None`: by their names.
    pub paging: Option<Paging>,
    /// By query parameter the property that it filters by; `None`: by their names.
    pub filters: Option<IndexMap<String, String>>,
    /// Properties that the answer shows and no later one does.
    pub shown_once: Vec<String>,
}

/// What an operation does with a collection or an item of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StateRole {
    Create,
    List,
    Read,
    Replace,
    Update,
    Delete,
    /// Nothing: it answers as without state.
    None,
}

/// The names of the query parameters that cut and sort a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Paging {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
}

/// Values that a call must have, each by its name, those of the body by JSON pointer (RFC 6901). `x-descant.when`, and
/// the `when` of a mock's rules.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct When {
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub path: IndexMap<String, Value>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub query: IndexMap<String, Value>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub header: IndexMap<String, Value>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub cookie: IndexMap<String, Value>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub body: IndexMap<String, Value>,
}

/// How a credential is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verify {
    #[default]
    Value,
    Fernet,
    Jwt,
}

/// Where a key or a switch comes from: the environment first, else the default.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct KeySource {
    pub env: Option<String>,
    pub default: Option<String>,
}

/// A credential that the mock knows.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credential {
    pub value: Option<String>,
    pub user: Option<String>,
    pub password: Option<String>,
    /// `None`: everything is granted.
    pub scopes: Option<Vec<String>>,
    pub access: Access,
    pub status: CredentialStatus,
}

/// Whether something writes, or may write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    Read,
    #[default]
    Write,
}

/// Whether a credential is still good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CredentialStatus {
    #[default]
    Active,
    Expired,
    Revoked,
    Forbidden,
}

/// Whether a path answers with and without a slash at its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TrailingSlash {
    #[default]
    Strict,
    Either,
}

/// Without the key itself, which no log may show.
impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySource").field("env", &self.env).finish_non_exhaustive()
    }
}

/// Without the secret and the password, which no log may show.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { user, scopes, access, status, .. } = self;
        let mut shown = f.debug_struct("Credential");
        shown.field("user", user).field("scopes", scopes).field("access", access).field("status", status);
        shown.finish_non_exhaustive()
    }
}
