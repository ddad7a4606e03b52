//! All combinations of Timbr's six headers, at every endpoint that takes them, over a socket. Each answer is judged by
//! the sentences of the vendor's requirements.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

const TOKEN: &str = "tk_0a1b2c3d4e5f60718293a4b5c6d7e8f901234567";
const SQL: &str = "SELECT entity_id, Customer_Name, is_vip, `made_order[order].entity_id`, \
                   `made_order[order].ordered_on` FROM dtimbr.customer WHERE entity_id = 'c:3'";
const HEADERS: [&str; 6] = [
    "nested",
    "api-nested-format-properties",
    "api-nested-case-sensitivity",
    "api-nested-format-booleans",
    "api-nested-ignore-entity-id",
    "api-nested-minimize-relationships",
];

/// Sends a request with each combination of the headers, and judges the rows of its answer.
///
/// `column` is a column as the query or view writes it; `is_flat` says whether rows show relationships without `nested`.
async fn check(name: &str, request: impl Fn(&Client) -> RequestBuilder, column: &str, is_flat: bool) {
    let client = Client::new();
    for bits in 0..64_u8 {
        let on = |place: usize| bits >> place & 1 == 1;
        let mut request = request(&client).header("x-api-key", TOKEN);
        for (place, header) in HEADERS.into_iter().enumerate() {
            // `false` and an absent header mean the same.
            if on(place) || bits % 3 == 0 {
                request = request.header(header, on(place).to_string());
            }
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        let answer: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
        let rows = if answer.is_array() { &answer } else { &answer["data"] };
        let judge =
            |holds: bool, what: &str| assert!(holds, "{name}, {bits:06b}: {what} in {status} {answer}");
        judge(status == 200, "the status");
        let (nested, both) = (on(0), on(0) && on(1));
        judge(rows.as_array().unwrap().len() == if nested || !is_flat { 1 } else { 2 }, "the number of rows");
        let row = &rows[0];
        let written = !nested || both && on(2);
        let shown = if written { column.to_owned() } else { column.to_lowercase() };
        judge(row[shown] == "Blue Door Café", "the case of a column");
        judge(row["is_vip"] == if both && on(3) { json!("true") } else { json!(1) }, "a boolean");
        judge(row.get("entity_id").is_none() == (both && on(4)), "the key of the entity");
        let relationship = if both && on(5) { "made_order" } else { "made_order[order]" };
        judge(row.get(relationship).is_some() == nested, "the name of a relationship");
        judge(row.get("made_order[order].entity_id").is_some() == (!nested && is_flat), "a flat column");
        let (related, date) = match nested {
            true => (&row[relationship][0], "ordered_on"),
            false => (row, "made_order[order].ordered_on"),
        };
        if nested || is_flat {
            judge(related[date] == if on(1) { "03.02.2026" } else { "2026-02-03" }, "a formatting tag");
        }
        if nested {
            judge(row[relationship].as_array().unwrap().len() == 2, "the related entities");
            judge(related.get("entity_id").is_none() == (both && on(4)), "the key of a related entity");
        }
    }
}

#[tokio::test]
async fn every_endpoint_follows_each_combination() {
    let twin = descant_twins::registry().into_iter().find(|twin| twin.name == "timbr").unwrap();
    let mock = twin.start().unwrap();
    let url = |path: &str| format!("{}{path}", mock.url());
    let body = json!({"ontology_name": "coffee_trade", "query": SQL}).to_string();
    let query = |client: &Client| {
        client.post(url("/timbr/api/query/")).header("content-type", "application/json").body(body.clone())
    };
    check("query", query, "Customer_Name", true).await;
    let text = |client: &Client| {
        let request = client.post(url("/timbr/openapi/ontology/coffee_trade/query"));
        request.header("content-type", "application/text").body(SQL)
    };
    check("openapi", text, "Customer_Name", true).await;
    let view =
        |client: &Client| client.get(url("/timbr/api/q/coffee_trade/view/customer_orders?entity_id=c:3"));
    check("view", view, "Customer_Name", true).await;
    let concept =
        |client: &Client| client.get(url("/timbr/api/q/coffee_trade/concept/customer?entity_id=c:3"));
    check("concept", concept, "customer_name", false).await;
}
