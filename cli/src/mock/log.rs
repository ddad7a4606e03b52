//! Logs exchanges to standard output.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use descant_mock::{JournalEntry, Observer};

use super::terminal;
use crate::exit;

/// The exchanges that are logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Kind {
    /// None
    Quiet,
    /// Exchanges that violate the document
    Faults,
    /// Every exchange
    All,
}

/// The number of lines that may wait for a slow reader; further lines are dropped, which the entry numbers show.
const WAITING: usize = 10_000;

/// Writes exchanges to standard output in a separate thread, so that no response waits for it.
pub(super) fn observer(kind: Option<Kind>, json: bool) -> Option<Observer> {
    let kind = kind.unwrap_or(if terminal::is_terminal() { Kind::All } else { Kind::Faults });
    if kind == Kind::Quiet {
        return None;
    }
    let (sender, lines) = sync_channel(WAITING);
    let thread = std::thread::Builder::new().name("log".into()).spawn(move || write(&lines, json));
    thread.ok()?;
    Some(Arc::new(move |entry: &JournalEntry| {
        if kind == Kind::All || entry.request.is_some() || entry.response.is_some() {
            pass(&sender, entry);
        }
    }))
}

fn pass(sender: &SyncSender<JournalEntry>, entry: &JournalEntry) {
    match sender.try_send(entry.clone()) {
        // The numbers of the entries show the gap.
        Ok(()) | Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
    }
}

fn write(entries: &Receiver<JournalEntry>, json: bool) {
    while let Ok(first) = entries.recv() {
        let mut text = String::new();
        for entry in std::iter::once(first).chain(entries.try_iter()).take(WAITING) {
            text += &if json { machine(&entry) } else { human(&entry) };
        }
        exit::print(&text);
    }
}

fn machine(entry: &JournalEntry) -> String {
    serde_json::to_string(entry).unwrap_or_default() + "\n"
}

/// `12:03:44 200 GET /pets/1 (0.1 ms)`, followed by the violations.
fn human(entry: &JournalEntry) -> String {
    let JournalEntry { status, method, target, .. } = entry;
    let style = match status {
        200..=299 => anstyle::AnsiColor::Green,
        300..=399 => anstyle::AnsiColor::Yellow,
        _ => anstyle::AnsiColor::Red,
    };
    let style = style.on_default();
    let (time, target) = (terminal::clock(entry.at), terminal::printable(target));
    let millis = entry.micros as f64 / 1000.0;
    let trace = entry.trace.as_ref().map(|trace| format!(" trace {trace}")).unwrap_or_default();
    let session = entry.session.as_ref().map(|name| format!(" session {name}")).unwrap_or_default();
    let mut line =
        format!("{time} {style}{status}{style:#} {method} {target} ({millis:.1} ms){session}{trace}\n");
    let request = match entry.violations.as_slice() {
        [] | [_] => entry.request.iter().cloned().collect(),
        several => several.iter().map(ToString::to_string).collect::<Vec<_>>(),
    };
    for violation in &request {
        line += &format!("    request: {}\n", terminal::printable(violation));
    }
    if let Some(violation) = &entry.response {
        line += &format!("    response: {}\n", terminal::printable(violation));
    }
    line
}
