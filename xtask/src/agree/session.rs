//! One document with all of its voices: its mock and its generated server accept the same credentials.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use descant_contract::case::{Call, Case, Kind};
use descant_contract::{Assumptions, Caller, Credentials, Extent, Schemas, Wire, derive};
use descant_mock::{Mock, OperationKey, Overlay, Settings, respond, respond_with};
use descant_model::api::{Api, Credential, Operation, SchemeKind};
use descant_model::load::{Options, load};
use descant_runtime::body::Body;
use descant_runtime::contract::Stub;
use descant_runtime::security;
use descant_runtime::server::{Context, Service};
use futures_util::future::BoxFuture;
use http::{StatusCode, header};

use super::outcome::{Outcome, differences};
use super::report::{Found, Report, Untried};
use super::trials::{Trial, Trials};
use super::{answers, curl, trials, verdict};
use crate::voices::{Voices, request};

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

/// Tries every operation of a document.
pub(super) async fn tried(voices: &Voices) -> Report {
    let path = Path::new(voices.path);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut report = Report { name, ..Report::default() };
    let Some(api) = load(path, &Options::default()).api else {
        report
            .untried
            .push(Untried { operation: "all".to_owned(), reason: "there is no document".to_owned() });
        return report;
    };
    let session = Session::new(api, voices);
    let plan =
        derive(&session.api, &session.credentials, &Assumptions { strict: true, ..Assumptions::default() });
    let caller = Caller::new(&session.api, &session.credentials, 1);
    for (index, operation) in session.api.operations.iter().enumerate() {
        match session.base(&caller, index, operation) {
            Ok((call, wire)) => {
                let cases =
                    plan.cases.iter().filter(|case| case.operation == index && case.kind != Kind::Link);
                session.requests(&mut report, &caller, index, cases, &call, &wire).await;
                session.answers(&mut report, index, &call, &wire).await;
            }
            Err(reason) => report.untried.push(Untried { operation: operation.key(), reason }),
        }
    }
    report
}

impl<'a> Session<'a> {
    fn new(mut api: Api, voices: &'a Voices) -> Self {
        let credentials = Credentials::made_up(&api);
        state_credentials(&mut api, &credentials);
        let api = Arc::new(api);
        let taken = Taken::default();
        let stub = stub(api.clone(), credentials.clone(), taken.clone());
        Self {
            mock: Mock::new(api.clone(), Settings { dynamic: true, ..Settings::default() }),
            service: (voices.serve)(stub),
            http: reqwest::Client::new(),
            schemas: Schemas::new(&api),
            api,
            credentials,
            voices,
            taken,
        }
    }

    /// A call of an operation that is right in every way, with no more than it requires.
    fn base(&self, caller: &Caller<'_>, index: usize, operation: &Operation) -> Result<(Call, Wire), String> {
        if operation.path.raw.contains('#') {
            return Err("a fragment, which is never sent, is all that tells it apart".to_owned());
        }
        let (call, wire) = caller.call(index, Extent::Required)?;
        request(&wire)?;
        Ok((call, wire))
    }

    /// Sends every request of an operation to mock and server.
    async fn requests<'c>(
        &self,
        report: &mut Report,
        caller: &Caller<'_>,
        index: usize,
        cases: impl Iterator<Item = &'c Case>,
        base: &Call,
        wire: &Wire,
    ) {
        let Some(operation) = self.api.operations.get(index) else { return };
        let mut trials = Trials::new(&self.api, self.schemas.set(), &self.credentials, operation, base, wire);
        if let Ok((everything, _)) = caller.call(index, Extent::Everything) {
            trials.call("everything", everything);
        }
        cases.for_each(|case| trials.case(case));
        trials::derive(&mut trials, index);
        let (trials, cut) = trials.into_trials();
        let key = operation.key();
        if cut > 0 {
            let reason = format!("{cut} requests are more than are tried of one operation");
            report.untried.push(Untried { operation: key.clone(), reason });
        }
        let mut found = Found::default();
        for Trial { kind, wire } in trials {
            let Ok(request) = request(&wire) else { continue };
            let (mock, server) = (self.ask_mock(&request).await, self.ask_server(request).await);
            let differences = differences(&mock, &server);
            report.requests.count(differences.is_empty());
            for difference in differences {
                found.note(&key, format!("request {kind}"), difference, || {
                    format!(
                        "{}\n        mock: {}\n        server: {}",
                        curl::request(&wire),
                        mock.describe(),
                        server.describe()
                    )
                });
            }
        }
        report.differences.extend(found.into_differences());
    }

    /// Shows every answer of an operation to the three judges.
    async fn answers(&self, report: &mut Report, index: usize, base: &Call, wire: &Wire) {
        let Some(operation) = self.api.operations.get(index) else { return };
        let key = operation.key();
        let (answers, untried) = answers::derive(self, operation, wire);
        report.untried.extend(untried.into_iter().map(|reason| Untried { operation: key.clone(), reason }));
        let mut judges = verdict::Judges::new(self, operation, base, wire);
        let mut found = Found::default();
        for (kind, answer) in answers {
            let verdicts = judges.verdicts(&answer).await;
            let difference = verdicts.difference();
            report.answers.count(difference.is_none());
            if let Some(difference) = difference {
                found.note(&key, format!("answer {kind}"), difference, || {
                    format!("{}\n{}", curl::answer(&answer), verdicts.describe())
                });
            }
        }
        if let Some(reason) = judges.no_client() {
            report.untried.push(Untried { operation: key, reason });
        }
        report.differences.extend(found.into_differences());
    }

    /// What the mock makes of a request.
    async fn ask_mock(&self, request: &descant_mock::Request) -> Outcome {
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
    async fn ask_server(&self, request: descant_mock::Request) -> Outcome {
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
