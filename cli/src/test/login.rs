//! Obtains credentials before a run: by a request whose answer holds a token, or by OAuth2's client credentials (RFC 6749,
//! 4.4).

use std::time::Duration;

use descant_contract::{Client, Credentials};
use descant_model::api::{Api, SchemeKind};
use serde::Deserialize;
use serde_json::Value;

use super::environment::resolved;

/// How a credential is obtained. A text `$NAME` is the value of an environment variable.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Login {
    /// The security scheme whose credential it is.
    scheme: String,
    /// Whether it is the credential of somebody else.
    other: bool,
    /// Method and path below the base URL, or a URL: `POST /login`.
    request: Option<String>,
    /// The body of the request, as JSON.
    body: Option<toml::Value>,
    /// The body of the request, as a form.
    form: Option<toml::Table>,
    header: toml::Table,
    /// The JSON pointer to the token in the answer.
    token: Option<String>,
    /// The token endpoint, if it is not the one of the document.
    token_url: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    scope: Option<String>,
}

/// The most time of a login.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The most bytes of its answer.
const MAX_ANSWER: usize = 1 << 20;

/// Makes each request, and gives the credentials that its answer holds.
pub(super) async fn log_in(
    logins: &[Login],
    api: &Api,
    base: &str,
    client: &Client,
    credentials: &mut Credentials,
) -> Result<(), String> {
    for login in logins {
        let token = login.token(api, base, client).await;
        let token = token.map_err(|reason| format!("the login for `{}` failed: {reason}", login.scheme))?;
        match login.other {
            true => credentials.give_other(&login.scheme, token),
            false => credentials.give(&login.scheme, token),
        }
    }
    Ok(())
}

impl Login {
    async fn token(&self, api: &Api, base: &str, client: &Client) -> Result<String, String> {
        let Some(scheme) = api.security_schemes.get(&self.scheme) else {
            return Err("the document has no such security scheme".to_owned());
        };
        let client = client.begin().timeout(TIMEOUT).build().map_err(|error| error.to_string())?;
        let request = match &self.request {
            Some(request) => self.stated(&client, base, request)?,
            None => self.granted(&client, &scheme.kind)?,
        };
        let mut answer = request.send().await.map_err(|error| error.without_url().to_string())?;
        let status = answer.status();
        if !status.is_success() {
            return Err(format!("{status} came"));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| error.without_url().to_string())? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_ANSWER {
                return Err(format!("the answer is longer than {MAX_ANSWER} bytes"));
            }
        }
        let body: Value = serde_json::from_slice(&body).map_err(|_| "the answer is not JSON".to_owned())?;
        let pointer = self.token.as_deref().unwrap_or("/access_token");
        match body.pointer(pointer) {
            Some(Value::String(token)) => Ok(token.clone()),
            Some(Value::Number(token)) => Ok(token.to_string()),
            _ => Err(format!("the answer has no text at `{pointer}`; `token` is a JSON pointer to it")),
        }
    }

    fn stated(
        &self,
        client: &reqwest::Client,
        base: &str,
        request: &str,
    ) -> Result<reqwest::RequestBuilder, String> {
        let (method, path) =
            request.split_once(' ').ok_or_else(|| format!("`{request}` is not `METHOD /path`"))?;
        let method = method.parse::<http::Method>().map_err(|_| format!("`{method}` is no method"))?;
        let url = match path.starts_with('/') {
            true => format!("{}{path}", base.trim_end_matches('/')),
            false => path.to_owned(),
        };
        let mut request = client.request(method, url);
        for (name, value) in &self.header {
            request = request.header(name, text(value)?);
        }
        if let Some(body) = &self.body {
            let body = serde_json::to_value(body).map_err(|error| error.to_string())?;
            let text = filled(body)?.to_string();
            request = request.header(http::header::CONTENT_TYPE, "application/json").body(text);
        } else if let Some(form) = &self.form {
            let pairs = form.iter().map(|(name, value)| Ok((name.clone(), text(value)?)));
            request = with_form(request, &pairs.collect::<Result<Vec<_>, String>>()?);
        }
        Ok(request)
    }

    /// The client proves itself by Basic (RFC 6749, 2.3.1).
    fn granted(
        &self,
        client: &reqwest::Client,
        kind: &SchemeKind,
    ) -> Result<reqwest::RequestBuilder, String> {
        let documented = match kind {
            SchemeKind::OAuth2 { flows, .. } => flows
                .iter()
                .find(|flow| flow.kind == "clientCredentials")
                .and_then(|flow| flow.token_url.clone()),
            _ => None,
        };
        let url = self.token_url.clone().or(documented).ok_or("`request` or `token-url` is needed")?;
        let (Some(id), Some(secret)) = (&self.client_id, &self.client_secret) else {
            return Err("`client-id` and `client-secret` are needed".to_owned());
        };
        let mut pairs = vec![("grant_type".to_owned(), "client_credentials".to_owned())];
        if let Some(scope) = &self.scope {
            pairs.push(("scope".to_owned(), resolved(scope)?));
        }
        let encoded = |text: &str| -> String {
            form(&[(text.to_owned(), String::new())]).trim_end_matches('=').to_owned()
        };
        let (id, secret) = (encoded(&resolved(id)?), encoded(&resolved(secret)?));
        Ok(with_form(client.post(url).basic_auth(id, Some(secret)), &pairs))
    }
}

fn with_form(request: reqwest::RequestBuilder, pairs: &[(String, String)]) -> reqwest::RequestBuilder {
    request.header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(form(pairs))
}

fn form(pairs: &[(String, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn text(value: &toml::Value) -> Result<String, String> {
    value.as_str().map_or_else(|| Ok(value.to_string()), resolved)
}

/// Returns a value with the environment's values in the place of texts `$NAME`.
fn filled(value: Value) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => resolved(&text)?.into(),
        Value::Array(items) => items.into_iter().map(filled).collect::<Result<Vec<_>, _>>()?.into(),
        Value::Object(members) => {
            let filled = members.into_iter().map(|(name, value)| Ok((name, filled(value)?)));
            Value::Object(filled.collect::<Result<_, String>>()?)
        }
        other => other,
    })
}
