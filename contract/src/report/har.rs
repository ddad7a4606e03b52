//! The exchanges of a run as an HTTP Archive (HAR 1.2). Secrets stand in requests as `$NAME`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Report;
use super::curl::plain;
use super::member::put;
use crate::exchange::Exchange;
use crate::verdict::Verdict;
use crate::wire;

/// Returns the exchanges that the report keeps.
pub fn har(report: &Report<'_>) -> String {
    let entries: Vec<Value> = report.verdicts.iter().flat_map(|verdict| entries(report, verdict)).collect();
    let archive = json!({"log": {
        "version": "1.2",
        "creator": {"name": "descant test", "version": env!("CARGO_PKG_VERSION")},
        "entries": entries,
    }});
    format!("{archive:#}\n")
}

fn entries(report: &Report<'_>, verdict: &Verdict) -> Vec<Value> {
    let exchanges = verdict.exchanges();
    let redacted = report.credentials.redacted();
    let steps = verdict.case.steps.iter().zip(exchanges);
    let operation = report.api.operations.get(verdict.case.operation);
    let id = operation.map(|operation| verdict.case.id(operation)).unwrap_or_default();
    // What a step names may be in the answer to an earlier one.
    let requests = steps.filter_map(|(step, exchange)| {
        let request = wire::encode(report.api, &step.call, &redacted, exchanges).ok()?;
        Some(entry(report, &id, &request, exchange))
    });
    requests.collect()
}

fn entry(report: &Report<'_>, id: &str, request: &crate::HttpRequest, exchange: &Exchange) -> Value {
    let millis = exchange.elapsed.as_secs_f64() * 1000.0;
    let url = format!("{}{}", report.base, plain(&request.target));
    let query = request.target.split_once('?').map_or("", |(_, query)| query);
    let query: Vec<Value> = form_urlencoded::parse(plain(query).as_bytes())
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect();
    let headers = request.headers.iter().map(|(name, value)| json!({"name": name, "value": plain(value)}));
    let mut sent = json!({
        "method": request.method,
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers.collect::<Vec<_>>(),
        "queryString": query,
        "headersSize": -1,
        "bodySize": request.body.as_ref().map_or(0, bytes::Bytes::len),
    });
    if let Some(body) = &request.body {
        let media_type = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        put(
            &mut sent,
            "postData",
            json!({
                "mimeType": media_type.map_or("", |(_, value)| value.as_str()),
                "text": plain(&String::from_utf8_lossy(body)),
            }),
        );
    }
    json!({
        // The clock of a run is not in its report.
        "startedDateTime": "1970-01-01T00:00:00Z",
        "time": millis,
        "request": sent,
        "response": response(exchange),
        "cache": {},
        "timings": {"send": 0, "wait": millis, "receive": 0},
        "comment": id,
    })
}

fn response(exchange: &Exchange) -> Value {
    let answer = match &exchange.answer {
        Ok(answer) => answer,
        Err(reason) => {
            return json!({
                "status": 0, "statusText": "", "httpVersion": "HTTP/1.1", "cookies": [], "headers": [],
                "content": {"size": 0, "mimeType": ""}, "redirectURL": "", "headersSize": -1, "bodySize": -1,
                "_error": reason.to_string(),
            });
        }
    };
    let value = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = answer.headers.iter().map(|(name, it)| json!({"name": name.as_str(), "value": value(it)}));
    let mut content = json!({
        "size": answer.body.len(),
        "mimeType": answer.header("content-type").unwrap_or_default(),
    });
    match std::str::from_utf8(&answer.body) {
        Ok(text) => put(&mut content, "text", text),
        Err(_) => {
            put(&mut content, "text", STANDARD.encode(&answer.body));
            put(&mut content, "encoding", "base64");
        }
    }
    json!({
        "status": answer.status.as_u16(),
        "statusText": answer.status.canonical_reason().unwrap_or_default(),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers.collect::<Vec<_>>(),
        "content": content,
        "redirectURL": answer.header("location").unwrap_or_default(),
        "headersSize": -1,
        "bodySize": answer.body.len(),
    })
}
