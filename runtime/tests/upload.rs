//! Forms with files, over a real socket: what a server holds of them, what it refuses, and what it does when they break
//! off.

#![allow(unreachable_pub, reason = "as in a generated crate")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use descant_runtime as rt;
use futures_util::{StreamExt, stream};
use rt::client::{Call, Config, Core};
use rt::server::{Context, HandlerResult, Service};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[derive(Debug)]
pub struct Form {
    pub photo: rt::File,
    pub more: Option<Vec<rt::File>>,
    pub title: String,
    pub others: rt::Map<rt::File>,
}
rt::multipart! {
    Form { photo = file("photo"), more = file("more"), title = value("title", string), ..others }
}

#[derive(Debug)]
pub struct Request {
    pub body: Form,
}
rt::request! { Request { body = body(multipart "multipart/form-data") } }

#[derive(Debug)]
pub struct OptionalRequest {
    pub body: Option<Form>,
}
rt::request! { OptionalRequest { body = optional_body(multipart "multipart/form-data") } }

#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "as in a generated crate")]
pub enum Either {
    Text(String),
    Form(Form),
}
rt::choice! { Either { Text(text "text/plain"), Form(multipart "multipart/form-data") } }

#[derive(Debug)]
pub struct EitherRequest {
    pub body: Either,
}
rt::request! { EitherRequest { body = body(choice "text/plain" | "multipart/form-data") } }

/// What was seen of a form: the title, and each file's name, length and sum of bytes.
#[derive(Debug, PartialEq)]
pub enum Seen {
    Ok(String),
}
rt::responses! { Seen -> String { 200 => Ok(text "text/plain") ok } }

struct Looks;

impl Looks {
    async fn form(&self, request: Request, _: &Context) -> HandlerResult<Seen> {
        Ok(Seen::Ok(seen(request.body).await))
    }

    async fn optional(&self, request: OptionalRequest, _: &Context) -> HandlerResult<Seen> {
        Ok(Seen::Ok(match request.body {
            Some(form) => seen(form).await,
            None => "nothing".to_owned(),
        }))
    }

    async fn either(&self, request: EitherRequest, _: &Context) -> HandlerResult<Seen> {
        Ok(Seen::Ok(match request.body {
            Either::Text(text) => text,
            Either::Form(form) => seen(form).await,
        }))
    }
}

async fn seen(form: Form) -> String {
    let mut text = form.title;
    let known = std::iter::once(form.photo).chain(form.more.unwrap_or_default());
    for mut file in known.chain(form.others.into_values()) {
        let (mut length, mut sum) = (0, 0_u64);
        while let Some(piece) = file.body.next().await {
            let piece = piece.unwrap();
            length += piece.len();
            sum += piece.iter().map(|byte| u64::from(*byte)).sum::<u64>();
        }
        text.push_str(&format!(" {}:{length}:{sum}", file.name.unwrap_or_default()));
    }
    text
}

fn service() -> Service {
    Service::builder(Looks)
        .route("POST /form", Looks::form)
        .route("POST /optional", Looks::optional)
        .route("POST /either", Looks::either)
        .build()
}

async fn listening(service: Service) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, service.into_router()).await.unwrap() });
    url
}

/// A file of so many pieces of 64 KiB, each made when it is asked for.
fn pieces(count: usize, byte: u8) -> rt::Body {
    let piece = rt::Bytes::from(vec![byte; 64 << 10]);
    rt::Body::stream(stream::iter((0..count).map(move |_| Ok::<_, Infallible>(piece.clone()))))
}

fn named(name: &str, body: rt::Body) -> rt::File {
    rt::File { name: Some(name.to_owned()), ..rt::File::from(body) }
}

fn form(photo: rt::File) -> Form {
    Form { photo, more: None, title: "t".to_owned(), others: rt::Map::new() }
}

async fn sent(service: Service, form: Form) -> Result<Seen, rt::client::Error> {
    let core = Core::new(Config::new(listening(service).await), &()).unwrap();
    core.request("POST /form", &[]).multipart("multipart/form-data", form).send::<Call<Seen>>().answer().await
}

/// What a service says to a form that is this text, without a socket: the status, and the problem's detail.
async fn told(service: &Service, path: &str, body: rt::Body) -> (u16, String) {
    let request = rt::http::Request::post(path).header("content-type", "multipart/form-data; boundary=B");
    let response = service.call(request.body(body).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let text = response.into_body().read(1 << 20).await.unwrap();
    let problem: rt::Value = serde_json::from_slice(&text).unwrap_or_default();
    let detail = problem["detail"].as_str().map(str::to_owned);
    (status, detail.unwrap_or_else(|| String::from_utf8_lossy(&text).into_owned()))
}

fn part(name: &str, file: Option<&str>, body: &str) -> String {
    let file = file.map(|name| format!("; filename=\"{name}\"")).unwrap_or_default();
    format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{body}\r\n")
}

/// The most memory that the process has had.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() << 10
}

#[tokio::test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux says how much memory a process has had")]
async fn a_large_file_is_not_held_in_memory() {
    let service = service().file_limit(1 << 30);
    assert!(sent(service.clone(), form(named("warm", pieces(8, 1)))).await.is_ok());
    let before = peak();
    let seen = sent(service, form(named("a", pieces(3200, 1)))).await.unwrap();
    let length = 3200 * (64 << 10);
    assert_eq!(seen, Seen::Ok(format!("t a:{length}:{length}")));
    let more = peak() - before;
    assert!(more < 32 << 20, "{more} bytes more");
}

#[tokio::test]
async fn fields_may_come_after_files_and_files_between_them() {
    let long = "x".repeat(200_000);
    let text = [
        part("more", Some("m1"), &long),
        part("photo", Some("p"), &long[..150_000]),
        part("extra", Some("e"), "y"),
        part("title", None, "last"),
        part("more", Some("m2"), "z"),
        "--B--\r\n".to_owned(),
    ]
    .concat();
    let expected = "last p:150000:18000000 m1:200000:24000000 m2:1:122 e:1:121";
    for path in ["/form", "/optional", "/either"] {
        // All at once, and byte by byte.
        assert_eq!(told(&service(), path, text.clone().into()).await, (200, expected.to_owned()), "{path}");
    }
    let bytes =
        text.clone().into_bytes().into_iter().map(|byte| Ok::<_, Infallible>(rt::Bytes::from(vec![byte])));
    assert_eq!(
        told(&service(), "/form", rt::Body::stream(stream::iter(bytes))).await,
        (200, expected.to_owned())
    );
    let lacking = told(&service(), "/form", (part("title", None, "t") + "--B--\r\n").into()).await;
    assert_eq!(lacking, (400, "the part `photo` is required".to_owned()));
    let empty = service().call(rt::http::Request::post("/optional").body("").unwrap()).await.unwrap();
    assert_eq!(empty.into_body().read(99).await.unwrap(), "nothing");
}

#[tokio::test]
async fn several_large_files_are_read_in_any_order() {
    let form = Form {
        more: Some(vec![named("b", pieces(20, 2)), named("c", pieces(30, 3))]),
        ..form(named("a", pieces(10, 1)))
    };
    let mib = |count: usize, byte: usize| format!("{}:{}", count << 16, byte * (count << 16));
    let expected = format!("t a:{} b:{} c:{}", mib(10, 1), mib(20, 2), mib(30, 3));
    assert_eq!(sent(service(), form).await.unwrap(), Seen::Ok(expected));
}

#[tokio::test]
async fn what_is_too_large_is_refused() {
    let small = service().body_limit(100_000).file_limit(300_000);
    let form = |file: usize, title: usize| {
        part("photo", Some("p"), &"x".repeat(file)) + &part("title", None, &"t".repeat(title)) + "--B--\r\n"
    };
    assert_eq!(told(&small, "/form", form(300_000, 100_000).into()).await.0, 200);
    let refused = told(&small, "/form", form(300_001, 1).into()).await;
    assert_eq!(refused, (413, "the files in the form are longer than 300000 bytes".to_owned()));
    let refused = told(&small, "/form", form(1, 100_001).into()).await;
    assert_eq!(refused, (413, "what is no file in the form is longer than 100000 bytes".to_owned()));
    let many = part("more", Some("m"), "x").repeat(1001);
    assert_eq!(
        told(&small, "/form", many.into()).await,
        (413, "the form has more than 1000 parts".to_owned())
    );

    // The client is told, though it would have sent more.
    let url = listening(small).await;
    let mut peer = TcpStream::connect(url.trim_start_matches("http://")).await.unwrap();
    let body = part("photo", Some("p"), &"x".repeat(300_001));
    let head = "POST /form HTTP/1.1\r\nhost: x\r\ncontent-type: multipart/form-data; boundary=B\r\n";
    peer.write_all(format!("{head}content-length: 999999999\r\n\r\n{body}").as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    peer.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
}

/// A sender that never comes to an end of what a part begins with.
#[tokio::test]
async fn endless_headers_and_preambles_end() {
    for start in ["", "--B\r\nX-Long: ", "--B\r\nContent-Disposition: form-data; name=\""] {
        let asked = Arc::new(AtomicUsize::new(0));
        let (count, first) =
            (Arc::clone(&asked), stream::iter([Ok::<_, Infallible>(rt::Bytes::from(start))]));
        let endless = stream::repeat_with(move || {
            count.fetch_add(1, Ordering::Relaxed);
            Ok(rt::Bytes::from_static(&[b'x'; 1000]))
        });
        let told = told(&service(), "/form", rt::Body::stream(first.chain(endless))).await;
        assert_eq!(told, (400, "the headers of a part are longer than 16384 bytes".to_owned()), "{start}");
        assert!(asked.load(Ordering::Relaxed) < 50, "{start}: {asked:?} kB were read");
    }
}

#[tokio::test]
async fn a_form_that_breaks_off_is_refused_and_leaves_nothing() {
    let whole = part("photo", Some("p"), &"x".repeat(200_000));
    let begun = rt::Bytes::from(whole[..150_000].to_owned());
    let broken = stream::iter([Ok(begun.clone()), Err(std::io::Error::other("gone"))]);
    let (status, detail) = told(&service(), "/form", rt::Body::stream(broken)).await;
    assert_eq!((status, detail.as_str()), (400, "the body broke off: gone"));
    let (status, detail) = told(&service(), "/form", begun.clone().into()).await;
    assert_eq!(status, 400, "{detail}");
    let (status, detail) = told(&service(), "/form", "no part".into()).await;
    assert_eq!(status, 400, "{detail}");

    let folder = tempfile::tempdir().unwrap();
    let url = listening(service().file_folder(folder.path())).await;
    let mut peer = TcpStream::connect(url.trim_start_matches("http://")).await.unwrap();
    let head = "POST /form HTTP/1.1\r\nhost: x\r\ncontent-length: 250000\r\n\
        content-type: multipart/form-data; boundary=B\r\n\r\n";
    peer.write_all(head.as_bytes()).await.unwrap();
    peer.write_all(&begun).await.unwrap();
    peer.shutdown().await.unwrap();
    let mut answer = String::new();
    peer.read_to_string(&mut answer).await.unwrap();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "a file is left");
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_the_servers_fault() {
    let text = part("photo", Some("p"), &"x".repeat(200_000)) + &part("title", None, "t") + "--B--\r\n";
    let told = told(&service().file_folder("/no/such/folder"), "/form", text.into()).await;
    assert_eq!(told, (500, "a file could not be kept: entity not found".to_owned()));
}

/// Files wait without tokio, too.
#[test]
fn another_runtime_will_do() {
    let text = part("photo", Some("p"), &"x".repeat(200_000)) + &part("title", None, "t") + "--B--\r\n";
    let service = service();
    let mut call = Box::pin(told(&service, "/form", text.into()));
    let waker = std::task::Waker::noop();
    let mut context = std::task::Context::from_waker(waker);
    let told = loop {
        if let std::task::Poll::Ready(told) = call.as_mut().poll(&mut context) {
            break told;
        }
    };
    assert_eq!(told, (200, "t p:200000:24000000".to_owned()));
}
