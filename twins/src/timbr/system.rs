//! The system tables, `timbr.sys_…`: what an environment knows about its ontologies, knowledge bases and agents.
//!
//! The names of tables and columns are those that the vendor's clients read; a column marked `[I]` is a guess.

use rusqlite::Connection;
use serde_json::{Value, json};

use super::QueryError;
use super::insert::insert;
use super::ontology::{Environment, Ontology, Relationship, THING};
use super::path::quoted;

/// The tables with their columns. A column is text unless it is named in `NUMBERS`.
const TABLES: [(&str, &[&str]); 20] = [
    ("sys_version", &["id", "product"]),
    ("sys_ontologies", &["ontology", "description"]),
    ("sys_domains", &["name", "description", "ontologies"]),
    ("sys_datasources", &["datasource_name", "datasource_type", "is_active"]),
    ("sys_concepts", &["concept", "description", "inheritance"]),
    ("sys_concept_properties", &["concept", "property_name", "property_type"]),
    (
        "sys_properties",
        &["property_name", "property_type", "is_measure", "is_multi", "description", "logic_query"],
    ),
    (
        "sys_concept_relationships",
        &[
            "concept",
            "relationship_name",
            "target_concept",
            "inverse_name",
            "is_inverse",
            "is_mtm",
            "transitivity",
            "source_properties",
            "target_properties",
            "description",
        ],
    ),
    ("sys_views", &["view_name", "description", "is_cube", "tables", "number_of_rows", "query"]),
    ("sys_view_properties", &["view_name", "property_name", "property_type"]),
    (
        "sys_ontology",
        &[
            "concept",
            "inheritance",
            "inheritance_level",
            "primary_keys",
            "label_keys",
            "description",
            "query",
        ],
    ),
    ("sys_concept_mappings", &["concept", "mapping_name", "datasource", "mapping_query", "number_of_rows"]),
    (
        "sys_properties_statistics",
        &[
            "target_name",
            "target_type",
            "property_name",
            "distinct_values",
            "non_null_values",
            "min_value",
            "max_value",
        ],
    ),
    ("sys_knowledgebase", &["knowledge_base", "ontologies", "changed_on"]),
    (
        "sys_knowledgebase_examples",
        &[
            "knowledge_base",
            "example_name",
            "question",
            "query",
            "instructions",
            "validate_sql",
            "changed_on",
        ],
    ),
    ("sys_knowledgebase_rules", &["knowledge_base", "rule_name", "rule", "changed_on"]),
    ("sys_agents", &["agent_name", "description"]),
    ("sys_agents_options", &["agent_name", "option_name", "option_value"]),
    (
        "sys_agents_benchmarks",
        &[
            "benchmark_name",
            "agent_name",
            "description",
            "number_of_questions",
            "benchmark",
            "updated_at",
            "changed_by_user",
        ],
    ),
    ("sys_tags", &["tag_name", "tag_value", "target_name", "target_type"]),
];

/// The columns that hold numbers.
const NUMBERS: [&str; 12] = [
    "is_active",
    "is_measure",
    "is_multi",
    "is_inverse",
    "is_mtm",
    "transitivity",
    "is_cube",
    "number_of_rows",
    "inheritance_level",
    "distinct_values",
    "non_null_values",
    "number_of_questions",
];

/// Returns a system table's name as declared; case is ignored.
pub(crate) fn table(name: &str) -> Option<&'static str> {
    TABLES.iter().map(|(table, _)| *table).find(|table| table.eq_ignore_ascii_case(name))
}

/// Returns the names of the system tables.
pub(crate) fn tables() -> impl Iterator<Item = &'static str> {
    TABLES.iter().map(|(table, _)| *table)
}

/// Returns the columns of a system table with their types.
pub(crate) fn columns(name: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let columns = TABLES.iter().find(|(table, _)| *table == name).map(|(_, columns)| *columns);
    let kind = |column: &str| if NUMBERS.contains(&column) { "bigint" } else { "string" };
    columns.unwrap_or_default().iter().map(move |column| (*column, kind(column)))
}

/// Creates the system tables of an ontology. Its concepts and views exist already.
pub(crate) fn fill(connection: &Connection, environment: &Environment, name: &str) -> Result<(), QueryError> {
    for (table, columns) in TABLES {
        connection.execute(
            &format!("CREATE TABLE {} ({})", quoted(&format!("#{table}")), columns.join(", ")),
            [],
        )?;
        connection
            .execute(&format!("CREATE VIEW {table} AS SELECT * FROM {}", quoted(&format!("#{table}"))), [])?;
    }
    let mut rows = of_environment(environment);
    if let Some(ontology) = environment.ontologies.get(name) {
        of_concepts(ontology, &mut rows);
        of_views(connection, ontology, &mut rows)?;
        statistics(connection, ontology, &mut rows)?;
    }
    for (table, row) in rows {
        insert(connection, table, &row)?;
    }
    Ok(())
}

/// The rows to insert, each with its table.
type Rows = Vec<(&'static str, Vec<Value>)>;

fn add(rows: &mut Rows, table: &'static str, row: Value) {
    if let Value::Array(row) = row {
        rows.push((table, row));
    }
}

fn of_environment(environment: &Environment) -> Rows {
    let mut rows = Rows::new();
    let version = environment.settings.get("API_VERSION");
    add(&mut rows, "sys_version", json!(["1", version]));
    for (name, ontology) in &environment.ontologies {
        add(&mut rows, "sys_ontologies", json!([name, ontology.description]));
        add(&mut rows, "sys_datasources", json!([ontology.datasource, "warehouse", 1]));
    }
    for domain in &environment.domains {
        add(&mut rows, "sys_domains", json!([domain.name, domain.description, domain.ontologies.join(",")]));
    }
    for tag in &environment.tags {
        add(&mut rows, "sys_tags", json!([tag.name, tag.value, tag.target, tag.target_type]));
    }
    for (base, content) in &environment.knowledge_bases {
        let changed = &content.changed_on;
        add(&mut rows, "sys_knowledgebase", json!([base, content.ontologies.join(","), changed]));
        for (name, example) in &content.examples {
            let row = json!([
                base,
                name,
                example.question,
                example.query,
                example.instructions,
                example.validate_sql,
                changed
            ]);
            add(&mut rows, "sys_knowledgebase_examples", row);
        }
        for (name, rule) in &content.rules {
            add(&mut rows, "sys_knowledgebase_rules", json!([base, name, rule, changed]));
        }
    }
    for (agent, content) in &environment.agents {
        add(&mut rows, "sys_agents", json!([agent, content.description]));
        for (option, value) in &content.options {
            add(&mut rows, "sys_agents_options", json!([agent, option, value]));
        }
        for (name, benchmark) in &content.benchmarks {
            let questions = serde_json::to_string(&benchmark.questions).unwrap_or_default();
            let row = json!([
                name,
                agent,
                benchmark.description,
                benchmark.questions.len(),
                questions,
                "2026-03-02T09:15:00Z",
                "engineer"
            ]);
            add(&mut rows, "sys_agents_benchmarks", row);
        }
    }
    rows
}

fn of_concepts(ontology: &Ontology, rows: &mut Rows) {
    for (name, concept) in &ontology.concepts {
        let ancestors = ontology.lineage(name).get(1..).unwrap_or_default().join(",");
        let parent = ontology.lineage(name).get(1).copied();
        add(rows, "sys_concepts", json!([name, concept.description, parent]));
        let level = ontology.lineage(name).len() - 1;
        let row = json!([name, ancestors, level, "entity_id", concept.label, concept.description, null]);
        add(rows, "sys_ontology", row);
        for (property, known) in &concept.properties {
            add(rows, "sys_concept_properties", json!([name, property, known.kind]));
            if !rows
                .iter()
                .any(|(table, row)| *table == "sys_properties" && row.first() == Some(&json!(property)))
            {
                add(rows, "sys_properties", json!([property, known.kind, 0, 0, known.description, null]));
            }
        }
        for (measure, known) in &concept.measures {
            let measure = format!("measure.{measure}");
            add(rows, "sys_concept_properties", json!([name, measure, known.kind]));
            add(rows, "sys_properties", json!([measure, known.kind, 1, 0, known.description, known.logic]));
        }
        for (relationship, known) in &concept.relationships {
            let Relationship { target, source, key, through, inverse, transitive, description, is_inverse } =
                known;
            let row = json!([
                name,
                relationship,
                target,
                inverse,
                u8::from(*is_inverse),
                u8::from(through.is_some()),
                u8::from(*transitive),
                source,
                key,
                description
            ]);
            add(rows, "sys_concept_relationships", row);
        }
    }
}

fn of_views(connection: &Connection, ontology: &Ontology, rows: &mut Rows) -> Result<(), QueryError> {
    for (name, view) in &ontology.views {
        let count = count(connection, name, "*")?;
        let sql = view.sql.to_lowercase();
        let tables: Vec<&str> = ontology
            .concepts
            .keys()
            .filter(|concept| {
                sql.contains(&format!("dtimbr.{concept}")) || sql.contains(&format!("dtimbr.`{concept}`"))
            })
            .map(String::as_str)
            .collect();
        let row = json!([name, view.description, u8::from(view.is_cube), tables.join(","), count, view.sql]);
        add(rows, "sys_views", row);
        for (property, known) in &view.properties {
            add(rows, "sys_view_properties", json!([name, property, known.kind]));
        }
    }
    Ok(())
}

fn statistics(connection: &Connection, ontology: &Ontology, rows: &mut Rows) -> Result<(), QueryError> {
    for (name, concept) in ontology.concepts.iter().filter(|(name, _)| *name != THING) {
        let total = count(connection, name, "*")?;
        let query = format!("SELECT * FROM {name}");
        add(
            rows,
            "sys_concept_mappings",
            json!([name, format!("map_{name}"), ontology.datasource, query, total]),
        );
        for property in concept.properties.keys() {
            let column = quoted(property);
            let sql = format!(
                "SELECT COUNT(DISTINCT {column}), COUNT({column}), CAST(MIN({column}) AS TEXT), CAST(MAX({column}) AS TEXT) \
                 FROM {}",
                quoted(name)
            );
            let row = connection.query_row(&sql, [], |row| {
                let (distinct, filled): (i64, i64) = (row.get(0)?, row.get(1)?);
                let (least, greatest): (Option<String>, Option<String>) = (row.get(2)?, row.get(3)?);
                Ok(json!([name, "concept", property, distinct, filled, least, greatest]))
            })?;
            add(rows, "sys_properties_statistics", row);
        }
    }
    Ok(())
}

fn count(connection: &Connection, table: &str, what: &str) -> Result<i64, QueryError> {
    Ok(connection.query_row(&format!("SELECT COUNT({what}) FROM {}", quoted(table)), [], |row| row.get(0))?)
}
