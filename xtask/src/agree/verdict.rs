//! Compares the three verdicts on one response: the proxy (`descant mock --upstream`), `descant test` and the generated
//! client, which may be more lenient than the others but never stricter.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use descant_contract::case::Call;
use descant_contract::case::Step;
use descant_contract::{Exchange, Expect, HttpRequest, HttpResponse, Statuses, judge};
use descant_model::api::Operation;
use descant_runtime::client::{Config, Error, Middleware, Next};
use futures_util::future::BoxFuture;

use super::curl::cut;
use super::session::Session;
use crate::voices::{input, request};

/// The judges of one operation's answers.
pub(super) struct Judges<'a> {
    session: &'a Session<'a>,
    operation: &'a Operation,
    call: &'a Call,
    wire: &'a HttpRequest,
    /// Why the client does not judge.
    no_client: Option<String>,
}

/// What each has against an answer.
pub(super) struct Verdicts {
    proxy: Option<String>,
    test: Option<String>,
    client: Option<String>,
}

impl<'a> Judges<'a> {
    pub(super) fn new(
        session: &'a Session<'a>,
        operation: &'a Operation,
        call: &'a Call,
        wire: &'a HttpRequest,
    ) -> Self {
        Self { session, operation, call, wire, no_client: None }
    }

    pub(super) fn no_client(self) -> Option<String> {
        self.no_client.map(|reason| format!("its client cannot make the call: {reason}"))
    }

    pub(super) async fn verdicts(&mut self, answer: &http::Response<Bytes>) -> Verdicts {
        let proxy = self.session.mock.judge(&self.operation.key(), answer);
        let client = if self.no_client.is_some() { None } else { self.client(answer).await };
        Verdicts { proxy, test: self.test(answer), client }
    }

    fn test(&self, answer: &http::Response<Bytes>) -> Option<String> {
        let expect =
            Expect { statuses: Statuses::Of(vec![answer.status().as_u16()]), documented: true, allow: false };
        let step = Step { call: self.call.clone(), expect };
        let (parts, body) = answer.clone().into_parts();
        let answer = Ok(HttpResponse { status: parts.status, headers: parts.headers, body });
        let exchange = Exchange::new(self.wire.clone(), answer);
        let broken = judge(&self.session.api, &self.session.schemas, &step, &exchange).into_iter().next()?;
        Some(broken.to_string())
    }

    async fn client(&mut self, answer: &http::Response<Bytes>) -> Option<String> {
        let config = Config::new("http://127.0.0.1").http_client(self.session.http.clone());
        let sent = Arc::default();
        let config = config.strict().middleware(Canned { answer: answer.clone(), sent: Arc::clone(&sent) });
        let (credentials, _) = request(self.wire).ok()?.into_parts();
        let call = (self.session.voices.call)(config, credentials, self.operation.key(), input(self.call));
        let error = call.await.err()?;
        let reason = reason(&error);
        match *sent.lock().unwrap_or_else(PoisonError::into_inner) {
            true => Some(reason),
            false => {
                self.no_client = Some(reason);
                None
            }
        }
    }
}

/// Answers in place of a server.
struct Canned {
    answer: http::Response<Bytes>,
    sent: Arc<Mutex<bool>>,
}

impl Middleware for Canned {
    fn handle<'a>(
        &'a self,
        _: reqwest::Request,
        _: Next<'a>,
    ) -> BoxFuture<'a, Result<reqwest::Response, Error>> {
        *self.sent.lock().unwrap_or_else(PoisonError::into_inner) = true;
        let answer = self.answer.clone();
        Box::pin(async move { Ok(answer.map(reqwest::Body::from).into()) })
    }
}

impl Verdicts {
    /// How they differ, in words that are the same for all of a kind.
    pub(super) fn difference(&self) -> Option<String> {
        match (&self.proxy, &self.test) {
            (Some(_), None) => Some("proxy refuses, test takes".to_owned()),
            (None, Some(_)) => Some("proxy takes, test refuses".to_owned()),
            (None, None) => self.client.as_ref().map(|_| "client refuses what the others take".to_owned()),
            (Some(_), Some(_)) => None,
        }
    }

    /// As an example shows them.
    pub(super) fn describe(&self) -> String {
        let verdict =
            |verdict: &Option<String>| verdict.as_deref().map_or_else(|| "takes it".to_owned(), cut);
        let Verdicts { proxy, test, client } = self;
        format!(
            "        proxy: {}\n        test: {}\n        client: {}",
            verdict(proxy),
            verdict(test),
            verdict(client)
        )
    }
}

/// An error with its causes.
fn reason(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
