//! The test suite of every [`Store`]: for the backends here, and for your own.
//!
//! ```
//! use std::sync::Arc;
//!
//! use descant_mock::state::{Memory, conformance};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), conformance::Failure> {
//! conformance::check(&[Arc::new(Memory::default())]).await?;
//! conformance::check_room(&Memory::with_room(conformance::ROOM)).await
//! # }
//! ```

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::query::{Page, Query, Start};
use super::store::{Below, Found, Inserted, Items, Room, Scope, Snapshot, Store, StoreError, Stored};

/// The number of concurrent callers in a race.
const CALLERS: u64 = 16;
/// The number of calls of each.
const ROUNDS: u64 = 10;

/// The capacity of a store that [`check_room`] can fill.
pub const ROOM: Room = Room { items: 3, scopes: 2, bytes: 1 << 20 };

/// A requirement that a store does not meet.
#[derive(Debug)]
pub struct Failure(String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

type Checked = Result<(), Failure>;

fn expect<T: PartialEq + fmt::Debug>(what: &str, found: T, expected: T) -> Checked {
    if found == expected {
        return Ok(());
    }
    Err(Failure(format!("{what}: found {found:?}, expected {expected:?}")))
}

/// Checks a store. Several are handles on one storage, as those of replicas. All its data is lost.
///
/// # Errors
/// The first requirement that is not met.
pub async fn check(stores: &[Arc<dyn Store>]) -> Checked {
    for (store, other) in stores.iter().zip(stores.iter().cycle().skip(1)) {
        items(&**store, &**other).await?;
        numbers(&**store).await?;
        pages(&**store).await?;
        removal(&**store).await?;
        snapshots(&**store, &**other).await?;
    }
    race_to_begin(stores).await?;
    race_to_insert(stores).await?;
    race_for_one_identity(stores).await?;
    race_to_replace(stores).await?;
    race_to_remove(stores).await
}

/// Checks a full store with the capacity [`ROOM`].
///
/// # Errors
/// The first requirement that is not met.
pub async fn check_room(store: &dyn Store) -> Checked {
    store.restore(Snapshot::new()).await?;
    let scope = |parent: &str| Scope { collection: "/a/{a}/b".into(), parents: vec![parent.into()] };
    store.begin(&scope("1"), Items::from([("a".into(), json!(1)), ("b".into(), json!(2))])).await?;
    expect("room", store.insert(&scope("1"), "c", &json!(3)).await?, Inserted::Done { evicted: None })?;
    let evicted = Inserted::Done { evicted: Some("a".into()) };
    expect("the oldest is evicted", store.insert(&scope("1"), "d", &json!(4)).await?, evicted)?;
    expect("what is left", ids(store, &scope("1")).await?, vec!["b".into(), "c".into(), "d".into()])?;
    expect("a replaced item is no younger", replace(store, &scope("1"), "b", json!(9)).await?, true)?;
    let evicted = Inserted::Done { evicted: Some("b".into()) };
    expect("so it goes next", store.insert(&scope("1"), "e", &json!(5)).await?, evicted)?;
    store.begin(&scope("2"), Items::new()).await?;
    let third = store.begin(&scope("3"), Items::new()).await;
    expect("no third scope", matches!(third, Err(StoreError::Full(_))), true)?;
    expect("which is not begun", store.get(&scope("3"), "a").await?, Found::Unbegun)
}

fn scope(name: &str) -> Scope {
    Scope { collection: format!("/{name}"), parents: Vec::new() }
}

fn all() -> Query {
    Query { limit: 100_000, ..Query::default() }
}

async fn ids(store: &dyn Store, scope: &Scope) -> Result<Vec<String>, Failure> {
    let page = store.page(scope, &all()).await?.unwrap_or_default();
    Ok(page.items.into_iter().map(|(id, _)| id).collect())
}

async fn stored(store: &dyn Store, scope: &Scope, id: &str) -> Result<Stored, Failure> {
    match store.get(scope, id).await? {
        Found::Item(stored) => Ok(stored),
        other => Err(Failure(format!("`{id}` is not there: {other:?}"))),
    }
}

/// Replaces the item of now.
async fn replace(store: &dyn Store, scope: &Scope, id: &str, item: Value) -> Result<bool, Failure> {
    let Stored { version, .. } = stored(store, scope, id).await?;
    Ok(store.replace(scope, id, version, &item).await?)
}

async fn items(store: &dyn Store, other: &dyn Store) -> Checked {
    store.restore(Snapshot::new()).await?;
    let pets = scope("pets");
    expect("no item before the first write", store.get(&pets, "b").await?, Found::Unbegun)?;
    expect("no page", store.page(&pets, &all()).await?, None)?;
    expect("no insertion", store.insert(&pets, "b", &json!(1)).await?, Inserted::Unbegun)?;
    expect("no replacement", store.replace(&pets, "b", 1, &json!(1)).await?, false)?;
    expect("no removal", store.remove(&pets, "b", &[]).await?, Found::Unbegun)?;
    store.begin(&pets, Items::from([("b".into(), json!({"n": 1})), ("a".into(), json!(2))])).await?;
    store.begin(&pets, Items::from([("c".into(), json!(3))])).await?;
    expect("begun once, in order", ids(other, &pets).await?, vec!["b".into(), "a".into()])?;
    expect("a taken identity", store.insert(&pets, "a", &json!(0)).await?, Inserted::Taken)?;
    let exact = json!({"n": [9_007_199_254_740_993_u64, -1, 0.1, null, "ü\u{0}\"\\"], "": {"z": 1, "a": 2}});
    let before = stored(store, &pets, "b").await?;
    expect("the version fits", other.replace(&pets, "b", before.version, &exact).await?, true)?;
    expect("the version is old", store.replace(&pets, "b", before.version, &json!(0)).await?, false)?;
    let now = stored(store, &pets, "b").await?;
    expect("exact", now.item.to_string(), exact.to_string())?;
    expect("removed with what it was", store.remove(&pets, "b", &[]).await?, Found::Item(now.clone()))?;
    expect("once", other.remove(&pets, "b", &[]).await?, Found::Missing)?;
    store.insert(&pets, "b", &exact).await?;
    let again = stored(store, &pets, "b").await?.version;
    expect("another item, another version", again != before.version && again != now.version, true)?;
    expect("the last is the last", ids(store, &pets).await?, vec!["a".into(), "b".into()])?;
    for id in ["", "*", "%", "a b", "ü", "\"", "\\", "]]", "' OR 1 --", "\u{0}"] {
        expect(id, store.insert(&pets, id, &json!(id)).await?, Inserted::Done { evicted: None })?;
        expect(id, stored(other, &pets, id).await?.item, json!(id))?;
    }
    expect("another scope", store.get(&scope("pet"), "a").await?, Found::Unbegun)
}

async fn numbers(store: &dyn Store) -> Checked {
    store.restore(Snapshot::new()).await?;
    let pets = scope("pets");
    expect("no number of what is not begun", store.number(&pets).await?, None)?;
    store.begin(&pets, Items::from([("7".into(), json!(1)), ("x".into(), json!(2))])).await?;
    expect("after the first items", store.number(&pets).await?, Some(8))?;
    expect("one after the other", store.number(&pets).await?, Some(9))?;
    store.insert(&pets, "20", &json!(1)).await?;
    expect("after what was inserted", store.number(&pets).await?, Some(21))?;
    for far in ["2147483647", "18446744073709551615", "99999999999999999999", "-5", "1e3", "007x"] {
        store.insert(&pets, far, &json!(1)).await?;
    }
    expect("not after what is far off", store.number(&pets).await?, Some(22))?;
    store.remove(&pets, "20", &[]).await?;
    expect("none comes again", store.number(&pets).await?, Some(23))
}

async fn pages(store: &dyn Store) -> Checked {
    store.restore(Snapshot::new()).await?;
    let pets = scope("pets");
    let item =
        |n: u64| (format!("p{n}"), json!({"n": n, "kind": if n.is_multiple_of(2) { "cat" } else { "dog" }}));
    store.begin(&pets, (0..25).map(item).collect()).await?;
    let cats = vec![("kind".to_owned(), json!("cat"))];
    let query = |start, limit| Query { start, limit, ..Query::default() };
    let cases = [
        (query(Start::At(0), 3), 0..3, 25, 0),
        (query(Start::At(24), 3), 24..25, 25, 24),
        (query(Start::At(25), 3), 0..0, 25, 25),
        (query(Start::At(usize::MAX), 3), 0..0, 25, 25),
        (query(Start::At(2), 0), 0..0, 25, 2),
        (query(Start::After("p9".into()), 2), 10..12, 25, 10),
        (query(Start::After("p24".into()), 2), 0..0, 25, 25),
        (query(Start::After("none".into()), 2), 0..2, 25, 0),
    ];
    for (query, expected, total, skipped) in cases {
        let page = Page { items: expected.map(item).collect(), total, skipped };
        expect(&format!("{query:?}"), store.page(&pets, &query).await?, Some(page))?;
    }
    let filtered =
        Query { filters: cats, sort: Some("-n".into()), start: Start::At(1), limit: 2, ..Query::default() };
    let page = Page { items: vec![item(22), item(20)], total: 13, skipped: 1 };
    expect("filtered and sorted", store.page(&pets, &filtered).await?, Some(page))
}

/// Checks that an item is removed with the items below it, and nothing else.
async fn removal(store: &dyn Store) -> Checked {
    store.restore(Snapshot::new()).await?;
    let below = |path: &str, parents: &[&str]| Scope {
        collection: path.to_owned(),
        parents: parents.iter().map(|parent| (*parent).to_owned()).collect(),
    };
    const PETS: &str = "/owners/{o}/pets";
    const TOYS: &str = "/owners/{o}/pets/{p}/toys";
    const CARS: &str = "/owners/{o}/cars";
    let owners = scope("owners");
    let first = |id: &str| Items::from([(id.to_owned(), json!({}))]);
    store.begin(&owners, first("ann")).await?;
    let gone = [below(PETS, &["ann"]), below(TOYS, &["ann", "rex"]), below(TOYS, &["ann", "\"],["])];
    let kept = [
        below(PETS, &["ann\",\"x"]),
        below(PETS, &["anna"]),
        below(TOYS, &["bob", "ann"]),
        below(PETS, &[""]),
    ];
    for scope in gone.iter().chain(&kept) {
        store.begin(scope, first("1")).await?;
    }
    let all = [(PETS, false), (TOYS, true), (CARS, true)];
    let all = all.map(|(path, is_seeded)| Below { collection: path.to_owned(), is_seeded });
    store.remove(&owners, "ann", &all).await?;
    expect("gone", store.get(&below(PETS, &["ann"]), "1").await?, Found::Unbegun)?;
    expect("gone, and begun", store.get(&below(TOYS, &["ann", "rex"]), "1").await?, Found::Missing)?;
    expect("gone, and begun", store.get(&below(TOYS, &["ann", "\"],["]), "1").await?, Found::Missing)?;
    expect("begun to be empty", store.get(&below(CARS, &["ann"]), "1").await?, Found::Missing)?;
    for scope in &kept {
        stored(store, scope, "1").await?;
    }
    Ok(())
}

async fn snapshots(store: &dyn Store, other: &dyn Store) -> Checked {
    let before = store.snapshot().await?;
    expect("there is something", before.is_empty(), false)?;
    let pets = scope("pets");
    other.begin(&pets, Items::from([("1".into(), json!(1))])).await?;
    store.restore(before.clone()).await?;
    expect("restored", other.snapshot().await?, before)?;
    store.restore(Snapshot::new()).await?;
    expect("reset", other.snapshot().await?, Snapshot::new())
}

/// Runs a call concurrently over all handles, and returns every result.
async fn race<T, F>(
    stores: &[Arc<dyn Store>],
    rounds: u64,
    call: fn(Arc<dyn Store>, u64) -> F,
) -> Result<Vec<T>, Failure>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Failure>> + Send + 'static,
{
    let mut callers = JoinSet::new();
    for (caller, store) in (0..CALLERS).zip(stores.iter().cycle()) {
        let store = store.clone();
        callers.spawn(async move {
            let mut found = Vec::new();
            for round in 0..rounds {
                found.push(call(store.clone(), caller * rounds + round).await?);
            }
            Ok::<_, Failure>(found)
        });
    }
    let mut all = Vec::new();
    while let Some(found) = callers.join_next().await {
        all.extend(found.map_err(|error| Failure(error.to_string()))??);
    }
    Ok(all)
}

async fn start(stores: &[Arc<dyn Store>], items: Items) -> Checked {
    let Some(store) = stores.first() else { return Err(Failure("no store".into())) };
    store.restore(Snapshot::new()).await?;
    Ok(store.begin(&scope("race"), items).await?)
}

async fn left(stores: &[Arc<dyn Store>]) -> Result<Vec<String>, Failure> {
    let Some(store) = stores.last() else { return Ok(Vec::new()) };
    ids(&**store, &scope("race")).await
}

async fn race_to_begin(stores: &[Arc<dyn Store>]) -> Checked {
    let Some(store) = stores.first() else { return Ok(()) };
    store.restore(Snapshot::new()).await?;
    race(stores, 1, |store, caller| async move {
        Ok(store.begin(&scope("race"), Items::from([(format!("c{caller}"), json!(1))])).await?)
    })
    .await?;
    expect("begun by one of them", left(stores).await?.len(), 1)
}

async fn race_to_insert(stores: &[Arc<dyn Store>]) -> Checked {
    start(stores, Items::new()).await?;
    let made = race(stores, ROUNDS, |store, call| async move {
        let number = store.number(&scope("race")).await?.unwrap_or_default().to_string();
        let inserted = store.insert(&scope("race"), &number, &json!({"call": call})).await?;
        expect("a number is nobody else's", inserted, Inserted::Done { evicted: None })?;
        Ok(number)
    })
    .await?;
    let made: BTreeSet<String> = made.into_iter().collect();
    expect("each its own number", made.len() as u64, CALLERS * ROUNDS)?;
    expect("all are kept", left(stores).await?.into_iter().collect(), made)
}

async fn race_for_one_identity(stores: &[Arc<dyn Store>]) -> Checked {
    start(stores, Items::new()).await?;
    let made = race(stores, ROUNDS, |store, call| async move {
        let id = (call % ROUNDS).to_string();
        Ok(store.insert(&scope("race"), &id, &json!(call)).await? != Inserted::Taken)
    })
    .await?;
    expect("one makes it", made.iter().filter(|made| **made).count() as u64, ROUNDS)?;
    expect("once", left(stores).await?.len() as u64, ROUNDS)
}

async fn race_to_replace(stores: &[Arc<dyn Store>]) -> Checked {
    start(stores, Items::from([("one".into(), json!({}))])).await?;
    race(stores, ROUNDS, |store, call| async move {
        loop {
            let Stored { mut item, version } = stored(&*store, &scope("race"), "one").await?;
            if let Some(item) = item.as_object_mut() {
                item.insert(format!("m{call}"), json!(call));
            }
            if store.replace(&scope("race"), "one", version, &item).await? {
                return Ok(());
            }
        }
    })
    .await?;
    let Some(store) = stores.first() else { return Ok(()) };
    let item = stored(&**store, &scope("race"), "one").await?.item;
    expect("every change is kept", item.as_object().map_or(0, serde_json::Map::len) as u64, CALLERS * ROUNDS)
}

async fn race_to_remove(stores: &[Arc<dyn Store>]) -> Checked {
    start(stores, (0..ROUNDS).map(|n| (n.to_string(), json!(n))).collect()).await?;
    let removed = race(stores, ROUNDS, |store, call| async move {
        let id = (call % ROUNDS).to_string();
        Ok(matches!(store.remove(&scope("race"), &id, &[]).await?, Found::Item(_)))
    })
    .await?;
    expect("one removes it", removed.iter().filter(|removed| **removed).count() as u64, ROUNDS)?;
    expect("none is left", left(stores).await?.len(), 0)
}
