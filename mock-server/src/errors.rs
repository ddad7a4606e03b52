//! A refusal in the shape that the document gives an operation's errors: an example or a sampled value, in which the
//! members that are for it say what the mock found. The value follows its schema all the same.

use descant_model::api::ExampleValue;
use descant_runtime::problem::MEDIA_TYPE;
use serde_json::Value;

use crate::answer::{chosen, notify};
use crate::content::{Body, Content};
use crate::mock::Mock;
use crate::prepared::Answer;
use crate::problem::Problem;
use crate::sample::Seed;
use crate::state::fold;
use crate::{Request, Response};

/// How deep members are looked for.
const DEEPEST: usize = 4;

/// The documented response for a problem; `None` where the caller takes none of its types, or it is problem details,
/// which the mock's own are.
pub(crate) fn shaped(mock: &Mock, request: &Request, answer: &Answer, problem: &Problem) -> Option<Response> {
    if answer.contents.is_empty() {
        return Some(without_body(answer, problem));
    }
    let (content, name, content_type) = chosen(request, answer).ok()?;
    if name.eq_ignore_ascii_case(MEDIA_TYPE) && content.admits(&mock.schemas, &problem.body()) {
        return None;
    }
    let mut value = pattern(mock, content, problem)?;
    for (pointer, said) in sayings(&value, problem) {
        let Some(place) = value.pointer_mut(&pointer) else { continue };
        let before = std::mem::replace(place, said);
        if !content.admits(&mock.schemas, &value)
            && let Some(place) = value.pointer_mut(&pointer)
        {
            *place = before;
        }
    }
    let bytes = content.encode(&mock.schemas, &name, &value).ok()?;
    let mut response = Body { bytes, notice: None }.response(content_type);
    let own = |name: &http::HeaderName| problem.headers.iter().any(|(known, _)| known == name);
    response.headers_mut().extend(answer.headers.iter().filter(|(name, _)| !own(name)).cloned());
    Some(response)
}

/// The documented response where it has no body: what the mock found stands beside it.
fn without_body(answer: &Answer, problem: &Problem) -> Response {
    let mut response = Response::default();
    response.headers_mut().extend(answer.headers.iter().cloned());
    notify(&mut response, Some(&problem.detail));
    response
}

/// A value of the response: its first valid example, else a sampled one.
fn pattern(mock: &Mock, content: &Content, problem: &Problem) -> Option<Value> {
    let model = content.model()?;
    let examples = model.examples.iter().filter_map(|example| match &example.value {
        ExampleValue::Data(value) => Some(&**value),
        ExampleValue::Serialized(_) | ExampleValue::External(_) => None,
    });
    let example = examples.into_iter().find(|value| content.admits(&mock.schemas, value)).cloned();
    let seed = Seed::new(mock.seed()).with(problem.status.as_str());
    example.or_else(|| mock.schemas.sample(model.schema?, seed.value()))
}

/// What the mock has to say, by the pointers of the members that are for it.
fn sayings(value: &Value, problem: &Problem) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    if value.is_string() {
        found.push((String::new(), Value::from(problem.detail.as_str())));
    }
    collect(value, "", problem, &mut found);
    found
}

fn collect(value: &Value, pointer: &str, problem: &Problem, found: &mut Vec<(String, Value)>) {
    if pointer.matches('/').count() >= DEEPEST {
        return;
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let below = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
                match saying(name, member, problem) {
                    Some(said) => found.push((below, said)),
                    None => collect(member, &below, problem, found),
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, &format!("{pointer}/{index}"), problem, found);
            }
        }
        _ => {}
    }
}

/// What a member of this name and kind says of a problem.
fn saying(name: &str, member: &Value, problem: &Problem) -> Option<Value> {
    match (fold(name).as_str(), member) {
        (
            "message" | "msg" | "detail" | "details" | "description" | "reason" | "errormessage"
            | "errordescription",
            Value::String(_),
        ) => Some(problem.detail.as_str().into()),
        ("title" | "error", Value::String(_)) => Some(problem.status.canonical_reason()?.into()),
        ("status" | "statuscode" | "httpstatus" | "code" | "errorcode", Value::Number(_)) => {
            Some(problem.status.as_u16().into())
        }
        ("status" | "statuscode" | "httpstatus" | "code", Value::String(text)) => {
            let is_code = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
            is_code.then(|| problem.status.as_str().into())
        }
        _ => None,
    }
}
