//! Detects the OpenAPI version of a document, and other formats.

use crate::check::names::{named, suggest};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Origin, Span};
use crate::tree::{NodeKind, Tree, escape_token};

/// The supported versions of OpenAPI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Version {
    /// 2.0.
    V2,
    /// 3.0.x.
    V30,
    /// 3.1.x.
    V31,
    /// 3.2.x.
    V32,
}

const SUPPORTED: &str = "2.0, 3.0.x, 3.1.x and 3.2.x are supported";

/// Formats that are confused with OpenAPI: a key of their root, and their description.
const OTHERS: &[(&str, &str)] = &[
    ("asyncapi", "an AsyncAPI document"),
    ("arazzo", "an Arazzo description"),
    ("overlay", "an OpenAPI Overlay"),
    ("services", "a Docker Compose file"),
    ("apiVersion", "a Kubernetes manifest"),
    ("jobs", "a workflow of a CI system"),
    ("$schema", "a JSON Schema"),
    ("item", "a Postman collection"),
    ("resources", "an API description of another kind"),
];

impl Version {
    /// Returns the version for messages: `2.0`, `3.1`.
    pub fn as_str(self) -> &'static str {
        match self {
            Version::V2 => "2.0",
            Version::V30 => "3.0",
            Version::V31 => "3.1",
            Version::V32 => "3.2",
        }
    }
}

/// The version that the document states; `None`, with an error, where it states none that is known.
pub(crate) fn version(tree: &Tree, out: &mut Diagnostics) -> Option<Version> {
    if tree.entries(tree.root).is_empty() {
        out.push(not_an_object(tree));
        return None;
    }
    let stated = ["openapi", "swagger"].iter().find_map(|key| tree.entry(tree.root, key));
    let Some(entry) = stated else {
        out.push(no_version(tree));
        return None;
    };
    let at = tree.origin(entry.value);
    let text = match &tree.get(entry.value).kind {
        NodeKind::String(text) | NodeKind::Number(text) => text.trim(),
        other => {
            let message =
                format!("`{}` must be a string such as `3.0.3`, not {}", entry.key, other.describe());
            out.push(Diagnostic::new(Code::VersionUnknown, message, &at).help(SUPPORTED));
            return None;
        }
    };
    let Some((version, full)) = read(text, &entry.key) else {
        let message = format!("version {} of OpenAPI is not supported", named(text));
        out.push(Diagnostic::new(Code::VersionUnknown, message, &at).label("this version").help(SUPPORTED));
        return None;
    };
    let quoted = matches!(tree.get(entry.value).kind, NodeKind::String(_));
    if !(quoted && full) {
        out.push(form(version, &at, quoted));
    }
    Some(version)
}

/// The version of a text, and whether the text is of the full form.
fn read(text: &str, key: &str) -> Option<(Version, bool)> {
    let mut parts = text.split('.');
    let (major, minor) = (parts.next()?, parts.next());
    let patch = parts.next();
    let version = match (major, minor) {
        ("2", None | Some("0")) => Version::V2,
        ("3", None | Some("0")) => Version::V30,
        ("3", Some("1")) => Version::V31,
        ("3", Some("2")) => Version::V32,
        _ => return None,
    };
    let full = match version {
        Version::V2 => key == "swagger" && text == "2.0",
        _ => key == "openapi" && patch.is_some_and(|p| p.starts_with(|c: char| c.is_ascii_digit())),
    };
    Some((version, full))
}

/// The version is clear, but not written as it must be.
fn form(version: Version, at: &Origin, quoted: bool) -> Diagnostic {
    let full = match version {
        Version::V2 => "swagger: '2.0'",
        Version::V30 => "openapi: 3.0.4",
        Version::V31 => "openapi: 3.1.2",
        Version::V32 => "openapi: 3.2.0",
    };
    let what = if quoted { "is not in full form" } else { "is a number, not a string" };
    Diagnostic::new(Code::VersionForm, format!("the version {what}; read as {}", version.as_str()), at)
        .label(if quoted { "the form of a version is `major.minor.patch`" } else { "a number" })
        .help(format!("write `{full}`"))
}

/// The root is empty, or no object at all.
fn not_an_object(tree: &Tree) -> Diagnostic {
    let root = Origin { span: tree.span(tree.root), ..Origin::default() };
    let start = Origin { span: Span { end: root.span.start, ..root.span }, ..Origin::default() };
    match &tree.get(tree.root).kind {
        NodeKind::Null | NodeKind::Object(_) => {
            Diagnostic::new(Code::NotOpenapi, "the document is empty", &start)
                .help("a document starts with `openapi: 3.1.2`, `info` and `paths`")
        }
        NodeKind::String(text) if text.trim_start().starts_with('<') => {
            Diagnostic::new(Code::NotOpenapi, "not an OpenAPI document (looks like HTML or XML)", &start)
                .help("a page was probably downloaded instead of the document: open its address in a browser")
        }
        other => {
            let message = format!("not an OpenAPI document: {}, not an object", other.describe());
            Diagnostic::new(Code::NotOpenapi, message, &start)
        }
    }
}

/// The root has neither `openapi` nor `swagger`.
fn no_version(tree: &Tree) -> Diagnostic {
    let entries = tree.entries(tree.root);
    let misspelt = entries.iter().find(|e| suggest(&e.key, ["openapi", "swagger"].into_iter()).is_some());
    if let Some(entry) = misspelt {
        let at = key_origin(tree, entry.start, entry.end, &entry.key);
        let meant = suggest(&entry.key, ["openapi", "swagger"].into_iter()).unwrap_or("openapi");
        return Diagnostic::new(Code::NotOpenapi, "`openapi` is missing", &at)
            .label(format!("did you mean `{meant}`?"));
    }
    let (start, end) = entries.first().map_or((0, 0), |first| (first.start, first.end));
    let at = Origin { span: Span { file: tree.file, start, end }, ..Origin::default() };
    let other = OTHERS.iter().find(|(key, _)| tree.field(tree.root, key).is_some());
    let message = match other {
        Some((key, what)) => {
            format!("not an OpenAPI document: `openapi` is missing (`{key}` is that of {what})")
        }
        None => "not an OpenAPI document: `openapi` is missing".to_owned(),
    };
    Diagnostic::new(Code::NotOpenapi, message, &at)
        .label("the document starts here")
        .help("if it is one, say of which version, such as `openapi: 3.1.2`")
}

/// The place of a key under the root.
fn key_origin(tree: &Tree, start: u32, end: u32, key: &str) -> Origin {
    Origin { span: Span { file: tree.file, start, end }, pointer: format!("/{}", escape_token(key)).into() }
}
