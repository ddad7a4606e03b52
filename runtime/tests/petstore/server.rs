//! The server: a trait with a method an operation.

use descant_runtime as rt;
use rt::server::{Context, HandlerResult, Service, Unimplemented};

use super::operations::*;

/// The pet shop. Write the operations that matter; the others answer 501, or are left to a fallback.
pub trait Petstore: Send + Sync + 'static {
    /// Who calls.
    type Principal: Send + Sync + 'static;

    /// Says whether what a request presents is good, before an operation that asks for it sees the request.
    /// `context` names the operation, and the requirement that is met.
    fn check_credentials(
        &self,
        credentials: Credentials,
        context: &Context,
    ) -> impl Future<Output = HandlerResult<Self::Principal>> + Send;

    /// Lists pets: `GET /pets`.
    fn list_pets(
        &self,
        request: ListPetsRequest,
        context: &Context<Self::Principal>,
    ) -> impl Future<Output = HandlerResult<ListPetsResponse>> + Send {
        let _ = (request, context);
        async { Err(Unimplemented.into()) }
    }

    /// Adds a pet: `POST /pets`.
    fn create_pet(
        &self,
        request: CreatePetRequest,
        context: &Context<Self::Principal>,
    ) -> impl Future<Output = HandlerResult<CreatePetResponse>> + Send {
        let _ = (request, context);
        async { Err(Unimplemented.into()) }
    }

    /// Finds a pet: `GET /pets/{petId}`.
    fn get_pet(
        &self,
        request: GetPetRequest,
        context: &Context<Self::Principal>,
    ) -> impl Future<Output = HandlerResult<GetPetResponse>> + Send {
        let _ = (request, context);
        async { Err(Unimplemented.into()) }
    }

    /// Removes a pet: `DELETE /pets/{petId}`.
    fn delete_pet(
        &self,
        request: DeletePetRequest,
        context: &Context<Self::Principal>,
    ) -> impl Future<Output = HandlerResult<DeletePetResponse>> + Send {
        let _ = (request, context);
        async { Err(Unimplemented.into()) }
    }

    /// Keeps a photo: `PUT /pets/{petId}/photo.jpg`.
    fn set_photo(
        &self,
        request: SetPhotoRequest,
        context: &Context<Self::Principal>,
    ) -> impl Future<Output = HandlerResult<SetPhotoResponse>> + Send {
        let _ = (request, context);
        async { Err(Unimplemented.into()) }
    }
}

/// The routes of the API. A request that it answers with `None` is not routed, or not written yet.
pub fn service<A: Petstore>(api: A) -> Service {
    Service::builder(api)
        .guarded_by(A::check_credentials)
        .route("GET /pets", A::list_pets)
        .route("POST /pets", A::create_pet)
        .requires(TOKEN_OR_API_KEY)
        .route("GET /pets/{petId}", A::get_pet)
        .route("DELETE /pets/{petId}", A::delete_pet)
        .requires(TOKEN_OR_API_KEY)
        .route("PUT /pets/{petId}/photo.jpg", A::set_photo)
        .build()
}
