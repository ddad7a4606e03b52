//! Secrets in what is logged, shown or recorded: members that are named as secrets, and values that a request presented.

use percent_encoding::percent_decode_str;

/// Replaces a secret inside a text.
pub(crate) const REDACTED: &str = "***";
/// The length of a secret that is replaced: a shorter one would be found where it is not meant.
const MIN_SECRET: usize = 6;

/// The ends of the customary names of secrets, without case and punctuation.
const ENDS: [&str; 22] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "authtoken",
    "apitoken",
    "bearertoken",
    "sessiontoken",
    "jwttoken",
    "apikey",
    "accesskey",
    "secretkey",
    "privatekey",
    "authorization",
    "credential",
    "credentials",
    "codeverifier",
    "cookie",
    "csrftoken",
];

/// The whole names of secrets that are too short to be ends: `pageToken` is none.
const WHOLE: [&str; 3] = ["token", "jwt", "clientassertion"];

/// Whether a name is a customary one of secrets, in any case: `client_secret`, `API-KEY`, `accessToken`.
pub(crate) fn is_secret(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = plain.to_ascii_lowercase();
    WHOLE.contains(&plain.as_str()) || ENDS.iter().any(|end| plain.ends_with(end))
}

/// Returns a text without secrets that are known.
pub(crate) fn redacted(text: &str, secrets: &[String]) -> String {
    let secrets = secrets.iter().filter(|secret| secret.len() >= MIN_SECRET);
    secrets.fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), REDACTED))
}

/// Returns a target with the secrets of its query replaced, and those of its path where a template names them:
/// `/resets/{token}`.
pub(crate) fn redacted_target(
    target: &str,
    template: Option<&str>,
    is_credential: impl Fn(&str) -> bool,
) -> String {
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    let path = template.map_or_else(|| path.to_owned(), |template| redacted_path(path, template));
    let Some(query) = query else { return path };
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_credential(name) || is_secret(&decoded(name)) => {
            format!("{name}={REDACTED}")
        }
        _ => pair.to_owned(),
    });
    format!("{path}?{}", pairs.collect::<Vec<_>>().join("&"))
}

/// Returns a path with the values of its template's secrets replaced.
fn redacted_path(path: &str, template: &str) -> String {
    let mut segments: Vec<&str> = path.split('/').collect();
    for (segment, name) in segments.iter_mut().rev().zip(template.rsplit('/')) {
        if is_secret_parameter(name) {
            *segment = REDACTED;
        }
    }
    segments.join("/")
}

/// Whether a path's template has a parameter that is named as a secret: `/resets/{token}`.
pub(crate) fn names_secret(template: &str) -> bool {
    template.split('/').any(is_secret_parameter)
}

/// Whether a segment of a template is a parameter that is named as a secret.
fn is_secret_parameter(segment: &str) -> bool {
    segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')).is_some_and(is_secret)
}

/// Returns the values of a query or a form whose names are secret.
pub(crate) fn secrets_of(pairs: &str) -> Vec<String> {
    let pairs = form_urlencoded::parse(pairs.as_bytes());
    pairs.filter(|(name, _)| is_secret(name)).map(|(_, value)| value.into_owned()).collect()
}

fn decoded(name: &str) -> String {
    percent_decode_str(name).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets() {
        for name in ["client_secret", "API_KEY", "X-Api-Key", "accessToken", "token", "userPassword"] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["pageToken", "next_token", "key", "secretary", "passwordHint", "id"] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn targets_show_no_secrets() {
        let check = |target: &str, template: Option<&str>, expected: &str| {
            assert_eq!(redacted_target(target, template, |name| name == "k"), expected);
        };
        check("/a?k=1&client%5Fsecret=x&b=2&API_KEY=y", None, "/a?k=***&client%5Fsecret=***&b=2&API_KEY=***");
        check("/v2/resets/abc/confirm", Some("/resets/{token}/confirm"), "/v2/resets/***/confirm");
        check("/v2/pets/abc", Some("/pets/{petId}"), "/v2/pets/abc");
        check("/resets/abc", None, "/resets/abc");
    }
}
