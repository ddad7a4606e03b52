//! Every operation of a document, with every request and every answer that is tried of it.

use std::path::Path;

use descant_contract::case::{Call, Case, CaseKind};
use descant_contract::{Assumptions, Completeness, HttpRequest, RequestBuilder, derive};
use descant_model::api::Operation;
use descant_model::load::{Options, load};

use super::outcome::differences;
use super::report::{Found, Report, Untried};
use super::session::Session;
use super::trials::{Trial, Trials};
use super::{answers, bodies, credentials, curl, heads, parameters, verdict};
use crate::voices::{Voices, request};

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
    let assume = Assumptions { strict: true, destructive: true, ..Assumptions::default() };
    let plan = derive(&session.api, &session.credentials, &assume);
    let caller = RequestBuilder::new(&session.api, &session.credentials, 1);
    for (index, operation) in session.api.operations.iter().enumerate() {
        match session.base(&caller, index, operation) {
            Ok((call, wire)) => {
                let is_tried = |kind| !matches!(kind, CaseKind::Link | CaseKind::Robustness);
                let cases = plan.cases.iter().filter(|case| case.operation == index && is_tried(case.kind));
                session.requests(&mut report, &caller, index, cases, &call, &wire).await;
                session.answers(&mut report, index, &call, &wire).await;
            }
            Err(reason) => report.untried.push(Untried { operation: operation.key(), reason }),
        }
    }
    report
}

impl Session<'_> {
    /// A call of an operation that is right in every way, with no more than it requires.
    fn base(
        &self,
        caller: &RequestBuilder<'_>,
        index: usize,
        operation: &Operation,
    ) -> Result<(Call, HttpRequest), String> {
        if operation.path.raw.contains('#') {
            return Err("a fragment, which is never sent, is all that tells it apart".to_owned());
        }
        let (call, wire) = caller.call(index, Completeness::Required)?;
        request(&wire)?;
        Ok((call, wire))
    }

    /// Sends every request of an operation to mock and server.
    async fn requests<'c>(
        &self,
        report: &mut Report,
        caller: &RequestBuilder<'_>,
        index: usize,
        cases: impl Iterator<Item = &'c Case>,
        base: &Call,
        wire: &HttpRequest,
    ) {
        let Some(operation) = self.api.operations.get(index) else { return };
        let mut trials = Trials::new(&self.api, self.schemas.set(), &self.credentials, operation, base, wire);
        if let Ok((everything, _)) = caller.call(index, Completeness::Everything) {
            trials.call("everything", everything);
        }
        cases.for_each(|case| trials.case(case));
        heads::derive(&mut trials, index);
        credentials::derive(&mut trials);
        parameters::derive(&mut trials);
        bodies::derive(&mut trials);
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
    async fn answers(&self, report: &mut Report, index: usize, base: &Call, wire: &HttpRequest) {
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
}
