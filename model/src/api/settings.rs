//! What `x-descant` settles for a mock: `docs/x-descant.md` says what each key means.

use std::fmt;

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
