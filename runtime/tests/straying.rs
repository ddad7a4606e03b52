//! What a client makes of a service that strays from its document: undocumented successes, media types and headers,
//! bodies that do not fit, and the ways around the document.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use descant_runtime as rt;
use rt::client::{Call, Config, Core, Error};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// `200: {name}` with a required header, `202` without a body, `404: text`.
#[derive(Debug, PartialEq)]
pub enum PetResponse {
    Ok { body: Pet, headers: PetHeaders },
    Accepted,
    NotFound(String),
}
rt::responses! { read PetResponse -> Pet {
    200 => Ok { json, headers } ok,
    202 => Accepted,
    404 => NotFound(text "text/plain"),
} }

#[derive(Clone, Debug, PartialEq)]
pub struct Pet {
    pub name: String,
}
rt::object! { Pet { name } }

#[derive(Clone, Debug, PartialEq)]
pub struct PetHeaders {
    pub x_total: i64,
}
rt::headers! { PetHeaders { x_total = "x-total" SIMPLE integer } }

/// A text, and an error of any other status.
#[derive(Debug, PartialEq)]
pub enum TextResponse {
    Ok(String),
    Default(rt::StatusCode, rt::Value),
}
rt::responses! { read TextResponse -> String {
    200 => Ok(text "text/plain") ok,
    default => Default(status, json),
} }

/// A JSON string.
#[derive(Debug, PartialEq)]
pub enum WordResponse {
    Ok(String),
}
rt::responses! { read WordResponse -> String { 200 => Ok(json) ok } }

/// Items of a stream.
#[derive(Debug)]
pub enum FeedResponse {
    Ok(rt::Items<Pet>),
}
rt::responses! { read FeedResponse -> rt::Items<Pet> { 200 => Ok(lines "application/jsonl") ok } }

/// Nothing, or a file.
#[derive(Debug)]
pub enum FileResponse {
    Ok(rt::Body),
}
rt::responses! { read FileResponse -> rt::Body { 200 => Ok(stream "image/png") ok } }

/// A call to a server that answers every request with this text.
async fn call<C: From<rt::client::Request>>(answer: &str, change: fn(Config) -> Config) -> C {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (head, body) = answer.split_once("\n\n").unwrap_or((answer, ""));
    let head = head.trim_end().replace('\n', "\r\n");
    let answer =
        format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            _ = stream.read(&mut [0; 4096]).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    Core::new(change(Config::new(url)), &()).unwrap().request("GET /pet", &[]).send()
}

async fn pet(answer: &str) -> Call<PetResponse> {
    call(answer, |config| config).await
}

async fn strict_pet(answer: &str) -> Call<PetResponse> {
    call(answer, Config::strict).await
}

const JSON: &str = "content-type: application/json\n\n";
const ADA: &str = "content-type: application/json\n\n{\"name\": \"Ada\"}";

#[tokio::test]
async fn an_undocumented_success_is_read_as_the_documented_one() {
    let created = format!("201 Created\nx-request-id: r7\n{ADA}");
    assert_eq!(pet(&created).await.await.unwrap(), Pet { name: "Ada".into() });
    let response = pet(&created).await.response().await.unwrap();
    assert_eq!((response.status().as_u16(), response.is_documented()), (201, false));
    assert_eq!(
        (response.header("x-request-id"), &response.body()[..]),
        (Some("r7"), &b"{\"name\": \"Ada\"}"[..])
    );
    let error = strict_pet(&created).await.await.unwrap_err();
    assert_eq!(error.to_string(), r#"GET /pet: 201 Created (undocumented): {"name":"Ada"}"#);
    // One that does not fit keeps everything.
    let error = pet(&format!("201 Created\nx-request-id: r7\n{JSON}{{\"id\": 7}}")).await.await.unwrap_err();
    assert!(matches!(*error, Error::Decode { .. }), "{error}");
    assert_eq!(error.status().unwrap(), 201);
    assert_eq!(error.headers().unwrap()["x-request-id"], "r7");
    assert_eq!(error.body().unwrap(), "{\"id\": 7}");
    // With a `default`, the document's word counts where the body is not the success's.
    let other = format!("201 Created\n{JSON}{{\"id\": 7}}");
    let text: Call<TextResponse> = call("201 Created\ncontent-type: text/plain\n\nhi", |config| config).await;
    assert_eq!(text.await.unwrap(), "hi");
    let strict: Call<TextResponse> = call(&other, Config::strict).await;
    let created = rt::StatusCode::CREATED;
    assert_eq!(strict.answer().await.unwrap(), TextResponse::Default(created, serde_json::json!({"id": 7})));
}

#[tokio::test]
async fn a_missing_header_fails_only_who_asks_for_it() {
    let bare = format!("200 OK\n{ADA}");
    assert_eq!(pet(&bare).await.await.unwrap().name, "Ada");
    let error = pet(&bare).await.answer().await.unwrap_err();
    assert!(error.to_string().contains("x-total"), "{error}");
}

#[tokio::test]
async fn another_documented_success_is_an_error_with_its_type() {
    let error = pet("202 Accepted\n").await.await.unwrap_err();
    assert_eq!(
        (error.to_string().as_str(), error.answer()),
        ("GET /pet: 202 Accepted", Some(PetResponse::Accepted))
    );
    assert_eq!(pet("202 Accepted\n").await.answer().await.unwrap(), PetResponse::Accepted);
}

#[tokio::test]
async fn an_error_keeps_its_response_whatever_its_body_is() {
    let error = pet("404 Not Found\ncontent-type: text/plain\n\nno such pet").await.await.unwrap_err();
    assert_eq!(error.to_string(), "GET /pet: 404 Not Found: no such pet");
    assert_eq!(error.answer(), Some(PetResponse::NotFound("no such pet".into())));
    let page =
        pet("502 Bad Gateway\ncontent-type: text/html\n\n<h1>Bad gateway</h1>").await.await.unwrap_err();
    assert_eq!(page.to_string(), "GET /pet: 502 Bad Gateway (undocumented): <h1>Bad gateway</h1>");
    assert_eq!(page.answer(), None);
    let plain: Error = page.into();
    assert_eq!(plain.status().unwrap(), 502);
}

#[tokio::test]
async fn a_body_is_read_by_its_own_media_type() {
    for (body, text) in [("\"hi\"", "hi"), ("{\"a\": 1}", "{\"a\": 1}")] {
        let json = format!("200 OK\n{JSON}{body}");
        let call: Call<TextResponse> = call(&json, |config| config).await;
        let response = call.response().await.unwrap();
        assert_eq!((response.is_documented(), response.into_inner().as_str()), (false, text));
    }
    let word = "200 OK\ncontent-type: text/plain\n\nhi";
    let lenient: Call<WordResponse> = call(word, |config| config).await;
    assert_eq!(lenient.await.unwrap(), "hi");
    let strict: Call<WordResponse> = call(word, Config::strict).await;
    assert!(matches!(*strict.await.unwrap_err(), Error::Decode { .. }));
    // A login page is no pet, and its text is kept.
    let page = pet("200 OK\ncontent-type: text/html\n\n<h1>Log in</h1>").await.await.unwrap_err();
    assert_eq!((page.status().unwrap().as_u16(), &page.body().unwrap()[..]), (200, &b"<h1>Log in</h1>"[..]));
    // An object in place of items would be an empty stream.
    let feed: Call<FeedResponse> = call(&format!("200 OK\n{ADA}"), |config| config).await;
    assert!(matches!(*feed.await.unwrap_err(), Error::Decode { .. }));
}

#[tokio::test]
async fn there_are_ways_around_the_document() {
    let odd = format!("299 Odd\n{JSON}{{\"id\": 7}}");
    let id = pet(&odd).await.json::<rt::Value>().await.unwrap();
    assert_eq!(id["id"], 7);
    let gone = format!("410 Gone\n{JSON}{{\"detail\": \"moved\"}}");
    let error = pet(&gone).await.json::<rt::Value>().await.unwrap_err();
    assert_eq!(error.to_string(), "GET /pet: 410 Gone (undocumented): moved");
    let raw = pet(&gone).await.raw().await.unwrap();
    assert_eq!((raw.status().as_u16(), raw.is_documented()), (410, false));
    assert_eq!(raw.bytes().await.unwrap(), "{\"detail\": \"moved\"}");
}

#[tokio::test]
async fn files_come_from_disk_and_go_to_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("photo.png");
    let file: Call<FileResponse> = call("200 OK\ncontent-type: image/webp\n\n<png>", |config| config).await;
    assert_eq!(file.await.unwrap().save(&path).await.unwrap(), 5);
    let opened = rt::File::open(&path).await.unwrap().content_type("image/png");
    assert_eq!(
        (opened.name.as_deref(), opened.content_type.as_deref()),
        (Some("photo.png"), Some("image/png"))
    );
    assert_eq!(opened.body.read(99).await.unwrap(), "<png>");
    assert_eq!(rt::File::new("x").name("a.txt").name.as_deref(), Some("a.txt"));
}

#[tokio::test]
async fn a_refused_connection_says_why() {
    let core = Core::new(Config::new("http://127.0.0.1:1"), &()).unwrap();
    let error = core.request("GET /pet", &[]).send::<Call<PetResponse>>().await.unwrap_err();
    assert_eq!(error.to_string(), "GET /pet: Connection refused (os error 111)");
}
