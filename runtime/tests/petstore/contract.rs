//! Calls an operation by its name, with values in place of typed arguments.

use descant_runtime as rt;
use rt::client::Error;
use rt::contract::{Input, Outcome};

use super::client::Client;

/// Calls `GET /pets` and the like.
///
/// # Errors
/// Where the call fails, or the client has no such operation.
pub async fn call(client: &Client, operation: &str, input: &Input) -> Result<Outcome, Error> {
    match operation {
        "GET /pets" => list_pets(client, input).await,
        "POST /pets" => create_pet(client, input).await,
        "GET /pets/{petId}" => get_pet(client, input).await,
        "DELETE /pets/{petId}" => delete_pet(client, input).await,
        "PUT /pets/{petId}/photo.jpg" => set_photo(client, input).await,
        _ => Outcome::unknown(operation),
    }
}

async fn list_pets(client: &Client, input: &Input) -> Result<Outcome, Error> {
    let call = client.list_pets().limit(input.query::<Option<i64>>("limit")?);
    Outcome::of(call.tags(input.query::<Option<Vec<String>>>("tags")?).answer().await?).await
}

async fn create_pet(client: &Client, input: &Input) -> Result<Outcome, Error> {
    Outcome::of(client.create_pet(&input.body()?).answer().await?).await
}

async fn get_pet(client: &Client, input: &Input) -> Result<Outcome, Error> {
    Outcome::of(client.get_pet(input.path("petId")?).answer().await?).await
}

async fn delete_pet(client: &Client, input: &Input) -> Result<Outcome, Error> {
    Outcome::of(client.delete_pet(input.path("petId")?).answer().await?).await
}

async fn set_photo(client: &Client, input: &Input) -> Result<Outcome, Error> {
    Outcome::of(client.set_photo(input.path("petId")?, input.stream()?).answer().await?).await
}
