//! What the caller asks the mock to do: `Prefer: code=404, example=name, dynamic=true` (RFC 7240), or, where no header
//! can be set, the query parameters `__code`, `__example` and `__dynamic`.

use bytes::Bytes;
use http::{HeaderName, Request, StatusCode};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::stated::Stated;

/// The wishes of one request; what is absent is left to the document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Prefer {
    /// The status to answer with.
    #[serde(with = "code", skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<StatusCode>,
    /// The name of the example to answer with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) example: Option<String>,
    /// Whether to sample where there are examples.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dynamic: Option<bool>,
    /// How a refusal is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) errors: Option<Errors>,
    /// The response itself, in place of what the document has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) response: Option<Box<Stated>>,
    /// How long to wait before answering, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) delay: Option<u64>,
    /// How the answer is to fail on the wire.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fault: Option<Fault>,
}

/// How a refusal is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Errors {
    /// As problem details (RFC 9457).
    #[default]
    Problem,
    /// As the document says that the operation's errors look; where it says nothing, as problem details.
    Document,
}

impl Errors {
    fn named(name: &str) -> Option<Self> {
        match name {
            "problem" => Some(Errors::Problem),
            "document" => Some(Errors::Document),
            _ => None,
        }
    }
}

/// How an answer fails on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fault {
    /// The connection is dropped before a byte is sent.
    Reset,
    /// Status and headers alone: the body is cut off.
    Empty,
    /// A body that is not what its content type says.
    Malformed,
    /// The body comes a byte at a time.
    Slow,
    /// No answer, until the caller gives up.
    Timeout,
}

impl Fault {
    /// The fault of a name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "reset" => Fault::Reset,
            "empty" => Fault::Empty,
            "malformed" => Fault::Malformed,
            "slow" => Fault::Slow,
            "timeout" => Fault::Timeout,
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
/// The longest delay that a request may ask for: ten minutes.
const LONGEST_DELAY: u64 = 600_000;

impl Prefer {
    /// Reads the wishes of a request.
    ///
    /// # Errors
    /// The wish that makes no sense, as written.
    pub(crate) fn read(request: &Request<Bytes>) -> Result<Self, String> {
        let mut prefer = Self::default();
        for line in request.headers().get_all(PREFER) {
            let line = line.to_str().map_err(|_| "text that is not ASCII".to_owned())?;
            for wish in line.split([',', ';']).map(str::trim).filter(|wish| !wish.is_empty()) {
                let (name, value) = wish.split_once('=').unwrap_or((wish, ""));
                prefer.set(name.trim(), value.trim().trim_matches('"')).ok_or(wish)?;
            }
        }
        let Some(query) = request.uri().query().filter(|query| query.contains("__")) else {
            return Ok(prefer);
        };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if let Some(name) = name.strip_prefix("__") {
                prefer.set(name, &value).ok_or_else(|| format!("__{name}={value}"))?;
            }
        }
        Ok(prefer)
    }

    /// Whether the caller wants a certain answer, which the state of the mock is not to give.
    pub(crate) fn chooses(&self) -> bool {
        self.chooses_itself() || self.response.is_some()
    }

    fn chooses_itself(&self) -> bool {
        self.code.is_some() || self.example.is_some() || self.dynamic.is_some()
    }

    /// The wishes of the caller, and where there is none those of a rule.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            // What the caller chooses is of the document.
            response: if self.chooses_itself() { None } else { other.response },
            code: self.code.or(other.code),
            example: self.example.or(other.example),
            dynamic: self.dynamic.or(other.dynamic),
            errors: self.errors.or(other.errors),
            delay: self.delay.or(other.delay),
            fault: self.fault.or(other.fault),
        }
    }

    /// Takes one wish; those of others (`respond-async`, `return`) are none of the mock's business.
    fn set(&mut self, name: &str, value: &str) -> Option<()> {
        match name.to_ascii_lowercase().as_str() {
            "code" => self.code = Some(value.parse().ok().filter(|code: &StatusCode| code.as_u16() >= 200)?),
            "example" => self.example = Some(value.to_owned()),
            "dynamic" => self.dynamic = Some(value.parse().ok()?),
            "errors" => self.errors = Some(Errors::named(value)?),
            "delay" => self.delay = Some(value.parse().ok().filter(|delay| *delay <= LONGEST_DELAY)?),
            "fault" => self.fault = Some(Fault::named(value)?),
            _ => {}
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: &str, target: &str, expected: Result<Prefer, &str>) {
        let request =
            http::Request::builder().uri(target).header("prefer", header).body(Bytes::new()).unwrap();
        let found = Prefer::read(&request);
        assert_eq!(found, expected.map_err(str::to_owned), "{header} {target}");
    }

    #[test]
    fn wishes_of_header_and_query() {
        let code = |code: u16| Some(StatusCode::from_u16(code).unwrap());
        let none = Prefer::default;
        check("", "/", Ok(none()));
        check("return=minimal, wait=10", "/", Ok(none()));
        check("code=404", "/", Ok(Prefer { code: code(404), ..none() }));
        check(
            "Code=\"404\"; example=two",
            "/",
            Ok(Prefer { code: code(404), example: Some("two".into()), ..none() }),
        );
        check("", "/?a=1&__dynamic=true", Ok(Prefer { dynamic: Some(true), ..none() }));
        check(
            "delay=250,fault=slow",
            "/",
            Ok(Prefer { delay: Some(250), fault: Some(Fault::Slow), ..none() }),
        );
        check("errors=document", "/", Ok(Prefer { errors: Some(Errors::Document), ..none() }));
        check("errors=none", "/", Err("errors=none"));
        check("code=99", "/", Err("code=99"));
        check("code=100", "/", Err("code=100"));
        check("dynamic=perhaps", "/", Err("dynamic=perhaps"));
        check("delay=600001", "/", Err("delay=600001"));
        check("fault=flood", "/", Err("fault=flood"));
    }
}
