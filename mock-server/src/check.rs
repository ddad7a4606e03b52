//! Whether a response that the document did not make itself is one that it describes: an overlay's, an upstream's.

use descant_model::api;
use descant_runtime::media::{self, Hints};
use descant_runtime::response::header_values;
use http::HeaderName;
use http::header::CONTENT_TYPE;

use crate::Response;
use crate::content::Content;
use crate::mock::{Called, Mock};
use crate::prepared::Answer;
use crate::request::encoding_of;

/// What the document has against a response; `None` where it is as described.
pub(crate) fn fault(mock: &Mock, called: Called<'_>, response: &Response) -> Option<String> {
    head_fault(mock, called, response).or_else(|| body_fault(mock, called, response))
}

/// What it has against status, headers and media type: the body may be still to come, or left out for HEAD.
pub(crate) fn head_fault(mock: &Mock, called: Called<'_>, response: &Response) -> Option<String> {
    let status = response.status().as_u16();
    let Some(answer) = called.prepared.answer(status) else {
        return Some(format!("the document states no response for {status}"));
    };
    let model = called.operation.responses.iter().find(|(pattern, _)| *pattern == answer.pattern);
    let headers = model.into_iter().flat_map(|(_, model)| &model.headers);
    let fault = headers.filter_map(|(name, header)| header_fault(mock, response, name, header)).next();
    if fault.is_some() || answer.contents.is_empty() || content(answer, response).is_some() {
        return fault.map(|fault| format!("a header of {status}: {fault}"));
    }
    let content_type = content_type(response);
    if content_type.is_none() && response.body().is_empty() {
        return None;
    }
    let names: Vec<_> = answer.contents.iter().map(|content| content.name.as_str()).collect();
    let found = content_type.unwrap_or("no content type");
    Some(format!("{found} is not a documented media type of {status}; it has {}", names.join(", ")))
}

fn body_fault(mock: &Mock, called: Called<'_>, response: &Response) -> Option<String> {
    let status = response.status().as_u16();
    let answer = called.prepared.answer(status)?;
    if answer.contents.is_empty() || response.body().is_empty() {
        let unexpected = answer.contents.is_empty() && !response.body().is_empty();
        return unexpected.then(|| format!("the document states no body for {status}"));
    }
    let content = content(answer, response)?;
    let schema = content.model()?.schema?;
    let shape = Some(content.shape(&mock.schemas));
    match media::decode(content_type(response)?, response.body(), Hints { shape }) {
        Err(fault) => Some(fault.to_string()),
        Ok(value) => {
            let validator = mock.schemas.response(schema).ok()?.validator();
            let fault = validator.faults(&value).into_iter().next();
            fault.map(|fault| format!("the body of {status} breaks its schema: {fault}"))
        }
    }
}

fn content_type(response: &Response) -> Option<&str> {
    response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok())
}

/// The documented representation that a response says it is.
fn content<'a>(answer: &'a Answer, response: &Response) -> Option<&'a Content> {
    let names: Vec<_> = answer.contents.iter().map(|content| content.name.as_str()).collect();
    answer.contents.get(media::select(content_type(response)?, &names)?)
}

/// What the document has against a header, or its absence. `Content-Type` is none that it describes so (OAS 4.8.17).
fn header_fault(mock: &Mock, response: &Response, name: &str, header: &api::Header) -> Option<String> {
    let name: HeaderName = name.parse().ok().filter(|name| *name != CONTENT_TYPE)?;
    let shape = mock.schemas.shape(header.schema);
    let values = match header_values(response.headers(), name.as_str(), encoding_of(&header.encoding), &shape)
    {
        Ok(values) => values,
        Err(fault) => return Some(fault.to_string()),
    };
    if values.is_empty() {
        return header.required.then(|| format!("`{name}` is required, but was not sent"));
    }
    let validator = mock.schemas.response(header.schema?).ok()?.validator();
    let fault = values.iter().flat_map(|value| validator.faults(value)).next();
    fault.map(|fault| format!("`{name}`: {fault}"))
}
