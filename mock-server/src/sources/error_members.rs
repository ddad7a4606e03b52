//! The members of documented error responses that state a problem, by their customary names: the text, the status, a code,
//! and lists or maps with an item for each violation.

use descant_runtime::problem::{Fault, Place};
use serde_json::{Map, Value};

use crate::vocabulary::problem::Problem;
use crate::vocabulary::value_path::fold;

/// The depth to which members are replaced.
const MAX_DEPTH: usize = 4;
const MESSAGES: [&str; 10] = [
    "message",
    "msg",
    "detail",
    "details",
    "description",
    "reason",
    "errormessage",
    "errordescription",
    "error",
    "text",
];
const FIELDS: [&str; 11] = [
    "field",
    "fieldname",
    "param",
    "parameter",
    "property",
    "path",
    "pointer",
    "attribute",
    "name",
    "key",
    "target",
];
/// The names among [`FIELDS`] that an error has beside its message; the others often name what the request was for.
const SINGLE_FIELDS: [&str; 7] =
    ["field", "fieldname", "param", "parameter", "property", "attribute", "pointer"];
const LISTS: [&str; 8] =
    ["errors", "messages", "details", "detail", "reasons", "issues", "violations", "fielderrors"];

/// One violation in the words of an error's item.
struct Entry {
    field: String,
    message: String,
    keyword: String,
    /// `body`, `query`, `path`, `header` or `cookie`.
    location: &'static str,
    segments: Vec<String>,
}

/// Returns the members to replace, by their JSON pointers, with the replacements to try in turn. The code of an example
/// stays; every sentence that is about something else is replaced.
pub(super) fn replacements(value: &Value, problem: &Problem, is_example: bool) -> Vec<(String, Vec<Value>)> {
    let mut found = Vec::new();
    if value.is_string() {
        found.push((String::new(), vec![Value::from(problem.detail.as_str())]));
    }
    collect(value, "", problem, is_example, &mut found);
    found
}

fn collect(
    value: &Value,
    pointer: &str,
    problem: &Problem,
    is_example: bool,
    found: &mut Vec<(String, Vec<Value>)>,
) {
    if pointer.matches('/').count() >= MAX_DEPTH {
        return;
    }
    match value {
        Value::Object(members) => {
            // What a sampled object has beside its message is about something else.
            let is_whole = !is_example && has_message(members);
            for (name, member) in members {
                let below = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
                let folded = fold(name);
                match replaced(&folded, member, problem, is_example, is_whole) {
                    values if !values.is_empty() => found.push((below, values)),
                    _ if is_whole && is_aside(&folded, member) => {}
                    _ => collect(member, &below, problem, is_example, found),
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, &format!("{pointer}/{index}"), problem, is_example, found);
            }
        }
        _ => {}
    }
}

/// Whether an object has a message of its own.
fn has_message(members: &Map<String, Value>) -> bool {
    members.iter().any(|(name, member)| member.is_string() && MESSAGES.contains(&fold(name).as_str()))
}

/// Whether a member, by its folded name, is an object or a list that states no problem.
fn is_aside(name: &str, member: &Value) -> bool {
    let is_compound = member.is_object() || member.is_array();
    is_compound && !MESSAGES.contains(&name) && !LISTS.contains(&name)
}

/// Returns the JSON pointers of a sampled error's objects and lists that stand beside its message and state no problem.
pub(super) fn asides(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    find_asides(value, "", &mut found);
    found
}

fn find_asides(value: &Value, pointer: &str, found: &mut Vec<String>) {
    let Some(members) = value.as_object().filter(|_| pointer.matches('/').count() < MAX_DEPTH) else {
        return;
    };
    let is_whole = has_message(members);
    for (name, member) in members {
        let below = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
        match is_whole && is_aside(&fold(name), member) {
            true => found.push(below),
            false => find_asides(member, &below, found),
        }
    }
}

/// Returns the values that may state a problem in a member of this folded name and kind; `is_whole` where another member
/// of its object is the message.
fn replaced(name: &str, member: &Value, problem: &Problem, is_example: bool, is_whole: bool) -> Vec<Value> {
    match member {
        Value::Array(items) => items.first().and_then(|item| list(name, item, problem)).into_iter().collect(),
        Value::Object(members) => map(name, members, problem).into_iter().collect(),
        Value::String(text) => string(name, text, problem, is_example, is_whole),
        Value::Number(_) => {
            let is_status = matches!(name, "status" | "statuscode" | "httpstatus" | "code" | "errorcode");
            is_status.then(|| problem.status.as_u16().into()).into_iter().collect()
        }
        Value::Null | Value::Bool(_) => Vec::new(),
    }
}

fn string(name: &str, text: &str, problem: &Problem, is_example: bool, is_whole: bool) -> Vec<Value> {
    let is_number = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    let detail = Value::from(problem.detail.as_str());
    match name {
        "title" | "error" => problem.status.canonical_reason().map(Value::from).into_iter().collect(),
        "status" | "statuscode" | "httpstatus" | "code" if is_number => vec![problem.status.as_str().into()],
        "code" | "errorcode" | "type" | "kind" | "status" if !is_example => codes(problem),
        name if MESSAGES.contains(&name) => vec![detail],
        name if SINGLE_FIELDS.contains(&name) => {
            problem.violations.first().map(|fault| entry(fault).field.into()).into_iter().collect()
        }
        // A sentence of an example, or a sampled text, is about something else.
        _ if text.contains(' ') && !is_whole => vec![detail],
        _ => Vec::new(),
    }
}

/// Returns customary codes of a problem, in the spellings that enums have them in.
fn codes(problem: &Problem) -> Vec<Value> {
    let reason = problem.status.canonical_reason().unwrap_or("error").to_lowercase().replace([' ', '-'], "_");
    let others: &[&str] = match problem.status.as_u16() {
        400 | 422 if problem.violations.is_empty() => &["invalid_request", "validation_error", "invalid"],
        400 | 422 => &["validation_error", "validation_failed", "invalid_request", "invalid"],
        401 => &["unauthenticated", "invalid_token"],
        403 => &["permission_denied", "access_denied"],
        404 => &["resource_not_found"],
        409 => &["already_exists"],
        _ => &[],
    };
    let is_violation = matches!(problem.status.as_u16(), 400 | 422);
    let (first, last) = if is_violation { (None, Some(reason)) } else { (Some(reason), None) };
    let all = first.into_iter().chain(others.iter().map(|code| (*code).to_owned())).chain(last);
    let spelled = |code: String| {
        let camel = code.split('_').map(|word| {
            let (head, tail) = word.split_at(word.len().min(1));
            head.to_uppercase() + tail
        });
        let camel = camel.collect::<String>();
        [code.clone(), code.to_uppercase(), code.replace('_', "-"), camel].map(Value::from)
    };
    all.flat_map(spelled).collect()
}

/// Returns a list with an item for each violation, like the items of the list; `None` where they state no problems.
fn list(name: &str, item: &Value, problem: &Problem) -> Option<Value> {
    let entries = entries(problem);
    match item {
        Value::String(_) if LISTS.contains(&name) => {
            Some(entries.into_iter().map(|entry| Value::from(entry.message)).collect())
        }
        Value::Object(members) => {
            let states = |name: &String| {
                let name = fold(name);
                MESSAGES.contains(&name.as_str()) || LISTS.contains(&name.as_str())
            };
            let is_about = members.keys().any(states);
            is_about.then(|| entries.iter().map(|entry| Value::Object(filled(members, entry))).collect())
        }
        _ => None,
    }
}

/// Returns a map from fields to their messages, like the map; `None` where it is none.
fn map(name: &str, members: &Map<String, Value>, problem: &Problem) -> Option<Value> {
    let first =
        members.values().next().filter(|_| LISTS.contains(&name) && !problem.violations.is_empty())?;
    let is_text = |value: &Value| value.is_string() || value.get(0).is_some_and(Value::is_string);
    let is_map =
        members.iter().all(|(name, value)| is_text(value) && !MESSAGES.contains(&fold(name).as_str()));
    let mut found: Map<String, Value> = Map::new();
    for entry in entries(problem).into_iter().filter(|_| is_map) {
        let message = Value::from(entry.message);
        match (first, found.get_mut(&entry.field)) {
            (Value::Array(_), Some(Value::Array(messages))) => messages.push(message),
            (Value::Array(_), _) => _ = found.insert(entry.field, Value::Array(vec![message])),
            (_, known) => _ = known.is_none().then(|| found.insert(entry.field, message)),
        }
    }
    is_map.then_some(Value::Object(found))
}

/// Returns the members of an item that state one violation.
fn filled(members: &Map<String, Value>, entry: &Entry) -> Map<String, Value> {
    let fill = |(name, member): (&String, &Value)| {
        let value = match (fold(name).as_str(), member) {
            ("pointer", Value::String(_)) => Value::from(format!("/{}", entry.segments.join("/"))),
            ("in" | "location", Value::String(_)) => entry.location.into(),
            ("loc" | "location" | "path", Value::Array(_)) => {
                let location = std::iter::once(entry.location.to_owned());
                location.chain(entry.segments.iter().cloned()).map(Value::from).collect()
            }
            ("code" | "type" | "rule" | "keyword" | "constraint", Value::String(_)) => {
                entry.keyword.as_str().into()
            }
            (name, Value::String(_)) if FIELDS.contains(&name) => entry.field.as_str().into(),
            (name, Value::String(_)) if MESSAGES.contains(&name) => entry.message.as_str().into(),
            (_, Value::String(text)) if text.contains(' ') => entry.message.as_str().into(),
            (_, Value::Object(inner)) => Value::Object(filled(inner, entry)),
            (_, other) => other.clone(),
        };
        (name.clone(), value)
    };
    members.iter().map(fill).collect()
}

/// Returns an entry for each violation; without any, one for the whole request.
fn entries(problem: &Problem) -> Vec<Entry> {
    let whole = || Entry {
        field: "request".to_owned(),
        message: problem.detail.clone(),
        keyword: "invalid".to_owned(),
        location: "body",
        segments: Vec::new(),
    };
    let entries: Vec<Entry> = problem.violations.iter().map(entry).collect();
    if entries.is_empty() { vec![whole()] } else { entries }
}

fn entry(fault: &Fault) -> Entry {
    let (location, name, pointer) = match &fault.place {
        Place::Body(pointer) => ("body", None, pointer),
        Place::Parameter { location, name, pointer } => (location.as_str(), Some(name), pointer),
    };
    let tokens = pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~"));
    let segments: Vec<String> = name.cloned().into_iter().chain(tokens).collect();
    let field = if segments.is_empty() { location.to_owned() } else { segments.join(".") };
    let (message, keyword) = (fault.detail.clone(), fault.keyword.to_string());
    Entry { field, message, keyword, location, segments }
}
