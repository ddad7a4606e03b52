//! The UserInfo endpoint (OpenID Connect Core 1.0, 5.3): what is said of the user of an access token.

use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde_json::json;

use super::claims;
use super::error::json_response;
use super::form::Form;
use super::grant_store::IssuedGrant;
use super::schemes::GrantContext;
use crate::vocabulary::message::{Request, Response};

/// The scopes of a credential that the document lists without scopes.
const ALL: [&str; 5] = ["openid", "profile", "email", "phone", "address"];

pub(super) fn answer(context: &GrantContext<'_>, request: &Request, base: &str) -> Response {
    let Some(token) = token(request) else { return refuse("invalid_request", "there is no bearer token") };
    let known = issued(context, &token).or_else(|| listed(context, &token));
    let Some((user, scopes)) = known else {
        return refuse("invalid_token", "the token is unknown, or no longer valid");
    };
    if !scopes.iter().any(|scope| scope == "openid") {
        return refuse("insufficient_scope", "the token lacks the scope `openid`");
    }
    json_response(StatusCode::OK, &claims::of(&user, &scopes, base).into())
}

/// Returns the token of a request, by header field or form (RFC 6750, 2).
fn token(request: &Request) -> Option<String> {
    let field = request.headers().get(AUTHORIZATION).and_then(|field| field.to_str().ok());
    let field = field.and_then(|field| field.split_once(' '));
    let field = field.filter(|(word, _)| word.eq_ignore_ascii_case("bearer"));
    let form = || Form::body(request).ok()?.get("access_token").map(str::to_owned);
    field.map(|(_, token)| token.trim().to_owned()).or_else(form)
}

/// Returns the user and the scopes of a token that was issued.
fn issued(context: &GrantContext<'_>, token: &str) -> Option<(String, Vec<String>)> {
    context.grants.change(token, |issued| match issued {
        IssuedGrant::Access { grant, .. } => Some((grant.user.clone(), grant.scopes.clone())),
        _ => None,
    })
}

/// Returns the user and the scopes of a token that the document lists.
fn listed(context: &GrantContext<'_>, token: &str) -> Option<(String, Vec<String>)> {
    let mut known = context.schemes.iter().flat_map(|scheme| context.credentials.list(&scheme.name));
    let found = known.find(|credential| credential.value.as_deref() == Some(token))?;
    let all = || ALL.map(str::to_owned).to_vec();
    Some((found.user.unwrap_or_else(|| "user".to_owned()), found.scopes.unwrap_or_else(all)))
}

/// Refuses a token (RFC 6750, 3).
fn refuse(code: &str, detail: &str) -> Response {
    let status = match code {
        "invalid_request" | "invalid_token" => StatusCode::UNAUTHORIZED,
        _ => StatusCode::FORBIDDEN,
    };
    let mut response = json_response(status, &json!({"error": code, "error_description": detail}));
    let challenge = match code {
        // A request without a token is told no error (RFC 6750, 3.1).
        "invalid_request" => Ok(HeaderValue::from_static("Bearer")),
        code => HeaderValue::try_from(format!("Bearer error=\"{code}\"")),
    };
    response.headers_mut().extend(challenge.ok().map(|challenge| (WWW_AUTHENTICATE, challenge)));
    response
}
