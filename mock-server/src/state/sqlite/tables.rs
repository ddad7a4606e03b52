//! The tables of an SQLite file, and the operations on them, each within a transaction.

use rusqlite::{ErrorCode, OptionalExtension, Transaction, params};
use serde_json::Value;

use crate::state::query::{Page, Query, Start};
use crate::state::store::{Below, Items, Room, Scope, Snapshot, StoreError, Stored, first};

/// A scope has a row once it is begun. No position is used twice: with the number of changes it identifies every version
/// of every item.
pub(super) const TABLES: &str = "
    CREATE TABLE scopes (
        key INTEGER PRIMARY KEY, document TEXT NOT NULL, scope TEXT NOT NULL, last INTEGER NOT NULL,
        count INTEGER NOT NULL, UNIQUE (document, scope));
    CREATE TABLE items (
        position INTEGER PRIMARY KEY AUTOINCREMENT, scope INTEGER NOT NULL, id TEXT NOT NULL,
        changes INTEGER NOT NULL, value TEXT NOT NULL, UNIQUE (scope, id));
    CREATE INDEX items_in_order ON items (scope, position);";

/// Why an operation failed, without the file.
pub(super) enum Broken {
    Sqlite(rusqlite::Error),
    Json(serde_json::Error),
    Store(StoreError),
}

impl Broken {
    pub(super) fn is_full(&self) -> bool {
        matches!(self, Self::Sqlite(error) if error.sqlite_error_code() == Some(ErrorCode::DiskFull))
    }
}

impl From<rusqlite::Error> for Broken {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<serde_json::Error> for Broken {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

impl From<StoreError> for Broken {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The document of an operation, and the capacity.
pub(super) struct Owner {
    pub(super) document: String,
    pub(super) room: Room,
}

/// A begun scope.
pub(super) struct Row {
    pub(super) key: i64,
    pub(super) last: i64,
    pub(super) count: i64,
}

/// Converts a number to SQLite's.
pub(super) fn integer(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

/// Converts a number from SQLite's.
pub(super) fn natural<T: TryFrom<i64> + Default>(number: i64) -> T {
    number.try_into().unwrap_or_default()
}

pub(super) fn row(
    transaction: &Transaction<'_>,
    document: &str,
    scope: &str,
) -> rusqlite::Result<Option<Row>> {
    let query = "SELECT key, last, count FROM scopes WHERE document = ? AND scope = ?";
    let mut query = transaction.prepare_cached(query)?;
    let row = query.query_row([document, scope], |row| {
        Ok(Row { key: row.get(0)?, last: row.get(1)?, count: row.get(2)? })
    });
    row.optional()
}

pub(super) fn set(transaction: &Transaction<'_>, row: &Row) -> rusqlite::Result<()> {
    let mut update = transaction.prepare_cached("UPDATE scopes SET last = ?, count = ? WHERE key = ?")?;
    update.execute(params![row.last, row.count, row.key]).map(|_| ())
}

pub(super) fn add(transaction: &Transaction<'_>, scope: i64, id: &str, value: &str) -> rusqlite::Result<()> {
    let insert = "INSERT INTO items (scope, id, changes, value) VALUES (?, ?, 0, ?)";
    transaction.prepare_cached(insert)?.execute(params![scope, id, value]).map(|_| ())
}

/// The bits of a version for the number of changes; the others are the position.
const CHANGES: u32 = 24;

/// Replaces an item of a version; false where there is none.
pub(super) fn replace(
    transaction: &Transaction<'_>,
    document: &str,
    (scope, id): (&str, &str),
    version: u64,
    value: &str,
) -> Result<bool, Broken> {
    let (position, changes) = (integer(version >> CHANGES), integer(version & ((1 << CHANGES) - 1)));
    let mut update = transaction.prepare_cached(
        "UPDATE items SET changes = (changes + 1) & ((1 << ?1) - 1), value = ?2
         WHERE position = ?3 AND changes = ?4 AND id = ?5
         AND scope = (SELECT key FROM scopes WHERE document = ?6 AND scope = ?7)",
    )?;
    Ok(update.execute(params![CHANGES, value, position, changes, id, document, scope])? == 1)
}

pub(super) fn get(transaction: &Transaction<'_>, scope: i64, id: &str) -> Result<Option<Stored>, Broken> {
    let query = "SELECT position, changes, value FROM items WHERE scope = ? AND id = ?";
    let mut query = transaction.prepare_cached(query)?;
    let found = query
        .query_row(params![scope, id], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?)))
        .optional()?;
    let Some((position, changes, value)) = found else { return Ok(None) };
    let version = natural::<u64>(position) << CHANGES | natural::<u64>(changes);
    Ok(Some(Stored { item: serde_json::from_str(&value)?, version }))
}

/// Begins a scope, where the capacity admits one more.
pub(super) fn begin(
    transaction: &Transaction<'_>,
    owner: &Owner,
    scope: &str,
    items: &Items,
) -> Result<(), Broken> {
    if row(transaction, &owner.document, scope)?.is_some() {
        return Ok(());
    }
    let count = "SELECT count(*) FROM scopes WHERE document = ?";
    let count: i64 = transaction.query_row(count, [&owner.document], |row| row.get(0))?;
    if count >= integer(owner.room.scopes) {
        return Err(StoreError::no_scope(owner.room.scopes).into());
    }
    Ok(fill(transaction, owner, scope, items)?)
}

fn fill(transaction: &Transaction<'_>, owner: &Owner, scope: &str, items: &Items) -> rusqlite::Result<()> {
    transaction.execute(
        "INSERT INTO scopes (document, scope, last, count) VALUES (?, ?, ?, ?)",
        params![owner.document, scope, integer(first(items)), integer(items.len())],
    )?;
    let key = transaction.last_insert_rowid();
    items.iter().try_for_each(|(id, item)| add(transaction, key, id, &item.to_string()))
}

/// Replaces all items of the document by a snapshot.
pub(super) fn refill(
    transaction: &Transaction<'_>,
    owner: &Owner,
    snapshot: &Snapshot,
) -> Result<(), Broken> {
    let ours = "DELETE FROM items WHERE scope IN (SELECT key FROM scopes WHERE document = ?)";
    transaction.execute(ours, [&owner.document])?;
    transaction.execute("DELETE FROM scopes WHERE document = ?", [&owner.document])?;
    for (scope, items) in snapshot {
        fill(transaction, owner, &scope.to_key(), items)?;
    }
    Ok(())
}

/// Removes the oldest item, and returns its identity.
pub(super) fn evict(transaction: &Transaction<'_>, scope: i64) -> rusqlite::Result<Option<String>> {
    let mut delete = transaction.prepare_cached(
        "DELETE FROM items WHERE position = (SELECT min(position) FROM items WHERE scope = ?) RETURNING id",
    )?;
    delete.query_row([scope], |row| row.get(0)).optional()
}

/// Reads a page that is neither filtered nor sorted.
pub(super) fn plain(transaction: &Transaction<'_>, row: &Row, query: &Query) -> Result<Page, Broken> {
    let position = match &query.start {
        Start::At(from) => {
            let nth = "SELECT position FROM items WHERE scope = ? ORDER BY position LIMIT 1 OFFSET ?";
            let nth = transaction.prepare_cached(nth)?.query_row([row.key, integer(*from)], |row| row.get(0));
            nth.optional()?.unwrap_or(i64::MAX)
        }
        Start::After(id) => {
            let mark = "SELECT position + 1 FROM items WHERE scope = ? AND id = ?";
            let mark = transaction.prepare_cached(mark)?.query_row(params![row.key, id], |row| row.get(0));
            mark.optional()?.unwrap_or(0)
        }
    };
    let before = "SELECT count(*) FROM items WHERE scope = ? AND position < ?";
    let skipped = transaction.prepare_cached(before)?.query_row([row.key, position], |row| row.get(0))?;
    let mut select = transaction.prepare_cached(
        "SELECT id, value FROM items WHERE scope = ? AND position >= ? ORDER BY position LIMIT ?",
    )?;
    let rows = select.query_map([row.key, position, integer(query.limit)], pair)?;
    let items = rows.map(|row| parsed(row?)).collect::<Result<_, Broken>>()?;
    Ok(Page { items, total: natural(row.count), skipped: natural(skipped) })
}

fn pair(row: &rusqlite::Row<'_>) -> rusqlite::Result<(String, String)> {
    Ok((row.get(0)?, row.get(1)?))
}

fn parsed((id, value): (String, String)) -> Result<(String, Value), Broken> {
    Ok((id, serde_json::from_str(&value)?))
}

/// Reads all items of a scope, one after the other.
pub(super) fn all<T>(
    transaction: &Transaction<'_>,
    scope: i64,
    read: impl FnOnce(&mut dyn Iterator<Item = (String, Value)>) -> T,
) -> Result<T, Broken> {
    let mut select =
        transaction.prepare_cached("SELECT id, value FROM items WHERE scope = ? ORDER BY position")?;
    let mut failed = None;
    let rows = select.query_map([scope], pair)?;
    let mut items = rows.map_while(|row| {
        row.map_err(Broken::from).and_then(parsed).map_err(|broken| failed = Some(broken)).ok()
    });
    let found = read(&mut items);
    drop(items);
    failed.map_or(Ok(found), Err)
}

/// Removes the items of a collection below an item.
pub(super) fn clear(
    transaction: &Transaction<'_>,
    owner: &Owner,
    (scope, id): (&Scope, &str),
    below: &Below,
) -> Result<(), Broken> {
    let parents = scope.parents.iter().cloned().chain([id.to_owned()]).collect();
    let child = Scope { collection: below.collection.clone(), parents };
    // The keys of scopes below the item begin with that of the child, without its closing characters.
    let key = child.to_key();
    let stem = key.strip_suffix("]]").unwrap_or(&key);
    let mut found = transaction.prepare_cached(
        "SELECT key, scope FROM scopes WHERE document = ?1 AND scope >= ?2 AND scope < ?2 || char(1114111)
         AND substr(scope, 1, length(?2)) = ?2",
    )?;
    let found =
        found.query_map([&owner.document, stem], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
    for (key, text) in found.collect::<Result<Vec<(i64, String)>, _>>()? {
        if !Scope::from_key(&text)?.is_below(scope, id) {
            continue;
        }
        transaction.prepare_cached("DELETE FROM items WHERE scope = ?")?.execute([key])?;
        let keep = if below.is_seeded {
            "UPDATE scopes SET count = 0 WHERE key = ?"
        } else {
            "DELETE FROM scopes WHERE key = ?"
        };
        transaction.prepare_cached(keep)?.execute([key])?;
    }
    let depth = below.collection.matches('{').count();
    if below.is_seeded && depth == child.parents.len() {
        match begin(transaction, owner, &key, &Items::new()) {
            Err(Broken::Store(StoreError::Full(_))) => {}
            begun => begun?,
        }
    }
    Ok(())
}
