//! What a runtime expression finds in an exchange (OAS 4.8.20.3).

use serde_json::Value;

use crate::exchange::Exchange;
use crate::resource::LAST_SEGMENT;

/// The value of `$response.body#/id` and its like; `None` where the exchange has none, or where the expression is not
/// one.
pub(crate) fn evaluate(expression: &str, exchange: &Exchange) -> Option<Value> {
    if let Some(expression) = expression.strip_suffix(LAST_SEGMENT) {
        let url = evaluate(expression, exchange)?;
        let path = url.as_str()?.split(['?', '#']).next()?;
        return path.trim_end_matches('/').rsplit('/').next().map(Value::from);
    }
    let request = &exchange.request;
    let answer = exchange.answer.as_ref().ok();
    match expression.strip_prefix('$')? {
        "method" => Some(request.method.clone().into()),
        "url" => Some(request.target.clone().into()),
        "statusCode" => Some(answer?.status.as_u16().into()),
        rest => match rest.split_once('.')? {
            ("response", source) => match source.strip_prefix("header.") {
                Some(name) => Some(answer?.header(name)?.into()),
                None => body(source, answer?.json()),
            },
            ("request", source) => match source.split_once('.') {
                Some((location, name)) => sent(exchange, location, name),
                None => body(source, request.body.as_deref().and_then(|b| serde_json::from_slice(b).ok())),
            },
            _ => None,
        },
    }
}

/// `body`, or a JSON pointer into it.
fn body(source: &str, body: Option<Value>) -> Option<Value> {
    match source.strip_prefix("body")? {
        "" => body,
        pointer => body?.pointer(pointer.strip_prefix('#')?).cloned(),
    }
}

fn sent(exchange: &Exchange, location: &str, name: &str) -> Option<Value> {
    let values = &exchange.request.values;
    values.iter().find(|(l, n, _)| *l == location && n == name).map(|(_, _, value)| value.clone())
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use serde_json::json;

    use super::*;
    use crate::exchange::{HttpRequest, HttpResponse};

    #[test]
    fn expressions_find_what_the_exchange_has() {
        let mut headers = HeaderMap::new();
        headers.insert("Location", "/pets/7".parse().unwrap());
        let request = HttpRequest {
            method: "POST".into(),
            target: "/pets?kind=dog".into(),
            body: Some(r#"{"name":"rex"}"#.into()),
            values: vec![("query", "kind".into(), json!("dog"))],
            ..HttpRequest::default()
        };
        let body = br#"{"id":9007199254740993,"tags":["a"]}"#.as_slice().into();
        let answer = Ok(HttpResponse { status: http::StatusCode::CREATED, headers, body });
        let exchange = Exchange::new(request, answer);
        let check = |expression: &str, expected: Option<Value>| {
            assert_eq!(evaluate(expression, &exchange), expected, "{expression}");
        };
        check("$method", Some(json!("POST")));
        check("$statusCode", Some(json!(201)));
        check("$response.body#/id", Some(json!(9_007_199_254_740_993_u64)));
        check("$response.body#/tags/0", Some(json!("a")));
        check("$response.body#/none", None);
        check("$response.header.location", Some(json!("/pets/7")));
        check("$response.header.location#last-segment", Some(json!("7")));
        check("$request.query.kind", Some(json!("dog")));
        check("$request.path.kind", None);
        check("$request.body#/name", Some(json!("rex")));
        check("response.body", None);
        check("$", None);
        check("$response.", None);
    }
}
