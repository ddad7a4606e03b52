//! Verifies credentials and returns what they claim: a Fernet token is authenticated and decrypted, a JWT's signature
//! and times are verified, a Basic pair is decoded; any other credential is a secret to compare.

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use descant_model::api::{SchemeKind, Verify};
use fernet::Fernet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;

/// What a credential claims.
pub(super) enum Claim<'a> {
    Secret(&'a str),
    Pair {
        user: String,
        password: String,
    },
    /// The user of a verified token, with the scopes that it names.
    Subject {
        user: String,
        scopes: Option<Vec<String>>,
    },
}

/// How the credentials of a scheme are verified.
pub(super) enum Verifier {
    Secret,
    Basic,
    Fernet(Fernet),
    Jwt(Box<(DecodingKey, Validation)>),
    /// The key is missing or malformed: every credential is refused.
    Broken(&'static str),
}

impl Verifier {
    /// Makes the verifier of a scheme; `key` is the Fernet key or the JWT secret.
    pub(super) fn new(kind: &SchemeKind, verify: Verify, key: Option<String>) -> Self {
        match (verify, key) {
            (Verify::Value, _) if *kind == SchemeKind::Basic => Verifier::Basic,
            (Verify::Value, _) => Verifier::Secret,
            (Verify::Fernet | Verify::Jwt, None) => Verifier::Broken("it has no key"),
            (Verify::Fernet, Some(key)) => match Fernet::new(&key) {
                Some(fernet) => Verifier::Fernet(fernet),
                None => Verifier::Broken("its Fernet key is not 32 bytes in base64url"),
            },
            (Verify::Jwt, Some(key)) => {
                Verifier::Jwt(Box::new((DecodingKey::from_secret(key.as_bytes()), validation())))
            }
        }
    }

    /// Verifies a credential.
    ///
    /// # Errors
    /// Why it is invalid, as the end of a sentence.
    pub(super) fn claim<'a>(&self, credential: &'a str) -> Result<Claim<'a>, &'static str> {
        match self {
            Verifier::Secret if credential.is_empty() => Err("is empty"),
            Verifier::Secret => Ok(Claim::Secret(credential)),
            Verifier::Basic => pair(credential.as_bytes()).ok_or("is not base64 of `user:password`"),
            Verifier::Fernet(fernet) => {
                let plain =
                    fernet.decrypt(credential).map_err(|_| "is not a Fernet token under the mock's key")?;
                pair(&plain).ok_or("is a Fernet token whose text is not base64 of `user:password`")
            }
            Verifier::Jwt(check) => subject(credential, &check.0, &check.1),
            Verifier::Broken(reason) => Err(reason),
        }
    }
}

/// Returns the checks of a JWT: HS256 alone; `exp` and `nbf` to the second where the token has them (RFC 7519, 4.1).
fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.leeway = 0;
    validation.validate_nbf = true;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    validation
}

fn subject<'a>(token: &str, key: &DecodingKey, validation: &Validation) -> Result<Claim<'a>, &'static str> {
    use jsonwebtoken::errors::ErrorKind;
    let decoded = jsonwebtoken::decode::<Value>(token, key, validation);
    let claims = decoded.map_err(|error| match error.kind() {
        ErrorKind::ExpiredSignature => "has expired",
        ErrorKind::ImmatureSignature => "is not valid yet",
        ErrorKind::InvalidSignature => "has a wrong signature",
        _ => "is not a JWT signed with HS256",
    })?;
    let claims = claims.claims;
    let user = claims.get("sub").and_then(Value::as_str).ok_or("has no `sub`")?;
    Ok(Claim::Subject { user: user.to_owned(), scopes: scopes(&claims) })
}

/// Returns the scopes of a token: `scope` as one string (RFC 9068, 2.2.3), or `scp` as a string or an array.
fn scopes(claims: &Value) -> Option<Vec<String>> {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
    match claims.get("scope").or_else(|| claims.get("scp"))? {
        Value::String(text) => Some(words(text)),
        Value::Array(list) => Some(list.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
        _ => None,
    }
}

/// Decodes `user:password` from base64 of either alphabet, padded or not (RFC 7617, 2).
fn pair<'a>(encoded: &[u8]) -> Option<Claim<'a>> {
    const LENIENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
    const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);
    let plain = STANDARD.decode(encoded).or_else(|_| URL_SAFE.decode(encoded)).ok()?;
    let text = String::from_utf8(plain).ok()?;
    let (user, password) = text.split_once(':')?;
    Some(Claim::Pair { user: user.to_owned(), password: password.to_owned() })
}
