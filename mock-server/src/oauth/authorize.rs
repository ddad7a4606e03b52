//! The authorization endpoint (RFC 6749, 3.1): redirects users back with a code or a token, as if they had agreed, or asks at
//! a page who they are.

use bytes::Bytes;
use descant_exchange::accept;
use http::header::{CACHE_CONTROL, LOCATION};
use http::{HeaderValue, StatusCode};

use super::error::OAuthError;
use super::form::Form;
use super::grant_store::{IssuedGrant, OAuthGrant};
use super::schemes::{GrantContext, TOKEN_LIFETIME};
use super::{login_page, token};
use crate::vocabulary::message::{Request, Response};
use crate::vocabulary::problem::Problem;

/// Responds to an authorization request; with `asks`, by the page unless the request says who agrees.
pub(super) fn answer(context: &GrantContext<'_>, request: &Request, asks: bool) -> Response {
    let form = match Form::query(request) {
        Ok(form) => form,
        Err(error) => return refuse(&error),
    };
    // Without a client or a redirect URI there is no redirection (RFC 6749, 4.1.2.1).
    let (client, redirect) = match form
        .need("client_id")
        .and_then(|id| Ok((id, valid_redirect(context, form.need("redirect_uri")?)?)))
    {
        Ok(known) => known,
        Err(error) => return refuse(&error),
    };
    let decision = form.get(login_page::DECISION);
    let is_asked = asks || form.get("prompt").is_some_and(is_interactive);
    if decision.is_none() && is_asked && is_browser(request) {
        return login_page::show(&context.users(), request, client);
    }
    let is_implicit = form.get("response_type").is_some_and(|it| it != "code");
    let granted = match decision {
        Some(login_page::DENY) => Err(OAuthError::new("access_denied", "the user has denied the request")),
        _ => grant(context, &form, client, redirect),
    };
    let mut back = match granted {
        Ok(pairs) => pairs,
        Err(error) => vec![("error", error.code.to_owned()), ("error_description", error.detail)],
    };
    back.extend(form.get("state").map(|state| ("state", state.to_owned())));
    redirect_to(redirect, is_implicit, back)
}

/// Whether a person may see the page: programs that follow redirects go on without it.
fn is_browser(request: &Request) -> bool {
    accept(request.headers()).is_some_and(|accept| accept.contains("text/html"))
}

/// Whether a `prompt` asks for a page (OpenID Connect Core 1.0, 3.1.2.1).
fn is_interactive(prompt: &str) -> bool {
    prompt.split_whitespace().any(|word| matches!(word, "login" | "consent" | "select_account"))
}

/// Redirects to a URI with parameters, in its fragment or its query.
pub(super) fn redirect_to(
    redirect: &str,
    by_fragment: bool,
    pairs: impl IntoIterator<Item = (&'static str, String)>,
) -> Response {
    let pairs = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let joint = match (by_fragment, redirect.contains('?')) {
        _ if pairs.is_empty() => "",
        (true, _) => "#",
        (false, true) => "&",
        (false, false) => "?",
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
pub(super) fn valid_redirect<'u>(context: &GrantContext<'_>, uri: &'u str) -> Result<&'u str, OAuthError> {
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
pub(super) fn refuse(error: &OAuthError) -> Response {
    Problem::new(StatusCode::BAD_REQUEST, format!("{}: {}", error.code, error.detail)).response()
}
