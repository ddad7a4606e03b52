//! What the parts of an exchange mean, by examples.

use http::{HeaderMap, HeaderValue, header};
use serde_json::{Value, json};

use super::*;
use crate::check;
use crate::param::{self, Facet, Kinds, Location, Shape};
use crate::problem::Fault;

fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
    lines.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).fold(
        HeaderMap::new(),
        |mut all: HeaderMap, (name, value): (header::HeaderName, _)| {
            all.append(name, value);
            all
        },
    )
}

#[test]
fn lines_of_a_field_are_one_value() {
    let lines = headers(&[("x-ids", "a"), ("x-ids", "b"), ("accept", "text/html"), ("accept", "text/csv")]);
    assert_eq!(header_text(&lines, "X-Ids", ",").unwrap().as_deref(), Some("a,b"));
    assert_eq!(accept(&lines).as_deref(), Some("text/html, text/csv"));
    assert_eq!(accept(&headers(&[("accept", "*/*")])), None);
}

fn read(query: &str, encoding: param::Encoding, shape: &Shape) -> Result<Option<Value>, Vec<Fault>> {
    let empty = HeaderMap::new();
    let pairs = param::Query::parse(query);
    let source = Source { path: &[], query: Some(query), pairs: &pairs, headers: &empty };
    let (name, location) = ("q", Location::Query);
    let parameter = Parameter { location, name, encoding, shape, query_string: None };
    parameter.read(&source, |_| false, |value| check::check(value, shape))
}

#[test]
fn a_text_is_the_narrowest_value_that_the_schema_admits() {
    let kinds = Kinds::INTEGER | Kinds::STRING;
    let branches = || {
        Facet::AnyOf(
            vec![
                Shape { facets: vec![Facet::Maximum(9.0)].into(), ..Shape::INTEGER }.into(),
                Shape::STRING.into(),
            ]
            .leak(),
        )
    };
    let shape = Shape { facets: vec![branches()].into(), ..Shape::scalar(kinds) };
    assert_eq!(read("q=7", param::FORM, &shape), Ok(Some(json!(7))));
    assert_eq!(read("q=11", param::FORM, &shape), Ok(Some(json!("11"))));
}

#[test]
fn escaped_commas_separate_items_that_are_invalid_as_one() {
    let integers = Shape { items: Some(Shape::INTEGER.into()), ..Shape::scalar(Kinds::default()) };
    let joined = param::Encoding { explode: false, ..param::FORM };
    assert_eq!(read("q=1%2C2", joined, &integers), Ok(Some(json!([1, 2]))));
    assert!(read("q=1%2C2", param::FORM, &integers).is_err());
    assert!(read("q=1%2Cb", joined, &integers).is_err());
}

#[test]
fn text_content_is_never_split() {
    assert_eq!(read("q=a%2Cb", param::TEXT, &Shape::STRING), Ok(Some(json!("a,b"))));
    assert_eq!(read("q=7", param::TEXT, &Shape::INTEGER), Ok(Some(json!(7))));
    assert_eq!(read("q=1&q=2", param::TEXT, &Shape::STRING).unwrap_err()[0].keyword.as_ref(), "style");
    let written = |value| param::encode_query("q", &value, param::TEXT).unwrap();
    assert_eq!(written(json!("a,b c")), "q=a%2Cb%20c");
    assert_eq!(written(json!(7)), "q=7");
    assert_eq!(param::encode_header("q", &json!("a, b"), param::TEXT).unwrap().as_deref(), Some("a, b"));
}

#[test]
fn the_status_of_a_refusal_follows_what_is_documented() {
    let syntax = [Fault::new("syntax", "JSON", "")];
    let bound = [Fault::new("maximum", "at most 9", "")];
    let check = |documented: &[u16], malformed: u16, invalid: u16| {
        let refusals = Refusals::new(|status| documented.contains(&status));
        assert_eq!(refusals.status(&syntax).as_u16(), malformed, "{documented:?}");
        assert_eq!(refusals.status(&bound).as_u16(), invalid, "{documented:?}");
    };
    check(&[], 400, 400);
    check(&[400], 400, 400);
    check(&[422], 422, 422);
    check(&[400, 422], 400, 422);
}

#[test]
fn a_cause_is_answered_by_what_fits_it_and_is_documented() {
    let check = |cause: Cause, documented: &[u16], expected: &[u16]| {
        assert_eq!(
            cause.statuses(|status| documented.contains(&status)),
            expected,
            "{cause:?} {documented:?}"
        );
    };
    check(Cause::Unauthenticated, &[403], &[401, 403]);
    check(Cause::Unauthenticated, &[], &[401, 403, 404]);
    check(Cause::Body, &[422], &[422]);
    check(Cause::Body, &[], &[400, 422]);
    check(Cause::MediaType, &[400], &[415, 400]);
    check(Cause::Method, &[404], &[405, 501]);
}

#[test]
fn an_absent_body_is_none_but_for_texts_files_and_forms() {
    let present = |stated| body::is_present(stated, true);
    assert!(!present(None) && !present(Some("application/json")));
    assert!(present(Some("text/plain")) && present(Some("image/png")));
    assert!(present(Some("application/x-www-form-urlencoded")));
    let select = |lines: &[_]| body::select(&headers(lines), &["application/json"]).map_err(|it| it.header);
    assert_eq!(select(&[("content-type", "application/json; charset=utf-8")]), Ok(0));
    assert_eq!(select(&[]), Err(header::ACCEPT));
    let coded = [("content-type", "application/json"), ("content-encoding", "gzip")];
    assert_eq!(select(&coded), Err(header::ACCEPT_ENCODING));
}
