//! The names of the mock's own host: a request to another name was sent by a page whose name was rebound to this machine.

use std::net::IpAddr;

use http::header::HOST;
use http::uri::Authority;

use super::message::Request;

/// Returns the `Host` of a request; `None` where it has none, several, or one that cannot be parsed.
pub(crate) fn host_of(request: &Request) -> Option<Authority> {
    let mut lines = request.headers().get_all(HOST).iter();
    let line = lines.next().filter(|_| lines.next().is_none())?;
    line.to_str().ok()?.parse().ok()
}

/// Whether a host is the mock's own: an address, `localhost`, or one of these names.
pub(crate) fn is_own_host(host: &Authority, names: &[String]) -> bool {
    let name = host.host();
    name.eq_ignore_ascii_case("localhost")
        || name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
        || names.iter().any(|own| own.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_addresses_localhost_and_the_listed_names() {
        let names = ["mock".to_owned()];
        let check = |host: &str, expected: bool| {
            let request = http::Request::builder().header("host", host).body(Default::default()).unwrap();
            let found = host_of(&request).is_some_and(|host| is_own_host(&host, &names));
            assert_eq!(found, expected, "{host}");
        };
        for own in ["localhost", "LocalHost:4010", "127.0.0.1:1", "[::1]:4010", "192.168.0.7", "Mock:4010"] {
            check(own, true);
        }
        for other in
            ["example.com", "mock.example.com", "localhost.example.com", "", "a b", "127.0.0.1.example"]
        {
            check(other, false);
        }
    }
}
