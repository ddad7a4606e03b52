//! Whether a response that the document did not make itself is one that it describes: an overlay's, an upstream's.

use descant_runtime::media::{self, Hints};
use http::header::CONTENT_TYPE;

use crate::Response;
use crate::mock::{Called, Mock};
use crate::shape;

/// What the document has against a response; `None` where it is as described.
pub(crate) fn fault(mock: &Mock, called: Called<'_>, response: &Response) -> Option<String> {
    let status = response.status().as_u16();
    let Some(answer) = called.prepared.answer(status) else {
        return Some(format!("the document states no response for {status}"));
    };
    if answer.contents.is_empty() || response.body().is_empty() {
        let unexpected = answer.contents.is_empty() && !response.body().is_empty();
        return unexpected.then(|| format!("the document states no body for {status}"));
    }
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let names: Vec<_> = answer.contents.iter().map(|content| content.name.as_str()).collect();
    let content =
        content_type.and_then(|name| media::select(name, &names)).and_then(|at| answer.contents.get(at));
    let (Some(content), Some(content_type)) = (content, content_type) else {
        let found = content_type.unwrap_or("no content type");
        return Some(format!(
            "{found} is not a documented media type of {status}; it has {}",
            names.join(", ")
        ));
    };
    let model = content.model()?;
    let schema = model.schema?;
    let shape = shape::encoded(mock.schemas.shape(model.schema), &model.encoding);
    match media::decode(content_type, response.body(), Hints { shape: Some(&shape) }) {
        Err(fault) => Some(fault.to_string()),
        Ok(value) => {
            let validator = mock.schemas.response(schema).ok()?.validator();
            let fault = validator.faults(&value).into_iter().next();
            fault.map(|fault| format!("the body of {status} breaks its schema: {fault}"))
        }
    }
}
