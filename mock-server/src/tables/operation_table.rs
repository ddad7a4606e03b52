//! The operations of a document, each compiled at its first call.

use std::sync::{Arc, OnceLock};

use descant_exchange::Schemas;
use descant_model::api::{Api, Operation, PathPiece};

use super::header_samples::SessionCookie;
use super::operation::CompiledOperation;
use crate::auth::{Guard, Requirement};
use crate::vocabulary::pending::Verdict;

/// The operations of a document, in its order.
pub(crate) struct OperationTable {
    api: Arc<Api>,
    schemas: Arc<Schemas>,
    /// The seed of sampled header fields.
    seed: u64,
    cookie: SessionCookie,
    entries: Vec<Entry>,
}

struct Entry {
    key: Arc<str>,
    requirement: Requirement,
    compiled: OnceLock<CompiledOperation>,
}

/// An operation that a request was routed to.
#[derive(Clone, Copy)]
pub(crate) struct RoutedOperation<'m> {
    /// The index into [`Api::operations`].
    pub(crate) index: usize,
    pub(crate) operation: &'m Operation,
    pub(crate) key: &'m Arc<str>,
    pub(crate) requirement: &'m Requirement,
    pub(crate) compiled: &'m CompiledOperation,
}

impl OperationTable {
    /// Lists the operations of a document. Compiles none.
    pub(crate) fn new(api: Arc<Api>, schemas: Arc<Schemas>, guard: &Guard, seed: u64) -> Self {
        let entry = |operation: &Operation| Entry {
            key: operation.key().into(),
            requirement: guard.requirement(operation),
            compiled: OnceLock::new(),
        };
        let entries = api.operations.iter().map(entry).collect();
        let cookie = SessionCookie::of(&api);
        Self { api, schemas, seed, cookie, entries }
    }

    /// Returns the operation of an index.
    pub(crate) fn get(&self, index: usize) -> Option<RoutedOperation<'_>> {
        let operation = self.api.operations.get(index)?;
        let Entry { key, requirement, compiled } = self.entries.get(index)?;
        let compiled = compiled
            .get_or_init(|| CompiledOperation::new(&self.schemas, operation, self.seed, &self.cookie));
        Some(RoutedOperation { index, operation, key, requirement, compiled })
    }

    /// Returns the operation of a key: `GET /pets`.
    pub(crate) fn named(&self, key: &str) -> Option<RoutedOperation<'_>> {
        self.get(self.entries.iter().position(|entry| &*entry.key == key)?)
    }
}

impl<'m> RoutedOperation<'m> {
    /// Returns a verdict on an exchange whose request is valid.
    pub(crate) fn verdict(self, response: Option<String>) -> Verdict {
        Verdict { operation: Some(self.key.clone()), response, ..Verdict::default() }
    }

    /// Returns the names of the path's parameters, in order.
    pub(crate) fn path_parameters(self) -> impl Iterator<Item = &'m str> {
        self.operation.path.pieces.iter().filter_map(|piece| match piece {
            PathPiece::Parameter(name) => Some(name.as_str()),
            PathPiece::Literal(_) => None,
        })
    }
}
