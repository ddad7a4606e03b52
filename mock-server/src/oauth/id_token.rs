//! ID tokens, and the key that signs them.

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::claims;
use super::error::OAuthError;
use super::grant_store::OAuthGrant;
use super::schemes::TOKEN_LIFETIME;

/// The name of the key.
const KEY: &str = "descant";

/// Returns the public key (RFC 7517, 5).
pub(super) fn keys(seed: u64) -> Value {
    let mut key = Jwk::from_encoding_key(&key(seed), Algorithm::ES256).ok();
    if let Some(key) = &mut key {
        key.common.key_id = Some(KEY.to_owned());
    }
    json!({"keys": key.into_iter().collect::<Vec<_>>()})
}

/// Signs an ID token with the claims of the granted scopes (OpenID Connect Core 1.0, 2).
pub(super) fn sign(seed: u64, grant: &OAuthGrant, base: &str) -> Result<String, OAuthError> {
    let now = jsonwebtoken::get_current_timestamp();
    let mut claims = claims::of(&grant.user, &grant.scopes, base);
    let token =
        json!({"iss": base, "aud": grant.client, "iat": now, "auth_time": now, "exp": now + TOKEN_LIFETIME});
    claims.extend(token.as_object().cloned().unwrap_or_default());
    claims.extend(grant.nonce.iter().map(|nonce| ("nonce".to_owned(), nonce.clone().into())));
    let header = Header { kid: Some(KEY.to_owned()), ..Header::new(Algorithm::ES256) };
    let token = jsonwebtoken::encode(&header, &claims, &key(seed));
    token.map_err(|error| OAuthError::new("server_error", error.to_string()))
}

/// Derives a key of P-256 from the seed, as PKCS #8 (RFC 5208, RFC 5915). It protects nothing: the seed is no secret.
fn key(seed: u64) -> EncodingKey {
    const HEAD: [u8; 35] = [
        0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
        0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x27, 0x30, 0x25, 0x02, 0x01, 0x01, 0x04,
        0x20,
    ];
    let secret = Sha256::digest(format!("descant signing key {seed}"));
    EncodingKey::from_ec_der(&[&HEAD[..], &secret].concat())
}
