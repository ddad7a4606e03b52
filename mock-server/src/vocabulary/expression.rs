//! Runtime expressions (OAS 4.8.20.4): values of an exchange within the URL of a callback.

use http::Uri;
use http::header::HeaderMap;
use serde_json::Value;

use super::value_path::plain;

/// The exchange that expressions read.
pub(crate) struct ExchangeView<'a> {
    pub(crate) method: &'a str,
    pub(crate) uri: &'a Uri,
    pub(crate) status: u16,
    pub(crate) request_headers: &'a HeaderMap,
    pub(crate) response_headers: &'a HeaderMap,
    /// The parameters of the path, still percent-encoded.
    pub(crate) path: &'a [(&'a str, &'a str)],
    pub(crate) request_body: Option<&'a Value>,
    pub(crate) response_body: Option<&'a Value>,
}

/// Returns a text with the values of its expressions, `{$request.body#/url}?id={$response.body#/id}`; a text that is one expression
/// without braces is that. `None` where a value is absent.
pub(crate) fn resolve(template: &str, exchange: &ExchangeView<'_>) -> Option<String> {
    if template.starts_with('$') {
        return value(template, exchange);
    }
    let mut pieces = template.split('{');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (expression, literal) = piece.split_once('}')?;
        text.push_str(&value(expression, exchange)?);
        text.push_str(literal);
    }
    Some(text)
}

fn value(expression: &str, exchange: &ExchangeView<'_>) -> Option<String> {
    let within = |body: Option<&Value>, at: &str| -> Option<String> {
        let found = body?.pointer(at.strip_prefix('#').unwrap_or(at))?;
        (!found.is_null()).then(|| plain(found))
    };
    let field = |fields: &HeaderMap, name: &str| fields.get(name)?.to_str().ok().map(str::to_owned);
    let decoded = |text: &str| {
        percent_encoding::percent_decode_str(text).decode_utf8().ok().map(|text| text.into_owned())
    };
    match expression {
        "$url" => return Some(exchange.uri.to_string()),
        "$method" => return Some(exchange.method.to_owned()),
        "$statusCode" => return Some(exchange.status.to_string()),
        _ => {}
    }
    if let Some(source) = expression.strip_prefix("$request.") {
        let (place, name) = source.split_once('.').unwrap_or((source, ""));
        return match place {
            "header" => field(exchange.request_headers, name),
            "query" => {
                let mut pairs = form_urlencoded::parse(exchange.uri.query().unwrap_or_default().as_bytes());
                pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
            }
            "path" => {
                exchange.path.iter().find(|(known, _)| *known == name).and_then(|(_, text)| decoded(text))
            }
            _ => within(exchange.request_body, source.strip_prefix("body")?),
        };
    }
    let source = expression.strip_prefix("$response.")?;
    match source.strip_prefix("header.") {
        Some(name) => field(exchange.response_headers, name),
        None => within(exchange.response_body, source.strip_prefix("body")?),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn expressions_name_the_values_of_an_exchange() {
        let uri: Uri = "/orders/a%20b?hook=http%3A%2F%2Flocalhost%2Fq".parse().unwrap();
        let fields =
            |value: &'static str| [(http::header::LOCATION, value.parse().unwrap())].into_iter().collect();
        let (request, response): (HeaderMap, HeaderMap) = (fields("here"), fields("there"));
        let (sent, received) =
            (json!({"hooks": [{"url": "http://localhost/b"}], "none": null}), json!({"id": 7}));
        let exchange = ExchangeView {
            method: "POST",
            uri: &uri,
            status: 201,
            request_headers: &request,
            response_headers: &response,
            path: &[("name", "a%20b")],
            request_body: Some(&sent),
            response_body: Some(&received),
        };
        let check = |template: &str, expected: Option<&str>| {
            assert_eq!(resolve(template, &exchange).as_deref(), expected, "{template}");
        };
        check("{$request.body#/hooks/0/url}", Some("http://localhost/b"));
        check("$request.query.hook", Some("http://localhost/q"));
        check("http://localhost/{$method}/{$statusCode}", Some("http://localhost/POST/201"));
        check("{$request.path.name}", Some("a b"));
        check("{$request.header.location}-{$response.header.location}", Some("here-there"));
        check("http://localhost/{$response.body#/id}", Some("http://localhost/7"));
        for absent in [
            "{$request.body#/none}",
            "{$request.body#/other}",
            "{$response.query.a}",
            "{$request",
            "{url}",
            "{$x}",
        ] {
            check(absent, None);
        }
    }
}
