//! Conditions on a request (`when`), for rules, responses and examples alike.

use std::borrow::Cow;

use descant_model::api::When;
use descant_runtime::param::Location;
use indexmap::IndexMap;
use serde_json::Value;

use super::value_path::plain;

/// The part of a request that conditions and rules read.
pub(crate) trait RequestView {
    /// Returns the key of the operation: `GET /pets/{petId}`.
    fn key(&self) -> &str;
    /// Returns its operationId.
    fn operation_id(&self) -> Option<&str>;
    /// Returns the value of a parameter; of a header field that is no parameter, its text.
    fn parameter_value(&self, location: Location, name: &str) -> Option<Cow<'_, Value>>;
    /// Returns the value of the body.
    fn body_value(&self) -> Option<&Value>;
}

/// Whether a request has all the values of a condition. Text and number are equal where their texts are, as in a query.
pub(crate) fn holds(when: &When, request: &dyn RequestView) -> bool {
    let same =
        |wanted: &Value, found: Option<&Value>| found.is_some_and(|found| plain(found) == plain(wanted));
    let has = |location: Location, values: &IndexMap<String, Value>| {
        values.iter().all(|(name, wanted)| same(wanted, request.parameter_value(location, name).as_deref()))
    };
    has(Location::Path, &when.path)
        && has(Location::Query, &when.query)
        && has(Location::Header, &when.header)
        && has(Location::Cookie, &when.cookie)
        && when
            .body
            .iter()
            .all(|(at, wanted)| same(wanted, request.body_value().and_then(|body| body.pointer(at))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A request with one value at each place.
    struct Sample(Value);

    impl RequestView for Sample {
        fn key(&self) -> &str {
            "POST /pets/{id}"
        }

        fn operation_id(&self) -> Option<&str> {
            None
        }

        fn parameter_value(&self, location: Location, name: &str) -> Option<Cow<'_, Value>> {
            let value = match (location, name) {
                (Location::Path, "id") => json!(7),
                (Location::Query, "tags") => json!(["a", "b"]),
                (Location::Header, "x-plan") => json!("free"),
                (Location::Cookie, "session") => json!("s1"),
                _ => return None,
            };
            Some(Cow::Owned(value))
        }

        fn body_value(&self) -> Option<&Value> {
            Some(&self.0)
        }
    }

    fn check(when: Value, expected: bool) {
        let request = Sample(json!({"name": "Rex", "owner": {"id": 3}, "a/b": null}));
        let parsed: When = serde_json::from_value(when.clone()).unwrap();
        assert_eq!(holds(&parsed, &request), expected, "{when}");
    }

    #[test]
    fn a_condition_needs_each_of_its_values() {
        check(json!({}), true);
        check(json!({"path": {"id": 7}}), true);
        check(json!({"path": {"id": "7"}}), true);
        check(json!({"path": {"id": 8}}), false);
        check(json!({"path": {"name": 7}}), false);
        check(json!({"query": {"tags": ["a", "b"]}}), true);
        check(json!({"query": {"tags": ["b", "a"]}}), false);
        check(json!({"header": {"x-plan": "free"}, "cookie": {"session": "s1"}}), true);
        check(json!({"header": {"x-plan": "free"}, "cookie": {"session": "s2"}}), false);
        check(json!({"body": {"/owner/id": 3, "/name": "Rex"}}), true);
        check(json!({"body": {"/a~1b": null}}), true);
        check(json!({"body": {"/owner/name": null}}), false);
        check(json!({"path": {"id": 7}, "body": {"/name": "Tom"}}), false);
    }
}
