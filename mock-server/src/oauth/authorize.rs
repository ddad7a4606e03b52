//! The authorization endpoint (RFC 6749, 3.1): redirects every user back with a code or a token, as if they had agreed.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, LOCATION};
use http::{HeaderValue, StatusCode};

use super::error::OAuthError;
use super::form::Form;
use super::grant_store::{IssuedGrant, OAuthGrant};
use super::schemes::{GrantContext, TOKEN_LIFETIME};
use super::token;
use crate::vocabulary::message::{Request, Response};
use crate::vocabulary::problem::Problem;

pub(super) fn answer(context: &GrantContext<'_>, request: &Request) -> Response {
    let form = match Form::query(request) {
        Ok(form) => form,
        Err(error) => return refuse(&error),
    };
    // Without a client or a redirect URI there is no redirection (RFC 6749, 4.1.2.1).
    let (client, redirect) = match form
        .need("client_id")
        .and_then(|id| Ok((id, redirect(context, form.need("redirect_uri")?)?)))
    {
        Ok(known) => known,
        Err(error) => return refuse(&error),
    };
    let is_implicit = form.get("response_type").is_some_and(|it| it != "code");
    let mut back = match grant(context, &form, client, redirect) {
        Ok(pairs) => pairs,
        Err(error) => vec![("error", error.code.to_owned()), ("error_description", error.detail)],
    };
    back.extend(form.get("state").map(|state| ("state", state.to_owned())));
    let pairs = form_urlencoded::Serializer::new(String::new()).extend_pairs(back).finish();
    let joint = match (is_implicit, redirect.contains('?')) {
        (true, _) => '#',
        (false, true) => '&',
        (false, false) => '?',
    };
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::FOUND;
    let location = HeaderValue::try_from(format!("{redirect}{joint}{pairs}"));
    response.headers_mut().extend(location.ok().map(|location| (LOCATION, location)));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Returns the parameters of the redirection.
fn grant(
    context: &GrantContext<'_>,
    form: &Form,
    client: &str,
    redirect: &str,
) -> Result<Vec<(&'static str, String)>, OAuthError> {
    let flow = match form.need("response_type")? {
        "code" => "authorizationCode",
        "token" => "implicit",
        other => {
            return Err(OAuthError::new(
                "unsupported_response_type",
                format!("`{other}` is neither `code` nor `token`"),
            ));
        }
    };
    if context.granting(flow).is_empty() {
        let detail = format!("the document has no flow `{flow}`");
        return Err(OAuthError::new("unsupported_response_type", detail));
    }
    let grant = OAuthGrant {
        client: client.to_owned(),
        user: context.user(form.get("login_hint")),
        flow: flow.to_owned(),
        scopes: context.scopes(flow, form.get("scope"))?,
        nonce: form.get("nonce").map(str::to_owned),
    };
    if flow == "implicit" {
        let scope = grant.scopes.join(" ");
        let token = token::access(context, &grant)?;
        let pairs = [("access_token", token), ("token_type", "Bearer".into()), ("scope", scope)];
        return Ok([&pairs[..], &[("expires_in", TOKEN_LIFETIME.to_string())]].concat());
    }
    let challenge = match (form.get("code_challenge"), form.get("code_challenge_method")) {
        (None, _) => None,
        (Some(challenge), Some("S256")) => Some((challenge.to_owned(), true)),
        (Some(challenge), None | Some("plain")) => Some((challenge.to_owned(), false)),
        (_, Some(_)) => {
            let detail = "`code_challenge_method` is neither `S256` nor `plain`";
            return Err(OAuthError::new("invalid_request", detail));
        }
    };
    let redirect = Some(redirect.to_owned());
    Ok(vec![("code", context.keep("code", IssuedGrant::Code { grant, redirect, challenge }))])
}

/// Validates a redirect URI: absolute, without a fragment (RFC 6749, 3.1.2), of `http`, `https`, a private-use scheme with
/// a dot (RFC 8252, 7.1), or a scheme that the document lists.
fn redirect<'u>(context: &GrantContext<'_>, uri: &'u str) -> Result<&'u str, OAuthError> {
    let invalid = |detail: &str| OAuthError::new("invalid_request", detail);
    if uri.contains(|c: char| c == '#' || c.is_control() || c == ' ') {
        return Err(invalid("`redirect_uri` is to be an absolute URI without a fragment"));
    }
    let scheme = uri.split_once(':').map_or("", |(scheme, _)| scheme);
    let mut listed = context.schemes.iter().flat_map(|granting| &granting.redirect_schemes);
    let is_listed = ["http", "https"].iter().any(|it| it.eq_ignore_ascii_case(scheme))
        || listed.any(|it| it.eq_ignore_ascii_case(scheme))
        || scheme.contains('.');
    is_listed.then_some(uri).ok_or_else(|| {
        invalid(
            "`redirect_uri` has a scheme that is neither `http`, `https`, one with a dot (RFC 8252, 7.1), \
             nor in `redirectSchemes` of the document's `x-descant`",
        )
    })
}

/// Refuses a user who cannot be redirected.
fn refuse(error: &OAuthError) -> Response {
    Problem::new(StatusCode::BAD_REQUEST, format!("{}: {}", error.code, error.detail)).response()
}
