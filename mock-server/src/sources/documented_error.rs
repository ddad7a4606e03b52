//! Renders a refusal as the document describes an operation's errors: an example or a sampled value whose members with
//! customary names (`message`, `status`) state the problem. The value follows its schema all the same.

use descant_exchange::accept;
use descant_model::api::ExampleValue;
use descant_runtime::problem::MEDIA_TYPE;
use serde_json::Value;

use super::context::ResponseContext;
use super::error_members::{asides, replacements};
use crate::tables::operation::{CompiledResponse, Negotiated};
use crate::tables::representation::{EncodedBody, ErrorTemplate, Representation};
use crate::vocabulary::message::{Request, Response, notify};
use crate::vocabulary::problem::Problem;
use crate::vocabulary::seed::Seed;

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
    documented.choose(accept(request.headers()).as_deref())?;
    let Negotiated { representation, media_type, content_type } =
        documented.negotiate(request.headers()).ok()?;
    let admits = |value: &Value| representation.admits(context.schemas, value);
    if media_type.eq_ignore_ascii_case(MEDIA_TYPE) && admits(&problem.body()) {
        return None;
    }
    let template = representation
        .error_template(status_seed(context, problem), |seed| template(context, representation, seed))?;
    let value = fill(&template, problem, admits);
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

/// Returns the seed of a status: the same for each refusal.
fn status_seed(context: ResponseContext<'_>, problem: &Problem) -> u64 {
    Seed::new(context.seed).with(problem.status.as_str()).value()
}

/// Returns a value of the response: its first valid example, else a sampled one, without the objects and lists that state
/// no problem.
fn template(
    context: ResponseContext<'_>,
    representation: &Representation,
    seed: u64,
) -> Option<ErrorTemplate> {
    let model = representation.model()?;
    let examples = model.examples.iter().filter_map(|example| match &example.value {
        ExampleValue::Data(value) => Some(&**value),
        ExampleValue::Serialized(_) | ExampleValue::External(_) => None,
    });
    let admits = |value: &Value| representation.admits(context.schemas, value);
    if let Some(example) = examples.into_iter().find(|value| admits(value)) {
        return Some(ErrorTemplate { value: example.clone(), is_example: true });
    }
    let mut value = context.schemas.sample(model.schema?, seed)?;
    for pointer in asides(&value) {
        let mut shorter = value.clone();
        let parent = pointer.rsplit_once('/').and_then(|(parent, _)| shorter.pointer_mut(parent));
        let name = pointer.rsplit('/').next().unwrap_or_default().replace("~1", "/").replace("~0", "~");
        let removed = parent.and_then(Value::as_object_mut).and_then(|members| members.shift_remove(&name));
        if removed.is_some() && admits(&shorter) {
            value = shorter;
        }
    }
    Some(ErrorTemplate { value, is_example: false })
}

/// Replaces the members of a value that have a customary name, each by the first replacement that the schema admits.
fn fill(template: &ErrorTemplate, problem: &Problem, admits: impl Fn(&Value) -> bool) -> Value {
    let replacements = replacements(&template.value, problem, template.is_example);
    // The first of each is nearly always right, and then one look at the whole value is enough.
    let mut value = template.value.clone();
    for (pointer, values) in &replacements {
        if let (Some(place), Some(first)) = (value.pointer_mut(pointer), values.first()) {
            *place = first.clone();
        }
    }
    if admits(&value) {
        return value;
    }
    value.clone_from(&template.value);
    for (pointer, replacements) in replacements {
        for replacement in replacements {
            let Some(place) = value.pointer_mut(&pointer) else { break };
            let before = std::mem::replace(place, replacement);
            if admits(&value) {
                break;
            }
            if let Some(place) = value.pointer_mut(&pointer) {
                *place = before;
            }
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use descant_runtime::param::Location;
    use descant_runtime::problem::{Fault, Place};
    use http::StatusCode;
    use serde_json::json;

    use super::*;

    /// Fills a value by a problem of 404, where every value is admitted.
    fn check(template: Value, expected: Value) {
        let problem = Problem::new(StatusCode::NOT_FOUND, "no such pet");
        let found = fill(&ErrorTemplate { value: template.clone(), is_example: true }, &problem, |_| true);
        assert_eq!(found, expected, "{template}");
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
        let template = ErrorTemplate { value: json!({"message": "m", "code": 1}), is_example: true };
        let found = fill(&template, &problem, admits);
        assert_eq!(found, json!({"message": "m", "code": 404}));
    }

    #[test]
    fn objects_beside_the_message_of_a_sampled_error_are_left_out() {
        let error = json!({"message": "m", "intent": {"description": "d"}, "errors": [{"field": "f"}]});
        assert_eq!(asides(&json!({"error": error.clone()})), ["/error/intent"]);
        assert!(asides(&json!({"data": {"text": {"message": "m"}}})).is_empty());
        // Where the schema requires the object, it stays as it is.
        let fault = Fault::new("type", "an integer", "x").detail("no integer").of(Location::Query, "limit");
        let problem =
            Problem { violations: vec![fault], ..Problem::new(StatusCode::BAD_REQUEST, "no integer") };
        let sampled =
            json!({"message": "m", "hint": "amber circle", "param": "p", "intent": {"description": "d"}});
        let found = fill(&ErrorTemplate { value: sampled, is_example: false }, &problem, |_| true);
        let expected = json!({"message": "no integer", "hint": "amber circle", "param": "limit", "intent": {"description": "d"}});
        assert_eq!(found, expected);
    }

    /// Fills a value by the two violations of a request.
    fn check_violations(template: Value, is_example: bool, expected: Value) {
        let missing =
            Fault { place: Place::Body("/user/email".to_owned()), ..Fault::new("required", "a value", "") };
        let missing = missing.detail("required, but missing");
        let number =
            Fault::new("type", "an integer", "x").detail("expected an integer").of(Location::Query, "page");
        let problem = Problem::new(StatusCode::BAD_REQUEST, "the request has 2 faults");
        let problem = Problem { violations: vec![missing, number], ..problem };
        let found = fill(&ErrorTemplate { value: template.clone(), is_example }, &problem, |_| true);
        assert_eq!(found, expected, "{template}");
    }

    #[test]
    fn each_violation_is_an_item_of_its_own() {
        check_violations(
            json!({"code": "amber", "details": [{"field": "clear pebble", "message": "m"}, {"field": "f", "message": "m"}]}),
            false,
            json!({"code": "validation_error", "details": [
                {"field": "user.email", "message": "required, but missing"},
                {"field": "page", "message": "expected an integer"},
            ]}),
        );
        check_violations(
            json!({"detail": [{"loc": ["body", 0], "msg": "m", "type": "t"}]}),
            true,
            json!({"detail": [
                {"loc": ["body", "user", "email"], "msg": "required, but missing", "type": "required"},
                {"loc": ["query", "page"], "msg": "expected an integer", "type": "type"},
            ]}),
        );
        check_violations(
            json!({"errors": {"quiet": ["m"]}}),
            false,
            json!({"errors": {"user.email": ["required, but missing"], "page": ["expected an integer"]}}),
        );
        check_violations(
            json!({"errors": ["m"]}),
            true,
            json!({"errors": ["required, but missing", "expected an integer"]}),
        );
        check_violations(
            json!({"hint": "Use another name."}),
            true,
            json!({"hint": "the request has 2 faults"}),
        );
    }
}
