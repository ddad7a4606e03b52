//! Byte ranges (RFC 9110, 14) of responses that offer them by `Accept-Ranges: bytes`.

use http::header::{ACCEPT_RANGES, CONTENT_RANGE, ETAG, IF_RANGE, LAST_MODIFIED, RANGE};
use http::{HeaderValue, Method, StatusCode};
use http_range_header::{RangeUnsatisfiableError, parse_range_header};

use super::message::{Request, Response};
use super::problem::Problem;
use super::seed::Seed;

/// Offers ranges of a response, with a strong `ETag` of its body unless it has an entity tag.
pub(crate) fn offer(response: &mut Response) {
    let hash = Seed::new(0).with_bytes(response.body()).value();
    let tag = HeaderValue::try_from(format!("\"{hash:016x}\""));
    let headers = response.headers_mut();
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Ok(tag) = tag {
        headers.entry(ETAG).or_insert(tag);
    }
}

/// Cuts a response to the range that a request asks for: 206, or 416 where there are no such bytes. Several ranges at once, and
/// a `Range` that is malformed or of another unit, are ignored (RFC 9110, 14.2).
pub(crate) fn apply(request: &Request, response: &mut Response) {
    let offers = response.headers().get(ACCEPT_RANGES).is_some_and(|unit| unit == "bytes");
    if request.method() != Method::GET || response.status() != StatusCode::OK || !offers {
        return;
    }
    let range = request.headers().get(RANGE).and_then(|range| range.to_str().ok());
    let Some(range) = range.filter(|_| is_current(request, response)) else { return };
    let length = response.body().len();
    let ranges = parse_range_header(range).and_then(|ranges| ranges.validate(length as u64));
    match ranges.as_deref() {
        Ok([one]) => {
            let (Ok(start), Ok(end)) = (usize::try_from(*one.start()), usize::try_from(*one.end())) else {
                return;
            };
            if start > end || end >= length {
                return;
            }
            *response.body_mut() = response.body().slice(start..=end);
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            let stated = HeaderValue::try_from(format!("bytes {start}-{end}/{length}"));
            response.headers_mut().extend(stated.ok().map(|stated| (CONTENT_RANGE, stated)));
        }
        Err(RangeUnsatisfiableError::Unsatisfiable) => {
            let detail = format!("the file has {length} bytes, and none in the range `{range}`");
            let problem = Problem::new(StatusCode::RANGE_NOT_SATISFIABLE, detail);
            *response = problem.header(CONTENT_RANGE, &format!("bytes */{length}")).into_response();
        }
        Ok(_) | Err(_) => {}
    }
}

/// Whether the condition of a range holds: the entity tag or the date of `If-Range` is exactly that of the response, and the
/// tag is strong (RFC 9110, 13.1.5).
fn is_current(request: &Request, response: &Response) -> bool {
    let Some(condition) = request.headers().get(IF_RANGE) else { return true };
    let name = if condition.as_bytes().first() == Some(&b'"') { ETAG } else { LAST_MODIFIED };
    response.headers().get(name) == Some(condition)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(fields: &[(&str, &str)], expected: (u16, &str, &str)) {
        let mut response = Response::new("0123456789".into());
        offer(&mut response);
        response.headers_mut().insert(ETAG, HeaderValue::from_static("\"v1\""));
        let request =
            fields.iter().fold(http::Request::builder(), |it, (name, value)| it.header(*name, *value));
        apply(&request.body(Default::default()).unwrap(), &mut response);
        let range = response.headers().get(CONTENT_RANGE).map_or("", |value| value.to_str().unwrap());
        let body = match response.status().as_u16() {
            416 => "",
            _ => std::str::from_utf8(response.body()).unwrap(),
        };
        assert_eq!((response.status().as_u16(), range, body), expected, "{fields:?}");
    }

    #[test]
    fn ranges_are_cut_refused_or_ignored() {
        const WHOLE: (u16, &str, &str) = (200, "", "0123456789");
        check(&[], WHOLE);
        check(&[("range", "bytes=2-4")], (206, "bytes 2-4/10", "234"));
        check(&[("range", "bytes=7-")], (206, "bytes 7-9/10", "789"));
        check(&[("range", "bytes=-2")], (206, "bytes 8-9/10", "89"));
        check(&[("range", "bytes=8-99")], (206, "bytes 8-9/10", "89"));
        check(&[("range", "bytes=10-")], (416, "bytes */10", ""));
        check(&[("range", "bytes=-0")], (416, "bytes */10", ""));
        for ignored in ["bytes=0-1,4-5", "lines=0-1", "bytes=4-2", "bytes=", "2-4"] {
            check(&[("range", ignored)], WHOLE);
        }
    }

    #[test]
    fn a_range_of_another_version_is_ignored() {
        check(&[("range", "bytes=0-0"), ("if-range", "\"v1\"")], (206, "bytes 0-0/10", "0"));
        check(&[("range", "bytes=0-0"), ("if-range", "\"v2\"")], (200, "", "0123456789"));
        check(&[("range", "bytes=0-0"), ("if-range", "W/\"v1\"")], (200, "", "0123456789"));
        let date = "Tue, 01 Dec 2026 00:00:00 GMT";
        check(&[("range", "bytes=0-0"), ("if-range", date)], (200, "", "0123456789"));
    }
}
