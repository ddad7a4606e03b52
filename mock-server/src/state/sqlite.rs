//! Items in an SQLite file, so that they outlive the mock. Several documents and several processes may share one.
//!
//! The journal is a write-ahead log: what was acknowledged survives the end of the process, however it ends. It is not
//! synchronised with the disk at every write, so that a loss of power may take the last moments.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, TransactionBehavior, params};
use serde_json::Value;

use super::query::{Page, Query, Start};
use super::store::{
    Below, Found, Inserted, Items, Reply, Room, Scope, Snapshot, Store, StoreError, Stored, counted, first,
};

/// Marks a file as one of ours: `dsct`.
const APPLICATION: i64 = 0x6473_6374;
/// Of the tables; a file of another version is refused.
const VERSION: i64 = 2;

/// A scope has a row once it is begun. `writes` has one row: how many writes there were, each of which takes the next
/// number as its item's version.
const TABLES: &str = "
    CREATE TABLE scopes (
        key INTEGER PRIMARY KEY, document TEXT NOT NULL, scope TEXT NOT NULL, last INTEGER NOT NULL,
        count INTEGER NOT NULL, UNIQUE (document, scope));
    CREATE TABLE items (
        position INTEGER PRIMARY KEY, scope INTEGER NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL,
        value TEXT NOT NULL, UNIQUE (scope, id));
    CREATE INDEX items_in_order ON items (scope, position);
    CREATE TABLE writes (count INTEGER NOT NULL);
    INSERT INTO writes VALUES (0);";

/// Whether an operation writes. One that does takes the lock at once: a reader that becomes a writer could find that
/// another wrote meanwhile.
type Access = TransactionBehavior;
const READ: Access = TransactionBehavior::Deferred;
const WRITE: Access = TransactionBehavior::Immediate;

/// How long a write waits for that of another process.
const PATIENCE: Duration = Duration::from_secs(5);

/// Keeps the items of one document in an SQLite file.
pub struct Sqlite {
    file: Arc<File>,
    /// One operation at a time asks for a thread of the pool: the others wait without one.
    turn: tokio::sync::Mutex<()>,
}

/// The file, as the threads that may block see it.
struct File {
    path: PathBuf,
    document: String,
    room: Room,
    open: Mutex<Option<Open>>,
}

/// An open file, and which one it is.
struct Open {
    connection: Connection,
    identity: Option<(u64, u64)>,
}

impl Sqlite {
    /// Opens a file, or makes it. `document` keeps the items of one document from another's. Blocks.
    ///
    /// # Errors
    /// Where the file cannot be read and written, is no SQLite database, or one of another program.
    pub fn open(path: &Path, document: &str) -> Result<Self, StoreError> {
        Self::with_room(path, document, Room::default())
    }

    /// As [`Sqlite::open`], with this much room; its bytes are those of the whole file.
    ///
    /// # Errors
    /// As [`Sqlite::open`].
    pub fn with_room(path: &Path, document: &str, room: Room) -> Result<Self, StoreError> {
        let file =
            File { path: path.to_owned(), document: document.to_owned(), room, open: Mutex::default() };
        file.run(WRITE, |_, _| Ok(()))?;
        Ok(Self { file: Arc::new(file), turn: tokio::sync::Mutex::new(()) })
    }

    /// Runs an operation as one transaction, on a thread that may block.
    fn run<'a, T: Send + 'static>(
        &'a self,
        access: Access,
        operation: impl FnOnce(&Transaction<'_>, &File) -> Result<T, Broken> + Send + 'static,
    ) -> Reply<'a, T> {
        Box::pin(async move {
            let turn = self.turn.lock().await;
            let file = self.file.clone();
            let done = tokio::task::spawn_blocking(move || file.run(access, operation)).await;
            drop(turn);
            done.unwrap_or_else(|error| Err(StoreError::failed(self.file.path.display(), error)))
        })
    }

    /// Runs an operation on a scope, where it was begun.
    fn within<'a, T: Send + 'static>(
        &'a self,
        access: Access,
        scope: &Scope,
        operation: impl FnOnce(&Transaction<'_>, &Row, &File) -> Result<T, Broken> + Send + 'static,
    ) -> Reply<'a, Option<T>> {
        let scope = scope.to_key();
        self.run(access, move |transaction, file| match row(transaction, &file.document, &scope)? {
            Some(row) => operation(transaction, &row, file).map(Some),
            None => Ok(None),
        })
    }
}

/// Why an operation failed, before the file is named.
enum Broken {
    Sqlite(rusqlite::Error),
    Json(serde_json::Error),
    Store(StoreError),
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

impl File {
    fn run<T>(
        &self,
        access: Access,
        operation: impl FnOnce(&Transaction<'_>, &File) -> Result<T, Broken>,
    ) -> Result<T, StoreError> {
        let mut place = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = place.take_if(|open| open.identity != identity(&self.path)) {
            drop(open);
            let gone = "the file was removed or replaced while it was open, and what it kept is gone; \
                        from now on the state begins anew";
            return Err(StoreError::failed(self.path.display(), gone));
        }
        let open = match place.as_mut() {
            Some(open) => open,
            None => place.insert(self.opened().map_err(|broken| self.named(broken))?),
        };
        let run = || {
            let transaction = open.connection.transaction_with_behavior(access)?;
            let done = operation(&transaction, self)?;
            transaction.commit()?;
            Ok(done)
        };
        run().map_err(|broken| self.named(broken))
    }

    fn opened(&self) -> Result<Open, Broken> {
        let mut connection = Connection::open(&self.path)?;
        connection.busy_timeout(PATIENCE)?;
        connection.set_prepared_statement_cache_capacity(32);
        connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
        connection.pragma_update(None, "synchronous", "normal")?;
        let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let pages = i64::try_from(self.room.bytes).unwrap_or(i64::MAX) / page.max(1);
        connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
        let transaction = connection.transaction_with_behavior(WRITE)?;
        let known: i64 = transaction.pragma_query_value(None, "application_id", |row| row.get(0))?;
        let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let tables: i64 =
            transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        match (known, version, tables) {
            (APPLICATION, VERSION, _) => {}
            (_, _, 0) => {
                transaction.execute_batch(TABLES)?;
                transaction.pragma_update(None, "application_id", APPLICATION)?;
                transaction.pragma_update(None, "user_version", VERSION)?;
            }
            _ => {
                let foreign = "it is a database of another program, or of another version of this one; \
                               name another file";
                return Err(StoreError::failed(self.path.display(), foreign).into());
            }
        }
        transaction.commit()?;
        Ok(Open { connection, identity: identity(&self.path) })
    }

    /// Names the file in a failure.
    fn named(&self, broken: Broken) -> StoreError {
        let path = self.path.display();
        match broken {
            Broken::Store(error) => error,
            Broken::Json(error) => StoreError::failed(path, error),
            Broken::Sqlite(error) if error.sqlite_error_code() == Some(ErrorCode::DiskFull) => {
                StoreError::Full(format!(
                    "{path} or its disk has room for; delete items or reset its state, \
                     and where the disk is full, free some of it first"
                ))
            }
            Broken::Sqlite(error) => StoreError::failed(path, error),
        }
    }
}

/// Device and number of a file: another file may come to stand under its name.
#[cfg(unix)]
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

/// Elsewhere an open file cannot be removed.
#[cfg(not(unix))]
fn identity(_: &Path) -> Option<(u64, u64)> {
    None
}

/// A begun scope.
struct Row {
    key: i64,
    last: i64,
    count: i64,
}

/// A number as SQLite has it.
fn integer(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

/// A number that SQLite had, as the store has it.
fn natural<T: TryFrom<i64> + Default>(number: i64) -> T {
    number.try_into().unwrap_or_default()
}

fn row(transaction: &Transaction<'_>, document: &str, scope: &str) -> rusqlite::Result<Option<Row>> {
    let query = "SELECT key, last, count FROM scopes WHERE document = ? AND scope = ?";
    let mut query = transaction.prepare_cached(query)?;
    let row = query.query_row([document, scope], |row| {
        Ok(Row { key: row.get(0)?, last: row.get(1)?, count: row.get(2)? })
    });
    row.optional()
}

fn set(transaction: &Transaction<'_>, row: &Row) -> rusqlite::Result<()> {
    let mut update = transaction.prepare_cached("UPDATE scopes SET last = ?, count = ? WHERE key = ?")?;
    update.execute(params![row.last, row.count, row.key]).map(|_| ())
}

/// Returns the number of a write.
fn next(transaction: &Transaction<'_>) -> rusqlite::Result<i64> {
    let mut update = transaction.prepare_cached("UPDATE writes SET count = count + 1 RETURNING count")?;
    update.query_row([], |row| row.get(0))
}

fn add(transaction: &Transaction<'_>, scope: i64, id: &str, value: &str) -> rusqlite::Result<()> {
    let version = next(transaction)?;
    let mut insert = transaction.prepare_cached(
        "INSERT INTO items (position, scope, id, version, value) VALUES (?1, ?2, ?3, ?1, ?4)",
    )?;
    insert.execute(params![version, scope, id, value]).map(|_| ())
}

fn get(transaction: &Transaction<'_>, scope: i64, id: &str) -> Result<Option<Stored>, Broken> {
    let mut query =
        transaction.prepare_cached("SELECT version, value FROM items WHERE scope = ? AND id = ?")?;
    let found = query.query_row(params![scope, id], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)));
    let Some((version, value)) = found.optional()? else { return Ok(None) };
    Ok(Some(Stored { item: serde_json::from_str(&value)?, version: natural(version) }))
}

/// Begins a scope, where there is room for one more.
fn begin(transaction: &Transaction<'_>, file: &File, scope: &str, items: &Items) -> Result<(), Broken> {
    if row(transaction, &file.document, scope)?.is_some() {
        return Ok(());
    }
    let count = "SELECT count(*) FROM scopes WHERE document = ?";
    let count: i64 = transaction.query_row(count, [&file.document], |row| row.get(0))?;
    if count >= integer(file.room.scopes) {
        return Err(StoreError::no_scope(file.room.scopes).into());
    }
    Ok(fill(transaction, file, scope, items)?)
}

fn fill(transaction: &Transaction<'_>, file: &File, scope: &str, items: &Items) -> rusqlite::Result<()> {
    transaction.execute(
        "INSERT INTO scopes (document, scope, last, count) VALUES (?, ?, ?, ?)",
        params![file.document, scope, integer(first(items)), integer(items.len())],
    )?;
    let key = transaction.last_insert_rowid();
    items.iter().try_for_each(|(id, item)| add(transaction, key, id, &item.to_string()))
}

/// Puts a snapshot in the place of all that the document has.
fn refill(transaction: &Transaction<'_>, file: &File, snapshot: &Snapshot) -> Result<(), Broken> {
    let ours = "DELETE FROM items WHERE scope IN (SELECT key FROM scopes WHERE document = ?)";
    transaction.execute(ours, [&file.document])?;
    transaction.execute("DELETE FROM scopes WHERE document = ?", [&file.document])?;
    for (scope, items) in snapshot {
        fill(transaction, file, &scope.to_key(), items)?;
    }
    Ok(())
}

/// Removes the oldest item, and returns its identity.
fn evict(transaction: &Transaction<'_>, scope: i64) -> rusqlite::Result<Option<String>> {
    let mut delete = transaction.prepare_cached(
        "DELETE FROM items WHERE position = (SELECT min(position) FROM items WHERE scope = ?) RETURNING id",
    )?;
    delete.query_row([scope], |row| row.get(0)).optional()
}

/// A page as SQL can cut it: neither filtered nor sorted.
fn plain(transaction: &Transaction<'_>, row: &Row, query: &Query) -> Result<Page, Broken> {
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
fn all<T>(
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

/// Removes what is kept in a collection below an item.
fn clear(
    transaction: &Transaction<'_>,
    file: &File,
    (scope, id): (&Scope, &str),
    below: &Below,
) -> Result<(), Broken> {
    let parents = scope.parents.iter().cloned().chain([id.to_owned()]).collect();
    let child = Scope { collection: below.collection.clone(), parents };
    // Keys of scopes below the item begin like that of the child, but for what closes it.
    let key = child.to_key();
    let stem = key.strip_suffix("]]").unwrap_or(&key);
    let mut found = transaction.prepare_cached(
        "SELECT key, scope FROM scopes WHERE document = ?1 AND scope >= ?2 AND scope < ?2 || char(1114111)
         AND substr(scope, 1, length(?2)) = ?2",
    )?;
    let found = found.query_map([&file.document, stem], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
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
        match begin(transaction, file, &key, &Items::new()) {
            Err(Broken::Store(StoreError::Full(_))) => {}
            begun => begun?,
        }
    }
    Ok(())
}

impl Store for Sqlite {
    fn get<'a>(&'a self, scope: &'a Scope, id: &'a str) -> Reply<'a, Found> {
        let id = id.to_owned();
        let found = self.within(READ, scope, move |transaction, row, _| get(transaction, row.key, &id));
        Box::pin(async move {
            Ok(match found.await? {
                None => Found::Unbegun,
                Some(found) => found.map_or(Found::Missing, Found::Item),
            })
        })
    }

    fn page<'a>(&'a self, scope: &'a Scope, query: &'a Query) -> Reply<'a, Option<Page>> {
        let query = query.clone();
        self.within(READ, scope, move |transaction, row, _| match query.is_plain() {
            true => plain(transaction, row, &query),
            false => all(transaction, row.key, |items| {
                query.select(items.map(|(id, item)| (Cow::Owned(id), Cow::Owned(item))))
            }),
        })
    }

    fn begin<'a>(&'a self, scope: &'a Scope, items: Items) -> Reply<'a, ()> {
        let scope = scope.to_key();
        self.run(WRITE, move |transaction, file| begin(transaction, file, &scope, &items))
    }

    fn number<'a>(&'a self, scope: &'a Scope) -> Reply<'a, Option<u64>> {
        self.within(WRITE, scope, |transaction, row, _| {
            let last = row.last.saturating_add(1);
            set(transaction, &Row { last, ..*row })?;
            Ok(natural(last))
        })
    }

    fn insert<'a>(&'a self, scope: &'a Scope, id: &'a str, item: &'a Value) -> Reply<'a, Inserted> {
        let (id, value) = (id.to_owned(), item.to_string());
        let inserted = self.within(WRITE, scope, move |transaction, row, file| {
            let mut taken = transaction.prepare_cached("SELECT 1 FROM items WHERE scope = ? AND id = ?")?;
            if taken.exists(params![row.key, id])? {
                return Ok(Inserted::Taken);
            }
            add(transaction, row.key, &id, &value)?;
            let is_full = row.count >= integer(file.room.items);
            let evicted = if is_full { evict(transaction, row.key)? } else { None };
            let count = row.count + i64::from(evicted.is_none());
            let last = integer(counted(natural(row.last), &id));
            set(transaction, &Row { last, count, ..*row })?;
            Ok(Inserted::Done { evicted })
        });
        Box::pin(async move { Ok(inserted.await?.unwrap_or(Inserted::Unbegun)) })
    }

    fn replace<'a>(
        &'a self,
        scope: &'a Scope,
        id: &'a str,
        version: u64,
        item: &'a Value,
    ) -> Reply<'a, bool> {
        let (id, value) = (id.to_owned(), item.to_string());
        let replaced = self.within(WRITE, scope, move |transaction, row, _| {
            let update = "UPDATE items SET version = ?, value = ? WHERE scope = ? AND id = ? AND version = ?";
            let mut update = transaction.prepare_cached(update)?;
            Ok(update.execute(params![next(transaction)?, value, row.key, id, integer(version)])? == 1)
        });
        Box::pin(async move { Ok(replaced.await?.unwrap_or(false)) })
    }

    fn remove<'a>(&'a self, scope: &'a Scope, id: &'a str, below: &'a [Below]) -> Reply<'a, Found> {
        let (within, id, below) = (scope.clone(), id.to_owned(), below.to_vec());
        let removed = self.within(WRITE, scope, move |transaction, row, file| {
            let Some(stored) = get(transaction, row.key, &id)? else { return Ok(Found::Missing) };
            let delete = "DELETE FROM items WHERE scope = ? AND id = ?";
            transaction.prepare_cached(delete)?.execute(params![row.key, id])?;
            set(transaction, &Row { count: row.count - 1, ..*row })?;
            below.iter().try_for_each(|below| clear(transaction, file, (&within, &id), below))?;
            Ok(Found::Item(stored))
        });
        Box::pin(async move { Ok(removed.await?.unwrap_or(Found::Unbegun)) })
    }

    fn restore<'a>(&'a self, snapshot: Snapshot) -> Reply<'a, ()> {
        let snapshot = Arc::new(snapshot);
        let restored = move || {
            let snapshot = snapshot.clone();
            self.run(WRITE, move |transaction, file| refill(transaction, file, &snapshot))
        };
        Box::pin(async move {
            // That the file was gone matters no more.
            match restored().await {
                Err(StoreError::Failed(_)) => restored().await,
                done => done,
            }
        })
    }

    fn snapshot(&self) -> Reply<'_, Snapshot> {
        self.run(READ, |transaction, file| {
            let mut scopes =
                transaction.prepare("SELECT key, scope FROM scopes WHERE document = ? ORDER BY scope")?;
            let scopes = scopes.query_map([&file.document], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let scopes = scopes.collect::<Result<Vec<(i64, String)>, _>>()?;
            let items = scopes.into_iter().map(|(key, scope)| {
                Ok((Scope::from_key(&scope)?, all(transaction, key, |items| items.collect())?))
            });
            items.collect()
        })
    }
}
