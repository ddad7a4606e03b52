//! One document on a server: where it begins, who answers for it, and what was seen of it.

use std::sync::Arc;
use std::time::SystemTime;

use http::StatusCode;

use crate::journal::Verdict;
use crate::problem::Problem;
use crate::respond::{Answered, answered, answered_with};
use crate::tee::Exchange;
use crate::{Entry, Journal, Live, Mock, Overlay, Request, Upstream, admin};

/// Is told of every exchange.
pub type Observer = Arc<dyn Fn(&Entry) + Send + Sync>;

/// One document on a server.
pub struct Site {
    /// What its paths begin with, `/billing`; empty where it has the whole server.
    pub prefix: String,
    pub mock: Arc<Live>,
    /// What is written by hand.
    pub overlay: Option<Arc<dyn Overlay>>,
    /// The service that requests are passed on to.
    pub upstream: Option<Arc<Upstream>>,
    /// What it saw.
    pub journal: Arc<Journal>,
    pub observer: Option<Observer>,
}

impl Site {
    /// A mock that has the whole server.
    pub fn new(mock: Arc<Mock>) -> Self {
        Self {
            prefix: String::new(),
            mock: Arc::new(Live::new(mock)),
            overlay: None,
            upstream: None,
            journal: Arc::default(),
            observer: None,
        }
    }

    /// Whether a path is one of its own.
    pub(crate) fn has(&self, path: &str) -> bool {
        path.strip_prefix(&self.prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Answers, with at most so many bytes, and notes down what came and went.
    pub(crate) async fn respond(self: &Arc<Self>, request: &Request, admin: bool, most: usize) -> Answered {
        let mock = self.mock.get();
        if admin && let Some(path) = admin::path(&self.prefix, request) {
            let own = Box::pin(admin::respond(&mock, &self.journal, request, path)).await;
            return Answered::new(own, Verdict::default());
        }
        let started = SystemTime::now();
        // What waits for others is boxed: most mocks have none, and would move its room about at each request.
        let mut answered = match (&self.upstream, self.overlay.as_deref()) {
            (None, None) if mock.state().is_none() => fitting(answered(&mock, request), most),
            (None, overlay) => fitting(Box::pin(answered_with(&mock, overlay, request)).await, most),
            (Some(upstream), overlay) => Box::pin(upstream.respond(&mock, overlay, request)).await,
        };
        match (answered.rest.take(), &self.upstream) {
            (Some(rest), Some(upstream)) => {
                let exchange = Exchange::new(self.clone(), mock, request, &answered, started);
                answered.rest = Some(exchange.follow(rest, upstream.body_bytes()));
            }
            _ => {
                let verdict = std::mem::take(&mut answered.verdict);
                self.note(&mock, request, answered.response.status(), verdict, started);
            }
        }
        answered
    }

    /// Notes an exchange down that ends now.
    pub(crate) fn note(
        &self,
        mock: &Mock,
        request: &Request,
        status: StatusCode,
        verdict: Verdict,
        started: SystemTime,
    ) {
        let entry = self.journal.note(request, mock.shown(request), status, verdict, started);
        if let Some(observer) = &self.observer {
            observer(&entry);
        }
    }
}

/// The answer, or why it is not sent.
fn fitting(answered: Answered, most: usize) -> Answered {
    let length = answered.response.body().len();
    if length <= most {
        return answered;
    }
    let detail = format!("the answer has {length} bytes, and the mock sends at most {most}");
    let response = Problem::new(StatusCode::NOT_IMPLEMENTED, detail).into_response();
    Answered { response, ..answered }
}
