//! The mock that is served now, which another replaces when its document changes.

use std::sync::{Arc, PoisonError, RwLock};

use crate::mock::Mock;

/// The mock that is served now.
pub struct Live(RwLock<Arc<Mock>>);

impl Live {
    /// Begins with a mock.
    pub fn new(mock: Arc<Mock>) -> Self {
        Self(RwLock::new(mock))
    }

    /// Returns the mock of now. An exchange ends with the mock that it began with.
    pub fn get(&self) -> Arc<Mock> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the mock by one with the same prefix.
    pub fn set(&self, mock: Arc<Mock>) {
        let mut place = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *place, mock);
        // Dropping a large document takes a while, in which requests would wait.
        drop(place);
        drop(before);
    }
}
