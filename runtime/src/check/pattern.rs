//! Compiled patterns, each once in the life of the process: they stand in statics, so there are only so many. One that
//! does not compile holds: the generator lets none through. So does one whose feature is off.

#[cfg(feature = "pattern")]
pub(super) fn is_match(pattern: &str, text: &str) -> bool {
    static KNOWN: Known<regex::Regex> = Known::new();
    KNOWN.get(pattern, |pattern| regex::Regex::new(pattern).ok()).is_none_or(|regex| regex.is_match(text))
}

#[cfg(not(feature = "pattern"))]
pub(super) fn is_match(_: &str, _: &str) -> bool {
    true
}

/// The same for a pattern that has to be tried step by step. Where it takes too many the text counts as no match, as it
/// does to the validator of `descant-schema`.
#[cfg(feature = "backtracking")]
pub(super) fn is_found(pattern: &str, text: &str) -> bool {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    const MAX_STEPS: usize = 100_000;
    static KNOWN: Known<std::sync::Arc<fancy_regex::Regex>> = Known::new();
    let compile =
        |pattern: &str| fancy_regex::RegexBuilder::new(pattern).backtrack_limit(MAX_STEPS).build().ok();
    let Some(regex) = KNOWN.get(pattern, |pattern| compile(pattern).map(Into::into)) else { return true };
    // `regex-automata` 0.4 panics on some patterns (rust-lang/regex#1344).
    catch_unwind(AssertUnwindSafe(|| regex.is_match(text))).is_ok_and(|found| found.unwrap_or(false))
}

#[cfg(not(feature = "backtracking"))]
pub(super) fn is_found(_: &str, _: &str) -> bool {
    true
}

/// What patterns were compiled to.
#[cfg(any(feature = "pattern", feature = "backtracking"))]
struct Known<R>(std::sync::LazyLock<std::sync::Mutex<std::collections::HashMap<String, Option<R>>>>);

#[cfg(any(feature = "pattern", feature = "backtracking"))]
impl<R: Clone> Known<R> {
    const fn new() -> Self {
        Self(std::sync::LazyLock::new(std::sync::Mutex::default))
    }

    fn get(&self, pattern: &str, compile: impl FnOnce(&str) -> Option<R>) -> Option<R> {
        let mut known = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        known.entry(pattern.to_owned()).or_insert_with(|| compile(pattern)).clone()
    }
}
