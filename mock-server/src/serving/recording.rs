//! The recipients of finished exchanges: journals, and an observer.

use std::sync::Arc;
use std::time::SystemTime;

use descant_runtime::problem::Place;

use super::journal::{Journal, JournalEntry};
use crate::auth::Guard;
use crate::vocabulary::message::{Request, Response};
use crate::vocabulary::pending::Verdict;
use crate::vocabulary::secret::{is_secret, redacted};

/// A callback that is invoked after each exchange.
pub type Observer = Arc<dyn Fn(&JournalEntry) + Send + Sync>;

/// The origin that a request of the mock itself was sent to, an extension: it is shown before the path.
#[derive(Clone)]
pub(super) struct SentTo(pub(super) String);

/// The recipients of finished exchanges.
#[derive(Clone)]
pub(crate) struct Recording {
    pub(super) journal: Arc<Journal>,
    /// The journal of the whole mock, where the other is that of a session.
    pub(super) whole: Option<Arc<Journal>>,
    pub(super) observer: Option<Observer>,
}

impl Recording {
    /// Records an exchange that ends now.
    pub(super) fn record(
        &self,
        guard: &Guard,
        request: &Request,
        response: &Response,
        mut verdict: Verdict,
        started: SystemTime,
    ) {
        let mut target = guard.redacted_target(request, verdict.operation.as_deref());
        if let Some(receiver) = request.extensions().get::<SentTo>() {
            target.insert_str(0, &receiver.0);
        }
        redact(guard, request, &mut verdict);
        let entry = self.journal.record(request, target, response, verdict, started);
        self.whole.iter().for_each(|whole| whole.cover(&entry));
        if let Some(observer) = &self.observer {
            observer(&entry);
        }
    }
}

/// Removes the secrets of a request from what is said of it: what it presents, and the value of a parameter that is named
/// as a secret.
fn redact(guard: &Guard, request: &Request, verdict: &mut Verdict) {
    let Verdict { request: of_request, response: of_response, violations, .. } = verdict;
    for violation in violations.iter_mut() {
        if matches!(&violation.place, Place::Parameter { name, .. } if is_secret(name)) {
            let detail = format!("expected {}", violation.expected);
            let shown = std::mem::replace(&mut violation.detail, detail);
            for text in of_request.iter_mut() {
                *text = text.replace(&shown, &violation.detail);
            }
        }
    }
    let details = violations.iter_mut().map(|violation| &mut violation.detail);
    let texts: Vec<&mut String> = of_request.iter_mut().chain(of_response).chain(details).collect();
    if !texts.is_empty() {
        let secrets = guard.secrets(request);
        texts.into_iter().for_each(|text| *text = redacted(text, &secrets));
    }
}
