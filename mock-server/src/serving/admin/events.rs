//! The event stream of the page (WHATWG HTML, 9.2): new exchanges in batches, and changes of the document.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::reply;
use crate::serving::journal::Journal;
use crate::serving::live::Live;
use crate::vocabulary::message::Request;
use crate::vocabulary::pending::{PendingResponse, Rest, Verdict};

/// The interval between batches: a page that is open costs a busy mock ten small messages a second.
const PACE: Duration = Duration::from_millis(100);
/// The exchanges of one batch; the page is told how many more there were.
const MOST: usize = 50;
/// The number of intervals after which a comment shows that the connection is alive.
const SILENCE: u32 = 150;

/// What a stream has sent.
struct Follower {
    journal: Arc<Journal>,
    live: Arc<Live>,
    pace: Interval,
    is_greeted: bool,
    /// The number of the last exchange.
    last: u64,
    /// The version of the document's report.
    version: u64,
    silence: u32,
}

/// Returns the stream of events, which ends when the mock stops. A page that was away states the run and the number of
/// its last exchange, `?run=R&since=N`, and gets those that followed.
pub(super) fn follow(request: &Request, journal: &Arc<Journal>, live: &Arc<Live>) -> PendingResponse {
    let mut pace = interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (journal, live) = (journal.clone(), live.clone());
    let is_known = reply::number(request, "run", 0) == journal.run();
    let last = if is_known { reply::number(request, "since", 0) } else { 0 };
    let version = live.report().0;
    let follower = Follower { journal, live, pace, is_greeted: false, last, version, silence: 0 };
    let events = stream::unfold(follower, |mut follower| async move {
        let text = follower.next().await?;
        Some((io::Result::Ok(Bytes::from(text)), follower))
    });
    let response = reply::secured(reply::body("text/event-stream", Bytes::new()));
    let rest: Rest = events.boxed();
    PendingResponse { rest: Some(rest), ..PendingResponse::new(response, Verdict::default()) }
}

impl Follower {
    /// Waits for the next events; `None` where the mock stops.
    async fn next(&mut self) -> Option<String> {
        loop {
            self.pace.tick().await;
            if self.journal.is_closed() {
                return None;
            }
            let mut text = String::new();
            self.greet(&mut text);
            self.report(&mut text);
            self.exchanges(&mut text);
            self.silence += 1;
            if text.is_empty() && self.silence >= SILENCE {
                text.push_str(":\n\n");
            }
            if !text.is_empty() {
                self.silence = 0;
                return Some(text);
            }
        }
    }

    /// Sends the run of the journal, by which a page notices a restart.
    fn greet(&mut self, text: &mut String) {
        if !self.is_greeted {
            text.push_str("retry: 1000\n");
            let (run, version) = (self.journal.run(), self.version);
            event(text, "hello", &json!({"run": run, "version": version}));
        }
    }

    fn report(&mut self, text: &mut String) {
        let (version, _) = self.live.report();
        if version != self.version {
            self.version = version;
            event(text, "document", &json!({"version": version}));
        }
    }

    /// Sends new exchanges: at first all that the journal has.
    fn exchanges(&mut self, text: &mut String) {
        let most = if self.is_greeted { MOST } else { usize::MAX };
        self.is_greeted = true;
        let count = self.journal.count();
        if count < self.last {
            event(text, "cleared", &Value::Null);
            self.last = 0;
        }
        if count > self.last {
            let (entries, newest) = self.journal.newest(self.last, most);
            let skipped = newest.saturating_sub(self.last).saturating_sub(entries.len() as u64);
            event(text, "exchanges", &json!({"entries": entries, "skipped": skipped}));
            self.last = newest;
        }
    }
}

/// Appends an event; JSON contains no line break.
fn event(text: &mut String, name: &str, data: &Value) {
    text.push_str(&format!("event: {name}\ndata: {data}\n\n"));
}
