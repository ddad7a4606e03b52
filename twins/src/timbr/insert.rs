//! Adds rows to the tables of the embedded database.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql};
use serde_json::Value;

use super::QueryError;
use super::path::quoted;

/// Adds a row to a table.
pub(crate) fn insert(connection: &Connection, table: &str, row: &[Value]) -> Result<(), QueryError> {
    let places = vec!["?"; row.len()].join(", ");
    let sql = format!("INSERT INTO {} VALUES ({places})", quoted(&format!("#{table}")));
    connection.prepare_cached(&sql)?.execute(rusqlite::params_from_iter(row.iter().map(Cell)))?;
    Ok(())
}

/// Converts a sample's value for the database.
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
