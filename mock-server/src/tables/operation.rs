//! A compiled operation: how its requests are decoded, and which responses it documents.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use descant_exchange::{RequestPlan, Schemas, TextCodec, accept};
use descant_model::api::{self, ExampleValue, Header, Operation, StatusPattern, When};
use descant_runtime::media::MediaKind;
use descant_runtime::response::put_header;
use http::header::{
    CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, DATE, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

use super::header_samples::{SessionCookie, customary};
use super::representation::Representation;
use crate::vocabulary::condition::{RequestView, holds};
use crate::vocabulary::directive::Directive;
use crate::vocabulary::message::Response;
use crate::vocabulary::negotiate;
use crate::vocabulary::problem::Problem;
use crate::vocabulary::seed::Seed;
use crate::vocabulary::value_path::fold;

/// A compiled operation.
pub(crate) struct CompiledOperation {
    pub(crate) requests: RequestPlan,
    pub(crate) responses: Vec<CompiledResponse>,
    /// The last response from the stock, for a request that is repeated, with the hash of what it depends on.
    last_stocked: Mutex<Option<(u64, Response)>>,
}

/// The greatest length of a body from the stock that is cached.
const MAX_CACHED: usize = 64 * 1024;

/// A documented response.
pub(crate) struct CompiledResponse {
    pub(crate) pattern: StatusPattern,
    /// The condition of requests that get this response; `None` for all.
    pub(crate) when: Option<Arc<When>>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) representations: Vec<Representation>,
    /// The header fields, without examples, that count the items of a list.
    pub(crate) counts: Vec<HeaderName>,
}

/// A representation that was negotiated, with the media type to send it as, also as a header field.
pub(crate) struct Negotiated<'a> {
    pub(crate) representation: &'a Representation,
    pub(crate) media_type: Cow<'a, str>,
    pub(crate) content_type: HeaderValue,
}

impl CompiledOperation {
    /// Compiles an operation; `seed` is the mock's.
    pub(crate) fn new(schemas: &Schemas, operation: &Operation, seed: u64, cookie: &SessionCookie) -> Self {
        let seed = Seed::new(seed).with(&operation.key());
        let responses = operation.responses.iter();
        let responses = responses
            .map(|(pattern, response)| CompiledResponse::new(schemas, *pattern, response, seed, cookie));
        let (requests, responses) = (RequestPlan::new(schemas, operation), responses.collect());
        Self { requests, responses, last_stocked: Mutex::default() }
    }

    /// Returns the last response from the stock, where it depends on the same values.
    pub(crate) fn stocked(&self, key: u64) -> Option<Response> {
        let last = self.last_stocked.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().filter(|(known, _)| *known == key).map(|(_, response)| response.clone())
    }

    /// Caches a response from the stock.
    pub(crate) fn keep_stocked(&self, key: u64, response: &Response) {
        if response.body().len() <= MAX_CACHED {
            *self.last_stocked.lock().unwrap_or_else(PoisonError::into_inner) = Some((key, response.clone()));
        }
    }

    /// Returns the response documented for a status: by its code, its range, or `default` (OAS 4.8.16).
    pub(crate) fn response(&self, status: u16) -> Option<&CompiledResponse> {
        let covering = self.responses.iter().filter(|response| response.pattern.covers(status));
        covering.min_by_key(|response| response.pattern)
    }

    /// Returns the directive that the document's own conditions give for a request.
    pub(crate) fn directive(&self, request: &dyn RequestView) -> Directive {
        let is_met =
            |response: &CompiledResponse| response.when.as_deref().is_some_and(|when| holds(when, request));
        let met = self.responses.iter().enumerate().filter(|(_, response)| is_met(response));
        let documented = met.min_by_key(|(_, response)| response.preference()).map(|(index, _)| index);
        Directive { documented, ..Directive::default() }
    }
}

impl CompiledResponse {
    fn new(
        schemas: &Schemas,
        pattern: StatusPattern,
        response: &Arc<api::Response>,
        seed: Seed,
        cookie: &SessionCookie,
    ) -> Self {
        let media_type = response.content.keys().next().map(String::as_str);
        let headers = response.headers.iter().filter(|(name, _)| !is_framing(name));
        let mut written = HeaderMap::new();
        for (name, header) in headers {
            let (customary, seed) = ((cookie, media_type), seed.with(name));
            let Some(value) = header_value(schemas, (name, header), customary, seed) else { continue };
            // A value that no header field can hold is left out.
            let _ = put_header(&mut written, name, TextCodec::of_header(header).encoding(), &value);
        }
        let headers = written.iter().map(|(name, value)| (name.clone(), value.clone()));
        let when = response.when.clone();
        let representations = Representation::all(schemas, response);
        let counting =
            response.headers.iter().filter(|(name, header)| header.examples.is_empty() && is_total(name));
        let counts = counting.filter_map(|(name, _)| name.parse().ok()).collect();
        Self { pattern, when, headers: headers.collect(), representations, counts }
    }

    /// Returns the rank of a response that nothing chooses: success first, then the statuses nearest to it.
    pub(crate) fn preference(&self) -> (u8, u16) {
        match self.pattern {
            StatusPattern::Code(code @ 200..=299) => (0, code),
            StatusPattern::Range(2) => (1, 0),
            StatusPattern::Code(code @ 300..=399) => (2, code),
            StatusPattern::Range(3) => (3, 0),
            StatusPattern::Default => (4, 0),
            StatusPattern::Code(code) => (5, code),
            StatusPattern::Range(digit) => (6, digit),
        }
    }

    /// Negotiates the representation for a request. A response that is no success comes even in a type that the caller does
    /// not accept (RFC 9110, 12.4.1): a 406 in its place would hide it.
    ///
    /// # Errors
    /// 406 where the caller accepts none.
    pub(crate) fn negotiate(&self, request_headers: &HeaderMap) -> Result<Negotiated<'_>, Problem> {
        let accept = accept(request_headers);
        let is_error = matches!(self.pattern, StatusPattern::Code(400..) | StatusPattern::Range(4..));
        let any = || self.choose(None).filter(|_| is_error);
        let Some((representation, media_type)) = self.choose(accept.as_deref()).or_else(any) else {
            let offers: Vec<_> = self.representations.iter().map(|one| one.name.as_str()).collect();
            let detail = format!("the response comes as {} alone", offers.join(", "));
            return Err(Problem::new(StatusCode::NOT_ACCEPTABLE, detail));
        };
        let usual = || representation.content_type.clone();
        let content_type = match &media_type {
            Cow::Borrowed(_) => usual(),
            Cow::Owned(name) => HeaderValue::try_from(name).unwrap_or_else(|_| usual()),
        };
        Ok(Negotiated { representation, media_type, content_type })
    }

    /// Returns the event stream that is documented beside other representations.
    pub(crate) fn event_stream(&self) -> Option<Negotiated<'_>> {
        let is_stream = |one: &&Representation| MediaKind::of(&one.usual) == MediaKind::EventStream;
        let representation = self.representations.iter().find(is_stream)?;
        let (media_type, content_type) =
            (Cow::Borrowed(&*representation.usual), representation.content_type.clone());
        let is_beside = self.representations.len() > 1;
        is_beside.then_some(Negotiated { representation, media_type, content_type })
    }

    /// Returns the representation that an `Accept` header field prefers, and the media type to send it as.
    pub(crate) fn choose(&self, accept: Option<&str>) -> Option<(&Representation, Cow<'_, str>)> {
        let offers = self.representations.iter().map(|one| (one.name.as_str(), one.usual.as_str()));
        let (index, name) = negotiate::choose(accept, offers)?;
        Some((self.representations.get(index)?, name))
    }
}

/// Whether a member or header field counts all items of a list, by its name.
pub(crate) fn is_total(name: &str) -> bool {
    let folded = fold(name);
    let name = folded.strip_prefix('x').unwrap_or(&folded);
    matches!(
        name,
        "total" | "totalcount" | "totalitems" | "totalresults" | "totalrecords" | "totalelements" | "count"
    )
}

/// Whether the server sets a header field itself, or the field describes how the body is framed.
fn is_framing(name: &str) -> bool {
    const FRAMING: [HeaderName; 7] =
        [CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, DATE, TRANSFER_ENCODING, UPGRADE];
    FRAMING.iter().any(|known| name.eq_ignore_ascii_case(known.as_str()))
}

/// Returns the value of a response header: its example, else a customary or a sampled value.
fn header_value(
    schemas: &Schemas,
    (name, header): (&str, &Header),
    around: (&SessionCookie, Option<&str>),
    seed: Seed,
) -> Option<Value> {
    let example = header.examples.iter().find_map(|example| match &example.value {
        ExampleValue::Data(value) => Some(Value::clone(value)),
        ExampleValue::Serialized(text) => Some(Value::from(text.to_string())),
        ExampleValue::External(_) => None,
    });
    // An example, an enum or a constant of the schema says more than the name.
    let schema = header.schema.and_then(|id| schemas.model().schema(id));
    let is_open = schema.is_some_and(|schema| {
        schema.examples().is_none_or(|examples| examples.is_empty()) && schema.default_value().is_none()
    });
    let customary = || customary(schemas, (name, header), around, seed).filter(|_| is_open);
    example.or_else(customary).or_else(|| schemas.sample(header.schema?, seed.value()))
}
