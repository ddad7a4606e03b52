//! Decides what a link or a callback takes from an exchange: the values that its runtime expressions name (OAS 3.1,
//! 4.8.20.4).

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::param;

/// What stands at a JSON pointer (RFC 6901) in a value, as the type that it is given to; `None` where nothing does, or
/// nothing that fits. A number may become text and text a number: in a body an id is one, in a path the other.
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

/// A constant that a document states, as JSON.
pub fn constant<T: DeserializeOwned>(json: &str) -> Option<T> {
    fit(serde_json::from_str(json).ok()?)
}

/// A text of several values; `None` where there is not each of them.
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
