//! Decides how a refused request is described: problem details (RFC 9457) whose `errors` name every fault with its
//! place, the keyword it broke and what was expected.

use std::fmt;

use http::StatusCode;
use problem_details::ProblemDetails;
use serde::Serialize;
use serde::ser::SerializeMap;
use serde_json::Value;

use crate::param::Location;

/// The media type of a problem (RFC 9457, 3).
pub const MEDIA_TYPE: &str = "application/problem+json";

/// One thing that is wrong with a request or a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it stands.
    pub place: Place,
    /// What was broken: a JSON Schema keyword, or `style`, `syntax`, `encoding`.
    pub keyword: Box<str>,
    /// What would have been right, as a noun: `an integer`.
    pub expected: String,
    /// A sentence for a person.
    pub detail: String,
}

/// Where a [`Fault`] stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the body, at this JSON pointer; the whole body is `""`.
    Body(String),
    /// In a parameter or header, at this pointer inside its value.
    Parameter {
        /// The location of the parameter.
        location: Location,
        /// The name of the parameter.
        name: String,
        /// The JSON pointer inside its value.
        pointer: String,
    },
}

impl Fault {
    /// A fault at the root of the value that was being read. `found` is shown cut to a bounded length.
    pub fn new(keyword: &str, expected: impl Into<String>, found: &str) -> Self {
        let expected = expected.into();
        let detail = format!("expected {expected}, found {}", quoted(found));
        Self { place: Place::Body(String::new()), keyword: keyword.into(), expected, detail }
    }

    /// Replaces the sentence.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Moves the fault below a property or an index of the value that holds it.
    #[must_use]
    pub fn below(mut self, key: impl fmt::Display) -> Self {
        let key = escape_token(&key.to_string());
        let (Place::Body(pointer) | Place::Parameter { pointer, .. }) = &mut self.place;
        pointer.insert_str(0, &format!("/{key}"));
        self
    }

    /// Says that the value is a parameter's.
    #[must_use]
    pub fn of(mut self, location: Location, name: &str) -> Self {
        let (Place::Body(pointer) | Place::Parameter { pointer, .. }) = self.place;
        self.place = Place::Parameter { location, name: name.to_owned(), pointer };
        self
    }

    /// Says that the value is the body's, or part of it.
    #[must_use]
    pub fn in_body(mut self) -> Self {
        let (Place::Body(pointer) | Place::Parameter { pointer, .. }) = self.place;
        self.place = Place::Body(pointer);
        self
    }

    /// The JSON pointer inside the value.
    pub fn pointer(&self) -> &str {
        let (Place::Body(pointer) | Place::Parameter { pointer, .. }) = &self.place;
        pointer
    }
}

/// Returns a token of a JSON pointer: `~` as `~0`, `/` as `~1` (RFC 6901, 3).
pub(crate) fn escape_token(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

/// Text of a request as a message shows it: in backquotes, and never much of it.
fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("`{}…`", text.get(..end).unwrap_or_default()),
        None => format!("`{text}`"),
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Body(pointer) if pointer.is_empty() => {}
            Place::Body(pointer) => write!(formatter, "{pointer}: ")?,
            Place::Parameter { location, name, pointer } => {
                write!(formatter, "{location} parameter `{name}`{pointer}: ")?;
            }
        }
        formatter.write_str(&self.detail)
    }
}

impl std::error::Error for Fault {}

impl Serialize for Fault {
    /// `pointer` is a URI fragment (RFC 6901, 6), as in RFC 9457's own example.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match &self.place {
            Place::Body(pointer) => map.serialize_entry("pointer", &format!("#{pointer}"))?,
            Place::Parameter { location, name, pointer } => {
                map.serialize_entry("parameter", name)?;
                map.serialize_entry("in", location.as_str())?;
                if !pointer.is_empty() {
                    map.serialize_entry("pointer", &format!("#{pointer}"))?;
                }
            }
        }
        map.serialize_entry("keyword", &self.keyword)?;
        map.serialize_entry("expected", &self.expected)?;
        map.serialize_entry("detail", &self.detail)?;
        map.end()
    }
}

/// A problem in the making. The title is the status's own phrase; `type` stays `about:blank` (RFC 9457, 4.2.1).
#[derive(Clone, Debug)]
pub struct Problem {
    inner: ProblemDetails<Extensions>,
}

#[derive(Clone, Debug, Default, Serialize)]
struct Extensions {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Fault>,
    #[serde(flatten)]
    others: serde_json::Map<String, Value>,
}

impl Problem {
    /// A problem of this status.
    pub fn new(status: StatusCode) -> Self {
        let mut inner = ProblemDetails::new().with_status(status).with_extensions(Extensions::default());
        inner.title = status.canonical_reason().map(str::to_owned);
        Self { inner }
    }

    /// Replaces the title.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.inner.title = Some(title.into());
        self
    }

    /// Says what happened this time.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.inner.detail = Some(detail.into());
        self
    }

    /// Names the kind of problem by a URI; what is no URI is left out.
    #[must_use]
    pub fn kind(mut self, uri: &str) -> Self {
        if let Ok(uri) = uri.parse::<http::Uri>() {
            self.inner = self.inner.with_type(uri);
        }
        self
    }

    /// Adds what is wrong.
    #[must_use]
    pub fn faults(mut self, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.inner.extensions.errors.extend(faults);
        self
    }

    /// Adds an extension member (RFC 9457, 3.2).
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.inner.extensions.others.insert(name.to_owned(), value.into());
        self
    }

    /// The status that the response carries.
    pub fn status(&self) -> StatusCode {
        self.inner.status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Returns what happened this time: the detail, else the title.
    pub fn message(&self) -> &str {
        self.inner.detail.as_deref().or(self.inner.title.as_deref()).unwrap_or_default()
    }

    /// What is wrong.
    pub fn errors(&self) -> &[Fault] {
        &self.inner.extensions.errors
    }

    /// The body.
    pub fn to_value(&self) -> Value {
        serde_json::to_value(&self.inner).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn names_each_fault_with_its_place() {
        let faults = [
            Fault::new("type", "an integer", "abc").below(1).below("a/b"),
            Fault::new("type", "an integer", &"ü".repeat(100)).below(0).of(Location::Query, "limit"),
        ];
        let problem = Problem::new(StatusCode::BAD_REQUEST).detail("two faults").faults(faults).with("id", 7);
        expect![[r##"
            {
              "status": 400,
              "title": "Bad Request",
              "detail": "two faults",
              "errors": [
                {
                  "pointer": "#/a~1b/1",
                  "keyword": "type",
                  "expected": "an integer",
                  "detail": "expected an integer, found `abc`"
                },
                {
                  "parameter": "limit",
                  "in": "query",
                  "pointer": "#/0",
                  "keyword": "type",
                  "expected": "an integer",
                  "detail": "expected an integer, found `üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü…`"
                }
              ],
              "id": 7
            }"##]]
        .assert_eq(&format!("{:#}", problem.to_value()));
        assert_eq!(problem.errors()[1].to_string().split(':').next(), Some("query parameter `limit`/0"));
    }
}
