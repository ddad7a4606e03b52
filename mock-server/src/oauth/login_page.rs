//! The login page: a person picks a user, or denies.

use bytes::Bytes;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_FRAME_OPTIONS};

use crate::vocabulary::message::{Request, Response};

/// The parameter that holds what the person has decided, and its values.
pub(super) const DECISION: &str = "descant_decision";
pub(super) const DENY: &str = "deny";
const ALLOW: &str = "allow";
/// The users that the page lists.
const MAX_USERS: usize = 100;

/// Returns the page: a link for each user, or a field for a name where no user is known, and one that denies. Links are the
/// request with the decision.
pub(super) fn show(users: &[String], request: &Request, client: &str) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let own = |name: &str| matches!(name, "prompt" | "login_hint" | DECISION);
    let kept: Vec<_> = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| !own(name)).collect();
    let link = |more: &[(&str, &str)]| {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        escaped(&format!("?{}", pairs.extend_pairs(&kept).extend_pairs(more).finish()))
    };
    let pick = |user: &String| {
        let target = link(&[("login_hint", user.as_str()), (DECISION, ALLOW)]);
        format!("<li><a href=\"{target}\">{}</a></li>", escaped(user))
    };
    let listed: String = users.iter().take(MAX_USERS).map(pick).collect();
    let fields = kept.iter().map(|(name, value)| (&**name, &**value)).chain([(DECISION, ALLOW)]);
    let hidden = |(name, value): (&str, &str)| {
        format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", escaped(name), escaped(value))
    };
    let choice = match users.is_empty() {
        false => format!("<ul>{listed}</ul>"),
        true => format!(
            "<form><label>User <input name=\"login_hint\" required autofocus></label>{}<button>Log in</button></form>",
            fields.map(hidden).collect::<String>()
        ),
    };
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Log in</title><h1>Log in</h1><p><code>{}</code> asks who you are. This is a mock: no password is needed.</p>\
         {choice}<p><a href=\"{}\">Deny</a></p></html>",
        escaped(client),
        link(&[(DECISION, DENY)])
    );
    let fields = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
        (X_FRAME_OPTIONS, "DENY"),
    ];
    let mut response = Response::new(Bytes::from(page));
    response.headers_mut().extend(fields.map(|(name, value)| (name, HeaderValue::from_static(value))));
    response
}

/// Escapes what has a meaning in HTML.
fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, c| {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
        escaped
    })
}
