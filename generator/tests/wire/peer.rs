//! The other end of an exchange, in plain text: a server that says what it was asked, a client that says what it was
//! told. Left out of both texts is what no document speaks of: host, lengths, dates, boundaries.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// An exchange in both directions: the client's method with these arguments sends this text, and reads its answer from
/// the other; the server's method gets these values from the first, and what it answers is the other text.
macro_rules! exchange {
    ($module:ident $method:ident($($argument:expr),*) $(.$set:ident($given:expr))* $request:ident $({ $($field:ident: $value:expr),* $(,)? })?,
        $asked:expr, $response:ident::$variant:ident $({ $($part:tt)* })? $(( $($tuple:tt)* ))?, $told:expr $(,)?) => {{
        #[allow(unused_imports, reason = "one macro for many documents")]
        use wire::$module::{client::*, operations::*, server, types::*};
        struct Fixed;
        impl server::Api for Fixed {
            async fn $method(
                &self,
                request: server::$request,
                _: &descant_runtime::server::Context,
            ) -> descant_runtime::server::HandlerResult<$response> {
                $($(assert_eq!(request.$field, $value);)*)?
                let _ = request;
                Ok($response::$variant $({ $($part)* })? $(( $($tuple)* ))?)
            }
        }
        let (seen, answer) = $crate::peer::asked($told, async |url| {
            Client::new(&url).unwrap().$method($($argument),*)$(.$set($given))*.answer().await.unwrap()
        })
        .await;
        let (asked, told): (&str, &str) = (&$asked, &$told);
        assert_eq!(seen, asked, "what the client sends");
        assert_eq!(answer, $response::$variant $({ $($part)* })? $(( $($tuple)* ))?, "what the client reads");
        assert_eq!($crate::peer::told(server::router(Fixed), asked).await, told, "what the server answers");
    }};
}

/// Values that go as JSON to an operation and come back from it, in both directions; and JSON that its server refuses.
macro_rules! echo {
    ($module:ident $method:ident $request:ident $response:ident $path:literal,
        [$($value:expr => $json:expr),* $(,)?], refuses [$($refused:expr),* $(,)?]) => {{
        #[allow(unused_imports, reason = "one macro for many documents")]
        use wire::$module::{client::*, operations::*, server, types::*};
        struct Echo;
        impl server::Api for Echo {
            async fn $method(
                &self,
                request: server::$request,
                _: &descant_runtime::server::Context,
            ) -> descant_runtime::server::HandlerResult<$response> {
                Ok($response::Ok(request.body))
            }
        }
        const HEADERS: &str = "accept: application/json\ncontent-type: application/json\n\n";
        $({
            let (ask, tell) = (
                format!("POST {}\n{HEADERS}{}", $path, $json),
                format!("200 OK\ncontent-type: application/json\n\n{}", $json),
            );
            let (seen, answer) = $crate::peer::asked(&tell, async |url| {
                Client::new(&url).unwrap().$method(&$value).answer().await.unwrap()
            })
            .await;
            $crate::peer::assert_same(&seen, &ask, "what the client sends");
            assert_eq!(answer, $response::Ok($value), "what the client reads");
            $crate::peer::assert_same(&$crate::peer::told(server::router(Echo), &ask).await, &tell, "what the server answers");
        })*
        $({
            let ask = format!("POST {}\n{HEADERS}{}", $path, $refused);
            let told = $crate::peer::told(server::router(Echo), &ask).await;
            assert!(told.starts_with("400 Bad Request\ncontent-type: application/problem+json\n"), "{}: {told}", $refused);
        })*
    }};
}

/// That two messages are the same but for the order of properties, which JSON leaves open.
pub fn assert_same(left: &str, right: &str, what: &str) {
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let parted = [left, right].map(|text| text.split_once("\n\n").unwrap_or((text, "null")));
    assert_eq!(parted[0].0, parted[1].0, "{what}");
    assert_eq!(value(parted[0].1), value(parted[1].1), "{what}");
}

/// Calls a server that answers with this text, `200 OK`, headers, a blank line and a body; returns what it was asked,
/// or nothing where it was not, and what came of the call.
pub async fn asked<T>(answer: &str, call: impl AsyncFnOnce(String) -> T) -> (String, T) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(Mutex::new(String::new()));
    let (log, answer) = (Arc::clone(&seen), raw(&format!("HTTP/1.1 {answer}")));
    let peer = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let message = read(&mut stream).await;
            log.lock().unwrap().push_str(&plain(&message));
            stream.write_all(&answer).await.unwrap();
        }
    });
    let result = call(url).await;
    peer.abort();
    let seen = seen.lock().unwrap().clone();
    (seen, result)
}

/// Asks a service with this text, `GET /path`, headers, a blank line and a body; returns its answer.
pub async fn told(router: axum::Router, request: &str) -> String {
    let url = serve(router).await;
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).await.unwrap();
    let (line, rest) = request.split_once('\n').unwrap_or((request, ""));
    stream.write_all(&raw(&format!("{line} HTTP/1.1\nhost: x\n{rest}"))).await.unwrap();
    plain(&read(&mut stream).await)
}

/// Serves on a free port.
pub async fn serve(router: axum::Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
    url
}

/// A text as a message.
fn raw(text: &str) -> Vec<u8> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let head = head.trim_end().replace('\n', "\r\n");
    let body = if head.contains("multipart/") { body.replace('\n', "\r\n") } else { body.to_owned() };
    let length = match body.is_empty() && head.contains("\r\nhost: ") || head.contains(" 204 ") {
        true => String::new(),
        false => format!("content-length: {}\r\n", body.len()),
    };
    format!("{head}\r\n{length}connection: close\r\n\r\n{body}").into_bytes()
}

/// Reads a message: to the length that it states, to its last chunk, or to the end.
async fn read(stream: &mut TcpStream) -> Vec<u8> {
    let mut message = Vec::new();
    let mut buffer = [0; 4096];
    while !is_whole(&message) {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(count) => message.extend_from_slice(&buffer[..count]),
        }
    }
    message
}

fn is_whole(message: &[u8]) -> bool {
    let text = String::from_utf8_lossy(message).to_ascii_lowercase();
    let Some((head, _)) = text.split_once("\r\n\r\n") else { return false };
    let body = &message[find(message, b"\r\n\r\n") + 4..];
    match head.split_once("content-length: ") {
        Some((_, rest)) => body.len() >= rest.split("\r\n").next().unwrap().parse().unwrap(),
        None if head.contains("transfer-encoding: chunked") => body.ends_with(b"0\r\n\r\n"),
        None => !head.starts_with("http/1.1"),
    }
}

fn find(text: &[u8], part: &[u8]) -> usize {
    text.windows(part.len()).position(|window| window == part).unwrap()
}

/// A message as text: the first line, the headers in the order of the alphabet, a blank line, the body.
fn plain(message: &[u8]) -> String {
    const LEFT_OUT: [&str; 6] =
        ["connection", "content-length", "date", "host", "transfer-encoding", "user-agent"];
    if message.is_empty() {
        return "nothing".to_owned();
    }
    let end = find(message, b"\r\n\r\n");
    let head = String::from_utf8_lossy(&message[..end]).into_owned();
    let mut body = message[end + 4..].to_vec();
    if head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
        body = unchunked(&body);
    }
    let mut lines = head.split("\r\n");
    let first = lines.next().unwrap();
    let first = first.strip_suffix(" HTTP/1.1").or(first.strip_prefix("HTTP/1.1 ")).unwrap();
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(':').unwrap();
        format!("{}:{value}", name.to_ascii_lowercase())
    });
    let kept = |line: &String| !LEFT_OUT.iter().any(|name| line.starts_with(&format!("{name}:")));
    let mut headers: Vec<String> = headers.filter(kept).collect();
    headers.sort();
    let mut text = format!("{first}\n{}", headers.iter().map(|line| format!("{line}\n")).collect::<String>());
    if !body.is_empty() {
        text.push_str(&format!("\n{}", String::from_utf8_lossy(&body).replace("\r\n", "\n")));
    }
    match text.split_once("boundary=") {
        Some((_, rest)) => {
            let boundary = rest.lines().next().unwrap().to_owned();
            text.replace(&boundary, "LINE")
        }
        None => text,
    }
}

fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let at = find(body, b"\r\n");
        let length = usize::from_str_radix(std::str::from_utf8(&body[..at]).unwrap(), 16).unwrap();
        if length == 0 {
            return whole;
        }
        whole.extend_from_slice(&body[at + 2..at + 2 + length]);
        body = &body[at + 4 + length..];
    }
}
