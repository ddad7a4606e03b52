//! Encodes parameters.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use super::{Encoding, Location, Style};
use crate::problem::Fault;

/// RFC 3986, 2.3: only unreserved characters stay.
pub(crate) const UNRESERVED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Reserved characters stay too, but those that would end a pair, a query or mean a space.
const RESERVED: &AsciiSet = &UNRESERVED
    .remove(b':')
    .remove(b'/')
    .remove(b'?')
    .remove(b'[')
    .remove(b']')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b',')
    .remove(b';')
    .remove(b'=');
/// In a path, those stay that a segment may hold (RFC 3986, 3.3).
const RESERVED_IN_PATH: &AsciiSet = &RESERVED.add(b'/').add(b'?').add(b'[').add(b']');

/// What no URL holds, and some templates do (RFC 3986, 2).
const NEVER: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Returns the text of a path parameter for its template.
///
/// # Errors
/// Returns an error if the value is null or its text would be empty: no path segment can say that.
pub fn encode_path(name: &str, value: &Value, encoding: Encoding) -> Result<String, Fault> {
    let writer = Writer::new(name, encoding, Location::Path);
    let text = match (encoding.style, value) {
        (Style::Json, _) => writer.escape(&value.to_string()).into_owned(),
        _ if is_nothing(value) => return Err(writer.cannot("a value that is not empty", &value.to_string())),
        (Style::Text, _) => writer.escape(&plain(value)).into_owned(),
        (Style::Label, _) => format!(".{}", writer.joined(value, if encoding.explode { "." } else { "," })?),
        (Style::Matrix, Value::Array(_) | Value::Object(_)) if encoding.explode => {
            writer.pairs(value)?.iter().map(Pair::matrix).collect()
        }
        (Style::Matrix, _) => {
            Pair { name: writer.escape_name(name), value: writer.joined(value, ",")? }.matrix()
        }
        _ => writer.joined(value, ",")?,
    };
    if text.is_empty() {
        return Err(writer.cannot("a value that is not empty", ""));
    }
    Ok(text)
}

/// Returns a query parameter's pairs, joined by `&`; empty if there is nothing to send.
///
/// # Errors
/// Returns an error if an item contains the delimiter of its list.
pub fn encode_query(name: &str, value: &Value, encoding: Encoding) -> Result<String, Fault> {
    let writer = Writer::new(name, encoding, Location::Query);
    Ok(joined_pairs(&writer.pairs(value)?, "&"))
}

/// The names and values that a property is in a multipart form, which percent-encodes nothing (OAS 3.1.1, appendix E.2).
///
/// # Errors
/// Returns an error if an item contains the delimiter of its list.
pub(crate) fn plain_pairs(
    name: &str,
    value: &Value,
    encoding: Encoding,
) -> Result<Vec<(String, String)>, Fault> {
    let writer = Writer { is_plain: true, ..Writer::new(name, encoding, Location::Query) };
    Ok(writer.pairs(value)?.into_iter().map(|Pair { name, value }| (name, value)).collect())
}

/// Returns a cookie parameter's pairs, joined by `; `.
///
/// # Errors
/// Returns an error if a value contains a character that a cookie cannot contain.
pub fn encode_cookie(name: &str, value: &Value, encoding: Encoding) -> Result<String, Fault> {
    let writer = Writer::new(name, encoding, Location::Cookie);
    Ok(joined_pairs(&writer.pairs(value)?, "; "))
}

/// Returns a header's value, which is not percent-encoded (OAS 3.1.1, appendix D); `None` if there is nothing to send.
///
/// # Errors
/// Returns an error if an item contains a comma or a value contains a character that a header cannot contain (RFC 9110,
/// 5.5).
pub fn encode_header(name: &str, value: &Value, encoding: Encoding) -> Result<Option<String>, Fault> {
    let writer = Writer::new(name, encoding, Location::Header);
    let text = match (encoding.style, value) {
        (Style::Json, _) => value.to_string(),
        _ if is_nothing(value) => return Ok(None),
        (Style::Text, _) => plain(value).into_owned(),
        _ => writer.joined(value, ",")?,
    };
    if text.chars().any(|c| c.is_control() && c != '\t') {
        return Err(writer.cannot("a value without control characters", &text));
    }
    Ok(Some(text))
}

/// Replaces the `{name}`s of a template by encoded texts. A fragment is removed, because it is never sent.
///
/// # Errors
/// Returns an error if a segment becomes `.` or `..`, which every client resolves away (RFC 3986, 5.2.4), or a name has
/// no text.
pub fn fill_path(template: &str, texts: &[(&str, String)]) -> Result<String, Fault> {
    let template = template.split('#').next().unwrap_or_default();
    let mut path = String::with_capacity(template.len());
    for piece in crate::route::parse(template) {
        match piece {
            crate::route::Piece::Literal(text) => path.extend(utf8_percent_encode(&text, NEVER)),
            crate::route::Piece::Parameter(name) => {
                let text = texts.iter().find(|(key, _)| *key == name).map(|(_, text)| text.as_str());
                let missing = || Fault::new("required", "a value", "").of(Location::Path, &name);
                path.push_str(text.ok_or_else(missing)?);
            }
        }
    }
    match path.split('?').next().unwrap_or_default().split('/').find(|segment| matches!(*segment, "." | ".."))
    {
        Some(segment) => Err(Fault::new("style", "a path segment other than `.` and `..`", segment)),
        None => Ok(path),
    }
}

/// Adds encoded pairs to the query of a path or URL, except existing ones: a template may contain a pair that
/// distinguishes operations, and declare it as a parameter as well.
pub fn push_query(target: &mut String, pairs: &[impl AsRef<str>]) {
    let stated = target.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default();
    let pairs = pairs.iter().map(AsRef::as_ref);
    for pair in pairs.filter(|pair| !stated.split('&').any(|stated| stated == *pair)) {
        target.push(if target.contains('?') { '&' } else { '?' });
        target.push_str(pair);
    }
}

/// One `name=value` on the wire, both encoded.
struct Pair {
    name: String,
    value: String,
}

impl Pair {
    /// `;name=value`, or `;name` where the value is empty (RFC 6570, 3.2.7).
    fn matrix(&self) -> String {
        let Self { name, value } = self;
        if value.is_empty() { format!(";{name}") } else { format!(";{name}={value}") }
    }
}

fn joined_pairs(pairs: &[Pair], between: &str) -> String {
    let pairs: Vec<String> = pairs.iter().map(|pair| format!("{}={}", pair.name, pair.value)).collect();
    pairs.join(between)
}

/// Null, an empty list and an empty object are undefined in RFC 6570 (2.3): nothing is sent for them.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.values().all(Value::is_null),
        _ => false,
    }
}

/// The value as text that is not yet encoded; inner lists and objects are JSON.
fn plain(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

/// The context of encoding a parameter.
struct Writer<'a> {
    name: &'a str,
    encoding: Encoding,
    location: Location,
    /// Nothing is percent-encoded, wherever it is.
    is_plain: bool,
}

impl<'a> Writer<'a> {
    fn new(name: &'a str, encoding: Encoding, location: Location) -> Self {
        let is_plain = location == Location::Header || encoding.style == Style::Cookie;
        Self { name, encoding, location, is_plain }
    }

    fn cannot(&self, expected: &str, found: &str) -> Fault {
        Fault::new("style", expected, found).of(self.location, self.name)
    }

    fn escape<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let set = match (self.location, self.encoding.allow_reserved) {
            _ if self.is_plain => return Cow::Borrowed(text),
            (Location::Path, true) => RESERVED_IN_PATH,
            (Location::Query, true) => RESERVED,
            _ => UNRESERVED,
        };
        utf8_percent_encode(text, set).into()
    }

    fn escape_name(&self, text: &str) -> String {
        match self.is_plain {
            true => text.to_owned(),
            false => utf8_percent_encode(text, UNRESERVED).to_string(),
        }
    }

    /// A part of a list: what separates it from the next one must not stand in it as it is.
    fn part(&self, text: &str, delimiter: &str) -> Result<String, Fault> {
        let raw = self.escape(text);
        match delimiter {
            "%20" if text.contains(' ') => Err(self.cannot("an item without spaces", text)),
            "%7C" if text.contains('|') => Err(self.cannot("an item without `|`", text)),
            _ if !raw.contains(delimiter) => Ok(raw.into_owned()),
            "," if !self.is_plain => Ok(raw.replace(',', "%2C")),
            "." if !self.is_plain => Ok(raw.replace('.', "%2E")),
            _ => Err(self.cannot(&format!("an item without `{delimiter}`"), text)),
        }
    }

    /// The whole value in one text: items, or names and values, with the delimiter between them.
    fn joined(&self, value: &Value, delimiter: &str) -> Result<String, Fault> {
        let parts = match value {
            Value::Array(items) => {
                items.iter().map(|item| self.part(&plain(item), delimiter)).collect::<Result<Vec<_>, _>>()?
            }
            Value::Object(map) => self.entries(map, delimiter)?,
            scalar => vec![self.escape(&plain(scalar)).into_owned()],
        };
        Ok(parts.join(delimiter))
    }

    fn entries(&self, map: &Map<String, Value>, delimiter: &str) -> Result<Vec<String>, Fault> {
        let mut parts = Vec::new();
        for (name, value) in map.iter().filter(|(_, value)| !value.is_null()) {
            let value = self.part(&plain(value), delimiter)?;
            match self.encoding.explode {
                false => parts.extend([self.part(name, delimiter)?, value]),
                true if name.contains('=') => return Err(self.cannot("a name without `=`", name)),
                true => parts.push(format!("{}={value}", self.part(name, delimiter)?)),
            }
        }
        Ok(parts)
    }

    /// The value as named pairs, for queries, cookies and exploded matrices.
    fn pairs(&self, value: &Value) -> Result<Vec<Pair>, Fault> {
        let own = |value| Pair { name: self.escape_name(self.name), value };
        let delimiter = match self.encoding.style {
            Style::Json => return Ok(vec![own(self.escape(&value.to_string()).into_owned())]),
            Style::Text if !value.is_null() => return Ok(vec![own(self.escape(&plain(value)).into_owned())]),
            Style::DeepObject => return Ok(self.brackets(value)),
            Style::SpaceDelimited if self.is_plain => " ",
            Style::SpaceDelimited => "%20",
            Style::PipeDelimited if self.is_plain => "|",
            Style::PipeDelimited => "%7C",
            _ => ",",
        };
        match value {
            nothing if is_nothing(nothing) => Ok(Vec::new()),
            Value::Array(items) if self.encoding.explode => {
                items.iter().map(|item| Ok(own(self.cookie_safe(item)?))).collect()
            }
            Value::Object(map) if self.encoding.explode => map
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| {
                    Ok(Pair { name: self.escape_name(name), value: self.cookie_safe(value)? })
                })
                .collect(),
            Value::Array(_) | Value::Object(_) => Ok(vec![own(self.joined(value, delimiter)?)]),
            scalar => Ok(vec![own(self.cookie_safe(scalar)?)]),
        }
    }

    /// Text of one pair. Only style `cookie` can break here, since it encodes nothing (RFC 6265, 4.1.1).
    fn cookie_safe(&self, value: &Value) -> Result<String, Fault> {
        let text = plain(value);
        let breaks = |c: char| c.is_control() || matches!(c, ' ' | '"' | ',' | ';' | '\\') || !c.is_ascii();
        if self.encoding.style == Style::Cookie && text.contains(breaks) {
            return Err(self.cannot("characters that a cookie may hold", &text));
        }
        Ok(self.escape(&text).into_owned())
    }

    /// `name[key][0]=value`, in the order of the value. An explicit stack keeps deep values off the call stack.
    fn brackets(&self, value: &Value) -> Vec<Pair> {
        let mut pairs = Vec::new();
        let mut stack = vec![(self.escape_name(self.name), value)];
        while let Some((name, value)) = stack.pop() {
            let [open, close] = if self.is_plain { ["[", "]"] } else { ["%5B", "%5D"] };
            let below = |key: &str| format!("{name}{open}{}{close}", self.escape_name(key));
            match value {
                Value::Null => {}
                Value::Array(items) => {
                    stack.extend(
                        items.iter().enumerate().rev().map(|(at, item)| (below(&at.to_string()), item)),
                    );
                }
                Value::Object(map) => stack.extend(map.iter().rev().map(|(key, value)| (below(key), value))),
                scalar => pairs.push(Pair { name, value: self.escape(&plain(scalar)).into_owned() }),
            }
        }
        pairs
    }
}
