//! Reload: when a file of a document changes, the mock follows, unless the document is broken then.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use descant_mock::Live;
use descant_model::load::Options;

use super::source::{self, Making, Source};
use super::{Args, examples};
use crate::exit::{self, Exit};
use crate::load;

/// How often files are looked at, at most.
const PACE: Duration = Duration::from_millis(10);
/// Looking takes at most this share of the time: one in so many.
const SHARE: u32 = 10;
/// How old a change must be before it is followed: an editor may still be writing.
const STILL: Duration = Duration::from_millis(10);

/// Follows the changes of a document on a thread of its own.
pub(super) fn watch(args: &Args, source: Source, making: Making, files: Vec<PathBuf>, live: Arc<Live>) {
    if files.is_empty() {
        return;
    }
    let Ok(options) = args.load.options() else { return };
    // Before anyone is answered, so that a change from then on is one.
    let seen = stamps(files);
    let follow = move || follow(&options, &source, &making, seen, &live);
    // Without the thread the mock serves what it has.
    let _ = std::thread::Builder::new().name("watch".into()).spawn(follow);
}

fn follow(options: &Options, source: &Source, making: &Making, mut seen: Stamps, live: &Live) {
    loop {
        let started = Instant::now();
        let now = stamps(seen.keys().cloned());
        if now == seen {
            std::thread::sleep(PACE.max(started.elapsed() * SHARE));
            continue;
        }
        std::thread::sleep(STILL.saturating_sub(age(&seen, &now)));
        let mut loaded = source.load(options);
        let broken = load::report(&source.name(), &loaded) != Exit::Ok;
        let read = source::files(&loaded);
        // What changed while it was read is a change still.
        seen = stamps(read);
        match loaded.api.take().filter(|_| !broken) {
            Some(api) => {
                let mock = Arc::new(source.mock(api, making).replacing(&live.get()));
                live.set(mock.clone());
                examples::judge(vec![(source.name(), mock)]);
                exit::print(&format!("reloaded in {} ms\n", started.elapsed().as_millis()));
                seen.extend(now.into_iter().filter(|(file, _)| seen.contains_key(file)).collect::<Stamps>());
            }
            None => {
                anstream::eprintln!("the last good document is served");
                seen.extend(now);
            }
        }
    }
}

/// When each file was written last, and its length; `None` where it is not there.
type Stamps = BTreeMap<PathBuf, Option<(SystemTime, u64)>>;

/// How long ago the last of what changed was written; no time where that cannot be said, as of a file that is gone.
fn age(seen: &Stamps, now: &Stamps) -> Duration {
    let changed = now.iter().filter(|(file, stamp)| seen.get(*file) != Some(*stamp));
    let ages =
        changed.map(|(_, stamp)| stamp.and_then(|(written, _)| written.elapsed().ok()).unwrap_or_default());
    ages.min().unwrap_or_default()
}

fn stamps(files: impl IntoIterator<Item = PathBuf>) -> Stamps {
    let stamp = |file: &PathBuf| {
        let metadata = std::fs::metadata(file).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    };
    files.into_iter().map(|file| (stamp(&file), file)).map(|(stamp, file)| (file, stamp)).collect()
}
