//! The operations of Timbre that its document cannot describe, on the generated server trait.

use std::sync::{Mutex, MutexGuard, PoisonError};

use descant_mock::{Credentials, Principal};
use descant_model::api::{Credential, CredentialStatus};
use descant_runtime::problem::Problem;
use descant_runtime::server::{Context, HandlerResult, Rejection, Unimplemented};
use descant_timbre::operations::*;
use descant_timbre::server::*;
use descant_timbre::types::{
    Account, AccountEnvelope, ApiToken, ApiTokenList, CreatedApiToken, CreatedApiTokenEnvelope, FeedList,
    ListFeedsWithItems, Message, Plan, User, UserEnvelope, UserList, ValidationMessage,
};
use http::StatusCode;

use super::feeds;
use super::state::{self, Denied, State};

/// The scheme of the tokens that users create.
const TOKENS: &str = "bearerToken";
/// The scope of the account's admin; a user's key gives access to the user's own data.
const ADMIN: &str = "Admin";

/// Timbre with its sample account.
pub(crate) struct Service {
    state: Mutex<State>,
}

impl Service {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: Mutex::new(State::new(seed)) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Timbre for Service {
    type Principal = ();

    /// The mock has verified the credentials.
    async fn check_credentials(
        &self,
        _: descant_timbre::security::Credentials,
        _: &Context,
    ) -> HandlerResult<()> {
        Ok(())
    }

    async fn list_feeds(
        &self,
        request: ListFeedsRequest,
        context: &Context,
    ) -> HandlerResult<ListFeedsResponse> {
        let state = self.state();
        if !state.entitles(&user(context)?) {
            let message = Message { message: "This action is unauthorized.".to_owned() };
            return Ok(ListFeedsResponse::Forbidden(MessageBody::Json(message)));
        }
        let with_items = request.with_items == Some(ListFeedsWithItems::Value1);
        match feeds::find(&state.feeds, request.filters.as_deref(), with_items) {
            Ok(found) => {
                let data = serde_json::from_value(found.into()).map_err(|_| Unimplemented)?;
                Ok(ListFeedsResponse::Ok(FeedList { data }))
            }
            Err(error) => {
                let errors = [("filters".to_owned(), vec![error.0])].into_iter().collect();
                let message = ValidationMessage { message: "The given data was invalid.".to_owned(), errors };
                Ok(ListFeedsResponse::UnprocessableEntity(ValidationMessageBody::Json(message)))
            }
        }
    }

    async fn get_account(&self, _: GetAccountRequest, _: &Context) -> HandlerResult<GetAccountResponse> {
        Ok(GetAccountResponse::Ok(account(&self.state())))
    }

    async fn set_plan(&self, request: SetPlanRequest, _: &Context) -> HandlerResult<SetPlanResponse> {
        let mut state = self.state();
        state.account.plan = request.body.plan.as_str().to_owned();
        Ok(SetPlanResponse::Ok(account(&state)))
    }

    async fn list_users(&self, _: ListUsersRequest, _: &Context) -> HandlerResult<ListUsersResponse> {
        let data = self.state().users.iter().map(shown).collect();
        Ok(ListUsersResponse::Ok(UserList { data }))
    }

    async fn set_api_access(
        &self,
        request: SetApiAccessRequest,
        context: &Context,
    ) -> HandlerResult<SetApiAccessResponse> {
        let mut state = self.state();
        let user = state.user(&request.user_id).ok_or_else(|| missing("user"))?;
        user.api_access = request.body.api_access;
        let data = shown(user);
        restate(context, &request.user_id);
        Ok(SetApiAccessResponse::Ok(UserEnvelope { data }))
    }

    async fn list_tokens(
        &self,
        request: ListTokensRequest,
        context: &Context,
    ) -> HandlerResult<ListTokensResponse> {
        own(context, &request.user_id)?;
        let mut state = self.state();
        state.user(&request.user_id).ok_or_else(|| missing("user"))?;
        let known = |token: &state::Token| ApiToken {
            id: token.id,
            name: token.name.clone(),
            created_at: token.created_at.clone(),
        };
        let data = state.tokens(&request.user_id).map(known).collect();
        Ok(ListTokensResponse::Ok(ApiTokenList { data }))
    }

    async fn create_token(
        &self,
        request: CreateTokenRequest,
        context: &Context,
    ) -> HandlerResult<CreateTokenResponse> {
        own(context, &request.user_id)?;
        let (token, secret) =
            self.state().create(&request.user_id, request.body.name).map_err(|denied| match denied {
                Denied::NoSuchUser => missing("user"),
                Denied::NotEntitled => {
                    forbidden("The user lacks API Access, or the account the Enterprise plan.")
                }
                Denied::TooMany => forbidden("The user has as many tokens as there can be."),
            })?;
        let credential =
            Credential { value: Some(secret.clone()), user: Some(token.user), ..Credential::default() };
        context.parts.extensions.get::<Credentials>().ok_or(Unimplemented)?.issue(TOKENS, credential);
        let state::Token { id, name, created_at, .. } = token;
        Ok(CreateTokenResponse::Created(CreatedApiTokenEnvelope {
            data: CreatedApiToken { id, name, created_at, token: secret },
        }))
    }

    async fn revoke_token(
        &self,
        request: RevokeTokenRequest,
        context: &Context,
    ) -> HandlerResult<RevokeTokenResponse> {
        own(context, &request.user_id)?;
        let revoked =
            self.state().revoke(&request.user_id, request.token_id).ok_or_else(|| missing("token"))?;
        let credentials = context.parts.extensions.get::<Credentials>().ok_or(Unimplemented)?;
        credentials
            .retain(TOKENS, |credential| credential.value.as_deref().map(state::hash) != Some(revoked));
        Ok(RevokeTokenResponse::NoContent)
    }
}

/// Returns the caller.
fn user(context: &Context) -> Result<String, Rejection> {
    let principal = context.parts.extensions.get::<Principal>();
    Ok(principal.and_then(Principal::user).ok_or(Unimplemented)?.to_owned())
}

/// Refuses access to another user's data, except for the admin.
fn own(context: &Context, user_id: &str) -> Result<(), Rejection> {
    let principal = context.parts.extensions.get::<Principal>().ok_or(Unimplemented)?;
    let is_admin = principal
        .grants
        .iter()
        .any(|grant| grant.scopes.as_ref().is_none_or(|scopes| scopes.iter().any(|scope| scope == ADMIN)));
    match is_admin || principal.user() == Some(user_id) {
        true => Ok(()),
        false => Err(forbidden("The account key is another user's.")),
    }
}

/// The document marks the users of some credentials as without access; the permission overrides this.
fn restate(context: &Context, user: &str) {
    if let Some(credentials) = context.parts.extensions.get::<Credentials>() {
        credentials.update(TOKENS, |credential| {
            if credential.user.as_deref() == Some(user) && credential.status == CredentialStatus::Forbidden {
                credential.status = CredentialStatus::Active;
            }
        });
    }
}

fn account(state: &State) -> AccountEnvelope {
    let plan = Plan::from(state.account.plan.as_str());
    AccountEnvelope { data: Account { name: state.account.name.clone(), plan } }
}

fn shown(user: &state::User) -> User {
    User { id: user.id.as_str().into(), api_access: user.api_access }
}

fn missing(what: &str) -> Rejection {
    Problem::new(StatusCode::NOT_FOUND).detail(format!("There is no such {what}.")).into()
}

fn forbidden(detail: &str) -> Rejection {
    Problem::new(StatusCode::FORBIDDEN).detail(detail).into()
}
