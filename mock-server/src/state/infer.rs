//! Which operations work on the same things: collections and their items, inferred from the paths, where `x-descant`
//! does not say.
//!
//! `/pets` with `/pets/{petId}` is a collection and its items, whatever stands before them. Methods give the roles:
//! POST on the collection creates, GET lists, and on the item GET, PUT, PATCH and DELETE do what RFC 9110 says.

use std::collections::{BTreeSet, HashMap, HashSet};

use descant_model::api::{Api, Operation, PathPiece, SchemaId, StateRole, StateSettings, StatusPattern};
use serde_json::{Value, json};

use super::query::Selection;
use super::shape::{self, Place};
use super::store::Scope;

/// Things of one kind, and the operations on them.
#[derive(Clone, Debug)]
pub struct Collection {
    /// The template of the items' path without its last parameter, such as `/owners/{owner}/pets`.
    pub path: String,
    /// The parameter that names an item.
    pub parameter: String,
    /// The property of an item that its parameter names; `None` where no property seems to hold it.
    pub identity: Option<String>,
    /// The schema of what the operation that reads an item answers, and the place of the item in it.
    pub item: Option<(SchemaId, Place)>,
}

/// What an operation does with a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Create,
    List,
    Read,
    Replace,
    Update,
    Delete,
}

/// An operation's part in a collection.
#[derive(Clone, Debug)]
pub struct Part {
    /// Index into [`Plan::collections`].
    pub collection: usize,
    pub role: Role,
    /// The path parameters that tell one parent's collection from another's, in order.
    pub scope: Vec<String>,
    /// The path parameter that names the item; `None` on the collection itself, or where the body names it.
    pub item: Option<String>,
    /// The collection of the item that the last of them names.
    pub parent: Option<usize>,
    /// The status of the answer, its schema, and where in it the item or items stand.
    pub status: u16,
    pub answer: Option<(SchemaId, Place)>,
    /// Which query parameters cut and filter a list.
    pub selection: Selection,
    /// Properties that its answer shows and no later one.
    pub shown_once: Vec<String>,
}

/// What was inferred for a whole document.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub collections: Vec<Collection>,
    /// By index into [`Api::operations`].
    pub parts: HashMap<usize, Part>,
}

/// Infers collections, items and roles.
pub fn infer(api: &Api) -> Plan {
    let mut plan = Plan::default();
    let mut by_path: HashMap<String, usize> = HashMap::new();
    for operation in &api.operations {
        let Some((path, parameter)) = collection_of(operation) else { continue };
        let index = *by_path.entry(structure(&path)).or_insert_with(|| {
            let parameter = String::new();
            plan.collections.push(Collection { path, parameter, identity: None, item: None });
            plan.collections.len() - 1
        });
        if let Some(collection) = plan.collections.get_mut(index).filter(|it| it.parameter.is_empty()) {
            collection.parameter = parameter;
        }
    }
    for (index, operation) in api.operations.iter().enumerate() {
        if let Some(part) = part(operation, &by_path) {
            plan.parts.insert(index, part);
        }
    }
    for index in 0..plan.collections.len() {
        describe(api, &mut plan, index);
    }
    plan.find_searches(api);
    plan.drop_idle();
    plan.select(api);
    plan
}

/// The path of the collection that an operation's items are in, and the parameter that names them: as stated, else by a
/// path that ends in a parameter.
fn collection_of(operation: &Operation) -> Option<(String, String)> {
    let stated = stated(operation);
    if stated.role == Some(StateRole::None) {
        return None;
    }
    if let Some(path) = &stated.collection {
        let item = item_of(operation, stated, path).unwrap_or_default();
        return Some((path.trim_end_matches('/').to_owned(), item));
    }
    let parameter = split_item(&operation.path.pieces)?.1;
    let raw = operation.path.raw.trim_end_matches('/');
    let path = raw.strip_suffix(&format!("/{{{parameter}}}")).unwrap_or(raw);
    Some((path.to_owned(), parameter.to_owned()))
}

/// The parameter that names an item of a stated collection: as stated, else the first after those of the collection.
fn item_of(operation: &Operation, stated: &StateSettings, collection: &str) -> Option<String> {
    let mut parameters = operation.path.pieces.iter().filter_map(parameter_name);
    let after = parameters.nth(collection.matches('{').count()).map(str::to_owned);
    stated.item.clone().or(after)
}

fn stated(operation: &Operation) -> &StateSettings {
    static NOTHING: StateSettings = StateSettings {
        role: None,
        collection: None,
        item: None,
        identity: None,
        at: None,
        paging: None,
        filters: None,
        shown_once: Vec::new(),
    };
    operation.descant.state.as_deref().unwrap_or(&NOTHING)
}

impl Plan {
    /// A collection that nothing creates, changes or lists is no collection: its operations answer as without state.
    fn drop_idle(&mut self) {
        let mut live = vec![false; self.collections.len()];
        for part in self.parts.values().filter(|part| part.role != Role::Read) {
            if let Some(live) = live.get_mut(part.collection) {
                *live = true;
            }
        }
        let is_live = |collection: usize| live.get(collection).copied().unwrap_or(false);
        self.parts.retain(|_, part| is_live(part.collection));
        self.parts.values_mut().for_each(|part| part.parent = part.parent.filter(|parent| is_live(*parent)));
    }

    /// Finds lists below a collection: a GET of `/pets/findByStatus` that answers an array of what `/pets/{petId}` is.
    fn find_searches(&mut self, api: &Api) {
        for (index, operation) in api.operations.iter().enumerate() {
            let is_open = operation.method == "GET" && operation.descant.state.is_none();
            if !is_open || self.parts.contains_key(&index) {
                continue;
            }
            let part = self.collections.iter().enumerate().find_map(|(collection, one)| {
                let below = operation.path.raw.strip_prefix(&one.path)?;
                let is_below = below.starts_with('/') && !below.contains('{');
                let (schema, place) = one.item.as_ref().filter(|_| is_below)?;
                let item = shape::item(&api.schemas, *schema, place, false)?;
                let answer = answer_schema(operation)?;
                let place = shape::find_list(&api.schemas, answer, item)?;
                let scope =
                    operation.path.pieces.iter().filter_map(parameter_name).map(str::to_owned).collect();
                Some(Part {
                    collection,
                    role: Role::List,
                    scope,
                    item: None,
                    parent: None,
                    status: status(operation)?,
                    answer: Some((answer, place)),
                    selection: Selection::default(),
                    shown_once: Vec::new(),
                })
            });
            self.parts.extend(part.map(|part| (index, part)));
        }
    }

    /// Finds what the query parameters of each list do.
    fn select(&mut self, api: &Api) {
        for (index, part) in self.parts.iter_mut().filter(|(_, part)| part.role == Role::List) {
            let Some(operation) = api.operations.get(*index) else { continue };
            let item = self.collections.get(part.collection).and_then(|collection| collection.item.as_ref());
            let item = item.and_then(|(schema, place)| shape::item(&api.schemas, *schema, place, false));
            let listed = || {
                let (schema, place) = part.answer.as_ref()?;
                shape::item(&api.schemas, *schema, place, true)
            };
            let names = item.or_else(listed).map(|item| shape::properties(&api.schemas, item));
            let names: Vec<&str> = names.into_iter().flatten().map(|(name, _)| name).collect();
            part.selection = Selection::new(api, operation, stated(operation), &names);
        }
    }

    /// The collections of which an item of this one is the parent, in the document's order.
    pub(super) fn below(&self, collection: usize) -> BTreeSet<usize> {
        let below = self.parts.values().filter(|part| part.parent == Some(collection));
        below.map(|part| part.collection).collect()
    }

    /// How many collections have operations that use what is kept.
    pub fn kept(&self) -> usize {
        let collections: HashSet<usize> = self.parts.values().map(|part| part.collection).collect();
        collections.len()
    }

    /// Whether a scope is one of a collection that is kept.
    pub fn keeps(&self, scope: &Scope) -> bool {
        let depth = scope.collection.matches('{').count();
        depth == scope.parents.len() && self.collections.iter().any(|known| known.path == scope.collection)
    }

    /// What was inferred, for people: each collection that is kept, with its operations and what they do.
    pub fn to_value(&self, api: &Api) -> Value {
        let collections = self.collections.iter().enumerate().filter_map(|(index, one)| {
            let mut parts: Vec<_> = self.parts.iter().filter(|(_, part)| part.collection == index).collect();
            parts.sort_by_key(|(operation, _)| **operation);
            let operations = parts.iter().filter_map(|(index, part)| Some(part.to_value(api.operations.get(**index)?)));
            let operations: Vec<Value> = operations.collect();
            let shown = json!({
                "path": one.path, "parameter": one.parameter, "identity": one.identity, "operations": operations,
            });
            (!operations.is_empty()).then_some(shown)
        });
        collections.collect()
    }
}

impl Part {
    fn to_value(&self, operation: &Operation) -> Value {
        let place = self.answer.as_ref().map(|(_, place)| place.iter().map(|name| format!("/{name}")));
        let selection = (self.role == Role::List).then_some(&self.selection);
        let mut shown = json!({
            "operation": operation.key(),
            "role": format!("{:?}", self.role).to_lowercase(),
            "at": place.map(Iterator::collect::<String>),
            "paging": selection.map(|selection| &selection.paging),
            "filters": selection.map(|selection| &selection.filters),
        });
        if let Some(shown) = shown.as_object_mut() {
            shown.retain(|_, value| !value.is_null());
        }
        shown
    }
}

/// The part of one operation, by the structure of its path and its method.
fn part(operation: &Operation, by_path: &HashMap<String, usize>) -> Option<Part> {
    let stated = stated(operation);
    let known = |path: &str| by_path.get(&structure(path)).copied();
    let (path, item) = match (&stated.collection, collection_of(operation)) {
        (Some(_), found) => found.map(|(path, item)| (path, Some(item).filter(|item| !item.is_empty())))?,
        (None, Some((path, item))) => (path, Some(item)),
        (None, None) => (operation.path.raw.clone(), None),
    };
    let collection = known(&path)?;
    let role = match (stated.role, &item, operation.method.as_str()) {
        (Some(role), ..) => Role::stated(role)?,
        (None, None, "POST") => Role::Create,
        (None, None, "GET") => Role::List,
        // The body says which item.
        (None, None, "PUT") => Role::Replace,
        (None, None, "PATCH") => Role::Update,
        (None, Some(_), "GET") => Role::Read,
        (None, Some(_), "PUT") => Role::Replace,
        (None, Some(_), "PATCH" | "POST") => Role::Update,
        (None, Some(_), "DELETE") => Role::Delete,
        _ => return None,
    };
    let on_items = !matches!(role, Role::Create | Role::List);
    let by_body = matches!(role, Role::Replace | Role::Update);
    let mut scope: Vec<_> =
        operation.path.pieces.iter().filter_map(parameter_name).map(str::to_owned).collect();
    scope.truncate(path.matches('{').count());
    Some(Part {
        parent: path
            .rsplit_once("/{")
            .and_then(|(above, _)| known(above))
            .filter(|parent| *parent != collection),
        collection,
        role,
        scope,
        item: item.filter(|_| on_items).map(Some).or((!on_items || by_body).then_some(None))?,
        status: status(operation)?,
        answer: None,
        selection: Selection::default(),
        shown_once: stated.shown_once.clone(),
    })
}

impl Role {
    fn stated(role: StateRole) -> Option<Self> {
        Some(match role {
            StateRole::Create => Role::Create,
            StateRole::List => Role::List,
            StateRole::Read => Role::Read,
            StateRole::Replace => Role::Replace,
            StateRole::Update => Role::Update,
            StateRole::Delete => Role::Delete,
            StateRole::None => return None,
        })
    }
}

/// Finds what the items of a collection look like, then where they stand in each answer.
fn describe(api: &Api, plan: &mut Plan, index: usize) {
    let roles = [Role::Read, Role::Create, Role::Replace, Role::Update, Role::List];
    let candidates = roles.iter().flat_map(|role| operations(plan, index, *role));
    let candidates: Vec<usize> = candidates.collect();
    let settings = |operation: &usize| api.operations.get(*operation).map(stated);
    let known = candidates.iter().filter_map(settings).find_map(|stated| stated.identity.clone());
    let found = candidates.into_iter().find_map(|operation| {
        let stating = api.operations.get(operation)?;
        let schema = answer_schema(stating)?;
        let parameter = &plan.collections.get(index)?.parameter;
        let listed = plan.parts.get(&operation)?.role == Role::List;
        let (place, identity) = match &known {
            None => shape::find_item(&api.schemas, schema, parameter, listed)?,
            Some(known) => (shape::find_place(&api.schemas, schema, known, listed)?, known.clone()),
        };
        Some((schema, stated(stating).at.clone().unwrap_or(place), identity, listed))
    });
    let Some((schema, place, identity, listed)) = found else { return };
    for operation in 0..api.operations.len() {
        let Some(part) = plan.parts.get_mut(&operation).filter(|part| part.collection == index) else {
            continue;
        };
        let Some(stating) = api.operations.get(operation) else { continue };
        let Some(schema) = answer_schema(stating) else { continue };
        let many = part.role == Role::List;
        let place = stated(stating).at.clone();
        let place = place.or_else(|| shape::find_place(&api.schemas, schema, &identity, many));
        part.answer = place.map(|place| (schema, place));
    }
    if let Some(collection) = plan.collections.get_mut(index) {
        collection.identity = Some(identity);
        collection.item = (!listed).then_some((schema, place));
    }
}

/// The operations of a role in a collection, in the document's order.
fn operations(plan: &Plan, collection: usize, role: Role) -> Vec<usize> {
    let parts = plan.parts.iter().filter(|(_, part)| part.collection == collection && part.role == role);
    let mut operations: Vec<usize> = parts.map(|(operation, _)| *operation).collect();
    operations.sort_unstable();
    operations
}

/// The path above a last segment that is one whole parameter, and the parameter's name.
pub(crate) fn split_item(pieces: &[PathPiece]) -> Option<(&[PathPiece], &str)> {
    let pieces = match pieces {
        [rest @ .., PathPiece::Literal(slash)] if slash == "/" => rest,
        whole => whole,
    };
    match pieces {
        [above @ .., PathPiece::Parameter(name)] => match above.last()? {
            PathPiece::Literal(text) if text.ends_with('/') && text.len() > 1 => Some((above, name)),
            _ => None,
        },
        _ => None,
    }
}

/// What two paths that differ in parameter names and slashes at the end have in common.
pub(super) fn structure(path: &str) -> String {
    let mut parts = path.trim_end_matches('/').split('{');
    let mut structure = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        structure.push_str("{}");
        structure.push_str(part.split_once('}').map_or("", |(_, literal)| literal));
    }
    structure
}

fn parameter_name(piece: &PathPiece) -> Option<&str> {
    match piece {
        PathPiece::Parameter(name) => Some(name),
        PathPiece::Literal(_) => None,
    }
}

/// The lowest documented status of success.
fn status(operation: &Operation) -> Option<u16> {
    let codes = operation.responses.iter().filter_map(|(pattern, _)| match pattern {
        StatusPattern::Code(code @ 200..=299) => Some(*code),
        StatusPattern::Range(2) => Some(200),
        _ => None,
    });
    codes.min()
}

/// The JSON schema of the answer of success.
fn answer_schema(operation: &Operation) -> Option<SchemaId> {
    let status = status(operation)?;
    let patterns = [StatusPattern::Code(status), StatusPattern::Range(2)];
    let (_, response) = operation.responses.iter().find(|(pattern, _)| patterns.contains(pattern))?;
    let json = response.content.iter().find(|(media_type, _)| {
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("application/json") || essence.ends_with("+json")
    });
    json?.1.schema
}
