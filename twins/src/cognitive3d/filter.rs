//! Matches sessions against recursive filters.

use std::cmp::Ordering;

use descant_cognitive3d::types::{
    ComparisonFilterOp, FieldParent, FieldReference, Filter, JoinedFilterOp, MembershipFilterOp,
    ObjectiveFilter, RangeFilterOp, UserFilter,
};
use serde_json::{Map, Value};

use super::sessions::Record;

/// The maximum nesting of filters.
pub(crate) const MAX_DEPTH: usize = 64;

/// A query: the conditions on a session, on any of its events, on its objectives, and on its participant.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Filters<'a> {
    pub(crate) session: &'a [Filter],
    pub(crate) event: &'a [Filter],
    pub(crate) objective: &'a [ObjectiveFilter],
    pub(crate) user: &'a [UserFilter],
}

/// Returns the sessions that match the filters, in their order.
pub(crate) fn filtered<'r>(records: Vec<&'r Record>, filters: &Filters<'_>) -> Vec<&'r Record> {
    let all = records.clone();
    let meets = |record: &&Record| {
        filters.session.iter().all(|filter| holds(filter, record))
            && (filters.event.is_empty() || has_event(record, filters.event))
            && filters.objective.iter().all(|filter| objective(filter, record))
            && filters.user.iter().all(|filter| user(filter, record, &all))
    };
    records.into_iter().filter(meets).collect()
}

/// Whether a filter nests too deeply.
pub(crate) fn too_deep(filters: &[Filter]) -> bool {
    let mut open: Vec<(&Filter, usize)> = filters.iter().map(|filter| (filter, 1)).collect();
    while let Some((filter, depth)) = open.pop() {
        if depth > MAX_DEPTH {
            return true;
        }
        if let Filter::JoinedFilter(joined) = filter {
            open.extend(joined.children.iter().map(|child| (child, depth + 1)));
        }
    }
    false
}

/// Whether a session or an event matches a filter, which nests at most [`MAX_DEPTH`] levels.
fn holds(filter: &Filter, record: &Map<String, Value>) -> bool {
    match filter {
        Filter::JoinedFilter(joined) => match joined.op {
            JoinedFilterOp::And => joined.children.iter().all(|child| holds(child, record)),
            JoinedFilterOp::Or => joined.children.iter().any(|child| holds(child, record)),
            _ => !joined.children.iter().any(|child| holds(child, record)),
        },
        Filter::ComparisonFilter(comparison) => {
            let wanted = serde_json::to_value(&comparison.value).unwrap_or_default();
            compares(&comparison.op, field(&comparison.field, record, &wanted), &wanted)
        }
        Filter::MembershipFilter(membership) => {
            let values =
                membership.values.iter().map(|value| serde_json::to_value(value).unwrap_or_default());
            let found = values.into_iter().any(|value| {
                field(&membership.field, record, &value)
                    .is_some_and(|it| order(it, &value) == Some(Ordering::Equal))
            });
            found == (membership.op == MembershipFilterOp::In)
        }
        Filter::RangeFilter(range) => {
            let Some(value) = field(&range.field, record, &Value::from(0)).and_then(Value::as_f64) else {
                return false;
            };
            let inside = range.min.is_none_or(|min| value >= min) && range.max.is_none_or(|max| value <= max);
            inside == (range.op == RangeFilterOp::Range)
        }
    }
}

/// Compares a field with one value; null tests whether the field is present.
fn compares(op: &ComparisonFilterOp, value: Option<&Value>, wanted: &Value) -> bool {
    if wanted.is_null() {
        return value.is_some() == (*op == ComparisonFilterOp::Eq);
    }
    let order = value.and_then(|value| order(value, wanted));
    match op {
        ComparisonFilterOp::Eq => order == Some(Ordering::Equal),
        ComparisonFilterOp::Neq => order != Some(Ordering::Equal),
        ComparisonFilterOp::Gt => order == Some(Ordering::Greater),
        ComparisonFilterOp::Gte => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        ComparisonFilterOp::Lt => order == Some(Ordering::Less),
        _ => matches!(order, Some(Ordering::Less | Ordering::Equal)),
    }
}

/// Returns the value of a field; null counts as absent. A date is in milliseconds if it is compared with a number.
pub(crate) fn field<'r>(
    field: &FieldReference,
    record: &'r Map<String, Value>,
    with: &Value,
) -> Option<&'r Value> {
    let property = |path: &str| record.get("properties")?.get(path);
    let value = match field {
        FieldReference::PlainField(plain) => match plain.field_name.as_str() {
            "date" if with.is_number() => record.get("createdAt"),
            name => record.get(name),
        },
        FieldReference::NestedField(nested) => property(&nested.path),
        FieldReference::UnnestedField(unnested) => property(&unnested.path),
    };
    value.filter(|value| !value.is_null())
}

/// Whether a field belongs to events.
pub(crate) fn is_of_events(field: &FieldReference) -> bool {
    let (parent, kind) = match field {
        FieldReference::PlainField(plain) => (Some(&plain.field_parent), ""),
        FieldReference::NestedField(nested) => {
            (nested.field_parent.as_ref(), nested.nested_field_name.as_str())
        }
        FieldReference::UnnestedField(unnested) => {
            (unnested.field_parent.as_ref(), unnested.unnested_field_name.as_str())
        }
    };
    parent == Some(&FieldParent::Event) || kind.ends_with("EventProp")
}

/// Compares two values of one kind.
pub(crate) fn order(one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
        },
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

/// Sorts sessions by a field. Those without it, and those that are equal, keep their order.
pub(crate) fn sort(records: &mut [&Record], field: &str, ascending: bool) {
    records.sort_by(|one, other| {
        let values = one.get(field).zip(other.get(field));
        values.and_then(|(one, other)| order(one, other)).unwrap_or(Ordering::Equal)
    });
    if !ascending {
        records.reverse();
    }
}

/// Returns the events of a session.
pub(crate) fn events(record: &Record) -> impl Iterator<Item = &Map<String, Value>> {
    record.get("events").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

fn has_event(record: &Record, filters: &[Filter]) -> bool {
    events(record).any(|event| filters.iter().all(|filter| holds(filter, event)))
}

fn objective(filter: &ObjectiveFilter, record: &Record) -> bool {
    let version = filter.objective_version_id.to_string();
    let steps = record.get("objectiveResults").and_then(|all| all.get(&version)?.as_array());
    let Some(steps) = steps else { return false };
    let asked = |step: &&Value| {
        let number = step.get("step").and_then(Value::as_i64);
        filter.step.is_none_or(|asked| number == Some(asked.into()))
    };
    let passed = |step: &Value| step.get("result").and_then(Value::as_str) == Some("succeeded");
    match filter.r#type.as_str() {
        "passed" => steps.iter().all(passed),
        "failed" => !steps.iter().all(passed),
        "stepPassed" => steps.iter().filter(asked).all(passed),
        "stepFailed" => !steps.iter().filter(asked).all(passed),
        _ => {
            let wanted = Value::from(filter.value.unwrap_or_default());
            let op = comparison(filter.op.as_deref().unwrap_or("eq"));
            steps.iter().filter(asked).any(|step| compares(&op, step.get("duration"), &wanted))
        }
    }
}

/// A condition on the first or last session of the session's participant.
fn user(filter: &UserFilter, record: &Record, all: &[&Record]) -> bool {
    let participant = record.get("userKey");
    let theirs = all.iter().filter(|other| other.get("userKey") == participant);
    let dates = theirs.filter_map(|other| other.get("createdAt")?.as_i64());
    let date = if filter.field.starts_with("earliest") { dates.min() } else { dates.max() };
    let Some(date) = date else { return false };
    let inside = filter.min.is_none_or(|min| date >= *min) && filter.max.is_none_or(|max| date <= *max);
    match filter.op.as_str() {
        "range" => inside,
        "outsideRange" => !inside,
        op => {
            filter.value.is_none_or(|value| compares(&comparison(op), Some(&date.into()), &(*value).into()))
        }
    }
}

fn comparison(op: &str) -> ComparisonFilterOp {
    match op {
        "neq" => ComparisonFilterOp::Neq,
        "gt" => ComparisonFilterOp::Gt,
        "gte" => ComparisonFilterOp::Gte,
        "lt" => ComparisonFilterOp::Lt,
        "lte" => ComparisonFilterOp::Lte,
        _ => ComparisonFilterOp::Eq,
    }
}
