//! The token endpoint (RFC 6749, 3.2) and the device authorization endpoint (RFC 8628).

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use descant_model::api::Credential;
use http::StatusCode;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::error::{OAuthError, json_response};
use super::form::{Client, Form};
use super::grant_store::{IssuedGrant, OAuthGrant};
use super::id_token;
use super::schemes::{GrantContext, TOKEN_LIFETIME};
use crate::vocabulary::message::{Request, Response};

pub(super) fn answer(context: &GrantContext<'_>, request: &Request, base: &str) -> Response {
    let granted = Form::body(request).and_then(|form| {
        let client = form.client(request)?;
        let grant = match form.need("grant_type")? {
            "client_credentials" => client_credentials(context, &form, client),
            "password" => password(context, &form, client),
            "authorization_code" => redeem_code(context, &form, &client),
            "refresh_token" => refresh(context, &form, &client),
            "urn:ietf:params:oauth:grant-type:device_code" => redeem_device(context, &form),
            other => Err(unsupported(&format!("`{other}` is no type of grant that the mock knows"))),
        }?;
        issue(context, &grant, base)
    });
    granted.map_or_else(OAuthError::into_response, |token| json_response(StatusCode::OK, &token))
}

fn unsupported(detail: &str) -> OAuthError {
    OAuthError::new("unsupported_grant_type", detail)
}

/// Makes a grant by a flow of the document.
fn grant_by(
    context: &GrantContext<'_>,
    flow: &str,
    form: &Form,
    client: Client,
    user: String,
) -> Result<OAuthGrant, OAuthError> {
    if context.granting(flow).is_empty() {
        return Err(unsupported(&format!("the document has no flow `{flow}`")));
    }
    let scopes = context.scopes(flow, form.get("scope"))?;
    Ok(OAuthGrant { client: client.id, user, flow: flow.to_owned(), scopes, nonce: None })
}

/// Grants to the client itself (RFC 6749, 4.4); it needs a secret, the listed password where the document lists any.
fn client_credentials(
    context: &GrantContext<'_>,
    form: &Form,
    client: Client,
) -> Result<OAuthGrant, OAuthError> {
    let unknown = || OAuthError::new("invalid_client", "the client has no secret, or not that one");
    let secret = client.secret.clone().ok_or_else(unknown)?;
    if !knows(context, &client.id, &secret) {
        return Err(unknown());
    }
    let user = client.id.clone();
    grant_by(context, "clientCredentials", form, client, user)
}

/// Grants to a user by name and password (RFC 6749, 4.3).
fn password(context: &GrantContext<'_>, form: &Form, client: Client) -> Result<OAuthGrant, OAuthError> {
    let (user, password) = (form.need("username")?, form.need("password")?);
    if !knows(context, user, password) {
        return Err(OAuthError::new("invalid_grant", "there is no such user, or not with that password"));
    }
    grant_by(context, "password", form, client, user.to_owned())
}

/// Whether the document lists a pair; where it lists none, every pair is accepted.
fn knows(context: &GrantContext<'_>, user: &str, password: &str) -> bool {
    let listed = context.schemes.iter().flat_map(|scheme| context.credentials.list(&scheme.name));
    let listed: Vec<_> = listed.filter_map(|it| Some((it.user?, it.password?))).collect();
    let same = |(known, secret): &(String, String)| {
        bool::from(known.as_bytes().ct_eq(user.as_bytes()) & secret.as_bytes().ct_eq(password.as_bytes()))
    };
    listed.is_empty() || listed.iter().any(same)
}

/// Redeems a code (RFC 6749, 4.1.3; RFC 7636, 4.6).
fn redeem_code(context: &GrantContext<'_>, form: &Form, client: &Client) -> Result<OAuthGrant, OAuthError> {
    let redeemed = context.grants.take(form.need("code")?, |issued| match issued {
        IssuedGrant::Code { grant, redirect, challenge } => {
            Some((grant.clone(), redirect.clone(), challenge.clone()))
        }
        _ => None,
    });
    let wrong = |detail: &str| OAuthError::new("invalid_grant", detail);
    let (grant, redirect, challenge) =
        redeemed.ok_or_else(|| wrong("there is no such code, or no longer"))?;
    if grant.client != client.id {
        return Err(wrong("the code is another client's"));
    }
    if redirect.as_deref() != form.get("redirect_uri") {
        return Err(wrong("`redirect_uri` is not the one that the code was sent to"));
    }
    let verifier = form.get("code_verifier").unwrap_or_default();
    let shown = |is_hashed| match is_hashed {
        true => BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)),
        false => verifier.to_owned(),
    };
    match challenge {
        Some((challenge, is_hashed)) if challenge != shown(is_hashed) => {
            Err(wrong("`code_verifier` does not meet the challenge"))
        }
        _ => Ok(grant),
    }
}

/// Redeems a refresh token; the next one comes with the new token (RFC 9700, 2.2.2).
fn refresh(context: &GrantContext<'_>, form: &Form, client: &Client) -> Result<OAuthGrant, OAuthError> {
    let of_client = |issued: &IssuedGrant| match issued {
        IssuedGrant::Refresh(grant) if grant.client == client.id => Some(grant.clone()),
        _ => None,
    };
    let redeemed = context.grants.take(form.need("refresh_token")?, of_client);
    let mut grant = redeemed
        .ok_or_else(|| OAuthError::new("invalid_grant", "there is no such refresh token, or no longer"))?;
    if let Some(requested) = form.get("scope") {
        let requested: Vec<_> = requested.split(' ').map(str::to_owned).collect();
        if let Some(more) = requested.iter().find(|scope| !grant.scopes.contains(scope)) {
            return Err(OAuthError::new("invalid_scope", format!("`{more}` was not granted before")));
        }
        grant.scopes = requested;
    }
    Ok(grant)
}

/// Redeems a device code. Its user agrees after the first request, or at the verification page.
fn redeem_device(context: &GrantContext<'_>, form: &Form) -> Result<OAuthGrant, OAuthError> {
    let code = form.need("device_code")?;
    let agreed = context.grants.change(code, |issued| match issued {
        IssuedGrant::Device(grant, agreed) => Some(std::mem::replace(agreed, true).then(|| grant.clone())),
        _ => None,
    });
    match agreed {
        None => Err(OAuthError::new("expired_token", "there is no such device code, or no longer")),
        Some(None) => Err(OAuthError::new("authorization_pending", "the user has not agreed yet; ask again")),
        Some(Some(grant)) => {
            context.grants.take(code, |_| Some(()));
            Ok(grant)
        }
    }
}

/// Responds to a device authorization request; `url` is the verification page (RFC 8628, 3.1).
pub(super) fn device(context: &GrantContext<'_>, request: &Request, url: &str) -> Response {
    let begun = Form::body(request).and_then(|form| {
        let client = form.client(request)?;
        let grant = grant_by(context, "deviceAuthorization", &form, client, context.user(None))?;
        let code = context.keep("device", IssuedGrant::Device(grant, false));
        let short: String = code.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
        let complete = format!("{url}?device_code={code}");
        Ok(json!({
            "device_code": code, "user_code": short.to_ascii_uppercase(), "verification_uri": url,
            "verification_uri_complete": complete, "expires_in": TOKEN_LIFETIME, "interval": 1,
        }))
    });
    begun.map_or_else(OAuthError::into_response, |value| json_response(StatusCode::OK, &value))
}

/// Responds with the verification page, at which the user agrees (RFC 8628, 3.3).
pub(super) fn approve(context: &GrantContext<'_>, request: &Request) -> Response {
    let agreed = Form::query(request).ok().and_then(|form| {
        context.grants.change(form.get("device_code")?, |issued| match issued {
            IssuedGrant::Device(_, agreed) => {
                *agreed = true;
                Some(())
            }
            _ => None,
        })
    });
    let text = if agreed.is_some() { "The device may go on.\n" } else { "The device may ask again.\n" };
    Response::new(Bytes::from_static(text.as_bytes()))
}

/// Returns the token response of a grant (RFC 6749, 5.1; OpenID Connect Core 1.0, 3.1.3.3).
fn issue(context: &GrantContext<'_>, grant: &OAuthGrant, base: &str) -> Result<Value, OAuthError> {
    let token = access(context, grant)?;
    let mut answer = Map::new();
    answer.insert("access_token".into(), token.into());
    answer.insert("token_type".into(), "Bearer".into());
    answer.insert("expires_in".into(), TOKEN_LIFETIME.into());
    answer.insert("scope".into(), grant.scopes.join(" ").into());
    // A client needs no refresh token for itself (RFC 6749, 4.4.3).
    if grant.flow != "clientCredentials" {
        let refresh = context.keep("refresh", IssuedGrant::Refresh(grant.clone()));
        answer.insert("refresh_token".into(), refresh.into());
    }
    if grant.scopes.iter().any(|scope| scope == "openid") {
        answer.insert("id_token".into(), id_token::sign(context.seed, grant, base)?.into());
    }
    Ok(answer.into())
}

/// Issues an access token that every scheme with the grant's flow accepts.
pub(super) fn access(context: &GrantContext<'_>, grant: &OAuthGrant) -> Result<String, OAuthError> {
    let granting = context.granting(&grant.flow);
    if let Some(signer) = granting.iter().find_map(|(scheme, _)| scheme.signer.as_ref()) {
        let now = jsonwebtoken::get_current_timestamp();
        let scope = grant.scopes.join(" ");
        let claims = json!({"sub": grant.user, "client_id": grant.client, "scope": scope, "iat": now, "exp": now + TOKEN_LIFETIME});
        let token = jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, signer);
        let token = token.map_err(|error| OAuthError::new("server_error", error.to_string()))?;
        let issued = IssuedGrant::Access { scheme: None, grant: grant.clone() };
        context.grants.keep_as(token.clone(), issued);
        return Ok(token);
    }
    let names: Vec<_> = granting.iter().map(|(scheme, _)| scheme.name.as_str()).collect();
    let scheme = Some(names.first().copied().unwrap_or_default().to_owned());
    let token = context.keep("access", IssuedGrant::Access { scheme, grant: grant.clone() });
    for (_, old) in context.grants.evicted() {
        let schemes = context.schemes.iter();
        schemes.for_each(|scheme| {
            context.credentials.retain(&scheme.name, |it| it.value.as_deref() != Some(&old))
        });
    }
    for name in names {
        let user = Some(grant.user.clone());
        let scopes = Some(grant.scopes.clone());
        context
            .credentials
            .issue(name, Credential { value: Some(token.clone()), user, scopes, ..Credential::default() });
    }
    Ok(token)
}
