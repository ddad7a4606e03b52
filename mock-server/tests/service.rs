//! A mock as a `tower` service: by itself, and below a path of an axum server.

#![allow(clippy::unwrap_used, clippy::expect_used)] // in tests

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use descant_mock::{Mock, MockService, Settings};
use descant_model::load::{Options, load_text};
use http::Request;
use tower_service::Service;

const DOCUMENT: &str = r#"
openapi: 3.1.0
info: {title: Pets, version: 1.0.0}
paths:
  /pets:
    get:
      responses: {'200': {description: all, content: {application/json: {schema: {type: array}, example: [Rex]}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
      responses: {'201': {description: made}}
"#;

fn service() -> MockService {
    let api = load_text("pets.yaml", DOCUMENT, &Options::default()).api.unwrap();
    MockService::new(Arc::new(Mock::new(Arc::new(api), Settings::default())))
}

/// Sends a request, and returns status and body.
async fn call<S, B>(service: &mut S, method: &str, path: &str, body: B) -> (u16, String)
where
    S: Service<Request<Body>, Response = http::Response<B>, Error = std::convert::Infallible>,
    B: hyper::body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    let response = service.call(request.body(Body::new(body)).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(Body::new(body), usize::MAX).await.unwrap();
    (parts.status.as_u16(), String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn a_service_responds_as_the_mock_does() {
    let mut service = service();
    let full = |text: &'static str| http_body_util::Full::new(Bytes::from_static(text.as_bytes()));
    assert_eq!(call(&mut service, "GET", "/pets", full("")).await, (200, r#"["Rex"]"#.to_owned()));
    assert_eq!(call(&mut service, "POST", "/pets", full("{}")).await.0, 201);
    let (status, body) = call(&mut service, "POST", "/pets", full("[]")).await;
    assert!(status == 400 && body.contains("expected an object"), "{status} {body}");
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let mut service = service().with_max_body(1);
    let body = http_body_util::Full::new(Bytes::from_static(b"{}"));
    assert_eq!(call(&mut service, "POST", "/pets", body).await.0, 413);
    let request = Request::post("/pets").header("origin", "https://shop.example");
    let response = service.call(request.body(Body::from("{}")).unwrap()).await.unwrap();
    assert_eq!(response.status(), 413);
    assert_eq!(response.headers()["access-control-allow-origin"], "https://shop.example");
}

#[tokio::test]
async fn a_service_is_mounted_in_a_router() {
    let mut router = Router::new().nest_service("/mock", service());
    assert_eq!(call(&mut router, "GET", "/mock/pets", Body::empty()).await, (200, r#"["Rex"]"#.to_owned()));
    assert_eq!(call(&mut router, "GET", "/pets", Body::empty()).await.0, 404);
}
