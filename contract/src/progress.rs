//! How far a run has come.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::failure::Severity;
use crate::verdict::Verdict;

/// How far a run has come: it counts while others look.
#[derive(Debug, Default)]
pub struct Progress {
    planned: AtomicUsize,
    done: AtomicUsize,
    broken: AtomicUsize,
}

impl Progress {
    /// Returns the number of cases that are known: those of the plan, and those of state so far, which follow from answers.
    pub fn planned(&self) -> usize {
        self.planned.load(Ordering::Relaxed)
    }

    /// Returns the number of cases that have a verdict.
    pub fn done(&self) -> usize {
        self.done.load(Ordering::Relaxed)
    }

    /// Returns the number of cases with an error.
    pub fn broken(&self) -> usize {
        self.broken.load(Ordering::Relaxed)
    }

    /// Begins to count the cases of a run.
    pub(crate) fn begin(&self, planned: usize) {
        self.planned.store(planned, Ordering::Relaxed);
        self.done.store(0, Ordering::Relaxed);
        self.broken.store(0, Ordering::Relaxed);
    }

    pub(crate) fn count(&self, verdict: &Verdict, is_planned: bool) {
        let is_broken = verdict.severity() == Some(Severity::Error);
        self.done.fetch_add(1, Ordering::Relaxed);
        self.planned.fetch_add(usize::from(!is_planned), Ordering::Relaxed);
        self.broken.fetch_add(usize::from(is_broken), Ordering::Relaxed);
    }
}
