//! Adds credentials to a request.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde_json::Value;

use crate::param::{self, Location};
use crate::problem::Fault;
use crate::secret::{Basic, Secret};
use crate::security::Credential;

/// Adds the credentials of a request.
#[derive(Default)]
pub(super) struct Placed {
    pub(super) headers: HeaderMap,
    pub(super) query: Vec<String>,
    pub(super) cookies: Vec<String>,
}

impl Placed {
    /// # Errors
    /// Returns an error if a secret cannot stand where it must; the fault does not show it.
    pub(super) fn put(&mut self, credential: &Credential) -> Result<(), Fault> {
        match credential {
            Credential::Header(name, secret) => self.header(name, secret.expose()),
            Credential::Query(name, secret) => {
                self.query.push(param::encode_query(name, &value(secret), param::FORM)?);
                Ok(())
            }
            Credential::Cookie(name, secret) => {
                self.cookies.push(param::encode_cookie(name, &value(secret), param::FORM)?);
                Ok(())
            }
            Credential::Bearer(secret) => self.authorization("Bearer", secret.expose()),
            Credential::Basic(Basic { user, password }) => {
                self.authorization("Basic", &STANDARD.encode(format!("{user}:{}", password.expose())))
            }
            Credential::Scheme(scheme, secret) => self.authorization(scheme, secret.expose()),
        }
    }

    fn authorization(&mut self, scheme: &str, text: &str) -> Result<(), Fault> {
        self.header(header::AUTHORIZATION.as_str(), &format!("{scheme} {text}"))
    }

    fn header(&mut self, name: &str, text: &str) -> Result<(), Fault> {
        let wrong =
            || Fault::new("security", "a credential that a header can hold", "…").of(Location::Header, name);
        let key = HeaderName::try_from(name).map_err(|_| wrong())?;
        let mut value = HeaderValue::try_from(text).map_err(|_| wrong())?;
        value.set_sensitive(true);
        self.headers.insert(key, value);
        Ok(())
    }
}

fn value(secret: &Secret) -> Value {
    Value::from(secret.expose())
}
