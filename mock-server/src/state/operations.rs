//! Carries calls out on the store. A read is one operation of the store; a change reads an item and replaces it, and
//! begins again where another call changed it meanwhile (compare and swap).

use std::borrow::Cow;
use std::sync::Arc;

use descant_model::api::Operation;
use indexmap::IndexSet;
use serde_json::{Map, Value};

use super::call::{Call, Created, Done, StateAnswer};
use super::collections::{Collection, Part, Role};
use super::operation_shape::structure;
use super::patch::{Conflict, Patch};
use super::query::Query;
use super::state::State;
use super::stock::{Stock, examples};
use super::store::{Found, Inserted, Items, Scope, StoreError, Stored};
use super::view::{Draft, Task};
use crate::vocabulary::value_path::{at, plain};

/// The number of times that a call begins again because others changed the same item, or took the same identity.
const TRIES: usize = 500;
/// The number of query parameters that are looked at for a notice, and the length of their names.
const MOST_NAMES: usize = 64;

impl Stock {
    /// Returns the part that an operation takes in a collection.
    pub(crate) fn part(&self, operation: usize) -> Option<&Part> {
        self.plan.parts.get(&operation)
    }

    /// Returns a notice of the parameters in a query string by which a caller means to page, sort or filter a list, and which
    /// have no effect on it.
    pub(crate) fn ignored(&self, operation: usize, query: &str) -> Option<String> {
        let part = self.part(operation).filter(|part| part.role == Role::List)?;
        let names = form_urlencoded::parse(query.as_bytes()).take(MOST_NAMES).map(|(name, _)| name);
        let names: IndexSet<String> =
            names.filter(|name| name.len() <= MOST_NAMES).map(Cow::into_owned).collect();
        let ignored = names.iter().filter(|name| part.selection.ignores(name));
        let ignored: Vec<String> = ignored.map(|name| format!("`{name}`")).collect();
        (!ignored.is_empty()).then(|| {
            format!("these query parameters neither page, sort nor filter the list: {}", ignored.join(", "))
        })
    }

    /// Answers a call that only reads, without a store; `None` for others.
    pub(crate) fn answer(&self, call: &Call<'_>) -> Option<StateAnswer> {
        self.task(call)?.answer_from_stock()
    }

    /// Whether an example of the operation's own response answers a call that only reads: unless the call pages, sorts or
    /// filters a list, or names an item that the stock begins with.
    pub(crate) fn leaves_to_example(&self, call: &Call<'_>) -> bool {
        let has_example = self.api.operations.get(call.operation).is_some_and(shows_success);
        let Some(task) = self.task(call).filter(|_| has_example) else { return has_example };
        // An example that shows no record would be mended with records that no other operation shows.
        if !self.api.operations.get(call.operation).is_some_and(|operation| shows(operation, task.part)) {
            return false;
        }
        let selection = &task.part.selection;
        let is_selected = |name: &String| selection.uses(name);
        let named = task.part.item.as_ref().and_then(|item| call.path.get(item)).map(plain);
        let is_stocked = |id| self.items(&task.scope, task.part.collection).contains_key(&id);
        !call.query.keys().any(is_selected) && !named.is_some_and(is_stocked)
    }

    fn task<'a>(&'a self, call: &'a Call<'a>) -> Option<Task<'a>> {
        let part = self.plan.parts.get(&call.operation)?;
        let collection = self.plan.collections.get(part.collection)?;
        let scope = scope(collection, part, call)?;
        Some(Task { stock: self, part, collection, scope, call })
    }
}

impl State {
    /// Carries out a call; `None` where the operation takes part in no collection.
    ///
    /// # Errors
    /// Where the store fails or is full.
    pub(crate) async fn answer(&self, call: &Call<'_>) -> Result<Option<StateAnswer>, StoreError> {
        match self.stock.task(call) {
            Some(task) => Work { state: self, task }.answer().await.map(Some),
            None => Ok(None),
        }
    }
}

/// A call that is carried out on a store.
struct Work<'a> {
    state: &'a State,
    task: Task<'a>,
}

/// Returns the scope of a call; `None` where a parameter of a parent has no value.
fn scope(collection: &Collection, part: &Part, call: &Call<'_>) -> Option<Scope> {
    let parents = part.scope.iter().map(|name| call.path.get(name).map(plain)).collect::<Option<_>>()?;
    Some(Scope { collection: collection.path.clone(), parents })
}

type Answered = Result<StateAnswer, StoreError>;

impl Work<'_> {
    async fn answer(&self) -> Answered {
        if self.is_orphan().await? {
            return Ok(StateAnswer::NotFound);
        }
        match self.task.part.role {
            Role::List => self.list().await,
            Role::Create => self.create().await,
            Role::Read => self.read().await,
            Role::Replace | Role::Update => self.change().await,
            Role::Delete => self.delete().await,
            Role::Own => self.own().await,
        }
    }

    async fn list(&self) -> Answered {
        let query = self.task.part.selection.query(self.task.call.query);
        let page = self.state.store.page(&self.task.scope, &query).await?;
        let page = page.unwrap_or_else(|| self.task.stocked_page(&query));
        Ok(self.task.list(page, &query))
    }

    /// Shows the first item of the collection, as that of the caller.
    async fn own(&self) -> Answered {
        let query = Query { limit: 1, ..Query::default() };
        let page = self.state.store.page(&self.task.scope, &query).await?;
        let page = page.unwrap_or_else(|| self.task.stocked_page(&query));
        Ok(match page.items.into_iter().next() {
            Some((_, item)) => self.task.show(item).map_or_else(StateAnswer::Unserved, StateAnswer::Done),
            None => unserved("the collection is empty"),
        })
    }

    async fn read(&self) -> Answered {
        let Some(id) = self.id() else { return Ok(StateAnswer::NotFound) };
        match self.state.item(&self.task.scope, self.task.part.collection, &id).await? {
            Some(item) => Ok(self.task.show(item).map_or_else(StateAnswer::Unserved, StateAnswer::Done)),
            None => Ok(StateAnswer::NotFound),
        }
    }

    async fn create(&self) -> Answered {
        let nothing = Map::new();
        let body = match self.task.call.body {
            Some(Value::Object(body)) => body,
            None if self.task.part.role == Role::Create => &nothing,
            _ => return Ok(unserved("the body is no object")),
        };
        let Some(identity) = &self.task.collection.identity else {
            return Ok(unserved("no property of an item is its identity"));
        };
        let given = body.get(identity).filter(|id| id.is_string() || id.is_number());
        // An item that brings its identity needs no number.
        let (mut attempt, mut number) = (0, given.map(|_| 0));
        for _ in 0..TRIES {
            if number.is_none() {
                number = self.state.store.number(&self.task.scope).await?;
            }
            let Some(own) = number else {
                self.state.begin(&self.task.scope, self.task.part.collection).await?;
                continue;
            };
            let draft = match self.task.draft(body, identity, given, (own, attempt)) {
                Ok(draft) => draft,
                Err(reason) => return Ok(StateAnswer::Unserved(reason)),
            };
            match self.state.store.insert(&self.task.scope, &draft.id, &draft.kept).await? {
                // The parent was deleted meanwhile, and what is below it with it, but for this item.
                Inserted::Done { .. } if self.is_orphan().await? => {
                    self.state.store.remove(&self.task.scope, &draft.id, &[]).await?;
                    return Ok(StateAnswer::NotFound);
                }
                Inserted::Done { evicted } => {
                    let evicted = evicted
                        .map(|id| format!("the collection is full, and its oldest item `{id}` was evicted"));
                    return Ok(StateAnswer::Done(self.created(draft.id, draft.answer, evicted)));
                }
                Inserted::Taken if given.is_some() => return self.taken(draft).await,
                // The sampled identity is taken: the next try has the number in it, and later tries have other numbers.
                Inserted::Taken => {
                    number = number.filter(|_| attempt == 0);
                    attempt += 1;
                }
                Inserted::Unbegun => self.state.begin(&self.task.scope, self.task.part.collection).await?,
            }
        }
        Err(StoreError::Contended)
    }

    /// Handles a new item whose identity is taken: 409 where the operation documents it, else it replaces the other item.
    async fn taken(&self, draft: Draft) -> Answered {
        let Draft { id, kept, answer } = draft;
        if self.documents(409) {
            let reason = format!("there is an item `{id}` already");
            return Ok(StateAnswer::Refused(Conflict { status: 409, reason }));
        }
        for _ in 0..TRIES {
            let is_kept = match self.state.store.get(&self.task.scope, &id).await? {
                Found::Item(Stored { version, .. }) => {
                    self.state.store.replace(&self.task.scope, &id, version, &kept).await?
                }
                Found::Missing => {
                    matches!(
                        self.state.store.insert(&self.task.scope, &id, &kept).await?,
                        Inserted::Done { .. }
                    )
                }
                Found::Unbegun => {
                    self.state.begin(&self.task.scope, self.task.part.collection).await?;
                    false
                }
            };
            if is_kept {
                let notice = format!(
                    "an item `{id}` was there already, and was replaced: the operation documents no 409"
                );
                return Ok(StateAnswer::Done(self.created(id, answer, Some(notice))));
            }
        }
        Err(StoreError::Contended)
    }

    fn created(&self, id: String, answer: Done, notice: Option<String>) -> Done {
        let operation = self.state.stock.api.operations.get(self.task.call.operation);
        let path = operation.map(|operation| structure(&operation.path.raw));
        let is_below = path == Some(structure(&self.task.collection.path));
        let created = Some(Created { id, is_below });
        Done { created, notice: notice.or(answer.notice), ..answer }
    }

    async fn change(&self) -> Answered {
        // A body without the identity that it should have is a new item's.
        let Some(id) = self.id() else { return self.create().await };
        let Some(body) = self.task.call.body else { return Ok(unserved("there is no body")) };
        for _ in 0..TRIES {
            let Some(stored) = self.stored(&id).await? else { return Ok(StateAnswer::NotFound) };
            let (item, answer) = match self.changed(&stored.item, body) {
                Ok(changed) => changed,
                Err(answer) => return Ok(*answer),
            };
            if self.state.store.replace(&self.task.scope, &id, stored.version, &item).await? {
                return Ok(StateAnswer::Done(answer));
            }
        }
        Err(StoreError::Contended)
    }

    /// Returns the changed item with its answer.
    ///
    /// # Errors
    /// The answer where the item cannot be changed so.
    fn changed(&self, item: &Value, body: &Value) -> Result<(Value, Done), Box<StateAnswer>> {
        let changed = match (self.task.part.role, self.task.call.patch) {
            (Role::Replace, _) => self.task.replaced(item, body).into_iter().collect(),
            (_, patch) => {
                patch.apply(item, body).map_err(|conflict| Box::new(StateAnswer::Refused(conflict)))?
            }
        };
        let mut reason = "the body is no object".to_owned();
        for mut changed in changed {
            self.task.identify(&mut changed, item);
            match self.task.show(changed.clone()) {
                Ok(answer) => return Ok((changed, answer)),
                Err(violation) => reason = violation,
            }
        }
        Err(Box::new(match self.task.call.patch {
            Patch::Plain => StateAnswer::Unserved(reason),
            Patch::Merge | Patch::Steps => {
                let reason = format!("the item would no longer be as its schema says: {reason}");
                StateAnswer::Refused(Conflict { status: 422, reason })
            }
        }))
    }

    async fn delete(&self) -> Answered {
        let Some(id) = self.id() else { return Ok(unserved("nothing names the item")) };
        let below = self.state.below(self.task.part.collection);
        for _ in 0..TRIES {
            match self.state.store.remove(&self.task.scope, &id, &below).await? {
                Found::Item(stored) => {
                    let gone = Done { status: self.task.part.status, ..Done::default() };
                    return Ok(StateAnswer::Done(self.task.show(stored.item).unwrap_or(gone)));
                }
                Found::Missing => return Ok(StateAnswer::NotFound),
                Found::Unbegun if self.stocked().contains_key(&id) => {
                    self.state.begin(&self.task.scope, self.task.part.collection).await?;
                }
                Found::Unbegun => return Ok(StateAnswer::NotFound),
            }
        }
        Err(StoreError::Contended)
    }

    /// Returns the item of an identity with its version; begins a scope whose examples have it.
    async fn stored(&self, id: &str) -> Result<Option<Stored>, StoreError> {
        for _ in 0..TRIES {
            match self.state.store.get(&self.task.scope, id).await? {
                Found::Item(stored) => return Ok(Some(stored)),
                Found::Unbegun if self.stocked().contains_key(id) => {
                    self.state.begin(&self.task.scope, self.task.part.collection).await?;
                }
                Found::Missing | Found::Unbegun => return Ok(None),
            }
        }
        Err(StoreError::Contended)
    }

    /// Returns the identity of the item, from the path or the body.
    fn id(&self) -> Option<String> {
        match &self.task.part.item {
            Some(item) => self.task.call.path.get(item).map(plain),
            None => self.task.call.body?.get(self.task.collection.identity.as_ref()?).map(plain),
        }
    }

    /// Returns the records that the scope begins with.
    fn stocked(&self) -> Arc<Items> {
        self.state.stock.items(&self.task.scope, self.task.part.collection)
    }

    /// Whether the operation documents a response of exactly this status.
    fn documents(&self, status: u16) -> bool {
        let operation = self.state.stock.api.operations.get(self.task.call.operation);
        operation.is_some_and(|operation| operation.documents_code(status))
    }

    /// Whether the collection's parent is kept in the state, and does not exist. It is checked only where the operation
    /// documents 404: elsewhere parents are meant to exist.
    async fn is_orphan(&self) -> Result<bool, StoreError> {
        let plan = &self.state.stock.plan;
        let parent = self.task.part.parent.filter(|_| self.documents(404));
        let parent = parent.and_then(|index| Some((index, plan.collections.get(index)?)));
        let Some((index, parent)) = parent else { return Ok(false) };
        let Some((id, above)) = self.task.scope.parents.split_last() else { return Ok(false) };
        let scope = Scope { collection: parent.path.clone(), parents: above.to_vec() };
        Ok(self.state.item(&scope, index, id).await?.is_none())
    }
}

/// Whether an example of an operation that reads a collection shows its records: a list of them, or one.
fn shows(operation: &Operation, part: &Part) -> bool {
    let Some((_, path)) = &part.response else { return true };
    let is_shown = |value: &Value| match part.role {
        Role::List => at(value, path).is_some_and(Value::is_array),
        _ => at(value, path).is_some_and(Value::is_object),
    };
    let mut shown = examples(operation).peekable();
    shown.peek().is_none() || shown.any(is_shown)
}

/// Whether a response of success has an example.
fn shows_success(operation: &Operation) -> bool {
    let success =
        operation.responses.iter().filter(|(pattern, _)| pattern.covers(200) || pattern.covers(201));
    let mut contents = success.flat_map(|(_, response)| response.content.values());
    contents.any(|content| !content.examples.is_empty())
}

fn unserved(reason: &str) -> StateAnswer {
    StateAnswer::Unserved(reason.to_owned())
}
