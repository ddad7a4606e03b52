//! Queries in the background: running at the first look, completed at the next, then gone.

use std::collections::VecDeque;

use sha2::{Digest, Sha256};

/// How many queries are kept; the oldest is forgotten first.
const MAX_JOBS: usize = 1_000;

/// The query that the document's examples name: it runs for ever, so that it is there however often it is asked for.
const ENDLESS: &str = "5f0c7a52-9d1e-4b7b-8a53-1f6f0f9c2d10";

/// Queries that were submitted and not yet fetched, oldest first.
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

/// How far a query is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Progress<T> {
    Running,
    /// Its result; from now on the query is not known any more.
    Completed(T),
    /// Not submitted by this user, already fetched, or forgotten.
    Unknown,
}

impl<T> Background<T> {
    /// No query yet; the seed decides what they are called.
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, submitted: 0, jobs: VecDeque::new() }
    }

    /// Takes a query of a user and names it.
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

    /// Looks how far a query of a user is.
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
