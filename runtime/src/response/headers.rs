//! Decides how typed response headers are read and written, by the table of [`headers!`](crate::headers).

use http::{HeaderMap, HeaderName, HeaderValue, header};
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
    /// Returns an error if one is missing or is not what its shape says.
    fn read(headers: &HeaderMap) -> Result<Self, Fault>;
    /// Writes them.
    ///
    /// # Errors
    /// Returns an error if a value cannot be in a header.
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
/// Returns an error if it is missing or is not what its shape says.
pub fn read_header<T: DeserializeOwned>(
    headers: &HeaderMap,
    name: &str,
    encoding: Encoding,
    shape: &Shape,
) -> Result<T, Fault> {
    let value = header_value(headers, name, encoding, shape)?;
    param::typed(value).map_err(|fault| fault.of(Location::Header, name))
}

/// Returns the value of a header, its lines joined (RFC 9110, 5.3). Lines of `Set-Cookie` are the items of a list, or lines of one
/// text: a comma does not separate cookies.
///
/// # Errors
/// Returns an error if it is not what its shape says.
pub fn header_value(
    headers: &HeaderMap,
    name: &str,
    encoding: Encoding,
    shape: &Shape,
) -> Result<Option<Value>, Fault> {
    let mut values = header_values(headers, name, encoding, shape)?;
    Ok(match values.as_slice() {
        [_, _, ..] => {
            let lines: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
            Some(lines.join("\n").into())
        }
        _ => values.pop(),
    })
}

fn is_set_cookie(name: &str) -> bool {
    name.eq_ignore_ascii_case(header::SET_COOKIE.as_str())
}

/// Writes one header; null is left out.
///
/// # Errors
/// Returns an error if the value cannot be in a header.
pub fn write_header<T: Serialize>(
    headers: &mut HeaderMap,
    name: &str,
    encoding: Encoding,
    value: &T,
) -> Result<(), Fault> {
    put_header(headers, name, encoding, &param::untyped(value)?)
}

/// Writes one header of a response or request; null is left out. Items of a list, and lines of a text, are lines of
/// `Set-Cookie` each.
///
/// # Errors
/// Returns an error if the value cannot be in a header.
pub fn put_header(
    headers: &mut HeaderMap,
    name: &str,
    encoding: Encoding,
    value: &Value,
) -> Result<(), Fault> {
    if is_set_cookie(name) {
        headers.remove(header::SET_COOKIE);
        let cookies = match value {
            Value::Array(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        let texts = cookies.iter().filter_map(|cookie| cookie.as_str()).flat_map(str::lines);
        for text in texts {
            let wrong = |_| Fault::new("style", "a cookie that a header may have", text);
            let line = HeaderValue::try_from(text).map_err(wrong)?;
            headers.append(header::SET_COOKIE, line);
        }
        return Ok(());
    }
    let Some(text) = param::encode_header(name, value, encoding)? else { return Ok(()) };
    let wrong =
        || Fault::new("style", "a name and a value that a header may have", &text).of(Location::Header, name);
    let key = HeaderName::try_from(name).map_err(|_| wrong())?;
    headers.insert(key, HeaderValue::try_from(&text).map_err(|_| wrong())?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::param::SIMPLE;

    /// Writes a value, and reads the lines again.
    fn written(value: &Value, shape: &Shape) -> (Vec<String>, Option<Value>) {
        let mut headers = HeaderMap::new();
        put_header(&mut headers, "Set-Cookie", SIMPLE, value).unwrap();
        let lines = headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap().to_owned());
        (lines.collect(), header_value(&headers, "Set-Cookie", SIMPLE, shape).unwrap())
    }

    #[test]
    fn cookies_are_lines_and_never_joined_by_commas() {
        let two = ["a=1; Expires=Thu, 01 Jan 2026 00:00:00 GMT".to_owned(), "b=2".to_owned()];
        let list = Value::from(two.to_vec());
        let shape = Shape { items: Some(Shape::STRING.into()), ..Shape::scalar(crate::param::Kinds::NONE) };
        assert_eq!(written(&list, &shape), (two.to_vec(), Some(list)));
        let text = Value::from(two.join("\n"));
        assert_eq!(written(&text, &Shape::STRING), (two.to_vec(), Some(text)));
        let one = Value::from("b=2");
        assert_eq!(written(&one, &Shape::STRING), (vec!["b=2".to_owned()], Some(one)));
    }
}
