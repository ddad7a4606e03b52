//! The messages of structural faults.

use crate::check::Version;
use crate::check::keys::BadKey;
use crate::check::names::{named, suggest};
use crate::check::table::{Expect, Field, Found, Need, Object, V2, Vocabulary};
use crate::check::{descant, objects};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Origin;
use crate::tree::NodeKind;

/// A key that no version has here.
pub(crate) fn unknown(
    object: &Object,
    key: &str,
    meant: Option<&str>,
    version: Version,
    at: &Origin,
) -> Diagnostic {
    if object.vocabulary == Vocabulary::Descant {
        return unknown_descant(object, key, meant, version, at);
    }
    let mut found =
        Diagnostic::new(Code::UnknownField, format!("{} has no field {}", object.name, named(key)), at);
    if let Some(name) = meant {
        return found.label(format!("did you mean `{name}`?")).help(format!("write `{name}`"));
    }
    found = found.label("not a field of OpenAPI here; it has no effect");
    if is_component_kind(object, key, version) {
        return found.help(format!("move it: `components: {{{key}: …}}`"));
    }
    if object.vocabulary == Vocabulary::Schema && version >= Version::V31 {
        // JSON Schema lets a schema have words of its own.
        found.severity = Severity::Note;
        return found;
    }
    found.help("remove it, or mark it as an extension with `x-` before its name")
}

/// A reference in place of what cannot be one.
pub(crate) fn no_reference(name: &str, at: &Origin) -> Diagnostic {
    Diagnostic::new(Code::UnknownField, format!("{name} cannot be a reference in OpenAPI"), at)
        .label("resolved nevertheless; other tools may not")
        .help("replace it by its target, or move it to an object that may be a reference: a path item, a schema, …")
}

/// Whether a key of the root belongs under `components`.
fn is_component_kind(object: &Object, key: &str, version: Version) -> bool {
    let Expect::Object(components) = &objects::COMPONENTS else { return false };
    object.name == "a document" && components.names(version).any(|name| name == key)
}

/// A key of `x-descant` that is unknown, or known on other objects.
fn unknown_descant(
    object: &Object,
    key: &str,
    meant: Option<&str>,
    version: Version,
    at: &Origin,
) -> Diagnostic {
    let elsewhere = descant::PLACES.iter().find(|(expect, _)| match expect {
        Expect::Object(other) => matches!(other.find(key, version), Found::Here(_)),
        _ => false,
    });
    let message = format!("{} has no key {}", object.name, named(key));
    if let Some((_, place)) = elsewhere {
        return Diagnostic::new(Code::DescantMisplaced, message, at)
            .label(format!("it belongs to the `x-descant` of {place}"))
            .help(format!("move it to the `x-descant` of {place}"));
    }
    let found = Diagnostic::new(Code::DescantUnknown, message, at);
    match meant {
        Some(name) => found.label(format!("did you mean `{name}`?")).help(format!("write `{name}`")),
        None => found.label("unknown").help(format!("known keys: {}", list(object.names(version)))),
    }
}

/// `x-descant` on an object that has none.
pub(crate) fn misplaced_descant(object: &Object, at: &Origin) -> Diagnostic {
    Diagnostic::new(Code::DescantMisplaced, format!("{} has no `x-descant`", object.name), at)
        .label("it has no effect here")
        .help("move it to the document, a security scheme, an operation, a response or an example")
}

/// A field of another version.
pub(crate) fn misplaced(object: &Object, field: &Field, version: Version, at: &Origin) -> Diagnostic {
    let message = format!(
        "`{}` in {} belongs to {}; this document is version {}",
        field.name,
        object.name,
        field.versions.describe(),
        version.as_str()
    );
    let is_nullable = object.vocabulary == Vocabulary::Schema && field.name == "nullable";
    let code = if is_nullable { Code::NullableIn31 } else { Code::MisplacedField };
    let found = Diagnostic::new(code, message, at);
    let honoured = is_honoured(object, field, version);
    let found = found.label(if honoured { "still applies" } else { "it has no effect here" });
    match moved(field.name, version) {
        Some(help) => found.help(help),
        None => found,
    }
}

/// Whether a field of other versions is read all the same: all keywords of schemas, and between the versions of 3.x.
pub(crate) fn is_honoured(object: &Object, field: &Field, version: Version) -> bool {
    object.vocabulary == Vocabulary::Schema || (version != Version::V2 && field.versions != V2)
}

/// A value in the form that its field has in another version.
pub(crate) fn other_form(
    name: &str,
    kind: &NodeKind,
    other: &Field,
    version: Version,
    at: &Origin,
) -> Diagnostic {
    let message = format!(
        "{name} as {} belongs to {}; this document is version {}",
        kind.describe(),
        other.versions.describe(),
        version.as_str()
    );
    Diagnostic::new(Code::MisplacedField, message, at).label("still applies")
}

/// A boolean in place of a schema, before 3.1.
pub(crate) fn boolean_schema(value: bool, version: Version, at: &Origin) -> Diagnostic {
    let message = format!(
        "a boolean as a schema belongs to OpenAPI 3.1 and later; this document is version {}",
        version.as_str()
    );
    Diagnostic::new(Code::MisplacedField, message, at).label("still applies").help(if value {
        "write `{}`"
    } else {
        "write `{not: {}}`"
    })
}

/// A key of a map that is not of the form that it must have.
pub(crate) fn bad_key(key: &str, bad: BadKey, at: &Origin) -> Diagnostic {
    let message = format!("{} as a key: {}", named(key), bad.what);
    Diagnostic::new(bad.code, message, at).label(bad.what).help(bad.help)
}

/// Returns the replacement in this version for a field of another version.
fn moved(field: &str, version: Version) -> Option<&'static str> {
    let help = match (field, version) {
        ("definitions", Version::V30) => "move it to `components: {schemas: …}`",
        ("definitions", _) => "write `$defs`",
        ("host" | "basePath" | "schemes", _) => "write `servers: [{url: https://example.com/v1}]`",
        ("consumes" | "produces", _) => "name the media types under `content`",
        ("securityDefinitions", _) => "move it to `components: {securitySchemes: …}`",
        ("type" | "items" | "collectionFormat", _) => "write `schema: {type: …}`",
        ("nullable", _) => "write `type: [string, 'null']`",
        ("const", _) => "write `enum` with one value",
        ("requestBody" | "content", Version::V2) => "write a parameter with `in: body` and `schema`",
        ("components", _) => "2.0 has `definitions`, `parameters`, `responses` and `securityDefinitions`",
        ("servers", _) => "write `host`, `basePath` and `schemes`",
        _ => return None,
    };
    Some(help)
}

/// A field that is required and absent.
pub(crate) fn missing(object: &Object, field: &Field, at: &Origin, must: bool) -> Diagnostic {
    let code = match object.vocabulary {
        Vocabulary::OpenApi if field.name == "responses" => Code::ResponsesMissing,
        Vocabulary::Descant => Code::DescantValue,
        _ => Code::MissingField,
    };
    let help = format!("add `{}: {}`", field.name, sample(field.expect, 2));
    let mut found = Diagnostic::new(code, format!("{} needs `{}`", object.name, field.name), at)
        .label(format!("`{}` is missing", field.name))
        .help(help);
    found.severity = if must { Severity::Error } else { Severity::Warning };
    found
}

/// Reports two mutually exclusive fields.
pub(crate) fn apart(object: &Object, first: &str, second: &str, at: &Origin) -> Diagnostic {
    Diagnostic::new(
        Code::FieldsExclusive,
        format!("{} may have `{first}` or `{second}`, not both", object.name),
        at,
    )
    .label(format!("`{first}` is present, too"))
    .help("remove one of them")
}

/// An operation whose responses are an empty object.
pub(crate) fn no_response(at: &Origin) -> Diagnostic {
    Diagnostic::new(Code::ResponsesMissing, "an operation has no responses", at)
        .label("empty")
        .help("add at least one, such as `'200': {description: OK}`")
}

/// A field without a value, as YAML's `key:` is.
pub(crate) fn empty(name: &str, at: &Origin) -> Diagnostic {
    let mut found = Diagnostic::new(Code::WrongKind, format!("{name} has no value"), at)
        .label("null")
        .help("give it a value, or remove it");
    found.severity = Severity::Warning;
    found
}

/// A value of the wrong kind, which is recovered.
pub(crate) fn recovered(
    name: &str,
    expect: &Expect,
    from: &NodeKind,
    to: &NodeKind,
    code: Code,
    at: &Origin,
) -> Diagnostic {
    let mut found = Diagnostic::new(code, wrong(name, expect, from), at)
        .label(format!("{}; read as {}", from.describe(), show(to)))
        .help(format!("write `{}`", yaml(to)));
    found.severity = Severity::Warning;
    found
}

/// A value of the wrong kind, or not an allowed value.
pub(crate) fn wrong_kind(
    name: &str,
    expect: &Expect,
    kind: &NodeKind,
    code: Code,
    at: &Origin,
) -> Diagnostic {
    let found = Diagnostic::new(code, wrong(name, expect, kind), at);
    if let Some(help) = usual_fault(name, kind) {
        let is_word = matches!((expect, kind), (Expect::Word(_), NodeKind::String(_)));
        return found.label(if is_word { "not an allowed value" } else { kind.describe() }).help(help);
    }
    let (Expect::Word(words) | Expect::Either([Expect::Word(words), ..])) = expect else {
        return found.label(kind.describe()).help(format!("write {}", instead(expect, kind)));
    };
    let found = found.help(format!("write one of {}", list(words.iter().copied())));
    let NodeKind::String(text) = kind else { return found.label(kind.describe()) };
    match suggest(text, words.iter().copied()) {
        Some(word) => found.label(format!("did you mean `{word}`?")),
        None => found.label("not an allowed value"),
    }
}

/// Returns the correction of a common mistake.
fn usual_fault(name: &str, kind: &NodeKind) -> Option<&'static str> {
    match (name, kind) {
        ("`required`", NodeKind::Bool(true)) => {
            Some("name the property in the `required: […]` of the object that has it")
        }
        ("`required`", NodeKind::Bool(false)) => {
            Some("remove it: a property that no `required: […]` names is optional")
        }
        ("`in`", NodeKind::String(text)) if matches!(&**text, "body" | "formData") => {
            Some("move it: `requestBody: {content: {application/json: {schema: …}}}`")
        }
        ("`type`", NodeKind::String(text)) if &**text == "any" => {
            Some("leave `type` out: without it any value is valid")
        }
        ("`type`", NodeKind::String(text)) if &**text == "file" => {
            Some("write `type: string` with `format: binary`")
        }
        _ => None,
    }
}

/// `` `in` must be a string, not a number ``.
fn wrong(name: &str, expect: &Expect, kind: &NodeKind) -> String {
    let must_be = |what: &str| format!("{name} must be {what}, not {}", kind.describe());
    match (expect, kind) {
        (Expect::Either([first, ..]), _) => wrong(name, first, kind),
        (Expect::Word(_), NodeKind::String(text)) => format!("{name} cannot be {}", named(text)),
        (Expect::Count | Expect::Positive, NodeKind::Number(text)) => {
            format!("{name} must be {}, not {}", expect.describe(), named(text))
        }
        (Expect::Filled(_), NodeKind::Array(_)) => format!("{name} must not be empty"),
        (Expect::Object(object), _) if object.vocabulary != Vocabulary::Schema => must_be("an object"),
        _ => must_be(expect.describe()),
    }
}

/// Returns the correction for a value of the wrong kind.
fn instead(expect: &Expect, kind: &NodeKind) -> String {
    match (expect, kind) {
        (Expect::Flag, _) => "`true` or `false`".into(),
        (Expect::Number | Expect::Positive | Expect::Count, _) => {
            "a number without quotes, such as `10`".into()
        }
        (Expect::List(_) | Expect::Filled(_), NodeKind::String(text)) => format!("`[{}]`", bare(text)),
        (Expect::Object(object), _) if object.vocabulary != Vocabulary::Schema => {
            format!("an object such as `{}`", sample(expect, 2))
        }
        _ => format!("{} such as `{}`", expect.describe(), sample(expect, 2)),
    }
}

/// Returns a sketch of a value: an object with its required fields, or else its first field, up to a depth.
fn sample(expect: &Expect, depth: usize) -> String {
    match expect {
        Expect::Flag => "true".into(),
        Expect::Number | Expect::Positive | Expect::Count => "10".into(),
        Expect::Word(words) => words.first().copied().unwrap_or("…").into(),
        Expect::Either([first, ..]) => sample(first, depth),
        _ if depth == 0 => "…".into(),
        Expect::List(each) | Expect::Filled(each) => format!("[{}]", sample(each, depth - 1)),
        Expect::Map(keys, each) => format!("{{{}: {}}}", keys.sample(), sample(each, depth - 1)),
        Expect::Object(object) => sample_object(object, depth),
        Expect::Any | Expect::Text | Expect::Either([]) => "…".into(),
    }
}

fn sample_object(object: &Object, depth: usize) -> String {
    let fields = || object.fields().filter(|field| !field.name.starts_with('$'));
    let mut shown: Vec<&Field> = fields().filter(|field| field.need(Version::V30) != Need::No).collect();
    if let (Some((keys, each)), []) = (object.rest, &*shown) {
        return format!("{{{}: {}}}", keys.sample(), sample(each, depth - 1));
    }
    if shown.is_empty() {
        shown.extend(fields().next());
    }
    let entries: Vec<String> =
        shown.iter().map(|f| format!("{}: {}", f.name, sample(f.expect, depth - 1))).collect();
    format!("{{{}}}", entries.join(", "))
}

/// `` `a`, `b`, `c` ``.
fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// A text of the document, cut where it is long.
fn bare(text: &str) -> String {
    named(text).trim_matches('`').to_owned()
}

/// A recovered value in prose.
fn show(kind: &NodeKind) -> String {
    match kind {
        NodeKind::String(text) => format!("the string {}", named(text)),
        NodeKind::Number(text) => named(text),
        NodeKind::Bool(value) => format!("`{value}`"),
        _ => "empty".into(),
    }
}

/// Words that YAML does not read as strings.
const NOT_TEXT: &[&str] = &["true", "false", "null"];

/// A recovered value as YAML has it.
fn yaml(kind: &NodeKind) -> String {
    match kind {
        NodeKind::String(text)
            if text.bytes().all(|b| b.is_ascii_alphabetic()) && !NOT_TEXT.contains(&&**text) =>
        {
            text.to_string()
        }
        NodeKind::String(text) => format!("'{}'", bare(text)),
        NodeKind::Number(text) => text.to_string(),
        NodeKind::Bool(value) => value.to_string(),
        _ => "{}".into(),
    }
}
