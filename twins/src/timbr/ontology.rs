//! The sample ontologies: concepts with properties and relationships, and the rows behind them.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

/// The invented data of `spec/samples/timbr.json`.
const SAMPLES: &str = include_str!("../../../spec/samples/timbr.json");

/// The ontologies that the twin knows, by name.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Ontologies(pub(crate) IndexMap<String, Ontology>);

/// What can be queried, by name.
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
    /// Names for the members of a row; keys of relationships among them.
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<Value>>,
}

/// A property of a concept.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Property {
    #[serde(default)]
    pub(crate) kind: Kind,
    /// Its formatting tag; `DD.MM.YYYY` is the only one that the samples have.
    #[serde(default)]
    pub(crate) format: Option<String>,
}

/// What is stored as 1 and 0 and meant as true and false, and what is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Boolean,
    #[default]
    Plain,
}

/// A way from one concept to another.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Relationship {
    pub(crate) target: String,
    /// The column of the target that holds the `entity_id` of the source.
    pub(crate) on: String,
}

impl Ontologies {
    /// The samples that the program carries.
    pub(crate) fn samples() -> Self {
        serde_json::from_str(SAMPLES).unwrap_or_else(|_| Self(IndexMap::new()))
    }

    /// An ontology by its name.
    pub(crate) fn get(&self, name: &str) -> Option<&Ontology> {
        self.0.get(name)
    }
}

impl Ontology {
    /// The property that a column shows, whatever relationships lead to it: `made_order[order].amount` is `amount`.
    pub(crate) fn property(&self, column: &str) -> Option<&Property> {
        let name = column.rsplit('.').next().unwrap_or(column).to_lowercase();
        self.concepts.values().chain(self.views.values()).find_map(|table| table.properties.get(&name))
    }
}
