//! In whose name a call is made: the owner of the credential, or a user whom the caller impersonates. The mock has
//! verified the credential itself.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use descant_mock::{Credentials, Principal};
use descant_model::api::CredentialStatus;
use descant_runtime::server::Context;
use serde_json::Value;

use super::refusal::Refusal;

/// The scheme of the tokens that `get_token` issues.
pub(crate) const TOKENS: &str = "xApiKey";
const JWT: &str = "x-jwt-token";
const JWT_CHALLENGE: &str = "Jwt realm=\"timbr\"";
const IMPERSONATED: &str = "x-api-impersonate-user";

/// The headers that a JWT is compared with, and the claims of which one must have their value.
const CLAIMS: [(&str, &[&str]); 4] = [
    ("x-jwt-issuer", &["iss"]),
    ("x-jwt-tenant-id", &["tid", "tenant_id"]),
    ("x-jwt-client-id", &["aud", "azp", "appid", "client_id"]),
    ("x-jwt-nonce", &["nonce"]),
];

/// Checks what a document cannot state about credentials.
pub(crate) fn check(context: &Context) -> Result<(), Refusal> {
    if let Some(token) = header(context, JWT) {
        check_claims(context, token)?;
    }
    let Some(name) = header(context, IMPERSONATED) else { return Ok(()) };
    let credentials = context.parts.extensions.get::<Credentials>();
    let known = credentials.and_then(|credentials| credentials.of_user(TOKENS, name));
    match known.is_some_and(|known| known.status == CredentialStatus::Active) {
        true => Ok(()),
        false => Err(Refusal::forbidden(format!("The user {name} cannot be impersonated."))),
    }
}

/// Returns the user in whose name a call is made; empty if the credential does not name one.
pub(crate) fn user(context: &Context) -> String {
    header(context, IMPERSONATED).map_or_else(|| owner(context), str::to_owned)
}

/// Returns the owner of the credential; empty if it does not name one.
pub(crate) fn owner(context: &Context) -> String {
    let principal = context.parts.extensions.get::<Principal>();
    principal.and_then(Principal::user).unwrap_or_default().to_owned()
}

/// Compares the headers beside a JWT with its claims. A claim that the token does not have is not compared.
fn check_claims(context: &Context, token: &str) -> Result<(), Refusal> {
    let claims: Option<Value> = token
        .split('.')
        .nth(1)
        .and_then(|payload| URL_SAFE_NO_PAD.decode(payload).ok())
        .and_then(|payload| serde_json::from_slice(&payload).ok());
    let Some(claims) = claims else { return Ok(()) };
    for (name, members) in CLAIMS {
        let Some(expected) = header(context, name) else { continue };
        let mut found = members.iter().filter_map(|member| claims.get(*member)).peekable();
        let has = |claim: &Value| match claim {
            Value::Array(list) => list.iter().any(|one| one == expected),
            one => one == expected,
        };
        if found.peek().is_some() && !found.any(has) {
            let reason = format!("The JWT does not agree with the header {name}.");
            return Err(Refusal::unauthorized(reason, JWT_CHALLENGE));
        }
    }
    Ok(())
}

fn header<'a>(context: &'a Context, name: &str) -> Option<&'a str> {
    context.parts.headers.get(name).and_then(|value| value.to_str().ok())
}
