//! The authorization server of a document, as a client meets it: over a socket, by each flow, to a call that its token
//! lets in.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // in tests

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use descant_mock::{Mock, Running, Settings, start};
use descant_model::load::{Options, load_text};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const DOCUMENT: &str = r#"
openapi: 3.2.0
info: {title: Pets, version: 1.0.0}
paths:
  /pets:
    get: {security: [{all: [read]}], responses: {'204': {description: fine}}}
    post: {security: [{all: [write]}], responses: {'204': {description: fine}}}
  /me: {get: {security: [{who: []}], responses: {'204': {description: fine}}}}
components:
  securitySchemes:
    all:
      type: oauth2
      flows:
        clientCredentials: {tokenUrl: https://login.example.com/oauth/token, scopes: {read: r, write: w}}
        password: {tokenUrl: /oauth/token, scopes: {read: r, openid: o}}
        authorizationCode: {authorizationUrl: https://login.example.com/authorize, tokenUrl: /oauth/token, scopes: {read: r, openid: o}}
        implicit: {authorizationUrl: https://login.example.com/authorize, scopes: {read: r}}
        deviceAuthorization: {deviceAuthorizationUrl: /oauth/device, tokenUrl: /oauth/token, scopes: {read: r}}
      x-descant: {credentials: [{user: ann, password: sample, value: listed}]}
    who: {type: openIdConnect, openIdConnectUrl: https://id.example.com/.well-known/openid-configuration, x-descant: {credentials: []}}
"#;

struct Party {
    mock: Running,
    client: Client,
    prefix: &'static str,
}

impl Party {
    fn new() -> Self {
        Self::below("")
    }

    /// Where the document is served below a prefix.
    fn below(prefix: &'static str) -> Self {
        let api = load_text("pets.yaml", DOCUMENT, &Options::default()).api.unwrap();
        let mock = Mock::new(Arc::new(api), Settings::default()).with_prefix(prefix);
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        Self { mock: start(mock).unwrap(), client, prefix }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{}{path}", self.mock.url(), self.prefix)
    }

    /// Status and body of what the token endpoint says.
    async fn token(&self, pairs: &[(&str, &str)]) -> (u16, Value) {
        self.post("/oauth/token", pairs).await
    }

    async fn post(&self, path: &str, pairs: &[(&str, &str)]) -> (u16, Value) {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let request = self.client.post(self.url(path)).body(form);
        let response =
            request.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap())
    }

    /// What the authorization endpoint sends back to the client.
    async fn authorize(&self, pairs: &[(&str, &str)]) -> HashMap<String, String> {
        let url = Url::parse_with_params(&self.url("/authorize"), pairs).unwrap();
        let response = self.client.get(url).send().await.unwrap();
        assert_eq!(response.status(), 302);
        let location = Url::parse(response.headers()["location"].to_str().unwrap()).unwrap();
        let given = location.fragment().or(location.query()).unwrap();
        form_urlencoded::parse(given.as_bytes()).into_owned().collect()
    }

    async fn call(&self, method: &str, path: &str, token: &str) -> u16 {
        let request = self.client.request(method.parse().unwrap(), self.url(path)).bearer_auth(token);
        request.send().await.unwrap().status().as_u16()
    }

    async fn json(&self, path: &str) -> Value {
        let body = self.client.get(self.url(path)).send().await.unwrap().bytes().await.unwrap();
        serde_json::from_slice(&body).unwrap()
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}

#[tokio::test]
async fn a_client_by_itself_has_the_scopes_that_it_asks_for() {
    let party = Party::new();
    let own = [("grant_type", "client_credentials"), ("client_id", "ann"), ("client_secret", "sample")];
    let (status, read) = party.token(&[&own[..], &[("scope", "read")]].concat()).await;
    assert_eq!((status, &read["token_type"], &read["scope"]), (200, &json!("Bearer"), &json!("read")));
    assert!(read.get("refresh_token").is_none());
    assert_eq!(party.call("GET", "/pets", text(&read, "access_token")).await, 204);
    assert_eq!(party.call("POST", "/pets", text(&read, "access_token")).await, 403);
    let (_, all) = party.token(&own).await;
    assert_eq!(all["scope"], "read write");
    assert_eq!(party.call("POST", "/pets", text(&all, "access_token")).await, 204);
    assert_eq!(party.call("GET", "/pets", "made-up").await, 401);
    assert_eq!(party.call("GET", "/pets", "listed").await, 204);
}

/// What the token endpoint gives for a code with these scopes.
async fn logged_in(party: &Party, user: &str, scope: &str) -> Value {
    let wanted = [("client_id", "app"), ("redirect_uri", "http://localhost/cb"), ("response_type", "code")];
    let back = party.authorize(&[&wanted[..], &[("scope", scope), ("login_hint", user)]].concat()).await;
    let redeem =
        [("grant_type", "authorization_code"), ("client_id", "app"), ("redirect_uri", "http://localhost/cb")];
    let (status, tokens) = party.token(&[&redeem[..], &[("code", &back["code"])]].concat()).await;
    assert_eq!(status, 200, "{tokens}");
    tokens
}

#[tokio::test]
async fn user_info_says_what_the_scopes_grant() {
    let party = Party::new();
    let info = async |token: &str| {
        let request = party.client.get(party.url("/oauth2/userinfo")).bearer_auth(token);
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_slice::<Value>(&response.bytes().await.unwrap()).unwrap())
    };
    let metadata = party.json("/.well-known/openid-configuration").await;
    assert_eq!(metadata["userinfo_endpoint"], party.url("/oauth2/userinfo"));
    let tokens = logged_in(&party, "ann", "openid read").await;
    assert_eq!(info(text(&tokens, "access_token")).await, (200, json!({"sub": "ann"})));
    let tokens = logged_in(&party, "ann", "read").await;
    assert_eq!(info(text(&tokens, "access_token")).await.0, 403, "without `openid`");
    let (_, listed) = info("listed").await;
    assert_eq!((&listed["sub"], &listed["email"]), (&json!("ann"), &json!("ann@example.com")));
    assert_eq!(info("made-up").await.0, 401);
}

#[tokio::test]
async fn a_person_picks_a_user_or_denies() {
    let party = Party::new();
    let wanted = [
        ("client_id", "<app>"),
        ("redirect_uri", "http://localhost/cb"),
        ("response_type", "code"),
        ("state", "s&1"),
        ("prompt", "login"),
    ];
    let url = Url::parse_with_params(&party.url("/authorize"), &wanted).unwrap();
    assert_eq!(party.client.get(url.clone()).send().await.unwrap().status(), 302, "a program goes on");
    let page = party.client.get(url.clone()).header("accept", "text/html,*/*").send().await.unwrap();
    assert_eq!(page.status(), 200);
    let page = page.text().await.unwrap();
    assert!(page.contains("&lt;app&gt;") && !page.contains("<app>"), "{page}");
    let links: Vec<String> = page
        .split("href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().replace("&amp;", "&"))
        .collect();
    assert_eq!(links.len(), 2, "ann, and denying: {page}");
    let follow = async |link: &str| {
        let response = party.client.get(url.join(link).unwrap()).send().await.unwrap();
        assert_eq!(response.status(), 302, "{link}");
        let location = Url::parse(response.headers()["location"].to_str().unwrap()).unwrap();
        location.query_pairs().into_owned().collect::<HashMap<String, String>>()
    };
    let back = follow(&links[0]).await;
    assert!(back.contains_key("code") && back["state"] == "s&1", "{back:?}");
    let back = follow(&links[1]).await;
    assert_eq!((back["error"].as_str(), back["state"].as_str()), ("access_denied", "s&1"));
}

#[tokio::test]
async fn a_user_who_logs_out_is_sent_back() {
    let party = Party::new();
    let get = async |query: &str| {
        let response = party.client.get(party.url(&format!("/oauth2/logout{query}"))).send().await.unwrap();
        let location = response.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
        (response.status().as_u16(), location)
    };
    let back = "http://localhost/bye";
    assert_eq!(get("").await, (200, None));
    assert_eq!(get(&format!("?post_logout_redirect_uri={back}")).await, (302, Some(back.to_owned())));
    let with_state = (302, Some(format!("{back}?state=x")));
    assert_eq!(get(&format!("?post_logout_redirect_uri={back}&state=x")).await, with_state);
    assert_eq!(get("?post_logout_redirect_uri=javascript:alert(1)").await, (400, None));
}

#[tokio::test]
async fn a_code_is_redeemed_once_by_whoever_has_the_verifier() {
    let party = Party::new();
    let verifier = "a-verifier-of-at-least-forty-three-characters";
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    let asked = [
        ("response_type", "code"),
        ("client_id", "app"),
        ("redirect_uri", "http://127.0.0.1:9/cb?a=1"),
        ("scope", "read openid"),
        ("state", "x&y"),
        ("nonce", "once"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let redeem = |code: &str, verifier: &str| {
        let (code, verifier) = (code.to_owned(), verifier.to_owned());
        let party = &party;
        async move {
            let pairs = [
                ("grant_type", "authorization_code"),
                ("client_id", "app"),
                ("code", &code),
                ("redirect_uri", "http://127.0.0.1:9/cb?a=1"),
                ("code_verifier", &verifier),
            ];
            party.token(&pairs).await
        }
    };
    let back = party.authorize(&asked).await;
    assert_eq!((back["a"].as_str(), back["state"].as_str()), ("1", "x&y"));
    let (status, refused) = redeem(&back["code"], "another").await;
    assert_eq!((status, text(&refused, "error")), (400, "invalid_grant"));
    let back = party.authorize(&asked).await;
    let (status, token) = redeem(&back["code"], verifier).await;
    assert_eq!((status, text(&token, "scope")), (200, "read openid"));
    assert_eq!(party.call("GET", "/pets", text(&token, "access_token")).await, 204);
    assert_eq!(redeem(&back["code"], verifier).await.1["error"], "invalid_grant");

    // The identity is signed with the key that the metadata lead to.
    let metadata = party.json("/.well-known/openid-configuration").await;
    let keys = text(&metadata, "jwks_uri").strip_prefix(&party.mock.url()).unwrap().to_owned();
    let key = serde_json::from_value(party.json(&keys).await["keys"][0].clone()).unwrap();
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_audience(&["app"]);
    validation.set_issuer(&[text(&metadata, "issuer")]);
    let key = DecodingKey::from_jwk(&key).unwrap();
    let identity = jsonwebtoken::decode::<Value>(text(&token, "id_token"), &key, &validation).unwrap().claims;
    assert_eq!((text(&identity, "sub"), text(&identity, "nonce")), ("ann", "once"));

    // A refresh token is good for one use.
    let fresh = [
        ("grant_type", "refresh_token"),
        ("client_id", "app"),
        ("refresh_token", text(&token, "refresh_token")),
    ];
    let (status, next) = party.token(&fresh).await;
    assert_eq!((status, party.call("GET", "/pets", text(&next, "access_token")).await), (200, 204));
    assert_eq!(party.token(&fresh).await.1["error"], "invalid_grant");
}

#[tokio::test]
async fn a_user_an_implicit_client_and_a_device() {
    let party = Party::new();
    let user = |password| {
        [("grant_type", "password"), ("client_id", "app"), ("username", "ann"), ("password", password)]
    };
    let (_, token) = party.token(&user("sample")).await;
    assert_eq!(party.call("GET", "/pets", text(&token, "access_token")).await, 204);
    assert_eq!(party.token(&user("wrong")).await.1["error"], "invalid_grant");

    let asked = [("response_type", "token"), ("client_id", "app"), ("redirect_uri", "app.example:/cb")];
    let back = party.authorize(&asked).await;
    assert_eq!(party.call("GET", "/pets", &back["access_token"]).await, 204);

    let (_, begun) = party.post("/oauth/device", &[("client_id", "tv")]).await;
    let poll = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", "tv"),
        ("device_code", text(&begun, "device_code")),
    ];
    assert_eq!(party.token(&poll).await.1["error"], "authorization_pending");
    let (_, token) = party.token(&poll).await;
    assert_eq!(party.call("GET", "/pets", text(&token, "access_token")).await, 204);
    assert_eq!(party.token(&poll).await.1["error"], "expired_token");
}

#[tokio::test]
async fn metadata_name_what_there_is() {
    let party = Party::new();
    let metadata = party.json("/.well-known/oauth-authorization-server").await;
    assert_eq!(text(&metadata, "token_endpoint"), party.url("/oauth/token"));
    assert_eq!(text(&metadata, "authorization_endpoint"), party.url("/authorize"));
    assert_eq!(text(&metadata, "device_authorization_endpoint"), party.url("/oauth/device"));
    assert_eq!(
        metadata["scopes_supported"],
        json!(["read", "write", "openid", "profile", "email", "phone", "address"])
    );
    // The token of an OpenID Connect scheme opens what asks for it.
    let own = [("grant_type", "client_credentials"), ("client_id", "ann"), ("client_secret", "sample")];
    let (_, token) = party.post("/oauth2/token", &own).await;
    assert_eq!(party.call("GET", "/me", text(&token, "access_token")).await, 204);
    assert_eq!(party.call("GET", "/me", "made-up").await, 401);
}

/// A page that reaches the mock by another name does not choose what tokens say.
#[tokio::test]
async fn the_issuer_is_the_mock_or_what_it_was_told() {
    let party = Party::new();
    let issuer = async |host: &str| {
        let url = party.url("/.well-known/oauth-authorization-server");
        let asked = party.client.get(url).header("host", host).send().await.unwrap();
        let metadata: Value = serde_json::from_slice(&asked.bytes().await.unwrap()).unwrap();
        text(&metadata, "issuer").to_owned()
    };
    assert_eq!(issuer("localhost:4010").await, "http://localhost:4010");
    assert_eq!(issuer("[::1]:4010").await, "http://[::1]:4010");
    assert_eq!(issuer("evil.example.com:4010").await, "http://localhost:4010");

    let api = load_text("pets.yaml", DOCUMENT, &Options::default()).api.unwrap();
    let settings = Settings::default().with_issuer(Some("https://login.test/".into()));
    let told = start(Mock::new(Arc::new(api), settings)).unwrap();
    let metadata =
        reqwest::get(format!("{}/.well-known/oauth-authorization-server", told.url())).await.unwrap();
    let metadata: Value = serde_json::from_slice(&metadata.bytes().await.unwrap()).unwrap();
    assert_eq!(text(&metadata, "issuer"), "https://login.test");
    assert_eq!(text(&metadata, "token_endpoint"), "https://login.test/oauth/token");
}

#[tokio::test]
async fn below_a_prefix_its_endpoints_and_what_it_says_of_them_are_there_too() {
    let party = Party::below("/billing");
    let metadata = party.json("/.well-known/oauth-authorization-server").await;
    assert_eq!(text(&metadata, "token_endpoint"), party.url("/oauth/token"));
    let own = [("grant_type", "client_credentials"), ("client_id", "ann"), ("client_secret", "sample")];
    let (status, token) = party.token(&own).await;
    assert_eq!(status, 200, "{token}");
    assert_eq!(party.call("GET", "/pets", text(&token, "access_token")).await, 204);
    // A grant is no call of the document, and nothing that the document lacks.
    let coverage = party.mock.journal().coverage(party.mock.mock().api()).to_value();
    assert_eq!(coverage["requestsForNoOperation"], 0);
    let met = coverage["operations"].as_array().unwrap().iter().filter(|it| it["met"] != json!({}));
    assert_eq!(met.count(), 1);
}

#[tokio::test]
async fn faults_are_told_in_the_words_of_the_protocol() {
    let party = Party::new();
    let check = async |pairs: &[(&str, &str)], status: u16, error: &str| {
        let (found, body) = party.token(pairs).await;
        assert_eq!((found, text(&body, "error")), (status, error), "{pairs:?}: {body}");
    };
    check(&[], 401, "invalid_client").await;
    check(&[("client_id", "a")], 400, "invalid_request").await;
    check(&[("client_id", "a"), ("client_id", "b")], 400, "invalid_request").await;
    check(&[("client_id", "a"), ("grant_type", "magic")], 400, "unsupported_grant_type").await;
    check(&[("client_id", "a"), ("grant_type", "client_credentials")], 401, "invalid_client").await;
    check(
        &[("client_id", "a"), ("grant_type", "authorization_code"), ("code", "none")],
        400,
        "invalid_grant",
    )
    .await;
    let own = [("client_id", "ann"), ("client_secret", "sample"), ("grant_type", "client_credentials")];
    check(&[&own[..], &[("client_secret", "wrong")]].concat(), 400, "invalid_request").await;
    check(&[&own[..], &[("nonce", "x".repeat(20_000).as_str())]].concat(), 400, "invalid_request").await;
    let refused = party.client.post(party.url("/oauth/token")).body("{}").send().await.unwrap();
    assert_eq!(refused.status(), 400);

    let back = party
        .authorize(&[
            ("response_type", "magic"),
            ("client_id", "a"),
            ("redirect_uri", "http://a/"),
            ("state", "1"),
        ])
        .await;
    assert_eq!((back["error"].as_str(), back["state"].as_str()), ("unsupported_response_type", "1"));
    let back = party
        .authorize(&[
            ("response_type", "code"),
            ("client_id", "a"),
            ("redirect_uri", "http://a/"),
            ("scope", "fly"),
        ])
        .await;
    assert_eq!(back["error"], "invalid_scope");
    for redirect in ["", "/cb", "javascript:alert(1)", "file:///etc/hosts", "myapp:/cb", "http://a/#b"] {
        let url = Url::parse_with_params(
            &party.url("/authorize"),
            [("client_id", "a"), ("redirect_uri", redirect)],
        )
        .unwrap();
        assert_eq!(party.client.get(url).send().await.unwrap().status(), 400, "{redirect}");
    }
}
