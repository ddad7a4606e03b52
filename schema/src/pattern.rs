//! Regular expressions of documents (ECMA-262) on Rust's engines.

/// Steps of backtracking after which a match counts as failed: a hostile pattern costs milliseconds, not minutes.
pub(crate) const BACKTRACK_LIMIT: usize = 100_000;
/// Bytes that one compiled pattern may take.
pub(crate) const SIZE_LIMIT: usize = 4 << 20;

/// Compiles a pattern as the validator does: `regex` where it can say it, backtracking only for look-around and
/// back-references.
///
/// # Errors
/// The reason, where it is no regular expression or compiles to more than [`SIZE_LIMIT`] bytes.
pub(crate) fn compile(pattern: &str) -> Result<fancy_regex::Regex, String> {
    let translated =
        jsonschema_regex::to_rust_regex(pattern).map_err(|()| "not a regular expression".to_owned())?;
    fancy_regex::RegexBuilder::new(&translated)
        .backtrack_limit(BACKTRACK_LIMIT)
        .delegate_size_limit(SIZE_LIMIT)
        .build()
        .map_err(|error| error.to_string())
}
