//! Background queries: running at the first request, completed at the next, then removed.

use std::collections::VecDeque;

use sha2::{Digest, Sha256};

/// The maximum number of queries; the oldest is removed first.
const MAX_JOBS: usize = 1_000;

/// The query in the document's examples: it never completes, so that it can be requested repeatedly.
const ENDLESS: &str = "5f0c7a52-9d1e-4b7b-8a53-1f6f0f9c2d10";

/// Submitted queries that were not yet fetched, oldest first.
#[derive(Debug)]
pub(crate) struct Background<T> {
    seed: u64,
    submitted: u64,
    jobs: VecDeque<Job<T>>,
}

#[derive(Debug)]
struct Job<T> {
    id: String,
    user: String,
    looked: bool,
    result: T,
}

/// The progress of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Progress<T> {
    Running,
    /// The result; the query is removed.
    Completed(T),
    /// Not submitted by this user, already fetched, or removed.
    Unknown,
}

impl<T> Background<T> {
    /// Returns an empty list; the seed determines the names of queries.
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, submitted: 0, jobs: VecDeque::new() }
    }

    /// Adds a query of a user and returns its name.
    pub(crate) fn submit(&mut self, user: &str, result: T) -> String {
        self.submitted += 1;
        let digest = Sha256::digest(format!("{}:{}", self.seed, self.submitted));
        let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
        let id = [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-");
        if self.jobs.len() == MAX_JOBS {
            self.jobs.pop_front();
        }
        self.jobs.push_back(Job { id: id.clone(), user: user.to_owned(), looked: false, result });
        id
    }

    /// Returns the progress of a query of a user.
    pub(crate) fn look(&mut self, user: &str, id: &str) -> Progress<T> {
        if id == ENDLESS {
            return Progress::Running;
        }
        let Some(at) = self.jobs.iter().position(|job| job.id == id && job.user == user) else {
            return Progress::Unknown;
        };
        match self.jobs.get_mut(at) {
            Some(job) if !job.looked => {
                job.looked = true;
                Progress::Running
            }
            _ => self.jobs.remove(at).map_or(Progress::Unknown, |job| Progress::Completed(job.result)),
        }
    }
}
