//! Collections and their items, as the page shows and edits them.

use http::StatusCode;
use serde_json::{Value, json};

use super::reply::{empty, invalid, json, missing, number, query, read, required};
use crate::state::{Query, Scope, Start, State};
use crate::vocabulary::message::{Request, Response};
use crate::vocabulary::problem::Problem;

/// The items of one page.
const MOST: usize = 500;
/// The items that one request adds.
const MOST_SAMPLED: u64 = 1_000;

/// Returns the scopes that were written to.
pub(super) async fn scopes(state: &State) -> Result<Response, Problem> {
    let scopes = state.scopes().await?.into_iter();
    let shown = scopes.map(
        |(scope, count)| json!({"collection": scope.collection, "parents": scope.parents, "count": count}),
    );
    Ok(json(&shown.collect()))
}

/// Responds to a request for the items of a scope: `?collection=/pets&parents=["1"]`, and `id` for one item.
pub(super) async fn respond(state: &State, request: &Request) -> Result<Response, Problem> {
    let scope = scope(request)?;
    match request.method().as_str() {
        "GET" => list(state, request, &scope).await,
        "PUT" => {
            let item: Value = read(request)?;
            found(state.put_item(&scope, &required(request, "id")?, &item).await?)
        }
        "DELETE" => found(state.remove_item(&scope, &required(request, "id")?).await?),
        "POST" => {
            let count = number(request, "count", 1).min(MOST_SAMPLED);
            let added = state.sample_items(&scope, count).await?.map_err(invalid)?;
            Ok(json(&json!({"added": added})))
        }
        method => Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, format!("items have no {method}"))),
    }
}

fn scope(request: &Request) -> Result<Scope, Problem> {
    let parents = query(request, "parents").unwrap_or_else(|| "[]".to_owned());
    let parents = serde_json::from_str(&parents).map_err(|error| invalid(format!("`parents`: {error}")))?;
    Ok(Scope { collection: required(request, "collection")?, parents })
}

async fn list(state: &State, request: &Request, scope: &Scope) -> Result<Response, Problem> {
    let start = Start::At(number(request, "offset", 0));
    let limit = number(request, "limit", 50).min(MOST);
    let query = Query { sort: query(request, "sort"), start, limit, ..Query::default() };
    let page = state.items(scope, &query).await?.ok_or_else(|| missing("there is no such collection"))?;
    let items: Vec<Value> = page.items.iter().map(|(id, item)| json!({"id": id, "item": item})).collect();
    Ok(json(&json!({"items": items, "total": page.total})))
}

fn found(is_found: bool) -> Result<Response, Problem> {
    match is_found {
        true => Ok(empty(StatusCode::NO_CONTENT)),
        false => Err(missing("there is no such collection or item")),
    }
}
