//! URLs of documented servers (OAS 4.8.5).

use super::Error;

/// A server of the document: a URL with variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Server {
    /// As written: `https://{region}.example.com/v1`.
    pub url: &'static str,
    /// The variables of the URL.
    pub variables: &'static [Variable],
}

/// A variable of a [`Server`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The name between the braces.
    pub name: &'static str,
    /// The default value.
    pub default: &'static str,
    /// The allowed values; empty if any value is allowed.
    pub values: &'static [&'static str],
}

impl Server {
    /// Returns the URL with the default of every variable.
    pub fn url(&self) -> String {
        self.filled(&[])
    }

    /// Returns the URL with these values of variables.
    ///
    /// # Errors
    /// Returns an error if the server has no such variable, or the document does not admit the value.
    pub fn with(&self, values: &[(&str, &str)]) -> Result<String, Error> {
        for (name, value) in values {
            let variable = self.variables.iter().find(|variable| variable.name == *name);
            let variable = variable
                .ok_or_else(|| Error::Configuration(format!("the server has no variable `{name}`")))?;
            if !variable.values.is_empty() && !variable.values.contains(value) {
                let values = variable.values.join(", ");
                return Err(Error::Configuration(format!("`{name}` may be {values}, not `{value}`")));
            }
        }
        Ok(self.filled(values))
    }

    /// Resolves a relative URL against the URL of the document (OAS 4.8.5).
    ///
    /// # Errors
    /// Returns an error if it is not a URL that others can be relative to.
    pub fn resolve(&self, document: &str) -> Result<String, Error> {
        let url = reqwest::Url::parse(document).and_then(|base| base.join(&self.url()));
        url.map(String::from).map_err(|error| Error::Configuration(format!("`{document}`: {error}")))
    }

    /// Whether this URL is the server's, whatever its variables are.
    pub(super) fn is_at(&self, url: &str) -> bool {
        let mut texts = self.url.trim_end_matches('/').split(['{', '}']).step_by(2);
        let Some(mut rest) = texts.next().and_then(|first| url.strip_prefix(first)) else { return false };
        for text in texts {
            // What stands for a variable has no end of its own: the last place will do, the other texts being short.
            let Some(at) = (if text.is_empty() { Some(rest.len()) } else { rest.rfind(text) }) else {
                return false;
            };
            rest = rest.get(at + text.len()..).unwrap_or_default();
        }
        rest.is_empty()
    }

    fn filled(&self, values: &[(&str, &str)]) -> String {
        self.variables.iter().fold(self.url.to_owned(), |url, variable| {
            let given = values.iter().find(|(name, _)| *name == variable.name).map(|(_, value)| *value);
            url.replace(&format!("{{{}}}", variable.name), given.unwrap_or(variable.default))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_have_defaults_and_limits() {
        const REGION: Variable = Variable { name: "region", default: "eu", values: &["eu", "us"] };
        const PORT: Variable = Variable { name: "port", default: "443", values: &[] };
        let server = Server { url: "https://{region}.x:{port}/v1", variables: &[REGION, PORT] };
        assert_eq!(server.url(), "https://eu.x:443/v1");
        assert_eq!(server.with(&[("region", "us"), ("port", "8443")]).unwrap(), "https://us.x:8443/v1");
        for (url, is) in
            [("https://eu.x:443/v1", true), ("https://eu.x:443", false), ("http://eu.x:1/v1", false)]
        {
            assert_eq!(server.is_at(url), is, "{url}");
        }
        assert_eq!(
            Server { url: "/v1", variables: &[] }.resolve("http://x/a/b.json").unwrap(),
            "http://x/v1"
        );
        for (wrong, sentence) in [
            (("region", "mars"), "`region` may be eu, us, not `mars`"),
            (("planet", "mars"), "the server has no variable `planet`"),
        ] {
            assert_eq!(server.with(&[wrong]).unwrap_err().to_string(), sentence);
        }
    }
}
