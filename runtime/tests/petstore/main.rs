//! One API, written as generated code is to look: its client calls its server over a real socket.
//!
//! `types`, `operations`, `client`, `server` and `contract` are what the generator makes of a document; this file is
//! what a user writes.

#![allow(unreachable_pub, reason = "generated modules are a crate's own")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod client;
mod contract;
mod operations;
mod protocol;
mod server;
mod types;

use std::sync::Mutex;

use descant_runtime as rt;

use client::Client;
use operations::*;
use rt::server::{Context, HandlerResult};
use server::Petstore;
use types::*;

/// The part of the API that this server has written; the rest is left to a fallback.
#[derive(Default)]
struct Shop {
    pets: Mutex<Vec<Pet>>,
}

/// Why the shop's own code fails.
enum ShopError {
    NoSuchPet,
    KeyOnly,
}

impl From<ShopError> for rt::server::Rejection {
    fn from(error: ShopError) -> Self {
        let (status, detail) = match error {
            ShopError::NoSuchPet => (rt::StatusCode::NOT_FOUND, "no such pet"),
            ShopError::KeyOnly => (rt::StatusCode::UNAUTHORIZED, "a key does not make pets"),
        };
        rt::problem::Problem::new(status).detail(detail).into()
    }
}

impl Petstore for Shop {
    /// Whether the caller has a token.
    type Principal = bool;

    async fn check_credentials(&self, credentials: Credentials, context: &Context) -> HandlerResult<bool> {
        let known = match context.requirement {
            ["token"] => credentials.token == Some(rt::Secret::new("t0ken")),
            _ => credentials.api_key == Some(rt::Secret::new("k")),
        };
        let status = match credentials.token == Some(rt::Secret::new("stale")) {
            true => rt::StatusCode::UNAUTHORIZED,
            false => rt::StatusCode::FORBIDDEN,
        };
        let has_token = context.requirement == ["token"];
        if known { Ok(has_token) } else { Err(rt::problem::Problem::new(status).into()) }
    }

    async fn list_pets(
        &self,
        request: ListPetsRequest,
        _: &Context<bool>,
    ) -> HandlerResult<ListPetsResponse> {
        let limit = request.limit.unwrap_or(20);
        let pets = self.pets.lock().unwrap();
        let wanted = |pet: &&Pet| request.tags.as_ref().is_none_or(|tags| tags.contains(&pet.name));
        let body: Vec<Pet> = pets.iter().filter(wanted).take(limit as usize).cloned().collect();
        Ok(ListPetsResponse::Ok {
            headers: ListPetsOkHeaders { x_total: pets.len() as i64, x_next: None },
            body,
        })
    }

    async fn create_pet(
        &self,
        request: CreatePetRequest,
        context: &Context<bool>,
    ) -> HandlerResult<CreatePetResponse> {
        if !*context.principal()? {
            return Err(ShopError::KeyOnly.into());
        }
        let mut pets = self.pets.lock().unwrap();
        let pet = Pet { id: pets.len() as i64, ..request.body };
        pets.push(pet.clone());
        Ok(CreatePetResponse::Created(pet))
    }

    async fn get_pet(&self, request: GetPetRequest, _: &Context<bool>) -> HandlerResult<GetPetResponse> {
        let pets = self.pets.lock().unwrap();
        let pet = pets.iter().find(|pet| pet.id == request.pet_id).ok_or(ShopError::NoSuchPet)?;
        Ok(GetPetResponse::Ok(pet.clone()))
    }

    async fn set_photo(
        &self,
        request: SetPhotoRequest,
        _: &Context<bool>,
    ) -> HandlerResult<SetPhotoResponse> {
        let rt::Content { media_type, body } = request.body;
        assert_eq!((request.pet_id, &*media_type), (0, "image/jpeg"));
        Ok(match body.read(9).await.unwrap().is_empty() {
            true => SetPhotoResponse::ClientError(rt::StatusCode::CONFLICT, "no photo".to_owned()),
            false => SetPhotoResponse::NoContent,
        })
    }
}

fn problem(detail: &str) -> Problem {
    Problem { detail: Some(detail.to_owned()), title: None }
}

/// Every refusal in the document's own schema.
fn described(problem: &rt::problem::Problem) -> Problem {
    self::problem(problem.message())
}

fn pet(name: &str) -> Pet {
    Pet { id: 0, name: name.to_owned(), kind: Kind::Other("cow".to_owned()), tag: None, nickname: Some(None) }
}

/// Serves a shop on a free port of the loopback interface.
async fn serve() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = server::service(Shop::default()).problems(described).into_router();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

async fn client(token: Option<&str>) -> Client {
    let credentials = Credentials { token: token.map(rt::Secret::from), api_key: None };
    Client::new(&serve().await, credentials).unwrap()
}

#[tokio::test]
async fn a_call_returns_its_success() -> Result<(), rt::client::Error> {
    let client = client(Some("t0ken")).await;
    assert_eq!(client.create_pet(&pet("Ada")).await?, pet("Ada"));
    client.create_pet(&pet("Bob")).await?;
    assert_eq!(client.list_pets().await?.len(), 2);
    assert_eq!(client.list_pets().limit(1).await?.len(), 1);
    let none: Option<i64> = None;
    let bobs = client.list_pets().limit(none).tags(vec!["Bob", "a,b&c"]).response().await?;
    assert_eq!(bobs.iter().map(|pet| pet.id).collect::<Vec<_>>(), [1]);
    assert_eq!((bobs.header("x-total"), bobs.is_documented()), (Some("2"), true));
    client.set_photo(0, "\u{1}").await?;

    let error = client.get_pet(9).await.unwrap_err();
    assert_eq!(error.to_string(), "GET /pets/{petId}: 404 Not Found: no such pet");
    assert_eq!(
        error.answer(),
        Some(GetPetResponse::Default(rt::StatusCode::NOT_FOUND, problem("no such pet")))
    );
    Ok(())
}

#[tokio::test]
async fn typed_answers() {
    let client = client(Some("t0ken")).await;
    let created = client.create_pet(&pet("Ada")).answer().await.unwrap();
    assert_eq!(created, CreatePetResponse::Created(pet("Ada")));
    let answer = client.list_pets().answer().await.unwrap();
    let ListPetsResponse::Ok { headers, .. } = answer else { panic!() };
    assert_eq!(headers, ListPetsOkHeaders { x_total: 1, x_next: None });
    let missing = client.get_pet(9).answer().await.unwrap();
    assert_eq!(missing, GetPetResponse::Default(rt::StatusCode::NOT_FOUND, problem("no such pet")));
    let refused = client.set_photo(0, "").answer().await.unwrap();
    assert_eq!(refused, SetPhotoResponse::ClientError(rt::StatusCode::CONFLICT, "no photo".to_owned()));
}

#[tokio::test]
async fn a_credential_that_is_missing_is_told_before_anything_is_sent() {
    let nowhere = Client::new("http://127.0.0.1:1", Credentials::default()).unwrap();
    let error = nowhere.create_pet(&pet("Ada")).await.unwrap_err();
    assert_eq!(error.to_string(), "`POST /pets` needs a credential: token, or apiKey");
    assert!(!format!("{:?}", client(Some("t0ken")).await).contains("t0ken"));
}

/// Sends a request past the client's own checks.
async fn refused(method: &str, uri: &str, content_type: &str, body: &str) -> (u16, Vec<String>) {
    let request = http::Request::builder().method(method).uri(uri).header("content-type", content_type);
    let request = request.header("authorization", "bearer t0ken");
    let response =
        server::service(Shop::default()).call(request.body(body.to_owned()).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let body: rt::Value = serde_json::from_slice(&response.into_body().read(10_000).await.unwrap()).unwrap();
    let errors = body["errors"].as_array().cloned().unwrap_or_default();
    (status, errors.iter().map(|one| one["detail"].as_str().unwrap().to_owned()).collect())
}

/// The status and the challenges of an answer to a body that is cut short.
async fn challenged((name, value): (&str, &str)) -> (u16, Vec<String>) {
    let request = http::Request::builder().method("POST").uri("/pets").header(name, value);
    let request = request.header("content-type", "application/json").body("{").unwrap();
    let response = server::service(Shop::default()).call(request).await.unwrap();
    let challenges = response.headers().get_all("www-authenticate").iter();
    (response.status().as_u16(), challenges.map(|value| value.to_str().unwrap().to_owned()).collect())
}

#[tokio::test]
async fn every_401_has_the_challenges_of_its_operation() {
    let (status, by_check) = challenged(("authorization", "Bearer stale")).await;
    assert_eq!((status, by_check.len()), (401, 2), "refused by the server's own check: {by_check:?}");
    // The method itself answers 401 to a key.
    let request = http::Request::builder().method("POST").uri("/pets").header("x-api-key", "k");
    let request = request.header("content-type", "application/json");
    let body = r#"{"id": 0, "full_name": "Ada", "kind": "dog"}"#;
    let response = server::service(Shop::default()).call(request.body(body).unwrap()).await.unwrap();
    assert_eq!(response.status().as_u16(), 401);
    assert_eq!(response.headers().get_all("www-authenticate").iter().count(), 2);
}

#[tokio::test]
async fn a_credential_is_asked_for_before_the_body_is_read() {
    let expected =
        (401, vec!["Bearer realm=\"Pets\"".to_owned(), "ApiKey realm=\"Pets\", in=\"header\"".to_owned()]);
    assert_eq!(challenged(("x-other", "")).await, expected);
    let wrong = client(Some("other")).await.create_pet(&pet("Ada")).await.unwrap_err();
    assert_eq!(wrong.status(), Some(rt::StatusCode::FORBIDDEN));
}

#[tokio::test]
async fn the_services_own_errors_and_refusals_are_documented_errors() {
    let client = client(Some("t0ken")).await;
    let missing = client.get_pet(9).await.unwrap_err();
    let documented = GetPetResponse::Default(rt::StatusCode::NOT_FOUND, problem("no such pet"));
    assert_eq!(missing.answer(), Some(documented));
    assert_eq!(missing.headers().unwrap()["content-type"], "application/problem+json");
    assert_eq!(missing.body().unwrap(), r#"{"detail":"no such pet"}"#);
    let refused = client.list_pets().limit(101).await.unwrap_err();
    assert_eq!(
        refused.body().unwrap(),
        r#"{"detail":"query parameter `limit`: expected at most 100, found `101`"}"#
    );
    let stale = self::client(Some("stale")).await.create_pet(&pet("Ada")).await.unwrap_err();
    assert_eq!(
        (stale.status().unwrap(), stale.headers().unwrap().get_all("www-authenticate").iter().count()),
        (rt::StatusCode::UNAUTHORIZED, 2)
    );
}

#[tokio::test]
async fn a_method_knows_who_calls() {
    let credentials = Credentials { token: None, api_key: Some("k".into()) };
    let client = Client::new(&serve().await, credentials).unwrap();
    let answer = client.create_pet(&pet("Ada")).answer().await.unwrap();
    assert_eq!(answer, CreatePetResponse::Unauthorized(problem("a key does not make pets")));
}

#[tokio::test]
async fn every_fault_of_a_request_is_told_at_once() {
    let (status, details) = refused("GET", "/pets?limit=x&tags=%FF", "", "").await;
    assert_eq!(
        details,
        ["expected an integer, found `\"x\"`", "expected percent-encoded UTF-8, found `%FF`"]
    );
    assert_eq!(status, 400);
    let (_, details) = refused("GET", "/pets?limit=101", "", "").await;
    assert_eq!(details, ["expected at most 100, found `101`"]);
    let long = format!("{{\"full_name\": \"{}\"}}", "x".repeat(41));
    let (_, details) = refused("POST", "/pets", "application/json", &long).await;
    assert_eq!(details.len(), 1);
    assert!(details[0].starts_with("expected at most 40 characters, found `\"xxx"), "{details:?}");
    let (_, details) = refused("POST", "/pets", "application/json", "{").await;
    assert_eq!(details, ["not JSON: EOF while parsing an object at line 1 column 1"]);
    assert_eq!(refused("POST", "/pets", "text/csv", "{}").await, (415, vec![]));
}

#[tokio::test]
async fn a_call_by_name_comes_back_as_its_type_holds_it() {
    use rt::contract::Input;
    use rt::param::Location;

    let client = client(Some("t0ken")).await;
    let body = serde_json::json!({"id": 0, "full_name": "Ada", "kind": "dog"});
    let input = Input { body: Some(body.clone()), ..Input::default() };
    let created = contract::call(&client, "POST /pets", &input).await.unwrap();
    assert_eq!((created.status.as_u16(), created.media_type.as_str()), (201, "application/json"));
    assert_eq!(serde_json::from_slice::<rt::Value>(&created.body).unwrap(), body);

    let input = Input::default().with(Location::Path, "petId", 0.into());
    let error = contract::call(&client, "DELETE /pets/{petId}", &input).await.unwrap_err();
    assert_eq!(error.to_string(), "DELETE /pets/{petId}: 501 Not Implemented (undocumented)");
    let error = contract::call(&client, "GET /pets/{petId}", &Input::default()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the request cannot be sent: path parameter `petId`: it is required, but missing"
    );
}

#[tokio::test]
async fn what_is_not_written_is_left_to_a_fallback() {
    let service = server::service(Shop::default());
    let call = |method: &str, path: &str| {
        let request = http::Request::builder().method(method).uri(path).header("x-api-key", "k");
        service.call(request.body(rt::Body::default()).unwrap())
    };
    assert!(call("DELETE", "/pets/1").await.is_none());
    assert!(call("GET", "/nowhere").await.is_none());
    assert_eq!(call("GET", "/pets/x").await.unwrap().status(), 400);
}
