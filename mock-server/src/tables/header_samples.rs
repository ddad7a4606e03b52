//! Values of customary header fields in their own syntax, where the document says no more than that they are text or numbers.

use std::time::{Duration, SystemTime};

use descant_exchange::Schemas;
use descant_model::api::{Api, Header, Location, SchemeKind};
use descant_runtime::media::{MediaKind, essence};
use httpdate::fmt_http_date;
use serde_json::Value;

use crate::vocabulary::seed::Seed;

const DAY: u64 = 24 * 60 * 60;

/// The cookie that a security scheme of the document requires, which a login sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SessionCookie {
    name: String,
    /// The first credential that the document lists; `None`: any value is one.
    value: Option<String>,
}

impl SessionCookie {
    /// Returns the cookie of the first scheme that has one; else one of a customary name.
    pub(crate) fn of(api: &Api) -> Self {
        let cookies = api.security_schemes.values().filter_map(|scheme| match &scheme.kind {
            SchemeKind::ApiKey { location: Location::Cookie, name } => {
                let listed = scheme.descant.credentials.iter().flatten();
                let value = listed.filter_map(|credential| credential.value.clone()).next();
                Some(Self { name: name.clone(), value })
            }
            _ => None,
        });
        let cookie = cookies.into_iter().next();
        cookie.unwrap_or_else(|| Self { name: "session".to_owned(), value: None })
    }
}

/// Returns a value of a customary header field, if its schema admits it. `media_type` is that of the body.
pub(crate) fn customary(
    schemas: &Schemas,
    (name, header): (&str, &Header),
    (cookie, media_type): (&SessionCookie, Option<&str>),
    seed: Seed,
) -> Option<Value> {
    let id = header.schema?;
    let text = text(name, cookie, media_type, seed, u64::try_from(schemas.now()).unwrap_or_default())?;
    let number = text.parse::<u64>().ok().map(Value::from);
    let as_text = Value::from(text);
    let as_list = Value::from(vec![as_text.clone()]);
    let candidates = [Some(as_text), number, Some(as_list)];
    candidates.into_iter().flatten().find(|candidate| schemas.is_valid(id, candidate))
}

fn text(
    name: &str,
    cookie: &SessionCookie,
    media_type: Option<&str>,
    seed: Seed,
    now: u64,
) -> Option<String> {
    let random = seed.value();
    let hex = |salt: &str| format!("{:016x}", seed.with(salt).value());
    let date =
        |seconds: u64| fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.min(MAX_DATE)));
    Some(match name.to_ascii_lowercase().as_str() {
        "etag" => format!("\"{}\"", hex("etag")),
        "last-modified" => date(now.saturating_sub(random % (90 * DAY))),
        "expires" | "sunset" => date(now.saturating_add(30 * DAY + random % (90 * DAY))),
        "link" => "</>; rel=\"start\"".to_owned(),
        "content-disposition" => {
            format!("attachment; filename=\"file-{}.{}\"", 1 + random % 999, extension(media_type))
        }
        "set-cookie" => {
            let value = cookie.value.clone().unwrap_or_else(|| hex("a") + &hex("b"));
            format!("{}={value}; Path=/; HttpOnly; SameSite=Lax", cookie.name)
        }
        "cache-control" => "no-cache".to_owned(),
        "content-language" => "en".to_owned(),
        "accept-ranges" => "none".to_owned(),
        "vary" => "Accept".to_owned(),
        "retry-after" => "30".to_owned(),
        "x-request-id" | "request-id" | "x-correlation-id" | "x-trace-id" => uuid(seed),
        _ => return None,
    })
}

/// The last moment that a header field can state: the year 9999.
const MAX_DATE: u64 = 253_402_300_799;

/// Returns a UUID of version 4 (RFC 9562, 5.4).
fn uuid(seed: Seed) -> String {
    let (high, low) = (seed.with("high").value(), seed.with("low").value());
    format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        low >> 52,
        low & 0xffff_ffff_ffff
    )
}

/// Returns the customary extension of a media type.
fn extension(media_type: Option<&str>) -> &str {
    let essence = essence(media_type.unwrap_or_default());
    let (kind, subtype) = essence.split_once('/').unwrap_or_default();
    match (MediaKind::of(essence), kind, subtype) {
        (MediaKind::Json, ..) => "json",
        (MediaKind::Xml, ..) => "xml",
        (_, "text", "plain") => "txt",
        (_, _, "svg+xml") => "svg",
        (_, _, "jpeg") => "jpg",
        (_, "text" | "image" | "audio" | "video", known) if is_extension(known) => known,
        (_, _, known @ ("pdf" | "zip" | "gzip")) => known,
        _ => "bin",
    }
}

fn is_extension(subtype: &str) -> bool {
    (1..=5).contains(&subtype.len()) && subtype.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customary_fields_have_their_syntax() {
        let cookie = SessionCookie { name: "SID".to_owned(), value: Some("known".to_owned()) };
        let check = |name: &str, media_type: &str, expected: &str| {
            let found = text(name, &cookie, Some(media_type), Seed::new(1), 1_700_000_000).unwrap();
            let pattern = matcher(expected);
            assert!(pattern(&found), "{name}: {found}");
        };
        check("ETag", "", "\"*\"");
        check("Last-Modified", "", "*, * 2023 *:*:* GMT");
        check("Set-Cookie", "", "SID=known; Path=/; HttpOnly; SameSite=Lax");
        check("Content-Disposition", "application/pdf", "attachment; filename=\"file-*.pdf\"");
        check("Content-Disposition", "application/vnd.a+json; v=1", "attachment; filename=\"file-*.json\"");
        check("Content-Disposition", "", "attachment; filename=\"file-*.bin\"");
        check("X-Request-Id", "", "*-*-4*-a*-*");
        assert_eq!(text("X-Other", &cookie, None, Seed::new(1), 0), None);
        assert_eq!(uuid(Seed::new(7)).len(), 36);
        assert!(
            text("Expires", &cookie, None, Seed::new(1), u64::MAX).is_some_and(|date| date.contains("9999"))
        );
    }

    /// Returns whether a text has the parts of a pattern, which `*` separates, in order, the first and last at its ends.
    fn matcher(pattern: &str) -> impl Fn(&str) -> bool {
        let parts: Vec<String> = pattern.split('*').map(str::to_owned).collect();
        move |text: &str| {
            let mut rest = text;
            let is_in_order = parts.iter().all(|part| match rest.split_once(part.as_str()) {
                Some((_, after)) => {
                    rest = after;
                    true
                }
                None => false,
            });
            is_in_order && text.starts_with(&parts[0]) && text.ends_with(&parts[parts.len() - 1])
        }
    }
}
