//! The sample environment: ontologies with concepts, relationships and views, knowledge bases, and agents.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

/// The invented environment.
const SAMPLES: &str = include_str!("../../../spec/samples/timbr.json");
/// The concept from which all others inherit.
pub(crate) const THING: &str = "thing";
/// The properties that every concept has.
pub(crate) const COMMON: [&str; 3] = ["entity_id", "entity_type", "entity_label"];

/// An environment with its ontologies.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Environment {
    pub(crate) domains: Vec<Domain>,
    pub(crate) ontologies: IndexMap<String, Ontology>,
    pub(crate) knowledge_bases: IndexMap<String, KnowledgeBase>,
    pub(crate) agents: IndexMap<String, Agent>,
    pub(crate) tags: Vec<Tag>,
    /// The environment variables of the service.
    pub(crate) settings: IndexMap<String, String>,
}

/// A group of ontologies.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Domain {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) ontologies: Vec<String>,
}

/// The concepts and views by name.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Ontology {
    pub(crate) description: String,
    pub(crate) datasource: String,
    pub(crate) concepts: IndexMap<String, Concept>,
    pub(crate) views: IndexMap<String, View>,
}

/// A concept; after loading with all that it inherits.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Concept {
    pub(crate) description: String,
    #[serde(default)]
    pub(crate) inherits: Option<String>,
    /// The property that labels an entity.
    #[serde(default)]
    pub(crate) label: Option<String>,
    #[serde(default)]
    pub(crate) properties: IndexMap<String, Property>,
    #[serde(default)]
    pub(crate) measures: IndexMap<String, Measure>,
    #[serde(default)]
    pub(crate) relationships: IndexMap<String, Relationship>,
    /// Fixed rows: `entity_id`, then the properties in order, inherited ones first.
    #[serde(default)]
    pub(crate) rows: Vec<Vec<Value>>,
}

/// A view: a query in Timbr's SQL.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct View {
    pub(crate) description: String,
    #[serde(default)]
    pub(crate) is_cube: bool,
    pub(crate) sql: String,
    pub(crate) properties: IndexMap<String, Property>,
}

/// A property of a concept.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Property {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) description: Option<String>,
    /// Its formatting tag: a pattern of a date or a time, or `0.00`.
    #[serde(default)]
    pub(crate) format: Option<String>,
}

/// A value of each row that is meant to be aggregated.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Measure {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) logic: String,
    pub(crate) description: String,
}

/// A relationship from one concept to another: the pairs with equal `source` and `key`, or those of a link table.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Relationship {
    pub(crate) target: String,
    /// The property of the source.
    #[serde(default = "entity_id")]
    pub(crate) source: String,
    /// The property of the target.
    #[serde(default = "entity_id")]
    pub(crate) key: String,
    /// The link table of a many-to-many relationship, with its columns for the source and the target.
    #[serde(default)]
    pub(crate) through: Option<[String; 3]>,
    pub(crate) inverse: String,
    #[serde(default)]
    pub(crate) transitive: bool,
    pub(crate) description: String,
    #[serde(skip)]
    pub(crate) is_inverse: bool,
}

/// A knowledge base: questions with their SQL, and rules.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct KnowledgeBase {
    pub(crate) ontologies: Vec<String>,
    pub(crate) changed_on: String,
    pub(crate) rules: IndexMap<String, String>,
    pub(crate) examples: IndexMap<String, Example>,
}

/// A question of a knowledge base.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Example {
    pub(crate) question: String,
    pub(crate) query: String,
    #[serde(default)]
    pub(crate) instructions: Option<String>,
    pub(crate) validate_sql: i32,
}

/// An agent with its options and benchmarks.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Agent {
    pub(crate) description: String,
    pub(crate) options: IndexMap<String, String>,
    pub(crate) benchmarks: IndexMap<String, Benchmark>,
}

/// Questions for an agent, with the right SQL of each.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Benchmark {
    pub(crate) description: String,
    pub(crate) questions: IndexMap<String, Value>,
}

/// A tag of a concept, a property or a view.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Tag {
    pub(crate) target: String,
    pub(crate) target_type: String,
    pub(crate) name: String,
    pub(crate) value: String,
}

fn entity_id() -> String {
    "entity_id".to_owned()
}

impl Environment {
    /// Returns the built-in environment.
    pub(crate) fn samples() -> Self {
        let mut environment: Self = serde_json::from_str(SAMPLES).unwrap_or_default();
        environment.ontologies.values_mut().for_each(Ontology::complete);
        environment
    }
}

impl Ontology {
    /// Adds `thing`, the inverses of relationships, and what concepts inherit.
    fn complete(&mut self) {
        let thing = Concept { description: "Any entity".to_owned(), ..Concept::default() };
        self.concepts.shift_insert(0, THING.to_owned(), thing);
        self.invert();
        for name in self.concepts.keys().cloned().collect::<Vec<_>>() {
            let mut whole = Concept::default();
            for ancestor in self.lineage(&name).into_iter().rev() {
                let Some(concept) = self.concepts.get(ancestor) else { continue };
                whole.label = concept.label.clone().or(whole.label);
                whole.properties.extend(concept.properties.clone());
                whole.measures.extend(concept.measures.clone());
                whole.relationships.extend(concept.relationships.clone());
            }
            if let Some(concept) = self.concepts.get_mut(&name) {
                let Concept { description, inherits, rows, .. } = std::mem::take(concept);
                *concept = Concept { description, inherits, rows, ..whole };
            }
        }
    }

    /// Adds the inverse of each relationship to its target.
    fn invert(&mut self) {
        let concepts = self.concepts.iter();
        let all: Vec<_> = concepts
            .flat_map(|(name, concept)| {
                concept.relationships.iter().map(|(key, value)| (name.clone(), key.clone(), value.clone()))
            })
            .collect();
        for (concept, name, relationship) in all {
            let Some(target) = self.concepts.get_mut(&relationship.target) else { continue };
            let inverse = Relationship {
                target: concept,
                source: relationship.key,
                key: relationship.source,
                through: relationship.through.map(|[table, source, target]| [table, target, source]),
                description: format!("The inverse of {name}: {}", relationship.description),
                inverse: name,
                transitive: relationship.transitive,
                is_inverse: true,
            };
            target.relationships.insert(relationship.inverse, inverse);
        }
    }

    /// Returns a concept's name and those of its ancestors, `thing` last.
    pub(crate) fn lineage<'a>(&'a self, name: &'a str) -> Vec<&'a str> {
        let mut lineage = vec![name];
        while let Some(parent) = lineage.last().and_then(|last| self.concepts.get(*last)?.inherits.as_deref())
            && !lineage.contains(&parent)
        {
            lineage.push(parent);
        }
        if !lineage.contains(&THING) {
            lineage.push(THING);
        }
        lineage
    }

    /// Returns a concept with its name as declared; case is ignored.
    pub(crate) fn concept(&self, name: &str) -> Option<(&str, &Concept)> {
        found(&self.concepts, name)
    }

    /// Returns a view with its name as declared; case is ignored.
    pub(crate) fn view(&self, name: &str) -> Option<(&str, &View)> {
        found(&self.views, name)
    }

    /// Returns the property of a column, without its relationships: `made_order[order].amount` is `amount`.
    pub(crate) fn property(&self, column: &str) -> Option<&Property> {
        let name = column.rsplit("].").next().unwrap_or(column);
        let mut concepts = self.concepts.values().map(|concept| &concept.properties);
        let of_views = || self.views.values().find_map(|view| Some(found(&view.properties, name)?.1));
        concepts.find_map(|properties| Some(found(properties, name)?.1)).or_else(of_views)
    }
}

impl Concept {
    /// Returns the columns that `SELECT *` shows.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &str> {
        COMMON.into_iter().chain(self.properties.keys().map(String::as_str))
    }

    /// Whether it has a column, measures included; case is ignored.
    pub(crate) fn has_column(&self, name: &str) -> bool {
        let measure = name.get(..8).filter(|prefix| prefix.eq_ignore_ascii_case("measure."));
        match measure.and_then(|prefix| name.get(prefix.len()..)) {
            Some(measure) => found(&self.measures, measure).is_some(),
            None => self.columns().any(|column| column.eq_ignore_ascii_case(name)),
        }
    }

    /// Returns a relationship by its name, or by the name of its inverse after `~`; case is ignored.
    pub(crate) fn relationship(&self, name: &str) -> Option<&Relationship> {
        match name.strip_prefix('~') {
            Some(inverse) => {
                self.relationships.values().find(|one| one.inverse.eq_ignore_ascii_case(inverse))
            }
            None => Some(found(&self.relationships, name)?.1),
        }
    }
}

impl Property {
    pub(crate) fn is_boolean(&self) -> bool {
        self.kind == "boolean"
    }
}

/// Returns an entry with its key as declared; case is ignored.
pub(crate) fn found<'a, T>(map: &'a IndexMap<String, T>, name: &str) -> Option<(&'a str, &'a T)> {
    let exact = map.get_key_value(name);
    let entry = exact.or_else(|| map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)))?;
    Some((entry.0.as_str(), entry.1))
}
