//! Calls every operation of documents with sampled requests, and tells what comes back: `sweep FILE…`.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a tool of this repository's own

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use descant_mock::{Mock, Request, Settings, respond};
use descant_model::api::{Api, Location, Operation, ParameterEncoding, SchemeKind, Style};
use descant_model::load::{Options, load};
use descant_runtime::media::{self, Hints};
use descant_runtime::param::{self, Encoding};
use descant_schema::{Direction, Sampler};
use serde_json::Value;

fn main() {
    for file in std::env::args().skip(1) {
        sweep(Path::new(&file));
    }
}

fn sweep(path: &Path) {
    let started = Instant::now();
    let Some(api) = load(path, &Options::default()).api else {
        return println!("{}: no document", path.display());
    };
    let loaded = started.elapsed();
    let api = Arc::new(api);
    let started = Instant::now();
    let mock = Mock::new(api.clone(), Settings::default());
    let made = started.elapsed();
    let mut outcomes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let started = Instant::now();
    for operation in &api.operations {
        let outcome = match request(&api, operation) {
            None => "no request".to_owned(),
            Some(request) => {
                let started = Instant::now();
                let response = respond(&mock, &request);
                let took = started.elapsed();
                if took.as_millis() > 500 {
                    println!("  slow: {} {took:?}", operation.key());
                }
                let notice =
                    response.headers().get("descant-notice").map(|it| format!(" {}", it.to_str().unwrap()));
                let detail = match response.status().as_u16() {
                    400.. => String::from_utf8_lossy(response.body()).chars().take(400).collect(),
                    _ => String::new(),
                };
                format!("{}{}{detail}", response.status().as_u16(), notice.unwrap_or_default())
            }
        };
        let class = outcome.get(..3).unwrap_or("none").to_owned() + if outcome.len() > 3 { "!" } else { "" };
        outcomes.entry(class).or_default().push(format!("{}: {outcome}", operation.key()));
    }
    let counts: Vec<_> = outcomes.iter().map(|(class, list)| format!("{class} {}", list.len())).collect();
    println!(
        "{}: {} (load {loaded:?}, mock {made:?}, calls {:?})",
        path.display(),
        counts.join(", "),
        started.elapsed()
    );
    for (_, list) in outcomes
        .iter()
        .filter(|(class, _)| class.ends_with('!') || class.starts_with("no") || class.as_str() >= "400")
    {
        list.iter().take(8).for_each(|line| println!("    {line}"));
    }
}

fn sample(api: &Api, schema: Option<descant_model::api::SchemaId>) -> Option<Value> {
    let schema = api.schemas.standalone(schema?);
    Sampler::new(&schema, Direction::Request).ok()?.sample(1).ok()
}

fn request(api: &Api, operation: &Operation) -> Option<Request> {
    let mut path = operation.path.raw.clone();
    let mut query = Vec::new();
    let mut request = http::Request::builder().method(operation.method.as_str());
    for parameter in operation.parameters.iter().filter(|one| one.required) {
        let value = sample(api, parameter.schema).unwrap_or_else(|| "text".into());
        let encoding = match &parameter.encoding {
            ParameterEncoding::Style { style, explode, .. } => Encoding::new(
                match style {
                    Style::Label => param::Style::Label,
                    Style::Matrix => param::Style::Matrix,
                    Style::Form => param::Style::Form,
                    Style::SpaceDelimited => param::Style::SpaceDelimited,
                    Style::PipeDelimited => param::Style::PipeDelimited,
                    Style::DeepObject => param::Style::DeepObject,
                    _ => param::Style::Simple,
                },
                *explode,
            ),
            ParameterEncoding::Content { .. } => param::JSON,
        };
        match parameter.location {
            Location::Path => {
                let text = param::encode_path(&parameter.name, &value, encoding).ok()?;
                path = path.replace(&format!("{{{}}}", parameter.name), &text);
            }
            Location::Query => query.push(param::encode_query(&parameter.name, &value, encoding).ok()?),
            Location::Header => {
                request = request
                    .header(&parameter.name, param::encode_header(&parameter.name, &value, encoding).ok()??)
            }
            _ => {}
        }
    }
    for (name, scheme) in &api.security_schemes {
        let asked = operation.security.alternatives.first().is_some_and(|it| it.schemes.contains_key(name));
        if !asked {
            continue;
        }
        match &scheme.kind {
            SchemeKind::ApiKey { location: Location::Query, name } => query.push(format!("{name}=key")),
            SchemeKind::ApiKey { location: Location::Cookie, name } => {
                request = request.header("cookie", format!("{name}=key"))
            }
            SchemeKind::ApiKey { name, .. } => request = request.header(name, "key"),
            SchemeKind::Basic => request = request.header("authorization", "Basic dTpw"),
            SchemeKind::Http { scheme } => request = request.header("authorization", format!("{scheme} x")),
            _ => request = request.header("authorization", "Bearer tok"),
        }
    }
    let mut body = bytes::Bytes::new();
    if let Some((name, model)) = operation.request_body.as_ref().and_then(|it| it.content.first()) {
        let value = sample(api, model.schema).unwrap_or_default();
        body = media::encode(name, &value, Hints::default()).ok()?;
        request = request.header("content-type", name);
    }
    let joint = if query.is_empty() { "" } else { "?" };
    let target = path.split('#').next()?.to_owned() + joint + &query.join("&");
    request.uri(target).body(body).ok()
}
