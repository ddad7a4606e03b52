//! The files that a state keeps: records of scopes below the items that they belong to, so that they end with the items.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use descant_model::api::PathPiece;
use serde_json::{Map, Value, json};

use super::call::{Call, Done};
use super::file_plan::Slot;
use super::operation_shape::structure;
use super::state::State;
use super::store::{Found, Items, Scope, StoreError};
use crate::tables::schema_paths;
use crate::vocabulary::value_path::{fold, plain};

/// A file that was uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct File {
    /// Its name, as the upload states it.
    pub(crate) name: Option<String>,
    pub(crate) media_type: Option<String>,
    pub(crate) bytes: Bytes,
}

impl File {
    fn to_value(&self) -> Value {
        json!({"name": self.name, "type": self.media_type, "content": STANDARD.encode(&self.bytes)})
    }

    /// Reads a file as the state keeps it: an object with `content` in base64, and perhaps `name` and `type`.
    pub(super) fn of_value(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let bytes = STANDARD.decode(text("content")?).ok()?.into();
        Some(Self { name: text("name"), media_type: text("type"), bytes })
    }

    /// Returns what the members of an item say of the file, by their names: its name, its size in bytes, its media type.
    fn describe(&self, name: &str) -> Option<Value> {
        match fold(name).as_str() {
            "name" | "filename" | "originalname" | "originalfilename" => self.name.clone().map(Value::from),
            "size" | "bytes" | "filesize" | "sizebytes" | "sizeinbytes" | "contentlength" => {
                Some(Value::from(self.bytes.len()))
            }
            "mimetype" | "contenttype" | "mediatype" | "mime" | "filetype" => {
                self.media_type.clone().map(Value::from)
            }
            _ => None,
        }
    }
}

impl State {
    /// Whether an operation uploads files.
    pub(crate) fn uploads(&self, operation: usize) -> bool {
        self.stock.files.uploads.contains_key(&operation)
    }

    /// Returns the members of a new or changed item that describe a file, by the names of the item's properties.
    pub(crate) fn description(&self, operation: usize, file: &File) -> Map<String, Value> {
        let schemas = &self.stock.api.schemas;
        let described = self.stock.part(operation).and_then(|part| {
            let collection = self.stock.collection(part.collection)?;
            let (schema, path) = collection.item.as_ref().or(part.response.as_ref())?;
            let item = schema_paths::item(schemas, *schema, path, false)?;
            let identity = collection.identity.as_deref();
            let names = schemas.properties(item).into_keys();
            let names = names.filter(|name| identity != Some(*name));
            Some(names.filter_map(|name| Some((name.to_owned(), file.describe(name)?))).collect())
        });
        described.unwrap_or_default()
    }

    /// Keeps the file of a call that was carried out; `None` keeps it where the call changed no item. Returns false where
    /// its item does not exist, and the operation documents 404.
    ///
    /// # Errors
    /// Where the store fails or is full. A new item is removed then.
    pub(crate) async fn keep_file(
        &self,
        call: &Call<'_>,
        done: Option<&Done>,
        file: &File,
    ) -> Result<bool, StoreError> {
        let Some(slot) = self.stock.files.uploads.get(&call.operation) else { return Ok(true) };
        let created = done.and_then(|done| done.created.as_ref()).map(|created| created.id.as_str());
        let Some(scope) = self.file_scope(slot, call, created) else { return Ok(true) };
        if !slot.is_new && self.lacks_item(&scope, call).await? {
            return Ok(false);
        }
        self.store.begin(&scope, Items::new()).await?;
        match self.put(&scope, file_name(slot), &file.to_value()).await {
            Ok(_) => Ok(true),
            Err(error) => {
                if let (true, Some((id, item))) = (slot.is_new, self.item_scope(&scope)) {
                    self.store.remove(&item.0, id, &self.below(item.1)).await?;
                }
                Err(error)
            }
        }
    }

    /// Returns the file that a call downloads, as it was uploaded; `None` where none was.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) async fn file(&self, call: &Call<'_>) -> Result<FoundFile, StoreError> {
        let Some(slot) = self.stock.files.downloads.get(&call.operation) else { return Ok(FoundFile::None) };
        let Some(scope) = self.file_scope(slot, call, None) else { return Ok(FoundFile::None) };
        if self.lacks_item(&scope, call).await? {
            return Ok(FoundFile::NoItem);
        }
        Ok(match self.store.get(&scope, file_name(slot)).await? {
            Found::Item(stored) => File::of_value(&stored.item).map_or(FoundFile::None, FoundFile::File),
            Found::Missing | Found::Unbegun => FoundFile::None,
        })
    }

    /// Returns the scope of the files of a call's item.
    fn file_scope(&self, slot: &Slot, call: &Call<'_>, created: Option<&str>) -> Option<Scope> {
        let operation = self.stock.api.operations.get(call.operation)?;
        let names = operation.path.pieces.iter().filter_map(|piece| match piece {
            PathPiece::Parameter(name) => Some(name),
            PathPiece::Literal(_) => None,
        });
        let count = slot.item.matches('{').count();
        let mut parents: Vec<String> =
            names.map(|name| call.path.get(name).map(plain)).collect::<Option<_>>()?;
        parents.truncate(if slot.is_new { count.saturating_sub(1) } else { count });
        parents.extend(created.filter(|_| slot.is_new).map(str::to_owned));
        (parents.len() == count).then(|| Scope { collection: slot.item.clone(), parents })
    }

    /// Returns the identity of the item that a scope has the files of, with the scope and the index of its collection.
    fn item_scope<'s>(&self, scope: &'s Scope) -> Option<(&'s str, (Scope, usize))> {
        let above = scope.collection.strip_suffix("/{}")?;
        let plan = &self.stock.plan;
        let index = plan.collections.iter().position(|one| structure(&one.path) == above);
        let index = index.filter(|index| plan.is_kept(*index))?;
        let (id, parents) = scope.parents.split_last()?;
        let collection = plan.collections.get(index)?.path.clone();
        Some((id, (Scope { collection, parents: parents.to_vec() }, index)))
    }

    /// Whether the item that a scope has the files of does not exist, where the operation documents 404.
    async fn lacks_item(&self, scope: &Scope, call: &Call<'_>) -> Result<bool, StoreError> {
        let operation = self.stock.api.operations.get(call.operation);
        let known = self.item_scope(scope).filter(|(_, (_, index))| {
            let identity = self.stock.collection(*index).and_then(|one| one.identity.as_ref());
            identity.is_some() && operation.is_some_and(|operation| operation.documents_code(404))
        });
        match known {
            Some((id, (scope, index))) => Ok(self.item(&scope, index, id).await?.is_none()),
            None => Ok(false),
        }
    }
}

/// What a call downloads.
pub(crate) enum FoundFile {
    File(File),
    /// No file was uploaded.
    None,
    /// There is no such item.
    NoItem,
}

/// Returns the identity under which a file is kept.
fn file_name(slot: &Slot) -> &str {
    if slot.name.is_empty() { "file" } else { &slot.name }
}
