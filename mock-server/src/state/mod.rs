//! The state of a mock: what POST creates, GET finds, until DELETE removes it.
//!
//! Nothing here knows HTTP. A call is an operation with its decoded values; an answer is a status and a value that
//! follows the operation's schema.

mod by_hand;
pub(crate) mod call;
pub(crate) mod collections;
mod condition;
pub mod conformance;
mod edit;
mod file_plan;
pub(crate) mod files;
mod fixtures;
mod memory;
pub(crate) mod operation_shape;
mod operations;
pub(crate) mod paging;
pub(crate) mod patch;
mod query;
#[cfg(feature = "redis")]
mod redis;
mod relations;
#[cfg(feature = "sqlite")]
mod sqlite;
#[expect(clippy::module_inception, reason = "the state of a document is what the folder is about")]
mod state;
pub(crate) mod stock;
mod store;
mod view;

pub use self::by_hand::Misfit;
pub use self::collections::describe_collections;
pub use self::condition::{Bound, Condition};
pub use self::fixtures::Fixtures;
pub use self::memory::Memory;
pub(crate) use self::memory::Pool;
pub use self::query::{Page, Query, Start};
#[cfg(feature = "redis")]
pub use self::redis::Redis;
#[cfg(feature = "sqlite")]
pub use self::sqlite::Sqlite;
pub use self::state::State;
pub use self::store::{
    Below, Found, Inserted, Items, Reply, Room, Scope, Snapshot, Store, StoreError, Stored, counted, first,
};
