//! Items in Redis, for several replicas of a mock behind one balancer.

use std::sync::{Mutex, MutexGuard, PoisonError};

use redis::{Commands, Connection, RedisError, Script};
use serde_json::Value;

use super::store::{Items, Room, Scope, Snapshot, Store, StoreError};

/// A scope is one hash: `:ID` to the item's position, a space, and its JSON. The empty field marks it as touched.
/// KEYS: the hash, the counter of positions, that of scopes. ARGV: the most scopes, the most items, then identities and
/// items in turn.
const PUT: &str = "
    if redis.call('HEXISTS', KEYS[1], '') == 0 then
        if tonumber(redis.call('GET', KEYS[3]) or 0) >= tonumber(ARGV[1]) then return 0 end
        redis.call('INCR', KEYS[3])
    end
    for i = 3, #ARGV, 2 do
        local old = redis.call('HGET', KEYS[1], ARGV[i])
        local position = old and string.match(old, '^%d+') or redis.call('INCR', KEYS[2])
        redis.call('HSET', KEYS[1], ARGV[i], position .. ' ' .. ARGV[i + 1])
    end
    redis.call('HSET', KEYS[1], '', '')
    while redis.call('HLEN', KEYS[1]) - 1 > tonumber(ARGV[2]) do
        local oldest, least
        local all = redis.call('HGETALL', KEYS[1])
        for i = 1, #all, 2 do
            local position = tonumber(string.match(all[i + 1], '^%d+'))
            if position and (not least or position < least) then oldest, least = all[i], position end
        end
        redis.call('HDEL', KEYS[1], oldest)
    end
    return 1";

/// What [`PUT`] does, where the scope was not touched before.
const SEED: &str = "if redis.call('HEXISTS', KEYS[1], '') == 1 then return 1 end";

/// Keeps items in a Redis server, under keys that begin with `descant:`.
pub struct Redis {
    connection: Mutex<Connection>,
    client: redis::Client,
    room: Room,
    prefix: String,
}

impl Redis {
    /// Connects to `redis://HOST:PORT/DB`; `name` keeps one document's items from another's.
    pub fn connect(url: &str, name: &str) -> Result<Self, StoreError> {
        Self::with_room(url, name, Room::default())
    }

    /// As [`Redis::connect`], with so much room; of bytes it has what the server's `maxmemory` says.
    pub fn with_room(url: &str, name: &str, room: Room) -> Result<Self, StoreError> {
        let client = redis::Client::open(url)?;
        let connection = Mutex::new(client.get_connection()?);
        Ok(Self { connection, client, room, prefix: format!("descant:{name}:") })
    }

    /// Runs commands, once more over a new connection where the old one broke.
    fn with<T>(&self, run: impl Fn(&mut Connection) -> Result<T, RedisError>) -> Result<T, StoreError> {
        let mut connection = self.connection();
        match run(&mut connection) {
            Err(error) if error.is_io_error() || error.is_connection_dropped() => {
                *connection = self.client.get_connection()?;
                Ok(run(&mut connection)?)
            }
            result => Ok(result?),
        }
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn key(&self, scope: &Scope) -> String {
        format!("{}items:{}", self.prefix, scope.to_key())
    }

    fn put_all(&self, script: &str, scope: &Scope, items: &Items, room: Room) -> Result<(), StoreError> {
        let script = Script::new(script);
        let mut call = script.key(self.key(scope));
        call.key(format!("{}positions", self.prefix)).key(self.scopes()).arg(room.scopes).arg(room.items);
        for (id, item) in items {
            call.arg(format!(":{id}")).arg(item.to_string());
        }
        match self.with(|connection| call.invoke::<bool>(connection))? {
            true => Ok(()),
            false => Err(StoreError::no_scope(room.scopes)),
        }
    }

    /// The counter of scopes.
    fn scopes(&self) -> String {
        format!("{}scopes", self.prefix)
    }

    fn keys(&self) -> Result<Vec<String>, StoreError> {
        let pattern = format!("{}items:*", self.prefix);
        let mut keys = self.with(|connection| {
            connection.scan_match::<_, String>(&pattern)?.collect::<Result<Vec<_>, _>>()
        })?;
        keys.sort();
        Ok(keys)
    }
}

impl From<RedisError> for StoreError {
    fn from(error: RedisError) -> Self {
        match error.code() {
            Some("OOM") => StoreError::Full("the Redis server has memory for".to_owned()),
            _ => StoreError::Failed(error.to_string()),
        }
    }
}

impl Store for Redis {
    fn items(&self, scope: &Scope) -> Result<Option<Items>, StoreError> {
        let key = self.key(scope);
        let fields: Vec<(String, String)> = self.with(|connection| connection.hgetall(&key))?;
        if fields.is_empty() {
            return Ok(None);
        }
        let mut items = Vec::new();
        for (field, text) in &fields {
            if let Some(id) = field.strip_prefix(':') {
                let (position, value) = parse(text)?;
                items.push((position, id.to_owned(), value));
            }
        }
        items.sort_by_key(|(position, ..)| *position);
        Ok(Some(items.into_iter().map(|(_, id, value)| (id, value)).collect()))
    }

    fn get(&self, scope: &Scope, id: &str) -> Result<Option<Value>, StoreError> {
        let (key, field) = (self.key(scope), format!(":{id}"));
        let text: Option<String> = self.with(|connection| connection.hget(&key, &field))?;
        text.map(|text| parse(&text).map(|(_, value)| value)).transpose()
    }

    fn seed(&self, scope: &Scope, items: Items) -> Result<(), StoreError> {
        self.put_all(&format!("{SEED}{PUT}"), scope, &items, Room { items: usize::MAX, ..self.room })
    }

    fn put(&self, scope: &Scope, id: &str, item: Value) -> Result<(), StoreError> {
        self.put_all(PUT, scope, &Items::from([(id.to_owned(), item)]), self.room)
    }

    fn remove(&self, scope: &Scope, id: &str) -> Result<bool, StoreError> {
        let (key, field) = (self.key(scope), format!(":{id}"));
        let removed: usize = self.with(|connection| connection.hdel(&key, &field))?;
        Ok(removed == 1)
    }

    fn restore(&self, snapshot: Snapshot) -> Result<(), StoreError> {
        let keys: Vec<_> = self.keys()?.into_iter().chain([self.scopes()]).collect();
        self.with(|connection| connection.del::<_, ()>(&keys))?;
        for (scope, items) in snapshot {
            self.put_all(PUT, &scope, &items, Room { items: usize::MAX, scopes: usize::MAX, ..self.room })?;
        }
        Ok(())
    }

    fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let mut snapshot = Snapshot::new();
        let prefix = format!("{}items:", self.prefix);
        for key in self.keys()? {
            let scope = Scope::from_key(key.strip_prefix(&prefix).unwrap_or(&key))?;
            if let Some(items) = self.items(&scope)? {
                snapshot.insert(scope, items);
            }
        }
        Ok(snapshot)
    }
}

/// The position and the value of an item's field.
fn parse(text: &str) -> Result<(u64, Value), StoreError> {
    let broken =
        || StoreError::Failed(format!("a field that this mock did not write ({} bytes)", text.len()));
    let (position, value) = text.split_once(' ').ok_or_else(broken)?;
    Ok((position.parse().map_err(|_| broken())?, serde_json::from_str(value).map_err(|_| broken())?))
}
