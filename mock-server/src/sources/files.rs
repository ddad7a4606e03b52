//! Files in requests and responses: what an upload brings, and the response that a download of it is.

use std::borrow::Cow;
use std::sync::Arc;

use descant_model::api::{MediaType, Parameter};
use descant_runtime::media::{self, MediaKind, Part};
use descant_runtime::param::Location;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, ETAG};
use http::{HeaderMap, HeaderValue, StatusCode};
use percent_encoding::{percent_decode_str, utf8_percent_encode};
use serde_json::{Map, Value};

use super::admitted::AdmittedRequest;
use super::context::ResponseContext;
use crate::state::call::{Call, StateAnswer};
use crate::state::files::{File, FoundFile};
use crate::state::{State, StoreError};
use crate::tables::file_content::{file_fields, is_file};
use crate::tables::operation::Negotiated;
use crate::vocabulary::byte_range;
use crate::vocabulary::message::{Response, UNRESERVED};
use crate::vocabulary::problem::Problem;
use crate::vocabulary::value_path::fold;

/// A file that a request brings.
pub(super) struct Upload {
    file: File,
    /// The other fields of its form.
    fields: Map<String, Value>,
    /// Whether the file is the whole body.
    is_whole: bool,
}

/// Returns the file of a request, where its operation takes one.
pub(super) fn upload(
    context: ResponseContext<'_>,
    state: &State,
    admitted: &AdmittedRequest<'_>,
) -> Option<Upload> {
    let operation = admitted.operation;
    let body = operation.operation.request_body.as_ref().filter(|_| state.uploads(operation.index))?;
    let stated = admitted.request.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    let names: Vec<&str> = body.content.keys().map(String::as_str).collect();
    let (name, content) = body.content.get_index(media::select(stated, &names)?)?;
    match MediaKind::of(stated) {
        MediaKind::Multipart => of_form(context, admitted, stated, content),
        _ if !is_file(context.schemas.model(), name, content) => None,
        _ => {
            let essence = stated.split(';').next().unwrap_or_default().trim().to_owned();
            let file = File {
                name: stated_name(admitted),
                media_type: Some(essence),
                bytes: admitted.request.body().clone(),
            };
            Some(Upload { file, fields: Map::new(), is_whole: true })
        }
    }
}

/// Returns the first file of a form.
fn of_form(
    context: ResponseContext<'_>,
    admitted: &AdmittedRequest<'_>,
    media_type: &str,
    content: &MediaType,
) -> Option<Upload> {
    let parts = media::read_parts(media_type, admitted.request.body().clone()).ok()?;
    let declared = file_fields(context.schemas.model(), content);
    let is_file = |part: &Part| part.file_name.is_some() || declared.contains(&part.name.as_str());
    let files: Vec<&Part> = parts.iter().filter(|part| is_file(part)).collect();
    let first = files.first()?;
    let mut fields = admitted.body()?.as_object()?.clone();
    fields.retain(|name, _| !files.iter().any(|file| file.name == *name));
    let file = File {
        name: first.file_name.clone(),
        media_type: first.content_type.clone(),
        bytes: first.body.as_bytes()?.clone(),
    };
    Some(Upload { file, fields, is_whole: false })
}

/// Returns the name of a file that is the whole body: of `Content-Disposition`, or of a parameter `name` or `filename`.
fn stated_name(admitted: &AdmittedRequest<'_>) -> Option<String> {
    let field = admitted.request.headers().get(CONTENT_DISPOSITION);
    let field = field.map(|field| String::from_utf8_lossy(field.as_bytes())).unwrap_or_default();
    let part = |name: &str| field.split(';').find_map(|part| part.trim().strip_prefix(name));
    // RFC 8187, 3.2, before the plain form (RFC 6266, 4.3).
    let extended = part("filename*=UTF-8''").or_else(|| part("filename*=utf-8''"));
    let extended = extended.and_then(|name| percent_decode_str(name).decode_utf8().ok());
    let named = extended.or_else(|| part("filename=").map(|name| name.trim_matches('"').into()));
    let parameter = || {
        let parameters = admitted.operation.operation.parameters.iter();
        let mut names = parameters.filter(|one| matches!(fold(&one.name).as_str(), "filename" | "name"));
        let value = |one: &&Arc<Parameter>| {
            let locations = [Location::Query, Location::Path].into_iter();
            let mut found = locations.filter_map(|location| admitted.parameter(location, &one.name));
            found.find_map(|value| value.as_str().map(str::to_owned))
        };
        names.find_map(|one| value(&one))
    };
    named.map(Cow::into_owned).or_else(parameter)
}

impl Upload {
    /// Carries out the call that brings the file, and keeps the file. The item has what describes the file, where its schema
    /// admits that. A whole body changes an item only where there is one.
    pub(super) async fn answer(
        self,
        state: &State,
        call: Call<'_>,
    ) -> Result<Option<StateAnswer>, StoreError> {
        let mut described = state.description(call.operation, &self.file);
        described.extend(self.fields.clone());
        let mut answer = None;
        for body in [described, self.fields] {
            let body = Value::Object(body);
            answer = state.answer(&Call { body: Some(&body), ..call }).await?;
            if !matches!(answer, Some(StateAnswer::Unserved(_))) {
                break;
            }
        }
        let done = match answer {
            Some(StateAnswer::NotFound | StateAnswer::Unserved(_)) if self.is_whole => None,
            Some(StateAnswer::NotFound | StateAnswer::Refused(_)) => return Ok(answer),
            Some(StateAnswer::Done(_) | StateAnswer::Unserved(_)) | None => answer,
        };
        let result = match &done {
            Some(StateAnswer::Done(done)) => Some(done),
            _ => None,
        };
        match state.keep_file(&call, result, &self.file).await? {
            true => Ok(done),
            false => Ok(Some(StateAnswer::NotFound)),
        }
    }
}

/// Returns the response with the file that a call downloads, where one was uploaded.
///
/// # Errors
/// 404 where the item does not exist, 406, 503 where the store fails.
pub(super) async fn download(
    context: ResponseContext<'_>,
    state: &State,
    admitted: &AdmittedRequest<'_>,
    call: &Call<'_>,
) -> Result<Option<Response>, Problem> {
    let successes = admitted.operation.compiled.responses.iter().filter(|response| response.when.is_none());
    let Some(documented) = successes.min_by_key(|response| response.preference()) else { return Ok(None) };
    if documented.representations.is_empty() {
        return Ok(None);
    }
    let Negotiated { representation, content_type, .. } = documented.negotiate(admitted.request.headers())?;
    let is_file = representation
        .model()
        .is_some_and(|model| is_file(context.schemas.model(), &representation.name, model));
    if !is_file {
        return Ok(None);
    }
    let file = match state.file(call).await? {
        FoundFile::File(file) => file,
        FoundFile::None => return Ok(None),
        FoundFile::NoItem => {
            return Err(Problem::new(StatusCode::NOT_FOUND, "there is no such item, or no longer"));
        }
    };
    // The type of the file, where the response may have it.
    let own = file.media_type.as_deref().filter(|own| media::matches(&representation.name, own));
    let own = own.and_then(|own| HeaderValue::from_str(own).ok());
    let mut response = Response::new(file.bytes.clone());
    let headers = response.headers_mut();
    headers.extend(documented.headers.iter().cloned());
    headers.insert(CONTENT_TYPE, own.unwrap_or(content_type));
    headers.remove(ETAG);
    name_file(headers, &file);
    byte_range::offer(&mut response);
    Ok(Some(response))
}

/// States the name of a file (RFC 6266): as an attachment where the document describes the field, else for a browser to
/// show.
fn name_file(headers: &mut HeaderMap, file: &File) {
    let Some(name) = &file.name else { return };
    let kind = if headers.contains_key(CONTENT_DISPOSITION) { "attachment" } else { "inline" };
    let quoted: String = name.chars().filter(|c| (' '..='~').contains(c) && !r#""\"#.contains(*c)).collect();
    let mut value = format!("{kind}; filename=\"{quoted}\"");
    if quoted != *name {
        // RFC 8187, 3.2.
        value.push_str(&format!("; filename*=UTF-8''{}", utf8_percent_encode(name, UNRESERVED)));
    }
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
}
