//! Verifies credentials and returns what they claim: a Fernet token is authenticated and decrypted, a JWT's signature
//! and times are verified, a Basic pair is decoded; any other credential is a secret to compare.

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use descant_model::api::{SchemeKind, SchemeSettings, Verify};
use fernet::Fernet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// What a credential claims.
pub(super) enum Claim<'a> {
    Secret(&'a str),
    Pair {
        user: String,
        password: String,
    },
    /// The names that a verified token has for its user, with its scopes.
    Subject {
        names: Vec<String>,
        scopes: Option<Vec<String>>,
    },
}

/// How the credentials of a scheme are verified.
pub(super) enum Verifier {
    Secret,
    Basic,
    Fernet(Fernet, TokenAge),
    Jwt(Box<JwtVerifier>),
    /// The key is missing or malformed: every credential is refused.
    Broken(&'static str),
}

impl Verifier {
    /// Makes the verifier of a scheme; `key` is the Fernet key or the JWT secret.
    pub(super) fn new(kind: &SchemeKind, settings: &SchemeSettings, key: Option<String>) -> Self {
        match (settings.verify, key) {
            (Verify::Value, _) if *kind == SchemeKind::Basic => Verifier::Basic,
            (Verify::Value, _) => Verifier::Secret,
            (Verify::Fernet | Verify::Jwt, None) => Verifier::Broken("it has no key"),
            (Verify::Fernet, Some(key)) => match Fernet::new(&key) {
                Some(fernet) => Verifier::Fernet(fernet, TokenAge::of(settings)),
                None => Verifier::Broken("its Fernet key is not 32 bytes in base64url"),
            },
            (Verify::Jwt, Some(key)) => Verifier::Jwt(Box::new(JwtVerifier::new(&key, settings))),
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
            Verifier::Fernet(fernet, age) => {
                let plain =
                    fernet.decrypt(credential).map_err(|_| "is not a Fernet token under the mock's key")?;
                age.check(credential, jsonwebtoken::get_current_timestamp())?;
                pair(&plain).ok_or("is a Fernet token whose text is not base64 of `user:password`")
            }
            Verifier::Jwt(verifier) => verifier.subject(credential),
            Verifier::Broken(reason) => Err(reason),
        }
    }
}

/// The age that a Fernet token may have.
pub(super) struct TokenAge {
    max: Option<u64>,
    skew: u64,
}

impl TokenAge {
    /// The skew of the specification of Fernet, in seconds.
    const SKEW: u64 = 60;

    fn of(settings: &SchemeSettings) -> Self {
        Self { max: settings.max_age, skew: settings.clock_skew.unwrap_or(Self::SKEW) }
    }

    /// Checks the time of a token, which was authenticated before: the 8 bytes after its version.
    fn check(&self, token: &str, now: u64) -> Result<(), &'static str> {
        let Some(max) = self.max else { return Ok(()) };
        let made = URL_SAFE.decode(token).ok();
        let made = made.and_then(|bytes| Some(u64::from_be_bytes(bytes.get(1..9)?.try_into().ok()?)));
        match made.ok_or("is not a Fernet token")? {
            made if made > now.saturating_add(self.skew) => Err("is a Fernet token from the future"),
            made if now > made.saturating_add(max).saturating_add(self.skew) => Err("has expired"),
            _ => Ok(()),
        }
    }
}

/// Verifies JWTs, and reads who their user is.
pub(super) struct JwtVerifier {
    key: DecodingKey,
    validation: Validation,
    /// The claims that name the user.
    claims: Vec<String>,
}

impl JwtVerifier {
    /// HS256 alone; `exp` and `nbf` where a token has them (RFC 7519, 4.1).
    fn new(key: &str, settings: &SchemeSettings) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = settings.clock_skew.unwrap_or(0);
        validation.validate_nbf = true;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let mut claims = settings.user_claims.clone();
        if claims.is_empty() {
            claims.push("sub".to_owned());
        }
        Self { key: DecodingKey::from_secret(key.as_bytes()), validation, claims }
    }

    fn subject<'a>(&self, token: &str) -> Result<Claim<'a>, &'static str> {
        use jsonwebtoken::errors::ErrorKind;
        if has_critical(token) {
            return Err("is a JWT with critical extensions, of which the mock knows none");
        }
        let decoded = jsonwebtoken::decode::<Value>(token, &self.key, &self.validation);
        let claims = decoded.map_err(|error| match error.kind() {
            ErrorKind::ExpiredSignature => "has expired",
            ErrorKind::ImmatureSignature => "is not valid yet",
            ErrorKind::InvalidSignature => "has a wrong signature",
            _ => "is not a JWT signed with HS256",
        })?;
        let claims = claims.claims;
        let names = self.claims.iter().filter_map(|name| claims.get(name)?.as_str());
        let names: Vec<String> = names.map(str::to_owned).collect();
        if names.is_empty() {
            return Err("has no claim that names its user");
        }
        Ok(Claim::Subject { names, scopes: scopes(&claims) })
    }
}

/// Whether the header of a JWT has `crit`: a verifier refuses what it does not know (RFC 7515, 4.1.11).
fn has_critical(token: &str) -> bool {
    let header = token.split('.').next().and_then(|header| URL_SAFE.decode(header).ok());
    let header = header.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    header.is_some_and(|header| header.get("crit").is_some())
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
    let plain = STANDARD.decode(encoded).or_else(|_| URL_SAFE.decode(encoded)).ok()?;
    let text = String::from_utf8(plain).ok()?;
    let (user, password) = text.split_once(':')?;
    Some(Claim::Pair { user: user.to_owned(), password: password.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fernet_token_has_an_age() {
        let check = |max, made: u64, expected: Result<(), &str>| {
            let token = URL_SAFE.encode([&[0x80][..], &made.to_be_bytes(), &[0; 64]].concat());
            let age = TokenAge { max, skew: 60 };
            assert_eq!(age.check(&token, 1_000_000), expected, "{max:?} {made}");
        };
        check(None, 5, Ok(()));
        check(None, 9_000_000, Ok(()));
        check(Some(3600), 1_000_000 - 3660, Ok(()));
        check(Some(3600), 1_000_000 - 3661, Err("has expired"));
        check(Some(3600), 1_000_060, Ok(()));
        check(Some(3600), 1_000_061, Err("is a Fernet token from the future"));
    }

    #[test]
    fn critical_extensions_are_refused() {
        let verifier = JwtVerifier::new("secret", &SchemeSettings::default());
        let token = |header: &str| {
            let part = |text: &str| URL_SAFE.encode(text);
            let signed = format!("{}.{}", part(header), part(r#"{"sub": "ann"}"#)).replace('=', "");
            let secret = jsonwebtoken::EncodingKey::from_secret(b"secret");
            let made = jsonwebtoken::crypto::sign(signed.as_bytes(), &secret, Algorithm::HS256).unwrap();
            format!("{signed}.{made}")
        };
        let found = |header| verifier.subject(&token(header)).map(|_| ());
        assert_eq!(found(r#"{"alg": "HS256"}"#), Ok(()));
        let refused = Err("is a JWT with critical extensions, of which the mock knows none");
        assert_eq!(found(r#"{"alg": "HS256", "crit": ["b64"], "b64": false}"#), refused);
        assert_eq!(found(r#"{"alg": "HS256", "crit": []}"#), refused);
    }
}
