//! Background queries: submitted at once, run by one thread, and fetched once.

use std::collections::VecDeque;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

/// The maximum number of queries; the oldest is removed first.
const MAX_JOBS: usize = 1_000;
/// The time after which a result that nobody fetched expires.
const LIFE: Duration = Duration::from_secs(600);
/// The stack of the thread; a query can be nested deeply.
const STACK: usize = 16 << 20;

/// The query in the document's examples: it never completes, so that it can be requested repeatedly.
const ENDLESS: &str = "5f0c7a52-9d1e-4b7b-8a53-1f6f0f9c2d10";

/// Submitted queries that were not yet fetched.
pub(crate) struct Background<T> {
    seed: u64,
    jobs: Arc<Mutex<Jobs<T>>>,
    work: Sender<Work<T>>,
}

#[derive(Debug)]
struct Jobs<T> {
    submitted: u64,
    /// Oldest first.
    waiting: VecDeque<Job<T>>,
}

#[derive(Debug)]
struct Job<T> {
    id: String,
    user: String,
    since: Instant,
    looked: bool,
    /// The result; absent while the query runs.
    result: Option<T>,
}

/// A query to run, with its name.
type Work<T> = (String, Box<dyn FnOnce() -> T + Send>);

/// The progress of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Progress<T> {
    Running,
    /// The result; the query is removed.
    Completed(T),
    /// Not submitted by this user, already fetched, expired, or removed.
    Unknown,
}

impl<T: Send + 'static> Background<T> {
    /// Returns an empty list; the seed determines the names of queries. The thread ends with the list.
    pub(crate) fn new(seed: u64) -> Self {
        let jobs = Arc::new(Mutex::new(Jobs { submitted: 0, waiting: VecDeque::new() }));
        let (work, queue) = channel::<Work<T>>();
        let shared = jobs.clone();
        let run = move || {
            for (id, query) in queue {
                let is_waited_for = |job: &Job<T>| job.id == id;
                if !locked(&shared).waiting.iter().any(is_waited_for) {
                    continue;
                }
                let result = query();
                if let Some(job) = locked(&shared).waiting.iter_mut().find(|job| job.id == id) {
                    job.result = Some(result);
                }
            }
        };
        // Without a thread, queries stay in the state `running`.
        let _ = thread::Builder::new().name("timbr-queries".to_owned()).stack_size(STACK).spawn(run);
        Self { seed, jobs, work }
    }

    /// Adds a query of a user and returns its name.
    pub(crate) fn submit(&self, user: &str, query: impl FnOnce() -> T + Send + 'static) -> String {
        let mut jobs = locked(&self.jobs);
        jobs.submitted += 1;
        let digest = Sha256::digest(format!("{}:{}", self.seed, jobs.submitted));
        let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
        let id = [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-");
        if jobs.waiting.len() == MAX_JOBS {
            jobs.waiting.pop_front();
        }
        let (user, since) = (user.to_owned(), Instant::now());
        jobs.waiting.push_back(Job { id: id.clone(), user, since, looked: false, result: None });
        drop(jobs);
        let _ = self.work.send((id.clone(), Box::new(query)));
        id
    }

    /// Returns the progress of a query of a user: `Running` at the first look, and until it has a result.
    pub(crate) fn look(&self, user: &str, id: &str) -> Progress<T> {
        if id == ENDLESS {
            return Progress::Running;
        }
        let mut jobs = locked(&self.jobs);
        jobs.waiting.retain(|job| job.since.elapsed() < LIFE);
        let Some(at) = jobs.waiting.iter().position(|job| job.id == id && job.user == user) else {
            return Progress::Unknown;
        };
        match jobs.waiting.get_mut(at) {
            Some(job) if !job.looked || job.result.is_none() => {
                job.looked = true;
                Progress::Running
            }
            _ => match jobs.waiting.remove(at).and_then(|job| job.result) {
                Some(result) => Progress::Completed(result),
                None => Progress::Unknown,
            },
        }
    }
}

fn locked<T>(jobs: &Mutex<Jobs<T>>) -> MutexGuard<'_, Jobs<T>> {
    jobs.lock().unwrap_or_else(PoisonError::into_inner)
}
