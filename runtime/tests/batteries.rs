//! Retries, credentials that are fetched again, and time limits of attempts, against a server that counts.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::http::{HeaderMap, Method};
use axum::response::IntoResponse;
use descant_runtime as rt;
use rt::client::{Call, Config, Core, CredentialSource, Retry};

/// `200: text`.
#[derive(Debug, PartialEq)]
pub enum TextResponse {
    Ok(String),
}
rt::responses! { read TextResponse -> String { 200 => Ok(text "text/plain") ok } }

#[derive(Clone, Debug, Default)]
pub struct Credentials {
    pub token: Option<rt::Secret>,
}
rt::credentials! { Credentials { token = "token" Bearer } }

/// A server, with how often it was asked.
async fn server(
    answer: impl Fn(usize, &Method, &HeaderMap) -> axum::response::Response + Clone + Send + Sync + 'static,
) -> (String, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    let router = axum::Router::new().fallback(move |method: Method, headers: HeaderMap| {
        let (answer, number) = (answer.clone(), seen.fetch_add(1, Ordering::Relaxed));
        async move {
            if headers.contains_key("x-slow") && number == 0 {
                tokio::time::sleep(Duration::from_secs(9)).await;
            }
            answer(number, &method, &headers)
        }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, count)
}

fn quick() -> Retry {
    Retry::default().delay(Duration::from_millis(1), Duration::from_secs(1))
}

fn status(code: u16) -> axum::response::Response {
    axum::http::StatusCode::from_u16(code).unwrap().into_response()
}

#[tokio::test]
async fn what_is_idempotent_is_sent_again() {
    let (url, count) =
        server(|number, _, _| if number % 3 < 2 { status(503) } else { "ok".into_response() }).await;
    let core = Core::new(Config::new(&url).middleware(quick()), &()).unwrap();
    let call = |operation| core.request(operation, &[]).send::<Call<TextResponse>>();
    assert_eq!(call("GET /a").await.unwrap(), "ok");
    assert_eq!(count.swap(0, Ordering::Relaxed), 3);
    assert_eq!(call("POST /a").await.unwrap_err().status().unwrap(), 503);
    assert_eq!(count.swap(0, Ordering::Relaxed), 1, "a POST is not repeated");
    let key = rt::http::HeaderName::from_static("idempotency-key");
    assert_eq!(call("POST /a").header(key, "7".parse().unwrap()).await.unwrap(), "ok");
    assert_eq!(count.swap(0, Ordering::Relaxed), 3);
    let stream = rt::Body::stream(futures_util::stream::iter([Ok::<_, std::io::Error>("x".into())]));
    let put = core.request("PUT /a", &[]).body("text/plain", stream).send::<Call<TextResponse>>();
    assert_eq!(put.await.unwrap_err().status().unwrap(), 503);
    assert_eq!(count.load(Ordering::Relaxed), 1, "a stream is gone");
}

#[tokio::test]
async fn a_server_says_when_to_come_back() {
    for (seconds, asked) in [("0", 2), ("60", 1)] {
        let (url, count) = server(move |number, _, _| match number {
            0 => (axum::http::StatusCode::TOO_MANY_REQUESTS, [("retry-after", seconds)]).into_response(),
            _ => "ok".into_response(),
        })
        .await;
        let core = Core::new(Config::new(&url).middleware(quick()), &()).unwrap();
        let answer = core.request("GET /a", &[]).send::<Call<TextResponse>>().await;
        assert_eq!((answer.is_ok(), count.load(Ordering::Relaxed)), (asked == 2, asked), "{seconds}");
    }
}

#[tokio::test]
async fn an_attempt_that_takes_too_long_is_followed_by_another() {
    let (url, count) = server(|_, _, _| "ok".into_response()).await;
    let slow = rt::http::HeaderName::from_static("x-slow");
    let config = Config::new(&url).header(slow, "1".parse().unwrap());
    let config = config.attempt_timeout(Duration::from_millis(100));
    let core = Core::new(config.clone(), &()).unwrap();
    let error = core.request("GET /a", &[]).send::<Call<TextResponse>>().await.unwrap_err();
    assert!(error.is_timeout());
    count.store(0, Ordering::Relaxed);
    let core = Core::new(config.middleware(quick()), &()).unwrap();
    assert_eq!(core.request("GET /a", &[]).send::<Call<TextResponse>>().await.unwrap(), "ok");
    assert_eq!(count.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn refused_credentials_are_fetched_once_more() {
    let (url, count) = server(|_, _, headers| match headers.get("authorization") {
        Some(value) if value == "Bearer t1" => "ok".into_response(),
        _ => status(401),
    })
    .await;
    let fetched = Arc::new(AtomicUsize::new(0));
    let number = Arc::clone(&fetched);
    let source = CredentialSource::refreshing(move || {
        let number = number.fetch_add(1, Ordering::Relaxed);
        async move { Ok::<_, std::io::Error>(Credentials { token: Some(format!("t{number}").into()) }) }
    });
    let core = Core::new(Config::new(&url), source).unwrap();
    let call = || core.request("POST /a", &[&["token"]]).body("text/plain", "x").send::<Call<TextResponse>>();
    let (first, second) = tokio::join!(call(), call());
    assert_eq!((first.unwrap(), second.unwrap()), ("ok".to_owned(), "ok".to_owned()));
    assert_eq!(fetched.load(Ordering::Relaxed), 2, "concurrent calls share a fetch");
    call().await.unwrap();
    assert_eq!((fetched.load(Ordering::Relaxed), count.load(Ordering::Relaxed)), (2, 5));
    // What needs no credential fetches none; what is refused again is the caller's to see.
    let none = CredentialSource::<Credentials>::refreshing(|| async {
        Err::<_, std::io::Error>(std::io::Error::other("no network"))
    });
    let core = Core::new(Config::new(&url), none).unwrap();
    let open = core.request("GET /a", &[]).send::<Call<TextResponse>>().await.unwrap_err();
    assert_eq!(open.status().unwrap(), 401);
    let closed = core.request("GET /a", &[&["token"]]).send::<Call<TextResponse>>().await.unwrap_err();
    assert_eq!(closed.to_string(), "GET /a: no credentials: no network");
}
