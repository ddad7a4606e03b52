//! Lists with pages, read by a generated client from a service that counts what it is asked.
//!
//! `cargo xtask gen` keeps `api` up to date.

#![allow(unreachable_pub, dead_code, reason = "the module is whole, the test is not")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

#[rustfmt::skip]
mod api;

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use descant_runtime as rt;
use futures_util::{StreamExt, TryStreamExt};
use serde_json::{Value, json};

use api::client::{Client, Credentials};
use api::types::Row;

/// The targets that the service was asked for, without their credential.
type Asked = Arc<Mutex<Vec<String>>>;

/// The number of items of a list, and of a page.
const ALL: u64 = 7;
const SIZE: u64 = 3;

/// The text of a query parameter.
fn text<'u>(uri: &'u Uri, name: &str) -> Option<&'u str> {
    let mut pairs = uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

fn number(uri: &Uri, name: &str) -> Option<u64> {
    text(uri, name)?.parse().ok()
}

fn rows(from: u64) -> Vec<Value> {
    (from..ALL.min(from + SIZE)).map(|id| json!({ "id": id })).collect()
}

fn answer(body: &Value) -> Response {
    ([("content-type", "application/json")], body.to_string()).into_response()
}

async fn numbered(uri: Uri) -> Response {
    let from = number(&uri, "page").unwrap_or(0) * SIZE;
    answer(&(from..ALL.min(from + SIZE)).map(|id| format!("row {id}")).collect())
}

async fn skipped(uri: Uri) -> Response {
    let from = number(&uri, "offset").unwrap_or(0);
    answer(&json!({ "rows": rows(from), "meta": { "hasMore": from + SIZE < ALL } }))
}

/// The text of `q` chooses how the service behaves.
async fn continued(uri: Uri) -> Response {
    let from = number(&uri, "page_token").unwrap_or(0);
    let next = Some(from + SIZE).filter(|next| *next < ALL).map(|next| next.to_string());
    match (text(&uri, "q").unwrap(), from) {
        ("circle", _) => {
            answer(&json!({ "items": rows(from), "next_page_token": ((from + 1) % 5).to_string() }))
        }
        ("broken", 3) => StatusCode::NOT_FOUND.into_response(),
        ("odd", _) => answer(&json!({ "items": rows(from), "next_page_token": "a b&c=ü" })),
        (_, _) => answer(&json!({ "items": rows(from), "next_page_token": next })),
    }
}

async fn linked(headers: HeaderMap, uri: Uri) -> Response {
    let from = number(&uri, "from").unwrap_or(0);
    let host = headers["host"].to_str().unwrap();
    // The service does not know its own port, and repeats the credential.
    let host = host.split(':').next().unwrap();
    let link = match from + SIZE {
        next if headers.contains_key("x-foreign") => {
            format!("<http://elsewhere.example/?from={next}>; rel=next")
        }
        next if next < ALL => {
            format!("</linked>; rel=first, <https://{host}/linked?from={next}&key=s3cret>; rel=\"next\"")
        }
        _ => "</linked>; rel=first".to_owned(),
    };
    ([("link", link)], answer(&Value::from(rows(from)))).into_response()
}

async fn after(uri: Uri) -> Response {
    let from = number(&uri, "starting_after").map_or(0, |id| id + 1);
    answer(&json!({ "data": rows(from), "has_more": from + SIZE < ALL }))
}

async fn urls(uri: Uri) -> Response {
    let from = number(&uri, "from").unwrap_or(0);
    let next = Some(from + SIZE).filter(|next| *next < ALL).map(|next| format!("/urls?from={next}"));
    answer(&json!({ "results": (from..ALL.min(from + SIZE)).collect::<Vec<_>>(), "next": next }))
}

async fn stated(uri: Uri) -> Response {
    let from = number(&uri, "bis").unwrap_or(0);
    let next = if from + SIZE < ALL { (from + SIZE).to_string() } else { String::new() };
    answer(
        &json!({ "zeilen": (from..ALL.min(from + SIZE)).collect::<Vec<_>>(), "weiter": next, "andere": [] }),
    )
}

async fn note(
    State(asked): State<Asked>,
    request: axum::extract::Request,
    next: axum::middleware::Next,
) -> Response {
    let target = request.uri().to_string();
    assert_eq!(target.matches("key=s3cret").count(), 1, "each request has its credential once: {target}");
    let target = target.replace("&key=s3cret", "").replace("?key=s3cret", "");
    asked.lock().unwrap().push(target);
    next.run(request).await
}

/// Serves the lists on a free port; returns a client, and what the service is asked.
async fn service() -> (Client, Asked) {
    let asked = Asked::default();
    let router = Router::new()
        .route("/numbered", get(numbered))
        .route("/skipped", get(skipped))
        .route("/continued", get(continued))
        .route("/linked", get(linked))
        .route("/after", get(after))
        .route("/urls", get(urls))
        .route("/stated", get(stated))
        .layer(axum::middleware::from_fn_with_state(asked.clone(), note));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (Client::new(&url, &Credentials { key: Some("s3cret".into()) }).unwrap(), asked)
}

fn asked(asked: &Asked) -> Vec<String> {
    std::mem::take(&mut asked.lock().unwrap())
}

fn ids(rows: &[Row]) -> Vec<i64> {
    rows.iter().map(|row| row.id).collect()
}

const IDS: [i64; 7] = [0, 1, 2, 3, 4, 5, 6];

#[tokio::test]
async fn numbered_pages_end_with_an_empty_one() {
    let (client, log) = service().await;
    let items: Vec<String> = client.list_numbered().items().try_collect().await.unwrap();
    assert_eq!((items.len(), items[6].as_str()), (7, "row 6"));
    let targets = ["/numbered", "/numbered?page=1", "/numbered?page=2", "/numbered?page=3"];
    assert_eq!(asked(&log), targets);
    // The stream begins with the page of the call, and keeps its other parameters.
    let pages: Vec<Vec<String>> = client.list_numbered().size(9).page(2).pages().try_collect().await.unwrap();
    assert_eq!(pages, [vec!["row 6".to_owned()], vec![]]);
    assert_eq!(asked(&log), ["/numbered?size=9&page=2", "/numbered?size=9&page=3"]);
}

#[tokio::test]
async fn skipped_items_are_counted_until_a_flag_says_that_there_are_no_more() {
    let (client, log) = service().await;
    let items: Vec<Row> = client.list_skipped().items().try_collect().await.unwrap();
    assert_eq!(ids(&items), IDS);
    assert_eq!(asked(&log), ["/skipped", "/skipped?offset=3", "/skipped?offset=6"]);
    // An item after the other, without a crate for streams; what is not read is not requested.
    let mut items = client.list_skipped().offset(2).items();
    assert_eq!(items.next().await.unwrap().unwrap().id, 2);
    assert_eq!(asked(&log), ["/skipped?offset=2"]);
}

#[tokio::test]
async fn cursors_lead_to_the_end() {
    let (client, log) = service().await;
    let items: Vec<Row> = client.list_continued("x").items().try_collect().await.unwrap();
    assert_eq!(ids(&items), IDS);
    assert_eq!(asked(&log), ["/continued?q=x", "/continued?q=x&page_token=3", "/continued?q=x&page_token=6"]);
    let items: Vec<Row> = client.list_after().items().try_collect().await.unwrap();
    assert_eq!(ids(&items), IDS);
    assert_eq!(asked(&log), ["/after", "/after?starting_after=2", "/after?starting_after=5"]);
    let items: Vec<i64> = client.list_stated().items().try_collect().await.unwrap();
    assert_eq!(items, IDS);
    assert_eq!(asked(&log), ["/stated", "/stated?bis=3", "/stated?bis=6"]);
}

#[tokio::test]
async fn links_are_followed_on_the_host_of_the_call() {
    let (client, log) = service().await;
    let items: Vec<Row> = client.list_linked().items().try_collect().await.unwrap();
    assert_eq!(ids(&items), IDS);
    assert_eq!(asked(&log), ["/linked", "/linked?from=3", "/linked?from=6"]);
    let items: Vec<i64> = client.list_urls().items().try_collect().await.unwrap();
    assert_eq!(items, IDS);
    assert_eq!(asked(&log), ["/urls", "/urls?from=3", "/urls?from=6"]);
}

#[tokio::test]
async fn a_link_to_another_host_is_not_followed() {
    let (client, log) = service().await;
    let foreign = rt::http::HeaderName::from_static("x-foreign");
    let call = client.list_linked().header(foreign, rt::http::HeaderValue::from_static("1"));
    let pages: Vec<_> = call.pages().collect().await;
    let error = pages[1].as_ref().unwrap_err().to_string();
    assert!(error.ends_with("expected a link to 127.0.0.1, found `elsewhere.example`"), "{error}");
    assert_eq!((pages.len(), asked(&log).len()), (2, 1));
}

#[tokio::test]
async fn a_cursor_is_sent_as_it_came() {
    let (client, log) = service().await;
    let pages: Vec<_> = client.list_continued("odd").pages().collect().await;
    assert!(pages.last().unwrap().is_err(), "it repeats itself");
    assert_eq!(asked(&log)[..2], ["/continued?q=odd", "/continued?q=odd&page_token=a%20b%26c%3D%C3%BC"]);
}

#[tokio::test]
async fn a_service_that_repeats_itself_ends_the_stream() {
    let (client, log) = service().await;
    let pages: Vec<_> = client.list_continued("circle").pages().collect().await;
    let error = pages.last().unwrap().as_ref().unwrap_err();
    let message = "GET /continued: 200 OK: not as documented: the service repeats its pages";
    assert_eq!(error.to_string(), message);
    assert!(pages.len() < 20, "{}", pages.len());
    assert_eq!(asked(&log).len(), pages.len() - 1);
}

#[tokio::test]
async fn an_error_ends_the_stream() {
    let (client, log) = service().await;
    let mut pages = client.list_continued("broken").pages();
    assert_eq!(ids(&pages.next().await.unwrap().unwrap().items.unwrap()), [0, 1, 2]);
    let error = pages.next().await.unwrap().unwrap_err();
    assert!(matches!(error.answer(), Some(api::operations::ListContinuedResponse::NotFound)), "{error}");
    assert!(pages.next().await.is_none());
    assert_eq!(asked(&log).len(), 2);
}
