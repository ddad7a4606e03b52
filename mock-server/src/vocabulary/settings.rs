//! The settings of a mock: what holds for every request, unless a [`Directive`](crate::Directive) overrides it.

use descant_schema::SamplerOptions;
use serde::{Deserialize, Serialize};

use super::delay::Delay;

/// The settings of a mock.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// The seed of every sampled value: another seed gives other data.
    pub seed: u64,
    /// Whether values are sampled even where the document has examples.
    pub dynamic: bool,
    /// What is sent in place of an example that violates its schema.
    pub examples: ExamplePolicy,
    /// The format of refusals.
    pub errors: ErrorFormat,
    /// The origin by which clients reach the authorization server, `https://login.test`, as tokens and metadata name it;
    /// `None`: that of the request, where its `Host` is `localhost` or an address.
    pub issuer: Option<String>,
    /// Whether the schemes that verify JWTs are enabled; `None`: as the document says (`x-descant.enabled`).
    pub jwt: Option<bool>,
    /// The names of the mock's host beside addresses and `localhost`. Its interface and its proxy refuse a request to any
    /// other name: a page may have had it rebound to this machine.
    pub hosts: Vec<String>,
    /// What becomes of the document's server URLs in responses.
    pub urls: ServerUrls,
    /// The delay of responses to requests that the document admits, unless a caller or a rule states another.
    pub delay: Option<Delay>,
    /// The number of records that a collection begins with, where no example shows its list.
    pub items: usize,
    /// The time that dates of sampled values lie near, in seconds since 1970.
    pub now: i64,
    /// Whether the authorization server asks people at a page who they are.
    pub login_page: bool,
    /// The time between the events or lines of a stream, unless a directive states another.
    pub pace: Option<Delay>,
    /// Whether streams of events stay open after their last event, unless a directive states otherwise.
    pub hold: bool,
    /// The hosts beside the loopback that callbacks and webhooks may be sent to.
    pub callback_hosts: Vec<String>,
    /// The URL that webhooks are sent to.
    pub webhook_receiver: Option<String>,
}

/// What becomes of the document's server URLs in responses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServerUrls {
    /// They become the address that the request was sent to, by http.
    #[default]
    Own,
    /// They become the address that the request was sent to, by https.
    OwnByTls,
    /// They are sent as the document has them.
    Verbatim,
}

/// What is sent in place of an example that violates its schema.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExamplePolicy {
    /// The example with its violations repaired, or a sampled value; a response header says so.
    #[default]
    Checked,
    /// The example as written.
    Verbatim,
}

/// The format of refusals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ErrorFormat {
    /// Problem details (RFC 9457).
    #[default]
    Problem,
    /// The response that the document describes for the status; problem details where it describes none.
    Document,
}

impl ErrorFormat {
    /// Parses the name of a format.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "problem" => Some(Self::Problem),
            "document" => Some(Self::Document),
            _ => None,
        }
    }
}

impl Settings {
    /// Sets the seed of every sampled value.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Sets whether values are sampled even where the document has examples.
    #[must_use]
    pub fn with_dynamic(self, dynamic: bool) -> Self {
        Self { dynamic, ..self }
    }

    /// Sets what is sent in place of an example that violates its schema.
    #[must_use]
    pub fn with_examples(self, examples: ExamplePolicy) -> Self {
        Self { examples, ..self }
    }

    /// Sets the origin that tokens and metadata of the authorization server name.
    #[must_use]
    pub fn with_issuer(self, issuer: Option<String>) -> Self {
        Self { issuer, ..self }
    }

    /// Enables or disables the schemes that verify JWTs.
    #[must_use]
    pub fn with_jwt(self, jwt: Option<bool>) -> Self {
        Self { jwt, ..self }
    }

    /// Sets the names of the mock's host beside addresses and `localhost`.
    #[must_use]
    pub fn with_hosts(self, hosts: Vec<String>) -> Self {
        Self { hosts, ..self }
    }

    /// Sets the format of refusals.
    #[must_use]
    pub fn with_errors(self, errors: ErrorFormat) -> Self {
        Self { errors, ..self }
    }

    /// Sets what becomes of the document's server URLs in responses.
    #[must_use]
    pub fn with_urls(self, urls: ServerUrls) -> Self {
        Self { urls, ..self }
    }

    /// Sets the delay of responses.
    #[must_use]
    pub fn with_delay(self, delay: Option<Delay>) -> Self {
        Self { delay, ..self }
    }

    /// Sets whether the authorization server asks people at a page who they are.
    #[must_use]
    pub fn with_login_page(self, login_page: bool) -> Self {
        Self { login_page, ..self }
    }

    /// Sets the time between the events or lines of a stream, and whether streams of events stay open after their last.
    #[must_use]
    pub fn with_pace(self, pace: Option<Delay>, hold: bool) -> Self {
        Self { pace, hold, ..self }
    }

    /// Sets the hosts beside the loopback that callbacks and webhooks may be sent to, and the URL that webhooks are sent to.
    #[must_use]
    pub fn with_callbacks(self, hosts: Vec<String>, webhook_receiver: Option<String>) -> Self {
        Self { callback_hosts: hosts, webhook_receiver, ..self }
    }

    /// Sets the number of records that a collection begins with.
    #[must_use]
    pub fn with_items(self, items: usize) -> Self {
        Self { items, ..self }
    }

    /// Sets the time that dates of sampled values lie near, in seconds since 1970.
    #[must_use]
    pub fn with_now(self, now: i64) -> Self {
        Self { now, ..self }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 1,
            dynamic: false,
            examples: ExamplePolicy::Checked,
            errors: ErrorFormat::Problem,
            issuer: None,
            jwt: None,
            hosts: Vec::new(),
            urls: ServerUrls::Own,
            delay: None,
            items: 25,
            now: SamplerOptions::default().now,
            login_page: false,
            pace: None,
            hold: false,
            callback_hosts: Vec::new(),
            webhook_receiver: None,
        }
    }
}
