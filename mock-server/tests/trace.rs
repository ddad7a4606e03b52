//! The span of an exchange: method, operation and status, and nothing that may be secret.

#![allow(clippy::unwrap_used, clippy::expect_used)] // in tests

use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use descant_mock::{Mock, MockService, Settings};
use descant_model::load::{Options, load_text};
use http::Request;
use http_body_util::Empty;
use tower_service::Service;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

const DOCUMENT: &str = r#"
openapi: 3.1.0
info: {title: Pets, version: 1.0.0}
paths:
  /pets/{id}:
    get:
      security: [{key: []}]
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {'204': {description: there}}
components: {securitySchemes: {key: {type: apiKey, in: query, name: key}}}
"#;

/// Collects the fields of all spans.
#[derive(Clone, Default)]
struct Collector {
    fields: Arc<Mutex<Vec<String>>>,
    spans: Arc<AtomicU64>,
}

impl Visit for Collector {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.lock().unwrap().push(format!("{field}={value:?}"));
    }
}

impl Subscriber for Collector {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("descant_mock")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut self.clone());
        Id::from_u64(self.spans.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn a_span_has_method_operation_and_status() {
    let api = load_text("pets.yaml", DOCUMENT, &Options::default()).api.unwrap();
    let mut service = MockService::new(Arc::new(Mock::new(Arc::new(api), Settings::default())));
    let collector = Collector::default();
    let guard = tracing::subscriber::set_default(collector.clone());
    let request = Request::get("/pets/secret-id?key=secret-key").body(Empty::<bytes::Bytes>::new()).unwrap();
    assert_eq!(service.call(request).await.unwrap().status(), 204);
    drop(guard);
    let fields = collector.fields.lock().unwrap().clone();
    assert_eq!(fields, ["method=GET", "status=204", "operation=GET /pets/{id}"]);
}
