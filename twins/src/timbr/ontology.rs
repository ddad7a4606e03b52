//! The sample ontologies: concepts with properties and relationships, and their rows.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

/// The invented data of `spec/samples/timbr.json`.
const SAMPLES: &str = include_str!("../../../spec/samples/timbr.json");

/// The ontologies by name.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Ontologies(pub(crate) IndexMap<String, Ontology>);

/// The concepts and views by name.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Ontology {
    pub(crate) concepts: IndexMap<String, Table>,
    pub(crate) views: IndexMap<String, Table>,
}

/// A concept or a view.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Table {
    pub(crate) properties: IndexMap<String, Property>,
    #[serde(default)]
    pub(crate) relationships: IndexMap<String, Relationship>,
    /// The names of the members of a row, including keys of relationships.
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<Value>>,
}

/// A property of a concept.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Property {
    #[serde(default)]
    pub(crate) kind: Kind,
    /// Its formatting tag; the samples only have `DD.MM.YYYY`.
    #[serde(default)]
    pub(crate) format: Option<String>,
}

/// Whether 1 and 0 stand for true and false.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Boolean,
    #[default]
    Plain,
}

/// A relationship from one concept to another.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Relationship {
    pub(crate) target: String,
    /// The column of the target that holds the `entity_id` of the source.
    pub(crate) on: String,
}

impl Ontologies {
    /// Returns the built-in samples.
    pub(crate) fn samples() -> Self {
        serde_json::from_str(SAMPLES).unwrap_or_else(|_| Self(IndexMap::new()))
    }

    /// Returns an ontology by its name.
    pub(crate) fn get(&self, name: &str) -> Option<&Ontology> {
        self.0.get(name)
    }
}

impl Ontology {
    /// Returns the property of a column, without its relationships: `made_order[order].amount` is `amount`.
    pub(crate) fn property(&self, column: &str) -> Option<&Property> {
        let name = column.rsplit('.').next().unwrap_or(column).to_lowercase();
        self.concepts.values().chain(self.views.values()).find_map(|table| table.properties.get(&name))
    }
}
