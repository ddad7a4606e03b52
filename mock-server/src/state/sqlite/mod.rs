//! The backend in an SQLite file, which outlives the mock. Several documents and several processes may share a file.
//!
//! The journal is a write-ahead log: acknowledged writes survive a crash of the process. It is not synchronised with the
//! disk at every write: a loss of power may lose the last ones.

mod tables;

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use serde_json::Value;
use tokio::sync::Semaphore;

use self::tables::{
    Broken, Owner, Row, TABLES, add, all, begin, clear, evict, get, integer, natural, plain, refill, replace,
    row, set,
};
use crate::state::query::{Page, Query};
use crate::state::store::{
    Below, Found, Inserted, Items, Reply, Room, Scope, Snapshot, Store, StoreError, counted,
};

/// The application id of the file: `dsct`.
const APPLICATION: i64 = 0x6473_6374;
/// The version of the tables; a file of another version is refused.
const VERSION: i64 = 2;

/// Whether an operation writes. A write takes the lock at once: a reader that becomes a writer fails where another wrote
/// meanwhile.
type Access = TransactionBehavior;
const READ: Access = TransactionBehavior::Deferred;
const WRITE: Access = TransactionBehavior::Immediate;

/// The timeout of a write that waits for another process.
const PATIENCE: Duration = Duration::from_secs(5);

/// The number of threads that wait for the connection.
const THREADS: usize = 8;

/// Keeps the items of one document in an SQLite file.
pub struct Sqlite {
    file: Arc<File>,
    /// Admits a few operations to threads that wait for the connection, so that it is never idle; others wait without a thread.
    threads: Semaphore,
}

/// The part of the store that blocking threads share.
struct File {
    path: PathBuf,
    owner: Owner,
    open: Mutex<Option<Open>>,
}

/// An open file, and its identity.
struct Open {
    connection: Connection,
    identity: Option<(u64, u64)>,
}

impl Sqlite {
    /// Opens or creates a file. `document` separates the items of one document from another's. Blocks.
    ///
    /// # Errors
    /// Where the file cannot be read and written, is no SQLite database, or one of another program.
    pub fn open(path: &Path, document: &str) -> Result<Self, StoreError> {
        Self::with_room(path, document, Room::default())
    }

    /// Opens or creates a file with a capacity, whose bytes are those of the whole file.
    ///
    /// # Errors
    /// As [`Sqlite::open`].
    pub fn with_room(path: &Path, document: &str, room: Room) -> Result<Self, StoreError> {
        let owner = Owner { document: document.to_owned(), room };
        let file = File { path: path.to_owned(), owner, open: Mutex::default() };
        file.run(WRITE, |_, _| Ok(()))?;
        Ok(Self { file: Arc::new(file), threads: Semaphore::new(THREADS) })
    }

    /// Runs an operation as one transaction, on a thread that may block.
    fn run<'a, T: Send + 'static>(
        &'a self,
        access: Access,
        operation: impl FnOnce(&Transaction<'_>, &Owner) -> Result<T, Broken> + Send + 'static,
    ) -> Reply<'a, T> {
        Box::pin(async move {
            // The semaphore is never closed.
            let thread = self.threads.acquire().await;
            let file = self.file.clone();
            let done = tokio::task::spawn_blocking(move || file.run(access, operation)).await;
            drop(thread);
            done.unwrap_or_else(|error| Err(StoreError::failed(self.file.path.display(), error)))
        })
    }

    /// Runs an operation on a scope that was begun.
    fn within<'a, T: Send + 'static>(
        &'a self,
        access: Access,
        scope: &Scope,
        operation: impl FnOnce(&Transaction<'_>, &Row, &Owner) -> Result<T, Broken> + Send + 'static,
    ) -> Reply<'a, Option<T>> {
        let scope = scope.to_key();
        self.run(access, move |transaction, owner| match row(transaction, &owner.document, &scope)? {
            Some(row) => operation(transaction, &row, owner).map(Some),
            None => Ok(None),
        })
    }
}

impl File {
    fn run<T>(
        &self,
        access: Access,
        operation: impl FnOnce(&Transaction<'_>, &Owner) -> Result<T, Broken>,
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
        let run = || -> Result<T, Broken> {
            let transaction = open.connection.transaction_with_behavior(access)?;
            let done = operation(&transaction, &self.owner)?;
            transaction.commit()?;
            Ok(done)
        };
        run().map_err(|broken| match broken.is_full() && is_disk_full(&open.connection) {
            true => StoreError::Full(format!(
                "the disk of {} has room for; free some of the disk, as DELETE and reset need room, too",
                self.path.display()
            )),
            false => self.named(broken),
        })
    }

    fn opened(&self) -> Result<Open, Broken> {
        let mut connection = Connection::open(&self.path)?;
        connection.busy_timeout(PATIENCE)?;
        connection.set_prepared_statement_cache_capacity(32);
        connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
        connection.pragma_update(None, "synchronous", "normal")?;
        let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let pages = i64::try_from(self.owner.room.bytes).unwrap_or(i64::MAX) / page.max(1);
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

    /// Returns a failure that names the file.
    fn named(&self, broken: Broken) -> StoreError {
        let path = self.path.display();
        match broken {
            Broken::Store(error) => error,
            Broken::Json(error) => StoreError::failed(path, error),
            broken if broken.is_full() => {
                StoreError::Full(format!("{path} has room for; delete items, or reset its state"))
            }
            Broken::Sqlite(error) => StoreError::failed(path, error),
        }
    }
}

/// Whether the device is full: then even a write without new pages fails. Otherwise the file has reached its own limit.
fn is_disk_full(connection: &Connection) -> bool {
    let written = connection.pragma_update(None, "user_version", VERSION);
    written.is_err_and(|error| Broken::from(error).is_full())
}

/// Returns device and inode of a file: another file may replace it under its name.
#[cfg(unix)]
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

/// On other systems an open file cannot be removed.
#[cfg(not(unix))]
fn identity(_: &Path) -> Option<(u64, u64)> {
    None
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
        self.run(WRITE, move |transaction, owner| begin(transaction, owner, &scope, &items))
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
        let inserted = self.within(WRITE, scope, move |transaction, row, owner| {
            let mut taken = transaction.prepare_cached("SELECT 1 FROM items WHERE scope = ? AND id = ?")?;
            if taken.exists(params![row.key, id])? {
                return Ok(Inserted::Taken);
            }
            add(transaction, row.key, &id, &value)?;
            let is_full = row.count >= integer(owner.room.items);
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
        let (scope, id, value) = (scope.to_key(), id.to_owned(), item.to_string());
        self.run(WRITE, move |transaction, owner| {
            replace(transaction, &owner.document, (&scope, &id), version, &value)
        })
    }

    fn remove<'a>(&'a self, scope: &'a Scope, id: &'a str, below: &'a [Below]) -> Reply<'a, Found> {
        let (within, id, below) = (scope.clone(), id.to_owned(), below.to_vec());
        let removed = self.within(WRITE, scope, move |transaction, row, owner| {
            let Some(stored) = get(transaction, row.key, &id)? else { return Ok(Found::Missing) };
            let delete = "DELETE FROM items WHERE scope = ? AND id = ?";
            transaction.prepare_cached(delete)?.execute(params![row.key, id])?;
            set(transaction, &Row { count: row.count - 1, ..*row })?;
            below.iter().try_for_each(|below| clear(transaction, owner, (&within, &id), below))?;
            Ok(Found::Item(stored))
        });
        Box::pin(async move { Ok(removed.await?.unwrap_or(Found::Unbegun)) })
    }

    fn restore<'a>(&'a self, snapshot: Snapshot) -> Reply<'a, ()> {
        let snapshot = Arc::new(snapshot);
        let restored = move || {
            let snapshot = snapshot.clone();
            self.run(WRITE, move |transaction, owner| refill(transaction, owner, &snapshot))
        };
        Box::pin(async move {
            // The file may have been removed before.
            match restored().await {
                Err(StoreError::Failed(_)) => restored().await,
                done => done,
            }
        })
    }

    fn snapshot(&self) -> Reply<'_, Snapshot> {
        self.run(READ, |transaction, owner| {
            let mut scopes =
                transaction.prepare("SELECT key, scope FROM scopes WHERE document = ? ORDER BY scope")?;
            let scopes = scopes.query_map([&owner.document], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let scopes = scopes.collect::<Result<Vec<(i64, String)>, _>>()?;
            let items = scopes.into_iter().map(|(key, scope)| {
                Ok((Scope::from_key(&scope)?, all(transaction, key, |items| items.collect())?))
            });
            items.collect()
        })
    }
}
