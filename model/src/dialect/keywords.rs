//! Keywords of documents of any version, by name.

/// Returns whether the canonical form omits a keyword, because it is expressed differently or has no effect. References
/// are rewritten, so that keywords that only name or contain their targets have no effect.
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

/// Returns whether a keyword does not restrict values, so that it applies beside a `$ref` of 3.0.
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
