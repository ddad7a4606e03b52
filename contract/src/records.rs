//! The records that a run created or found: they stand in for the made-up identifiers of requests, and what was created
//! is deleted at the end.

use std::sync::{Mutex, MutexGuard, PoisonError};

use descant_model::api::{Api, Location};
use indexmap::IndexMap;
use serde_json::Value;

use crate::case::{Call, CaseKind, Input};
use crate::exchange::{Exchange, HttpRequest};
use crate::resource::{Resource, path_parameters, shape};
use crate::safety;

/// What is known of the records of a service.
#[derive(Debug, Default)]
pub(crate) struct Records {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// By the shape of a record's path.
    known: IndexMap<Vec<String>, Known>,
    /// The requests that delete what was created, in the order of creation.
    created: Vec<HttpRequest>,
    /// The resources of which a created record was read back as it was sent, as indices into the plan's resources.
    stateful: Vec<usize>,
    /// How many records of an operation cannot be deleted, since the document does not say how.
    undeletable: IndexMap<String, usize>,
}

/// A record that exists.
#[derive(Clone, Debug)]
struct Known {
    /// The values of the path's parameters, in the order of the path.
    values: Vec<Value>,
    /// Whether the run created it, so that it may be changed.
    is_own: bool,
}

impl Records {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a record known.
    pub(crate) fn know(&self, resource: &Resource, values: Vec<Value>, is_own: bool) {
        self.lock().known.insert(shape(&resource.item), Known { values, is_own });
    }

    /// Puts a record that exists in the place of the made-up values of a call's path.
    pub(crate) fn ground(&self, api: &Api, kind: CaseKind, call: &mut Call, base: Option<&Call>) {
        let Some((operation, base)) = call.operation(api).zip(base) else { return };
        // What is known may be deleted only by who made it: the scenarios of state do.
        if operation.method == "DELETE" || kind == CaseKind::State {
            return;
        }
        let path = shape(&operation.path.raw);
        let inner = self.lock();
        let known = inner
            .known
            .iter()
            .filter(|(item, known)| path.starts_with(item) && (known.is_own || !safety::writes(operation)));
        let Some((_, known)) = known.max_by_key(|(item, _)| item.len()) else { return };
        for (name, value) in path_parameters(&operation.path.raw).into_iter().zip(&known.values) {
            let input = |call: &Call| {
                let found =
                    call.parameters.iter().find(|(at, known, _)| *at == Location::Path && known == name);
                found.map(|(_, _, input)| input.clone())
            };
            if input(call).is_some() && input(call) == input(base) {
                *call = std::mem::take(call).with(Location::Path, name, Input::Value(value.clone()));
            }
        }
    }

    /// Notes that a record was created, with the request that deletes it.
    pub(crate) fn created(&self, operation: String, delete: Option<HttpRequest>) {
        let mut inner = self.lock();
        match delete {
            Some(request) => inner.created.push(request),
            None => *inner.undeletable.entry(operation).or_default() += 1,
        }
    }

    /// Notes that a service keeps the records of a resource.
    pub(crate) fn keeps(&self, resource: usize) {
        self.lock().stateful.push(resource);
    }

    /// Whether a service keeps the records of a resource.
    pub(crate) fn is_kept(&self, resource: usize) -> bool {
        self.lock().stateful.contains(&resource)
    }

    /// Notes that a record was deleted.
    pub(crate) fn deleted(&self, exchange: &Exchange) {
        self.lock().created.retain(|request| request.target != exchange.request.target);
    }

    /// Returns the requests that delete what was created and is not deleted yet, the last creation first.
    pub(crate) fn created_last_first(&self) -> Vec<HttpRequest> {
        self.lock().created.iter().rev().cloned().collect()
    }

    /// Returns what stays, by operation.
    pub(crate) fn undeletable(&self) -> Vec<(String, usize)> {
        self.lock().undeletable.iter().map(|(operation, count)| (operation.clone(), *count)).collect()
    }
}
