//! Renders the canned response of a rule: by the document's representation where it has one of the content type.

use bytes::Bytes;
use descant_exchange::Schemas;
use descant_runtime::media::{self, Hints};
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, StatusCode};

use crate::tables::operation::CompiledOperation;
use crate::vocabulary::directive::CannedResponse;
use crate::vocabulary::message::Response;

/// Returns the response of a rule to a call of an operation; an invalid header field is left out.
pub(crate) fn respond(
    schemas: &Schemas,
    operation: &CompiledOperation,
    canned: &CannedResponse,
    status: StatusCode,
) -> Response {
    let headers = canned.headers.iter();
    let headers: Vec<(HeaderName, HeaderValue)> =
        headers.filter_map(|(name, value)| Some((name.parse().ok()?, value.parse().ok()?))).collect();
    let stated = headers.iter().find(|(name, _)| *name == CONTENT_TYPE);
    let media_type = stated.and_then(|(_, value)| value.to_str().ok()).unwrap_or("application/json");
    let mut response = Response::new(body(schemas, operation, canned, status, media_type));
    *response.status_mut() = status;
    if let Ok(media_type) = HeaderValue::from_str(media_type)
        && canned.body.is_some()
    {
        response.headers_mut().insert(CONTENT_TYPE, media_type);
    }
    for (name, value) in headers.into_iter().filter(|(name, _)| *name != CONTENT_TYPE) {
        response.headers_mut().append(name, value);
    }
    response
}

fn body(
    schemas: &Schemas,
    operation: &CompiledOperation,
    canned: &CannedResponse,
    status: StatusCode,
    media_type: &str,
) -> Bytes {
    let Some(body) = &canned.body else { return Bytes::new() };
    let documented = operation.response(status.as_u16()).map(|response| &response.representations);
    let names: Vec<_> = documented.into_iter().flatten().map(|one| one.name.as_str()).collect();
    let representation = media::select(media_type, &names).and_then(|at| documented?.get(at));
    let encoded = match representation {
        Some(representation) => representation.encode(schemas, media_type, body).ok(),
        None => media::encode(media_type, body, Hints::default()).ok(),
    };
    encoded.unwrap_or_else(|| body.to_string().into())
}
