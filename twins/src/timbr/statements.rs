//! The statements that describe an ontology: `SHOW`, `DESCRIBE` and `EXPLAIN`.

use serde_json::json;
use sqlparser::tokenizer::Token;

use super::QueryError;
use super::database::Rows;
use super::ontology::Ontology;
use super::system;
use super::translate::{SCHEMAS, unknown};

/// What `SHOW` is asked for, and the query that answers it.
const SHOWN: [(&str, &str); 14] = [
    ("version", "SELECT id, product FROM timbr.sys_version"),
    ("ontologies", "SELECT ontology, description FROM timbr.sys_ontologies"),
    ("databases", "SELECT ontology AS databaseName FROM timbr.sys_ontologies"),
    ("datasources", "SELECT * FROM timbr.sys_datasources"),
    ("domains", "SELECT * FROM timbr.sys_domains"),
    ("concepts", "SELECT concept, description FROM timbr.sys_concepts"),
    ("properties", "SELECT * FROM timbr.sys_properties"),
    ("relationships", "SELECT * FROM timbr.sys_concept_relationships"),
    ("mappings", "SELECT * FROM timbr.sys_concept_mappings"),
    ("views", "SELECT view_name, description FROM timbr.sys_views"),
    ("tags", "SELECT * FROM timbr.sys_tags"),
    ("agents", "SELECT * FROM timbr.sys_agents"),
    ("benchmarks", "SELECT * FROM timbr.sys_agents_benchmarks"),
    ("knowledgebases", "SELECT * FROM timbr.sys_knowledgebase"),
];
/// The maximum number of hops that a description follows.
const MAX_DEPTH: usize = 3;
/// The maximum number of rows of a description.
const MAX_ROWS: usize = 5_000;

/// What a statement asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Statement {
    /// Rows that can be given at once.
    Rows(Rows),
    /// A query to run instead.
    Query(String),
    /// `EXPLAIN` of the tokens of a query.
    Explain(Vec<Token>),
}

/// Reads a statement; `None` if it is a query.
pub(crate) fn read(ontology: &Ontology, tokens: &[Token]) -> Option<Result<Statement, QueryError>> {
    let (first, rest) = tokens.split_first()?;
    match word(first)?.as_str() {
        "show" => Some(show(ontology, rest)),
        "desc" | "describe" => Some(describe(ontology, rest)),
        "explain" => Some(Ok(Statement::Explain(rest.to_vec()))),
        "select" | "with" | "values" => None,
        _ => Some(Err(QueryError("Only queries can be run.".to_owned()))),
    }
}

fn show(ontology: &Ontology, tokens: &[Token]) -> Result<Statement, QueryError> {
    let words: Vec<String> = tokens.iter().filter_map(word).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["schemas"] => Ok(Statement::Rows(rows(&["namespace"], SCHEMAS.map(|schema| vec![json!(schema)])))),
        ["tables"] => Ok(tables(ontology, None)),
        ["tables", "in" | "from", schema] => {
            match SCHEMAS.iter().find(|known| known.eq_ignore_ascii_case(schema)) {
                Some(schema) => Ok(tables(ontology, Some(schema))),
                None => Err(QueryError(format!("There is no schema with the name {schema}."))),
            }
        }
        ["columns", "in" | "from", ..] => describe(ontology, tokens.get(2..).unwrap_or_default()),
        [what, ..] => match SHOWN.iter().find(|(name, _)| name == what) {
            Some((_, sql)) => Ok(Statement::Query((*sql).to_owned())),
            None => Err(QueryError(format!("SHOW does not know {what}."))),
        },
        [] => Err(QueryError("Syntax error: SHOW needs to know what.".to_owned())),
    }
}

/// Lists the tables of a schema: `vtimbr` has the views, `timbr` also the system tables, the others the concepts.
fn tables(ontology: &Ontology, schema: Option<&str>) -> Statement {
    let of = |schema: &'static str| {
        let names: Vec<String> = match schema {
            "vtimbr" => ontology.views.keys().cloned().collect(),
            "timbr" => ontology.concepts.keys().cloned().chain(system::tables().map(str::to_owned)).collect(),
            _ => ontology.concepts.keys().cloned().collect(),
        };
        names.into_iter().map(move |name| vec![json!(schema), json!(name), json!(false)])
    };
    let schemas = SCHEMAS.into_iter().filter(|known| schema.is_none_or(|schema| schema == *known));
    Statement::Rows(rows(&["database", "tableName", "isTemporary"], schemas.flat_map(of)))
}

/// Describes a concept, a view or a system table: `DESC [CONCEPT] schema.name [OPTIONS (graph_depth='2')]`.
fn describe(ontology: &Ontology, tokens: &[Token]) -> Result<Statement, QueryError> {
    let is_noise = |token: &&Token| {
        word(token)
            .is_some_and(|word| ["concept", "table", "view", "extended", "formatted"].contains(&&*word))
    };
    let tokens = match tokens.first().filter(is_noise) {
        Some(_) if tokens.len() > 1 => tokens.get(1..).unwrap_or_default(),
        _ => tokens,
    };
    let (schema, name, rest) = match tokens {
        [Token::Word(schema), Token::Period, Token::Word(name), rest @ ..] => {
            (schema.value.to_lowercase(), &name.value, rest)
        }
        [Token::Word(name), rest @ ..] => ("timbr".to_owned(), &name.value, rest),
        _ => return Err(QueryError("Syntax error: DESCRIBE needs a name.".to_owned())),
    };
    let depth = rest.iter().find_map(|token| match token {
        Token::SingleQuotedString(text) | Token::Number(text, _) => text.parse::<usize>().ok(),
        _ => None,
    });
    let depth = if schema == "dtimbr" { depth.unwrap_or(1).min(MAX_DEPTH) } else { 0 };
    let mut found = Vec::new();
    if let Some((name, _)) = ontology.concept(name) {
        concept(ontology, name, "", depth, &mut found);
    } else if let Some((_, view)) = ontology.view(name) {
        let columns = view.properties.iter();
        found.extend(columns.map(|(name, one)| {
            [name.clone(), one.kind.clone(), one.description.clone().unwrap_or_default()]
        }));
    } else if let Some(table) = system::table(name) {
        found.extend(
            system::columns(table).map(|(name, kind)| [name.to_owned(), kind.to_owned(), String::new()]),
        );
    } else {
        return Err(QueryError(unknown(name)));
    }
    let found = found.into_iter().map(|row| row.map(serde_json::Value::from).to_vec());
    Ok(Statement::Rows(rows(&["col_name", "data_type", "comment"], found)))
}

/// Adds the columns of a concept, then those of its relationships to a depth.
fn concept(ontology: &Ontology, name: &str, prefix: &str, depth: usize, found: &mut Vec<[String; 3]>) {
    let Some((_, concept)) = ontology.concept(name) else { return };
    for column in concept.columns() {
        let known = concept.properties.get(column);
        let kind = known.map_or("string", |known| known.kind.as_str()).to_owned();
        let comment = known.and_then(|known| known.description.clone()).unwrap_or_default();
        found.push([format!("{prefix}{column}"), kind, comment]);
    }
    for (measure, known) in &concept.measures {
        found.push([format!("measure.{prefix}{measure}"), known.kind.clone(), known.description.clone()]);
    }
    let Some(depth) = depth.checked_sub(1) else { return };
    for (relationship, known) in &concept.relationships {
        if found.len() > MAX_ROWS {
            return;
        }
        let target = &known.target;
        self::concept(ontology, target, &format!("{prefix}{relationship}[{target}]."), depth, found);
    }
}

/// Returns rows from their cells.
pub(crate) fn rows(columns: &[&str], cells: impl IntoIterator<Item = Vec<serde_json::Value>>) -> Rows {
    Rows { columns: columns.iter().map(|&name| name.to_owned()).collect(), rows: cells.into_iter().collect() }
}

/// Returns a word in lower case.
fn word(token: &Token) -> Option<String> {
    match token {
        Token::Word(word) => Some(word.value.to_lowercase()),
        _ => None,
    }
}

/// Returns the rows of `EXPLAIN`.
pub(crate) fn plan(steps: &[String]) -> Rows {
    rows(&["PLAN"], [vec![json!(steps.join("\n"))]])
}
