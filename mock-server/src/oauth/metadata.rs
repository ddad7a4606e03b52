//! What the authorization server says of itself (RFC 8414; OpenID Connect Discovery 1.0), and the key that it signs with.

use indexmap::IndexSet;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::held::Grant;
use super::{Desk, Endpoint, Fault, KEYS, token};

/// The name of the key.
const KEY: &str = "descant";

/// The metadata, where the mock is reached at `base`.
pub(super) fn of(desk: &Desk<'_>, base: &str) -> Value {
    let endpoints = [
        ("authorization_endpoint", Endpoint::Authorize),
        ("token_endpoint", Endpoint::Token),
        ("device_authorization_endpoint", Endpoint::Device),
    ];
    let mut found = Map::new();
    found.insert("issuer".into(), base.into());
    for (name, endpoint) in endpoints {
        found.extend(
            desk.authority.path(endpoint).map(|path| (name.to_owned(), format!("{base}{path}").into())),
        );
    }
    let grants = [
        ("authorizationCode", "authorization_code"),
        ("clientCredentials", "client_credentials"),
        ("password", "password"),
        ("implicit", "implicit"),
        ("deviceAuthorization", "urn:ietf:params:oauth:grant-type:device_code"),
    ];
    let grants = grants.iter().filter(|(flow, _)| !desk.granting(flow).is_empty());
    let grants: Vec<_> = grants.map(|(_, grant)| *grant).chain(["refresh_token"]).collect();
    let responses = [("authorizationCode", "code"), ("implicit", "token")];
    let responses = responses.iter().filter(|(flow, _)| !desk.granting(flow).is_empty());
    let responses: Vec<_> = responses.map(|(_, response)| *response).collect();
    let scopes = desk.schemes.iter().flat_map(|it| &it.flows).flat_map(|it| it.scopes.keys());
    let open = desk.schemes.iter().any(|it| it.is_open_id).then_some(["openid", "profile", "email"]);
    let scopes: IndexSet<_> = scopes.map(String::as_str).chain(open.into_iter().flatten()).collect();
    let rest = json!({
        "jwks_uri": format!("{base}{KEYS}"),
        "scopes_supported": scopes,
        "response_types_supported": responses,
        "grant_types_supported": grants,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256", "plain"],
    });
    found.extend(rest.as_object().cloned().unwrap_or_default());
    found.into()
}

/// The public key (RFC 7517, 5).
pub(super) fn keys(seed: u64) -> Value {
    let mut key = Jwk::from_encoding_key(&key(seed), Algorithm::ES256).ok();
    if let Some(key) = &mut key {
        key.common.key_id = Some(KEY.to_owned());
    }
    json!({"keys": key.into_iter().collect::<Vec<_>>()})
}

/// Who the user is, to the client (OpenID Connect Core 1.0, 2).
pub(super) fn id_token(seed: u64, grant: &Grant, base: &str) -> Result<String, Fault> {
    let now = jsonwebtoken::get_current_timestamp();
    let mut claims =
        json!({"iss": base, "sub": grant.user, "aud": grant.client, "iat": now, "exp": now + token::LIFE});
    if let (Some(claims), Some(nonce)) = (claims.as_object_mut(), &grant.nonce) {
        claims.insert("nonce".into(), nonce.clone().into());
    }
    let header = Header { kid: Some(KEY.to_owned()), ..Header::new(Algorithm::ES256) };
    let token = jsonwebtoken::encode(&header, &claims, &key(seed));
    token.map_err(|error| Fault::new("server_error", error.to_string()))
}

/// A key of P-256 out of the seed, as PKCS #8 (RFC 5208, RFC 5915). It guards nothing: whoever has the mock has the seed.
fn key(seed: u64) -> EncodingKey {
    const HEAD: [u8; 35] = [
        0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
        0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x27, 0x30, 0x25, 0x02, 0x01, 0x01, 0x04,
        0x20,
    ];
    let secret = Sha256::digest(format!("descant signing key {seed}"));
    EncodingKey::from_ec_der(&[&HEAD[..], &secret].concat())
}
