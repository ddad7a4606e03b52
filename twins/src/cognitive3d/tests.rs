//! Tests of Cognitive3D's twin.

use descant_cognitive3d::types::{Filter, SlicerQuery};
use serde_json::{Value, json};

use super::filter::{Filters, filtered, too_deep};
use super::sessions::{Record, Sessions};
use super::slicer;

fn filters(value: Value) -> Vec<Filter> {
    serde_json::from_value(value).unwrap()
}

fn select(sessions: &Sessions, session: Value, event: Value) -> usize {
    let (session, event) = (filters(session), filters(event));
    let all: Vec<&Record> = sessions.records.iter().collect();
    filtered(all, &Filters { session: &session, event: &event, ..Filters::default() }).len()
}

#[test]
fn filters_join_compare_and_nest() {
    let sessions = Sessions::new(1);
    let field = |name: &str| json!({"fieldName": name, "fieldParent": "session"});
    let property = |kind: &str, path: &str| json!({"nestedFieldName": kind, "path": path});
    let check = |session: Value, expected: usize| {
        assert_eq!(select(&sessions, session.clone(), json!([])), expected, "{session}");
    };
    let test =
        json!({"op": "eq", "field": property("booleanSessionProp", "c3d.session_tag.test"), "value": true});
    let junk =
        json!({"op": "eq", "field": property("booleanSessionProp", "c3d.session_tag.junk"), "value": true});
    let version = |op: &str, values: Value| json!({"op": op, "field": {"unnestedFieldName": "textualSessionProp", "path": "c3d.app.version"}, "values": values});
    check(json!([]), 240);
    check(json!([test]), 24);
    check(json!([{"op": "or", "children": [test, junk]}]), 36);
    check(json!([{"op": "and", "children": [test, junk]}]), 0);
    check(json!([{"op": "none", "children": [{"op": "or", "children": [test, junk]}]}]), 204);
    check(json!([version("in", json!(["1.0", "0.9"]))]), 160);
    check(json!([version("notIn", json!(["1.0", "0.9"]))]), 80);
    check(json!([{"op": "eq", "field": field("hmd"), "value": null}]), 160);
    check(json!([{"op": "neq", "field": field("hmd"), "value": null}]), 80);
    check(json!([{"op": "gte", "field": field("date"), "value": 1_772_500_800_000_i64}]), 1);
    check(json!([{"op": "lt", "field": field("date"), "value": 1_772_500_800_000_i64}]), 239);
    check(json!([{"op": "range", "field": field("duration"), "min": 30_000, "max": 30_000}]), 1);
    check(json!([{"op": "outsideRange", "field": field("duration"), "min": 30_000, "max": 30_000}]), 239);
    check(json!([{"op": "gt", "field": field("nowhere"), "value": 1}]), 0);
}

#[test]
fn filters_on_events_ask_for_one_event_that_meets_them_all() {
    let sessions = Sessions::new(1);
    let attempt = json!({"op": "eq", "value": 2,
        "field": {"nestedFieldName": "numericalEventProp", "path": "attempt", "fieldParent": "event"}});
    let named = |name: &str| json!({"op": "eq", "value": name, "field": {"fieldName": "name", "fieldParent": "event"}});
    assert_eq!(select(&sessions, json!([]), json!([named("Belt Closed"), attempt])), 80);
    assert_eq!(select(&sessions, json!([]), json!([named("c3d.sessionStart"), attempt])), 0);
}

#[test]
fn filters_that_nest_too_deeply_are_told() {
    let nest = |depth: usize| {
        let leaf =
            json!({"op": "eq", "field": {"fieldName": "hmd", "fieldParent": "session"}, "value": null});
        filters(json!([(1..depth).fold(leaf, |inner, _| json!({"op": "and", "children": [inner]}))]))
    };
    assert!(!too_deep(&nest(60)));
    assert!(too_deep(&nest(65)));
}

#[test]
fn the_slicer_counts_and_slices() {
    let sessions = Sessions::new(1);
    let all: Vec<&Record> = sessions.records.iter().collect();
    let check = |aggregation: Value, expected: Value| {
        let query = json!({"entityFilters": {"projectId": 1204}, "aggregations": [aggregation]});
        let query: SlicerQuery = serde_json::from_value(query).unwrap();
        let result = slicer::query(&query, &all).map(|result| result["aggregations"]["main"]["it"].clone());
        assert_eq!(result, Ok(expected), "{aggregation}");
    };
    let of = |operation: Value, by: Value, output: &str| json!({"name": "main", "operations": [operation], "sliceBys": by, "outputType": output});
    let count = json!({"name": "it", "type": "sessionCount"});
    let version =
        json!({"name": "v", "field": {"unnestedFieldName": "textualSessionProp", "path": "c3d.app.version"}});
    let test = json!({"name": "t", "field": {"unnestedFieldName": "booleanSessionProp", "path": "c3d.session_tag.test"}});
    let month = json!({"name": "m", "timeUnit": "month", "maxTerms": 2, "field": {"fieldName": "date", "fieldParent": "session"}});
    let memory = json!({"name": "it", "type": "average",
        "field": {"unnestedFieldName": "numericalSessionProp", "path": "c3d.device.memory"}});
    check(of(count.clone(), json!([]), "json0_keyed"), json!({"value": 240, "warnings": []}));
    check(
        of(json!({"name": "it", "type": "eventCount"}), json!([]), "legacy"),
        json!({"value": 720, "dimensionless": true}),
    );
    check(of(memory, json!([]), "json0_keyed"), json!({"value": 12.0, "warnings": []}));
    check(
        of(count.clone(), json!([version]), "json0_keyed"),
        json!({"values": {"0.9": 80, "1.0": 80, "1.1": 80}, "warnings": []}),
    );
    check(
        of(count.clone(), json!([test]), "json0_list"),
        json!({"values": [{"x": false, "value": 216}, {"x": true, "value": 24}], "warnings": []}),
    );
    check(
        of(count.clone(), json!([test, version]), "json0_keyed"),
        json!({"values": [
        {"x": false, "values": {"0.9": 72, "1.0": 72, "1.1": 72}},
        {"x": true, "values": {"0.9": 8, "1.0": 8, "1.1": 8}}], "warnings": []}),
    );
    check(
        of(count, json!([month]), "json0_keyed"),
        json!({"values": {"2025-12-01": 30, "2026-01-01": 106}, "warnings": []}),
    );
}

#[test]
fn the_same_seed_invents_the_same_sessions() {
    assert_eq!(Sessions::new(3).records, Sessions::new(3).records);
    assert_ne!(Sessions::new(3).records, Sessions::new(4).records);
}
