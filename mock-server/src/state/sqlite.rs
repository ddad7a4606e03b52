//! Items in an SQLite file, so that they outlive the mock. Several documents may share one.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, params};
use serde_json::Value;

use super::store::{Items, Room, Scope, Snapshot, Store, StoreError};

/// A scope is a row of `scopes` once it was touched; items stand in the order of their first insertion.
const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS scopes (scope TEXT PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS items (
        position INTEGER PRIMARY KEY AUTOINCREMENT, scope TEXT NOT NULL, id TEXT NOT NULL, value TEXT NOT NULL,
        UNIQUE (scope, id));";

/// Keeps the items of one document in an SQLite file.
pub struct Sqlite {
    connection: Mutex<Connection>,
    room: Room,
    /// What its scopes begin with: the document's name as a JSON string, so that none is the beginning of another.
    prefix: String,
}

impl Sqlite {
    /// Opens a file, or makes it; `name` keeps one document's items from another's.
    pub fn open(path: &Path, name: &str) -> Result<Self, StoreError> {
        Self::with_room(path, name, Room::default())
    }

    /// As [`Sqlite::open`], with so much room; its bytes are those of the file.
    pub fn with_room(path: &Path, name: &str, room: Room) -> Result<Self, StoreError> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let pages = i64::try_from(room.bytes).unwrap_or(i64::MAX) / page.max(1);
        connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
        connection.execute_batch(TABLES)?;
        Ok(Self { connection: Mutex::new(connection), room, prefix: Value::from(name).to_string() })
    }

    /// Begins a scope, where there is room for one more; false where it was begun before.
    fn begin(&self, transaction: &Transaction<'_>, scope: &str) -> Result<bool, StoreError> {
        if transaction.execute("INSERT OR IGNORE INTO scopes VALUES (?)", [scope])? == 0 {
            return Ok(false);
        }
        let count = "SELECT count(*) FROM scopes WHERE instr(scope, ?) = 1";
        let count: i64 = transaction.query_row(count, [&self.prefix], |row| row.get(0))?;
        if usize::try_from(count).is_ok_and(|count| count > self.room.scopes) {
            Err(StoreError::no_scope(self.room.scopes))
        } else {
            Ok(true)
        }
    }

    fn key(&self, scope: &Scope) -> String {
        format!("{}{}", self.prefix, scope.to_key())
    }

    /// A lock that a panic elsewhere does not spoil: an open transaction rolls back when it is dropped.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => StoreError::Full("its file, or the disk, has room for".to_owned()),
            _ => StoreError::Failed(error.to_string()),
        }
    }
}

impl Store for Sqlite {
    fn items(&self, scope: &Scope) -> Result<Option<Items>, StoreError> {
        let connection = self.connection();
        let scope = self.key(scope);
        let touched =
            connection.query_row("SELECT 1 FROM scopes WHERE scope = ?", [&scope], |_| Ok(())).optional()?;
        if touched.is_none() {
            return Ok(None);
        }
        let mut rows = connection.prepare("SELECT id, value FROM items WHERE scope = ? ORDER BY position")?;
        let rows = rows.query_map([&scope], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
        let mut items = Items::new();
        for row in rows {
            let (id, value) = row?;
            items.insert(id, parse(&value)?);
        }
        Ok(Some(items))
    }

    fn get(&self, scope: &Scope, id: &str) -> Result<Option<Value>, StoreError> {
        let connection = self.connection();
        let mut row = connection.prepare("SELECT value FROM items WHERE scope = ? AND id = ?")?;
        let value = row.query_row([&self.key(scope), id], |row| row.get::<_, String>(0)).optional()?;
        value.map(|value| parse(&value)).transpose()
    }

    fn seed(&self, scope: &Scope, items: Items) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        let scope = self.key(scope);
        if self.begin(&transaction, &scope)? {
            for (id, value) in items {
                put(&transaction, &scope, &id, &value)?;
            }
        }
        Ok(transaction.commit()?)
    }

    fn put(&self, scope: &Scope, id: &str, item: Value) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        let scope = self.key(scope);
        self.begin(&transaction, &scope)?;
        put(&transaction, &scope, id, &item)?;
        transaction.execute(
            "DELETE FROM items WHERE scope = ?1 AND position <= (
                SELECT position FROM items WHERE scope = ?1 ORDER BY position DESC LIMIT 1 OFFSET ?2)",
            params![scope, i64::try_from(self.room.items).unwrap_or(i64::MAX)],
        )?;
        Ok(transaction.commit()?)
    }

    fn remove(&self, scope: &Scope, id: &str) -> Result<bool, StoreError> {
        let removed = self
            .connection()
            .execute("DELETE FROM items WHERE scope = ? AND id = ?", [&self.key(scope), id])?;
        Ok(removed == 1)
    }

    fn restore(&self, snapshot: Snapshot) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        transaction.execute("DELETE FROM items WHERE instr(scope, ?) = 1", [&self.prefix])?;
        transaction.execute("DELETE FROM scopes WHERE instr(scope, ?) = 1", [&self.prefix])?;
        for (scope, items) in snapshot {
            let scope = self.key(&scope);
            transaction.execute("INSERT INTO scopes VALUES (?)", [&scope])?;
            for (id, value) in items {
                put(&transaction, &scope, &id, &value)?;
            }
        }
        Ok(transaction.commit()?)
    }

    fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let keys: Vec<String> = {
            let connection = self.connection();
            let mut rows =
                connection.prepare("SELECT scope FROM scopes WHERE instr(scope, ?) = 1 ORDER BY scope")?;
            rows.query_map([&self.prefix], |row| row.get(0))?.collect::<Result<_, _>>()?
        };
        let mut snapshot = Snapshot::new();
        for key in keys {
            let scope = Scope::from_key(key.strip_prefix(&self.prefix).unwrap_or(&key))?;
            if let Some(items) = self.items(&scope)? {
                snapshot.insert(scope, items);
            }
        }
        Ok(snapshot)
    }
}

fn put(connection: &Connection, scope: &str, id: &str, value: &Value) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO items (scope, id, value) VALUES (?, ?, ?)
         ON CONFLICT (scope, id) DO UPDATE SET value = excluded.value",
        params![scope, id, value.to_string()],
    )?;
    Ok(())
}

fn parse(text: &str) -> Result<Value, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Failed(error.to_string()))
}
