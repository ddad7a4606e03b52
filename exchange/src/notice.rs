//! What the mock says of a response in a header field of its own, where another part of Descant acts on it.

/// The header field that explains how a response of the mock differs from what the document or the caller asked for.
pub const HEADER: &str = "descant-notice";

/// The notice of a refusal for a missing credential, where the document lists none and the mock accepts any.
pub const ANY_CREDENTIAL: &str = "any credential is accepted, since the document lists none";
