//! One document with all of its voices: its mock and its generated server accept the same credentials.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use descant_contract::{Credentials, Schemas};
use descant_mock::{Mock, OperationKey, Overlay, Settings, respond, respond_with};
use descant_model::api::{Api, Credential, SchemeKind};
use descant_runtime::body::Body;
use descant_runtime::contract::Stub;
use descant_runtime::security;
use descant_runtime::server::{Context, Service};
use futures_util::future::BoxFuture;
use http::{StatusCode, header};

use super::outcome::Outcome;
use crate::voices::Voices;

/// The most bytes of a refusal that are read.
const MAX_REFUSAL: usize = 1 << 20;

/// A document with its voices.
pub(super) struct Session<'a> {
    pub(super) api: Arc<Api>,
    pub(super) schemas: Schemas,
    pub(super) credentials: Credentials,
    pub(super) mock: Mock,
    pub(super) voices: &'a Voices,
    pub(super) http: reqwest::Client,
    service: Service,
    /// The operation that accepted the last request.
    taken: Taken,
}

/// Where a voice notes the operation that accepted a request.
#[derive(Clone, Default)]
struct Taken(Arc<Mutex<Option<String>>>);

impl Taken {
    fn set(&self, operation: &str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(operation.to_owned());
    }

    fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The mock asks it once it has accepted a request.
impl Overlay for Taken {
    fn call(&self, request: descant_mock::Request) -> BoxFuture<'_, Option<descant_mock::Response>> {
        let key = request.extensions().get::<OperationKey>().map(|key| key.0.clone());
        self.set(&key.unwrap_or_default());
        Box::pin(async { Some(descant_mock::Response::default()) })
    }
}

impl<'a> Session<'a> {
    pub(super) fn new(mut api: Api, voices: &'a Voices) -> Self {
        let credentials = Credentials::made_up(&api);
        state_credentials(&mut api, &credentials);
        let api = Arc::new(api);
        let taken = Taken::default();
        let stub = stub(api.clone(), credentials.clone(), taken.clone());
        Self {
            mock: Mock::new(api.clone(), Settings::default().with_dynamic(true)),
            service: (voices.serve)(stub),
            http: reqwest::Client::new(),
            schemas: Schemas::new(&api),
            api,
            credentials,
            voices,
            taken,
        }
    }

    /// What the mock makes of a request.
    pub(super) async fn ask_mock(&self, request: &descant_mock::Request) -> Outcome {
        let mut response = respond_with(&self.mock, Some(&self.taken), request).await;
        let mut taken = self.taken.take();
        // Which representation is acceptable the mock finds out when it makes the answer.
        if taken.is_some() && request.headers().contains_key(header::ACCEPT) {
            let answer = respond(&self.mock, request);
            if answer.status() == StatusCode::NOT_ACCEPTABLE {
                (taken, response) = (None, answer);
            }
        }
        outcome(taken, &response, request.method() == http::Method::HEAD)
    }

    /// What the generated server makes of a request.
    pub(super) async fn ask_server(&self, request: descant_mock::Request) -> Outcome {
        let is_head = request.method() == http::Method::HEAD;
        let (parts, body) = self.service.respond(request.map(Body::from)).await.into_parts();
        let body = body.read(MAX_REFUSAL).await.unwrap_or_default();
        outcome(self.taken.take(), &http::Response::from_parts(parts, body), is_head)
    }
}

fn outcome(taken: Option<String>, response: &http::Response<Bytes>, is_head: bool) -> Outcome {
    Outcome::new(taken, response.status().as_u16(), response.headers(), response.body(), is_head)
}

/// Makes the mock know the credentials that are presented, and no others, where the document states none.
fn state_credentials(api: &mut Api, known: &Credentials) {
    for (name, scheme) in &mut api.security_schemes {
        let Some(text) = known.get(name).filter(|_| scheme.descant.credentials.is_none()) else { continue };
        let credential = match (&scheme.kind, text.split_once(':')) {
            (SchemeKind::Basic, Some((user, password))) => {
                let [user, password] = [user, password].map(|part| Some(part.to_owned()));
                Credential { user, password, ..Credential::default() }
            }
            _ => Credential { value: Some(text.to_owned()), ..Credential::default() },
        };
        scheme.descant.credentials = Some(vec![credential]);
    }
}

/// A server that takes what its document takes from callers with the right credentials.
fn stub(api: Arc<Api>, credentials: Credentials, taken: Taken) -> Stub {
    let check = move |context: &Context, presented: &[(&'static str, security::Credential)]| {
        context.requirement.iter().all(|scheme| {
            let right = credentials.presented(&api, scheme);
            let is_it = |(name, credential): &(&str, security::Credential)| {
                name == scheme && right.as_deref() == Some(&text(credential))
            };
            right.is_none() || presented.iter().any(is_it)
        })
    };
    let answer = move |operation: &'static str| {
        taken.set(operation);
        http::Response::default()
    };
    Stub { answer: Arc::new(answer), check: Arc::new(check) }
}

/// A credential as it is given to [`Credentials`].
fn text(credential: &security::Credential) -> String {
    use security::Credential::{Basic, Bearer, Cookie, Header, Query, Scheme};
    match credential {
        Header(_, secret) | Query(_, secret) | Cookie(_, secret) | Bearer(secret) | Scheme(_, secret) => {
            secret.expose().to_owned()
        }
        Basic(login) => format!("{}:{}", login.user, login.password.expose()),
    }
}
