//! Answers SQL from the sample rows: an in-memory database that exists for one query, is read-only, and has limits
//! on time, memory and rows.
//!
//! A concept is a view over its table. A relationship is joined only if the SQL names it, since a join multiplies
//! rows.

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql};
use serde_json::Value;

use super::ontology::{Ontology, Table};

/// The maximum number of rows of a result.
const MAX_ROWS: usize = 10_000;
/// The maximum size of a value or of the SQL, in bytes.
const MAX_LENGTH: i32 = 1 << 16;
/// The maximum memory of all queries, in bytes.
const MAX_MEMORY: i64 = 256 << 20;
/// The maximum number of steps of SQLite's virtual machine per query, in thousands.
const MAX_STEPS: usize = 2_000;
/// The maximum number of chained relationships of a column.
const MAX_HOPS: usize = 4;
/// Timbr's schemas for concepts and views; the samples do not distinguish them.
const SCHEMAS: [&str; 3] = ["timbr", "dtimbr", "vtimbr"];

/// The rows of a query, in order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rows {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<Value>>,
}

/// A query that cannot be run, with a message for the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct QueryError(pub(crate) String);

impl From<rusqlite::Error> for QueryError {
    fn from(error: rusqlite::Error) -> Self {
        Self(match error {
            rusqlite::Error::MultipleStatement => "Only one statement can be run.".to_owned(),
            rusqlite::Error::SqliteFailure(_, Some(text)) => text,
            rusqlite::Error::SqlInputError { msg, .. } => msg,
            other => other.to_string(),
        })
    }
}

/// Runs SQL against an ontology; `?1`, `?2` … are the values.
pub(crate) fn query(ontology: &Ontology, sql: &str, values: &[String]) -> Result<Rows, QueryError> {
    if sql.len() > MAX_LENGTH as usize {
        return Err(QueryError("The query is too long.".to_owned()));
    }
    let mut connection = Connection::open_in_memory()?;
    fill(&connection, ontology, &sql.to_lowercase())?;
    confine(&mut connection)?;
    let mut statement = connection.prepare(sql)?;
    if !statement.readonly() || statement.column_count() == 0 {
        return Err(QueryError("Only queries can be run.".to_owned()));
    }
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut found = statement.query(rusqlite::params_from_iter(values))?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        if rows.len() == MAX_ROWS {
            return Err(QueryError(format!("The query has more than {MAX_ROWS} rows; a LIMIT is needed.")));
        }
        let cells = (0..columns.len()).map(|at| row.get_ref(at).map(json)).collect::<Result<_, _>>()?;
        rows.push(cells);
    }
    Ok(Rows { columns, rows })
}

/// Creates the tables, and the views through which the query sees them.
fn fill(connection: &Connection, ontology: &Ontology, sql: &str) -> Result<(), QueryError> {
    for schema in SCHEMAS {
        connection.execute(&format!("ATTACH ':memory:' AS {schema}"), [])?;
    }
    for (name, table) in ontology.concepts.iter().chain(&ontology.views) {
        let columns = table.columns.iter().map(|column| quoted(column)).collect::<Vec<_>>().join(", ");
        connection.execute(&format!("CREATE TABLE main.{} ({columns})", quoted(&format!("#{name}"))), [])?;
        let places = vec!["?"; table.columns.len()].join(", ");
        let insert = format!("INSERT INTO main.{} VALUES ({places})", quoted(&format!("#{name}")));
        let mut insert = connection.prepare(&insert)?;
        for row in &table.rows {
            insert.execute(rusqlite::params_from_iter(row.iter().map(Cell)))?;
        }
    }
    for (name, table) in ontology.concepts.iter().chain(&ontology.views) {
        let select = View::of(ontology, name, table, sql).select(name);
        connection.execute(&format!("CREATE TEMP VIEW {} AS {select}", quoted(name)), [])?;
        for schema in SCHEMAS {
            let copy = format!("CREATE TABLE {schema}.{0} AS SELECT * FROM temp.{0}", quoted(name));
            connection.execute(&copy, [])?;
        }
    }
    Ok(())
}

/// The columns and joins of the view of a concept.
struct View<'a> {
    ontology: &'a Ontology,
    /// The SQL, in lower case.
    sql: &'a str,
    columns: Vec<String>,
    joins: Vec<String>,
}

impl<'a> View<'a> {
    fn of(ontology: &'a Ontology, name: &str, table: &'a Table, sql: &'a str) -> Self {
        let mut view = View { ontology, sql, columns: Vec::new(), joins: Vec::new() };
        if ontology.concepts.contains_key(name) {
            view.columns.push("t0.entity_id AS entity_id".to_owned());
            view.columns.push(format!("'{name}' AS entity_type"));
        }
        view.columns.extend(table.properties.keys().map(|column| format!("t0.{0} AS {0}", quoted(column))));
        view.follow(table, 0, "", MAX_HOPS);
        view
    }

    /// Joins the relationships of the table with this number that the SQL names, recursively.
    fn follow(&mut self, table: &'a Table, source: usize, path: &str, hops: usize) {
        let Some(hops) = hops.checked_sub(1) else { return };
        for (name, relationship) in &table.relationships {
            let path = format!("{path}{name}[{}].", relationship.target);
            let Some(target) = self.ontology.concepts.get(&relationship.target) else { continue };
            if !self.sql.contains(&path) {
                continue;
            }
            let number = self.joins.len() + 1;
            let (inner, key) = (quoted(&format!("#{}", relationship.target)), quoted(&relationship.on));
            self.joins
                .push(format!("LEFT JOIN main.{inner} t{number} ON t{number}.{key} = t{source}.entity_id"));
            let names = std::iter::once("entity_id").chain(target.properties.keys().map(String::as_str));
            let columns =
                names.map(|c| format!("t{number}.{} AS {}", quoted(c), quoted(&format!("{path}{c}"))));
            self.columns.extend(columns);
            self.follow(target, number, &path, hops);
        }
    }

    fn select(&self, name: &str) -> String {
        let (columns, joins) = (self.columns.join(", "), self.joins.join(" "));
        format!("SELECT {columns} FROM main.{} t0 {joins}", quoted(&format!("#{name}")))
    }
}

/// Restricts a connection to reading, and limits the cost of reading.
fn confine(connection: &mut Connection) -> Result<(), QueryError> {
    connection.pragma_update(None, "hard_heap_limit", MAX_MEMORY)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_LENGTH)?;
    connection.set_limit(Limit::SQLITE_LIMIT_EXPR_DEPTH, 100)?;
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, SCHEMAS.len() as i32)?;
    connection.authorizer(Some(|context: AuthContext<'_>| match context.action {
        AuthAction::Select | AuthAction::Read { .. } | AuthAction::Recursive => Authorization::Allow,
        AuthAction::Function { function_name }
            if FUNCTIONS.contains(&function_name.to_lowercase().as_str()) =>
        {
            Authorization::Allow
        }
        _ => Authorization::Deny,
    }))?;
    let mut steps = 0;
    connection.progress_handler(
        1000,
        Some(move || {
            steps += 1;
            steps > MAX_STEPS
        }),
    )?;
    Ok(())
}

/// The permitted functions: those without a clock, randomness or large memory.
const FUNCTIONS: [&str; 44] = [
    "abs",
    "avg",
    "ceil",
    "coalesce",
    "count",
    "cume_dist",
    "date",
    "datetime",
    "dense_rank",
    "first_value",
    "floor",
    "glob",
    "group_concat",
    "ifnull",
    "iif",
    "instr",
    "julianday",
    "lag",
    "last_value",
    "lead",
    "length",
    "like",
    "lower",
    "ltrim",
    "max",
    "min",
    "mod",
    "nth_value",
    "ntile",
    "nullif",
    "percent_rank",
    "power",
    "rank",
    "replace",
    "round",
    "row_number",
    "rtrim",
    "sqrt",
    "strftime",
    "string_agg",
    "substr",
    "sum",
    "trim",
    "upper",
];

/// Quotes a name for SQL.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Converts a sample's value for SQLite.
struct Cell<'a>(&'a Value);

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::String(text) => ValueRef::Text(text.as_bytes()),
            Value::Number(number) => match number.as_i64() {
                Some(integer) => ValueRef::Integer(integer),
                None => ValueRef::Real(number.as_f64().unwrap_or_default()),
            },
            Value::Bool(truth) => ValueRef::Integer(i64::from(*truth)),
            _ => ValueRef::Null,
        }))
    }
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
