//! Admission of a request to an operation: authorize ▸ read directives ▸ decode and validate ▸ apply rules.

use std::sync::atomic::{AtomicU64, Ordering};

use descant_exchange::{Incoming, Schemas};
use http::StatusCode;

use crate::auth::Guard;
use crate::sources::admitted::AdmittedRequest;
use crate::tables::operation_table::RoutedOperation;
use crate::tables::router::Routed;
use crate::tables::rules::Rules;
use crate::vocabulary::delay::Delay;
use crate::vocabulary::directive::Directive;
use crate::vocabulary::message::Request;
use crate::vocabulary::problem::Problem;

/// The parts of a mock that admit requests.
#[derive(Clone, Copy)]
pub(crate) struct Admission<'m> {
    pub(crate) guard: &'m Guard,
    pub(crate) schemas: &'m Schemas,
    pub(crate) rules: &'m Rules,
    /// The mock's seed of now.
    pub(crate) seed: u64,
    /// The usual delay of responses.
    pub(crate) delay: Option<Delay>,
    /// The usual pace of streams, and whether they are held open.
    pub(crate) pace: Option<Delay>,
    pub(crate) hold: bool,
    /// The number of delays that were drawn.
    pub(crate) drawn: &'m AtomicU64,
}

impl Admission<'_> {
    /// Returns the delay of one response: of a range, another for each.
    fn drawn(&self, delay: Delay) -> Delay {
        match delay.is_fixed() {
            true => delay,
            false => delay.drawn(self.seed.wrapping_add(self.drawn.fetch_add(1, Ordering::Relaxed))),
        }
    }
}

/// Admits a request to an operation.
///
/// # Errors
/// The refusal: 401 or 403; 400, or 422 where the operation documents it; 415; 429 by a rule.
pub(crate) fn admit<'m>(
    by: Admission<'_>,
    request: &'m Request,
    operation: RoutedOperation<'m>,
    routed: &Routed<'m>,
) -> Result<AdmittedRequest<'m>, Problem> {
    let principal = by.guard.authorize(operation.requirement, request)?;
    let directive = Directive::of_request(request).map_err(|preference| invalid(&preference))?;
    let texts: Vec<_> = operation.path_parameters().zip(routed.texts()).collect();
    let (query, headers, body) = (request.uri().query(), request.headers(), request.body());
    let incoming = Incoming { path: &texts, query, headers, body };
    let decoded = operation.compiled.requests.decode(by.schemas, &incoming)?;
    let (target, is_beside_slash) = (routed.target, routed.is_beside_slash());
    let mut admitted =
        AdmittedRequest { request, target, operation, texts, decoded, is_beside_slash, principal, directive };
    let by_rule = by.rules.apply(&admitted, by.seed)?.unwrap_or_default();
    let by_document = operation.compiled.directive(&admitted);
    admitted.directive = admitted.directive.or(by_rule).or(by_document);
    let delay = admitted.directive.delay.or(by.delay);
    admitted.directive.delay = delay.map(|delay| by.drawn(delay));
    admitted.directive.pace = admitted.directive.pace.or(by.pace);
    admitted.directive.hold = admitted.directive.hold.or(by.hold.then_some(true));
    Ok(admitted)
}

fn invalid(preference: &str) -> Problem {
    let detail = format!("the preference `{preference}` makes no sense to the mock");
    Problem::new(StatusCode::BAD_REQUEST, detail)
}
