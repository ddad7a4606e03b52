//! The metadata of the authorization server (RFC 8414; OpenID Connect Discovery 1.0).

use indexmap::IndexSet;
use serde_json::{Map, Value, json};

use super::endpoints::{Endpoints, KEYS, Purpose};
use super::schemes::GrantContext;

/// Returns the metadata of a server with a base URL.
pub(super) fn of(context: &GrantContext<'_>, endpoints: &Endpoints, base: &str) -> Value {
    let named = [
        ("authorization_endpoint", Purpose::Authorize),
        ("token_endpoint", Purpose::Token),
        ("device_authorization_endpoint", Purpose::Device),
        ("userinfo_endpoint", Purpose::UserInfo),
        ("end_session_endpoint", Purpose::EndSession),
    ];
    let mut found = Map::new();
    found.insert("issuer".into(), base.into());
    for (name, purpose) in named {
        let path = endpoints.path(purpose);
        found.extend(path.map(|path| (name.to_owned(), format!("{base}{path}").into())));
    }
    let grants = [
        ("authorizationCode", "authorization_code"),
        ("clientCredentials", "client_credentials"),
        ("password", "password"),
        ("implicit", "implicit"),
        ("deviceAuthorization", "urn:ietf:params:oauth:grant-type:device_code"),
    ];
    let grants = grants.iter().filter(|(flow, _)| !context.granting(flow).is_empty());
    let grants: Vec<_> = grants.map(|(_, grant)| *grant).chain(["refresh_token"]).collect();
    let responses = [("authorizationCode", "code"), ("implicit", "token")];
    let responses = responses.iter().filter(|(flow, _)| !context.granting(flow).is_empty());
    let responses: Vec<_> = responses.map(|(_, response)| *response).collect();
    let scopes = context.schemes.iter().flat_map(|it| &it.flows).flat_map(|it| it.scopes.keys());
    let open = context
        .schemes
        .iter()
        .any(|it| it.is_open_id)
        .then_some(["openid", "profile", "email", "phone", "address"]);
    let scopes: IndexSet<_> = scopes.map(String::as_str).chain(open.into_iter().flatten()).collect();
    let rest = json!({
        "jwks_uri": format!("{base}{KEYS}"),
        "scopes_supported": scopes,
        "response_types_supported": responses,
        "grant_types_supported": grants,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256", "plain"],
    });
    found.extend(rest.as_object().cloned().unwrap_or_default());
    found.into()
}
