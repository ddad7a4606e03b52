//! Which operations upload and download files, and whose file each is.
//!
//! A file belongs to an item or, where a path has no parameter, to the path: `POST /files` brings the file of a new item,
//! `PUT /users/{id}/avatar` one of an item.

use std::collections::{BTreeSet, HashMap};

use descant_model::api::{Api, Operation};

use super::collections::{CollectionPlan, Role};
use super::operation_shape::structure;
use super::store::Scope;
use crate::tables::file_content::{is_download, is_upload};

/// The place of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    /// The path of the item without the names of parameters, `/files/{}`, or a path without parameters.
    pub(super) item: String,
    /// Which file of the item: empty, or the end of the path of its download.
    pub(super) name: String,
    /// Whether the item is new, so that the path lacks its identity.
    pub(super) is_new: bool,
}

/// The operations that upload and download files, by their index.
#[derive(Clone, Debug, Default)]
pub(crate) struct FilePlan {
    pub(super) uploads: HashMap<usize, Slot>,
    pub(super) downloads: HashMap<usize, Slot>,
}

impl FilePlan {
    /// Finds the uploads and downloads of a document. An item with several downloads has a file for each that is uploaded
    /// by the same path, and one for the others.
    pub(super) fn new(api: &Api, plan: &CollectionPlan) -> Self {
        let mut files = Self::default();
        for (index, operation) in api.operations.iter().enumerate() {
            let slot = || slot(operation, plan, index);
            if operation.method == "GET" && is_download(&api.schemas, operation) {
                files.downloads.insert(index, slot());
            } else if is_upload(&api.schemas, operation) {
                files.uploads.insert(index, slot());
            }
        }
        let (above, below) = (places(&files.uploads), places(&files.downloads));
        let is_own = |slot: &Slot| {
            let place = (slot.item.clone(), slot.name.clone());
            let downloads = below.iter().filter(|(item, _)| *item == slot.item).count();
            downloads > 1 && above.contains(&place) && below.contains(&place)
        };
        let slots = files.uploads.values_mut().chain(files.downloads.values_mut());
        slots.filter(|slot| !is_own(slot)).for_each(|slot| slot.name.clear());
        let fed = places(&files.uploads);
        files.downloads.retain(|_, slot| fed.contains(&(slot.item.clone(), slot.name.clone())));
        files
    }

    /// Whether a scope has the files of an item.
    pub(super) fn keeps(&self, scope: &Scope) -> bool {
        let is_it = |slot: &Slot| slot.item == scope.collection;
        scope.collection.matches('{').count() == scope.parents.len() && self.uploads.values().any(is_it)
    }

    /// Returns the scopes of files below the items of a collection.
    pub(super) fn below(&self, collection: &str) -> BTreeSet<String> {
        let item = format!("{}/{{}}", structure(collection));
        let items = self.uploads.values().map(|slot| &slot.item);
        items.filter(|known| **known == item).cloned().collect()
    }
}

/// Returns the items of slots with the names of their files.
fn places(slots: &HashMap<usize, Slot>) -> BTreeSet<(String, String)> {
    slots.values().map(|slot| (slot.item.clone(), slot.name.clone())).collect()
}

/// Returns the place of the file that an operation uploads or downloads: of the item that the path names or the operation
/// creates.
fn slot(operation: &Operation, plan: &CollectionPlan, index: usize) -> Slot {
    let part = plan.parts.get(&index).filter(|part| part.role == Role::Create);
    if let Some(collection) = part.and_then(|part| plan.collections.get(part.collection)) {
        let item = format!("{}/{{}}", structure(&collection.path));
        return Slot { item, name: String::new(), is_new: true };
    }
    let path = structure(&operation.path.raw);
    let (item, name) = match path.rfind("{}") {
        Some(last) => path.split_at(last + 2),
        None => (path.as_str(), ""),
    };
    Slot { item: item.to_owned(), name: name.to_owned(), is_new: false }
}
