//! Decides how typed response headers are read and written, by the table of [`headers!`](crate::headers).

use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::exchange::header_values;
use crate::param::{self, Encoding, Location, Shape};
use crate::problem::Fault;

/// The documented headers of a response. Implemented by [`headers!`](crate::headers), never by hand.
pub trait Headers: Sized {
    /// Reads them.
    ///
    /// # Errors
    /// Where one is missing or is not what its shape says.
    fn read(headers: &HeaderMap) -> Result<Self, Fault>;
    /// Writes them.
    ///
    /// # Errors
    /// Where a value cannot stand in a header.
    fn write(&self, headers: &mut HeaderMap) -> Result<(), Fault>;
}

/// Gives a struct its form as response headers: name, encoding and shape of each field.
///
/// ```
/// use descant_runtime as rt;
///
/// #[derive(Debug, PartialEq)]
/// pub struct ListPetsOkHeaders {
///     pub x_next: Option<String>,
///     pub x_total: i64,
/// }
/// rt::headers! { ListPetsOkHeaders { x_next = "x-next" SIMPLE string, x_total = "x-total" SIMPLE integer } }
/// ```
#[macro_export]
macro_rules! headers {
    ($name:ident { $($field:ident = $header:literal $encoding:ident $($shape:tt)|+),* $(,)? }) => {
        impl $crate::response::Headers for $name {
            fn read(headers: &$crate::http::HeaderMap) -> Result<Self, $crate::problem::Fault> {
                Ok(Self {
                    $($field: {
                        static SHAPE: $crate::param::Shape = $crate::shape!($($shape)|+);
                        $crate::response::read_header(headers, $header, $crate::param::$encoding, &SHAPE)?
                    }),*
                })
            }

            fn write(&self, headers: &mut $crate::http::HeaderMap) -> Result<(), $crate::problem::Fault> {
                $($crate::response::write_header(headers, $header, $crate::param::$encoding, &self.$field)?;)*
                Ok(())
            }
        }
    };
}

/// Reads one header; an absent one is null, which an `Option` takes.
///
/// # Errors
/// Where it is missing or is not what its shape says.
pub fn read_header<T: DeserializeOwned>(
    headers: &HeaderMap,
    name: &str,
    encoding: Encoding,
    shape: &Shape,
) -> Result<T, Fault> {
    let values = header_values(headers, name, encoding, shape)?;
    let mut last = param::typed(None);
    for value in values {
        last = param::typed(Some(value));
        if last.is_ok() {
            break;
        }
    }
    last.map_err(|fault| fault.of(Location::Header, name))
}

/// Writes one header; null is left out.
///
/// # Errors
/// Where the value cannot stand in a header.
pub fn write_header<T: Serialize>(
    headers: &mut HeaderMap,
    name: &str,
    encoding: Encoding,
    value: &T,
) -> Result<(), Fault> {
    put_header(headers, name, encoding, &param::untyped(value)?)
}

pub(crate) fn put_header(
    headers: &mut HeaderMap,
    name: &str,
    encoding: Encoding,
    value: &Value,
) -> Result<(), Fault> {
    let Some(text) = param::encode_header(name, value, encoding)? else { return Ok(()) };
    let wrong =
        || Fault::new("style", "a name and a value that a header may have", &text).of(Location::Header, name);
    let key = HeaderName::try_from(name).map_err(|_| wrong())?;
    headers.insert(key, HeaderValue::try_from(&text).map_err(|_| wrong())?);
    Ok(())
}
