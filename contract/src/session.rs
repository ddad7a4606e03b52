//! The calls of a run: each is encoded, sent and judged, and what it created is noted, to be deleted at the end.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use descant_exchange::{Check, Schemas, notice};
use descant_model::api::{Api, Location};
use futures_util::{StreamExt, stream};
use serde_json::Value;

use crate::case::{Call, Input, Presented, Step};
use crate::credentials::Credentials;
use crate::derive::TestPlan;
use crate::exchange::{Exchange, HttpRequest, HttpResponse, NoAnswer};
use crate::failure::Failure;
use crate::judge::judge;
use crate::records::Records;
use crate::resource::{Resource, path_parameters};
use crate::send::Sender;
use crate::settings::Settings;
use crate::values::Values;
use crate::wire;

/// How many requests in a row may have no answer before the run ends: each may take as long as the timeout.
pub(crate) const MOST_SILENT: usize = 5;

/// From when on a request that has no answer costs time.
const LONG: Duration = Duration::from_millis(500);

/// Everything that a call needs, and what is known of the service.
pub(crate) struct Session<'a> {
    pub(crate) api: &'a Api,
    pub(crate) values: Values,
    pub(crate) sender: Sender,
    pub(crate) credentials: &'a Credentials,
    pub(crate) settings: &'a Settings,
    pub(crate) bases: Vec<Option<Call>>,
    pub(crate) resources: Vec<Resource>,
    pub(crate) records: Records,
    silent: AtomicUsize,
}

impl<'a> Session<'a> {
    pub(crate) fn new(
        api: &'a Api,
        sender: Sender,
        credentials: &'a Credentials,
        settings: &'a Settings,
        plan: &TestPlan,
    ) -> Self {
        Self {
            api,
            values: Values::new(api, &settings.assume),
            sender,
            credentials,
            settings,
            bases: plan.bases.clone(),
            resources: plan.resources.clone(),
            records: Records::default(),
            silent: AtomicUsize::new(0),
        }
    }

    pub(crate) fn schemas(&self) -> &Schemas {
        self.values.schemas()
    }

    /// Whether too many requests in a row had no answer.
    pub(crate) fn is_silent(&self) -> bool {
        self.silent.load(Ordering::Relaxed) >= MOST_SILENT
    }

    /// Whether an exchange proves that its operation works: a valid request had a success, or a documented redirect.
    pub(crate) fn is_proof(&self, step: &Step, exchange: &Exchange) -> bool {
        let is_documented =
            |status| step.call.operation(self.api).is_some_and(|operation| operation.documents_code(status));
        let status = exchange.status();
        let is_success = exchange.is_success() || matches!(status, 300..=399) && is_documented(status);
        step.expect.is_valid() && step.call.method.is_none() && is_success
    }

    /// Returns everything that an exchange gets wrong, its time included.
    pub(crate) fn judged(&self, step: &Step, exchange: &Exchange) -> Vec<Failure> {
        let mut failures = judge(self.api, self.schemas(), step, exchange);
        let slow =
            self.settings.max_latency.filter(|most| exchange.answer.is_ok() && exchange.elapsed > *most);
        failures.extend(slow.map(|most| {
            let message = format!("it took longer than {} ms", most.as_millis());
            Failure::error(Check::Answer, message)
        }));
        failures
    }

    /// Makes one call, and notes what it created or deleted.
    pub(crate) async fn exchange(&self, step: &Step, earlier: &[Exchange]) -> Result<Exchange, String> {
        let wire = wire::encode(self.api, &step.call, self.credentials, earlier)?;
        let mut exchange = self.sender.send(wire).await;
        if let Ok(answer) = &mut exchange.answer {
            without_surrogate(&exchange.request, answer);
        }
        self.hear(&exchange);
        if exchange.is_success() && step.call.method.is_none() {
            self.note(&step.call, &exchange);
        }
        Ok(exchange)
    }

    /// Whether a service says, to the same call without a credential, that it accepts any: a mock of a document that lists
    /// no credentials. It is no evidence that the service checks them, and none that it does not.
    pub(crate) async fn accepts_any_credential(&self, step: &Step) -> bool {
        let call = Call { credential: Presented::Nothing, ..step.call.clone() };
        let Ok(request) = wire::encode(self.api, &call, self.credentials, &[]) else { return false };
        let exchange = self.sender.send(request).await;
        let says_so = |answer: &HttpResponse| {
            answer.headers.get_all(notice::HEADER).iter().any(|line| line == notice::ANY_CREDENTIAL)
        };
        exchange.status() == 401 && exchange.answer.as_ref().is_ok_and(says_so)
    }

    fn note(&self, call: &Call, exchange: &Exchange) {
        let Some(operation) = call.operation(self.api) else { return };
        if operation.method == "DELETE" {
            return self.records.deleted(exchange);
        }
        let path = |name: &&str| {
            let sent = exchange.request.values.iter();
            let found = sent.filter(|(at, known, _)| *at == Location::Path.as_str() && known == name);
            found.map(|(_, _, value)| value.clone()).next()
        };
        let is_put = |it: &Resource| it.replace == Some(call.operation) && exchange.status() == 201;
        for resource in &self.resources {
            let mut values: Vec<Value> =
                path_parameters(&operation.path.raw).iter().filter_map(path).collect();
            if resource.create == Some(call.operation) {
                values.extend(resource.identity(exchange).map(|(_, value)| value));
            } else if !is_put(resource) {
                continue;
            }
            let inputs: Vec<Input> = values.into_iter().map(Input::Value).collect();
            let is_whole = inputs.len() == path_parameters(&resource.item).len();
            let delete = resource.delete.filter(|_| is_whole).and_then(|delete| {
                let call = self.addressed(delete, &inputs)?;
                wire::encode(self.api, &call, self.credentials, &[]).ok()
            });
            self.records.created(operation.key(), delete);
        }
    }

    /// Returns a valid call of an operation with these values of its path's parameters.
    pub(crate) fn addressed(&self, operation: usize, inputs: &[Input]) -> Option<Call> {
        let base = self.bases.get(operation)?.clone()?;
        let path = &base.operation(self.api)?.path.raw;
        let named = path_parameters(path).into_iter().zip(inputs);
        Some(named.fold(base, |call, (name, input)| call.with(Location::Path, name, input.clone())))
    }

    /// Deletes what the run created, the last creation first, until `end` is ready; returns what stays.
    pub(crate) async fn clean_up(&self, end: impl Future<Output = ()>) -> Vec<String> {
        tokio::select! {
            () = self.delete_created() => {}
            () = end => {}
        }
        let created = self.records.created_last_first().into_iter();
        let mut left: Vec<String> = created.map(|request| request.target).collect();
        let undeletable = self.records.undeletable().into_iter();
        left.extend(undeletable.map(|(operation, count)| {
            format!("{count} created by {operation}, which the document has no operation to delete")
        }));
        left
    }

    /// Deletes what the run created, several records at once. What is refused is deleted once more, one after another: a
    /// service may refuse it as long as another record names it.
    async fn delete_created(&self) {
        for at_once in [self.settings.workers.max(1), 1] {
            let requests = stream::iter(self.records.created_last_first());
            requests.for_each_concurrent(at_once, |request| self.delete(request)).await;
        }
    }

    async fn delete(&self, request: HttpRequest) {
        if self.is_silent() {
            return;
        }
        let exchange = self.sender.send(request).await;
        self.hear(&exchange);
        if exchange.is_success() || matches!(exchange.status(), 404 | 410) {
            self.records.deleted(&exchange);
        }
    }

    /// Counts the requests in a row that have no answer.
    fn hear(&self, exchange: &Exchange) {
        match exchange.answer {
            // A service that closes the connection of a request that makes it fail is there for others.
            Err(NoAnswer::Broken(_)) if exchange.elapsed < LONG => {}
            Err(_) => _ = self.silent.fetch_add(1, Ordering::Relaxed),
            Ok(_) => self.silent.store(0, Ordering::Relaxed),
        }
    }
}

/// Replaces half a character that was sent and comes back: JSON's grammar admits it, and no text can hold it (RFC 8259, 8.2).
fn without_surrogate(request: &HttpRequest, answer: &mut HttpResponse) {
    const HALF: &str = "\\ud800";
    let is_sent =
        request.body.as_deref().is_some_and(|body| body.windows(HALF.len()).any(|it| it == HALF.as_bytes()));
    if is_sent && let Ok(text) = std::str::from_utf8(&answer.body) {
        answer.body = text.replace(HALF, "\\ufffd").replace("\\uD800", "\\ufffd").into();
    }
}
