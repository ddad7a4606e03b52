//! Sends callbacks and webhooks: to the loopback and to allowed hosts alone, a bounded number at a time, each with a bounded
//! number of attempts. No redirect is followed, and no body of a response is read.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST, ORIGIN, USER_AGENT};
use http::{HeaderValue, StatusCode, Uri};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use tokio::sync::Semaphore;

use super::notifications::Notification;
use super::recording::{Recording, SentTo};
use crate::auth::Guard;
use crate::vocabulary::host::is_own_host;
use crate::vocabulary::message::{INTERFACE, Request, Response};
use crate::vocabulary::pending::Verdict;

/// The attempts at one notification.
const ATTEMPTS: u32 = 3;
/// The time before the second attempt; before the third it is [`GROWTH`] times as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const GROWTH: u32 = 4;
/// The time to connect, and that of a whole attempt.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const TIMEOUT: Duration = Duration::from_secs(5);
/// The notifications that are sent at once, and those that are sent or wait.
const AT_ONCE: usize = 8;
const MAX_WAITING: usize = 256;

/// Where notifications may go.
pub(crate) struct Notifier {
    /// The hosts that are allowed beside the loopback.
    hosts: Vec<String>,
    /// Where webhooks go, unless the caller names another URL.
    receiver: Mutex<Option<String>>,
    client: OnceLock<Option<Client>>,
    waiting: Arc<Semaphore>,
    sending: Arc<Semaphore>,
}

impl Notifier {
    pub(crate) fn new(hosts: Vec<String>, receiver: Option<String>) -> Self {
        Self {
            hosts,
            receiver: Mutex::new(receiver),
            client: OnceLock::new(),
            waiting: Arc::new(Semaphore::new(MAX_WAITING)),
            sending: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Returns the URL that webhooks go to.
    pub(crate) fn receiver(&self) -> Option<String> {
        self.receiver.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sets the URL that webhooks go to.
    pub(crate) fn set_receiver(&self, url: Option<String>) {
        *self.receiver.lock().unwrap_or_else(PoisonError::into_inner) = url;
    }

    /// Returns the address of a URL that notifications may go to.
    ///
    /// # Errors
    /// Why they may not.
    pub(crate) fn check(&self, url: &str) -> Result<Url, String> {
        if url.is_empty() {
            return Err("no URL is stated to send webhooks to (--webhooks URL)".to_owned());
        }
        let parsed = Url::parse(url).map_err(|error| format!("`{url}` is no URL: {error}"))?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(format!("`{url}` is no URL of http or https"));
        }
        let host = parsed.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let is_loopback =
            host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
        if !is_loopback && !self.hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(host)) {
            return Err(format!("`{host}` is not the loopback: --allow-callbacks {host} allows it"));
        }
        match parsed.path().contains(INTERFACE) {
            true => Err("the interface of a mock receives no callbacks".to_owned()),
            false => Ok(parsed),
        }
    }

    /// Whether a request may cause callbacks: it is of a program, or of a page of the loopback, an own or an allowed host. The page
    /// of another site could otherwise reach services of this machine by way of the mock.
    pub(crate) fn trusts(&self, request: &Request, own: &[String]) -> bool {
        let Some(origin) = request.headers().get(ORIGIN) else { return true };
        let origin = origin.to_str().ok().and_then(|text| text.parse::<Uri>().ok());
        let Some(authority) = origin.as_ref().and_then(Uri::authority) else { return false };
        is_own_host(authority, own)
            || self.hosts.iter().any(|host| host.eq_ignore_ascii_case(authority.host()))
    }

    /// Sends a notification in the background, not before a response that is delayed has come, and records how it went.
    pub(crate) fn send(
        self: &Arc<Self>,
        notification: Notification,
        recording: Recording,
        guard: Guard,
        delay: Duration,
    ) {
        let started = SystemTime::now();
        let request = request(&notification);
        let record = move |outcome: Outcome| {
            let verdict = Verdict {
                operation: Some(notification.name.into()),
                response: outcome.reason,
                ..Verdict::default()
            };
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = outcome.status;
            recording.record(&guard, &request, &response, verdict, started);
        };
        let checked = self.check(&notification.url);
        let (url, place) = match (checked, self.waiting.clone().try_acquire_owned()) {
            (Ok(url), Ok(place)) => (url, place),
            (Err(reason), _) => return record(Outcome::failed(StatusCode::FORBIDDEN, reason)),
            (_, Err(_)) => {
                let reason = format!("{MAX_WAITING} others wait to be sent");
                return record(Outcome::failed(StatusCode::SERVICE_UNAVAILABLE, reason));
            }
        };
        let message = (notification.method, url, notification.headers, notification.body);
        let notifier = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            let Ok(_sending) = notifier.sending.acquire().await else { return };
            record(notifier.attempts(message).await);
            drop(place);
        });
    }

    /// Attempts to send a message until it is accepted, refused for good, or [`ATTEMPTS`] were made.
    async fn attempts(
        &self,
        (method, url, headers, body): (http::Method, Url, http::HeaderMap, Bytes),
    ) -> Outcome {
        let Some(client) = self.client.get_or_init(client) else {
            return Outcome::failed(StatusCode::BAD_GATEWAY, "no HTTP client can be made".to_owned());
        };
        let mut pause = FIRST_PAUSE;
        for attempt in 1.. {
            let request = client.request(method.clone(), url.clone()).headers(headers.clone());
            let outcome = match request.body(body.clone()).send().await {
                Ok(response) => Outcome::of(response.status()),
                Err(error) if error.is_timeout() => {
                    let reason = format!("no response within {} seconds", TIMEOUT.as_secs());
                    Outcome::failed(StatusCode::GATEWAY_TIMEOUT, reason)
                }
                Err(error) if error.is_connect() => {
                    Outcome::failed(StatusCode::BAD_GATEWAY, "the receiver cannot be reached".to_owned())
                }
                Err(_) => {
                    Outcome::failed(StatusCode::BAD_GATEWAY, "the receiver broke the connection".to_owned())
                }
            };
            if !outcome.may_pass() || attempt == ATTEMPTS {
                return outcome.after(attempt);
            }
            tokio::time::sleep(pause).await;
            pause *= GROWTH;
        }
        Outcome::of(StatusCode::BAD_GATEWAY)
    }
}

/// What became of a notification: the status of the receiver, or the one that a proxy would respond with.
struct Outcome {
    status: StatusCode,
    reason: Option<String>,
}

impl Outcome {
    fn failed(status: StatusCode, reason: String) -> Self {
        Self { status, reason: Some(format!("not delivered: {reason}")) }
    }

    fn of(status: StatusCode) -> Self {
        let reason = match status.as_u16() {
            300..=399 => Some("not delivered: a redirect of the receiver is not followed".to_owned()),
            400.. => Some(format!("not delivered: the receiver responded with {status}")),
            _ => None,
        };
        Self { status, reason }
    }

    /// Whether another attempt may succeed.
    fn may_pass(&self) -> bool {
        let is_busy = self.status == StatusCode::TOO_MANY_REQUESTS || self.status.is_server_error();
        self.reason.is_some() && is_busy
    }

    fn after(self, attempts: u32) -> Self {
        let reason = self.reason.map(|reason| match attempts {
            1 => reason,
            several => format!("{reason} ({several} attempts)"),
        });
        Self { reason, ..self }
    }
}

/// Returns the notification as the request that is recorded.
fn request(notification: &Notification) -> Request {
    let mut request = Request::new(notification.body.clone());
    *request.method_mut() = notification.method.clone();
    if let Ok(uri) = notification.url.parse() {
        *request.uri_mut() = uri;
    }
    *request.headers_mut() = notification.headers.clone();
    // Without the user and the password that a URL may have.
    let authority = request.uri().authority().map(|authority| authority.as_str());
    let host = authority.and_then(|authority| authority.rsplit('@').next()).map(str::to_owned);
    if let Some(host) = host {
        let scheme = request.uri().scheme_str().unwrap_or("http");
        let receiver = SentTo(format!("{scheme}://{host}"));
        request.extensions_mut().insert(receiver);
        request.headers_mut().extend(HeaderValue::try_from(host).ok().map(|host| (HOST, host)));
    }
    request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(notification.body.len()));
    request
}

/// Makes the client: `localhost` is the loopback, whatever a resolver says.
fn client() -> Option<Client> {
    let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let loopback = loopback.map(|address| SocketAddr::new(address, 0));
    let agent = [(USER_AGENT, HeaderValue::from_static(concat!("descant/", env!("CARGO_PKG_VERSION"))))];
    let builder = Client::builder().redirect(Policy::none()).no_proxy().connect_timeout(CONNECT_TIMEOUT);
    let builder = builder.timeout(TIMEOUT).resolve_to_addrs("localhost", &loopback);
    builder.default_headers(agent.into_iter().collect()).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loopback_and_allowed_hosts_are_receivers() {
        let notifier = Notifier::new(vec!["hooks.test".to_owned()], None);
        let check = |url: &str, is_allowed: bool| {
            assert_eq!(notifier.check(url).is_ok(), is_allowed, "{url}: {:?}", notifier.check(url));
        };
        for allowed in [
            "http://localhost:3000/hooks",
            "https://127.0.0.1/",
            "http://127.9.9.9:1/a?b",
            "http://[::1]:3000/",
            "http://HOOKS.test/x",
        ] {
            check(allowed, true);
        }
        for refused in [
            "http://example.com/",
            "http://169.254.169.254/latest/meta-data",
            "http://[::ffff:10.0.0.1]/",
            "http://localhost.example.com/",
            "http://localhost@example.com/",
            "file:///etc/passwd",
            "ftp://localhost/",
            "/hooks",
            "",
            "http://localhost:4010/__descant/reset",
            "http://localhost:4010/v1/__descant/rules",
        ] {
            check(refused, false);
        }
    }

    #[test]
    fn a_page_of_another_site_causes_no_callback() {
        let notifier = Notifier::new(vec!["app.test".to_owned()], None);
        let check = |origin: Option<&str>, expected: bool| {
            let mut request = Request::new(Bytes::new());
            let origin = origin.map(|origin| origin.parse().unwrap());
            request.headers_mut().extend(origin.map(|origin| (ORIGIN, origin)));
            assert_eq!(notifier.trusts(&request, &["mock".to_owned()]), expected, "{request:?}");
        };
        check(None, true);
        check(Some("http://localhost:5173"), true);
        check(Some("http://mock:4010"), true);
        check(Some("https://app.test"), true);
        check(Some("https://example.com"), false);
        check(Some("null"), false);
    }
}
