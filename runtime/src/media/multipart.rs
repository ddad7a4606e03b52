//! Multipart bodies (RFC 7578; OAS 4.8.15): one part per property, several for a list.

use std::collections::hash_map::{DefaultHasher, RandomState};
use std::hash::{BuildHasher, Hasher};

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, stream};
use http::HeaderMap;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde_json::{Map, Value};

use super::{Hints, MediaKind, encode_binary, essence, form};
use crate::body::Body;
use crate::param::{self, Encoding, Query, Shape};
use crate::problem::Fault;

/// One part of a multipart body.
#[derive(Debug, Default)]
pub struct Part {
    /// The field's name.
    pub name: String,
    /// The name of the file, if the part is a file.
    pub file_name: Option<String>,
    /// The media type; `None` means text (RFC 7578, 4.4).
    pub content_type: Option<String>,
    /// The part's other headers.
    pub headers: HeaderMap,
    /// The content.
    pub body: Body,
}

/// Reads the parts of a buffered body.
///
/// # Errors
/// Returns an error if the media type has no boundary, or the body does not contain it.
pub fn read_parts(media_type: &str, body: Bytes) -> Result<Vec<Part>, Fault> {
    let boundary = boundary_of(media_type)?;
    let stream = stream::once(async { Ok::<_, std::convert::Infallible>(body) });
    let read = async {
        let mut reader = multer::Multipart::new(stream, boundary);
        let mut parts = Vec::new();
        while let Some(field) = reader.next_field().await? {
            let part = opened(&field);
            parts.push(Part { body: field.bytes().await?.into(), ..part });
        }
        Ok(parts)
    };
    // The bytes are all there, so the reader never waits.
    read.now_or_never().unwrap_or(Err(multer::Error::IncompleteStream)).map_err(|error| unparted(&error))
}

/// Returns the boundary of a `Content-Type`.
pub(crate) fn boundary_of(media_type: &str) -> Result<String, Fault> {
    multer::parse_boundary(media_type)
        .map_err(|_| Fault::new("content", "a multipart media type with a boundary", media_type))
}

/// A part of which all but the body is there.
pub(crate) fn opened(field: &multer::Field<'_>) -> Part {
    let mut headers = field.headers().clone();
    [CONTENT_DISPOSITION, CONTENT_TYPE].iter().for_each(|name| _ = headers.remove(name));
    Part {
        name: field.name().unwrap_or_default().to_owned(),
        file_name: field.file_name().map(str::to_owned),
        content_type: field.content_type().map(ToString::to_string),
        headers,
        body: Body::default(),
    }
}

/// The fault of a body that cannot be split.
pub(crate) fn unparted(error: &multer::Error) -> Fault {
    Fault::new("syntax", "a multipart body", "").detail(error.to_string())
}

/// Writes parts; returns the boundary and the body. If all parts are buffered, the boundary is derived from their
/// content and occurs in none of them; if some are streams, it is random.
pub fn write_parts(parts: Vec<Part>) -> (String, Body) {
    let known: Option<Vec<Bytes>> = parts.iter().map(|part| part.body.as_bytes().cloned()).collect();
    let boundary = match &known {
        Some(bodies) => boundary(bodies),
        None => {
            format!("descant-{:016x}{:016x}", RandomState::new().hash_one(0), RandomState::new().hash_one(1))
        }
    };
    let heads: Vec<String> = parts.iter().map(|part| head(part, &boundary)).collect();
    let end = format!("--{boundary}--\r\n");
    let Some(bodies) = known else {
        let each = heads
            .into_iter()
            .zip(parts)
            .map(|(head, part)| Body::from(head).chain(part.body).chain(Body::from("\r\n")));
        return (boundary, Body::stream(stream::iter(each).flatten().chain(Body::from(end))));
    };
    let mut whole = Vec::new();
    for (head, body) in heads.iter().zip(bodies) {
        whole.extend_from_slice(head.as_bytes());
        whole.extend_from_slice(&body);
        whole.extend_from_slice(b"\r\n");
    }
    whole.extend_from_slice(end.as_bytes());
    (boundary, whole.into())
}

/// The line of the boundary, a part's headers and the blank line (RFC 7578, 4.2).
fn head(part: &Part, boundary: &str) -> String {
    // WHATWG HTML, 4.10.21.8: what would end the quoted name is percent-encoded.
    let quoted = |text: &str| text.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
    let one_line = |text: &str| text.replace(['\r', '\n'], "");
    let mut head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"", quoted(&part.name));
    head.extend(part.file_name.as_ref().map(|name| format!("; filename=\"{}\"", quoted(name))));
    head.push_str("\r\n");
    head.extend(part.content_type.as_ref().map(|stated| format!("Content-Type: {}\r\n", one_line(stated))));
    for (name, value) in part.headers.iter().filter(|(name, _)| !name.as_str().starts_with("content-")) {
        head.push_str(&format!("{name}: {}\r\n", String::from_utf8_lossy(value.as_bytes())));
    }
    head.push_str("\r\n");
    head
}

fn boundary(bodies: &[Bytes]) -> String {
    let mut hasher = DefaultHasher::new();
    bodies.iter().for_each(|body| hasher.write(body));
    let stands_in = |boundary: &str| {
        bodies.iter().any(|body| body.windows(boundary.len()).any(|window| window == boundary.as_bytes()))
    };
    let first = hasher.finish();
    let numbers = (0..=u64::MAX).map(|step| first.wrapping_add(step));
    numbers.map(|number| format!("descant-{number:016x}")).find(|text| !stands_in(text)).unwrap_or_default()
}

/// The `Content-Type` of a multipart body: the media type with the boundary, which the body's first line holds.
pub(super) fn with_boundary(media_type: &str, body: &[u8]) -> String {
    let line = body.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let boundary = String::from_utf8_lossy(line.strip_prefix(b"--").unwrap_or_default());
    stated(media_type, boundary.strip_suffix("--").unwrap_or(&boundary))
}

/// A media type with this boundary in place of its own.
pub(crate) fn stated(media_type: &str, boundary: &str) -> String {
    format!("{}; boundary={boundary}", essence(media_type))
}

/// Reads a multipart body as an object.
pub(super) fn decode(media_type: &str, body: &[u8], shape: Option<&Shape>) -> Result<Value, Fault> {
    let mut map = Map::new();
    let mut parts = read_parts(media_type, Bytes::copy_from_slice(body))?;
    let styled = shape.iter().flat_map(|shape| shape.named()).filter(|(_, shape)| style(shape).is_some());
    for (name, shape) in styled {
        let value = property(name, &take(&mut parts, name, Some(shape)), Some(shape));
        map.extend(value.map_err(|fault| fault.below(name))?.map(|value| (name.to_owned(), value)));
    }
    for part in parts {
        let shape = shape.and_then(|shape| shape.known(&part.name));
        add(&mut map, &part, shape).map_err(|fault| fault.below(&part.name))?;
    }
    Ok(Value::Object(map))
}

/// Returns the encoding of a property with a style; a file has none.
fn style(shape: &Shape) -> Option<Encoding> {
    let is_file = shape.is_binary() || shape.items.as_ref().is_some_and(|items| items.is_binary());
    shape.encoding().filter(|_| !is_file)
}

/// Removes the parts of a property: those with its name, and those that its style names.
pub(crate) fn take(parts: &mut Vec<Part>, name: &str, shape: Option<&Shape>) -> Vec<Part> {
    let stated = shape.and_then(|shape| Some((style(shape)?, shape)));
    let is_own = |part: &mut Part| match stated {
        Some((encoding, shape)) => form::takes(name, encoding, shape, &part.name),
        None => part.name == name,
    };
    parts.extract_if(.., is_own).collect()
}

/// Reads a property from the parts that it is; `None` where there is none.
pub(crate) fn property(name: &str, parts: &[Part], shape: Option<&Shape>) -> Result<Option<Value>, Fault> {
    let Some((encoding, shape)) = shape.and_then(|shape| Some((style(shape)?, shape))) else {
        let mut map = Map::new();
        parts.iter().try_for_each(|part| add(&mut map, part, shape))?;
        return Ok(map.remove(name));
    };
    let text = |part| {
        let text = std::str::from_utf8(whole(part)?);
        text.map_err(|_| {
            Fault::new("encoding", "UTF-8 text", &String::from_utf8_lossy(whole(part).unwrap_or_default()))
        })
    };
    let pairs = parts.iter().map(|part| Ok((part.name.clone(), text(part)?)));
    Query::plain(pairs.collect::<Result<_, Fault>>()?).find(name, encoding, shape)
}

/// The bytes of a part that is a value.
fn whole(part: &Part) -> Result<&[u8], Fault> {
    let file = || Fault::new("type", "a value", "").detail("a file stands in its place");
    part.body.as_bytes().map(Bytes::as_ref).ok_or_else(file)
}

/// Puts a part into an object: into a list, where the shape is one or the name has come before.
fn add(map: &mut Map<String, Value>, part: &Part, shape: Option<&Shape>) -> Result<(), Fault> {
    let items = shape.and_then(|shape| shape.items.as_deref());
    let value = decode_part(part, shape, items)?;
    match map.get_mut(&part.name) {
        Some(Value::Array(list)) => list.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
        None => {
            let is_list = items.is_some() && !value.is_array();
            map.insert(part.name.clone(), if is_list { Value::Array(vec![value]) } else { value });
        }
    }
    Ok(())
}

fn decode_part(part: &Part, shape: Option<&Shape>, items: Option<&Shape>) -> Result<Value, Fault> {
    let binary = [shape, items].into_iter().flatten().any(Shape::is_binary);
    let body = whole(part)?;
    let content_type = match &part.content_type {
        _ if binary => "application/octet-stream",
        Some(content_type) => content_type,
        None if part.file_name.is_some() => "application/octet-stream",
        // Of a part that the document does not know nobody said which text it is.
        None if shape.is_none() && std::str::from_utf8(body).is_err() => "application/octet-stream",
        None => "text/plain",
    };
    super::decode(content_type, body, Hints { shape: items.or(shape) })
}

/// Writes an object as a multipart body.
pub(super) fn encode(value: &Value, shape: Option<&Shape>) -> Result<Bytes, Fault> {
    let Value::Object(map) = value else {
        return Err(Fault::new("type", "an object, as a form is", &value.to_string()));
    };
    let mut parts = Vec::new();
    for (name, value) in map {
        parts.extend(parts_of(name, value, shape.and_then(|shape| shape.known(name)))?);
    }
    let (_, body) = write_parts(parts);
    Ok(body.as_bytes().cloned().unwrap_or_default())
}

/// The parts of one property: by its style, else none for null, one an item for a list that is not JSON.
pub(crate) fn parts_of(name: &str, value: &Value, shape: Option<&Shape>) -> Result<Vec<Part>, Fault> {
    if let Some(encoding) = shape.and_then(style) {
        let pairs = param::plain_pairs(name, value, encoding).map_err(|fault| fault.in_body().below(name))?;
        let part = |(name, value): (String, String)| Part { name, body: value.into(), ..Part::default() };
        return Ok(pairs.into_iter().map(part).collect());
    }
    let stated = shape.and_then(Shape::content_type);
    let json = stated.is_some_and(|stated| MediaKind::of(stated) == MediaKind::Json);
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(list) if !json => {
            let items = shape.and_then(|shape| shape.items.as_deref());
            list.iter().map(|item| encode_part(name, item, stated, items.or(shape))).collect()
        }
        one => Ok(vec![encode_part(name, one, stated, shape)?]),
    }
}

/// Returns the documented media type, else that of the value (OAS 4.8.15.1.1).
fn encode_part(
    name: &str,
    value: &Value,
    stated: Option<&str>,
    shape: Option<&Shape>,
) -> Result<Part, Fault> {
    let first =
        stated.and_then(|list| list.split(',').next()).map(str::trim).filter(|first| !first.contains('*'));
    let binary = shape.is_some_and(Shape::is_binary);
    let content_type = match value {
        _ if first.is_some() => first,
        _ if binary => Some("application/octet-stream"),
        Value::Object(_) | Value::Array(_) => Some("application/json"),
        _ => None,
    };
    let body = match value {
        Value::String(text) if binary => encode_binary(text),
        _ => super::encode(content_type.unwrap_or("text/plain"), value, Hints { shape })
            .map_err(|fault| fault.below(name))?,
    };
    Ok(Part {
        name: name.to_owned(),
        file_name: binary.then(|| name.to_owned()),
        content_type: content_type.map(str::to_owned),
        headers: HeaderMap::new(),
        body: body.into(),
    })
}
