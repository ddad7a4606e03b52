//! Keywords of documents of any version, by name.

/// Returns whether a keyword is left out of the canonical form: it says what it says there by other means, or nothing.
/// References are rewritten, so that what only names or holds their targets has no effect any more.
pub(super) fn is_dropped(keyword: &str) -> bool {
    const DROPPED: &[&str] = &[
        "$ref",
        "$dynamicRef",
        "$id",
        "$schema",
        "$anchor",
        "$dynamicAnchor",
        "$vocabulary",
        "$defs",
        "definitions",
        "$comment",
        "nullable",
        "example",
    ];
    DROPPED.contains(&keyword)
}

/// Returns whether a keyword says nothing about which values are valid, so that it acts beside a `$ref` of 3.0.
pub(super) fn is_annotation(keyword: &str) -> bool {
    const ANNOTATIONS: &[&str] = &[
        "title",
        "description",
        "default",
        "example",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
        "externalDocs",
        "xml",
        "summary",
    ];
    keyword.starts_with("x-") || ANNOTATIONS.contains(&keyword)
}
