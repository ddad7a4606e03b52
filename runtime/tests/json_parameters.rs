//! Parameters whose value is a JSON document (`content`): an absent one leaves no trace, null is sent where it is required.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::sync::{Arc, Mutex};

use axum::http::{HeaderMap, StatusCode, Uri};
use descant_runtime as rt;
use rt::client::{Config, Core};

pub enum FindResponse {
    NoContent,
}
rt::responses! { read FindResponse -> () { 204 => NoContent ok } }
rt::call! { FindCall -> FindResponse {
    filter: rt::Map<i64> = query "filter" JSON,
    x_context: rt::Map<String> = header "X-Context" JSON,
    prefs: rt::Map<bool> = cookie "prefs" JSON,
} }

#[tokio::test]
async fn what_is_not_given_is_not_sent() {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = Arc::clone(&seen);
    let router = axum::Router::new().fallback(move |uri: Uri, headers: HeaderMap| {
        let header = |name| headers.get(name).map_or("-", |value| value.to_str().unwrap());
        log.lock().unwrap().push(format!("{uri} {} {}", header("x-context"), header("cookie")));
        async { StatusCode::NO_CONTENT }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let core = Core::new(Config::new(url), &()).unwrap();
    // `where` is required, and may be null.
    let find = |value: Option<i64>| -> FindCall {
        core.request("GET /notes", &[]).query("where", rt::param::JSON, &value).send()
    };

    find(None).await.unwrap();
    find(None).filter(None::<rt::Map<i64>>).x_context(None::<rt::Map<String>>).await.unwrap();
    let filter: rt::Map<i64> = [("limit".to_owned(), 3)].into_iter().collect();
    let context: rt::Map<String> = [("a".to_owned(), "b".to_owned())].into_iter().collect();
    let prefs: rt::Map<bool> = [("dark".to_owned(), true)].into_iter().collect();
    find(Some(7)).filter(filter).x_context(context).prefs(prefs).await.unwrap();
    assert_eq!(
        *seen.lock().unwrap(),
        [
            "/notes?where=null - -",
            "/notes?where=null - -",
            "/notes?where=7&filter=%7B%22limit%22%3A3%7D {\"a\":\"b\"} prefs=%7B%22dark%22%3Atrue%7D",
        ]
    );
}
