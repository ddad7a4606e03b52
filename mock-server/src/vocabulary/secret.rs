//! The customary names of secrets, which no log, record or page shows the values of.

/// Whether a name of a member, field or parameter is a customary one of secrets.
pub(crate) fn is_secret(name: &str) -> bool {
    const ENDS: [&str; 15] = [
        "password",
        "passwd",
        "passphrase",
        "secret",
        "accesstoken",
        "refreshtoken",
        "idtoken",
        "authtoken",
        "csrftoken",
        "apikey",
        "privatekey",
        "authorization",
        "credentials",
        "cookie",
        "clientassertion",
    ];
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = plain.to_ascii_lowercase();
    ENDS.iter().any(|end| plain.ends_with(end))
}
