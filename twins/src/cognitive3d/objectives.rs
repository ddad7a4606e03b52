//! Counts the sessions that met objectives and their steps.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::sessions::Record;

/// The number of matches, and their times.
#[derive(Debug, Default)]
struct Count {
    succeeded: u64,
    failed: u64,
    durations: Vec<f64>,
}

impl Count {
    fn add(&mut self, succeeded: bool, duration: Option<f64>) {
        if succeeded {
            self.succeeded += 1;
            self.durations.extend(duration);
        } else {
            self.failed += 1;
        }
    }

    fn average(&self) -> Value {
        let count = self.durations.len() as f64;
        if count == 0.0 { Value::Null } else { (self.durations.iter().sum::<f64>() / count).round().into() }
    }
}

/// `ObjectiveResultList`: a session meets an objective when it meets every step.
pub(crate) fn results(records: &[&Record], versions: &[i64]) -> Value {
    let mut counts: IndexMap<&str, Count> = IndexMap::new();
    for (name, steps) in records.iter().flat_map(|record| objectives(record)) {
        counts.entry(name).or_default().add(steps.iter().all(succeeded), None);
    }
    let counted = counts.iter().filter_map(|(name, count)| {
        let number: i64 = name.parse().ok().filter(|number| versions.contains(number))?;
        Some(json!({"objectiveVersionId": number, "succeeded": count.succeeded, "failed": count.failed}))
    });
    Value::Array(counted.collect())
}

/// `ObjectiveStepResultMap`.
pub(crate) fn steps(records: &[&Record], versions: &[i64]) -> Value {
    let mut counts: IndexMap<&str, IndexMap<i64, Count>> = IndexMap::new();
    for (name, steps) in records.iter().flat_map(|record| objectives(record)) {
        let by_step = counts.entry(name).or_default();
        for step in steps {
            let number = step.get("step").and_then(Value::as_i64).unwrap_or_default();
            by_step
                .entry(number)
                .or_default()
                .add(succeeded(step), step.get("duration").and_then(Value::as_f64));
        }
    }
    let is_wanted = |name: &str| name.parse().is_ok_and(|number| versions.contains(&number));
    let counted = counts.iter().filter(|(name, _)| is_wanted(name));
    let step = |(number, count): (&i64, &Count)| {
        json!({"step": number, "succeeded": count.succeeded, "failed": count.failed,
            "averageStepCompletionTime": count.average(), "averageStepDuration": count.average()})
    };
    let listed = counted.map(|(name, steps)| ((*name).to_owned(), steps.iter().map(step).collect()));
    Value::Object(listed.collect::<Map<_, Value>>())
}

/// The results of an objective's version as CSV, with a row of headings.
pub(crate) fn table(records: &[&Record], version: i64) -> String {
    let mut table = "sessionId,step,result,duration\n".to_owned();
    let version = version.to_string();
    for record in records {
        let id = record.get("sessionId").and_then(Value::as_str).unwrap_or_default();
        for (_, steps) in objectives(record).filter(|(name, _)| *name == version) {
            for step in steps {
                let cell = |name: &str| step.get(name).map(ToString::to_string).unwrap_or_default();
                let result = step.get("result").and_then(Value::as_str).unwrap_or_default();
                table.push_str(&format!("{id},{},{result},{}\n", cell("step"), cell("duration")));
            }
        }
    }
    table
}

/// Returns the objectives of a session with their steps.
fn objectives(record: &Record) -> impl Iterator<Item = (&str, &Vec<Value>)> {
    let all = record.get("objectiveResults").and_then(Value::as_object).into_iter().flatten();
    all.filter_map(|(name, steps)| Some((name.as_str(), steps.as_array()?)))
}

fn succeeded(step: &Value) -> bool {
    step.get("result").and_then(Value::as_str) == Some("succeeded")
}
