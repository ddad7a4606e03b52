//! One exchange for people: header fields and bodies, without credentials.

use descant_runtime::media::MediaKind;
use serde_json::{Value, json};

use crate::auth::Guard;
use crate::serving::journal::JournalEntry;
use crate::vocabulary::secret::is_secret;

/// Replaces a secret.
const REDACTED: &str = "***";
/// The depth to which a body is searched for secrets; what is deeper is left out.
const MAX_DEPTH: u32 = 64;

/// Returns an exchange with its header fields and bodies.
pub(super) fn shown(guard: &Guard, entry: &JournalEntry) -> Value {
    let mut value = json!(entry);
    let message = |head: &[u8], body: &[u8], length: u64| {
        let fields = fields(guard, head);
        let media_type = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let body = text(media_type.map_or("", |(_, value)| value), body);
        json!({"headers": fields, "body": body, "bytes": length})
    };
    let messages = entry.messages();
    if let Some(members) = value.as_object_mut() {
        let [request, response] = [
            message(&messages.request_head, &entry.body, messages.request_bytes),
            message(&messages.response_head, &messages.response_body, messages.response_bytes),
        ];
        members.insert("sent".to_owned(), request);
        members.insert("received".to_owned(), response);
    }
    value
}

/// Returns the header fields of a head, as the journal has it, without the values of credentials.
fn fields(guard: &Guard, head: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(head);
    let pairs = text.lines().filter_map(|line| line.split_once(": "));
    let shown = pairs.map(|(name, value)| {
        // `access-control-allow-credentials` says nothing secret.
        let is_named = is_secret(name) && !name.starts_with("access-control-");
        let is_secret = is_named || guard.is_credential_header(name);
        (name.to_owned(), if is_secret { REDACTED.to_owned() } else { value.to_owned() })
    });
    shown.collect()
}

/// Returns a body as text without secrets; `None` where it is not text.
fn text(media_type: &str, body: &[u8]) -> Option<String> {
    let plain = std::str::from_utf8(body).ok();
    match MediaKind::of(media_type) {
        MediaKind::Json => match serde_json::from_slice::<Value>(body) {
            Ok(mut value) => {
                redact(&mut value, 0);
                Some(format!("{value:#}"))
            }
            Err(_) => plain.map(str::to_owned),
        },
        MediaKind::Form => {
            let pairs = form_urlencoded::parse(body);
            let pairs = pairs.map(|(name, value)| match is_secret(&name) {
                true => (name, REDACTED.into()),
                false => (name, value),
            });
            Some(form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
        }
        _ => plain.map(str::to_owned),
    }
}

fn redact(value: &mut Value, depth: u32) {
    match value {
        _ if depth > MAX_DEPTH => *value = Value::Null,
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                match is_secret(name) && !member.is_null() {
                    true => *member = REDACTED.into(),
                    false => redact(member, depth + 1),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| redact(item, depth + 1)),
        _ => {}
    }
}
