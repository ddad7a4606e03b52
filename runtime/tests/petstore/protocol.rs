//! What HTTP asks of a server whatever its document says: headers on several lines, OPTIONS, codings, byte order marks.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// The status of an answer, and its lines of a header joined by ` | `.
struct Told {
    status: u16,
    text: String,
}

impl Told {
    fn header(&self, name: &str) -> String {
        let head = self.text.split_once("\r\n\r\n").map_or(self.text.as_str(), |(head, _)| head);
        let lines = head.lines().filter_map(|line| line.split_once(": ")).filter(|(key, _)| *key == name);
        lines.map(|(_, value)| value).collect::<Vec<_>>().join(" | ")
    }
}

/// The answer to a request written as lines; a blank one ends its head.
async fn told(lines: &str) -> Told {
    let (head, body) = lines.split_once("\n\n").unwrap_or((lines.trim_end(), ""));
    let (first, headers) = head.split_once('\n').unwrap_or((head, ""));
    let mut request =
        format!("{first} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    headers.lines().for_each(|line| request += &format!("{line}\r\n"));
    request += &format!("\r\n{body}");
    let base = super::serve().await;
    let mut stream = tokio::net::TcpStream::connect(base.strip_prefix("http://").unwrap()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    Told { status: text.split(' ').nth(1).unwrap().parse().unwrap(), text }
}

#[tokio::test]
async fn accept_may_stand_on_several_lines() {
    let status = async |accept: &str| told(&format!("GET /pets\n{accept}")).await.status;
    assert_eq!(status("accept: text/html\naccept: application/json").await, 200);
    assert_eq!(status("accept: text/html\naccept: text/csv").await, 406);
}

#[tokio::test]
async fn options_and_405_name_the_methods_of_a_path() {
    let allow = async |request: &str| {
        let told = told(request).await;
        (told.status, told.header("allow"))
    };
    let methods = || "GET, POST, HEAD, OPTIONS".to_owned();
    assert_eq!(allow("OPTIONS /pets").await, (204, methods()));
    assert_eq!(allow("PATCH /pets").await, (405, methods()));
    assert_eq!(allow("OPTIONS *").await, (204, "OPTIONS".to_owned()));
    assert_eq!(allow("OPTIONS /nowhere").await.0, 404);
}

#[tokio::test]
async fn an_encoded_body_is_refused_with_what_is_taken() {
    const HEAD: &str = "POST /pets\nauthorization: Bearer t0ken\ncontent-type: application/json\n";
    const PET: &str = r#"{"id": 0, "full_name": "Ada", "kind": "dog"}"#;
    let refused = told(&format!("{HEAD}content-encoding: gzip\n\n{PET}")).await;
    assert_eq!((refused.status, refused.header("accept-encoding")), (415, "identity".to_owned()));
    assert_eq!(told(&format!("{HEAD}content-encoding: identity\n\n{PET}")).await.status, 201);
    let other = told("POST /pets\nauthorization: Bearer t0ken\ncontent-type: text/csv\n\nx").await;
    assert_eq!((other.status, other.header("accept")), (415, "application/json".to_owned()));
    // A JSON text may begin with a byte order mark.
    assert_eq!(told(&format!("{HEAD}\n\u{feff}{PET}")).await.status, 201);
}
