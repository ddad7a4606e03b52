//! The client: a method an operation.

use descant_runtime as rt;
use rt::client::{Call, Config, Core, Error};

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
    pub fn list_pets(&self) -> ListPetsCall {
        self.core.request("GET /pets", ANYONE).send()
    }

    /// Adds a pet.
    ///
    /// `POST /pets`
    pub fn create_pet(&self, body: &Pet) -> Call<CreatePetResponse> {
        self.core.request("POST /pets", TOKEN_OR_API_KEY).json("application/json", body).send()
    }

    /// Finds a pet.
    ///
    /// `GET /pets/{petId}`
    pub fn get_pet(&self, pet_id: i64) -> Call<GetPetResponse> {
        self.core.request("GET /pets/{petId}", ANYONE).path("petId", rt::param::SIMPLE, &pet_id).send()
    }

    /// Removes a pet.
    ///
    /// `DELETE /pets/{petId}`
    pub fn delete_pet(&self, pet_id: i64) -> Call<DeletePetResponse> {
        self.core
            .request("DELETE /pets/{petId}", TOKEN_OR_API_KEY)
            .path("petId", rt::param::SIMPLE, &pet_id)
            .send()
    }

    /// Keeps a photo.
    ///
    /// `PUT /pets/{petId}/photo.jpg`
    pub fn set_photo(&self, pet_id: i64, body: impl Into<rt::Body>) -> Call<SetPhotoResponse> {
        self.core
            .request("PUT /pets/{petId}/photo.jpg", ANYONE)
            .path("petId", rt::param::SIMPLE, &pet_id)
            .body("image/jpeg", body)
            .send()
    }
}
