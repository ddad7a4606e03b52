//! Renders a refusal as the document describes an operation's errors: an example or a sampled value whose members with
//! customary names (`message`, `status`) state the problem. The value follows its schema all the same.

use descant_model::api::ExampleValue;
use descant_runtime::problem::MEDIA_TYPE;
use serde_json::Value;

use super::context::ResponseContext;
use crate::tables::operation::{CompiledResponse, Negotiated};
use crate::tables::representation::{EncodedBody, Representation};
use crate::vocabulary::message::{Request, Response, notify};
use crate::vocabulary::problem::Problem;
use crate::vocabulary::seed::Seed;
use crate::vocabulary::value_path::fold;

/// The depth to which members are replaced.
const MAX_DEPTH: usize = 4;

/// Returns the documented response for a problem; `None` where the caller accepts none of its types, or it is problem
/// details, which the mock's own body is.
pub(crate) fn render(
    context: ResponseContext<'_>,
    request: &Request,
    documented: &CompiledResponse,
    problem: &Problem,
) -> Option<Response> {
    if documented.representations.is_empty() {
        return Some(without_body(documented, problem));
    }
    let Negotiated { representation, media_type, content_type } =
        documented.negotiate(request.headers()).ok()?;
    let admits = |value: &Value| representation.admits(context.schemas, value);
    if media_type.eq_ignore_ascii_case(MEDIA_TYPE) && admits(&problem.body()) {
        return None;
    }
    let template = template(context, representation, problem)?;
    let value = fill(template, problem, admits);
    let bytes = representation.encode(context.schemas, &media_type, &value).ok()?;
    let mut response = EncodedBody { bytes, notice: None }.into_response(content_type);
    let is_own = |name: &http::HeaderName| problem.headers.iter().any(|(known, _)| known == name);
    response.headers_mut().extend(documented.headers.iter().filter(|(name, _)| !is_own(name)).cloned());
    Some(response)
}

/// Returns the documented response where it has no body; a notice states the problem.
fn without_body(documented: &CompiledResponse, problem: &Problem) -> Response {
    let mut response = Response::default();
    response.headers_mut().extend(documented.headers.iter().cloned());
    notify(&mut response, Some(&problem.detail));
    response
}

/// Returns a value of the response: its first valid example, else a sampled one.
fn template(
    context: ResponseContext<'_>,
    representation: &Representation,
    problem: &Problem,
) -> Option<Value> {
    let model = representation.model()?;
    let examples = model.examples.iter().filter_map(|example| match &example.value {
        ExampleValue::Data(value) => Some(&**value),
        ExampleValue::Serialized(_) | ExampleValue::External(_) => None,
    });
    let example = examples.into_iter().find(|value| representation.admits(context.schemas, value)).cloned();
    let seed = Seed::new(context.seed).with(problem.status.as_str());
    example.or_else(|| context.schemas.sample(model.schema?, seed.value()))
}

/// Replaces the members of a value that have a customary name, each where the schema admits the result.
fn fill(mut value: Value, problem: &Problem, admits: impl Fn(&Value) -> bool) -> Value {
    for (pointer, member) in replacements(&value, problem) {
        let Some(place) = value.pointer_mut(&pointer) else { continue };
        let before = std::mem::replace(place, member);
        if !admits(&value)
            && let Some(place) = value.pointer_mut(&pointer)
        {
            *place = before;
        }
    }
    value
}

/// Returns the members to replace, by their JSON pointers, with their new values.
fn replacements(value: &Value, problem: &Problem) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    if value.is_string() {
        found.push((String::new(), Value::from(problem.detail.as_str())));
    }
    collect(value, "", problem, &mut found);
    found
}

fn collect(value: &Value, pointer: &str, problem: &Problem, found: &mut Vec<(String, Value)>) {
    if pointer.matches('/').count() >= MAX_DEPTH {
        return;
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let below = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
                match replacement(name, member, problem) {
                    Some(replaced) => found.push((below, replaced)),
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

/// Returns the value that states a problem in a member of this name and kind.
fn replacement(name: &str, member: &Value, problem: &Problem) -> Option<Value> {
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

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use serde_json::json;

    use super::*;

    /// Fills a value by a problem of 404, where every value is admitted.
    fn check(template: Value, expected: Value) {
        let problem = Problem::new(StatusCode::NOT_FOUND, "no such pet");
        assert_eq!(fill(template.clone(), &problem, |_| true), expected, "{template}");
    }

    #[test]
    fn members_with_customary_names_state_the_problem() {
        check(json!({"message": "m", "code": 1}), json!({"message": "no such pet", "code": 404}));
        check(json!({"error_description": "m"}), json!({"error_description": "no such pet"}));
        check(json!({"title": "t", "status": "200"}), json!({"title": "Not Found", "status": "404"}));
        check(json!({"errors": [{"msg": "m"}]}), json!({"errors": [{"msg": "no such pet"}]}));
        check(json!("text"), json!("no such pet"));
    }

    #[test]
    fn members_of_other_names_or_kinds_stay() {
        for template in
            [json!({"name": "Rex"}), json!({"message": 1, "code": "E_PET", "status": true}), json!(7)]
        {
            check(template.clone(), template);
        }
        let deep = json!({"a": {"b": {"c": {"d": {"message": "m"}}}}});
        check(deep.clone(), deep);
    }

    #[test]
    fn a_member_stays_where_the_schema_does_not_admit_the_problem() {
        let problem = Problem::new(StatusCode::NOT_FOUND, "no such pet");
        let admits = |value: &Value| value["message"] == "m";
        let found = fill(json!({"message": "m", "code": 1}), &problem, admits);
        assert_eq!(found, json!({"message": "m", "code": 404}));
    }
}
