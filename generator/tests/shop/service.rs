//! What a team writes on the generated server: a principal, its own errors, state, a stream, a form with a file.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use descant_runtime as rt;
use futures_util::stream;
use rt::StatusCode;
use rt::problem::Problem;
use rt::server::{Context, HandlerResult, Rejection};

use crate::api::operations::*;
use crate::api::security::Credentials;
use crate::api::server::*;
use crate::api::types::{self, Pet};

#[derive(Clone, Default)]
pub struct MyShop {
    pub pets: Arc<Mutex<BTreeMap<i64, Pet>>>,
}

/// Who calls.
pub struct User {
    pub name: String,
    pub admin: bool,
}

/// Why the shop's own code fails.
pub enum ShopError {
    NoSuchPet(i64),
    Forbidden(String),
}

impl From<ShopError> for Rejection {
    fn from(error: ShopError) -> Self {
        let (status, detail) = match error {
            ShopError::NoSuchPet(id) => (StatusCode::NOT_FOUND, format!("there is no pet {id}")),
            ShopError::Forbidden(name) => (StatusCode::FORBIDDEN, format!("{name} is no admin")),
        };
        Problem::new(status).detail(detail).into()
    }
}

impl MyShop {
    fn change<T>(&self, change: impl FnOnce(&mut BTreeMap<i64, Pet>) -> T) -> T {
        change(&mut self.pets.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Shop for MyShop {
    type Principal = User;

    async fn check_credentials(&self, credentials: Credentials, _: &Context) -> HandlerResult<User> {
        let token = credentials.token.unwrap_or_else(|| "".into());
        match ["ann", "root"].into_iter().find(|name| token == format!("token of {name}").into()) {
            Some(name) => Ok(User { name: name.to_owned(), admin: name == "root" }),
            None => Err(Problem::new(StatusCode::UNAUTHORIZED).into()),
        }
    }

    async fn list_pets(
        &self,
        request: ListPetsRequest,
        _: &Context<User>,
    ) -> HandlerResult<ListPetsResponse> {
        let (page, limit) = (request.page.unwrap_or(1) as usize, request.limit.unwrap_or(10) as usize);
        let body: Vec<Pet> =
            self.change(|pets| pets.values().skip((page - 1) * limit).take(limit).cloned().collect());
        let headers = ListPetsOkHeaders { x_total: self.change(|pets| pets.len() as i64) };
        Ok(ListPetsResponse::Ok { body, headers })
    }

    async fn create_pet(
        &self,
        request: CreatePetRequest,
        _: &Context<User>,
    ) -> HandlerResult<CreatePetResponse> {
        let pet: Pet = request.body.into();
        Ok(CreatePetResponse::Created(self.change(|pets| {
            let id = pets.len() as i64 + 1;
            pets.entry(id).or_insert(Pet { id: Some(id), ..pet }).clone()
        })))
    }

    async fn get_pet(&self, request: GetPetRequest, _: &Context<User>) -> HandlerResult<GetPetResponse> {
        let found = self.change(|pets| pets.get(&request.pet_id).cloned());
        Ok(GetPetResponse::Ok(found.ok_or(ShopError::NoSuchPet(request.pet_id))?))
    }

    async fn delete_pet(
        &self,
        request: DeletePetRequest,
        context: &Context<User>,
    ) -> HandlerResult<DeletePetResponse> {
        let User { name, admin } = context.principal()?;
        if !admin {
            return Err(ShopError::Forbidden(name.clone()).into());
        }
        self.change(|pets| pets.remove(&request.pet_id)).ok_or(ShopError::NoSuchPet(request.pet_id))?;
        Ok(DeletePetResponse::NoContent)
    }

    async fn get_photo(
        &self,
        request: GetPhotoRequest,
        _: &Context<User>,
    ) -> HandlerResult<GetPhotoResponse> {
        let piece = move |n| Ok::<_, std::io::Error>(rt::Bytes::from(format!("{}-{n};", request.pet_id)));
        Ok(GetPhotoResponse::Ok(rt::Body::stream(stream::iter((0..3).map(piece)))))
    }

    async fn add_papers(
        &self,
        request: AddPapersRequest,
        _: &Context<User>,
    ) -> HandlerResult<AddPapersResponse> {
        let name = request.body.file.name.unwrap_or_default();
        let size = request.body.file.body.read(1 << 20).await.map_or(0, |bytes| bytes.len() as i64);
        Ok(AddPapersResponse::Ok(types::AddPapersOkBody { name, size }))
    }
}

/// The API beside a route of one's own; every refusal is in the document's schema of errors.
pub fn app(shop: MyShop) -> axum::Router {
    let api = service(shop).body_limit(1 << 20).problems(|problem| types::Error {
        code: problem.status().as_u16().into(),
        message: problem.message().to_owned(),
    });
    let own = axum::Router::new().route("/healthz", axum::routing::get(|| async { "ok" }));
    own.merge(api.into_router())
}
