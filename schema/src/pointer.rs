//! JSON pointers (RFC 6901) to positions in a schema or an instance.

use descant_model::tree::escape_token;

/// `base` and one more token.
pub(crate) fn join(base: &str, token: &str) -> String {
    format!("{base}/{}", escape_token(token))
}
