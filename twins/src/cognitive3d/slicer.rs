//! Aggregates sessions: counts, sums and averages as one number, or sliced by the values of up to two fields.

use descant_cognitive3d::types::{
    Aggregation, AggregationOutputType, FieldReference, SliceBy, SliceByTimeUnit, SlicerOperation,
    SlicerOperationType, SlicerQuery,
};
use indexmap::IndexMap;
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::filter::{events, field, is_of_events, order};
use super::sessions::Record;

/// The default number of slices.
const MAX_TERMS: usize = 256;

/// Returns the `SlicerResult`, or the fault of the query.
pub(crate) fn query(query: &SlicerQuery, records: &[&Record]) -> Result<Value, String> {
    let mut aggregations = Map::new();
    for aggregation in &query.aggregations {
        let mut results = Map::new();
        for operation in &aggregation.operations {
            if operation.field.is_none() && !is_count(operation) {
                return Err(format!("The operation {} needs a field.", operation.name));
            }
            results.insert(operation.name.clone(), result(aggregation, operation, records)?);
        }
        aggregations.insert(aggregation.name.clone(), Value::Object(results));
    }
    Ok(json!({"aggregations": aggregations}))
}

fn result(
    aggregation: &Aggregation,
    operation: &SlicerOperation,
    records: &[&Record],
) -> Result<Value, String> {
    let legacy = aggregation.output_type == Some(AggregationOutputType::Legacy);
    let listed = legacy || aggregation.output_type == Some(AggregationOutputType::Json0List);
    let mut result = match aggregation.slice_bys.as_deref().unwrap_or_default() {
        [] => json!({"value": number(operation, records)}),
        [by] => {
            let slices = slices(by, records)?.into_iter();
            let counted = slices.map(|(key, (x, members))| (key, x, number(operation, &members)));
            match (legacy, listed) {
                (true, _) => {
                    json!({"values": counted.map(|(_, x, y)| json!({"x": x, "y": [y]})).collect::<Value>()})
                }
                (_, true) => {
                    json!({"values": counted.map(|(_, x, y)| json!({"x": x, "value": y})).collect::<Value>()})
                }
                _ => json!({"values": counted.map(|(key, _, y)| (key, y)).collect::<Map<_, _>>()}),
            }
        }
        [by, then, ..] => {
            let mut rows = Vec::new();
            for (_, (x, members)) in slices(by, records)? {
                let inner = slices(then, &members)?.into_iter();
                let values: Map<_, _> =
                    inner.map(|(key, (_, members))| (key, number(operation, &members))).collect();
                rows.push(match legacy {
                    true => json!({"x": x, "y": values.values().collect::<Vec<_>>()}),
                    false => json!({"x": x, "values": values}),
                });
            }
            json!({"values": rows})
        }
    };
    if let Value::Object(result) = &mut result {
        let one = aggregation.slice_bys.as_deref().unwrap_or_default().is_empty();
        let (name, value) = if legacy { ("dimensionless", one.into()) } else { ("warnings", json!([])) };
        result.insert(name.to_owned(), value);
    }
    Ok(result)
}

fn is_count(operation: &SlicerOperation) -> bool {
    matches!(operation.r#type, SlicerOperationType::SessionCount | SlicerOperationType::EventCount)
}

/// Applies an operation to sessions; null without values.
fn number(operation: &SlicerOperation, records: &[&Record]) -> Value {
    match operation.r#type {
        SlicerOperationType::SessionCount => return records.len().into(),
        SlicerOperationType::EventCount => {
            return records.iter().map(|record| events(record).count()).sum::<usize>().into();
        }
        _ => {}
    }
    let Some(reference) = &operation.field else { return Value::Null };
    let numbers = numbers(reference, records);
    let sum: f64 = numbers.iter().sum();
    if numbers.is_empty() {
        return Value::Null;
    }
    match operation.r#type {
        SlicerOperationType::Min => numbers.into_iter().fold(f64::INFINITY, f64::min).into(),
        SlicerOperationType::Max => numbers.into_iter().fold(f64::NEG_INFINITY, f64::max).into(),
        SlicerOperationType::Average => (sum / numbers.len() as f64).into(),
        _ => sum.into(),
    }
}

fn numbers(reference: &FieldReference, records: &[&Record]) -> Vec<f64> {
    let zero = Value::from(0);
    let read = |record| field(reference, record, &zero).and_then(Value::as_f64);
    if is_of_events(reference) {
        return records.iter().flat_map(|record| events(record)).filter_map(read).collect();
    }
    records.iter().filter_map(|record| read(record)).collect()
}

/// A slice: its key, its value, and its sessions.
type Slices<'r> = IndexMap<String, (Value, Vec<&'r Record>)>;

/// Groups sessions by the value of a field: the slices with the most sessions, in the order of the values.
fn slices<'r>(by: &SliceBy, records: &[&'r Record]) -> Result<Slices<'r>, String> {
    if by.time_zone.as_deref().is_some_and(|zone| !matches!(zone, "UTC" | "Etc/UTC" | "Z")) {
        return Err("Only the time zone UTC is known.".to_owned());
    }
    let mut slices = Slices::new();
    for record in records {
        let Some(value) = field(&by.field, record, &Value::Null) else { continue };
        let value = slice(by, value);
        let key = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        slices.entry(key).or_insert_with(|| (value, Vec::new())).1.push(*record);
    }
    let terms = by.max_terms.and_then(|terms| usize::try_from(terms).ok()).unwrap_or(MAX_TERMS);
    if slices.len() > terms {
        slices.sort_by(|_, (_, one), _, (_, other)| other.len().cmp(&one.len()));
        slices.truncate(terms);
    }
    slices.sort_by(|_, (one, _), _, (other, _)| order(one, other).unwrap_or(std::cmp::Ordering::Equal));
    Ok(slices)
}

/// Returns the slice of a value: the start of its interval or unit of time, else the value itself.
fn slice(by: &SliceBy, value: &Value) -> Value {
    if let (Some(interval), Some(number)) = (by.interval.filter(|interval| *interval > 0.0), value.as_f64()) {
        return ((number / interval).floor() * interval).into();
    }
    let day = value.as_str().and_then(|text| text.get(..10)?.parse::<Date>().ok());
    match (&by.time_unit, day) {
        (Some(unit), Some(day)) => {
            start(unit, day, by.day_of_week_offset.unwrap_or_default()).to_string().into()
        }
        _ => value.clone(),
    }
}

/// Returns the first day of the unit of a day.
fn start(unit: &SliceByTimeUnit, day: Date, week_offset: i32) -> Date {
    match unit {
        SliceByTimeUnit::Week => {
            let back = (i32::from(day.weekday().to_sunday_zero_offset()) - week_offset).rem_euclid(7);
            day.checked_sub(jiff::Span::new().days(back)).unwrap_or(day)
        }
        SliceByTimeUnit::Month => day.first_of_month(),
        SliceByTimeUnit::Quarter => {
            let month = (day.month() - 1) / 3 * 3 + 1;
            Date::new(day.year(), month, 1).unwrap_or(day)
        }
        SliceByTimeUnit::Year => day.first_of_year(),
        _ => day,
    }
}
