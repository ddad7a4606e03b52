//! Search in knowledge bases: the examples whose questions share the most words with the one asked.

use std::collections::BTreeSet;

use super::ontology::{Environment, Example};

/// Words that say nothing about a question.
const COMMON: [&str; 24] = [
    "a", "an", "and", "are", "did", "do", "does", "for", "from", "have", "how", "in", "is", "many", "much",
    "of", "the", "than", "to", "was", "we", "what", "which", "who",
];

/// An example with its base, its name, and how close it is: 0 to 1.
#[derive(Clone, Debug)]
pub(crate) struct Match<'a> {
    pub(crate) base: &'a str,
    pub(crate) changed_on: &'a str,
    pub(crate) name: &'a str,
    pub(crate) example: &'a Example,
    pub(crate) confidence: f64,
}

/// Returns the examples of the named bases that are at least this close, best first.
pub(crate) fn search<'a>(
    environment: &'a Environment,
    question: &str,
    bases: &[String],
    least: f64,
) -> Vec<Match<'a>> {
    let asked = words(question);
    let chosen = environment.knowledge_bases.iter().filter(|(base, _)| bases.contains(base));
    let mut found: Vec<Match<'a>> = chosen
        .flat_map(|(base, content)| {
            content.examples.iter().map(move |(name, example)| (base, content, name, example))
        })
        .map(|(base, content, name, example)| {
            let confidence = closeness(&asked, &words(&example.question));
            Match { base, changed_on: &content.changed_on, name, example, confidence }
        })
        .filter(|one| one.confidence > 0.0 && one.confidence >= least)
        .collect();
    found.sort_by(|one, other| other.confidence.total_cmp(&one.confidence));
    found
}

/// Returns the share of common words (Dice), rounded to two digits.
fn closeness(one: &BTreeSet<String>, other: &BTreeSet<String>) -> f64 {
    let common = one.intersection(other).count() * 2;
    let all = (one.len() + other.len()).max(1);
    (common as f64 / all as f64 * 100.0).round() / 100.0
}

/// Returns the words of a question that say something, without their endings.
fn words(question: &str) -> BTreeSet<String> {
    question
        .to_lowercase()
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty() && !COMMON.contains(word))
        .map(|word| {
            ["ing", "ed", "s"].into_iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word).to_owned()
        })
        .collect()
}
