//! Serialization of parameters: RFC 6570's expansions with OpenAPI's names (OAS 3.1.1, 4.8.12 and appendix C). Both
//! directions are implemented only here.
//!
//! Where OpenAPI leaves a case open, both directions agree on this:
//! - a list or object inside a list or object is JSON text (as swagger-client writes it), but in `deepObject`, whose
//!   brackets nest: `filter[tags][0]=a`;
//! - `null` is left out; inside a list it is the text `null`;
//! - an empty list or object is left out;
//! - what a style cannot carry is a [`Fault`], never sent changed: a space in a space-delimited item, say.

mod decode;
mod encode;
mod location;
mod optional;
mod query;
mod shape;
mod table;

pub(crate) use decode::Text;
pub use decode::{decode_header, decode_path};
pub(crate) use encode::{UNRESERVED, plain_pairs};
pub use encode::{encode_cookie, encode_header, encode_path, encode_query, fill_path, push_query};
pub use location::Location;
pub use optional::Optional;
pub use query::{Query, decode_cookie};
pub use shape::{Facet, Kinds, Properties, Reference, Shape};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::json;
use crate::problem::Fault;

/// Returns a value as its Rust type; an absent value is null, which an `Option` accepts.
///
/// # Errors
/// Returns an error if it is missing or does not match its type.
pub fn typed<T: DeserializeOwned>(value: Option<Value>) -> Result<T, Fault> {
    let missing = value.is_none();
    crate::json::typed(value.unwrap_or_default()).map_err(|error| misfit(missing, &error))
}

fn misfit(missing: bool, error: &serde_json::Error) -> Fault {
    match missing {
        true => Fault::new("required", "a value", "").detail("it is required, but missing"),
        false => Fault::new("type", "a value of the documented type", "").detail(error.to_string()),
    }
}

/// Returns a Rust value as JSON.
///
/// # Errors
/// Returns an error if it has no JSON form, such as a map whose keys are not text, or a number exceeds 64 bits.
pub fn untyped<T: Serialize + ?Sized>(value: &T) -> Result<Value, Fault> {
    let formless = |error: serde_json::Error| {
        Fault::new("type", "a value with a JSON form", "").detail(error.to_string())
    };
    let text = serde_json::to_string(value).map_err(formless)?;
    match json::rounded(&text) {
        Some(number) => Err(Fault::new("type", EXACT, number)),
        None => serde_json::from_str(&text).map_err(formless),
    }
}

/// The expectation for a number outside JSON.
pub(crate) const EXACT: &str = "a number that 64 bits hold exactly";

/// The serialization style of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// `blue,black` (RFC 6570, 3.2.2).
    Simple,
    /// `.blue.black` (3.2.5).
    Label,
    /// `;color=blue,black` (3.2.7).
    Matrix,
    /// `color=blue,black` (3.2.8).
    Form,
    /// `color=blue%20black`.
    SpaceDelimited,
    /// `color=blue%7Cblack`.
    PipeDelimited,
    /// `color[R]=100`.
    DeepObject,
    /// `color=blue; color=black`, not percent-encoded (OAS 3.2).
    Cookie,
    /// A JSON document (`content` with a JSON media type).
    Json,
    /// The unsplit text (`content` with a text media type).
    Text,
}

/// A style with its flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Encoding {
    /// The serialization style of a value.
    pub style: Style,
    /// Whether each item or property is written separately.
    pub explode: bool,
    /// Whether RFC 3986's reserved characters stay unencoded, except those that would end the value.
    pub allow_reserved: bool,
}

impl Encoding {
    /// Returns an encoding that encodes reserved characters.
    pub const fn new(style: Style, explode: bool) -> Self {
        Self { style, explode, allow_reserved: false }
    }

    /// Returns the encoding with unencoded reserved characters (`allowReserved: true`).
    #[must_use]
    pub const fn reserved(self) -> Self {
        Self { allow_reserved: true, ..self }
    }
}

/// `simple`: the default of paths and headers.
pub const SIMPLE: Encoding = Encoding::new(Style::Simple, false);
/// `simple`, `explode: true`.
pub const SIMPLE_EXPLODED: Encoding = Encoding::new(Style::Simple, true);
/// `label`, `explode: false`.
pub const LABEL: Encoding = Encoding::new(Style::Label, false);
/// `label`, `explode: true`.
pub const LABEL_EXPLODED: Encoding = Encoding::new(Style::Label, true);
/// `matrix`, `explode: false`.
pub const MATRIX: Encoding = Encoding::new(Style::Matrix, false);
/// `matrix`, `explode: true`.
pub const MATRIX_EXPLODED: Encoding = Encoding::new(Style::Matrix, true);
/// `form`: the default of queries and cookies, which is exploded.
pub const FORM: Encoding = Encoding::new(Style::Form, true);
/// `form`, `explode: false`.
pub const FORM_JOINED: Encoding = Encoding::new(Style::Form, false);
/// `spaceDelimited`.
pub const SPACE_DELIMITED: Encoding = Encoding::new(Style::SpaceDelimited, false);
/// `pipeDelimited`.
pub const PIPE_DELIMITED: Encoding = Encoding::new(Style::PipeDelimited, false);
/// `deepObject`.
pub const DEEP_OBJECT: Encoding = Encoding::new(Style::DeepObject, true);
/// `cookie` (OAS 3.2).
pub const COOKIE: Encoding = Encoding::new(Style::Cookie, true);
/// `content: {application/json: …}`.
pub const JSON: Encoding = Encoding::new(Style::Json, false);
/// `content: {text/plain: …}`.
pub const TEXT: Encoding = Encoding::new(Style::Text, false);

#[cfg(test)]
mod tests;
