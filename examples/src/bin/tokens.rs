//! A service that keeps API tokens in memory, on the generated server of Timbre: three operations are written, all others
//! answer 501.
//!
//! ```sh
//! ACCOUNT_KEY=… tokens 127.0.0.1:8080
//! ```

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use descant_runtime::problem::Problem;
use descant_runtime::server::{Context, HandlerResult, Rejection};
use descant_runtime::{Secret, StatusCode};
use descant_timbre::operations::*;
use descant_timbre::security::Credentials;
use descant_timbre::server::{CreateTokenRequest, ListTokensRequest, RevokeTokenRequest, Timbre, router};
use descant_timbre::types::{ApiToken, ApiTokenList, CreatedApiToken, CreatedApiTokenEnvelope, UserId};

/// The tokens of all users, and the key of the account that manages them.
struct Tokens {
    key: Secret,
    kept: Mutex<BTreeMap<(UserId, i64), ApiToken>>,
}

/// Whoever has the key.
struct Admin;

/// The reason why a request fails.
enum Failure {
    WrongKey,
    NoSuchToken(i64),
}

/// Each failure is a documented response of the operation.
impl From<Failure> for Rejection {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::WrongKey => Problem::new(StatusCode::UNAUTHORIZED).detail("the key is not known"),
            Failure::NoSuchToken(id) => {
                Problem::new(StatusCode::NOT_FOUND).detail(format!("there is no token {id}"))
            }
        }
        .into()
    }
}

impl Tokens {
    fn change<T>(&self, change: impl FnOnce(&mut BTreeMap<(UserId, i64), ApiToken>) -> T) -> T {
        change(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Timbre for Tokens {
    type Principal = Admin;

    async fn check_credentials(&self, credentials: Credentials, _: &Context) -> HandlerResult<Admin> {
        if credentials.account_key.as_ref() == Some(&self.key) {
            Ok(Admin)
        } else {
            Err(Failure::WrongKey.into())
        }
    }

    async fn list_tokens(
        &self,
        request: ListTokensRequest,
        _: &Context<Admin>,
    ) -> HandlerResult<ListTokensResponse> {
        let own = |((user, _), token): (&(UserId, i64), &ApiToken)| {
            (*user == request.user_id).then(|| token.clone())
        };
        let data = self.change(|kept| kept.iter().filter_map(own).collect());
        Ok(ListTokensResponse::Ok(ApiTokenList { data }))
    }

    async fn create_token(
        &self,
        CreateTokenRequest { user_id, body }: CreateTokenRequest,
        _: &Context<Admin>,
    ) -> HandlerResult<CreateTokenResponse> {
        let created_at = jiff::Timestamp::now().to_string();
        let token = self.change(|kept| {
            let id = kept.keys().map(|(_, id)| *id).max().unwrap_or(0) + 1;
            let token = ApiToken { id, name: body.name, created_at };
            kept.insert((user_id, id), token.clone());
            token
        });
        let ApiToken { id, name, created_at } = token;
        // A real service keeps a hash of it.
        let token = uuid::Uuid::new_v4().to_string();
        let data = CreatedApiToken { id, name, created_at, token };
        Ok(CreateTokenResponse::Created(CreatedApiTokenEnvelope { data }))
    }

    async fn revoke_token(
        &self,
        RevokeTokenRequest { user_id, token_id }: RevokeTokenRequest,
        _: &Context<Admin>,
    ) -> HandlerResult<RevokeTokenResponse> {
        let removed = self.change(|kept| kept.remove(&(user_id, token_id)));
        removed.map(|_| RevokeTokenResponse::NoContent).ok_or_else(|| Failure::NoSuchToken(token_id).into())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let key = std::env::var("ACCOUNT_KEY").map_err(|_| "ACCOUNT_KEY is not set")?.into();
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    let app = router(Tokens { key, kept: Mutex::default() });
    let stopped = async { _ = tokio::signal::ctrl_c().await };
    Ok(axum::serve(listener, app).with_graceful_shutdown(stopped).await?)
}
