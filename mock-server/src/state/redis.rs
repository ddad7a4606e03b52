//! Items in Redis, for several replicas of a mock behind one balancer.
//!
//! Each operation is one call of a script of its own, which Redis runs alone. Keys begin with `descant:` and the document's name as
//! a JSON string, so that no document's keys are another's, and none is found by a pattern.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex as Lock, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, ErrorKind, FromRedisValue, RedisError, Script, ScriptInvocation};
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::query::{Page, Query, Start};
use super::store::{
    Below, Found, Inserted, Items, Reply, Room, STRIDE, Scope, Snapshot, Store, StoreError, Stored, first,
};

/// How long Redis may take for one operation, connecting included.
const PATIENCE: Duration = Duration::from_millis(700);
/// The same for an operation on everything that is kept.
const LONG_PATIENCE: Duration = Duration::from_secs(10);

/// Keeps the items of one document in a Redis server.
pub struct Redis {
    client: redis::Client,
    /// The server as messages name it: host and port, without a password.
    place: String,
    room: Room,
    /// What all its keys begin with.
    prefix: String,
    /// The script of each operation.
    scripts: BTreeMap<&'static str, Script>,
    connection: Mutex<Option<MultiplexedConnection>>,
    /// What marks the server's data; another mark means that the server lost them. `None` until it was read.
    epoch: Lock<Option<Arc<str>>>,
}

/// How many versions an item has from one number of the server's counter on.
const VERSIONS: u64 = 1 << 20;

/// Cuts the scripts of the operations out of their file.
fn scripts(text: &'static str) -> BTreeMap<&'static str, Script> {
    let mut sections = text.split("\n--- ");
    let mut above = sections.next().unwrap_or_default().to_owned();
    let mut scripts = BTreeMap::new();
    for (name, body) in sections.filter_map(|section| section.split_once('\n')) {
        match name {
            "tools" => above.push_str(body),
            _ => _ = scripts.insert(name, Script::new(&format!("{above}\n{body}"))),
        }
    }
    scripts
}

impl Redis {
    /// Connects to `redis://HOST:PORT/DB`. `document` keeps the items of one document from another's.
    ///
    /// # Errors
    /// Where the URL asks for TLS or is none, the server does not answer, wants a password, or may evict keys.
    pub async fn connect(url: &str, document: &str) -> Result<Self, StoreError> {
        Self::with_room(url, document, Room::default()).await
    }

    /// As [`Redis::connect`], with this much room; of bytes it has what the server's `maxmemory` says.
    ///
    /// # Errors
    /// As [`Redis::connect`].
    pub async fn with_room(url: &str, document: &str, room: Room) -> Result<Self, StoreError> {
        if url.starts_with("rediss:") {
            let reason = "TLS to Redis is not supported; put a TLS proxy between, and name it as `redis://`";
            return Err(StoreError::failed("rediss://", reason));
        }
        let client = redis::Client::open(url)
            .map_err(|error| StoreError::failed("a Redis server is `redis://HOST:PORT/DB`", error))?;
        let store = Self {
            place: format!("Redis at {}", client.get_connection_info().addr()),
            client,
            room,
            prefix: format!("descant:{}:", Value::from(document)),
            scripts: scripts(include_str!("redis.lua")),
            connection: Mutex::default(),
            epoch: Lock::default(),
        };
        store.within(PATIENCE, store.connected()).await?;
        Ok(store)
    }

    /// Calls the script. `fill` adds what the operation takes.
    async fn call<T: FromRedisValue>(
        &self,
        operation: &str,
        scope: &str,
        patience: Duration,
        fill: impl FnOnce(&mut ScriptInvocation<'_>),
    ) -> Result<T, StoreError> {
        let called = async {
            let (mut connection, epoch) = self.connected().await?;
            let script = self.scripts.get(operation);
            let script = script.ok_or_else(|| StoreError::failed(operation, "no script has this name"))?;
            let mut call = script.key(&self.prefix);
            call.arg(&*epoch).arg(scope);
            fill(&mut call);
            call.invoke_async(&mut connection).await.map_err(|error| self.broken(&error))
        };
        self.within(patience, called).await
    }

    /// Gives an operation so much time; one that takes longer may have been carried out.
    async fn within<T>(
        &self,
        patience: Duration,
        operation: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        timeout(patience, operation).await.unwrap_or_else(|_| {
            self.disconnect();
            Err(self.late(patience))
        })
    }

    /// Reads an item without the script; `None` where the hash is not of this epoch, and the script is to say why.
    async fn look(&self, scope: &str, id: &str) -> Result<Option<Found>, StoreError> {
        let looked = async {
            let (mut connection, epoch) = self.connected().await?;
            let mut read = redis::cmd("HMGET");
            read.arg(format!("{}items:{scope}", self.prefix)).arg("epoch").arg(format!(":{id}"));
            let found: Result<(Option<String>, Option<String>), _> = read.query_async(&mut connection).await;
            let (marked, text) = found.map_err(|error| self.broken(&error))?;
            if marked.as_deref() != Some(&*epoch) {
                return Ok(None);
            }
            text.map_or(Ok(Found::Missing), |text| self.parse(&text).map(Found::Item)).map(Some)
        };
        self.within(PATIENCE, looked).await
    }

    /// Returns a connection and the epoch of the server's data; connects where there is no connection.
    async fn connected(&self) -> Result<(MultiplexedConnection, Arc<str>), StoreError> {
        let mut place = self.connection.lock().await;
        if let Some(connection) = &*place
            && let Some(epoch) = self.epoch().clone()
        {
            return Ok((connection.clone(), epoch));
        }
        let config = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        let connection = self.client.get_multiplexed_async_connection_with_config(&config).await;
        let mut connection = connection.map_err(|error| self.broken(&error))?;
        self.check_policy(&mut connection).await?;
        let found = self.read_epoch(&mut connection).await.map_err(|error| self.broken(&error))?;
        *place = Some(connection.clone());
        let known = self.epoch().replace(found.clone());
        match known.is_none_or(|known| known == found) {
            true => Ok((connection, found)),
            false => Err(self.lost()),
        }
    }

    /// Refuses a server that evicts keys without a time to live: it would lose what was acknowledged.
    async fn check_policy(&self, connection: &mut MultiplexedConnection) -> Result<(), StoreError> {
        let info: String = redis::cmd("INFO")
            .arg("memory")
            .query_async(connection)
            .await
            .map_err(|error| self.broken(&error))?;
        let value = |name: &str| info.lines().find_map(|line| line.strip_prefix(name));
        let policy = value("maxmemory_policy:").unwrap_or_default();
        let is_bounded = value("maxmemory:").is_some_and(|bytes| bytes != "0");
        if is_bounded && policy.starts_with("allkeys") {
            let reason = format!(
                "its maxmemory-policy `{policy}` evicts what the mock keeps; set `noeviction` or a `volatile` policy"
            );
            return Err(StoreError::failed(&self.place, reason));
        }
        Ok(())
    }

    /// Returns the epoch of the server's data; marks the server where it has none.
    async fn read_epoch(&self, connection: &mut MultiplexedConnection) -> Result<Arc<str>, RedisError> {
        let key = format!("{}epoch", self.prefix);
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        let fresh = format!("{}-{since}", std::process::id());
        let mut marking = redis::pipe();
        marking.cmd("SET").arg(&key).arg(fresh).arg("NX").ignore().cmd("GET").arg(&key);
        let (found,): (String,) = marking.query_async(connection).await?;
        Ok(found.into())
    }

    fn epoch(&self) -> std::sync::MutexGuard<'_, Option<Arc<str>>> {
        self.epoch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the next call connect anew. Where the connection is locked, another call connects already.
    fn disconnect(&self) {
        if let Ok(mut connection) = self.connection.try_lock() {
            *connection = None;
        }
    }

    fn late(&self, patience: Duration) -> StoreError {
        StoreError::failed(&self.place, format!("no answer within {} ms", patience.as_millis()))
    }

    fn lost(&self) -> StoreError {
        let reason = "the server lost what the mock kept: it was flushed, or restarted without persistence; \
                      from now on the state begins anew";
        StoreError::failed(&self.place, reason)
    }

    /// What an error of the server or the connection means.
    fn broken(&self, error: &RedisError) -> StoreError {
        let text = error.to_string();
        let is = |code: &str| error.code() == Some(code) || text.contains(code);
        if is("LOST") {
            self.disconnect();
            *self.epoch() = None;
            return self.lost();
        }
        if is("OOM") {
            let most = format!("{} has memory for; delete items, or reset its state", self.place);
            return StoreError::Full(most);
        }
        if is("DAMAGED") {
            let reason = "the server lost a part of what the mock kept: keys were evicted or deleted; \
                          reset the state";
            return StoreError::failed(&self.place, reason);
        }
        if error.kind() == ErrorKind::AuthenticationFailed || is("NOAUTH") || is("WRONGPASS") {
            let reason = format!("{text}; the password belongs into the URL: redis://:PASSWORD@HOST");
            return StoreError::failed(&self.place, reason);
        }
        // Whatever else was read, the next call begins on a connection that is in step.
        self.disconnect();
        StoreError::failed(&self.place, text)
    }

    /// What the script returns for one item: what became of it, and its text.
    fn found(&self, (word, text): (String, Option<String>)) -> Result<Found, StoreError> {
        Ok(match (word.as_str(), text) {
            ("unbegun", _) => Found::Unbegun,
            ("missing", _) => Found::Missing,
            (_, text) => Found::Item(self.parse(&text.unwrap_or_default())?),
        })
    }

    fn parse(&self, text: &str) -> Result<Stored, StoreError> {
        let parsed = text.split_once(' ').and_then(|(version, item)| {
            Some(Stored { version: version.parse().ok()?, item: serde_json::from_str(item).ok()? })
        });
        parsed.ok_or_else(|| {
            let reason = format!("a value that this mock did not write ({} bytes)", text.len());
            StoreError::failed(&self.place, reason)
        })
    }

    fn pairs(&self, ids: Vec<String>, texts: &[String]) -> Result<Vec<(String, Value)>, StoreError> {
        let items = ids.into_iter().zip(texts);
        items.map(|(id, text)| Ok((id, self.parse(text)?.item))).collect()
    }

    async fn cut(&self, scope: &Scope, start: &Start, limit: usize) -> Result<Option<Page>, StoreError> {
        type Cut = (usize, usize, Vec<String>, Vec<String>);
        let (word, mark) = match start {
            Start::At(from) => ("at", from.to_string()),
            Start::After(id) => ("after", id.clone()),
        };
        let fill = |call: &mut ScriptInvocation<'_>| _ = call.arg(word).arg(mark).arg(limit);
        let cut: Option<Cut> = self.call("page", &scope.to_key(), PATIENCE, fill).await?;
        let Some((total, skipped, ids, texts)) = cut else { return Ok(None) };
        Ok(Some(Page { items: self.pairs(ids, &texts)?, total, skipped }))
    }
}

fn fill(call: &mut ScriptInvocation<'_>, items: &Items) {
    items.iter().for_each(|(id, item)| _ = call.arg(id).arg(item.to_string()));
}

/// What is cleared below an item, as the script takes it.
fn fill_below(call: &mut ScriptInvocation<'_>, scope: &Scope, id: &str, below: &Below) {
    let parents: Vec<String> = scope.parents.iter().cloned().chain([id.to_owned()]).collect();
    let is_child = below.collection.matches('{').count() == parents.len();
    let key = Scope { collection: below.collection.clone(), parents }.to_key();
    let child = if below.is_seeded && is_child { key.as_str() } else { "" };
    // Scopes below the item begin like the child, but for what closes its key.
    call.arg(key.strip_suffix("]]")).arg(child).arg(u8::from(below.is_seeded));
}

impl Store for Redis {
    fn get<'a>(&'a self, scope: &'a Scope, id: &'a str) -> Reply<'a, Found> {
        Box::pin(async move {
            let key = scope.to_key();
            match self.look(&key, id).await? {
                Some(found) => Ok(found),
                None => self.found(self.call("get", &key, PATIENCE, |call| _ = call.arg(id)).await?),
            }
        })
    }

    fn page<'a>(&'a self, scope: &'a Scope, query: &'a Query) -> Reply<'a, Option<Page>> {
        Box::pin(async move {
            if query.is_plain() {
                return self.cut(scope, &query.start, query.limit).await;
            }
            let Some(all) = self.cut(scope, &Start::At(0), usize::MAX).await? else { return Ok(None) };
            let items = all.items.into_iter().map(|(id, item)| (Cow::Owned(id), Cow::Owned(item)));
            Ok(Some(query.select(items)))
        })
    }

    fn begin<'a>(&'a self, scope: &'a Scope, items: Items) -> Reply<'a, ()> {
        Box::pin(async move {
            let fill = |call: &mut ScriptInvocation<'_>| {
                call.arg(self.room.scopes).arg(first(&items));
                fill(call, &items);
            };
            match self.call("begin", &scope.to_key(), PATIENCE, fill).await? {
                true => Ok(()),
                false => Err(StoreError::no_scope(self.room.scopes)),
            }
        })
    }

    fn number<'a>(&'a self, scope: &'a Scope) -> Reply<'a, Option<u64>> {
        Box::pin(async move { self.call("number", &scope.to_key(), PATIENCE, |_| {}).await })
    }

    fn insert<'a>(&'a self, scope: &'a Scope, id: &'a str, item: &'a Value) -> Reply<'a, Inserted> {
        Box::pin(async move {
            let fill = |call: &mut ScriptInvocation<'_>| {
                call.arg(id).arg(item.to_string()).arg(self.room.items).arg(STRIDE);
            };
            let (word, evicted): (String, Option<String>) =
                self.call("insert", &scope.to_key(), PATIENCE, fill).await?;
            Ok(match word.as_str() {
                "unbegun" => Inserted::Unbegun,
                "taken" => Inserted::Taken,
                _ => Inserted::Done { evicted },
            })
        })
    }

    fn replace<'a>(
        &'a self,
        scope: &'a Scope,
        id: &'a str,
        version: u64,
        item: &'a Value,
    ) -> Reply<'a, bool> {
        Box::pin(async move {
            // The script takes a version from the server where those below this one are used up.
            let next = Some(version + 1).filter(|next| next % VERSIONS != 0);
            let next = next.map(|next| format!("{next} ")).unwrap_or_default();
            let fill = |call: &mut ScriptInvocation<'_>| {
                call.arg(id).arg(format!("{version} ")).arg(next).arg(item.to_string());
            };
            self.call("replace", &scope.to_key(), PATIENCE, fill).await
        })
    }

    fn remove<'a>(&'a self, scope: &'a Scope, id: &'a str, below: &'a [Below]) -> Reply<'a, Found> {
        Box::pin(async move {
            let fill = |call: &mut ScriptInvocation<'_>| {
                call.arg(id).arg(self.room.scopes);
                below.iter().for_each(|below| fill_below(call, scope, id, below));
            };
            self.found(self.call("remove", &scope.to_key(), PATIENCE, fill).await?)
        })
    }

    fn restore<'a>(&'a self, snapshot: Snapshot) -> Reply<'a, ()> {
        Box::pin(async move {
            let fill = |call: &mut ScriptInvocation<'_>| {
                for (scope, items) in &snapshot {
                    call.arg(scope.to_key()).arg(first(items)).arg(items.len());
                    fill(call, items);
                }
            };
            // That the server had lost everything matters no more.
            match self.call::<bool>("restore", "", LONG_PATIENCE, fill).await {
                Err(StoreError::Failed(_)) => {
                    self.call::<bool>("restore", "", LONG_PATIENCE, fill).await.map(drop)
                }
                restored => restored.map(drop),
            }
        })
    }

    fn snapshot(&self) -> Reply<'_, Snapshot> {
        Box::pin(async move {
            let all: Vec<(String, Vec<String>, Vec<String>)> =
                self.call("snapshot", "", LONG_PATIENCE, |_| {}).await?;
            let scopes = all.into_iter().map(|(scope, ids, texts)| {
                Ok((Scope::from_key(&scope)?, self.pairs(ids, &texts)?.into_iter().collect()))
            });
            scopes.collect()
        })
    }
}
