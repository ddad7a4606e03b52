//! Rules: directives for requests that meet a condition, in turn or at a rate, and limits of requests.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use descant_model::api::When;
use http::StatusCode;
use http::header::RETRY_AFTER;
use serde::{Deserialize, Serialize};

use crate::vocabulary::condition::{RequestView, holds};
use crate::vocabulary::directive::Directive;
use crate::vocabulary::problem::Problem;
use crate::vocabulary::seed::{Seed, mixed};

/// Directives for the requests that meet a condition. The first rule that applies to a request decides.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Rule {
    /// The operation: `GET /pets/{petId}`, an operationId, or `*`.
    pub operation: String,
    /// The values that a request must have.
    pub when: When,
    /// The directives for one request after the other; the last holds for all that follow.
    pub answers: Vec<Directive>,
    /// Whether the directives begin again after the last.
    pub repeat: bool,
    /// The share of requests that the rule applies to, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// The limit beyond which requests get 429.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<RateLimit>,
}

/// The greatest number of requests in a window of time.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// The number of requests.
    pub requests: u64,
    /// The length of the window in seconds.
    pub seconds: u64,
}

/// The rules of a mock, each with the number of requests that it applied to.
#[derive(Default)]
pub struct Rules {
    /// Whether there are rules: without any, a request takes no lock.
    any: AtomicBool,
    list: Mutex<Vec<CountedRule>>,
}

struct CountedRule {
    rule: Rule,
    /// The number of requests that it applied to.
    requests: u64,
    /// The start of the window of its limit, and the requests in it.
    window: Option<(Instant, u64)>,
}

impl Rules {
    /// Makes a list of rules.
    pub fn new(rules: Vec<Rule>) -> Self {
        let all = Self::default();
        all.set(rules);
        all
    }

    /// Replaces all rules, and counts from zero.
    pub fn set(&self, rules: Vec<Rule>) {
        self.any.store(!rules.is_empty(), Ordering::Release);
        let counted = rules.into_iter().map(|rule| CountedRule { rule, requests: 0, window: None });
        *self.lock() = counted.collect();
    }

    /// Returns the rules.
    pub fn get(&self) -> Vec<Rule> {
        self.lock().iter().map(|counted| counted.rule.clone()).collect()
    }

    /// Returns the number of requests that each rule applied to.
    pub fn counts(&self) -> Vec<u64> {
        self.lock().iter().map(|counted| counted.requests).collect()
    }

    /// Returns the directive of the first rule that applies to a request; `None` falls back to the document.
    ///
    /// # Errors
    /// 429 where a limit is reached (RFC 6585, 4).
    pub(crate) fn apply(&self, request: &dyn RequestView, seed: u64) -> Result<Option<Directive>, Problem> {
        if !self.any.load(Ordering::Acquire) {
            return Ok(None);
        }
        for (index, counted) in self.lock().iter_mut().enumerate() {
            if !counted.rule.applies(request) {
                continue;
            }
            counted.admit()?;
            let before = counted.requests;
            counted.requests = before.saturating_add(1);
            if counted.rule.draws(Seed::new(seed).with(&format!("{index} {before}")).value())
                && let Some(directive) = counted.rule.directive(before)
            {
                return Ok(Some(directive.clone()));
            }
        }
        Ok(None)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<CountedRule>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CountedRule {
    /// Counts a request against the limit.
    fn admit(&mut self) -> Result<(), Problem> {
        let Some(limit) = self.rule.limit else { return Ok(()) };
        let length = Duration::from_secs(limit.seconds.max(1));
        let now = Instant::now();
        let (start, count) =
            self.window.filter(|(start, _)| now.duration_since(*start) < length).unwrap_or((now, 0));
        self.window = Some((start, count.saturating_add(1)));
        if count < limit.requests {
            return Ok(());
        }
        let left = length.saturating_sub(now.duration_since(start)).as_secs().saturating_add(1);
        let detail = format!("more than {} requests in {} seconds", limit.requests, limit.seconds);
        Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, detail).header(RETRY_AFTER, &left.to_string()))
    }
}

impl Rule {
    /// Whether a request is for the operation and meets the condition.
    fn applies(&self, request: &dyn RequestView) -> bool {
        let is_named = self.operation == "*"
            || self.operation == request.key()
            || request.operation_id() == Some(&self.operation);
        is_named && holds(&self.when, request)
    }

    /// Whether a request is in the rule's share, by a random number.
    fn draws(&self, number: u64) -> bool {
        self.rate.is_none_or(|rate| ((mixed(number) >> 32) as f64) < rate * f64::from(u32::MAX))
    }

    /// Returns the directive for the request after `before` others.
    fn directive(&self, before: u64) -> Option<&Directive> {
        let at = usize::try_from(before).unwrap_or(usize::MAX);
        let at = if self.repeat { at.checked_rem(self.answers.len())? } else { at };
        self.answers.get(at).or(self.answers.last())
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use descant_runtime::param::Location;
    use serde_json::{Value, json};

    use super::*;

    /// A request for `GET /pets?status=…`.
    struct List<'a>(&'a str);

    impl RequestView for List<'_> {
        fn key(&self) -> &str {
            "GET /pets"
        }

        fn operation_id(&self) -> Option<&str> {
            Some("listPets")
        }

        fn parameter_value(&self, location: Location, name: &str) -> Option<Cow<'_, Value>> {
            let is_status = location == Location::Query && name == "status";
            is_status.then(|| Cow::Owned(Value::from(self.0)))
        }

        fn body_value(&self) -> Option<&Value> {
            None
        }
    }

    /// Checks the codes of one request after the other; 0 where the document decides.
    fn check(rules: Value, query: &str, expected: &[u16]) {
        let all = Rules::default();
        all.set(serde_json::from_value(rules.clone()).unwrap());
        let request = List(query);
        let code = |_: &u16| match all.apply(&request, 1) {
            Ok(directive) => directive.and_then(|directive| directive.code).map_or(0, |code| code.as_u16()),
            Err(problem) => problem.status.as_u16(),
        };
        let found: Vec<_> = expected.iter().map(code).collect();
        assert_eq!(found, expected, "{rules}");
    }

    #[test]
    fn the_examples_of_the_documentation_are_rules() {
        let page = include_str!("../../../docs/mock.md");
        let examples: Vec<_> = page.split("```json\n").skip(1).collect();
        assert!(!examples.is_empty());
        for example in examples {
            serde_json::from_str::<Vec<Rule>>(example.split("```").next().unwrap()).unwrap();
        }
    }

    #[test]
    fn directives_come_in_turn() {
        check(json!([]), "", &[0, 0]);
        check(json!([{"operation": "GET /dogs", "answers": [{"code": 503}]}]), "", &[0]);
        check(json!([{"operation": "*", "answers": [{"code": 503}]}]), "", &[503, 503]);
        check(
            json!([{"operation": "listPets", "answers": [{"code": 429}, {"code": 200}]}]),
            "",
            &[429, 200, 200],
        );
        let turns = json!([{"operation": "GET /pets", "repeat": true, "answers": [{"code": 429}, {}]}]);
        check(turns, "", &[429, 0, 429, 0]);
    }

    #[test]
    fn conditions_and_limits() {
        let sold = json!([{"operation": "GET /pets", "when": {"query": {"status": "sold"}}, "answers": [{"code": 404}]}]);
        check(sold.clone(), "sold", &[404]);
        check(sold, "free", &[0]);
        check(json!([{"operation": "*", "limit": {"requests": 2, "seconds": 60}}]), "", &[0, 0, 429, 429]);
    }

    #[test]
    fn a_rate_is_met_on_the_way() {
        let all = Rules::default();
        all.set(
            serde_json::from_value(json!([{"operation": "*", "rate": 0.05, "answers": [{"code": 503}]}]))
                .unwrap(),
        );
        for part in 0..10 {
            let struck = (0..1_000).filter(|_| all.apply(&List(""), 7).unwrap().is_some()).count();
            assert!((25..75).contains(&struck), "{struck} of the {part}th 1,000");
        }
    }
}
