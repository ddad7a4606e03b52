//! What text stands for: the value of the narrowest kind that its schema admits (ARCHITECTURE.md, "Schemas").

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may")]

use descant_exchange::{Incoming, RequestPlan, Schemas};
use descant_model::load::{Options, load_text};
use descant_runtime::param::Location;
use http::HeaderMap;
use serde_json::{Value, json};

/// `read` are texts of a query parameter of a schema, with the values that they stand for.
#[track_caller]
fn check(schema: &str, read: &[(&str, Value)]) {
    let text = format!(
        "openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\npaths: {{/a: {{get: {{parameters: [{{name: v, in: query, schema: {schema}}}], responses: {{'200': {{description: ok}}}}}}}}}}\n"
    );
    let api = load_text("test.yaml", text, &Options::default()).api.unwrap();
    let schemas = Schemas::new(&api);
    let plan = RequestPlan::new(&schemas, &api.operations[0]);
    for (text, value) in read {
        let (query, headers) = (format!("v={text}"), HeaderMap::new());
        let request = Incoming { path: &[], query: Some(&query), headers: &headers, body: b"" };
        let decoded =
            plan.decode(&schemas, &request).unwrap_or_else(|refusal| panic!("{schema}: {refusal:?}"));
        assert_eq!(plan.value(&decoded, Location::Query, "v"), Some(value), "`{text}` by {schema}");
    }
}

#[test]
fn text_without_a_type_is_what_it_looks_like() {
    let numbers = [("12", json!(12)), ("1.5", json!(1.5))];
    check("{}", &numbers);
    check("{description: d}", &[("true", json!(true)), ("null", json!(null)), ("a", json!("a"))]);
}

#[test]
fn text_of_a_union_is_of_its_narrowest_kind() {
    check("{type: [string, integer]}", &[("12", json!(12)), ("1.5", json!("1.5")), ("true", json!("true"))]);
    check("{oneOf: [{type: string}, {type: number}]}", &[("1.5.0", json!("1.5.0"))]);
    check("{anyOf: [{type: string}, {type: number}]}", &[("1.5", json!(1.5))]);
    check("{anyOf: [{type: string}, {type: boolean}]}", &[("true", json!(true)), ("1", json!("1"))]);
}

#[test]
fn a_value_that_the_schema_refuses_is_the_text_that_it_admits() {
    check(
        "{oneOf: [{type: integer, minimum: 10}, {type: string}]}",
        &[("007", json!("007")), ("12", json!(12))],
    );
    check("{minimum: 10}", &[("7", json!("7")), ("12", json!(12))]);
}

#[test]
fn listed_values_say_the_kinds() {
    check("{enum: ['1', a]}", &[("1", json!("1"))]);
    check("{enum: [1, a]}", &[("1", json!(1)), ("a", json!("a"))]);
    check("{const: 1}", &[("1", json!(1))]);
}
