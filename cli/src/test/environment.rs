//! Texts that stand for the values of environment variables: secrets belong in no file.

/// Returns a text, or the environment's value of a text `$NAME`.
pub(super) fn resolved(text: &str) -> Result<String, String> {
    let is_name =
        |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    match text.strip_prefix('$').filter(is_name) {
        Some(name) => std::env::var(name).map_err(|_| format!("the environment variable {name} is not set")),
        None => Ok(text.to_owned()),
    }
}
