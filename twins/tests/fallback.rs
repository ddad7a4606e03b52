//! A server that has written one operation, and leaves the others to the mock of its document.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;

use descant_mock::{Limits, Mock, Settings, start_with};
use descant_runtime::server::{Context, HandlerResult};
use descant_timbre::client::Client;
use descant_timbre::operations::GetAccountResponse;
use descant_timbre::security::Credentials;
use descant_timbre::server::{self, GetAccountRequest, Timbre};
use descant_timbre::types::{Account, AccountEnvelope, Plan};

struct Begun;

impl Timbre for Begun {
    type Principal = ();

    /// The mock has judged them before.
    async fn check_credentials(&self, _: Credentials, _: &Context) -> HandlerResult<()> {
        Ok(())
    }

    async fn get_account(&self, _: GetAccountRequest, _: &Context) -> HandlerResult<GetAccountResponse> {
        let data = Account { name: "Begun".to_owned(), plan: Plan::Enterprise };
        Ok(GetAccountResponse::Ok(AccountEnvelope { data }))
    }
}

#[tokio::test]
async fn what_is_not_written_the_mock_answers() {
    let twin = descant_twins::registry().into_iter().find(|twin| twin.name == "timbre").unwrap();
    let mock = Mock::new(Arc::new(twin.load().api.unwrap()), Settings::default());
    let running = start_with(mock, Some(Arc::new(server::service(Begun))), Limits::default()).unwrap();

    let admin =
        Credentials { account_key: Some("mock-account-key-of-admin".into()), ..Credentials::default() };
    let client = Client::new(&running.url(), &admin).unwrap();
    let account = client.get_account().await.unwrap();
    assert_eq!(account.data.name, "Begun");
    // Nobody has written it: the document's sample data answers.
    let users = client.list_users().await.unwrap();
    assert!(!users.data.is_empty());
    // What the mock refuses does not reach what is written.
    let stranger = Client::new(
        &running.url(),
        &Credentials { account_key: Some("wrong".into()), ..Credentials::default() },
    );
    assert!(matches!(
        stranger.unwrap().get_account().answer().await.unwrap(),
        GetAccountResponse::Unauthorized { .. }
    ));
}
