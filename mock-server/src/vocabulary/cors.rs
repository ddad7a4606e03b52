//! Cross-origin requests (Fetch, 3.3): the mock lets pages of any origin read its responses.

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ALLOW, ORIGIN, VARY,
};
use http::{HeaderValue, Method};

use super::message::{Request, Response};

/// Whether a request is a CORS preflight.
pub(crate) fn is_preflight(request: &Request) -> bool {
    let headers = request.headers();
    request.method() == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// Adds the CORS header fields to a response, where the request has an `Origin`.
pub(crate) fn share(request: &Request, response: &mut Response) {
    let Some(origin) = request.headers().get(ORIGIN) else { return };
    if !is_preflight(request) {
        return share_with(origin, response);
    }
    let allowed = response.headers().get(ALLOW).cloned();
    admit(origin, response);
    let headers = response.headers_mut();
    let asked = request.headers().get(ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    // The method that the page asks for is allowed even if the document has none: so it can read the 404 or 405.
    let method = request.headers().get(ACCESS_CONTROL_REQUEST_METHOD);
    headers.extend(methods(allowed.as_ref(), method).map(|methods| (ACCESS_CONTROL_ALLOW_METHODS, methods)));
    headers.extend(asked.map(|names| (ACCESS_CONTROL_ALLOW_HEADERS, names)));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
}

/// Lets the pages of an origin read a response with all its header fields.
pub(crate) fn share_with(origin: &HeaderValue, response: &mut Response) {
    let names: Vec<_> = response.headers().keys().map(|name| name.as_str()).collect();
    let exposed = HeaderValue::from_str(&names.join(", ")).ok();
    admit(origin, response);
    response.headers_mut().extend(exposed.map(|names| (ACCESS_CONTROL_EXPOSE_HEADERS, names)));
}

fn admit(origin: &HeaderValue, response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    headers.append(VARY, HeaderValue::from_static("Origin"));
}

/// Returns the methods of `Allow` and the requested one.
fn methods(allowed: Option<&HeaderValue>, requested: Option<&HeaderValue>) -> Option<HeaderValue> {
    let text =
        |value: Option<&'_ HeaderValue>| value.and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (allowed, requested) = (text(allowed).unwrap_or_default(), text(requested)?);
    match allowed.split(", ").any(|known| known == requested) {
        true => HeaderValue::try_from(allowed).ok(),
        false if allowed.is_empty() => HeaderValue::try_from(requested).ok(),
        false => HeaderValue::try_from(format!("{allowed}, {requested}")).ok(),
    }
}
