//! The generated code of a document as functions, so that the same code can call the client and the server of any
//! document, and the requests that they share with its mock.

use std::future::Future;
use std::pin::Pin;

use descant_contract::HttpRequest;
use descant_contract::case::{self, Call};
use descant_model::api::Location;
use descant_runtime::client::{Config, Error};
use descant_runtime::contract::{Input, Outcome, Stub};
use descant_runtime::param;
use descant_runtime::server::Service;
use http::request::Parts;

/// What a call of the generated client comes to.
pub type Called = Pin<Box<dyn Future<Output = Result<Outcome, Error>> + Send>>;

/// The generated code of a document.
pub struct Voices {
    /// The document.
    pub path: &'static str,
    /// Calls an operation with the credentials of a request and these values.
    pub call: fn(Config, credentials: Parts, operation: String, input: Input) -> Called,
    /// The generated server.
    pub serve: fn(Stub) -> Service,
}

/// The voices of a module of generated code, and the path of its document.
#[macro_export]
macro_rules! voices {
    ($api:ident, $path:literal) => {
        $crate::voices::Voices {
            path: $path,
            call: |config, credentials, operation, input| {
                Box::pin(async move {
                    let client = $api::stub::connect(config, &credentials)?;
                    $api::contract::call(&client, &operation, &input).await
                })
            },
            serve: |stub| $api::server::service(stub),
        }
    };
}

/// A request as the mock takes it.
///
/// # Errors
/// Returns an error if it is none that HTTP knows.
pub fn request(wire: &HttpRequest) -> Result<descant_mock::Request, String> {
    let target = wire.target.split('#').next().unwrap_or_default();
    let mut request = http::Request::builder().method(wire.method.as_str()).uri(target);
    for (name, value) in &wire.headers {
        request = request.header(name, value);
    }
    request.body(wire.body.clone().unwrap_or_default()).map_err(|error| error.to_string())
}

/// A call's values as the arguments of a generated method.
pub fn input(call: &Call) -> Input {
    let mut input = Input::default();
    for (location, name, value) in &call.parameters {
        let location = match location {
            Location::Path => param::Location::Path,
            Location::Query | Location::QueryString => param::Location::Query,
            Location::Header => param::Location::Header,
            Location::Cookie => param::Location::Cookie,
        };
        let value = match value {
            case::Input::Value(value) => value.clone(),
            case::Input::Raw(text) => text.clone().into(),
            case::Input::Link { .. } => continue,
        };
        input = input.with(location, name, value);
    }
    let (media_type, value) = match &call.body {
        Some(case::Body::Value { media_type, value }) => (Some(media_type.clone()), Some(value.clone())),
        Some(case::Body::Raw { media_type, bytes }) => {
            let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
            (Some(media_type.clone()), Some(text.into()))
        }
        None => (None, None),
    };
    Input { media_type, body: value, ..input }
}
