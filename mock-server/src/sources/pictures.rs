//! Pictures by address: `/__descant/image/320x200/SEED.svg`, which any page may show.

use descant_runtime::param::Location;
use descant_schema::picture_size;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Method, StatusCode};
use serde_json::Value;

use super::admitted::AdmittedRequest;
use crate::vocabulary::message::{PICTURES, Request, Response, interface_path};
use crate::vocabulary::picture::Picture;
use crate::vocabulary::problem::Problem;
use crate::vocabulary::seed::Seed;
use crate::vocabulary::value_path::fold;

/// The size of a picture of which nothing says it.
const USUAL: (u32, u32) = (640, 480);

/// Returns the picture that a request asks for; `None` where its path is none of a picture. 404 where the path has no size,
/// or another ending.
pub(crate) fn respond(prefix: &str, request: &Request) -> Option<Response> {
    let path = interface_path(prefix, request)?.strip_prefix(PICTURES)?;
    let is_read = request.method() == Method::GET || request.method() == Method::HEAD;
    let found = find(path).filter(|_| is_read);
    Some(found.unwrap_or_else(|| {
        let detail = "a picture has a path as `/__descant/image/320x200/seed.svg`, `.png` or `.jpg`";
        Problem::new(StatusCode::NOT_FOUND, detail).into_response()
    }))
}

fn find(path: &str) -> Option<Response> {
    /// The path says all that the picture depends on.
    const FIELDS: [(http::HeaderName, &str); 3] = [
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    let (size, file) = path.split_once('/')?;
    let (seed, ending) = file.rsplit_once('.')?;
    let media_type = match ending {
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        _ => return None,
    };
    let picture = Picture::new(parse_size(size)?, Seed::new(0).with(seed));
    let mut response = Response::new(picture.encode(media_type)?);
    let fields = FIELDS.into_iter().chain([(CONTENT_TYPE, media_type)]);
    response.headers_mut().extend(fields.map(|(name, value)| (name, HeaderValue::from_static(value))));
    Some(response)
}

/// Parses a size: `320x200`.
fn parse_size(text: &str) -> Option<(u32, u32)> {
    let (width, height) = text.split_once(['x', 'X'])?;
    Some((width.parse().ok()?, height.parse().ok()?))
}

/// Returns the size of the picture that an operation responds with: as the parameters of the request say, else as the path
/// of the operation means.
pub(super) fn size_for(admitted: &AdmittedRequest<'_>) -> (u32, u32) {
    let operation = admitted.operation.operation;
    let mut segments = operation.path.raw.rsplit(['/', '.']).filter(|segment| !segment.contains('{'));
    let named = segments.find_map(picture_size);
    let (width, height) = named.unwrap_or(USUAL);
    let mut asked = (None, None);
    for parameter in &operation.parameters {
        let name = fold(&parameter.name);
        let locations = [Location::Path, Location::Query];
        let value = locations.into_iter().find_map(|location| admitted.parameter(location, &parameter.name));
        let Some(value) = value else { continue };
        if name.ends_with("width") || name == "w" {
            asked.0 = pixels(value).or(asked.0);
        } else if name.ends_with("height") || name == "h" {
            asked.1 = pixels(value).or(asked.1);
        } else if matches!(name.as_str(), "size" | "resolution" | "dimensions") {
            let both = value.as_str().and_then(parse_size);
            let both = both.or_else(|| pixels(value).map(|side| (side, side)));
            asked = both.map_or(asked, |(width, height)| (Some(width), Some(height)));
        }
    }
    let scaled = |side: u32, by: u32, of: u32| side.saturating_mul(by) / of.max(1);
    match asked {
        (None, None) => (width, height),
        (Some(own), None) => (own, scaled(own, height, width)),
        (None, Some(own)) => (scaled(own, width, height), own),
        (Some(width), Some(height)) => (width, height),
    }
}

/// Returns a number of pixels above zero.
fn pixels(value: &Value) -> Option<u32> {
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
    u32::try_from(number).ok().filter(|number| *number > 0)
}
