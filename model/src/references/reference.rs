//! The text of a reference, and the reason why one cannot be resolved.

use crate::codes::Code;

/// The two parts of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference<'t> {
    /// A relative path or a URI; empty for the same file.
    pub file: &'t str,
    /// The fragment without `#`: a JSON pointer, the name of an anchor, or empty for the whole document.
    pub fragment: &'t str,
}

impl<'t> Reference<'t> {
    /// Splits the text at its first `#`.
    pub fn new(text: &'t str) -> Self {
        let (file, fragment) = text.split_once('#').unwrap_or((text, ""));
        Self { file, fragment }
    }

    /// Whether the file half names a scheme (`https:`) or a host (`//host`), and so is no path. A single letter before
    /// a colon is a drive.
    pub(super) fn is_remote(&self) -> bool {
        let scheme = self.file.split_once(':').map_or("", |(scheme, _)| scheme);
        let sound = scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
        self.file.starts_with("//") || scheme.len() > 1 && sound
    }
}

/// The reason why a reference could not be resolved.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) code: Code,
    pub(super) message: String,
    pub(super) help: Option<String>,
    /// Identifies a cause shared by several references, such as an absent file; `None` if there is none.
    pub(super) cause: Option<String>,
}
