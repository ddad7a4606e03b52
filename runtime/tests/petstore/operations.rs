//! What each operation takes and what it answers.

use descant_runtime as rt;

use rt::security::Security;

use super::types::*;

/// What may be presented. An operation sends those that it asks for, and no others.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    pub token: Option<rt::Secret>,
    pub api_key: Option<rt::Secret>,
}
rt::credentials! {
    Credentials { token = "token" Bearer, api_key = "apiKey" Header("X-API-Key") }
    challenges { "token" => "Bearer realm=\"Pets\"", "apiKey" => "ApiKey realm=\"Pets\", in=\"header\"" }
}

pub(crate) const ANYONE: Security = &[];
pub(crate) const TOKEN_OR_API_KEY: Security = &[&["token"], &["apiKey"]];

/// What `listPets` takes.
#[derive(Clone, Debug, PartialEq)]
pub struct ListPetsRequest {
    /// At most 100.
    pub limit: Option<i64>,
    /// Only pets with one of these names.
    pub tags: Option<Vec<String>>,
}
rt::request! {
    ListPetsRequest {
        limit = query("limit", FORM, integer, Minimum(1.0), Maximum(100.0)),
        tags = query("tags", FORM_JOINED, [string]),
    }
}

rt::call! { ListPetsCall -> ListPetsResponse {
    /// At most 100.
    limit: i64 = query "limit" FORM,
    /// Only pets with one of these names.
    tags: Vec<String> = query "tags" FORM_JOINED,
} }

/// What `GET /pets` answers.
#[derive(Clone, Debug, PartialEq)]
pub enum ListPetsResponse {
    /// 200: The pets.
    Ok { body: Vec<Pet>, headers: ListPetsOkHeaders },
    /// Any other status.
    Default(rt::StatusCode, Problem),
}
rt::responses! {
    ListPetsResponse -> Vec<Pet> {
        200 => Ok { json "application/json", headers } ok,
        default => Default(status, json "application/problem+json"),
    }
}

/// The headers of a 200 of `GET /pets`.
#[derive(Clone, Debug, PartialEq)]
pub struct ListPetsOkHeaders {
    /// How many pets there are.
    pub x_total: i64,
    /// Where the next page is.
    pub x_next: Option<String>,
}
rt::headers! { ListPetsOkHeaders { x_total = "x-total" SIMPLE integer, x_next = "x-next" SIMPLE string } }

/// What `createPet` takes.
#[derive(Clone, Debug, PartialEq)]
pub struct CreatePetRequest {
    pub body: Pet,
}
rt::request! { CreatePetRequest { body = body(json "application/json" as PET) } }

/// What `POST /pets` answers.
#[derive(Clone, Debug, PartialEq)]
pub enum CreatePetResponse {
    /// 201: The pet as it is kept.
    Created(Pet),
    /// 401: No or a wrong credential.
    Unauthorized(Problem),
}
rt::responses! {
    CreatePetResponse -> Pet {
        201 => Created(json "application/json") ok,
        401 => Unauthorized(json "application/problem+json"),
    }
}

/// What `getPet` takes.
#[derive(Clone, Debug, PartialEq)]
pub struct GetPetRequest {
    pub pet_id: i64,
}
rt::request! { GetPetRequest { pet_id = path("petId", SIMPLE, integer) } }

/// What `GET /pets/{petId}` answers.
#[derive(Clone, Debug, PartialEq)]
pub enum GetPetResponse {
    /// 200: The pet.
    Ok(Pet),
    /// Any other status.
    Default(rt::StatusCode, Problem),
}
rt::responses! {
    GetPetResponse -> Pet {
        200 => Ok(json "application/json") ok,
        default => Default(status, json "application/problem+json"),
    }
}

/// What `deletePet` takes.
#[derive(Clone, Debug, PartialEq)]
pub struct DeletePetRequest {
    pub pet_id: i64,
}
rt::request! { DeletePetRequest { pet_id = path("petId", SIMPLE, integer) } }

/// What `DELETE /pets/{petId}` answers.
#[derive(Clone, Debug, PartialEq)]
pub enum DeletePetResponse {
    /// 204: It is gone.
    NoContent,
}
rt::responses! { DeletePetResponse -> () { 204 => NoContent ok } }

/// What `setPhoto` takes.
#[derive(Debug)]
pub struct SetPhotoRequest {
    pub pet_id: i64,
    pub body: rt::Content,
}
rt::request! {
    SetPhotoRequest {
        pet_id = path("petId", SIMPLE, integer),
        body = body(content "image/*"),
    }
}

/// What `PUT /pets/{petId}/photo.jpg` answers.
#[derive(Clone, Debug, PartialEq)]
pub enum SetPhotoResponse {
    /// 204: The photo is kept.
    NoContent,
    /// 4XX: It is not.
    ClientError(rt::StatusCode, String),
}
rt::responses! {
    SetPhotoResponse -> () {
        204 => NoContent ok,
        4XX => ClientError(status, text "text/plain"),
    }
}
