//! The mock that is served now, which another replaces when its document changes, and what is known of the document.

use std::sync::{Arc, PoisonError, RwLock};

use serde_json::Value;

use crate::mock::Mock;

/// The mock that is served now.
pub struct Live {
    mock: RwLock<Arc<Mock>>,
    /// The report of the document with its version.
    report: RwLock<(u64, Arc<Value>)>,
}

impl Live {
    /// Begins with a mock.
    pub fn new(mock: Arc<Mock>) -> Self {
        Self { mock: RwLock::new(mock), report: RwLock::default() }
    }

    /// Returns the mock of now. An exchange ends with the mock that it began with.
    pub fn get(&self) -> Arc<Mock> {
        self.mock.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the mock by one with the same prefix.
    pub fn set(&self, mock: Arc<Mock>) {
        let mut place = self.mock.write().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *place, mock);
        // Dropping a large document takes a while, in which requests would wait.
        drop(place);
        drop(before);
    }

    /// Returns the report of the document, and its version, which changes with each report.
    pub fn report(&self) -> (u64, Arc<Value>) {
        self.report.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sets the report of the document, as its page shows it: `files`, `findings`, `places` of operations by key, and the
    /// `changes` of the last reload.
    pub fn set_report(&self, report: Value) {
        let mut place = self.report.write().unwrap_or_else(PoisonError::into_inner);
        *place = (place.0 + 1, Arc::new(report));
    }
}
