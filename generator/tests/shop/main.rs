//! A client's and a server's program as a team writes them (`caller.rs`, `service.rs`), the examples of `docs/client.md`
//! and `docs/server.md`, run against each other.
//!
//! `cargo xtask gen` keeps `api` up to date.

#![allow(unreachable_pub, dead_code, reason = "the module is whole, the test is not")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

#[rustfmt::skip]
mod api;
mod caller;
mod service;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use descant_runtime as rt;
use futures_util::TryStreamExt;

use api::client::{Client, Credentials};
use api::operations::{GetPetResponse, PetBody};
use api::types::{Error, Left, LeftWhat, LeftWhatAction, Mood, Pet, Visit, VisitEvent, VisitUrgency};

/// Serves the shop on a free port.
async fn shop() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = service::app(service::MyShop::default());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    url
}

fn client(url: &str, token: &str) -> Client {
    Client::new(url, &Credentials { token: Some(token.into()) }).unwrap()
}

#[tokio::test]
async fn the_callers_program_does_its_work() {
    let url = shop().await;
    // The first token is stale: the service refuses it, and the client fetches another.
    let fetched = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&fetched);
    let client = caller::connect(&url, move || {
        let stale = count.fetch_add(1, Ordering::Relaxed) == 0;
        async move { Ok(if stale { "stale".to_owned() } else { "token of root".to_owned() }) }
    })
    .unwrap();
    for name in ["Ada", "Bob", "Cid"] {
        caller::create(&client, name).await.unwrap();
    }
    assert_eq!(fetched.load(Ordering::Relaxed), 2);
    let all: Vec<Pet> = caller::pets(&client, 2).try_collect().await.unwrap();
    assert_eq!(all.iter().map(|pet| pet.name.as_str()).collect::<Vec<_>>(), ["Ada", "Bob", "Cid"]);
    assert!(caller::delete(&client, 3).await.unwrap());
    assert!(!caller::delete(&client, 3).await.unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ada.png");
    assert_eq!(caller::photo(&client, 1, &path).await.unwrap(), 12);
    assert_eq!(caller::papers(&client, 1, &path).await.unwrap(), 12);
}

#[tokio::test]
async fn the_page_on_the_client_says_what_is() -> Result<(), rt::client::Error> {
    let url = shop().await;
    let client = client(&url, "token of ann");
    // One type in two representations: the value itself, a reference, or one of the representations.
    let ada = client.create_pet(Pet::new("Ada")).await?;
    client.create_pet(&ada).await?;
    client.create_pet(PetBody::Xml(Pet::new("Xerxes"))).await?;
    let some: Option<i64> = Some(1);
    assert_eq!(client.list_pets().limit(some).tags(["dog", "cat"]).await?.len(), 1);

    let error = client.get_pet(9).await.unwrap_err();
    assert_eq!(error.to_string(), "GET /pets/{petId}: 404 Not Found: there is no pet 9");
    let Some(GetPetResponse::NotFound(body)) = error.answer() else { panic!("{error:?}") };
    assert_eq!(body, Error { code: 404, message: "there is no pet 9".to_owned() });
    match client.get_pet(9).answer().await? {
        GetPetResponse::NotFound(_) => {}
        other => panic!("{other:?}"),
    }
    let response = client.list_pets().response().await?;
    assert_eq!((response.status().as_u16(), response.header("x-total")), (200, Some("3")));
    let names: Vec<rt::Value> = client.list_pets().json().await?;
    assert_eq!(names[0]["name"], "Ada");
    assert_eq!(client.get_pet(9).raw().await?.status(), 404);
    Ok(())
}

#[tokio::test]
async fn the_page_on_the_server_says_what_is() {
    let url = shop().await;
    let forbidden = client(&url, "token of ann").delete_pet(1).await.unwrap_err();
    assert_eq!(forbidden.to_string(), "DELETE /pets/{petId}: 403 Forbidden: ann is no admin");
    let unknown = client(&url, "forged").delete_pet(1).await.unwrap_err();
    assert_eq!(unknown.status().unwrap(), 401);
    // What the service itself refuses is in the document's schema as well.
    let invalid = client(&url, "").list_pets().limit(101).await.unwrap_err();
    let Some(api::operations::ListPetsResponse::Default(status, Error { message, .. })) = invalid.answer()
    else {
        panic!("{invalid:?}")
    };
    assert_eq!(status, 400);
    assert_eq!(message, "query parameter `limit`: expected at most 100, found `101`");
    assert_eq!(invalid.headers().unwrap()["content-type"], "application/json");
}

#[test]
fn a_value_is_of_the_component_and_the_variant_that_name_it() {
    let json = r#"{"mood": "calm", "before": "wild", "urgency": 2, "event": {"what": {"action": "left"}}}"#;
    let visit: Visit = serde_json::from_str(json).unwrap();
    // A component that may be null, or whose type is said twice, is still the component.
    assert_eq!((visit.mood, visit.before), (Some(Some(Mood::Calm)), Some(Mood::Wild)));
    // Integer constants are one enum, with the names of their titles.
    assert_eq!(visit.urgency, Some(VisitUrgency::High));
    // An enum's value that no branch names is not as near as one that a branch names, however deep it is.
    assert!(matches!(visit.event, Some(VisitEvent::Left(_))), "{:?}", visit.event);
    // A union is made from any of its branches.
    let what = LeftWhat { action: LeftWhatAction::Left };
    assert_eq!(visit.event, Some(Left { what }.into()));
    // A file that may be null is a file.
    let form = api::operations::AddPapersBody::new(rt::File::new("x"));
    let _: Option<rt::File> = form.scan;
}
