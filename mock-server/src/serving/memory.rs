//! Budgets for the bodies of all exchanges, so that memory does not grow with the number of clients.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use indexmap::IndexMap;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The bytes that a permit of the semaphore stands for.
const UNIT: usize = 1024;
/// The length up to which a body is not counted.
pub(super) const UNCOUNTED: usize = 16 * 1024;
/// The number of paths whose length of response is remembered.
const MAX_PATHS: usize = 1024;

/// A number of bytes that exchanges share.
#[derive(Clone)]
pub(crate) struct ByteBudget {
    free: Arc<Semaphore>,
    units: usize,
}

/// A part of a budget, given back when it is dropped.
#[derive(Default)]
pub(crate) struct Reservation(Option<OwnedSemaphorePermit>);

impl ByteBudget {
    pub(crate) fn new(bytes: usize) -> Self {
        let units = (bytes / UNIT).clamp(1, Semaphore::MAX_PERMITS);
        Self { free: Arc::new(Semaphore::new(units)), units }
    }

    /// Reserves memory for a body, and waits for it at most for a time. A body longer than the budget takes all of it.
    pub(crate) async fn reserve(&self, bytes: usize, patience: Duration) -> Option<Reservation> {
        if bytes <= UNCOUNTED {
            return Some(Reservation::default());
        }
        let permits = self.free.clone().acquire_many_owned(self.units_of(bytes));
        let permits = tokio::time::timeout(patience, permits).await.ok()?.ok()?;
        Some(Reservation(Some(permits)))
    }

    /// Extends a reservation to a number of bytes, where they are free now.
    pub(crate) fn try_extend(&self, reservation: &mut Reservation, bytes: usize) -> bool {
        let missing = (self.units_of(bytes) as usize).saturating_sub(reservation.units());
        if bytes <= UNCOUNTED || missing == 0 {
            return true;
        }
        let Ok(more) = self.free.clone().try_acquire_many_owned(missing as u32) else { return false };
        match &mut reservation.0 {
            Some(permits) => permits.merge(more),
            empty @ None => *empty = Some(more),
        }
        true
    }

    /// Gives back what a reservation has beyond a number of bytes.
    pub(crate) fn shrink(&self, reservation: &mut Reservation, bytes: usize) {
        let surplus = reservation.units().saturating_sub(self.units_of(bytes) as usize);
        if let Some(permits) = &mut reservation.0 {
            drop(permits.split(surplus));
        }
    }

    fn units_of(&self, bytes: usize) -> u32 {
        u32::try_from(bytes.div_ceil(UNIT).min(self.units)).unwrap_or(u32::MAX)
    }
}

impl Reservation {
    fn units(&self) -> usize {
        self.0.as_ref().map_or(0, OwnedSemaphorePermit::num_permits)
    }

    /// Returns the bytes, which keep the reservation until their last reader has dropped them.
    pub(crate) fn keep_with(self, bytes: Bytes) -> Bytes {
        match self.0 {
            None => bytes,
            Some(_) => Bytes::from_owner(Reserved { bytes, _reservation: self }),
        }
    }
}

/// Bytes with their reservation.
struct Reserved {
    bytes: Bytes,
    _reservation: Reservation,
}

impl AsRef<[u8]> for Reserved {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// The last length of the responses of a path, where it is counted: what to reserve before the next one is made.
#[derive(Default)]
pub(crate) struct ResponseLengths {
    paths: Mutex<IndexMap<u64, usize>>,
    hasher: RandomState,
}

impl ResponseLengths {
    /// Returns the last length of a path's response; 0 where it was not counted.
    pub(crate) fn expected(&self, path: &str) -> usize {
        let paths = self.paths.lock().unwrap_or_else(PoisonError::into_inner);
        if paths.is_empty() {
            return 0;
        }
        paths.get(&self.hasher.hash_one(path)).copied().unwrap_or(0)
    }

    /// Remembers the length of a path's response.
    pub(crate) fn record(&self, path: &str, length: usize) {
        if length <= UNCOUNTED {
            return;
        }
        let mut paths = self.paths.lock().unwrap_or_else(PoisonError::into_inner);
        if paths.len() >= MAX_PATHS {
            paths.swap_remove_index(0);
        }
        paths.insert(self.hasher.hash_one(path), length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::ZERO;

    fn try_reserve(budget: &ByteBudget, bytes: usize) -> Option<Reservation> {
        let mut reservation = Reservation::default();
        budget.try_extend(&mut reservation, bytes).then_some(reservation)
    }

    #[tokio::test]
    async fn what_is_dropped_is_free_again() {
        let budget = ByteBudget::new(100_000);
        let first = budget.reserve(60_000, NOW).await;
        assert!(first.is_some());
        assert!(budget.reserve(60_000, NOW).await.is_none(), "40,000 bytes are free");
        assert!(budget.reserve(UNCOUNTED, NOW).await.is_some(), "small bodies are not counted");
        drop(first);
        assert!(budget.reserve(1_000_000, NOW).await.is_some(), "one body may take all");
    }

    #[tokio::test]
    async fn a_surplus_is_free_again() {
        let budget = ByteBudget::new(100_000);
        let mut reservation = budget.reserve(90_000, NOW).await.unwrap();
        budget.shrink(&mut reservation, 20_000);
        assert!(try_reserve(&budget, 70_000).is_some());
        assert!(try_reserve(&budget, 90_000).is_none(), "20,000 bytes are still reserved");
    }

    #[tokio::test]
    async fn bytes_keep_their_reservation() {
        let budget = ByteBudget::new(100_000);
        let bytes = try_reserve(&budget, 60_000).unwrap().keep_with(Bytes::from(vec![0; 60_000]));
        let part = bytes.slice(..10);
        drop(bytes);
        assert!(try_reserve(&budget, 60_000).is_none(), "a part is being sent");
        drop(part);
        assert!(try_reserve(&budget, 60_000).is_some());
    }

    #[test]
    fn a_reservation_grows() {
        let budget = ByteBudget::new(100_000);
        let mut growing = Reservation::default();
        assert!(budget.try_extend(&mut growing, 50_000) && budget.try_extend(&mut growing, 90_000));
        assert!(try_reserve(&budget, 20_000).is_none());
        assert!(budget.try_extend(&mut growing, 900_000), "no more than all is needed");
    }

    #[test]
    fn lengths_are_remembered_by_path() {
        let lengths = ResponseLengths::default();
        lengths.record("/small", 10);
        lengths.record("/large", 1_000_000);
        assert_eq!((lengths.expected("/small"), lengths.expected("/large")), (0, 1_000_000));
        (0..2 * MAX_PATHS).for_each(|path| lengths.record(&path.to_string(), 1_000_000));
        assert!(lengths.paths.lock().unwrap().len() <= MAX_PATHS);
    }
}
