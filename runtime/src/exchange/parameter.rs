//! Reads one parameter of a request and validates it.

use http::{HeaderMap, header};
use serde_json::Value;

use super::header_text;
use crate::param::{self, Encoding, Kinds, Location, Query, Shape, Style};
use crate::problem::Fault;
use crate::querystring;

/// A parameter of an operation (OAS 4.8.12).
#[derive(Clone, Copy, Debug)]
pub struct Parameter<'a> {
    /// The location of the parameter.
    pub location: Location,
    /// Returns the value on the wire.
    pub name: &'a str,
    /// The serialization of its value.
    pub encoding: Encoding,
    /// The shape of its value.
    pub shape: &'a Shape,
    /// The media type of the whole query string, where the parameter is that (OAS 3.2, `in: querystring`).
    pub query_string: Option<&'a str>,
}

/// The parts of a request that contain parameters.
#[derive(Clone, Copy, Debug)]
pub struct Source<'r> {
    /// The path's parameters by name, still percent-encoded.
    pub path: &'r [(&'r str, &'r str)],
    /// The query string, without `?`.
    pub query: Option<&'r str>,
    /// Returns its parts.
    pub pairs: &'r Query<'r>,
    /// The header fields.
    pub headers: &'r HeaderMap,
}

impl Parameter<'_> {
    /// Returns the parameter's value, `None` where it is absent.
    ///
    /// A text may stand for values of several kinds where the schema admits them: it is the narrowest one that `validate`
    /// finds nothing wrong with, and text last of all. `is_sibling` knows the names of the operation's other parameters
    /// at this place, which an exploded object with free names does not take for its own.
    ///
    /// # Errors
    /// Every fault, each at its place in the parameter.
    pub fn read(
        &self,
        source: &Source<'_>,
        is_sibling: impl Fn(&str) -> bool,
        validate: impl Fn(&Value) -> Vec<Fault>,
    ) -> Result<Option<Value>, Vec<Fault>> {
        let decoded = self.decode(source, self.shape, &is_sibling);
        let Some(value) = decoded.map_err(|fault| self.placed(vec![fault]))? else { return Ok(None) };
        if self.shape.may_be_empty() && value == "" {
            // To what is no text, an empty value is as good as none (`allowEmptyValue`, OAS 4.8.12).
            return Ok(Some(value).filter(|_| self.shape.kinds.has(Kinds::STRING)));
        }
        let faults = validate(&value);
        if faults.is_empty() {
            return Ok(Some(value));
        }
        if !value.is_string() && self.shape.kinds.has(Kinds::STRING) {
            let text = self.text(source, &is_sibling).filter(|text| validate(text).is_empty());
            if text.is_some() {
                return Ok(text);
            }
        }
        match self.split_at_escapes(source, &is_sibling).filter(|list| validate(list).is_empty()) {
            Some(list) => Ok(Some(list)),
            None => Err(self.placed(faults)),
        }
    }

    /// Returns a list whose commas were sent as `%2C`, as HTTP libraries escape them: `a%2Cb` is the list `a`, `b`, unless it
    /// is valid as one item.
    fn split_at_escapes(&self, source: &Source<'_>, is_sibling: impl Fn(&str) -> bool) -> Option<Value> {
        let is_list = self.shape.is_array() && !self.encoding.explode;
        if !is_list || !matches!(self.encoding.style, Style::Form | Style::Simple) {
            return None;
        }
        let unescaped = |text: &str| text.replace("%2C", ",").replace("%2c", ",");
        match self.location {
            Location::Query => {
                let query = unescaped(source.query?);
                let pairs = Query::parse(&query);
                self.decode(&Source { pairs: &pairs, ..*source }, self.shape, is_sibling).ok()?
            }
            Location::Path => {
                let (_, text) = source.path.iter().find(|(key, _)| *key == self.name)?;
                let path = [(self.name, &*unescaped(text))];
                self.decode(&Source { path: &path, ..*source }, self.shape, is_sibling).ok()?
            }
            Location::Header | Location::Cookie => None,
        }
    }

    /// Returns the parameter as the text that it was sent as.
    pub(crate) fn text(&self, source: &Source<'_>, is_sibling: impl Fn(&str) -> bool) -> Option<Value> {
        let text = Shape { kinds: Kinds::STRING, ..self.shape.clone() };
        self.decode(source, &text, is_sibling).ok().flatten()
    }

    /// Returns the fault of an absent parameter that is required.
    pub fn missing(&self) -> Fault {
        Fault::new("required", "a value", "").detail("required, but not sent").of(self.location, self.name)
    }

    fn placed(&self, faults: Vec<Fault>) -> Vec<Fault> {
        faults.into_iter().map(|fault| fault.of(self.location, self.name)).collect()
    }

    fn decode(
        &self,
        source: &Source<'_>,
        shape: &Shape,
        is_sibling: impl Fn(&str) -> bool,
    ) -> Result<Option<Value>, Fault> {
        let Self { name, encoding, .. } = *self;
        let is_free =
            encoding.explode && encoding.style != Style::DeepObject && self.shape.additional.is_some();
        let is_another = |other: &str| is_free && other != name && is_sibling(other);
        match (self.location, self.query_string) {
            (Location::Query, Some(media_type)) => {
                let query = source.query.filter(|query| !query.is_empty());
                query.map(|query| querystring::decode(media_type, query, shape)).transpose()
            }
            (Location::Query, None) => {
                if is_free {
                    return source.pairs.without(is_another).find(name, encoding, shape);
                }
                source.pairs.find(name, encoding, shape)
            }
            (Location::Path, _) => {
                let text = source.path.iter().find(|(key, _)| *key == name);
                text.map(|(_, text)| param::decode_path(name, text, encoding, shape)).transpose()
            }
            (Location::Header, _) => {
                let text = header_text(source.headers, name, ",")?;
                text.map(|text| param::decode_header(name, &text, encoding, shape)).transpose()
            }
            (Location::Cookie, _) => {
                let text = header_text(source.headers, header::COOKIE.as_str(), "; ")?.unwrap_or_default();
                Query::cookies(&text, encoding.style).without(is_another).find(name, encoding, shape)
            }
        }
    }
}
