//! Tests of Cognitive3D's twin.

use std::sync::LazyLock;

use descant_cognitive3d::types::{EntityFilters, Filter, SessionDataRequest, SlicerQuery};
use serde_json::{Value, json};

use super::filter::{Filters, filtered, too_deep};
use super::recordings::{self, Ingested};
use super::sessions::{Record, Sessions};
use super::{objectives, slicer, surveys};

/// 1 December 2026, in seconds since 1970.
const NOW: i64 = 1_796_083_200;
const DAY: i64 = 86_400;

static SESSIONS: LazyLock<Sessions> = LazyLock::new(|| Sessions::new(1, NOW));

/// The sessions of the first project.
fn all() -> Vec<&'static Record> {
    SESSIONS.of(&EntityFilters::new(1204)).unwrap()
}

fn filters(value: Value) -> Vec<Filter> {
    serde_json::from_value(value).unwrap()
}

/// Counts the sessions that match filters.
fn select(session: Value, event: Value) -> usize {
    let (session, event) = (filters(session), filters(event));
    filtered(all(), &Filters { session: &session, event: &event, ..Filters::default() }).len()
}

/// Counts the sessions for which a statement holds.
fn count(holds: impl Fn(&Record) -> bool) -> usize {
    all().iter().filter(|record| holds(record)).count()
}

fn property<'r>(record: &'r Record, name: &str) -> &'r Value {
    record["properties"].get(name).unwrap_or(&Value::Null)
}

#[test]
fn the_organization_looks_alive() {
    let records = &SESSIONS.records;
    assert!(records.len() > 3_000, "{}", records.len());
    let started = |record: &Record| record["createdAt"].as_i64().unwrap() / 1000;
    assert!(records.iter().all(|record| started(record) <= NOW));
    assert!(records.is_sorted_by_key(|record| -started(record)));
    let recent = records.iter().filter(|record| started(record) > NOW - 30 * DAY).count();
    assert!(recent > 60, "{recent}");
    let people: std::collections::BTreeSet<_> = records
        .iter()
        .map(|record| (record["projectId"].as_i64(), record["participantId"].as_str()))
        .collect();
    assert!(people.len() > 100, "{}", people.len());
    // A participant has one country, one device and one headset; work is done in the daytime.
    for name in ["c3d.geo.country", "c3d.device.model"] {
        let pairs: std::collections::BTreeSet<_> = records
            .iter()
            .map(|record| {
                (
                    record["projectId"].as_i64(),
                    record["participantId"].as_str(),
                    property(record, name).as_str(),
                )
            })
            .collect();
        assert_eq!(pairs.len(), people.len(), "{name}");
    }
    let at_night = records.iter().filter(|record| started(record) % DAY < 8 * 3_600).count();
    assert!(at_night <= 1, "{at_night}: only the session of the examples");
    // Events happen in many places, and those of one session are told apart.
    let places: std::collections::BTreeSet<_> = records
        .iter()
        .flat_map(|record| record["events"].as_array().unwrap())
        .map(|event| event["x"].to_string())
        .collect();
    assert!(places.len() > 300, "{}", places.len());
    assert!(SESSIONS.find(&SESSIONS.organization.newest_session_id).is_some());
    assert!(SESSIONS.of(&EntityFilters::new(5)).is_none());
    // Later there are more sessions, and the earlier ones are the same.
    let later = Sessions::new(1, NOW + 7 * DAY);
    assert!(later.records.len() > records.len());
    assert_eq!(later.find(records[9]["sessionId"].as_str().unwrap()), Some(&records[9]));
}

#[test]
fn filters_join_compare_and_nest() {
    let field = |name: &str| json!({"fieldName": name, "fieldParent": "session"});
    let nested = |kind: &str, path: &str| json!({"nestedFieldName": kind, "path": path});
    let check = |session: Value, expected: usize| {
        assert_eq!(select(session.clone(), json!([])), expected, "{session}");
    };
    let flag = |name: &str| json!({"op": "eq", "field": nested("booleanSessionProp", name), "value": true});
    let (test, junk) = (flag("c3d.session_tag.test"), flag("c3d.session_tag.junk"));
    let is = |record: &Record, name: &str| *property(record, name) == json!(true);
    let (is_test, is_junk) = (
        |record: &Record| is(record, "c3d.session_tag.test"),
        |record: &Record| is(record, "c3d.session_tag.junk"),
    );
    let version = |op: &str, values: Value| json!({"op": op, "field": {"unnestedFieldName": "textualSessionProp", "path": "c3d.app.version"}, "values": values});
    let whole = all().len();
    check(json!([]), whole);
    check(json!([test]), count(is_test));
    check(
        json!([{"op": "or", "children": [test, junk]}]),
        count(|record| is_test(record) || is_junk(record)),
    );
    check(
        json!([{"op": "and", "children": [test, junk]}]),
        count(|record| is_test(record) && is_junk(record)),
    );
    check(
        json!([{"op": "none", "children": [{"op": "or", "children": [test, junk]}]}]),
        count(|record| !is_test(record) && !is_junk(record)),
    );
    let first = count(|record| *property(record, "c3d.app.version") == json!("1.0"));
    assert!(first > 100 && first < whole - 100, "{first}");
    check(json!([version("in", json!(["1.0", "0.9"]))]), first);
    check(json!([version("notIn", json!(["1.0", "0.9"]))]), whole - first);
    let without = count(|record| record["hmd"].is_null());
    assert!(without > 0);
    check(json!([{"op": "eq", "field": field("hmd"), "value": null}]), whole - without);
    check(json!([{"op": "neq", "field": field("hmd"), "value": null}]), without);
    let day = NOW * 1000 - 30 * DAY * 1000;
    let since = count(|record| record["createdAt"].as_i64() >= Some(day));
    check(json!([{"op": "gte", "field": field("date"), "value": day}]), since);
    check(json!([{"op": "lt", "field": field("date"), "value": day}]), whole - since);
    let short = count(|record| record["duration"].as_i64() <= Some(60_000));
    check(json!([{"op": "range", "field": field("duration"), "min": 0, "max": 60_000}]), short);
    check(
        json!([{"op": "outsideRange", "field": field("duration"), "min": 0, "max": 60_000}]),
        whole - short,
    );
    check(json!([{"op": "gt", "field": field("nowhere"), "value": 1}]), 0);
}

#[test]
fn filters_on_events_ask_for_one_event_that_meets_them_all() {
    let attempt = json!({"op": "eq", "value": 2,
        "field": {"nestedFieldName": "numericalEventProp", "path": "attempt", "fieldParent": "event"}});
    let named = |name: &str| json!({"op": "eq", "value": name, "field": {"fieldName": "name", "fieldParent": "event"}});
    let closed = count(|record| {
        let mut events = record["events"].as_array().unwrap().iter();
        events.any(|event| event["name"] == "Belt Closed" && event["properties"]["attempt"] == 2)
    });
    assert!(closed > 100, "{closed}");
    assert_eq!(select(json!([]), json!([named("Belt Closed"), attempt])), closed);
    assert_eq!(select(json!([]), json!([named("c3d.sessionStart"), attempt])), 0);
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
    let all = all();
    let slice = |aggregation: Value| {
        let query = json!({"entityFilters": {"projectId": 1204}, "aggregations": [aggregation]});
        let query: SlicerQuery = serde_json::from_value(query).unwrap();
        slicer::query(&query, &all).unwrap()["aggregations"]["main"]["it"].clone()
    };
    let of = |operation: Value, by: Value, output: &str| json!({"name": "main", "operations": [operation], "sliceBys": by, "outputType": output});
    let sessions = json!({"name": "it", "type": "sessionCount"});
    let test = json!({"name": "t", "field": {"unnestedFieldName": "booleanSessionProp", "path": "c3d.session_tag.test"}});
    let month =
        json!({"name": "m", "timeUnit": "month", "field": {"fieldName": "date", "fieldParent": "session"}});
    let memory = json!({"name": "it", "type": "max",
        "field": {"unnestedFieldName": "numericalSessionProp", "path": "c3d.device.memory"}});
    let whole = all.len();
    let tests = count(|record| *property(record, "c3d.session_tag.test") == json!(true));
    assert_eq!(
        slice(of(sessions.clone(), json!([]), "json0_keyed")),
        json!({"value": whole, "warnings": []})
    );
    let events: usize = all.iter().map(|record| record["events"].as_array().unwrap().len()).sum();
    assert_eq!(
        slice(of(json!({"name": "it", "type": "eventCount"}), json!([]), "legacy")),
        json!({"value": events, "dimensionless": true})
    );
    assert_eq!(slice(of(memory, json!([]), "json0_keyed"))["value"], json!(32.0));
    assert_eq!(
        slice(of(sessions.clone(), json!([test]), "json0_list")),
        json!({"values": [{"x": false, "value": whole - tests}, {"x": true, "value": tests}], "warnings": []})
    );
    let months = slice(of(sessions, json!([month]), "json0_keyed"));
    let months = months["values"].as_object().unwrap();
    assert_eq!(months.values().map(|count| count.as_u64().unwrap() as usize).sum::<usize>(), whole);
    assert!(months.contains_key("2026-11-01"), "{months:?}");
}

/// A step that succeeded has its event, and counts follow the sessions that are counted.
#[test]
fn objectives_and_surveys_are_counted_from_sessions() {
    let all = all();
    let results = objectives::results(&all, &[660]);
    let (succeeded, failed) =
        (results[0]["succeeded"].as_u64().unwrap(), results[0]["failed"].as_u64().unwrap());
    assert_eq!((succeeded + failed) as usize, all.len());
    assert!(failed > 50 && succeeded > failed, "{results}");
    let closed = count(|record| {
        record["events"].as_array().unwrap().iter().any(|event| event["name"] == "Belt Closed")
    });
    assert_eq!(objectives::steps(&all, &[660])["660"][0]["succeeded"], closed);
    assert_eq!(objectives::results(&all, &[]), json!([]));
    let lines = objectives::table(&all[..2], 660).lines().count();
    assert!((3..=5).contains(&lines), "{lines}");

    let set = SESSIONS.organization.project(1204).unwrap().question_set("shift_survey", 2).unwrap();
    let sum = |records: &[&Record]| -> u64 {
        let counts = surveys::counts(set, records);
        counts[0].as_array().unwrap().iter().map(|count| count["count"].as_u64().unwrap()).sum()
    };
    let answered = count(|record| {
        record["events"]
            .as_array()
            .unwrap()
            .iter()
            .any(|event| event["properties"]["questionSetId"] == "shift_survey:2")
    });
    assert!(answered > 200, "{answered}");
    assert_eq!(sum(&all) as usize, answered);
    assert!(sum(&all[..100]) < sum(&all[..200]), "the filters are followed");
    assert_eq!(surveys::responses(set, &all).len(), answered * 3);
}

#[test]
fn raw_data_are_those_of_the_session_and_of_their_kind() {
    let record = all()[3];
    let mut ingested = Ingested::default();
    let id = record["sessionId"].as_str().unwrap();
    let start = record["createdAt"].as_i64().unwrap() as f64 / 1000.0;
    ingested.add(id, "sensors", vec![json!({"time": start + 2.0, "name": "heart", "value": 71})]);
    let data = |kind: &str| {
        let request: SessionDataRequest =
            serde_json::from_value(json!({"jsonType": kind, "sessionRelativeTimestamps": true})).unwrap();
        recordings::data(record, &request, &ingested, 1)
    };
    assert_eq!(data("EVENTS")["events"], record["events"]);
    assert!(data("GAZE")["gaze"].as_array().unwrap().len() > 100);
    assert!(data("GAZE").get("events").is_none());
    assert_eq!(data("SENSORS")["sensors"].as_array().unwrap().last().unwrap()["name"], "heart");
    assert_eq!(data("ALL").as_object().unwrap().len(), 7);
}

#[test]
fn the_same_seed_invents_the_same_sessions() {
    let at = 1_720_000_000;
    assert_eq!(Sessions::new(3, at).records, Sessions::new(3, at).records);
    assert_ne!(Sessions::new(3, at).records, Sessions::new(4, at).records);
}
