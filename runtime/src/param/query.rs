//! Splits a query string (or form body, or cookie header) into pairs, and finds the pairs of a parameter.

use std::borrow::Cow;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::decode::{self, Text};
use super::{Encoding, Location, Shape, Style};
use crate::problem::Fault;

/// The maximum nesting of `a[b][c]…`.
const DEEPEST: usize = 32;

/// The pairs of a query string, with decoded names and raw values, which are split by their style.
#[derive(Clone, Debug, Default)]
pub struct Query<'r> {
    pairs: Vec<(String, Cow<'r, str>)>,
    text: Text,
    /// The first name that is not UTF-8, as it was sent.
    broken: Option<Cow<'r, str>>,
}

impl<'r> Query<'r> {
    /// Splits `a=1&b=2` (WHATWG URL, 5.1). A name that is not UTF-8 contains replacement characters, so it matches no
    /// parameter.
    pub fn parse(query: &'r str) -> Self {
        Self::split(query.split('&'), Text::Form)
    }

    /// Splits `a=1; b=2` (RFC 6265, 4.2.1). With style `cookie` nothing is percent-decoded.
    pub(crate) fn cookies(header: &'r str, style: Style) -> Self {
        let text = if style == Style::Cookie { Text::Verbatim } else { Text::Percent };
        Self::split(header.split(';').map(str::trim), text)
    }

    /// Returns a query of separate pairs without escapes.
    pub(crate) fn plain(pairs: Vec<(String, &'r str)>) -> Self {
        let pairs = pairs.into_iter().map(|(name, value)| (name, Cow::Borrowed(value))).collect();
        Self { pairs, text: Text::Plain, ..Self::default() }
    }

    /// Returns the source without a borrow of the query string.
    #[cfg(feature = "server")]
    pub(crate) fn into_owned(self) -> Query<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        Query {
            pairs: self.pairs.into_iter().map(|(name, value)| (name, owned(value))).collect(),
            text: self.text,
            broken: self.broken.map(owned),
        }
    }

    fn split(pairs: impl Iterator<Item = &'r str>, text: Text) -> Self {
        let mut query = Self { text, ..Self::default() };
        for pair in pairs.filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decoded = text.decode(name).map(Cow::into_owned).unwrap_or_else(|_| {
                query.broken.get_or_insert(name.into());
                text.decode_lossy(name)
            });
            query.pairs.push((decoded, value.into()));
        }
        query
    }

    /// Removes the pairs of other parameters, which do not belong to an exploded object with arbitrary names.
    #[must_use]
    pub fn without(&self, is_another: impl Fn(&str) -> bool) -> Self {
        let pairs = self.pairs.iter().filter(|(name, _)| !is_another(name)).cloned().collect();
        Self { pairs, text: self.text, broken: self.broken.clone() }
    }

    /// The first name that is not UTF-8, as it was sent.
    pub(crate) fn broken_name(&self) -> Option<&str> {
        self.broken.as_deref()
    }

    /// The pairs of each name that is left over, in the order in which the names come first.
    pub(crate) fn rest(&self, is_left: impl Fn(&str) -> bool) -> IndexMap<&str, Self> {
        let mut rest: IndexMap<&str, Self> = IndexMap::new();
        for (name, value) in self.pairs.iter().filter(|(name, _)| is_left(name)) {
            let own = rest.entry(name).or_insert_with(|| Self { text: self.text, ..Self::default() });
            own.pairs.push((name.clone(), value.clone()));
        }
        rest
    }

    /// Returns the decoded names of the pairs.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|(name, _)| name.as_str())
    }

    /// Decodes a parameter; `None` if the query lacks it.
    ///
    /// # Errors
    /// Returns an error if its text does not match the style and the shape.
    pub fn decode(&self, name: &str, encoding: Encoding, shape: &Shape) -> Result<Option<Value>, Fault> {
        self.find(name, encoding, shape).map_err(|fault| fault.of(Location::Query, name))
    }

    pub(crate) fn find(&self, name: &str, encoding: Encoding, shape: &Shape) -> Result<Option<Value>, Fault> {
        if encoding.style == Style::DeepObject {
            return self.deep(name, shape);
        }
        let own: Vec<&str> = self.values(name).collect();
        let only_object = shape.is_object() && shape.kinds.is_empty() && !shape.is_array();
        match own.as_slice() {
            own if encoding.explode && (only_object || own.is_empty() && shape.is_object()) => {
                self.exploded(shape)
            }
            [] => Ok(None),
            [one] if encoding.style == Style::Json => decode::json(&self.text.decode(one)?).map(Some),
            [one] if encoding.style == Style::Text => Ok(Some(shape.read(self.text.decode(one)?))),
            [one] if !(encoding.explode && shape.is_array()) => {
                self.joined(one, encoding.style, shape).map(Some)
            }
            [one] if !shape.kinds.is_empty() => Ok(Some(shape.read(self.text.decode(one)?))),
            many if encoding.style == Style::Text => {
                Err(Fault::new("style", "the parameter once", &many.join(" and ")))
            }
            many => self.list(many, shape).map(Some),
        }
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.pairs.iter().filter(move |(key, _)| key == name).map(|(_, value)| &**value)
    }

    /// `color=blue,black`: one pair that holds everything.
    fn joined(&self, raw: &str, style: Style, shape: &Shape) -> Result<Value, Fault> {
        match style {
            Style::SpaceDelimited if self.text == Text::Plain => decode::joined(raw, " ", self.text, shape),
            Style::SpaceDelimited => {
                decode::joined(&raw.replace("%20", " ").replace('+', " "), " ", self.text, shape)
            }
            Style::PipeDelimited if self.text == Text::Plain => decode::joined(raw, "|", self.text, shape),
            Style::PipeDelimited => {
                decode::joined(&raw.replace("%7C", "|").replace("%7c", "|"), "|", self.text, shape)
            }
            _ => decode::joined(raw, ",", self.text, shape),
        }
    }

    /// `color=blue&color=black`.
    fn list(&self, values: &[&str], shape: &Shape) -> Result<Value, Fault> {
        let Some(items) = &shape.items else {
            return Err(Fault::new("style", "the parameter once", &values.join(" and ")));
        };
        let read = |(at, raw): (usize, &&str)| {
            let text = self.text.decode(raw).map_err(|fault| fault.below(at))?;
            Ok(items.read(text))
        };
        values.iter().enumerate().map(read).collect::<Result<_, _>>().map(Value::Array)
    }

    /// `R=100&G=200`: the object's properties are pairs of their own. Properties that are not named are taken only
    /// where the shape says what they are.
    fn exploded(&self, shape: &Shape) -> Result<Option<Value>, Fault> {
        let named =
            |name: &str| shape.properties.iter().flat_map(|all| all.iter()).any(|(key, _)| key == name);
        let mut map = Map::new();
        for (name, raw) in self.pairs.iter().filter(|(name, _)| shape.additional.is_some() || named(name)) {
            let value = self.text.decode(raw).map(|text| shape.property(name).read(text));
            map.insert(name.clone(), value.map_err(|fault| fault.below(name))?);
        }
        Ok((!map.is_empty()).then_some(Value::Object(map)))
    }

    /// `color[R]=100`, to any sensible depth; `[]` and repeated names make lists.
    fn deep(&self, name: &str, shape: &Shape) -> Result<Option<Value>, Fault> {
        let mut root = Branch::default();
        for (key, raw) in &self.pairs {
            let Some(rest) = key.strip_prefix(name) else { continue };
            if rest.is_empty() || rest.starts_with('[') {
                root.insert(&keys(rest)?, self.text.decode(raw)?.into_owned());
            }
        }
        if root.is_empty() { Ok(None) } else { root.read(shape).map(Some) }
    }
}

/// The names between the brackets of `[a][b][]`.
fn keys(brackets: &str) -> Result<Vec<&str>, Fault> {
    let wrong = || Fault::new("style", "names in brackets, as in `[a][b]`", brackets);
    let mut keys = Vec::new();
    let mut rest = brackets;
    while !rest.is_empty() {
        let (key, after) =
            rest.strip_prefix('[').and_then(|inner| inner.split_once(']')).ok_or_else(wrong)?;
        keys.push(key);
        rest = after;
    }
    if keys.len() > DEEPEST { Err(Fault::new("style", "at most 32 brackets", brackets)) } else { Ok(keys) }
}

/// A value under a name in brackets.
#[derive(Debug, Default)]
struct Branch {
    texts: Vec<String>,
    children: IndexMap<String, Branch>,
}

impl Branch {
    fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.children.is_empty()
    }

    /// Depth is bounded by [`DEEPEST`].
    fn insert(&mut self, keys: &[&str], text: String) {
        match keys.split_first() {
            None | Some((&"", [])) => self.texts.push(text),
            Some((key, rest)) => self.children.entry((*key).to_owned()).or_default().insert(rest, text),
        }
    }

    fn read(self, shape: &Shape) -> Result<Value, Fault> {
        match (&shape.items, self.children.is_empty()) {
            (Some(items), true) if shape.kinds.is_empty() || self.texts.len() > 1 => {
                Ok(self.texts.into_iter().map(|text| items.read(text.into())).collect())
            }
            (Some(items), false) if !shape.is_object() || self.children.keys().all(|key| is_index(key)) => {
                let read = |(at, one): (usize, Self)| one.read(items).map_err(|fault| fault.below(at));
                self.children.into_values().enumerate().map(read).collect::<Result<_, _>>().map(Value::Array)
            }
            (_, false) => {
                let read = |(name, one): (String, Self)| -> Result<(String, Value), Fault> {
                    let value = one.read(shape.property(&name)).map_err(|fault| fault.below(&name))?;
                    Ok((name, value))
                };
                self.children.into_iter().map(read).collect::<Result<_, _>>().map(Value::Object)
            }
            (_, true) => match <[String; 1]>::try_from(self.texts) {
                Ok([text]) => Ok(shape.read(text.into())),
                Err(texts) => Err(Fault::new("style", "the parameter once", &texts.join(" and "))),
            },
        }
    }
}

fn is_index(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit())
}

/// Decodes a cookie of the `Cookie` header; `None` if it is absent.
///
/// # Errors
/// Returns an error if the text does not match the style and the shape.
pub fn decode_cookie(
    name: &str,
    header: &str,
    encoding: Encoding,
    shape: &Shape,
) -> Result<Option<Value>, Fault> {
    Query::cookies(header, encoding.style)
        .find(name, encoding, shape)
        .map_err(|fault| fault.of(Location::Cookie, name))
}
