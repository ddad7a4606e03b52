//! What a team writes on the generated client: pages, creation, typed errors, a download, an upload, retries and a
//! token that is fetched again.

use std::path::Path;
use std::time::Duration;

use descant_runtime as rt;
use futures_util::Stream;
use rt::client::{CallError, Config, CredentialSource, Error, Retry};

use crate::api::client::{Client, Credentials};
use crate::api::operations::{AddPapersBody, DeletePetResponse, ListPetsResponse};
use crate::api::types::Pet;

/// Returns a client with retries and a token that is fetched again when it is refused.
pub fn connect<F>(url: &str, fetch: impl Fn() -> F + Send + Sync + 'static) -> Result<Client, Error>
where
    F: Future<Output = Result<String, std::io::Error>> + Send + 'static,
{
    let config = Config::new(url).timeout(Some(Duration::from_secs(5))).middleware(Retry::default());
    let credentials = CredentialSource::refreshing(move || {
        let token = fetch();
        async move { Ok::<_, std::io::Error>(Credentials { token: Some(token.await?.into()) }) }
    });
    Client::with(config, credentials)
}

/// Returns all pets, of which a page has so many.
pub fn pets(client: &Client, limit: i64) -> impl Stream<Item = Result<Pet, CallError<ListPetsResponse>>> {
    client.list_pets().limit(limit).items()
}

pub async fn create(client: &Client, name: &str) -> Result<Pet, Error> {
    Ok(client.create_pet(Pet::new(name)).await?)
}

/// Returns whether there was such a pet.
pub async fn delete(client: &Client, id: i64) -> Result<bool, Error> {
    match client.delete_pet(id).await {
        Ok(()) => Ok(true),
        Err(error) => match error.answer() {
            Some(DeletePetResponse::NotFound(_)) => Ok(false),
            _ => Err(error.into()),
        },
    }
}

pub async fn photo(client: &Client, id: i64, to: &Path) -> Result<u64, Box<dyn std::error::Error>> {
    Ok(client.get_photo(id).timeout(None).await?.save(to).await?)
}

pub async fn papers(client: &Client, id: i64, path: &Path) -> Result<i64, Box<dyn std::error::Error>> {
    Ok(client.add_papers(id, AddPapersBody::new(rt::File::open(path).await?)).await?.size)
}
