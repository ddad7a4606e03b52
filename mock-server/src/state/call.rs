//! Calls to the state, and its answers.

use indexmap::IndexMap;
use serde_json::Value;

use super::paging::Listed;
use super::patch::{Conflict, Patch};

/// A decoded and valid call of an operation.
pub(crate) struct Call<'a> {
    /// The index into [`Api::operations`](descant_model::api::Api::operations).
    pub(crate) operation: usize,
    /// Path and query, for links to other pages.
    pub(crate) target: &'a str,
    pub(crate) path: &'a IndexMap<String, Value>,
    pub(crate) query: &'a IndexMap<String, Value>,
    /// The value of the body.
    pub(crate) body: Option<&'a Value>,
    /// How the body changes an item.
    pub(crate) patch: Patch,
    pub(crate) seed: u64,
}

/// What the state answers to a call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum StateAnswer {
    /// The call was carried out.
    Done(Done),
    /// The item does not exist.
    NotFound,
    /// The change conflicts with an item, or would leave one that violates its schema.
    Refused(Conflict),
    /// The state cannot carry out the call, for this reason: the document answers as without state.
    Unserved(String),
}

/// The result of a call that was carried out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Done {
    /// The status, one of success.
    pub(crate) status: u16,
    /// The value of the body, where the response shows items.
    pub(crate) value: Option<Value>,
    /// The item that the call created.
    pub(crate) created: Option<Created>,
    /// The part of a list that the value shows.
    pub(crate) listed: Option<Listed>,
    /// What the caller may not expect: an item that was replaced or evicted, a list that was cut.
    pub(crate) notice: Option<String>,
}

/// A new item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Created {
    pub(crate) id: String,
    /// Whether its path is that of the call and its identity.
    pub(crate) is_below: bool,
}
