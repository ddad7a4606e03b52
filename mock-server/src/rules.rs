//! What is to happen to calls beyond what the document says: other answers, in turn or at a rate, and limits.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use descant_model::api::When;
use descant_runtime::param::Location;
use http::StatusCode;
use http::header::RETRY_AFTER;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::prefer::Prefer;
use crate::problem::Problem;
use crate::respond::Accepted;
use crate::sample::Seed;

/// What is to happen to some calls. The first rule that fits a call decides.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rule {
    /// `GET /pets/{petId}`, an operationId, or `*`.
    pub operation: String,
    /// What the call must have.
    pub when: When,
    /// The answers in turn; the last one stays.
    pub answers: Vec<Prefer>,
    /// Whether the answers begin again after the last.
    pub repeat: bool,
    /// The share of the calls that it is for, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// How many calls are answered in some time; more of them get 429.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
}

/// A limit of calls.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    pub requests: u64,
    /// The time that they are for.
    pub seconds: u64,
}

/// A call as rules see it.
pub(crate) trait Call {
    /// `GET /pets/{petId}`.
    fn key(&self) -> &str;
    /// Its operationId.
    fn id(&self) -> Option<&str>;
    /// The value of a parameter.
    fn value(&self, location: Location, name: &str) -> Option<Cow<'_, Value>>;
    /// The value of the body.
    fn content(&self) -> Option<&Value>;
}

impl Call for Accepted<'_> {
    fn key(&self) -> &str {
        self.called.key
    }

    fn id(&self) -> Option<&str> {
        self.called.operation.id.as_deref()
    }

    fn value(&self, location: Location, name: &str) -> Option<Cow<'_, Value>> {
        let header = || {
            let text = self.request.headers().get(name)?.to_str().ok()?;
            Some(Cow::Owned(Value::from(text)))
        };
        let declared = self.parameter(location, name).map(Cow::Borrowed);
        declared.or_else(|| header().filter(|_| location == Location::Header))
    }

    fn content(&self) -> Option<&Value> {
        self.body()
    }
}

/// The rules of a mock, with how often each was used.
#[derive(Default)]
pub struct Rules {
    any: AtomicBool,
    list: Mutex<Vec<Used>>,
}

struct Used {
    rule: Rule,
    /// How many calls it fitted.
    calls: AtomicU64,
    window: Option<(Instant, u64)>,
}

impl Rules {
    /// Begins with these rules.
    pub fn new(rules: Vec<Rule>) -> Self {
        let all = Self::default();
        all.set(rules);
        all
    }

    /// Puts these rules in place of those before; their counts begin anew.
    pub fn set(&self, rules: Vec<Rule>) {
        self.any.store(!rules.is_empty(), Ordering::Release);
        let used = rules.into_iter().map(|rule| Used { rule, calls: AtomicU64::new(0), window: None });
        *self.lock() = used.collect();
    }

    /// The rules in force.
    pub fn get(&self) -> Vec<Rule> {
        self.lock().iter().map(|used| used.rule.clone()).collect()
    }

    /// What a call is to be answered with; `None`: as the document says.
    ///
    /// # Errors
    /// 429 where a limit is reached (RFC 6585, 4).
    pub(crate) fn apply(&self, call: &dyn Call, seed: u64) -> Result<Option<Prefer>, Problem> {
        if !self.any.load(Ordering::Acquire) {
            return Ok(None);
        }
        for (index, used) in self.lock().iter_mut().enumerate() {
            if !used.rule.fits(call) {
                continue;
            }
            used.admit()?;
            let times = used.calls.fetch_add(1, Ordering::Relaxed);
            if used.rule.is_struck(Seed::new(seed).with(&format!("{index} {times}")).value())
                && let Some(prefer) = used.rule.answer(times)
            {
                return Ok(Some(prefer.clone()));
            }
        }
        Ok(None)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Used>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Used {
    /// Counts a call against the limit.
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
    fn fits(&self, call: &dyn Call) -> bool {
        let is_named =
            self.operation == "*" || self.operation == call.key() || call.id() == Some(&self.operation);
        is_named && holds(&self.when, call)
    }

    /// Whether a call is in the rule's share; `draw` decides.
    fn is_struck(&self, draw: u64) -> bool {
        self.rate.is_none_or(|rate| ((mixed(draw) >> 32) as f64) < rate * f64::from(u32::MAX))
    }

    /// The answer to the call that comes after `times` others.
    fn answer(&self, times: u64) -> Option<&Prefer> {
        let at = usize::try_from(times).unwrap_or(usize::MAX);
        let at = if self.repeat { at.checked_rem(self.answers.len())? } else { at };
        self.answers.get(at).or(self.answers.last())
    }
}

/// Spreads what tells one call from the next over all bits (SplitMix64's last steps): FNV leaves it in the lower ones.
fn mixed(draw: u64) -> u64 {
    let draw = (draw ^ (draw >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let draw = (draw ^ (draw >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    draw ^ (draw >> 31)
}

/// Whether a call has all the values of a condition.
pub(crate) fn holds(when: &When, call: &dyn Call) -> bool {
    let same =
        |wanted: &Value, found: Option<&Value>| found.is_some_and(|found| plain(found) == plain(wanted));
    let has = |location: Location, values: &IndexMap<String, Value>| {
        values.iter().all(|(name, wanted)| same(wanted, call.value(location, name).as_deref()))
    };
    has(Location::Path, &when.path)
        && has(Location::Query, &when.query)
        && has(Location::Header, &when.header)
        && has(Location::Cookie, &when.cookie)
        && when.body.iter().all(|(at, wanted)| same(wanted, call.content().and_then(|body| body.pointer(at))))
}

/// Text and number may stand for each other, as in a query.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A call of `GET /pets?status=…`.
    struct List<'a>(&'a str);

    impl Call for List<'_> {
        fn key(&self) -> &str {
            "GET /pets"
        }

        fn id(&self) -> Option<&str> {
            Some("listPets")
        }

        fn value(&self, location: Location, name: &str) -> Option<Cow<'_, Value>> {
            let is_status = location == Location::Query && name == "status";
            is_status.then(|| Cow::Owned(Value::from(self.0)))
        }

        fn content(&self) -> Option<&Value> {
            None
        }
    }

    /// The codes that calls get in turn; 0 where the document decides.
    fn check(rules: Value, query: &str, expected: &[u16]) {
        let all = Rules::default();
        all.set(serde_json::from_value(rules.clone()).unwrap());
        let call = List(query);
        let code = |_: &u16| match all.apply(&call, 1) {
            Ok(prefer) => prefer.and_then(|prefer| prefer.code).map_or(0, |code| code.as_u16()),
            Err(problem) => problem.status.as_u16(),
        };
        let found: Vec<_> = expected.iter().map(code).collect();
        assert_eq!(found, expected, "{rules}");
    }

    #[test]
    fn the_examples_of_the_documentation_are_rules() {
        let page = include_str!("../../docs/mock.md");
        let examples: Vec<_> = page.split("```json\n").skip(1).collect();
        assert!(!examples.is_empty());
        for example in examples {
            serde_json::from_str::<Vec<Rule>>(example.split("```").next().unwrap()).unwrap();
        }
    }

    #[test]
    fn answers_come_in_turn() {
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
