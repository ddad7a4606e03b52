//! Makes the credentials that are not stated but made: Fernet tokens and signed JWTs (`x-descant`, `verify`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use descant_model::api::KeySource;
use serde_json::json;

/// 2100-01-01: a test run does not depend on the clock.
const FAR_FUTURE: u64 = 4_102_444_800;

/// A Fernet token that holds base64 of `user:password`; `None` without a usable key.
pub(crate) fn fernet(key: Option<&KeySource>, pair: &str) -> Option<String> {
    let fernet = fernet::Fernet::new(&secret(key)?)?;
    Some(fernet.encrypt(STANDARD.encode(pair).as_bytes()))
}

/// A JWT signed with HS256 for a user; `None` without a key.
pub(crate) fn jwt(key: Option<&KeySource>, user: &str) -> Option<String> {
    let key = jsonwebtoken::EncodingKey::from_secret(secret(key)?.as_bytes());
    let claims = json!({"sub": user, "exp": FAR_FUTURE});
    jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).ok()
}

/// The environment's key, else the document's default.
fn secret(key: Option<&KeySource>) -> Option<String> {
    let key = key?;
    let named = key.env.as_deref().and_then(|name| std::env::var(name).ok());
    named.or_else(|| key.default.clone())
}
