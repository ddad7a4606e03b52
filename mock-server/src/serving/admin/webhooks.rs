//! Webhooks by hand: `GET /webhooks` lists them, `PUT /webhooks` sets where they go, `POST /webhooks/NAME` sends one.

use std::time::Duration;

use http::StatusCode;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Interface;
use super::reply::{empty, invalid, json as shown, missing, read};
use super::unknown;
use crate::serving::notifications;
use crate::vocabulary::message::{Request, Response};
use crate::vocabulary::problem::Problem;

/// Where webhooks go: `null` for nowhere.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Receiver {
    url: Option<String>,
}

/// A webhook to send.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Sent {
    /// Where to, if not to the receiver of all webhooks.
    url: Option<String>,
    /// Its body, if not that of the document.
    body: Option<Value>,
}

/// Responds to `/webhooks` and `/webhooks/NAME`.
pub(super) fn respond(interface: &Interface<'_>, request: &Request, path: &str) -> Result<Response, Problem> {
    let (method, notifier) = (request.method().as_str(), interface.notifier);
    match (method, path.strip_prefix("/webhooks/")) {
        ("GET", None) => Ok(shown(&list(interface))),
        ("PUT", None) => {
            let Receiver { url } = read(request)?;
            url.iter().try_for_each(|url| notifier.check(url).map(drop)).map_err(invalid)?;
            notifier.set_receiver(url);
            Ok(empty(StatusCode::NO_CONTENT))
        }
        ("POST", Some(name)) => {
            let name = percent_decode_str(name).decode_utf8_lossy();
            send(interface, request, &name)
        }
        _ => Err(unknown(method, path)),
    }
}

fn list(interface: &Interface<'_>) -> Value {
    let webhooks = interface.mock.api().webhooks.iter();
    let shown = webhooks.map(
        |webhook| json!({"name": webhook.path.raw, "method": webhook.method, "summary": webhook.summary}),
    );
    json!({"url": interface.notifier.receiver(), "webhooks": shown.collect::<Vec<_>>()})
}

/// Sends a webhook: 202, as it is delivered in the background.
fn send(interface: &Interface<'_>, request: &Request, name: &str) -> Result<Response, Problem> {
    let Sent { url, body } = if request.body().is_empty() { Sent::default() } else { read(request)? };
    let url = url.or_else(|| interface.notifier.receiver()).unwrap_or_default();
    interface.notifier.check(&url).map_err(invalid)?;
    let notification = notifications::webhook(interface.mock, name, &url, body).ok_or_else(|| {
        let known = interface.mock.api().webhooks.iter().map(|webhook| webhook.path.raw.as_str());
        let known: Vec<&str> = known.take(20).collect();
        missing(format!("the document has no webhook `{name}`; it has: {}", known.join(", ")))
    })?;
    let (recording, guard) = (interface.recording.clone(), interface.mock.guard.clone());
    interface.notifier.send(notification, recording, guard, Duration::ZERO);
    Ok(empty(StatusCode::ACCEPTED))
}
