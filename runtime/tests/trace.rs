//! The spans of a call and its attempts: operation, number and status, and nothing that may be secret.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::StatusCode;
use descant_runtime as rt;
use rt::client::{Call, Config, Core, Retry};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

pub enum ReadResponse {
    NoContent,
}
rt::responses! { read ReadResponse -> () { 204 => NoContent ok } }

#[derive(Clone, Debug, Default)]
pub struct Credentials {
    pub key: Option<rt::Secret>,
}
rt::credentials! { Credentials { key = "key" Query("key") } }

/// Collects the spans with their fields.
#[derive(Clone, Default)]
struct Collector {
    lines: Arc<Mutex<Vec<String>>>,
    spans: Arc<AtomicU64>,
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.push_str(&format!(" {field}={value:?}"));
    }
}

impl Collector {
    fn note(&self, mut line: Line, record: impl FnOnce(&mut Line)) {
        record(&mut line);
        self.lines.lock().unwrap().push(line.0);
    }
}

impl Subscriber for Collector {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("descant_runtime")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.note(Line(span.metadata().name().to_owned()), |line| span.record(line));
        Id::from_u64(self.spans.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        self.note(Line(format!("{}:", id.into_u64())), |line| values.record(line));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.note(Line("event".to_owned()), |line| event.record(line));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn a_call_and_each_of_its_attempts_have_a_span() {
    let count = Arc::new(AtomicUsize::new(0));
    let router = axum::Router::new().fallback(move || {
        let number = count.fetch_add(1, Ordering::Relaxed);
        async move { if number == 0 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::NO_CONTENT } }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let retry = Retry::default().delay(Duration::ZERO, Duration::ZERO);
    let core = Core::new(Config::new(&url).middleware(retry), &Credentials { key: Some("s3cret".into()) });
    let core = core.unwrap();
    let call = |core: &Core, path: &str| {
        let request = core.request("GET /pets/{petId}", &[&["key"]]).path("petId", rt::param::SIMPLE, path);
        request.query("q", rt::param::FORM, "private").send::<Call<ReadResponse>>()
    };

    let collector = Collector::default();
    let guard = tracing::subscriber::set_default(collector.clone());
    call(&core, "ada").await.unwrap();
    let nowhere = Core::new(Config::new("http://127.0.0.1:1"), &Credentials { key: Some("s3cret".into()) });
    call(&nowhere.unwrap(), "ada").await.unwrap_err();
    drop(guard);
    let span = r#"call operation="GET /pets/{petId}" method="GET" path="/pets/{petId}""#;
    assert_eq!(
        *collector.lines.lock().unwrap(),
        [
            span,
            "attempt attempt=1",
            "2: status=503",
            "attempt attempt=2",
            "3: status=204",
            "1: status=204",
            span,
            "attempt attempt=1",
            r#"5: error="transport""#,
            r#"4: error="transport""#,
        ]
    );
}
