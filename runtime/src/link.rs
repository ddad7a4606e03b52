//! Values of an exchange for links and callbacks, as named by their runtime expressions (OAS 3.1, 4.8.20.4).

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::param;

/// Returns the value at a JSON pointer (RFC 6901) as the target type; `None` if it is absent or does not match. A
/// number may become text and text a number, because an id can be a number in a body and text in a path.
///
/// ```
/// use descant_runtime::link::at;
///
/// let body = serde_json::json!({"pet": {"id": 7}});
/// assert_eq!(at(&body, "/pet/id"), Some(7));
/// assert_eq!(at(&body, "/pet/id"), Some("7".to_owned()));
/// assert_eq!(at::<i64>(&body, "/pet/name"), None);
/// ```
pub fn at<T: DeserializeOwned>(value: impl Serialize, pointer: &str) -> Option<T> {
    let mut value = param::untyped(&value).ok()?;
    fit(value.pointer_mut(pointer)?.take())
}

/// Returns a constant of the document, given as JSON.
pub fn constant<T: DeserializeOwned>(json: &str) -> Option<T> {
    fit(serde_json::from_str(json).ok()?)
}

/// Joins several values to a text; `None` if one is absent.
///
/// ```
/// use descant_runtime::link::{at, constant, text};
///
/// let body = serde_json::json!({"id": 7});
/// assert_eq!(text([at(&body, "/id"), constant("\"-x\"")]), Some("7-x".to_owned()));
/// assert_eq!(text::<String>([at(&body, "/name"), constant("\"-x\"")]), None);
/// ```
pub fn text<T: DeserializeOwned>(pieces: impl IntoIterator<Item = Option<String>>) -> Option<T> {
    fit(Value::String(pieces.into_iter().collect::<Option<String>>()?))
}

fn fit<T: DeserializeOwned>(value: Value) -> Option<T> {
    let other = match &value {
        Value::String(text) => serde_json::from_str(text).ok(),
        Value::Number(_) | Value::Bool(_) => Some(Value::from(value.to_string())),
        _ => None,
    };
    param::typed(Some(value)).ok().or_else(|| param::typed(Some(other?)).ok())
}
