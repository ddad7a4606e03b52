//! The state of a mock on every backend: memory, SQLite, SQLite that two mocks share, Redis with two replicas.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // in tests

mod bad_input;
mod files;
mod races;
mod redis_server;
mod views;

use std::sync::Arc;

use descant_mock::state::{Memory, Redis, Room, Sqlite, Store, conformance};
use redis_server::RedisServer;
use tempfile::TempDir;

/// A storage, and handles on it: one for each replica.
struct Storage {
    name: &'static str,
    handles: Vec<Arc<dyn Store>>,
    /// What ends with it.
    _held: (Option<TempDir>, Option<RedisServer>),
}

/// Every kind of storage, with this much room.
async fn storages(room: Room) -> Vec<Storage> {
    let folder = || tempfile::tempdir().unwrap();
    let sqlite = |folder: &TempDir| -> Arc<dyn Store> {
        Arc::new(Sqlite::with_room(&folder.path().join("state.db"), "pets", room).unwrap())
    };
    let (one, two, server) = (folder(), folder(), RedisServer::start(&[]));
    let url = server.url();
    let memory = Arc::new(Memory::with_room(room));
    vec![
        Storage { name: "memory", handles: vec![memory], _held: (None, None) },
        Storage { name: "SQLite", handles: vec![sqlite(&one)], _held: (Some(one), None) },
        Storage {
            name: "SQLite of two",
            handles: vec![sqlite(&two), sqlite(&two)],
            _held: (Some(two), None),
        },
        Storage {
            name: "Redis with two replicas",
            handles: vec![redis(&url, room).await, redis(&url, room).await],
            _held: (None, Some(server)),
        },
    ]
}

async fn redis(url: &str, room: Room) -> Arc<dyn Store> {
    Arc::new(Redis::with_room(url, "pets", room).await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_backend_conforms() {
    for Storage { name, handles, _held } in storages(Room::default()).await {
        conformance::check(&handles).await.unwrap_or_else(|failure| panic!("{name}: {failure}"));
    }
    for Storage { name, handles, _held } in storages(conformance::ROOM).await {
        conformance::check_room(&*handles[0]).await.unwrap_or_else(|failure| panic!("{name}: {failure}"));
    }
}

/// One document's items are not another's, whatever the documents are called.
#[tokio::test]
async fn documents_are_kept_apart() {
    let (folder, server) = (tempfile::tempdir().unwrap(), RedisServer::start(&[]));
    let file = folder.path().join("state.db");
    let names = ["pets.yaml", "*.yaml", "pets", "p?ts.yaml", "[p]ets.yaml", "pets.yaml:", "\"", "%", ""];
    for redis in [false, true] {
        let mut stores: Vec<Arc<dyn Store>> = Vec::new();
        for name in names {
            stores.push(match redis {
                true => Arc::new(Redis::connect(&server.url(), name).await.unwrap()),
                false => Arc::new(Sqlite::open(&file, name).unwrap()),
            });
        }
        let scope = descant_mock::state::Scope { collection: "/pets".into(), parents: vec![] };
        for (store, name) in stores.iter().zip(names) {
            store.begin(&scope, [(name.to_owned(), 1.into())].into()).await.unwrap();
        }
        for (at, store) in stores.iter().enumerate() {
            store.restore(Default::default()).await.unwrap();
            for (other, name) in stores.iter().zip(names).skip(at + 1) {
                let snapshot = other.snapshot().await.unwrap();
                assert!(snapshot[&scope].contains_key(name), "a reset of {:?} touched {name:?}", names[at]);
            }
        }
    }
}
