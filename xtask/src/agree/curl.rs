//! Prints requests and responses as one short line for people.

use bytes::Bytes;
use descant_contract::HttpRequest;
use http::HeaderMap;

/// The most characters of a body or of a target that are shown.
const MOST: usize = 160;

/// `curl -X POST -H 'content-type: …' -d '…' '/pets'`.
pub(super) fn request(wire: &HttpRequest) -> String {
    let headers = wire.headers.iter().map(|(name, value)| format!(" -H '{name}: {}'", cut(value)));
    let body = wire.body.as_ref().map(|body| format!(" -d '{}'", text(body)));
    let method = if wire.method == "GET" { String::new() } else { format!(" -X {}", wire.method) };
    format!("curl{method}{}{} '{}'", headers.collect::<String>(), body.unwrap_or_default(), cut(&wire.target))
}

/// `200 content-type: text/plain | body`.
pub(super) fn answer(response: &http::Response<Bytes>) -> String {
    let headers = lines(response.headers());
    format!("{} {headers}| {}", response.status().as_u16(), text(response.body()))
}

fn lines(headers: &HeaderMap) -> String {
    let lines = headers.iter().filter(|(name, _)| !matches!(name.as_str(), "descant-notice" | "deprecation"));
    lines.map(|(name, value)| format!("{name}: {} ", String::from_utf8_lossy(value.as_bytes()))).collect()
}

fn text(bytes: &[u8]) -> String {
    cut(&String::from_utf8_lossy(bytes).escape_debug().collect::<String>().replace("\\\"", "\""))
}

/// The beginning of a text.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
