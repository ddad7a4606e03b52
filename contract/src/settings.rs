//! What a run may do, what it selects, and what is known beforehand.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use descant_model::api::{Api, Operation};
use indexmap::IndexMap;
use serde_json::Value;

use crate::case::{Case, CaseKind};
use crate::progress::Progress;

/// What is known of a service, and what may be sent to it.
#[derive(Clone, Debug, Default)]
pub struct Assumptions {
    /// The seed of samples where the document has no example.
    pub seed: u64,
    /// Whether the resources that the examples name exist: an example must succeed.
    pub examples_exist: bool,
    /// Whether text in an optional query parameter must be refused if its schema does not admit it. Many services use it as
    /// a filter that matches nothing.
    pub strict: bool,
    /// Whether only operations that read are called.
    pub read_only: bool,
    /// Whether destructive operations, methods that write and are not declared, and writes to resources that the run did
    /// not create are sent.
    pub destructive: bool,
    /// Fixed values of parameters by name.
    pub fixed: IndexMap<String, Value>,
}

/// The settings of a run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What is known of the service.
    pub assume: Assumptions,
    /// What is run.
    pub select: Selection,
    /// The number of concurrent requests that only read, or delete what the run created at its end.
    pub workers: usize,
    /// The most time of one request.
    pub timeout: Duration,
    /// The most time of the run.
    pub max_time: Option<Duration>,
    /// The most time for the deletion of what the run created. `None`: a tenth of `max_time`, else as long as the run took,
    /// at least ten seconds.
    pub max_clean_up: Option<Duration>,
    /// The time after which a response is an error.
    pub max_latency: Option<Duration>,
    /// The most requests per second.
    pub rate: Option<u32>,
    /// Whether the first error ends the run.
    pub fail_fast: bool,
    /// Headers that every request has.
    pub headers: Vec<(String, String)>,
    /// Whether the exchanges of cases that kept every promise are kept, too.
    pub keep: bool,
    /// Counts the cases of the run that are done.
    pub progress: Arc<Progress>,
    /// How the clients begin that send the requests: with a proxy, with certificates.
    pub client: Client,
}

/// Makes the beginning of an HTTP client.
#[derive(Clone, Default)]
pub struct Client(Option<Arc<dyn Fn() -> reqwest::ClientBuilder + Send + Sync>>);

impl Client {
    /// Returns one that makes what a function returns.
    pub fn new(begin: impl Fn() -> reqwest::ClientBuilder + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(begin)))
    }

    /// Makes the beginning of a client.
    pub fn begin(&self) -> reqwest::ClientBuilder {
        self.0.as_ref().map_or_else(reqwest::Client::builder, |begin| begin())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            assume: Assumptions::default(),
            select: Selection::default(),
            workers: 4,
            timeout: Duration::from_secs(20),
            max_time: None,
            max_clean_up: None,
            max_latency: None,
            rate: None,
            fail_fast: false,
            headers: Vec::new(),
            keep: false,
            progress: Arc::default(),
            client: Client::default(),
        }
    }
}

/// Which operations and cases are run; an empty list selects all.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Patterns of operations: an `operationId`, `GET /pets`, or a path, with `*` for any text.
    pub operations: Vec<String>,
    /// Patterns of operations that are not run.
    pub exclude: Vec<String>,
    /// Tags of operations.
    pub tags: Vec<String>,
    /// Kinds of cases.
    pub kinds: Vec<CaseKind>,
    /// The identifier of a single case ([`Case::id`]).
    pub case: Option<String>,
    /// A part of the operations: the index, from 0, and the number of parts.
    pub shard: Option<(usize, usize)>,
}

impl Selection {
    /// Whether an operation is run.
    pub fn has_operation(&self, index: usize, operation: &Operation) -> bool {
        let matches = |pattern: &String| names(pattern, operation);
        (self.operations.is_empty() || self.operations.iter().any(matches))
            && !self.exclude.iter().any(matches)
            && (self.tags.is_empty() || operation.tags.iter().any(|tag| self.tags.contains(tag)))
            && self.shard.is_none_or(|(part, parts)| index % parts.max(1) == part)
    }

    /// Whether the operation of an index is run.
    pub fn has(&self, api: &Api, index: usize) -> bool {
        api.operations.get(index).is_some_and(|operation| self.has_operation(index, operation))
    }

    /// Whether cases of a kind are run.
    pub fn has_kind(&self, kind: CaseKind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }

    /// Whether a case is run.
    pub fn has_case(&self, case: &Case, operation: &Operation) -> bool {
        self.has_kind(case.kind) && self.case.as_ref().is_none_or(|id| *id == case.id(operation))
    }
}

fn names(pattern: &str, operation: &Operation) -> bool {
    let named = [operation.id.clone().unwrap_or_default(), operation.key(), operation.path.raw.clone()];
    named.iter().any(|name| is_match(pattern, name))
}

/// Whether a text matches a pattern in which `*` stands for any text.
fn is_match(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::is_match;

    #[test]
    fn a_star_stands_for_any_text() {
        let check = |pattern: &str, text: &str, expected: bool| {
            assert_eq!(is_match(pattern, text), expected, "{pattern} {text}");
        };
        check("GET /pets", "GET /pets", true);
        check("GET /pets", "GET /pets/{id}", false);
        check("* /pets*", "GET /pets/{id}", true);
        check("*admin*", "DELETE /admin/storage", true);
        check("*admin", "DELETE /admin/storage", false);
        check("a*a", "a", false);
    }
}
