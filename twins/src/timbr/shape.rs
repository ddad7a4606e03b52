//! Formats rows: the six headers of Timbr's nested responses.
//!
//! `nested` applies if the query names the `entity_id` of the concept and of the relationship; the four others
//! apply if `nested` and `format_properties` are both true.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::ontology::{Kind, Ontology};
use super::warehouse::Rows;

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

/// Formats the rows of a query as the headers request. `sql` is the original query, for the case of its columns.
pub(crate) fn present(rows: &Rows, ontology: &Ontology, sql: &str, presentation: Presentation) -> Vec<Row> {
    let presentation = presentation.in_force();
    let shaper = Shaper { ontology, sql, presentation };
    let cells = |row: &Vec<Value>| rows.columns.iter().cloned().zip(row.iter().cloned()).collect::<Vec<_>>();
    let rows: Vec<Cells> = rows.rows.iter().map(cells).collect();
    let shaped = if presentation.nested { shaper.group(&rows) } else { shaper.flat(&rows) };
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

struct Shaper<'a> {
    ontology: &'a Ontology,
    sql: &'a str,
    presentation: Presentation,
}

impl Shaper<'_> {
    fn flat(&self, rows: &[Cells]) -> Vec<Map<String, Value>> {
        rows.iter()
            .map(|row| row.iter().map(|(column, value)| self.property(column, value)).collect())
            .collect()
    }

    /// Returns one object per entity, in order of appearance, with its related rows; flat if the columns lack the key
    /// of the entity.
    fn group(&self, rows: &[Cells]) -> Vec<Map<String, Value>> {
        let has_key =
            rows.first().is_some_and(|row| row.iter().any(|(column, _)| column.eq_ignore_ascii_case(KEY)));
        if !has_key {
            return self.flat(rows);
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
                entity.extend([self.property(column, value)]);
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
        let exists = |row: &Cells| row.iter().any(|(column, value)| column == KEY && !value.is_null());
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

    fn property(&self, column: &str, value: &Value) -> (String, Value) {
        let property = self.ontology.property(column);
        let is_boolean = property.is_some_and(|property| property.kind == Kind::Boolean);
        let format =
            property.and_then(|p| p.format.as_deref()).filter(|_| self.presentation.format_properties);
        let value = match (value, format) {
            (Value::Number(number), _) if is_boolean && self.presentation.format_booleans => {
                Value::from(if number.as_i64() == Some(0) { "false" } else { "true" })
            }
            (Value::String(text), Some("DD.MM.YYYY")) => Value::from(day_first(text)),
            _ => value.clone(),
        };
        (self.cased(column), value)
    }

    fn relationship(&self, name: &str) -> String {
        let name = self.cased(name);
        match name.split_once('[') {
            Some((bare, _)) if self.presentation.minimize_relationships => bare.to_owned(),
            _ => name,
        }
    }

    /// Returns a name as written in the SQL, on request, else in lower case.
    fn cased(&self, name: &str) -> String {
        let lower = name.to_lowercase();
        if !self.presentation.case_sensitivity {
            return lower;
        }
        let written = self.sql.char_indices().filter_map(|(at, _)| self.sql.get(at..at + name.len()));
        written.into_iter().find(|text| text.eq_ignore_ascii_case(name)).map_or(lower, str::to_owned)
    }
}

/// Splits a column into relationship and rest: `made_order[order]` and `amount`.
fn split(column: &str) -> Option<(&str, &str)> {
    let (relationship, rest) = column.split_once("].")?;
    let end = relationship.len() + 1;
    Some((column.get(..end)?, rest))
}

/// Formats `2026-01-19` as `19.01.2026`; returns other text unchanged.
fn day_first(date: &str) -> String {
    match date.split('-').collect::<Vec<_>>().as_slice() {
        [year, month, day] => format!("{day}.{month}.{year}"),
        _ => date.to_owned(),
    }
}
