//! The client: a method an operation.

use descant_runtime as rt;
use rt::client::{Config, Core, Error};

use super::operations::*;
use super::types::*;

/// Calls the pet shop.
#[derive(Clone, Debug)]
pub struct Client {
    core: Core,
}

impl Client {
    /// A client of the server at this URL.
    ///
    /// # Errors
    /// Where it is no `http` or `https` URL.
    pub fn new(base_url: &str, credentials: Credentials) -> Result<Self, Error> {
        Self::with(Config::new(base_url), &credentials)
    }

    /// A client with timeouts, headers and middleware of your own.
    ///
    /// # Errors
    /// Where the configuration is no good.
    pub fn with(config: Config, credentials: &Credentials) -> Result<Self, Error> {
        Ok(Self { core: Core::new(config, credentials)? })
    }

    /// Lists pets.
    ///
    /// `GET /pets`
    pub async fn list_pets(&self, options: &ListPetsOptions) -> Result<ListPetsResponse, Error> {
        self.core
            .request("GET /pets", ANYONE)
            .query("limit", rt::param::FORM, &options.limit)
            .query("tags", rt::param::FORM_JOINED, &options.tags)
            .send()
            .await
    }

    /// Adds a pet.
    ///
    /// `POST /pets`
    pub async fn create_pet(&self, body: &Pet) -> Result<CreatePetResponse, Error> {
        self.core.request("POST /pets", TOKEN_OR_API_KEY).json("application/json", body).send().await
    }

    /// Finds a pet.
    ///
    /// `GET /pets/{petId}`
    pub async fn get_pet(&self, pet_id: i64) -> Result<GetPetResponse, Error> {
        self.core.request("GET /pets/{petId}", ANYONE).path("petId", rt::param::SIMPLE, &pet_id).send().await
    }

    /// Removes a pet.
    ///
    /// `DELETE /pets/{petId}`
    pub async fn delete_pet(&self, pet_id: i64) -> Result<DeletePetResponse, Error> {
        self.core
            .request("DELETE /pets/{petId}", TOKEN_OR_API_KEY)
            .path("petId", rt::param::SIMPLE, &pet_id)
            .send()
            .await
    }

    /// Keeps a photo.
    ///
    /// `PUT /pets/{petId}/photo.jpg`
    pub async fn set_photo(&self, pet_id: i64, body: impl Into<rt::Body>) -> Result<SetPhotoResponse, Error> {
        self.core
            .request("PUT /pets/{petId}/photo.jpg", ANYONE)
            .path("petId", rt::param::SIMPLE, &pet_id)
            .body("image/jpeg", body)
            .send()
            .await
    }
}
