//! One document on a server: where it begins, who answers for it, and what was seen of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::StatusCode;

use crate::problem::Problem;
use crate::tee::Exchange;
use crate::upstream::Answered;
use crate::{Entry, Journal, Live, Mock, Overlay, Request, Response, Upstream, admin, respond_with};

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
        let own = admin.then(|| admin::respond(&mock, &self.journal, &self.prefix, request)).flatten();
        if let Some(response) = own {
            return response.into();
        }
        let started = Instant::now();
        let overlay = self.overlay.as_deref();
        let Some(upstream) = &self.upstream else {
            let response = fitting(respond_with(&mock, overlay, request).await, most);
            self.note(&mock, request, &response, started.elapsed());
            return response.into();
        };
        let mut answered = upstream.respond(&mock, overlay, request).await;
        answered.rest = match answered.rest {
            Some(rest) => {
                let exchange = Exchange::new(self.clone(), mock, request, &answered.response, started);
                Some(exchange.follow(rest, upstream.body_bytes()))
            }
            None => {
                self.note(&mock, request, &answered.response, started.elapsed());
                None
            }
        };
        answered
    }

    /// Notes an exchange down.
    pub(crate) fn note(&self, mock: &Mock, request: &Request, response: &Response, took: Duration) {
        let entry = self.journal.note(request, mock.shown(request), response, took);
        if let Some(observer) = &self.observer {
            observer(&entry);
        }
    }
}

/// The response, or why it is not sent.
fn fitting(response: Response, most: usize) -> Response {
    let length = response.body().len();
    if length <= most {
        return response;
    }
    let detail = format!("the answer has {length} bytes, and the mock sends at most {most}");
    Problem::new(StatusCode::NOT_IMPLEMENTED, detail).into_response()
}
