//! Reloads a document when one of its files changes, unless the new version has errors.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use descant_mock::Live;
use descant_model::load::Options;

use super::source::{self, MockConfig, Source};
use super::{Args, examples, report};
use crate::exit::{self, Exit};
use crate::load;

/// The minimum interval between polls of the files.
const PACE: Duration = Duration::from_millis(10);
/// Polling uses at most one part in `SHARE` of the time.
const SHARE: u32 = 10;
/// The age of a change before a reload: an editor may still be writing.
const STILL: Duration = Duration::from_millis(10);

/// Watches the files of a document in a separate thread.
pub(super) fn watch(args: &Args, source: Source, config: MockConfig, files: Vec<PathBuf>, live: Arc<Live>) {
    if files.is_empty() {
        return;
    }
    let Ok(options) = args.load.options() else { return };
    // Before the first request is answered, so that every later change is detected.
    let seen = stamps(files);
    let follow = move || follow(&options, &source, &config, seen, &live);
    // Without the thread, the mock serves the loaded document.
    let _ = std::thread::Builder::new().name("watch".into()).spawn(follow);
}

fn follow(options: &Options, source: &Source, config: &MockConfig, mut seen: Stamps, live: &Live) {
    // What the last reload changed that changed anything: a file that is written in two steps is loaded twice.
    let mut last = Vec::new();
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
        // A change during loading is detected in the next poll.
        seen = stamps(read);
        match loaded.api.take().filter(|_| !broken) {
            Some(api) => {
                let before = live.get();
                let mock = Arc::new(source.mock(api, config).replacing(&before));
                live.set(mock.clone());
                let took = started.elapsed().as_millis();
                let changes = report::changes(before.api(), mock.api());
                let name = source.name();
                let name = name.escape_debug();
                exit::print(&format!("reloaded in {took} ms: {name}\n{}", report::describe(&changes)));
                last = if changes.is_empty() { last } else { changes };
                live.set_report(report::report(Some(mock.api()), &loaded, &last, true));
                examples::judge(vec![(source.name(), mock)]);
                seen.extend(now.into_iter().filter(|(file, _)| seen.contains_key(file)).collect::<Stamps>());
            }
            None => {
                anstream::eprintln!("the last valid version is served");
                live.set_report(report::report(None, &loaded, &last, false));
                seen.extend(now);
            }
        }
    }
}

/// The modification time and length of each file; `None` if it does not exist.
type Stamps = BTreeMap<PathBuf, Option<(SystemTime, u64)>>;

/// Returns the age of the latest change; zero if it is unknown, as for a deleted file.
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
