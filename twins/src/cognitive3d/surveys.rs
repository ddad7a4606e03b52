//! Counts the answers to surveys, which sessions hold as events `cvr.exitpoll`.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::filter::events;
use super::sessions::Record;

/// The answer that means that a question was passed over.
pub(crate) const SKIPPED: i64 = i16::MIN as i64;

/// `SurveyCounts`: for each question, how often each answer was given.
pub(crate) fn counts(set: &Value, records: &[&Record]) -> Value {
    let questions = set.get("questions").and_then(Value::as_array).map_or(0, Vec::len);
    let counted = (0..questions).map(|question| {
        let mut counts: IndexMap<i64, u64> = IndexMap::new();
        for (_, answers) in submissions(set, records) {
            if let Some(answer) = answer(answers, question) {
                *counts.entry(answer).or_default() += 1;
            }
        }
        counts.sort_keys();
        let shown = counts.into_iter().map(|(answer, count)| match answer {
            SKIPPED => json!({"count": count, "skipped": true, "value": null}),
            answer => json!({"count": count, "skipped": false, "value": answer.to_string()}),
        });
        shown.collect::<Value>()
    });
    counted.collect()
}

/// The answers to the questions of a survey, as `SurveyResponse`s.
pub(crate) fn responses(set: &Value, records: &[&Record]) -> Vec<Value> {
    let kinds: Vec<&Value> = set
        .get("questions")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|one| one.get("type"))
        .collect();
    let mut found = Vec::new();
    for (record, answers) in submissions(set, records) {
        for (question, kind) in kinds.iter().enumerate() {
            let Some(answer) = answer(answers, question) else { continue };
            let value = if answer == SKIPPED { Value::Null } else { answer.into() };
            found.push(json!({
                "id": record.get("createdAt"), "type": kind, "hook": answers.get("hook"), "questionIndex": question,
                "timestamp": record.get("createdAt"), "participantId": record.get("participantId"),
                "sessionId": record.get("sessionId"), "questionSetId": set.get("id"), "skipped": answer == SKIPPED,
                "value": value,
            }));
        }
    }
    found
}

/// Returns the submissions of a survey: each with its session, and the properties of its event.
fn submissions<'r>(
    set: &'r Value,
    records: &'r [&'r Record],
) -> impl Iterator<Item = (&'r Record, &'r Map<String, Value>)> {
    records.iter().flat_map(move |record| {
        let answers = events(record).filter_map(|event| event.get("properties")?.as_object());
        answers
            .filter(|answers| answers.get("questionSetId") == set.get("id"))
            .map(move |answers| (*record, answers))
    })
}

fn answer(answers: &Map<String, Value>, question: usize) -> Option<i64> {
    answers.get(&format!("Answer{question}"))?.as_i64()
}
