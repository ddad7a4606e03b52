//! Measures the reload of a running mock: from the change of the document to the first
//! response that reflects it, on an open connection.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::served::Served;
use super::{Figure, Outcome, below, corpus};

/// The documents that are changed: large ones in one file, and one in 2,906.
const CHANGED: [&str; 3] = ["github.json", "stripe.yaml", "digitalocean/DigitalOcean-public.v2.yaml"];
/// How often each is changed; the median counts.
const ROUNDS: usize = 5;
/// Between two changes: what a reload leaves to be done has ended by then.
const PAUSE: Duration = Duration::from_secs(2);
const GOAL: Duration = Duration::from_millis(200);

/// The figure of each document; `start` starts a mock of one, and waits until it answers at a path.
pub(super) fn figures(start: &dyn Fn(&Path, &str) -> Outcome<Served>) -> Outcome<Vec<Figure>> {
    CHANGED.iter().map(|name| reload(start, name)).collect()
}

fn reload(start: &dyn Fn(&Path, &str) -> Outcome<Served>, name: &str) -> Outcome<Figure> {
    let document = copy(name)?;
    let text = std::fs::read_to_string(&document).map_err(|error| error.to_string())?;
    let path = |round: usize| format!("/descant-reload-{round}");
    write(&document, &with_path(&text, &path(0))?)?;
    let mock = start(&document, &path(0))?;
    let mut calls = mock.connect()?;
    let mut took = Vec::new();
    for round in 1..=ROUNDS {
        std::thread::sleep(PAUSE);
        let next = with_path(&text, &path(round))?;
        write(&document, &next)?;
        let changed = Instant::now();
        while calls.status(&path(round))? != 200 {
            if changed.elapsed() > PAUSE * 5 {
                return Err(format!("{name}: the change is not followed"));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        took.push(changed.elapsed());
    }
    took.sort();
    let median = took.get(ROUNDS / 2).copied().unwrap_or(Duration::MAX);
    Ok(below(format!("{name}: a change to the answer by it"), median, GOAL))
}

/// A copy of a document of the corpus, with all its files.
fn copy(name: &str) -> Outcome<PathBuf> {
    let folder = crate::root().join("target/reload");
    let top = Path::new(name).iter().next().unwrap_or_default();
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let status = Command::new("cp").arg("-r").arg(corpus()?.join("dev").join(top)).arg(&folder).status();
    match status {
        Ok(status) if status.success() => Ok(folder.join(name)),
        _ => Err(format!("{name} cannot be copied to {}", folder.display())),
    }
}

/// A document with one path more.
fn with_path(text: &str, path: &str) -> Outcome<String> {
    let operation = r#"{"get": {"security": [], "responses": {"200": {"description": ""}}}}"#;
    let json = ("\"paths\": {\n", format!("\"{path}\": {operation},\n"));
    let yaml = ("\npaths:\n", format!("  {path}: {operation}\n"));
    let (start, added) = if text.starts_with('{') { json } else { yaml };
    let (before, after) =
        text.split_once(start).ok_or("the document has no paths where they were looked for")?;
    Ok([before, start, &added, after].concat())
}

/// Writes a file as editors do: whole, and put in the place of the old one.
fn write(document: &Path, text: &str) -> Outcome<()> {
    let new = document.with_extension("new");
    let written = std::fs::write(&new, text).and_then(|()| std::fs::rename(&new, document));
    written.map_err(|error| format!("{}: {error}", document.display()))
}
