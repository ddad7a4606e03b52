//! Makes the requests of the page's forms: the document's examples or samples, with credentials, encoded as the document
//! says.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use descant_contract::case::{Body, Call, Input, Presented};
use descant_contract::{Completeness, Credentials, HttpRequest, RequestBuilder, encode};
use descant_model::api::{Api, Location};
use serde::Deserialize;
use serde_json::{Value, json};

/// A call as the page sends it.
#[derive(Deserialize)]
struct Edited {
    parameters: Vec<Parameter>,
    body: Option<Content>,
    /// Whether to present the credentials that the operation requires.
    #[serde(default)]
    credentials: bool,
}

#[derive(Deserialize)]
struct Parameter {
    name: String,
    #[serde(rename = "in")]
    location: String,
    value: Value,
}

/// A body: a value to be encoded, or a text to be sent as it is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    media_type: String,
    value: Option<Value>,
    text: Option<String>,
}

/// Returns a call of an operation with its request: a valid one, or that of an edited call.
pub(super) fn request(api: &Api, operation: usize, edited: Option<&Value>) -> Result<Value, String> {
    let credentials = Credentials::made_up(api);
    let Some(edited) = edited else {
        let builder = RequestBuilder::new(api, &credentials, 1);
        let (call, request) = builder.call(operation, Completeness::Required)?;
        return Ok(json!({"parameters": parameters(&call), "body": body(&call), "request": shown(&request)}));
    };
    let edited = Edited::deserialize(edited).map_err(|error| error.to_string())?;
    let request = encode(api, &call(operation, edited), &credentials, &[])?;
    Ok(json!({"request": shown(&request)}))
}

fn call(operation: usize, edited: Edited) -> Call {
    let parameters = edited.parameters.into_iter().filter_map(|parameter| {
        Some((location(&parameter.location)?, parameter.name, Input::Value(parameter.value)))
    });
    let body = edited.body.map(|Content { media_type, value, text }| match (value, text) {
        (Some(value), _) => Body::Value { media_type, value },
        (None, text) => Body::Raw { media_type, bytes: text.unwrap_or_default().into_bytes().into() },
    });
    let credential = if edited.credentials { Presented::default() } else { Presented::Nothing };
    Call { operation, parameters: parameters.collect(), body, credential, ..Call::default() }
}

fn location(name: &str) -> Option<Location> {
    use Location::{Cookie, Header, Path, Query, QueryString};
    [Path, Query, QueryString, Header, Cookie].into_iter().find(|location| location.as_str() == name)
}

fn parameters(call: &Call) -> Vec<Value> {
    let shown = call.parameters.iter().filter_map(|(location, name, input)| {
        let value = match input {
            Input::Value(value) => value.clone(),
            Input::Raw(text) => text.as_str().into(),
            Input::Link { .. } => return None,
        };
        Some(json!({"in": location.as_str(), "name": name, "value": value}))
    });
    shown.collect()
}

fn body(call: &Call) -> Option<Value> {
    Some(match call.body.as_ref()? {
        Body::Value { media_type, value } => json!({"mediaType": media_type, "value": value}),
        Body::Raw { media_type, bytes } => {
            json!({"mediaType": media_type, "text": String::from_utf8_lossy(bytes)})
        }
    })
}

/// Returns a request as JSON; a body that is not text is in Base64.
fn shown(request: &HttpRequest) -> Value {
    let HttpRequest { method, target, headers, body, .. } = request;
    let text = body.as_ref().map(|bytes| std::str::from_utf8(bytes).map_err(|_| STANDARD.encode(bytes)));
    let (text, encoded) = match text {
        None => (None, None),
        Some(Ok(text)) => (Some(text), None),
        Some(Err(encoded)) => (None, Some(encoded)),
    };
    let mut shown = json!({"method": method, "target": target, "headers": headers});
    let members = [("body", text.map(Value::from)), ("bodyBase64", encoded.map(Value::from))];
    if let Some(shown) = shown.as_object_mut() {
        shown.extend(members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    }
    shown
}

/// Returns the targets of every GET operation that a valid request can be made for.
pub(super) fn targets(api: &Api) -> Vec<String> {
    let credentials = Credentials::made_up(api);
    let builder = RequestBuilder::new(api, &credentials, 1);
    let gets = api.operations.iter().enumerate().filter(|(_, operation)| operation.method == "GET");
    let calls = gets.filter_map(|(index, _)| builder.call(index, Completeness::Required).ok());
    calls.map(|(_, request)| request.target).collect()
}

#[cfg(test)]
mod tests {
    use descant_model::load::{Options, load_text};

    use super::*;

    const DOCUMENT: &str = "
openapi: 3.1.0
info: {title: T, version: '1'}
paths:
  /pets/{id}:
    put:
      security: [{key: []}]
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer, minimum: 7, maximum: 7}}
        - {name: tags, in: query, schema: {type: array, items: {type: string}}}
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [name], properties: {name: {const: Rex}}}}}}
      responses: {'200': {description: d}}
components: {securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}}
";

    #[test]
    fn requests_are_valid_and_follow_their_edits() {
        let api = load_text("t.yaml", DOCUMENT, &Options::default()).api.unwrap();
        let made = request(&api, 0, None).unwrap();
        assert_eq!(made["parameters"], json!([{"in": "path", "name": "id", "value": 7}]));
        assert_eq!(made["body"], json!({"mediaType": "application/json", "value": {"name": "Rex"}}));
        assert_eq!(made["request"]["target"], "/pets/7");
        let edited = json!({
            "parameters": [{"in": "path", "name": "id", "value": 8}, {"in": "query", "name": "tags", "value": ["a b", "c"]}],
            "body": {"mediaType": "application/json", "text": "{"},
        });
        let made = request(&api, 0, Some(&edited)).unwrap();
        assert_eq!(made["request"]["target"], "/pets/8?tags=a%20b&tags=c");
        assert_eq!(made["request"]["headers"], json!([["Content-Type", "application/json"]]));
        assert_eq!(made["request"]["body"], "{");
        assert!(request(&api, 0, Some(&json!({"parameters": 1}))).is_err());
    }
}
