//! What is tried: a case is data, a name and one or more calls, each with the answer that would keep the promise.

use bytes::Bytes;
use descant_model::api::{Api, Location, Operation};
use serde_json::Value;

use crate::expect::Expect;

/// One thing to try. Cases differ from a call that the document shows by one fault at most, so that a failing one
/// needs no shrinking.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Index into [`Api::operations`]: the row of the report.
    pub operation: usize,
    /// The column of the report.
    pub kind: CaseKind,
    /// What this case tries, unique for its operation and kind: `query limit below its minimum`.
    pub name: String,
    /// In order; one that is not answered as expected ends the case.
    pub steps: Vec<Step>,
}

/// One call of a case and the answer that it should get.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub call: Call,
    pub expect: Expect,
}

/// What a case tries, one variant a module of [`crate::derive`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CaseKind {
    /// A call that the document's examples, or else samples, make.
    Example,
    /// The same call by a generated client, whoever makes it: this crate does not.
    Client,
    /// Calls that create, read, update and delete the same record, inferred from paths and schemas.
    State,
    /// Calls that follow a link of the document (OAS 4.8.20).
    Link,
    /// Values at the edge of what a schema allows.
    Boundary,
    /// No credential at all.
    NoCredential,
    /// A credential of the right form that nobody was given.
    WrongCredential,
    /// A parameter missing, or of a value that its schema does not allow.
    Parameter,
    /// A body missing, malformed, of another media type, or of a value that its schema does not allow.
    Body,
    /// A method that the path does not declare.
    Method,
    /// Unusual text, encodings and combinations: what is valid is accepted, what is not is refused, and nothing fails.
    Robustness,
}

impl CaseKind {
    /// Every kind, in the order of the report's columns.
    pub const ALL: [CaseKind; 11] = [
        CaseKind::Client,
        CaseKind::Example,
        CaseKind::State,
        CaseKind::Link,
        CaseKind::Boundary,
        CaseKind::NoCredential,
        CaseKind::WrongCredential,
        CaseKind::Parameter,
        CaseKind::Body,
        CaseKind::Method,
        CaseKind::Robustness,
    ];

    /// Returns the kind of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// As the report names it.
    pub fn as_str(self) -> &'static str {
        match self {
            CaseKind::Example => "example",
            CaseKind::Client => "client",
            CaseKind::State => "state",
            CaseKind::Link => "link",
            CaseKind::Boundary => "boundary",
            CaseKind::NoCredential => "no credential",
            CaseKind::WrongCredential => "wrong credential",
            CaseKind::Parameter => "parameter",
            CaseKind::Body => "body",
            CaseKind::Method => "method",
            CaseKind::Robustness => "robustness",
        }
    }
}

/// A request before it is encoded: values still stand at their parameters, credentials are still names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Call {
    /// Index into [`Api::operations`].
    pub operation: usize,
    /// The method to send in place of the operation's own.
    pub method: Option<String>,
    /// The parameters to send, in the operation's order; those that it does not list are not sent.
    pub parameters: Vec<(Location, String, Input)>,
    pub body: Option<Body>,
    pub credential: Presented,
}

/// A parameter's value.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// To be encoded as the parameter's style or media type says.
    Value(Value),
    /// To be sent as it is, percent-encoded where its location asks for that.
    Raw(String),
    /// What a runtime expression finds in the exchange of an earlier step (OAS 4.8.20.3).
    Link { step: usize, expression: String },
}

/// A request body.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// To be encoded as the media type says.
    Value { media_type: String, value: Value },
    /// To be sent as it is.
    Raw { media_type: String, bytes: Bytes },
}

/// Which credential a call presents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Presented {
    /// The one that was given for the scheme.
    #[default]
    Right,
    /// One of the same form that nobody was given.
    Wrong,
    /// The right one without so many characters at its end.
    Prefix(usize),
    /// The right one with a character more.
    Suffix,
    /// The right one in upper case.
    UpperCase,
    /// An empty one, behind the name of its scheme.
    Empty,
    /// The right one under another scheme of `Authorization`.
    OtherScheme,
    /// The right one as that of the scheme `Basic`.
    AsBasic,
    /// The right one without the name of its scheme.
    Bare,
    /// The right one with a second word behind it.
    TwoWords,
    /// The right one in the query, where the scheme does not look for it.
    InQuery,
    /// The right one in a cookie, where the scheme does not look for it.
    InCookie,
    /// That of somebody else, who may not see what the first one owns.
    Other,
    /// None.
    Nothing,
}

impl Case {
    /// Returns the identifier of the case, which a later run selects it by: `GET /pets › parameter › query limit: minimum`.
    pub fn id(&self, operation: &Operation) -> String {
        format!("{} › {} › {}", operation.key(), self.kind.as_str(), self.name)
    }

    /// A case of one step.
    pub fn single(kind: CaseKind, name: impl Into<String>, call: Call, expect: Expect) -> Self {
        Self { operation: call.operation, kind, name: name.into(), steps: vec![Step { call, expect }] }
    }
}

impl Call {
    /// The operation that is called.
    pub fn operation<'a>(&self, api: &'a Api) -> Option<&'a Operation> {
        api.operations.get(self.operation)
    }

    /// The same call with another value for a parameter; it is added where the call did not send it.
    #[must_use]
    pub fn with(mut self, location: Location, name: &str, input: Input) -> Self {
        match self.parameters.iter_mut().find(|(l, n, _)| *l == location && n == name) {
            Some((_, _, old)) => *old = input,
            None => self.parameters.push((location, name.to_owned(), input)),
        }
        self
    }

    /// The same call without a parameter.
    #[must_use]
    pub fn without(mut self, location: Location, name: &str) -> Self {
        self.parameters.retain(|(l, n, _)| !(*l == location && n == name));
        self
    }

    /// The same call with another body.
    #[must_use]
    pub fn body(mut self, body: Option<Body>) -> Self {
        self.body = body;
        self
    }
}
