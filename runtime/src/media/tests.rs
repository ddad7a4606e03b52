//! Tests of media types: negotiation, and every codec both ways.

use expect_test::expect;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{param, shape};

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
        ("application/json; charset=utf-8", MediaKind::Json),
        ("application/problem+JSON", MediaKind::Json),
        ("application/x-ndjson", MediaKind::JsonLines),
        ("text/event-stream", MediaKind::EventStream),
        ("multipart/form-data; boundary=x", MediaKind::Multipart),
        ("image/svg+xml", MediaKind::Xml),
        ("text/csv", MediaKind::Text),
        ("application/text", MediaKind::Text),
        ("*/*", MediaKind::Binary),
        ("", MediaKind::Binary),
    ];
    for (media_type, kind) in table {
        assert_eq!(MediaKind::of(media_type), kind, "{media_type}");
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
    for body in ["{", &deep] {
        assert!(decode("application/json", body.as_bytes(), integer).is_err());
    }
    assert_eq!(decode("text/plain", b"x", integer), Ok(json!("x")), "left to a judge");
    assert!(decode("text/plain", b"\xff", none).is_err());
}

proptest! {
    #[test]
    fn any_header_is_survived(header in "[a-z*/;=,\"\\\\ q0.+]{0,30}") {
        let _ = negotiate(Some(&header), &["a/b", &header]);
        let _ = select(&header, &["a/*", &header]);
    }
}

/// Writes a value, compares the text, and reads it back.
fn both_ways(media_type: &str, shape: &Shape, value: &Value, expected: &str) {
    let hints = Hints { shape: Some(shape) };
    let body = encode(media_type, value, hints).unwrap();
    assert_eq!(String::from_utf8_lossy(&body), expected, "{media_type}");
    assert_eq!(decode(&content_type(media_type, &body), &body, hints).as_ref(), Ok(value), "{expected}");
}

#[test]
fn forms() {
    static FORM: Shape = shape!({
        "name": string,
        "ids": [integer],
        "joined": ([integer], Encoded(param::FORM_JOINED)),
        "address": { "city": string },
        "filter": ({ "a": integer, "tags": [string] }, Encoded(param::DEEP_OBJECT)),
        .. integer
    });
    let value = json!({"name": "a b&c=ü+", "ids": [1, 2], "joined": [3, 4], "address": {"city": "x"},
        "filter": {"a": 5, "tags": ["t"]}, "other": 6});
    let text = "name=a%20b%26c%3D%C3%BC%2B&ids=1&ids=2&joined=3,4&address=%7B%22city%22%3A%22x%22%7D\
        &filter%5Ba%5D=5&filter%5Btags%5D%5B0%5D=t&other=6";
    both_ways("application/x-www-form-urlencoded", &FORM, &value, text);
    let plain = |text: &str| decode("application/x-www-form-urlencoded", text.as_bytes(), Hints::default());
    assert_eq!(plain("a=1+2&b=x&b=y&c"), Ok(json!({"a": "1 2", "b": ["x", "y"], "c": ""})));
    let wrong = decode("application/x-www-form-urlencoded", b"ids=x&ids=2&o=y", Hints { shape: Some(&FORM) });
    assert_eq!(wrong, Ok(json!({"ids": ["x", 2], "o": "y"})), "left to a judge");
}

/// What a style makes of a property is its own parts, and nothing in them is percent-encoded (OAS 3.1.1, appendix E.2).
#[test]
fn multipart_by_styles() {
    use crate::param::{DEEP_OBJECT, FORM as FORMED, FORM_JOINED, PIPE_DELIMITED, SPACE_DELIMITED};
    static FORM: Shape = shape!({
        "file": (string, Binary, Encoded(FORM_JOINED)),
        "one": (string, Encoded(FORMED), ContentType = "text/markdown"),
        "joined": ([integer], Encoded(FORM_JOINED)),
        "each": ([string], Encoded(FORMED)),
        "words": ([string], Encoded(SPACE_DELIMITED)),
        "bars": ([string], Encoded(PIPE_DELIMITED)),
        "deep": ({ "a": integer, "b": [string] }, Encoded(DEEP_OBJECT)),
        "flat": ({ "x": integer, "y": string }, Encoded(FORM_JOINED)),
        "apart": ({ "lat": number, "name": string }, Encoded(FORMED.reserved())),
        "json": { "k": string },
    });
    let value = json!({
        "file": "\u{ff}", "one": " a+b%20&c ", "joined": [1, 2], "each": ["a,b", "ü"], "words": ["a+b", "c"],
        "bars": ["a%7C", " b"], "deep": {"a": 1, "b": ["x", "y"]}, "flat": {"x": 1, "y": "z"},
        "apart": {"lat": 1.5, "name": "n&m"}, "json": {"k": "v"},
    });
    let hints = Hints { shape: Some(&FORM) };
    let body = encode("multipart/form-data", &value, hints).unwrap();
    let media_type = content_type("multipart/form-data", &body);
    let parts = read_parts(&media_type, body.clone()).unwrap();
    let text = |part: &Part| String::from_utf8_lossy(part.body.as_bytes().unwrap()).into_owned();
    let seen: Vec<(&str, String)> = parts.iter().map(|part| (part.name.as_str(), text(part))).collect();
    let expected = [
        ("file", "\u{fffd}"),
        ("one", " a+b%20&c "),
        ("joined", "1,2"),
        ("each", "a,b"),
        ("each", "ü"),
        ("words", "a+b c"),
        ("bars", "a%7C| b"),
        ("deep[a]", "1"),
        ("deep[b][0]", "x"),
        ("deep[b][1]", "y"),
        ("flat", "x,1,y,z"),
        ("lat", "1.5"),
        ("name", "n&m"),
        ("json", "{\"k\":\"v\"}"),
    ];
    assert_eq!(seen, expected.map(|(name, text)| (name, text.to_owned())));
    assert!(
        parts
            .iter()
            .all(|part| part.content_type.is_some() == ["file", "json"].contains(&part.name.as_str()))
    );
    assert_eq!(decode(&media_type, &body, hints), Ok(value));
    for (value, fault) in [
        (json!({"words": ["a b"]}), "/words: expected an item without ` `, found `a b`"),
        (json!({"bars": ["a|b"]}), "/bars: expected an item without `|`, found `a|b`"),
        (json!({"flat": {"y": "a,b"}}), "/flat: expected an item without `,`, found `a,b`"),
    ] {
        assert_eq!(encode("multipart/form-data", &value, hints).unwrap_err().to_string(), fault);
    }
    let wrong = "--B\r\nContent-Disposition: form-data; name=\"joined\"\r\n\r\n1,x\r\n--B--\r\n";
    let wrong = decode("multipart/form-data; boundary=B", wrong.as_bytes(), hints);
    assert_eq!(wrong, Ok(json!({"joined": [1, "x"]})), "left to a judge");
}

#[test]
fn multipart() {
    static FORM: Shape = shape!({
        "file": (string, Binary),
        "meta": { "k": string },
        "n": integer,
        "many": [string, Binary, ContentType = "image/png, image/jpeg"],
    });
    let value = json!({"file": "\u{ff}\r\n--x", "meta": {"k": "v"}, "n": 7, "many": ["\u{e0}", "\u{e1}"]});
    let hints = Hints { shape: Some(&FORM) };
    let body = encode("multipart/form-data", &value, hints).unwrap();
    let media_type = content_type("multipart/form-data", &body);
    let boundary = media_type.strip_prefix("multipart/form-data; boundary=").unwrap();
    let text = String::from_utf8_lossy(&body).replace(boundary, "B").replace("\r\n", "\n");
    expect![[r#"
        --B
        Content-Disposition: form-data; name="file"; filename="file"
        Content-Type: application/octet-stream

        �
        --x
        --B
        Content-Disposition: form-data; name="meta"
        Content-Type: application/json

        {"k":"v"}
        --B
        Content-Disposition: form-data; name="n"

        7
        --B
        Content-Disposition: form-data; name="many"; filename="many"
        Content-Type: application/octet-stream

        �
        --B
        Content-Disposition: form-data; name="many"; filename="many"
        Content-Type: application/octet-stream

        �
        --B--
    "#]]
    .assert_eq(&text);
    assert_eq!(decode(&media_type, &body, hints), Ok(value));
    for (media_type, body) in [("multipart/form-data", "x"), ("multipart/form-data; boundary=B", "--C\r\n")] {
        assert!(decode(media_type, body.as_bytes(), hints).is_err(), "{media_type}");
    }
}

#[test]
fn xml() {
    static PET: Shape = shape!(
        {
            "id": (integer, XmlAttribute),
            "name": (string, XmlName = "petName"),
            "tags": ([string, XmlName = "tag"], XmlWrapped),
            "aliens": ([string], XmlWrapped, XmlName = "a"),
            "photos": [string, XmlName = "photo"],
            "plain": [boolean],
            "owner": ({ "age": integer }, XmlPrefix = "o", XmlNamespace = "http://o/?a&b"),
        },
        XmlName = "Pet"
    );
    let value = json!({"id": 7, "name": "<A & \"B\"> \r\n", "tags": ["x", "y"], "aliens": ["z"], "photos": ["p"],
        "plain": [true, false], "owner": {"age": 3}});
    let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Pet id=\"7\"><petName>&lt;A &amp; &quot;B&quot;&gt; &#13;\n\
        </petName><tags><tag>x</tag><tag>y</tag></tags><a><a>z</a></a><photo>p</photo><plain>true</plain>\
        <plain>false</plain><o:owner xmlns:o=\"http://o/?a&amp;b\"><age>3</age></o:owner></Pet>";
    both_ways("application/xml", &PET, &value, text);
}

#[test]
fn xml_without_a_shape_and_wrong_xml() {
    let none = Hints::default();
    let read = |text: &str| decode("text/xml", text.as_bytes(), none);
    assert_eq!(
        read("<!DOCTYPE a [<!ENTITY e 'x'>]><a b='1'><c>&#65;&lt;<![CDATA[<]]></c><d/><d>2</d></a>"),
        Ok(json!({"b": "1", "c": "A<<", "d": ["", "2"]}))
    );
    let deep = "<a>".repeat(100_000);
    for wrong in ["", "text", "<a>", "<a></b>", "<a/><b/>", "<a>&e;</a>", "<a b=>", &deep] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
    static ORDER: Shape = shape!({ "id": integer });
    let read = |text: &str| decode("text/xml", text.as_bytes(), Hints { shape: Some(&ORDER) });
    assert_eq!(read("<order>true</order>"), Ok(json!("true")), "left to a judge");
    assert_eq!(read("<order> </order>"), Ok(json!({})));
    for wrong in [json!({"a b": 1}), json!({"a": "\u{0}"}), json!({"><x": 1})] {
        assert!(encode("application/xml", &wrong, none).is_err(), "{wrong}");
    }
}

#[test]
fn sequences() {
    static ITEMS: Shape = shape!([{ "n": integer }]);
    static EVENTS: Shape = shape!([{ "data": string, "id": string }]);
    let items = json!([{"n": 1}, {"n": 2}]);
    both_ways("application/jsonl", &ITEMS, &items, "{\"n\":1}\n{\"n\":2}\n");
    both_ways("application/json-seq", &ITEMS, &items, "\u{1e}{\"n\":1}\n\u{1e}{\"n\":2}\n");
    both_ways("text/event-stream", &ITEMS, &items, "data: {\"n\":1}\n\ndata: {\"n\":2}\n\n");
    let events = json!([{"data": "a\nb", "id": "1"}, {"data": ""}]);
    both_ways("text/event-stream", &EVENTS, &events, "id: 1\ndata: a\ndata: b\n\ndata: \n\n");
    let wrong = decode("application/jsonl", b"{}\n{\n", Hints::default()).unwrap_err();
    assert_eq!(wrong.pointer(), "/1");
}

/// Examples of documents are often bodies already.
#[test]
fn what_is_written_stays() {
    let table = [
        ("application/xml", "<a/>"),
        ("application/x-www-form-urlencoded", "a=b&c=d"),
        ("text/event-stream", "event: x\ndata: {}\n\n"),
        ("application/jsonl", "{}\n{}\n"),
    ];
    for (media_type, text) in table {
        assert_eq!(
            encode(media_type, &json!(text), Hints::default()).as_deref(),
            Ok(text.as_bytes()),
            "{media_type}"
        );
    }
}

/// WHATWG HTML, 9.2.6: the examples of the section on interpreting an event stream, in pieces of every size.
#[test]
fn events_come_in_pieces() {
    let text = "\u{feff}: a comment\r\ndata: first\r\ndata: second\rid\revent: add\nretry: 10\n\ndata\n\ndata\ndata\n\n:\n\ndata:x";
    let expected = [
        Event {
            event: Some("add".to_owned()),
            data: "first\nsecond".to_owned(),
            id: Some(String::new()),
            retry: Some(10),
        },
        Event::of(""),
        Event::of("\n"),
    ];
    for size in 1..text.len() {
        let mut events = Events::default();
        let mut seen = Vec::new();
        for piece in text.as_bytes().chunks(size) {
            events.push(piece).unwrap();
            seen.extend(std::iter::from_fn(|| events.pop()));
        }
        assert_eq!(seen, expected, "pieces of {size} bytes");
    }
}

proptest! {
    #[test]
    fn any_body_is_read_or_refused(body in "[<>/a&;=\"' {}\\[\\],:0-9\r\n-]{0,40}") {
        static FORM: Shape = shape!({ "a": [integer], "b": { "a": integer }, .. string });
        let types = ["application/xml", "multipart/form-data; boundary=a", "application/x-www-form-urlencoded"];
        for media_type in types.into_iter().chain(["text/event-stream", "application/jsonl", "application/json"]) {
            let _ = decode(media_type, body.as_bytes(), Hints { shape: Some(&FORM) });
        }
    }

    #[test]
    fn texts_survive_xml_and_multipart(texts in prop::collection::vec("[ -~äß☃\r\n\t]{0,12}", 1..4)) {
        static TEXTS: Shape = shape!({ "t": [string], "a": (string, XmlAttribute) });
        let value = json!({"a": texts.concat(), "t": texts});
        let hints = Hints { shape: Some(&TEXTS) };
        for media_type in ["application/xml", "multipart/form-data", "application/x-www-form-urlencoded"] {
            let body = encode(media_type, &value, hints).unwrap();
            let back = decode(&content_type(media_type, &body), &body, hints).unwrap();
            let sorted = |value: &Value| (value["a"].clone(), value["t"].clone());
            prop_assert_eq!(sorted(&back), sorted(&value), "{}: {}", media_type, String::from_utf8_lossy(&body));
        }
    }
}

#[test]
fn json_of_an_unknown_media_type_is_read_where_an_object_is_wanted() {
    static OBJECT: Shape = shape!({ "a": integer });
    let hints = Hints { shape: Some(&OBJECT) };
    let value = json!({"a": 1});
    let written = encode("*/*", &value, hints).unwrap();
    assert_eq!(decode("*/*", &written, hints).unwrap(), value);
    assert_eq!(decode("application/jwt", b"e30.x", hints).unwrap(), json!("e30.x"));
    assert_eq!(decode("*/*", b"{}", Hints::default()).unwrap(), json!("{}"));
}

#[test]
fn what_is_no_media_type_is_asked_for_by_its_name() {
    assert_eq!(negotiate(Some("application/json, PDF"), &["PDF"]), Some(0));
    assert_eq!(negotiate(Some("application/json"), &["PDF"]), None);
}
