//! Fixtures: named states that tests begin with.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::memory;
use super::store::{Snapshot, StoreError};

/// The number of fixtures, the characters of a name, and the bytes of all of them.
const MAX_FIXTURES: usize = 100;
const MAX_NAME: usize = 128;
const MAX_BYTES: usize = 64 << 20;

/// The fixtures of a document.
#[derive(Default)]
pub struct Fixtures(Mutex<BTreeMap<String, Arc<Snapshot>>>);

impl Fixtures {
    /// Puts a fixture in the place of another of this name.
    ///
    /// # Errors
    /// Where there are too many, or they are too large.
    pub fn put(&self, name: &str, snapshot: Snapshot) -> Result<(), StoreError> {
        let mut fixtures = self.lock();
        let others = || fixtures.iter().filter(|(known, _)| *known != name).map(|(_, snapshot)| &**snapshot);
        if name.is_empty() || name.len() > MAX_NAME {
            return Err(StoreError::Full(format!("names of 1 to {MAX_NAME} characters")));
        }
        if others().count() >= MAX_FIXTURES {
            return Err(StoreError::Full(format!("{MAX_FIXTURES} fixtures; remove some")));
        }
        if others().chain([&snapshot]).map(memory::size).sum::<usize>() > MAX_BYTES {
            return Err(StoreError::Full(format!("{MAX_BYTES} bytes of fixtures; remove some")));
        }
        fixtures.insert(name.to_owned(), Arc::new(snapshot));
        Ok(())
    }

    /// Returns a fixture.
    pub fn get(&self, name: &str) -> Option<Arc<Snapshot>> {
        self.lock().get(name).cloned()
    }

    /// Removes a fixture; false where there is none of this name.
    pub fn remove(&self, name: &str) -> bool {
        self.lock().remove(name).is_some()
    }

    /// Describes the fixtures: the name and the number of records of each.
    pub fn to_value(&self) -> Value {
        let fixtures = self.lock();
        let shown = fixtures.iter().map(|(name, snapshot)| {
            let records: usize = snapshot.values().map(|items| items.len()).sum();
            json!({"name": name, "records": records})
        });
        shown.collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Snapshot>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
