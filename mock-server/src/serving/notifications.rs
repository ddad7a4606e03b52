//! Callbacks and webhooks as the document describes them: the requests that a service sends (OAS 4.8.18, `webhooks`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use descant_exchange::{Incoming, Schemas, TextCodec};
use descant_model::api::{ExampleValue, Location, Operation, Parameter, SchemeKind};
use descant_runtime::media::{self, Hints};
use descant_runtime::response::put_header;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;

use crate::mock::Mock;
use crate::tables::operation_table::RoutedOperation;
use crate::tables::schema_paths;
use crate::vocabulary::expression::{ExchangeView, resolve};
use crate::vocabulary::message::{Request, Response};
use crate::vocabulary::seed::Seed;
use crate::vocabulary::value_path::{at, put};

/// The callbacks of one response.
const MAX_CALLBACKS: usize = 16;

/// A request that the mock is to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notification {
    /// `callback NAME` or `webhook NAME`.
    pub(crate) name: String,
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Returns the callbacks that an exchange causes: those of its operation whose URL has all its values. A response that is no
/// success causes none.
pub(crate) fn callbacks(mock: &Mock, key: &str, request: &Request, response: &Response) -> Vec<Notification> {
    let Some(routed) = mock.operations.named(key).filter(|_| response.status().is_success()) else {
        return Vec::new();
    };
    let own = routed.operation.callbacks.iter();
    let callbacks =
        own.flat_map(|(name, operations)| operations.iter().map(move |operation| (name, operation)));
    let callbacks: Vec<_> = callbacks.take(MAX_CALLBACKS).collect();
    if callbacks.is_empty() {
        return Vec::new();
    }
    let Ok(found) = mock.router.find_operations(request) else { return Vec::new() };
    let texts: Vec<_> = routed.path_parameters().zip(found.texts()).collect();
    let (query, headers, body) = (request.uri().query(), request.headers(), request.body());
    let incoming = Incoming { path: &texts, query, headers, body };
    let sent =
        routed.compiled.requests.decode(&mock.schemas, &incoming).ok().and_then(|decoded| decoded.body);
    let received: Option<Value> = serde_json::from_slice(response.body()).ok();
    let exchange = ExchangeView {
        method: request.method().as_str(),
        uri: request.uri(),
        status: response.status().as_u16(),
        request_headers: request.headers(),
        response_headers: response.headers(),
        path: &texts,
        request_body: sent.as_ref(),
        response_body: received.as_ref(),
    };
    let made = callbacks.into_iter().filter_map(|(name, operation)| {
        let url = resolve(&operation.path.raw, &exchange)?;
        let seed = Seed::new(mock.seed()).with(key).with(&url);
        let payload = payload(mock, operation, seed);
        let payload = payload.map(|payload| with_item(mock, routed, operation, payload, received.as_ref()));
        Some(notification(mock, (format!("callback {name}"), operation), url, payload, seed))
    });
    made.collect()
}

/// Returns a webhook of the document with a body of its own, or one by the document; `None` where there is none of that name.
pub(crate) fn webhook(mock: &Mock, name: &str, url: &str, body: Option<Value>) -> Option<Notification> {
    let operation = mock.api().webhooks.iter().find(|operation| operation.path.raw == name)?;
    let seed = Seed::new(mock.seed()).with(name);
    let payload = body.or_else(|| payload(mock, operation, seed));
    Some(notification(mock, (format!("webhook {name}"), operation), url.to_owned(), payload, seed))
}

fn notification(
    mock: &Mock,
    (name, operation): (String, &Operation),
    url: String,
    payload: Option<Value>,
    seed: Seed,
) -> Notification {
    let schemas = &*mock.schemas;
    let mut headers = HeaderMap::new();
    for parameter in operation.parameters.iter().filter(|one| one.location == Location::Header) {
        let value = parameter_value(schemas, parameter, seed.with(&parameter.name));
        if let Some(value) = value {
            // A value that no header field can hold is left out.
            let _ = put_header(
                &mut headers,
                &parameter.name,
                TextCodec::of_parameter(parameter).encoding(),
                &value,
            );
        }
    }
    authorize(mock, operation, &mut headers);
    let content = operation.request_body.as_ref().and_then(|body| body.content.first());
    let mut body = Bytes::new();
    if let Some(((media_type, content), payload)) = content.zip(payload) {
        let concrete = media::concrete(media_type, false);
        let shape = schemas.body(content);
        let encoded = media::encode(&concrete, &payload, Hints { shape: Some(&shape) });
        body = encoded.unwrap_or_else(|_| payload.to_string().into());
        let stated = HeaderValue::try_from(media::content_type(&concrete, &body));
        headers.extend(stated.ok().map(|stated| (CONTENT_TYPE, stated)));
    }
    let method = Method::from_bytes(operation.method.as_bytes()).unwrap_or(Method::POST);
    Notification { name, method, url, headers, body }
}

/// Returns the body that the document describes: its example, else a sampled value.
fn payload(mock: &Mock, operation: &Operation, seed: Seed) -> Option<Value> {
    let (_, content) = operation.request_body.as_ref()?.content.first()?;
    let example = content.examples.iter().find_map(|example| match &example.value {
        ExampleValue::Data(value) => Some(Value::clone(value)),
        ExampleValue::Serialized(_) | ExampleValue::External(_) => None,
    });
    example.or_else(|| mock.schemas.sample(content.schema?, seed.value()))
}

/// Returns the body of a callback with the item that the response shows, where the body has an item of the same schema.
fn with_item(
    mock: &Mock,
    caused_by: RoutedOperation<'_>,
    callback: &Operation,
    payload: Value,
    response: Option<&Value>,
) -> Value {
    let schemas = mock.schemas.model();
    let shown = || {
        let (schema, path) = mock.stock.part(caused_by.index)?.response.as_ref()?;
        let item = schema_paths::item(schemas, *schema, path, false)?;
        let (_, content) = callback.request_body.as_ref()?.content.first()?;
        let place = schema_paths::find_value(schemas, content.schema?, item)?;
        let shown = put(payload.clone(), &place, at(response?, path)?.clone());
        mock.schemas.is_valid(content.schema?, &shown).then_some(shown)
    };
    shown().unwrap_or(payload)
}

fn parameter_value(schemas: &Schemas, parameter: &Parameter, seed: Seed) -> Option<Value> {
    let example = parameter.examples.iter().find_map(|example| match &example.value {
        ExampleValue::Data(value) => Some(Value::clone(value)),
        ExampleValue::Serialized(text) => Some(Value::from(text.to_string())),
        ExampleValue::External(_) => None,
    });
    example.or_else(|| schemas.sample(parameter.schema?, seed.value()))
}

/// Adds the credentials that the callback or webhook itself requires, if the document lists them.
fn authorize(mock: &Mock, operation: &Operation, headers: &mut HeaderMap) {
    let first = operation.security.alternatives.first();
    for name in first.iter().flat_map(|requirement| requirement.schemes.keys()) {
        let Some(scheme) = mock.api().security_schemes.get(name) else { continue };
        let Some(credential) = scheme.descant.credentials.iter().flatten().next() else { continue };
        let pair = match (&scheme.kind, &credential.value) {
            (SchemeKind::ApiKey { location: Location::Header, name }, Some(key)) => {
                name.parse().ok().map(|name: HeaderName| (name, key.clone()))
            }
            (SchemeKind::Basic, _) => {
                let text = |part: &Option<String>| part.clone().unwrap_or_default();
                let pair = format!("{}:{}", text(&credential.user), text(&credential.password));
                Some((AUTHORIZATION, format!("Basic {}", STANDARD.encode(pair))))
            }
            (SchemeKind::Bearer { .. } | SchemeKind::OAuth2 { .. }, Some(token)) => {
                Some((AUTHORIZATION, format!("Bearer {token}")))
            }
            _ => None,
        };
        headers.extend(pair.and_then(|(name, value)| Some((name, HeaderValue::try_from(value).ok()?))));
    }
}
