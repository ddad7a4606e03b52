//! Samples strings by format, by pattern, or by the name of their property.

use serde_json::Value;

use super::{
    Few, Suit,
    draw::{Drawer, Drawn, Spot},
    pictures, regex,
};
use crate::{
    format::Format,
    node::{Node, Texts},
    pattern::Pattern,
};

/// Texts drawn at one place before it is given up.
const TRIES: usize = 24;

impl<'s> Drawer<'s> {
    pub(super) fn text(&mut self, nodes: &[&'s Node], spot: Spot<'_>) -> Drawn {
        let rules: Few<_> = nodes.iter().filter_map(|node| node.texts.as_deref()).collect();
        let min = rules.iter().map(|texts| texts.min).max().unwrap_or(0);
        let max = rules.iter().filter_map(|texts| texts.max).min().unwrap_or(u64::MAX);
        if min > self.options.max_length {
            return Err(spot.fail(format!("too large: at least {min} characters")));
        }
        if min > max {
            return Err(spot.fail(format!("at least {min} and at most {max} characters")));
        }
        let format =
            rules.iter().filter_map(|texts| texts.format).max_by_key(|format| format.check.is_some());
        let patterns: Few<_> = rules.iter().filter_map(|texts| texts.pattern.as_ref()).collect();
        // A format's own sample keeps that format, and the whole is judged again before it is handed out.
        let is_alone = !self.careful && patterns.is_empty() && rules.len() <= 1;
        let is_free = is_alone && nodes.iter().all(|node| node.values.is_none());
        let is_sure = |text: &Value| is_free && text.as_str().is_some_and(|text| is_surely(text, min, max));
        for attempt in 0..TRIES {
            let spot = Spot { attempt: spot.attempt + attempt, ..spot };
            let content = if attempt == 0 { self.content(&rules, spot) } else { None };
            let text =
                content.or_else(|| self.candidate(&rules, format, &patterns, (min, max), attempt, spot));
            let text = text.map(Value::String);
            if let Some(text) = text.filter(|text| is_sure(text) || self.is_own(nodes, text)) {
                return Ok(text);
            }
        }
        Err(spot.fail(refusal(&rules, format)))
    }

    /// The JSON of a value that `contentSchema` describes. Escapes may double the text at each level, so it is limited at each.
    fn content(&mut self, rules: &[&'s Texts], spot: Spot<'_>) -> Option<String> {
        let content = rules.iter().find_map(|texts| texts.content.as_deref())?;
        let inner = Spot { suit: &Suit::NONE, around: None, depth: spot.depth + 1, attempt: 0, ..spot };
        let text = self.draw(&[content], inner).ok()?.to_string();
        (text.len() as u64 <= self.options.max_length).then_some(text)
    }

    fn candidate(
        &self,
        rules: &[&Texts],
        format: Option<&'static Format>,
        patterns: &[&'s Pattern],
        (min, max): (u64, u64),
        attempt: usize,
        spot: Spot<'_>,
    ) -> Option<String> {
        let max = max.min(self.options.max_length);
        // A pattern says more than a hint; an asserted format and a pattern take turns.
        let by_pattern =
            !patterns.is_empty() && (attempt % 2 == 1 || format.is_none_or(|format| format.check.is_none()));
        if by_pattern {
            let pattern = patterns.get(attempt / 2 % patterns.len())?;
            return self.matching(pattern, min, max, spot);
        }
        let named = format.map(|format| format.name).or(spot.suit.format);
        let shared = spot.suit.shared.zip(spot.around).filter(|_| spot.attempt == 0);
        let shared = shared.and_then(|(shared, around)| around.text(shared, named));
        let is_url = named.is_some_and(|named| matches!(named, "uri" | "url" | "iri" | "uri-reference"));
        let picture = spot.suit.picture.filter(|_| is_url);
        let own = || match (picture, format) {
            (Some(size), _) => pictures::url(size, &mut spot.random()),
            (None, Some(format)) => (format.sample)(&mut spot.random()),
            (None, None) => (spot.suit.text)(&mut spot.random()),
        };
        let is_free = rules.iter().all(|texts| texts.format.is_none_or(|format| format.check.is_none()));
        Some(fitted(shared.unwrap_or_else(own), min, max, is_free))
    }

    /// A text that the pattern matches, of about the length that is asked for.
    pub(super) fn matching(&self, pattern: &Pattern, min: u64, max: u64, spot: Spot<'_>) -> Option<String> {
        let text = regex::sample(pattern, min, max, &mut spot.random())?;
        pattern.is_match(&text).then_some(text)
    }

    fn is_own(&self, nodes: &[&'s Node], value: &Value) -> bool {
        self.judged(|judge| nodes.iter().all(|node| judge.own(node, value)))
    }
}

/// Whether a text has some length, without counting characters where its bytes tell.
fn is_surely(text: &str, min: u64, max: u64) -> bool {
    // A character has at most four bytes.
    (min..=max).contains(&(text.len() as u64)) && min <= text.len().div_ceil(4) as u64
}

/// A free text cut or repeated to its length, which for a format would break it.
fn fitted(text: String, min: u64, max: u64, is_free: bool) -> String {
    if is_surely(&text, min, max) {
        return text;
    }
    let length = text.chars().count() as u64;
    if !is_free || (min..=max).contains(&length) {
        return text;
    }
    let wanted = usize::try_from(length.clamp(min, max)).unwrap_or(usize::MAX);
    let spaced = text.chars().chain([' ']).cycle().take(wanted).collect::<String>();
    // A space at the end reads as a mistake.
    match spaced.strip_suffix(' ') {
        Some(trimmed) => format!("{trimmed}."),
        None => spaced,
    }
}

fn refusal(rules: &[&Texts], format: Option<&'static Format>) -> String {
    let pattern = rules
        .iter()
        .find_map(|texts| texts.pattern.as_ref())
        .map(|pattern| format!("matches {}", pattern.source()));
    let format = format.map(|format| format!("is {}", format.expected));
    let wanted: Vec<_> = pattern.into_iter().chain(format).collect();
    match wanted.is_empty() {
        true => "no text found within its lengths".to_owned(),
        false => format!("no text found that {} within its lengths", wanted.join(" and ")),
    }
}
