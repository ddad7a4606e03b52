//! A received response, undecoded, and its description for a log.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

/// The most characters of a body that a message quotes.
const QUOTED: usize = 200;

/// A response as it was received. Its `Display` fits a line of a log: `GET /pets/{petId}: 404 Not Found: no such pet`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Received {
    /// The called operation: `GET /pets/{petId}`.
    pub operation: &'static str,
    /// The status.
    pub status: StatusCode,
    /// All headers, also those that the document does not list.
    pub headers: HeaderMap,
    /// The undecoded body; empty if it is a stream.
    pub body: Bytes,
    /// Whether the document lists the status, and for the status the media type.
    pub documented: bool,
}

impl Received {
    /// Returns what the body says in a few words: its `detail`, `message` or the like, else its text.
    pub fn message(&self) -> Option<String> {
        let text = match serde_json::from_slice::<Value>(&self.body) {
            Ok(value) => sentence(&value, 0).unwrap_or_else(|| value.to_string()),
            Err(_) => String::from_utf8_lossy(&self.body).into_owned(),
        };
        let words: Vec<&str> = text.split_whitespace().collect();
        let text = words.join(" ");
        let printable = |c: char| if c.is_control() { '\u{fffd}' } else { c };
        let mut quoted: String = text.chars().take(QUOTED).map(printable).collect();
        if text.chars().count() > QUOTED {
            quoted.push('…');
        }
        (!quoted.is_empty()).then_some(quoted)
    }
}

/// Returns the member of an error object that describes it, by the names that RFC 9457, OAuth2 and frameworks use.
fn sentence(value: &Value, depth: usize) -> Option<String> {
    const NAMES: [&str; 8] =
        ["detail", "message", "error_description", "title", "error", "errors", "msg", "reason"];
    const DEEPEST: usize = 4;
    match value {
        _ if depth > DEEPEST => None,
        Value::String(text) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
        Value::Array(items) => items.first().and_then(|item| sentence(item, depth + 1)),
        Value::Object(map) => {
            NAMES.iter().filter_map(|name| map.get(*name)).find_map(|member| sentence(member, depth + 1))
        }
        _ => None,
    }
}

impl fmt::Display for Received {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, status, documented, .. } = self;
        write!(formatter, "{operation}: {status}")?;
        if !documented {
            formatter.write_str(" (undocumented)")?;
        }
        // Problem details often repeat the reason phrase (RFC 9457, 4.2.1).
        let message = self.message().filter(|message| Some(message.as_str()) != status.canonical_reason());
        message.map_or(Ok(()), |message| write!(formatter, ": {message}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_a_log_says_what_the_body_says() {
        let long = "x".repeat(500);
        for (body, message) in [
            (r#"{"title": "Gone", "detail": "no such pet"}"#, "no such pet"),
            (r#"{"error": {"code": 7, "message": "no such model"}}"#, "no such model"),
            (r#"{"errors": [{"msg": "field required"}]}"#, "field required"),
            (r#"{"detail": [{"loc": ["body"], "msg": "field required"}]}"#, "field required"),
            (r#"{"code": 7}"#, r#"{"code":7}"#),
            ("<h1>\n  Bad\u{7} gateway</h1>", "<h1> Bad\u{fffd} gateway</h1>"),
            (&long, &format!("{}…", "x".repeat(QUOTED))),
        ] {
            let received = Received {
                operation: "GET /pets/{petId}",
                status: StatusCode::NOT_FOUND,
                headers: HeaderMap::new(),
                body: Bytes::from(body.to_owned()),
                documented: true,
            };
            assert_eq!(received.to_string(), format!("GET /pets/{{petId}}: 404 Not Found: {message}"));
        }
    }
}
