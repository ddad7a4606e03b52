//! Credentials that a caller has to make: the Fernet bearer of Timbr's `get_token`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fernet::Fernet;

use crate::registry;

/// The scheme of the bearer, which names the environment variable of its key and the key's default.
const SCHEME: &str = "bearerFernet";

/// Returns the bearer for `get_token`: `user:password` in base64, encrypted under a Fernet key. Without a key, it is the
/// key of the mock: the one in `API_AUTH_SALT`, or the document's default.
///
/// # Errors
/// Returns a sentence if the key is not 32 bytes in base64url.
pub fn timbr(user: &str, password: &str, key: Option<&str>) -> Result<String, String> {
    let key = key.map(str::to_owned).or_else(of_document).ok_or("the mock of timbr has no key")?;
    let fernet = Fernet::new(&key).ok_or("the key is not 32 bytes in base64url")?;
    Ok(fernet.encrypt(STANDARD.encode(format!("{user}:{password}")).as_bytes()))
}

/// Returns the key that the mock takes.
fn of_document() -> Option<String> {
    let twin = registry().into_iter().find(|twin| twin.name == "timbr")?;
    let source = twin.load().api?.security_schemes.swap_remove(SCHEME)?.descant.key?;
    source.env.and_then(|name| std::env::var(name).ok()).or(source.default)
}
