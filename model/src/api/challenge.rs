//! The challenge of a security scheme in a 401 (RFC 9110, 11.6.1): one text for the mock and for generated servers.

use super::{SchemeKind, SecurityScheme};

/// The maximum length of a realm, in characters of the title.
const MAX_REALM: usize = 80;

impl SecurityScheme {
    /// Returns the scheme's challenge: that of the document (`x-descant.challenge`), else a default whose realm is the
    /// API's title. Returns `None` for a client certificate, which has no header, and for text that a header cannot
    /// contain. API keys have no registered challenge, but RFC 9110, 15.5.2 requires one.
    pub fn challenge(&self, title: &str) -> Option<String> {
        let challenge = self.descant.challenge.clone().or_else(|| of_kind(&self.kind, &quoted(title)));
        challenge.filter(|text| !text.is_empty() && text.bytes().all(|byte| matches!(byte, b' '..=b'~')))
    }
}

fn of_kind(kind: &SchemeKind, realm: &str) -> Option<String> {
    let word = match kind {
        SchemeKind::Basic => return Some(format!("Basic realm=\"{realm}\", charset=\"UTF-8\"")),
        SchemeKind::Bearer { .. } | SchemeKind::OAuth2 { .. } | SchemeKind::OpenIdConnect { .. } => "Bearer",
        SchemeKind::Http { scheme } => scheme,
        SchemeKind::ApiKey { location, name } => {
            let place = format!("{location:?}").to_lowercase();
            return Some(format!("ApiKey realm=\"{realm}\", in=\"{place}\", name=\"{}\"", quoted(name)));
        }
        SchemeKind::MutualTls => return None,
    };
    Some(format!("{word} realm=\"{realm}\""))
}

/// Returns text for a quoted string of a header: visible ASCII except `"` and `\`, at most MAX_REALM characters.
fn quoted(text: &str) -> String {
    text.chars().filter(|c| (' '..='~').contains(c) && !matches!(c, '"' | '\\')).take(MAX_REALM).collect()
}
