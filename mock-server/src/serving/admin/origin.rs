//! Which requests the interface answers: those of its own page and of programs, never those of pages of other sites.

use http::header::{HeaderName, ORIGIN};
use http::uri::Authority;
use http::{Method, Uri};

use crate::vocabulary::host::{host_of, is_own_host};
use crate::vocabulary::message::Request;

/// Fetch Metadata (W3C): the relation of a page to the server that it sends a request to.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether a request is the interface's own: its host is the mock's (another name may have been rebound), its origin, if
/// it has one, is this host, and no other site caused it. A link of another site may open the page.
pub(super) fn is_own(request: &Request, names: &[String], is_page: bool) -> bool {
    let Some(host) = host_of(request).filter(|host| is_own_host(host, names)) else { return false };
    let is_foreign =
        text(request, &SEC_FETCH_SITE).is_some_and(|site| matches!(site, "cross-site" | "same-site"));
    let opens_page = is_page && request.method() == Method::GET;
    has_origin(request, &host) && (!is_foreign || opens_page)
}

/// Whether a request states no origin, or that of the host. An origin that cannot be parsed is foreign.
fn has_origin(request: &Request, host: &Authority) -> bool {
    let mut origins = request.headers().get_all(ORIGIN).iter();
    let Some(origin) = origins.next() else { return true };
    let stated = origin.to_str().ok().and_then(|text| text.parse::<Uri>().ok());
    let authority = stated.as_ref().and_then(Uri::authority);
    origins.next().is_none() && authority == Some(host)
}

/// Returns the text of a header field that occurs once.
fn text<'r>(request: &'r Request, name: &HeaderName) -> Option<&'r str> {
    let mut lines = request.headers().get_all(name).iter();
    let line = lines.next()?;
    line.to_str().ok().filter(|_| lines.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks whether a request with these header fields is the interface's own.
    fn check(method: &str, fields: &[(&str, &[u8])], is_page: bool, expected: bool) {
        let mut request = http::Request::builder().method(method);
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let request = request.body(Default::default()).unwrap();
        assert_eq!(is_own(&request, &["mock".to_owned()], is_page), expected, "{method} {fields:?}");
    }

    #[test]
    fn only_its_own_page_and_programs_are_answered() {
        let host: (&str, &[u8]) = ("host", b"127.0.0.1:4010");
        check("POST", &[host], false, true);
        check("POST", &[("host", b"LocalHost:4010"), ("origin", b"http://localhost:4010")], false, true);
        check("POST", &[("host", b"localhost:4010"), ("origin", b"HTTP://LOCALHOST:4010")], false, true);
        check("POST", &[("host", b"[::1]:4010")], false, true);
        check("POST", &[("host", b"mock:4010"), ("origin", b"http://mock:4010")], false, true);
        check("POST", &[("host", b"rebound.example")], false, false);
        check("POST", &[], false, false);
        check("POST", &[host, ("origin", b"http://example.com")], false, false);
        check("POST", &[host, ("origin", b"null")], false, false);
        check("POST", &[host, ("origin", b"\xff")], false, false);
        check("POST", &[host, ("origin", b"")], false, false);
        check("POST", &[host, ("origin", b"http://127.0.0.1:4010"), ("origin", b"http://x")], false, false);
        check("POST", &[host, ("sec-fetch-site", b"cross-site")], false, false);
        check("POST", &[host, ("sec-fetch-site", b"cross-site")], true, false);
        check("GET", &[host, ("sec-fetch-site", b"cross-site")], true, true);
        check("GET", &[host, ("sec-fetch-site", b"cross-site")], false, false);
        check("POST", &[host, ("sec-fetch-site", b"same-origin")], false, true);
    }
}
