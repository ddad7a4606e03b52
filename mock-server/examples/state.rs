//! Operations of the state's stores beside their bare drivers doing the same transaction, each a second by 16 callers, in
//! turns: `state FOLDER REDIS_URL` prints them as JSON. `cargo xtask bench state` runs it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use descant_mock::state::{Found, Items, Redis, Scope, Sqlite, Store};
use redis::Script;
use redis::aio::MultiplexedConnection;
use rusqlite::{Connection, TransactionBehavior, params};
use serde_json::{Value, json};
use tokio::task::JoinSet;

type Failure = Box<dyn std::error::Error + Send + Sync>;
type Outcome<T> = Result<T, Failure>;

const CALLERS: u64 = 16;
const TURN: Duration = Duration::from_millis(700);
const TURNS: usize = 5;

/// What is measured: a POST, a GET and a PATCH, as the store's operations and as what the driver must do for them.
const OPERATIONS: [&str; 3] = ["post", "get", "patch"];

#[tokio::main(worker_threads = 2)]
async fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(url)) = (arguments.next(), arguments.next()) else {
        return Err("usage: state FOLDER REDIS_URL".into());
    };
    let sqlite: Arc<dyn Store> = Arc::new(Sqlite::open(&Path::new(&folder).join("store.db"), "bench")?);
    let bare_sqlite = Arc::new(Bare::open(&Path::new(&folder).join("bare.db"))?);
    let redis: Arc<dyn Store> = Arc::new(Redis::connect(&url, "bench").await?);
    let bare_redis = BareRedis::connect(&url).await?;
    for store in [&sqlite, &redis] {
        store.begin(&scope(), Items::from([("one".into(), item())])).await?;
    }
    let mut found = BTreeMap::new();
    for operation in OPERATIONS {
        let mut rounds = Vec::new();
        for _ in 0..TURNS {
            let (store, bare) = (sqlite.clone(), bare_sqlite.clone());
            let ours = turn(move |caller| on_store(store.clone(), operation, caller)).await?;
            rounds.push((ours, turn(move |caller| on_sqlite(bare.clone(), operation, caller)).await?));
        }
        found.insert(format!("sqlite {operation}"), median(rounds));
        let mut rounds = Vec::new();
        for _ in 0..TURNS {
            let (store, bare) = (redis.clone(), bare_redis.clone());
            let ours = turn(move |caller| on_store(store.clone(), operation, caller)).await?;
            rounds.push((ours, turn(move |caller| on_redis(bare.clone(), operation, caller)).await?));
        }
        found.insert(format!("redis {operation}"), median(rounds));
    }
    println!("{}", json!(found));
    Ok(())
}

/// Calls a second.
async fn turn<F>(call: impl Fn(u64) -> F + Clone + Send + 'static) -> Outcome<f64>
where
    F: Future<Output = Outcome<()>> + Send,
{
    let start = Instant::now();
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let call = call.clone();
        callers.spawn(async move {
            let mut calls = 0;
            while start.elapsed() < TURN {
                call(caller).await?;
                calls += 1;
            }
            Ok::<u64, Failure>(calls)
        });
    }
    let mut calls = 0;
    for called in callers.join_all().await {
        calls += called?;
    }
    Ok(calls as f64 / start.elapsed().as_secs_f64())
}

/// The median share, with both speeds.
fn median(mut rounds: Vec<(f64, f64)>) -> Value {
    rounds.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
    rounds.get(rounds.len() / 2).map(|(ours, bare)| json!([ours / bare, ours, bare])).unwrap_or_default()
}

fn scope() -> Scope {
    Scope { collection: "/notes".into(), parents: Vec::new() }
}

fn item() -> Value {
    json!({"id": 10, "title": "Groceries", "author": {"id": 1, "name": "Ada"}, "lines": ["milk"], "status": "open"})
}

async fn on_store(store: Arc<dyn Store>, operation: &str, caller: u64) -> Outcome<()> {
    let scope = scope();
    let own = format!("c{caller}");
    match operation {
        "post" => {
            let number = store.number(&scope).await?.ok_or("not begun")?;
            store.insert(&scope, &number.to_string(), &item()).await?;
        }
        "get" => drop(store.get(&scope, "one").await?),
        _ => match store.get(&scope, &own).await? {
            Found::Item(stored) => drop(store.replace(&scope, &own, stored.version, &item()).await?),
            _ => drop(store.insert(&scope, &own, &item()).await?),
        },
    }
    Ok(())
}

/// A table as one would make it by hand, behind one connection on threads that may block.
struct Bare(Mutex<Connection>);

impl Bare {
    fn open(path: &Path) -> Outcome<Self> {
        let connection = Connection::open(path)?;
        connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
        connection.pragma_update(None, "synchronous", "normal")?;
        connection.execute_batch(
            "CREATE TABLE numbers (last INTEGER NOT NULL); INSERT INTO numbers VALUES (0);
             CREATE TABLE items (id TEXT PRIMARY KEY, version INTEGER NOT NULL, value TEXT NOT NULL);",
        )?;
        let insert = "INSERT INTO items VALUES ('one', 1, ?)";
        connection.execute(insert, [item().to_string()])?;
        Ok(Self(Mutex::new(connection)))
    }

    fn run<T>(&self, act: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Outcome<T> {
        let mut connection = self.0.lock().map_err(|_| "poisoned")?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = act(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }

    fn number(&self) -> Outcome<i64> {
        self.run(|it| {
            it.prepare_cached("UPDATE numbers SET last = last + 1 RETURNING last")?
                .query_row([], |row| row.get(0))
        })
    }

    fn insert(&self, id: &str) -> Outcome<usize> {
        let value = item().to_string();
        self.run(|it| {
            it.prepare_cached("INSERT OR IGNORE INTO items VALUES (?, 1, ?)")?.execute([id, &value])
        })
    }

    fn get(&self, id: &str) -> Outcome<(i64, Value)> {
        let connection = self.0.lock().map_err(|_| "poisoned")?;
        let mut select = connection.prepare_cached("SELECT version, value FROM items WHERE id = ?")?;
        let (version, value): (i64, String) = select.query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok((version, serde_json::from_str(&value)?))
    }

    fn replace(&self, id: &str, version: i64) -> Outcome<usize> {
        let update = "UPDATE items SET version = version + 1, value = ? WHERE id = ? AND version = ?";
        let value = item().to_string();
        self.run(|it| it.prepare_cached(update)?.execute(params![value, id, version]))
    }
}

/// Runs what blocks on a thread that may.
async fn blocking<T: Send + 'static>(
    bare: &Arc<Bare>,
    act: impl FnOnce(&Bare) -> Outcome<T> + Send + 'static,
) -> Outcome<T> {
    let bare = bare.clone();
    tokio::task::spawn_blocking(move || act(&bare)).await?
}

async fn on_sqlite(bare: Arc<Bare>, operation: &str, caller: u64) -> Outcome<()> {
    let own = format!("c{caller}");
    match operation {
        "post" => {
            let number = blocking(&bare, Bare::number).await?;
            blocking(&bare, move |bare| bare.insert(&number.to_string())).await.map(drop)
        }
        "get" => blocking(&bare, |bare| bare.get("one")).await.map(drop),
        _ => {
            let id = own.clone();
            match blocking(&bare, move |bare| bare.get(&id)).await {
                Ok((version, _)) => blocking(&bare, move |bare| bare.replace(&own, version)).await.map(drop),
                Err(_) => blocking(&bare, move |bare| bare.insert(&own)).await.map(drop),
            }
        }
    }
}

/// A hash as one would make it by hand, and scripts for what must not be parted.
#[derive(Clone)]
struct BareRedis {
    connection: MultiplexedConnection,
    insert: Arc<Script>,
    swap: Arc<Script>,
}

impl BareRedis {
    async fn connect(url: &str) -> Outcome<Self> {
        let connection = redis::Client::open(url)?.get_multiplexed_async_connection().await?;
        let insert = Script::new(
            "if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
             redis.call('ZADD', KEYS[2], redis.call('INCR', KEYS[3]), ARGV[1]) return 1",
        );
        let swap = Script::new(
            "if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
             redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) return 1",
        );
        Ok(Self { connection, insert: Arc::new(insert), swap: Arc::new(swap) })
    }

    async fn get(&mut self, id: &str) -> Outcome<Option<String>> {
        let found: Option<String> =
            redis::cmd("HGET").arg("bare:items").arg(id).query_async(&mut self.connection).await?;
        let _: Option<Value> = found.as_deref().map(serde_json::from_str).transpose()?;
        Ok(found)
    }

    async fn add(&mut self, id: &str) -> Outcome<()> {
        let mut call = self.insert.key("bare:items");
        call.key("bare:order").key("bare:writes").arg(id).arg(item().to_string());
        Ok(call.invoke_async::<u64>(&mut self.connection).await.map(drop)?)
    }
}

async fn on_redis(mut bare: BareRedis, operation: &str, caller: u64) -> Outcome<()> {
    let own = format!("c{caller}");
    match operation {
        "post" => {
            let number: u64 = redis::cmd("INCR").arg("bare:number").query_async(&mut bare.connection).await?;
            bare.add(&number.to_string()).await
        }
        "get" => bare.get("1").await.map(drop),
        _ => match bare.get(&own).await? {
            None => bare.add(&own).await,
            Some(found) => {
                let mut call = bare.swap.key("bare:items");
                call.arg(&own).arg(found).arg(item().to_string());
                Ok(call.invoke_async::<u64>(&mut bare.connection).await.map(drop)?)
            }
        },
    }
}
