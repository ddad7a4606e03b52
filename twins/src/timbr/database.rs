//! The embedded database of an ontology: filled once, read-only, with limits on time, memory and rows.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use serde_json::Value;

use super::functions::{Moment, PERMITTED};
use super::insert::insert;
use super::lexer::lex;
use super::ontology::{COMMON, Concept, Environment, Ontology};
use super::path::quoted;
use super::translate::translate;
use super::{QueryError, coffee, system};

/// The maximum number of rows of a result.
const MAX_ROWS: usize = 20_000;
/// The maximum size of a value, in bytes.
const MAX_LENGTH: i32 = 1 << 20;
/// The maximum memory of all queries, in bytes.
const MAX_MEMORY: i64 = 256 << 20;
/// The maximum number of steps of the database's virtual machine per query, in thousands.
const MAX_STEPS: usize = 20_000;

/// The rows of a query, in order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rows {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<Value>>,
}

impl From<rusqlite::Error> for QueryError {
    fn from(error: rusqlite::Error) -> Self {
        Self(match error {
            rusqlite::Error::SqliteFailure(_, Some(text)) => message(&text),
            rusqlite::Error::SqlInputError { msg, .. } => message(&msg),
            _ => "The query cannot be run.".to_owned(),
        })
    }
}

/// The beginnings of the database's messages, and what is said instead.
const MESSAGES: [(&str, &str); 8] = [
    ("no such column: ", "There is no column with the name "),
    ("no such table: ", "There is no concept or view with the name "),
    ("no such function: ", "There is no function with the name "),
    ("not authorized to use function: ", "There is no function with the name "),
    ("ambiguous column name: ", "Several tables have a column with the name "),
    ("interrupted", "The query takes too long"),
    ("string or blob too big", "A value of the query is too long"),
    ("not authorized", "Only queries can be run"),
];

/// States an error without the words of the database.
fn message(text: &str) -> String {
    for (begin, instead) in MESSAGES {
        if let Some(rest) = text.strip_prefix(begin) {
            return format!("{instead}{rest}.");
        }
    }
    match text.to_lowercase().contains("sqlite") {
        true => "The query cannot be run.".to_owned(),
        false => format!("The query cannot be run: {text}."),
    }
}

/// An ontology's rows.
pub(crate) struct Database {
    connection: Mutex<Connection>,
    /// The steps of the current query, in thousands.
    steps: Arc<AtomicUsize>,
}

impl Database {
    /// Creates the tables of an ontology, filled up to a moment in seconds since 1970.
    pub(crate) fn open(environment: &Environment, name: &str, now: i64) -> Result<Self, QueryError> {
        let mut connection = Connection::open_in_memory()?;
        if let Some(ontology) = environment.ontologies.get(name) {
            let transaction = connection.transaction()?;
            fill(&transaction, ontology, name, now)?;
            system::fill(&transaction, environment, name)?;
            transaction.commit()?;
        }
        let steps = Arc::new(AtomicUsize::new(0));
        confine(&mut connection, &steps)?;
        Ok(Self { connection: Mutex::new(connection), steps })
    }

    /// Runs a translated query.
    pub(crate) fn run(&self, sql: &str) -> Result<Rows, QueryError> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        self.steps.store(0, Ordering::Relaxed);
        let mut statement = connection.prepare(sql)?;
        if !statement.readonly() || statement.column_count() == 0 {
            return Err(QueryError("Only queries can be run.".to_owned()));
        }
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut found = statement.query([])?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            if rows.len() == MAX_ROWS {
                return Err(QueryError(format!(
                    "The query has more than {MAX_ROWS} rows; a LIMIT is needed."
                )));
            }
            let cells = (0..columns.len()).map(|at| row.get_ref(at).map(json)).collect::<Result<_, _>>()?;
            rows.push(cells);
        }
        Ok(Rows { columns, rows })
    }
}

/// Creates the tables, and the views through which queries see them.
fn fill(connection: &Connection, ontology: &Ontology, name: &str, now: i64) -> Result<(), QueryError> {
    for (name, concept) in &ontology.concepts {
        tables(connection, name, concept)?;
    }
    if name == "coffee_trade" {
        for (table, row) in coffee::rows(now) {
            insert(connection, table, &row)?;
        }
    }
    for (name, concept) in &ontology.concepts {
        let members = ontology.concepts.keys().filter(|other| ontology.lineage(other).contains(&&**name));
        let parts: Vec<String> = members.map(|member| part(ontology, concept, member)).collect();
        connection.execute(&format!("CREATE VIEW {} AS {}", quoted(name), parts.join(" UNION ALL ")), [])?;
    }
    // The views of an ontology do not depend on the moment of a query.
    let moment = Moment { now: coffee::time(now), user: String::new() };
    for (name, view) in &ontology.views {
        let translated = translate(ontology, lex(&view.sql)?, &moment)?;
        connection.execute(&format!("CREATE VIEW {} AS {}", quoted(name), translated.sql), [])?;
    }
    Ok(())
}

/// Creates the table of a concept with its fixed rows, and those of its links, with indices for joins.
fn tables(connection: &Connection, name: &str, concept: &Concept) -> Result<(), QueryError> {
    let index = |table: &str, column: &str| {
        let name = quoted(&format!("#{table}.{column}"));
        let (table, column) = (quoted(&format!("#{table}")), quoted(column));
        connection.execute(&format!("CREATE INDEX IF NOT EXISTS {name} ON {table} ({column})"), [])
    };
    let columns: String = concept.properties.keys().map(|column| format!(", {}", quoted(column))).collect();
    let table = quoted(&format!("#{name}"));
    connection.execute(&format!("CREATE TABLE {table} (entity_id PRIMARY KEY{columns})"), [])?;
    for relationship in concept.relationships.values() {
        match &relationship.through {
            None => _ = index(name, &relationship.source)?,
            Some([link, from, to]) if !relationship.is_inverse => {
                let (table, columns) =
                    (quoted(&format!("#{link}")), format!("{}, {}", quoted(from), quoted(to)));
                connection.execute(&format!("CREATE TABLE {table} ({columns})"), [])?;
                index(link, from)?;
                index(link, to)?;
            }
            Some(_) => {}
        }
    }
    concept.rows.iter().try_for_each(|row| insert(connection, name, row))
}

/// Returns the query for the entities of a concept that are of a descendant, or of the concept itself.
fn part(ontology: &Ontology, concept: &Concept, member: &str) -> String {
    let label =
        ontology.concepts.get(member).and_then(|member| member.label.as_deref()).unwrap_or("entity_id");
    let label = quoted(label);
    let [id, kind, shown] = COMMON;
    let mut columns = format!("{id}, '{member}' AS {kind}, {label} AS {shown}");
    for column in concept.properties.keys() {
        columns.push_str(&format!(", {}", quoted(column)));
    }
    for (name, measure) in &concept.measures {
        columns.push_str(&format!(", {} AS {}", measure.logic, quoted(&format!("measure.{name}"))));
    }
    format!("SELECT {columns} FROM {}", quoted(&format!("#{member}")))
}

/// Restricts a connection to reading, and limits the cost of reading.
fn confine(connection: &mut Connection, steps: &Arc<AtomicUsize>) -> Result<(), QueryError> {
    connection.pragma_update(None, "hard_heap_limit", MAX_MEMORY)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_LENGTH)?;
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    connection.authorizer(Some(|context: AuthContext<'_>| match context.action {
        AuthAction::Select | AuthAction::Recursive => Authorization::Allow,
        AuthAction::Read { table_name, .. } if !table_name.starts_with("sqlite_") => Authorization::Allow,
        AuthAction::Function { function_name }
            if PERMITTED.contains(&function_name.to_lowercase().as_str()) =>
        {
            Authorization::Allow
        }
        _ => Authorization::Deny,
    }))?;
    let steps = steps.clone();
    connection.progress_handler(1000, Some(move || steps.fetch_add(1, Ordering::Relaxed) > MAX_STEPS))?;
    Ok(())
}

/// Converts a value to JSON, bytes as hexadecimal digits.
fn json(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(integer) => integer.into(),
        ValueRef::Real(real) => real.into(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
        ValueRef::Blob(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into(),
    }
}
