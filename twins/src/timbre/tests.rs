//! Tests of Timbre's twin.

use serde_json::Value;

use super::feeds::find;
use super::state::{Denied, State, hash};

#[test]
fn filters_let_feeds_through() {
    let state = State::new(1);
    let check = |filter: Option<&str>, expected: Result<&[&str], &str>| {
        let found = find(&state.feeds, filter, false);
        let slugs = found
            .as_ref()
            .map(|feeds| feeds.iter().filter_map(|feed| feed["slug"].as_str()).collect::<Vec<_>>());
        assert_eq!(slugs.map_err(|error| error.0.as_str()), expected.map(<[&str]>::to_vec), "{filter:?}");
    };
    check(None, Ok(&["the-early-ferry", "harbour-bulletin", "newsroom-only"]));
    check(Some("sync_to_website:eq:1"), Ok(&["the-early-ferry", "harbour-bulletin"]));
    check(Some("sync_to_website:ne:1"), Ok(&["newsroom-only"]));
    check(Some("slug:eq:harbour-bulletin"), Ok(&["harbour-bulletin"]));
    check(Some("slug:eq:nowhere"), Ok(&[]));
    check(Some("type:eq:podcast"), Ok(&["the-early-ferry"]));
    check(Some("name:eq:a:b"), Ok(&[]));
    check(Some("colour:eq:red"), Err("The field colour cannot be filtered by."));
    check(Some("slug:like:x"), Err("There is no operator like."));
}

#[test]
fn items_come_only_where_they_are_asked_for() {
    let state = State::new(1);
    let items = |with_items| {
        let feeds = find(&state.feeds, Some("slug:eq:the-early-ferry"), with_items).unwrap();
        feeds[0].get("items").and_then(Value::as_array).map(Vec::len)
    };
    assert_eq!(items(true), Some(2));
    assert_eq!(items(false), None);
}

#[test]
fn a_token_takes_plan_and_permission() {
    let mut state = State::new(1);
    assert_eq!(state.create("nobody", "a".into()).unwrap_err(), Denied::NoSuchUser);
    assert_eq!(state.create("intern", "a".into()).unwrap_err(), Denied::NotEntitled);
    state.user("intern").unwrap().api_access = true;
    let (token, secret) = state.create("intern", "a".into()).unwrap();
    assert_eq!(state.tokens("intern").count(), 1);
    assert!(secret.len() > 1_000, "a secret that fits into a usual column");
    assert!(!format!("{state:?}").contains(&secret), "a secret that is kept");
    state.account.plan = "standard".into();
    assert!(!state.entitles("intern"));
    assert_eq!(state.create("intern", "b".into()).unwrap_err(), Denied::NotEntitled);
    assert_eq!(state.revoke("presenter", token.id), None, "another user's token");
    assert_eq!(state.revoke("intern", token.id), Some(hash(&secret)));
    assert_eq!(state.revoke("intern", token.id), None);
}
