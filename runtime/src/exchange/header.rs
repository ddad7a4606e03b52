//! Reads header fields, which may have several lines.

use std::borrow::Cow;

use http::{HeaderMap, HeaderValue, header};
use serde_json::Value;

use crate::param::{self, Encoding, Location, Shape};
use crate::problem::Fault;

/// Returns the value of a field, its lines joined by `joint`: a comma for lists (RFC 9110, 5.3), `; ` for `Cookie`
/// (RFC 9113, 8.2.3). `None` where the field is absent.
///
/// `Set-Cookie` must not be read so: its lines cannot be joined (RFC 9110, 5.3).
///
/// # Errors
/// Returns an error if a line is not UTF-8.
pub fn header_text<'h>(
    headers: &'h HeaderMap,
    name: &str,
    joint: &str,
) -> Result<Option<Cow<'h, str>>, Fault> {
    let mut text: Option<Cow<'h, str>> = None;
    for line in headers.get_all(name) {
        let line = line_text(line)?;
        text = Some(match text {
            None => Cow::Borrowed(line),
            Some(before) => Cow::Owned(format!("{before}{joint}{line}")),
        });
    }
    Ok(text)
}

/// Returns the values that a documented header has: one, or none where it is absent. Each line of `Set-Cookie` is a value
/// of its own, unless the document describes a list of them.
///
/// # Errors
/// Returns an error if a line is not UTF-8, or does not match the encoding and the shape.
pub fn header_values(
    headers: &HeaderMap,
    name: &str,
    encoding: Encoding,
    shape: &Shape,
) -> Result<Vec<Value>, Fault> {
    if !name.eq_ignore_ascii_case(header::SET_COOKIE.as_str()) {
        let text = header_text(headers, name, ",").map_err(|fault| fault.of(Location::Header, name))?;
        return text.iter().map(|text| param::decode_header(name, text, encoding, shape)).collect();
    }
    let item = shape.items.as_deref();
    let lines = headers.get_all(header::SET_COOKIE).iter();
    let cookies = lines.map(|line| Ok(item.unwrap_or(shape).read(line_text(line)?.into())));
    let cookies = cookies.collect::<Result<Vec<_>, Fault>>();
    let cookies = cookies.map_err(|fault| fault.of(Location::Header, name))?;
    Ok(if item.is_some() && !cookies.is_empty() { vec![Value::Array(cookies)] } else { cookies })
}

fn line_text(line: &HeaderValue) -> Result<&str, Fault> {
    std::str::from_utf8(line.as_bytes()).map_err(|_| Fault::new("encoding", "UTF-8", "").detail("not UTF-8"))
}

/// Returns what a caller accepts, all lines of `Accept` together (RFC 9110, 5.3 and 12.5.1); `None` where it accepts
/// anything. Lines that are not text are passed over.
pub fn accept(headers: &HeaderMap) -> Option<Cow<'_, str>> {
    let mut lines = headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok());
    let first = lines.next().filter(|line| *line != "*/*")?;
    Some(lines.fold(Cow::Borrowed(first), |all, line| Cow::Owned(format!("{all}, {line}"))))
}
