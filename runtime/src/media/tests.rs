use proptest::prelude::*;
use serde_json::json;

use super::*;

#[test]
fn negotiation() {
    const OFFERED: &[&str] =
        &["application/json", "application/xml", "text/plain; charset=utf-8", "text/html;level=1"];
    let table = [
        (None, Some(0)),
        (Some(""), Some(0)),
        (Some("*/*"), Some(0)),
        (Some("text/*"), Some(2)),
        (Some("text/html"), Some(3)),
        (Some("text/html;level=1"), Some(3)),
        (Some("application/xml, application/json"), Some(0)),
        (Some("application/json;q=0.5, application/xml"), Some(1)),
        (Some("application/json;q=0, */*;q=0.1"), Some(1)),
        (Some("image/png"), None),
        (Some("*/*;q=0"), None),
        (Some("text/plain"), Some(2)),
        (Some("TEXT/Plain;q=.9, application/*;q=0.800"), Some(2)),
        (Some("text/csv, image/gif, image/jpeg, *; q=.2, */*; q=.2"), Some(0)),
        (Some("nonsense, application/xml"), Some(1)),
        (Some("text/x;a=\"b,c\", application/xml"), Some(1)),
    ];
    for (accept, expected) in table {
        assert_eq!(negotiate(accept, OFFERED), expected, "{accept:?}");
    }
    assert_eq!(
        negotiate(Some("application/vnd.a+json"), &["application/vnd.a+xml", "application/vnd.a+json"]),
        Some(1)
    );
    assert_eq!(negotiate(None, &[]), None);
}

/// RFC 9110, 12.5.1: the table of its example.
#[test]
fn quality_is_the_most_specific_range_s() {
    let accept =
        "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5";
    let falling =
        ["text/plain;format=flowed", "text/plain", "image/jpeg", "text/plain;format=fixed", "text/html"];
    for pair in falling.windows(2) {
        assert_eq!(negotiate(Some(accept), &[pair[1], pair[0]]), Some(1), "{pair:?}");
    }
}

#[test]
fn which_declared_type_a_body_is() {
    const DECLARED: &[&str] =
        &["*/*", "image/*", "application/json; charset=utf-8", "application/vnd.x+json", "image/png"];
    let table = [
        ("application/json", Some(2)),
        ("Application/JSON; charset=\"UTF-8\"", Some(2)),
        ("application/vnd.x+json", Some(3)),
        ("application/vnd.x+xml", Some(0)),
        ("image/png", Some(4)),
        ("image/gif", Some(1)),
        ("nonsense", Some(0)),
    ];
    for (content_type, expected) in table {
        assert_eq!(select(content_type, DECLARED), expected, "{content_type}");
    }
    assert_eq!(select("text/plain", &["application/json"]), None);
    assert_eq!(select("application/json", &["application/json;v=1"]), None);
    assert!(!matches("application/json", "application/problem+json"));
}

#[test]
fn kinds() {
    let table = [
        ("application/json; charset=utf-8", Kind::Json),
        ("application/problem+JSON", Kind::Json),
        ("application/x-ndjson", Kind::JsonLines),
        ("text/event-stream", Kind::EventStream),
        ("multipart/form-data; boundary=x", Kind::Multipart),
        ("image/svg+xml", Kind::Xml),
        ("text/csv", Kind::Text),
        ("application/text", Kind::Text),
        ("*/*", Kind::Binary),
        ("", Kind::Binary),
    ];
    for (media_type, kind) in table {
        assert_eq!(Kind::of(media_type), kind, "{media_type}");
    }
}

#[test]
fn json_text_and_bytes() {
    let none = Hints::default();
    let integer = Hints { shape: Some(&Shape::INTEGER) };
    assert_eq!(decode("application/json", b"{\"a\": 1}", none), Ok(json!({"a": 1})));
    assert_eq!(decode("text/plain", "ü".as_bytes(), none), Ok(json!("ü")));
    assert_eq!(decode("text/plain; charset=ISO-8859-1", b"\xfc", none), Ok(json!("ü")));
    assert_eq!(decode("text/plain", b"7", integer), Ok(json!(7)));
    assert_eq!(decode("image/png", b"\x89PNG", none), Ok(json!("\u{89}PNG")));
    assert_eq!(encode("image/png", &json!("\u{89}PNG"), none).as_deref(), Ok(&b"\x89PNG"[..]));
    assert_eq!(encode("text/plain", &json!("ü"), none).as_deref(), Ok("ü".as_bytes()));
    assert_eq!(encode("text/plain", &json!(7), none).as_deref(), Ok(&b"7"[..]));
    let deep = "[".repeat(100_000);
    for (media_type, body) in [("application/json", "{"), ("application/json", &deep), ("text/plain", "x")] {
        assert!(decode(media_type, body.as_bytes(), integer).is_err(), "{media_type}");
    }
    assert!(decode("text/plain", b"\xff", none).is_err());
}

proptest! {
    #[test]
    fn any_header_is_survived(header in "[a-z*/;=,\"\\\\ q0.+]{0,30}") {
        let _ = negotiate(Some(&header), &["a/b", &header]);
        let _ = select(&header, &["a/*", &header]);
    }
}
