//! A service whose own response breaks its document: its log learns why, its caller does not.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::sync::{Arc, Mutex};

use descant_runtime as rt;
use rt::StatusCode;
use rt::server::{Context, HandlerResult, Service};

pub enum ReadResponse {
    ClientError(StatusCode),
}
rt::responses! { ReadResponse -> () { 4XX => ClientError(status) } }

pub struct ReadRequest {}
rt::request! { ReadRequest {} }

struct Api;

impl Api {
    async fn read(&self, _: ReadRequest, _: &Context) -> HandlerResult<ReadResponse> {
        Ok(ReadResponse::ClientError(StatusCode::OK))
    }
}

#[tokio::test]
async fn the_log_learns_what_the_caller_does_not() {
    let log: Arc<Mutex<Vec<String>>> = Arc::default();
    let lines = Arc::clone(&log);
    let service = Service::builder(Api).route("GET /a", Api::read).build();
    let service =
        service.faults(move |operation, fault| lines.lock().unwrap().push(format!("{operation}: {fault}")));
    let request = http::Request::get("/a").body(rt::Body::default()).unwrap();
    let response = service.respond(request).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let body = response.into_body().read(1000).await.unwrap();
    assert_eq!(body, r#"{"status":500,"title":"Internal Server Error"}"#);
    assert_eq!(*log.lock().unwrap(), ["GET /a: expected a status of Range(4), found `200`"]);
}
