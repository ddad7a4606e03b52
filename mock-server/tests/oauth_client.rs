//! A client that gets its tokens from the authorization server of a mock.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // in tests

use std::sync::Arc;

use descant_mock::{Mock, Running, Settings, start};
use descant_model::load::{Options, load_text};
use descant_runtime as rt;
use rt::client::{Call, Config, Core, CredentialSource, OAuth2};
use serde_json::Value;

const DOCUMENT: &str = "
openapi: 3.1.0
info: {title: Pets, version: 1.0.0}
paths:
  /pets: {get: {security: [{all: [read]}], responses: {'204': {description: fine}}}}
components:
  securitySchemes:
    all:
      type: oauth2
      flows:
        clientCredentials: {tokenUrl: https://login.example.com/oauth/token, scopes: {read: r, write: w}}
        password: {tokenUrl: https://login.example.com/oauth/token, scopes: {read: r}}
      x-descant: {credentials: [{user: ann, password: sample, value: listed}]}
";

pub enum PetsResponse {
    NoContent,
}
rt::responses! { read PetsResponse -> () { 204 => NoContent ok } }

#[derive(Clone, Debug, Default)]
pub struct Credentials {
    pub all: Option<rt::Secret>,
}
rt::credentials! { Credentials { all = "all" Bearer } }

fn mock() -> Running {
    let api = load_text("pets.yaml", DOCUMENT, &Options::default()).api.unwrap();
    start(Mock::new(Arc::new(api), Settings::default())).unwrap()
}

fn token_url(mock: &Running) -> String {
    format!("{}/oauth/token", mock.url())
}

fn client(mock: &Running, oauth: OAuth2) -> Core {
    let source = CredentialSource::oauth2(oauth, |token| Credentials { all: Some(token) });
    Core::new(Config::new(mock.url()), source).unwrap()
}

async fn call(core: &Core) -> Result<(), rt::client::Error> {
    Ok(core.request("GET /pets", &[&["all"]]).send::<Call<PetsResponse>>().await?)
}

#[tokio::test]
async fn client_credentials_open_what_their_scopes_admit() {
    let mock = mock();
    let oauth = |scope: &str| OAuth2::client_credentials(token_url(&mock), "ann", "sample").scope(scope);
    let core = client(&mock, oauth("read"));
    call(&core).await.unwrap();
    mock.mock().reset().await.unwrap();
    call(&core).await.unwrap();
    let forbidden = call(&client(&mock, oauth("write"))).await.unwrap_err();
    assert_eq!(forbidden.status().unwrap(), 403);
    let unknown = call(&client(&mock, oauth("fly"))).await.unwrap_err().to_string();
    assert!(unknown.starts_with("GET /pets: no credentials: the token endpoint refused: 400"), "{unknown}");
}

#[tokio::test]
async fn a_refresh_token_opens_it_for_its_user() {
    let mock = mock();
    let form = "grant_type=password&username=ann&password=sample&client_id=app";
    let request = reqwest::Client::new().post(token_url(&mock)).body(form);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let granted: Value =
        serde_json::from_slice(&request.send().await.unwrap().bytes().await.unwrap()).unwrap();
    let token = granted["refresh_token"].as_str().unwrap();
    let core = client(&mock, OAuth2::refresh_token(token_url(&mock), "app", token));
    call(&core).await.unwrap();
    call(&core).await.unwrap();
    // The mock forgets refresh tokens as well.
    mock.mock().reset().await.unwrap();
    let refused = call(&core).await.unwrap_err().to_string();
    assert!(refused.starts_with("GET /pets: no credentials: the token endpoint refused: 400"), "{refused}");
}
