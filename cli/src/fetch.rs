//! Fetches files from other hosts: one request at a time, without proxies or cookies. A name that resolves to a private address
//! is refused, because the owner of a name controls its address, unless the user states it as that of a document.

use std::error::Error;
use std::io::Read as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use descant_model::parse::MAX_BYTES;
use descant_model::references::{Answer, Fetch, Limits};
use reqwest::blocking::{Client, ClientBuilder, Response};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::LOCATION;
use reqwest::redirect::Policy;
use reqwest::{StatusCode, Url};
use url::Host;

/// A client that is created on the first request.
#[derive(Default)]
pub(crate) struct Http {
    client: OnceLock<Result<Client, String>>,
}

impl Fetch for Http {
    fn get(&self, url: &Url, limits: &Limits) -> Result<Answer, String> {
        let start = Instant::now();
        let client = self.client.get_or_init(client).as_ref().map_err(String::clone)?;
        let response = client.get(url.clone()).timeout(limits.timeout).send().map_err(|e| innermost(&e))?;
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        match (response.status(), location) {
            (status, Some(location)) if status.is_redirection() => Ok(Answer::Redirect(location.to_owned())),
            (StatusCode::OK, _) => read(response, limits, start).map(Answer::Body),
            (status, _) => Err(format!("the response is {status}")),
        }
    }
}

/// The time in which a document is fetched, redirects included, and the number of these.
const DOCUMENT_TIMEOUT: Duration = Duration::from_secs(30);
const MAX_REDIRECTS: usize = 5;

/// Fetches the document at a URL that the user states, of whatever host; returns the URL that it has in the end. A redirect to another
/// host leads to public addresses alone, since the user has not stated that host.
pub(crate) fn document(url: &Url) -> Result<(Url, Vec<u8>), String> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the URL contains a user name or password".to_owned());
    }
    let stated = Http { client: OnceLock::from(builder().build().map_err(|error| innermost(&error))) };
    let (public, start, mut at) = (Http::default(), Instant::now(), url.clone());
    for _ in 0..=MAX_REDIRECTS {
        let is_stated = at.host() == url.host();
        if !is_stated && !matches!(at.host(), Some(Host::Domain(name)) if name != "localhost") {
            return Err(format!("it redirects to {}", at.host_str().unwrap_or_default()));
        }
        let timeout = DOCUMENT_TIMEOUT.saturating_sub(start.elapsed());
        if timeout.is_zero() {
            return Err("the request timed out".to_owned());
        }
        let limits = Limits { max_bytes: MAX_BYTES, timeout };
        match if is_stated { &stated } else { &public }.get(&at, &limits)? {
            Answer::Body(body) => return Ok((at, body)),
            Answer::Redirect(location) => {
                let next = at.join(&location).map_err(|_| "it redirects to an invalid URL".to_owned())?;
                let is_weaker = at.scheme() == "https" && next.scheme() != "https";
                if is_weaker || !matches!(next.scheme(), "http" | "https") {
                    return Err(format!("it redirects from {} to {}", at.scheme(), next.scheme()));
                }
                at = next;
            }
        }
    }
    Err(format!("it redirects more than {MAX_REDIRECTS} times"))
}

fn builder() -> ClientBuilder {
    let builder = Client::builder().redirect(Policy::none()).no_proxy();
    builder.user_agent(concat!("descant/", env!("CARGO_PKG_VERSION")))
}

fn client() -> Result<Client, String> {
    builder().dns_resolver(Arc::new(Public)).build().map_err(|error| innermost(&error))
}

/// Reads the body within the limits. The client's own time limit applies to each read.
fn read(mut response: Response, limits: &Limits, start: Instant) -> Result<Vec<u8>, String> {
    let (mut body, mut chunk) = (Vec::new(), [0; 16 << 10]);
    loop {
        let length = response.read(&mut chunk).map_err(|error| innermost(&error))?;
        body.extend_from_slice(chunk.get(..length).unwrap_or_default());
        if length == 0 {
            return Ok(body);
        }
        if body.len() as u64 > limits.max_bytes {
            return Err(format!("it has more than {} bytes", limits.max_bytes));
        }
        if start.elapsed() > limits.timeout {
            return Err("the request timed out".to_owned());
        }
    }
}

/// Returns the innermost source of an error: the outer ones only add that there was an error.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// Resolves names as the system does, but only to public addresses. It is not called for an address in a URL, which
/// was allowed as such.
struct Public;

impl Resolve for Public {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let host = name.as_str();
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(Box::new(allowed(host, found)?.into_iter()) as Addrs)
        })
    }
}

/// Returns the permitted addresses of a name.
fn allowed(host: &str, found: impl Iterator<Item = SocketAddr>) -> Result<Vec<SocketAddr>, String> {
    let allowed: Vec<_> = found.filter(|address| host == "localhost" || is_public(address.ip())).collect();
    if allowed.is_empty() { Err(format!("`{host}` resolves to a private address")) } else { Ok(allowed) }
}

/// Whether an address is globally reachable (the registries of RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation();
    let ranges = matches!(
        address.octets(),
        [0, ..] | [100, 64..=127, ..] | [192, 0, 0, _] | [198, 18..=19, ..] | [240..=255, ..]
    );
    !special && !ranges
}

/// Global unicast addresses (`2000::/3`; RFC 4291, 2.4), except those that embed an IPv4 address or are reserved for
/// documentation.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    if let Some(older) = address.to_ipv4_mapped() {
        return is_public_v4(older);
    }
    let reserved =
        matches!(segments, [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x2002, ..] | [0x3fff, ..]);
    matches!(segments, [0x2000..=0x3fff, ..]) && !reserved
}

#[cfg(test)]
mod tests {
    //! Against a server on this machine.

    use std::io::Write as _;
    use std::net::TcpListener;
    use std::time::Duration;

    use super::*;

    const LIMITS: Limits = Limits { max_bytes: 1000, timeout: Duration::from_millis(400) };

    /// Serves one answer, a byte at a time where it is slow, and returns what a request for it comes to.
    fn get(host: &str, answer: &'static str, pause: Duration) -> Result<Answer, String> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            _ = stream.read(&mut [0; 1000]);
            for byte in answer.as_bytes().chunks(if pause.is_zero() { answer.len() } else { 1 }) {
                if stream.write_all(byte).is_err() {
                    break;
                }
                std::thread::sleep(pause);
            }
        });
        let url = Url::parse(&format!("http://{host}:{port}/x")).unwrap();
        Http::default().get(&url, &LIMITS)
    }

    #[track_caller]
    fn check(host: &str, answer: &'static str, expected: &str) {
        let found = match get(host, answer, Duration::ZERO) {
            Ok(Answer::Body(body)) => format!("body {}", String::from_utf8(body).unwrap()),
            Ok(Answer::Redirect(location)) => format!("redirect {location}"),
            Err(error) => format!("error {error}"),
        };
        assert!(found.starts_with(expected), "{found}");
    }

    #[test]
    fn answers() {
        check("127.0.0.1", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", "body {}");
        check("localhost", "HTTP/1.1 200 OK\r\n\r\nuntil the end", "body until the end");
        check("127.0.0.1", "HTTP/1.1 302 Found\r\nlocation: /y\r\ncontent-length: 0\r\n\r\n", "redirect /y");
        check(
            "127.0.0.1",
            "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
            "error the response is 404",
        );
        check("127.0.0.1", "nonsense", "error ");
    }

    #[test]
    fn a_body_that_is_too_long_or_too_slow_is_left() {
        let long = Box::leak(format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(1001)).into_boxed_str());
        check("127.0.0.1", long, "error it has more than 1000 bytes");
        let (start, slow) = (Instant::now(), "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{}");
        assert!(get("127.0.0.1", slow, Duration::from_millis(20)).is_err());
        assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    }

    #[test]
    fn a_name_leads_to_public_addresses_alone() {
        let of = |host, addresses: &[&str]| {
            let found = addresses.iter().map(|address| SocketAddr::new(address.parse().unwrap(), 80));
            allowed(host, found).map(|allowed| allowed.len())
        };
        assert_eq!(of("a.test", &["127.0.0.1", "8.8.8.8", "::1"]), Ok(1));
        assert_eq!(of("localhost", &["127.0.0.1", "::1"]), Ok(2));
        assert!(of("a.test", &["127.0.0.1", "10.1.1.1"]).is_err());
    }

    #[test]
    fn private_networks() {
        let private = "0.0.0.0 10.0.0.1 127.0.0.1 169.254.169.254 172.16.0.1 192.168.1.1 100.64.0.1 224.0.0.1 \
            255.255.255.255 :: ::1 ::ffff:10.0.0.1 fe80::1 fd00::1 ff02::1 64:ff9b::a00:1 2002:a00:1:: 2001:db8::1 \
            fec0::1 ::127.0.0.1";
        for address in private.split_whitespace() {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "2a00:1450:4001::1", "::ffff:8.8.8.8"] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }
}
