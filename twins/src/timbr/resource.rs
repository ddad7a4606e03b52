//! Concepts and views as resources: their rows for values of properties, without SQL.

use descant_timbr::types::PropertyFilters;

use super::ontology::Concept;
use super::path::quoted;
use super::refusal::Refusal;
use super::shape::{Presentation, Row, present};
use super::warehouse::Warehouse;

/// What a resource is read for, and by whom.
pub(crate) struct Reading<'a> {
    pub(crate) warehouse: &'a Warehouse,
    pub(crate) ontology: &'a str,
    pub(crate) filters: PropertyFilters,
    pub(crate) presentation: Presentation,
    pub(crate) user: &'a str,
}

impl Reading<'_> {
    /// Returns the entities of a concept; with `nested`, with those of its own relationships.
    pub(crate) fn concept(&self, name: &str) -> Result<Vec<Row>, Refusal> {
        let ontology = self.warehouse.ontology(self.ontology);
        let ontology = ontology.ok_or_else(|| Refusal::unknown("ontology", self.ontology))?;
        let known = ontology.concept(name).ok_or_else(|| Refusal::unknown("concept", name))?;
        let (name, concept): (&str, &Concept) = known;
        let columns: Vec<String> = concept.columns().map(str::to_owned).collect();
        let mut rows = self.rows(name, &columns, &columns)?;
        if !self.presentation.nested {
            return Ok(rows);
        }
        // One query for each relationship: a join of several would multiply their rows.
        for (relationship, to) in &concept.relationships {
            let Some((target, related)) = ontology.concept(&to.target) else { continue };
            let mut chosen = vec!["entity_id".to_owned()];
            chosen.extend(related.columns().map(|column| format!("{relationship}[{target}].{column}")));
            let found = self.rows(name, &chosen, &columns)?;
            for (row, found) in rows.iter_mut().zip(found) {
                row.extend(found);
            }
        }
        Ok(rows)
    }

    /// Returns the rows of a view.
    pub(crate) fn view(&self, name: &str) -> Result<Vec<Row>, Refusal> {
        let ontology = self.warehouse.ontology(self.ontology);
        let ontology = ontology.ok_or_else(|| Refusal::unknown("ontology", self.ontology))?;
        let (name, view) = ontology.view(name).ok_or_else(|| Refusal::unknown("view", name))?;
        let columns: Vec<String> = view.properties.keys().cloned().collect();
        self.rows(name, &columns, &columns)
    }

    /// Returns the columns of the rows that match the filters, which may name the known columns.
    fn rows(&self, table: &str, columns: &[String], known: &[String]) -> Result<Vec<Row>, Refusal> {
        let mut conditions = Vec::new();
        for (name, value) in &self.filters {
            let known = known.iter().find(|column| column.eq_ignore_ascii_case(name));
            conditions.push(match known {
                Some(column) => format!("CAST({} AS TEXT) = '{}'", quoted(column), value.replace('\'', "''")),
                // The grammar of filters is not published: a property that a row does not have has no value.
                None => "1 = 0".to_owned(),
            });
        }
        let shown: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
        let mut sql = format!("SELECT {} FROM {}", shown.join(", "), quoted(table));
        if !conditions.is_empty() {
            sql = format!("{sql} WHERE {}", conditions.join(" AND "));
        }
        let answer = self.warehouse.run(self.ontology, &sql, self.user)?;
        let ontology = self
            .warehouse
            .ontology(self.ontology)
            .map(|ontology| present(&answer, ontology, self.presentation));
        Ok(ontology.unwrap_or_default())
    }
}
