//! JSON pointers (RFC 6901) to positions in a schema or an instance.

/// `~` and `/` escaped (RFC 6901 §3).
pub(crate) fn escape(token: &str) -> std::borrow::Cow<'_, str> {
    if token.contains(['~', '/']) { token.replace('~', "~0").replace('/', "~1").into() } else { token.into() }
}

/// `base` and one more token.
pub(crate) fn join(base: &str, token: &str) -> String {
    format!("{base}/{}", escape(token))
}
