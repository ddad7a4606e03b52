//! Directives: overrides of what the document alone would have the mock respond. They have three syntaxes, and this one
//! type: `Prefer: code=404, example=name` of a request (RFC 7240; or the query parameters `__code`, `__example`, where
//! no header field can be set), the `answers` of a [`Rule`](crate::Rule), and a response's `when` in `x-descant`.

use http::{HeaderName, StatusCode};
use indexmap::IndexMap;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::delay::Delay;
use super::message::Request;
use super::settings::ErrorFormat;

/// Overrides for one response; what is absent falls back to the document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Directive {
    /// The status of the response.
    #[serde(with = "code", skip_serializing_if = "Option::is_none")]
    pub code: Option<StatusCode>,
    /// The name of the example to send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
    /// Whether to sample a value even where there are examples.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dynamic: Option<bool>,
    /// The format of a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<ErrorFormat>,
    /// The response itself, in place of one by the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<Box<CannedResponse>>,
    /// The delay of the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay: Option<Delay>,
    /// The time between the events or lines of a stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pace: Option<Delay>,
    /// Whether a stream of events stays open after its last event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<bool>,
    /// The failure to inject into the delivery of the response.
    #[serde(rename = "fault", skip_serializing_if = "Option::is_none")]
    pub failure: Option<InjectedFailure>,
    /// The webhook to send after the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook: Option<String>,
    /// The index of the documented response whose `when` the request meets.
    #[serde(skip)]
    pub(crate) documented: Option<usize>,
}

/// A response written out in a rule, by hand or by the recorder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct CannedResponse {
    /// Header fields by name; without `content-type` the body is JSON.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub headers: IndexMap<String, String>,
    /// The value of the body, encoded by the content type; a string is the body itself where the type has no values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

/// A failure of the connection that is injected into the delivery of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum InjectedFailure {
    /// Closes the connection before the first byte.
    Reset,
    /// Sends status and header fields, then closes the connection.
    Empty,
    /// Sends half of the body as if it were the whole.
    Malformed,
    /// Sends the body a byte at a time.
    Slow,
    /// Sends nothing until the client gives up.
    Timeout,
}

impl InjectedFailure {
    /// Parses the name of a failure.
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "reset" => Self::Reset,
            "empty" => Self::Empty,
            "malformed" => Self::Malformed,
            "slow" => Self::Slow,
            "timeout" => Self::Timeout,
            _ => return None,
        })
    }
}

/// A status as its number.
mod code {
    use super::*;

    pub(super) fn serialize<S: Serializer>(
        code: &Option<StatusCode>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        code.map(|code| code.as_u16()).serialize(serializer)
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(
        deserializer: D,
    ) -> Result<Option<StatusCode>, D::Error> {
        let known = |code: u16| StatusCode::from_u16(code).ok().filter(|code| code.as_u16() >= 200);
        let code = Option::<u16>::deserialize(deserializer)?;
        code.map(|code| known(code).ok_or_else(|| D::Error::custom("a status is from 200 to 999")))
            .transpose()
    }
}

/// RFC 7240, 2.
const PREFER: HeaderName = HeaderName::from_static("prefer");

impl Directive {
    /// Parses the directive of a request.
    ///
    /// # Errors
    /// The first preference with an invalid value, as written.
    pub(crate) fn of_request(request: &Request) -> Result<Self, String> {
        let mut directive = Self::default();
        for line in request.headers().get_all(PREFER) {
            let line = line.to_str().map_err(|_| "text that is not ASCII".to_owned())?;
            for preference in line.split([',', ';']).map(str::trim).filter(|text| !text.is_empty()) {
                let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
                directive.set(name.trim(), value.trim().trim_matches('"')).ok_or(preference)?;
            }
        }
        let Some(query) = request.uri().query().filter(|query| query.contains("__")) else {
            return Ok(directive);
        };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if let Some(name) = name.strip_prefix("__") {
                directive.set(name, &value).ok_or_else(|| format!("__{name}={value}"))?;
            }
        }
        Ok(directive)
    }

    /// Whether the caller or a rule chooses the response, so that neither overlay nor state is asked.
    pub(crate) fn chooses(&self) -> bool {
        self.chooses_documented() || self.response.is_some()
    }

    /// Whether the caller, a rule or a condition of the document chooses the response, so that the state is not asked.
    pub(crate) fn decides(&self) -> bool {
        self.chooses() || self.documented.is_some()
    }

    /// Whether a response of the document is chosen by status or example.
    fn chooses_documented(&self) -> bool {
        self.code.is_some() || self.example.is_some() || self.dynamic.is_some()
    }

    /// Fills absent overrides from another directive: the caller's comes before a rule's, and that before the document's.
    #[must_use]
    pub(crate) fn or(self, other: Self) -> Self {
        // A caller who chooses among the document's responses wants none that is written out.
        let canned = if self.chooses_documented() { None } else { other.response };
        Self {
            response: self.response.or(canned),
            code: self.code.or(other.code),
            example: self.example.or(other.example),
            dynamic: self.dynamic.or(other.dynamic),
            errors: self.errors.or(other.errors),
            delay: self.delay.or(other.delay),
            pace: self.pace.or(other.pace),
            hold: self.hold.or(other.hold),
            failure: self.failure.or(other.failure),
            webhook: self.webhook.or(other.webhook),
            documented: self.documented.or(other.documented),
        }
    }

    /// Sets one override; preferences of other specifications (`respond-async`, `return`) are ignored.
    fn set(&mut self, name: &str, value: &str) -> Option<()> {
        match name.to_ascii_lowercase().as_str() {
            "code" => self.code = Some(value.parse().ok().filter(|code: &StatusCode| code.as_u16() >= 200)?),
            "example" => self.example = Some(value.to_owned()),
            "dynamic" => self.dynamic = Some(value.parse().ok()?),
            "errors" => self.errors = Some(ErrorFormat::parse(value)?),
            "delay" => self.delay = Some(value.parse().ok()?),
            "pace" => self.pace = Some(value.parse().ok()?),
            "hold" => self.hold = Some(value.parse().ok()?),
            "fault" => self.failure = Some(InjectedFailure::parse(value)?),
            "webhook" => self.webhook = Some(value.to_owned()),
            _ => {}
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(header: &str, target: &str, expected: Result<Directive, &str>) {
        let request =
            http::Request::builder().uri(target).header("prefer", header).body(Default::default()).unwrap();
        let found = Directive::of_request(&request);
        assert_eq!(found, expected.map_err(str::to_owned), "{header} {target}");
    }

    #[test]
    fn directives_of_header_and_query() {
        let code = |code: u16| Some(StatusCode::from_u16(code).unwrap());
        let none = Directive::default;
        check("", "/", Ok(none()));
        check("return=minimal, wait=10", "/", Ok(none()));
        check("code=404", "/", Ok(Directive { code: code(404), ..none() }));
        check(
            "Code=\"404\"; example=two",
            "/",
            Ok(Directive { code: code(404), example: Some("two".into()), ..none() }),
        );
        check("", "/?a=1&__dynamic=true", Ok(Directive { dynamic: Some(true), ..none() }));
        check(
            "delay=250,fault=slow",
            "/",
            Ok(Directive { delay: Delay::of_millis(250), failure: Some(InjectedFailure::Slow), ..none() }),
        );
        check("errors=document", "/", Ok(Directive { errors: Some(ErrorFormat::Document), ..none() }));
        check("errors=none", "/", Err("errors=none"));
        check("code=99", "/", Err("code=99"));
        check("code=100", "/", Err("code=100"));
        check("dynamic=perhaps", "/", Err("dynamic=perhaps"));
        check("delay=600001", "/", Err("delay=600001"));
        check("fault=flood", "/", Err("fault=flood"));
    }

    /// Merges the directives of a caller and a rule, written as in a rule.
    fn merge(caller: serde_json::Value, rule: serde_json::Value, expected: serde_json::Value) {
        let parse = |value: &serde_json::Value| serde_json::from_value::<Directive>(value.clone()).unwrap();
        let merged = parse(&caller).or(parse(&rule));
        assert_eq!(serde_json::to_value(merged).unwrap(), expected, "{caller} before {rule}");
    }

    #[test]
    fn the_caller_comes_before_a_rule() {
        merge(json!({"code": 404}), json!({"code": 500, "delay": 5}), json!({"code": 404, "delay": 5}));
        merge(
            json!({}),
            json!({"code": 201, "response": {"body": 1}}),
            json!({"code": 201, "response": {"body": 1}}),
        );
        // A caller who chooses among the document's responses gets none that a rule writes out.
        merge(json!({"example": "two"}), json!({"response": {"body": 1}}), json!({"example": "two"}));
        merge(
            json!({"delay": 5}),
            json!({"response": {"body": 1}}),
            json!({"delay": 5, "response": {"body": 1}}),
        );
    }

    #[test]
    fn a_condition_of_the_document_comes_last() {
        let document = || Directive { documented: Some(1), ..Directive::default() };
        let canned = || Directive {
            response: Some(Box::default()),
            code: Some(StatusCode::OK),
            ..Directive::default()
        };
        assert!(!document().chooses() && document().decides());
        assert!(!Directive::default().decides());
        let merged = Directive::default().or(canned()).or(document());
        assert_eq!(
            (merged.response.is_some(), merged.documented),
            (true, Some(1)),
            "a rule's response stays"
        );
    }
}
