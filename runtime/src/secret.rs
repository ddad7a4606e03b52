//! Secrets: never printed, and compared in constant time.

use std::fmt;

use subtle::ConstantTimeEq;

/// A secret. Only [`Secret::expose`] returns its text; neither `Debug` nor `Display` prints it.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Returns a secret with a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text, for sending.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Secret {}

impl<T: Into<String>> From<T> for Secret {
    fn from(text: T) -> Self {
        Self::new(text)
    }
}

/// A user and a password (RFC 7617).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basic {
    /// The user, without a colon.
    pub user: String,
    /// The password.
    pub password: Secret,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_compared_but_never_shown() {
        let basic = Basic { user: "ann".to_owned(), password: "hunter2".into() };
        assert_eq!(format!("{basic:?}"), "Basic { user: \"ann\", password: Secret(…) }");
        assert_eq!(Secret::new("a"), Secret::new("a"));
        assert_ne!(Secret::new("a"), Secret::new("ab"));
    }
}
