//! From a user's name and password to a nested query, with the generated client:
//! `cargo run -p descant-twins --example timbr [URL]`. Without a URL, a mock is started.

use std::error::Error;

use descant_timbr::client::{Client, Credentials};
use descant_timbr::operations::{GetTokenResponse, QueryOptions, QueryResponse};
use descant_timbr::types::QueryRequest;

/// The customers with their orders.
const SQL: &str = "SELECT entity_id, Customer_Name, is_vip, made_order[order].entity_id, \
                   made_order[order].ordered_on FROM dtimbr.customer WHERE entity_id IN ('c:1', 'c:3')";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let twin = descant_twins::registry().into_iter().find(|twin| twin.name == "timbr").ok_or("no twin")?;
    let mock = twin.start()?;
    let url = std::env::args().nth(1).unwrap_or_else(|| mock.url());

    // The bearer is made by the caller. The key is the service's `API_AUTH_SALT`.
    let bearer = descant_twins::token::timbr("analyst", "espresso", None)?;
    let stranger =
        Client::new(&url, &Credentials { bearer_fernet: Some(bearer.into()), ..Default::default() })?;
    let GetTokenResponse::Ok(answer) = stranger.get_token().await? else { return Err("no token".into()) };
    let token = answer.data.into_iter().next().ok_or("an empty answer")?;

    let analyst =
        Client::new(&url, &Credentials { x_api_key: Some(token.to_string().into()), ..Default::default() })?;
    let options = QueryOptions {
        nested: Some(true),
        api_nested_format_properties: Some(true),
        api_nested_case_sensitivity: Some(true),
        api_nested_format_booleans: Some(true),
        api_nested_ignore_entity_id: Some(true),
        api_nested_minimize_relationships: Some(true),
        ..QueryOptions::default()
    };
    let request = QueryRequest { ontology_name: "coffee_trade".to_owned(), query: SQL.into() };
    match analyst.query(&request, &options).await? {
        QueryResponse::Ok(answer) => println!("{}", serde_json::to_string_pretty(&answer.data)?),
        refused => return Err(format!("{refused:?}").into()),
    }
    Ok(())
}
