//! Nothing of a document is dropped in silence.

#![allow(clippy::unwrap_used, reason = "a test may fail here")]

use descant_generator::{Parts, Settings, generate};
use descant_model::load::{Options, load_text};

fn settings() -> Settings {
    Settings {
        name: "test".to_owned(),
        source: "test.yaml".to_owned(),
        parts: Parts { client: true, server: true, contract: true, stub: false },
        ..Settings::default()
    }
}

/// What the generator reports of a document.
fn reported(text: &str) -> Vec<String> {
    let loaded = load_text("test.yaml", text, &Options::default());
    let generated = generate(&loaded.api.unwrap(), &settings());
    let findings = generated.diagnostics.into_sorted().into_iter();
    findings.map(|one| format!("{} {}: {}", one.code.as_str(), one.pointer, one.message)).collect()
}

#[test]
fn what_is_left_out_is_reported() {
    let reported = reported(
        "
openapi: 3.1.0
info: {title: t, version: '1'}
paths:
  /a:
    post:
      operationId: a
      requestBody:
        content:
          multipart/form-data:
            schema: {type: object, properties: {f: {type: string}}}
            encoding: {f: {headers: {X-Part: {schema: {type: string}}}}}
      responses:
        '200': {description: ok, links: {again: {operationId: a}}}
      callbacks:
        done: {'{$request.body#/url}': {post: {responses: {'200': {description: ok}}}}}
webhooks: {news: {post: {responses: {'200': {description: ok}}}}}
",
    );
    assert_eq!(
        reported,
        [
            "unsupported /paths/~1a/post/requestBody/content/multipart~1form-data/encoding/f/headers/X-Part: Header `X-Part` of the part `f` is left out",
            "unsupported /paths/~1a/post/responses/200/links/again: Link `again` is left out",
        ]
    );
}
