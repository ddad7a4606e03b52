//! The files of the page, which the program contains.

use http::header::LOCATION;
use http::{HeaderValue, StatusCode};

use super::reply;
use crate::vocabulary::message::Response;

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const IMAGE: &str = "image/svg+xml";

/// A file of `mock-server/assets`.
macro_rules! asset {
    ($media_type:expr, $name:literal) => {
        (concat!("/", $name), $media_type, include_str!(concat!("../../../assets/", $name)))
    };
}

/// The path, media type and text of each file.
const ASSETS: &[(&str, &str, &str)] = &[
    ("/", HTML, include_str!("../../../assets/index.html")),
    asset!(STYLE, "style.css"),
    asset!(STYLE, "views.css"),
    asset!(IMAGE, "icon.svg"),
    asset!(SCRIPT, "app.js"),
    asset!(SCRIPT, "call.js"),
    asset!(SCRIPT, "code.js"),
    asset!(SCRIPT, "document.js"),
    asset!(SCRIPT, "dom.js"),
    asset!(SCRIPT, "exchange.js"),
    asset!(SCRIPT, "mock.js"),
    asset!(SCRIPT, "operation.js"),
    asset!(SCRIPT, "operations.js"),
    asset!(SCRIPT, "prose.js"),
    asset!(SCRIPT, "rules.js"),
    asset!(SCRIPT, "schema.js"),
    asset!(SCRIPT, "state.js"),
    asset!(SCRIPT, "traffic.js"),
];

/// Returns the file of a path below `/__descant`; the path without its slash redirects, as links in the page are relative.
pub(super) fn file(path: &str) -> Option<Response> {
    if path.is_empty() {
        let mut response = reply::empty(StatusCode::PERMANENT_REDIRECT);
        response.headers_mut().insert(LOCATION, HeaderValue::from_static("__descant/"));
        return Some(response);
    }
    let (_, media_type, text) = ASSETS.iter().find(|(name, ..)| *name == path)?;
    Some(reply::body(media_type, *text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_asset_is_listed_and_all_are_small() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets");
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = names.map(|name| format!("/{}", name.to_str().unwrap())).collect();
        names.retain(|name| !name.ends_with(".json"));
        names.sort();
        let mut listed: Vec<_> = ASSETS.iter().map(|(name, ..)| (*name).to_owned()).collect();
        listed.retain(|name| name != "/");
        listed.push("/index.html".to_owned());
        listed.sort();
        assert_eq!(listed, names);
        let bytes: usize = ASSETS.iter().map(|(.., text)| text.len()).sum();
        assert!(bytes < 300_000, "{bytes} bytes");
        let page = ASSETS[0].2;
        for (name, _, text) in ASSETS {
            let is_named = *name == "/" || page.contains(&format!("\"{}\"", &name[1..]));
            assert!(is_named, "{name} is not loaded with the page, but only when another file asks for it");
            for forbidden in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
                assert!(!text.contains(forbidden), "{name}: texts of a document must not become markup");
            }
        }
    }
}
