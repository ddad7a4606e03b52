//! Any bytes as a body of some media type, as the text of parameters, and as generated types: what the fuzz target and the
//! seeded test of `cargo test` share.

use descant_runtime as rt;
use rt::json::serde_json;
use rt::media::{self, Hints};
use rt::param::{self, Query, Shape};

/// Bodies to begin with, with `%%` on a line between them.
#[allow(dead_code)] // the fuzz target reads them from its corpus
pub(super) const BODIES: &str = include_str!("bodies.txt");

rt::shape! {
    static NODE(Required(&["name"]), MaxProperties(9)) {
        "name": (string, MinLength(1), Pattern = "^(a+)+[^/]*$"),
        "count": (integer | null, Maximum(9.0)),
        "tags": ([string, MaxLength(5)], UniqueItems),
        "next": (any, Tag("kind", &[("leaf", 0), ("node", 1)]), One, Union = "oneOf" [(@LEAF), (@NODE), null]),
        "either": (any, AnyOf [([@NODE], MinItems(1)), (boolean), (@LEAF)]),
    }
}
rt::shape! { static LEAF(Closed) { "kind": (string, OneOf(&["leaf"])), "size": (number, MultipleOf(0.1)) } }

/// An object as generated code has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub name: String,
    pub count: Option<i64>,
    pub next: Option<Box<Next>>,
}
rt::object! { Node { name } optional { count, next } }

/// A branch that is told by a key.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    pub size: f64,
}
rt::object! { Leaf { size } }

/// A union whose branches are tried in turn.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    Leaf(Leaf),
    Node(Node),
    Nodes(Vec<Node>),
    Flag(bool),
    Text(String),
}
rt::union! {
    Next { Leaf, Node, Nodes, Flag, Text }
    kinds { object => Leaf | Node, array => Nodes, boolean => Flag, string => Text }
}

/// Reads bytes as a media type and, on the next lines, a body. What is read can be written, and typed values are the same
/// when they are read again.
pub(super) fn codec(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (media_type, body) = (&bytes[..end], bytes.get(end + 1..).unwrap_or_default());
    if let Ok(media_type) = std::str::from_utf8(media_type) {
        read_body(media_type, body);
    }
    if let Ok(text) = std::str::from_utf8(body) {
        typed(text);
        parameters(text);
    }
}

fn read_body(media_type: &str, body: &[u8]) {
    for shape in [None, Some(&NODE), Some(&LEAF)] {
        let Ok(value) = media::decode(media_type, body, Hints { shape }) else { continue };
        if let Some(shape) = shape {
            assert_eq!(rt::check::check(&value, shape), rt::check::check(&value, shape));
        }
        let Ok(written) = media::encode(media_type, &value, Hints { shape }) else { continue };
        // A multipart body has another boundary each time, which its media type states.
        let _ = media::decode(&media::content_type(media_type, &written), &written, Hints { shape });
    }
}

fn typed(text: &str) {
    let Ok(next) = serde_json::from_str::<Next>(text) else { return };
    let written = serde_json::to_string(&next).expect("what was read can be written");
    assert_eq!(serde_json::from_str::<Next>(&written).ok(), Some(next), "{written}");
}

fn parameters(text: &str) {
    let styles = [
        param::SIMPLE,
        param::SIMPLE_EXPLODED,
        param::LABEL,
        param::LABEL_EXPLODED,
        param::MATRIX,
        param::MATRIX_EXPLODED,
        param::FORM,
        param::FORM_JOINED,
        param::SPACE_DELIMITED,
        param::PIPE_DELIMITED,
        param::DEEP_OBJECT,
        param::COOKIE,
        param::JSON,
        param::TEXT,
    ];
    static LIST: Shape = rt::shape!([integer]);
    let query = Query::parse(text);
    for encoding in styles {
        for shape in [&NODE, &LIST, &Shape::INTEGER, &Shape::STRING] {
            let read = [
                param::decode_path("q", text, encoding, shape).ok(),
                param::decode_header("q", text, encoding, shape).ok(),
                param::decode_cookie("q", text, encoding, shape).ok().flatten(),
                query.decode("q", encoding, shape).ok().flatten(),
            ];
            for value in read.into_iter().flatten() {
                let _ = param::encode_path("q", &value, encoding);
                let _ = param::encode_query("q", &value, encoding);
                let _ = param::encode_header("q", &value, encoding);
                let _ = param::encode_cookie("q", &value, encoding);
            }
        }
    }
}
