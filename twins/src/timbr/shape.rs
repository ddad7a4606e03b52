//! Formats rows: the six headers of Timbr's nested responses.
//!
//! `nested` applies if the query names the `entity_id` of the concept and of the relationship; the four others
//! apply if `nested` and `format_properties` are both true.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::ontology::{Ontology, Property};
use super::warehouse::Answer;

/// The headers, all off by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Presentation {
    pub(crate) nested: bool,
    pub(crate) format_properties: bool,
    pub(crate) case_sensitivity: bool,
    pub(crate) format_booleans: bool,
    pub(crate) ignore_entity_id: bool,
    pub(crate) minimize_relationships: bool,
}

/// A row of the response.
pub(crate) type Row = IndexMap<String, Value>;

const KEY: &str = "entity_id";

/// Formats the rows of a query as the headers request.
pub(crate) fn present(answer: &Answer, ontology: &Ontology, presentation: Presentation) -> Vec<Row> {
    let shaper = Shaper { presentation: presentation.in_force() };
    let property = |column: &String| match answer.properties.get(column) {
        Some(Some(property)) => ontology.property(property),
        // A computed value has no property.
        Some(None) => None,
        None => ontology.property(column),
    };
    let columns: Vec<_> = answer.rows.columns.iter().map(|column| (column, property(column))).collect();
    let cells = |row: &Vec<Value>| -> Cells {
        let cells = columns.iter().zip(row);
        cells
            .map(|((column, property), value)| ((*column).clone(), shaper.formatted(value, *property)))
            .collect()
    };
    let rows: Vec<Cells> = answer.rows.rows.iter().map(cells).collect();
    let shaped = if shaper.presentation.nested { shaper.group(&rows) } else { flat(&rows, str::to_owned) };
    shaped.into_iter().map(|row| row.into_iter().collect()).collect()
}

/// An intermediate row, whose columns still have their paths.
type Cells = Vec<(String, Value)>;

impl Presentation {
    /// Returns the headers that have an effect here.
    fn in_force(self) -> Self {
        if self.nested && self.format_properties {
            return self;
        }
        Self { nested: self.nested, format_properties: self.format_properties, ..Self::default() }
    }
}

/// Returns one object per row.
fn flat(rows: &[Cells], name: impl Fn(&str) -> String) -> Vec<Map<String, Value>> {
    rows.iter().map(|row| row.iter().map(|(column, value)| (name(column), value.clone())).collect()).collect()
}

struct Shaper {
    presentation: Presentation,
}

impl Shaper {
    /// Returns one object per entity, in order of appearance, with its related rows; flat if the columns lack the key
    /// of the entity.
    fn group(&self, rows: &[Cells]) -> Vec<Map<String, Value>> {
        let has_key =
            rows.first().is_some_and(|row| row.iter().any(|(column, _)| column.eq_ignore_ascii_case(KEY)));
        if !has_key {
            return flat(rows, |name| self.cased(name));
        }
        let mut entities: IndexMap<String, Vec<&Cells>> = IndexMap::new();
        for row in rows {
            let own: Vec<_> = row.iter().filter(|(column, _)| !self.leads_on(row, column)).collect();
            let key = serde_json::to_string(&own).unwrap_or_default();
            entities.entry(key).or_default().push(row);
        }
        entities.into_values().map(|rows| self.entity(&rows)).collect()
    }

    /// An entity of several rows that differ only in related columns.
    fn entity(&self, rows: &[&Cells]) -> Map<String, Value> {
        let mut entity = Map::new();
        let Some(first) = rows.first() else { return entity };
        for (column, value) in *first {
            if !self.leads_on(first, column) {
                entity.insert(self.cased(column), value.clone());
            } else if let Some((relationship, _)) = split(column) {
                let name = self.relationship(relationship);
                if !entity.contains_key(&name) {
                    entity.insert(name, self.related(rows, relationship));
                }
            }
        }
        if self.presentation.ignore_entity_id {
            entity.retain(|column, _| !column.eq_ignore_ascii_case(KEY));
        }
        entity
    }

    /// Returns the rows of a relationship; a row without a key means that nothing is related.
    fn related(&self, rows: &[&Cells], relationship: &str) -> Value {
        let inner = |row: &&Cells| -> Cells {
            let below = row.iter().filter_map(|(column, value)| {
                let (name, rest) = split(column)?;
                (name == relationship).then(|| (rest.to_owned(), value.clone()))
            });
            below.collect()
        };
        let exists = |row: &Cells| {
            row.iter().any(|(column, value)| column.eq_ignore_ascii_case(KEY) && !value.is_null())
        };
        let mut inner: Vec<Cells> = rows.iter().map(inner).filter(exists).collect();
        let mut seen = Vec::new();
        inner.retain(|row| {
            let new = !seen.contains(row);
            seen.extend(new.then(|| row.clone()));
            new
        });
        Value::Array(self.group(&inner).into_iter().map(Value::Object).collect())
    }

    /// Whether a column belongs to a relationship whose key is among the columns.
    fn leads_on(&self, row: &Cells, column: &str) -> bool {
        let Some((relationship, _)) = split(column) else { return false };
        let key = format!("{relationship}.{KEY}");
        row.iter().any(|(other, _)| other.eq_ignore_ascii_case(&key))
    }

    /// Returns a value as its property's type and formatting tag request.
    fn formatted(&self, value: &Value, property: Option<&Property>) -> Value {
        let Some(property) = property else { return value.clone() };
        let tag = property.format.as_deref().filter(|_| self.presentation.format_properties);
        match (value, tag) {
            (Value::Number(number), _) if property.is_boolean() && self.presentation.format_booleans => {
                Value::from(if number.as_i64() == Some(0) { "false" } else { "true" })
            }
            (Value::Number(number), Some("0.00")) => {
                format!("{:.2}", number.as_f64().unwrap_or_default()).into()
            }
            (Value::String(text), Some(tag)) if tag != "0.00" => dated(text, tag).into(),
            _ => value.clone(),
        }
    }

    fn relationship(&self, name: &str) -> String {
        let name = self.cased(name);
        match name.split_once('[') {
            Some((bare, _)) if self.presentation.minimize_relationships => bare.to_owned(),
            _ => name,
        }
    }

    /// Returns a name as written in the SQL or the view, on request, else in lower case.
    fn cased(&self, name: &str) -> String {
        if self.presentation.case_sensitivity { name.to_owned() } else { name.to_lowercase() }
    }
}

/// Splits a column into relationship and rest: `made_order[order]` and `amount`.
fn split(column: &str) -> Option<(&str, &str)> {
    let (relationship, rest) = column.split_once("].")?;
    let end = relationship.len() + 1;
    Some((column.get(..end)?, rest))
}

/// Formats `2026-01-19` or `2026-01-19 09:12:00` by a pattern such as `DD.MM.YYYY HH:mm`; returns other text unchanged.
fn dated(text: &str, pattern: &str) -> String {
    let parts = [("YYYY", 0..4), ("MM", 5..7), ("DD", 8..10), ("HH", 11..13), ("mm", 14..16), ("ss", 17..19)];
    let mut formatted = pattern.to_owned();
    for (letters, place) in parts.into_iter().filter(|(letters, _)| pattern.contains(letters)) {
        match text.get(place) {
            Some(part) => formatted = formatted.replace(letters, part),
            None => return text.to_owned(),
        }
    }
    formatted
}
