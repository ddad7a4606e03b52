//! What is changed of a message that is passed on, and what is refused: fields of one connection, targets that name
//! another path.

use http::header::{
    CONNECTION, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName};
use percent_encoding::percent_decode_str;
use reqwest::Url;

/// The header fields of one connection (RFC 9110, 7.6.1), beside those that `Connection` names.
const HOP_BY_HOP: [HeaderName; 9] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Removes the header fields of one connection.
pub(super) fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named = headers.get_all(CONNECTION).iter().filter_map(|line| line.to_str().ok());
    let named: Vec<HeaderName> =
        named.flat_map(|line| line.split(',')).filter_map(|name| name.trim().parse().ok()).collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
}

/// Removes the CORS header fields.
pub(super) fn remove_sharing(headers: &mut HeaderMap) {
    let named = headers.keys().filter(|name| name.as_str().starts_with("access-control-"));
    let named: Vec<_> = named.cloned().collect();
    named.iter().for_each(|name| _ = headers.remove(name));
}

/// Returns the URL of a target below the base URL of a service. `None` where the URL would name another path than the
/// target does, and another than was validated: `..` and `.` in any spelling, and backslashes (WHATWG URL, 4.4).
pub(super) fn upstream_url(base: &Url, target: &str) -> Option<Url> {
    if !target.is_empty() && !target.starts_with(['/', '?']) {
        return None;
    }
    let text = base.as_str().trim_end_matches('/');
    let url = Url::parse(&format!("{text}{target}")).ok()?;
    let path = target.split('?').next().unwrap_or_default();
    let base_path = base.path().trim_end_matches('/');
    let decoded = |text: &str| percent_decode_str(text).collect::<Vec<u8>>();
    let expected = [decoded(base_path), decoded(path)].concat();
    let is_root = expected.is_empty() && url.path() == "/";
    (url.origin() == base.origin() && (is_root || decoded(url.path()) == expected)).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_keeps_its_path() {
        let check = |target: &str, expected: Option<&str>| {
            let base = Url::parse("http://service.test/api/").unwrap();
            let url = upstream_url(&base, target);
            assert_eq!(url.as_ref().map(Url::as_str), expected, "{target}");
        };
        check("/pets/7?a=%2e%2e/..", Some("http://service.test/api/pets/7?a=%2e%2e/.."));
        check("/pets/a%2Fb", Some("http://service.test/api/pets/a%2Fb"));
        check("/pets/..7/%2e7", Some("http://service.test/api/pets/..7/%2e7"));
        check("/{id}", Some("http://service.test/api/%7Bid%7D"));
        check("", Some("http://service.test/api"));
        for beyond in [
            "/../admin",
            "/%2e%2e/admin",
            "/.%2E/admin",
            "/pets/./7",
            "/pets/%2e",
            "/..",
            "\\..\\admin",
            "/a\\b",
        ] {
            check(beyond, None);
        }
        check("@other.test/", None);
        check(":81/", None);
    }
}
