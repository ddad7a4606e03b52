//! Infers which operations work on the same collection and its items, from the paths, unless `x-descant` states it.
//!
//! `/pets` with `/pets/{petId}` is a collection with its items, below any other path. Methods give the roles: POST on the
//! collection creates, GET lists, and on the item GET, PUT, PATCH and DELETE have their meaning (RFC 9110, 9.3; RFC 5789).

use std::collections::{BTreeSet, HashMap, HashSet};

use descant_model::api::{Api, Operation, PathPiece, SchemaId, StateRole, StateSettings, StatusPattern};
use descant_runtime::media::essence;
use serde_json::{Value, json};

use super::query::Selection;
use super::store::Scope;
use crate::tables::schema_paths;
use crate::vocabulary::value_path::{ValuePath, fold};

/// A collection of items.
#[derive(Clone, Debug)]
pub(crate) struct Collection {
    /// The template of the items' path without its last parameter, such as `/owners/{owner}/pets`.
    pub(crate) path: String,
    /// The parameter that identifies an item.
    pub(crate) parameter: String,
    /// The property that holds the identity of an item; `None` where none seems to.
    pub(crate) identity: Option<String>,
    /// The schema of the response that reads an item, and the path of the item in it.
    pub(crate) item: Option<(SchemaId, ValuePath)>,
}

/// The role of an operation in a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Create,
    List,
    Read,
    Replace,
    Update,
    Delete,
    /// Reads the item of the caller: `/me`.
    Own,
}

/// How an operation takes part in a collection.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// Index into [`CollectionPlan::collections`].
    pub(crate) collection: usize,
    pub(crate) role: Role,
    /// The path parameters that identify the parents of the collection, in order.
    pub(crate) scope: Vec<String>,
    /// The path parameter that identifies the item; `None` on the collection itself, or where the body identifies it.
    pub(crate) item: Option<String>,
    /// The collection of the last parent.
    pub(crate) parent: Option<usize>,
    /// The status of the response.
    pub(crate) status: u16,
    /// The schema of the response, and the path of the item or items in it.
    pub(crate) response: Option<(SchemaId, ValuePath)>,
    /// The query parameters that page, sort and filter a list.
    pub(crate) selection: Selection,
    /// The properties that this response shows and no later one does.
    pub(crate) shown_once: Vec<String>,
}

/// The collections of a document.
#[derive(Clone, Debug, Default)]
pub(crate) struct CollectionPlan {
    pub(crate) collections: Vec<Collection>,
    /// By index into [`Api::operations`].
    pub(crate) parts: HashMap<usize, Part>,
}

/// Infers the collections of a document, and describes them for people: their paths, identities and operations.
pub fn describe_collections(api: &Api) -> Value {
    infer(api).to_value(api)
}

/// Infers the collections of a document.
pub(crate) fn infer(api: &Api) -> CollectionPlan {
    let mut plan = CollectionPlan::default();
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
    plan.find_own(api);
    plan.drop_idle();
    plan.select(api);
    plan
}

/// Returns the path of an operation's collection, and the parameter that identifies its items: as stated, else by a path
/// that ends in a parameter.
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

/// Returns the parameter that identifies an item of a stated collection: as stated, else the first after those of the
/// collection.
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

impl CollectionPlan {
    /// Drops collections that no operation creates, changes or lists: their operations answer as without state.
    fn drop_idle(&mut self) {
        let mut live = vec![false; self.collections.len()];
        for part in self.parts.values().filter(|part| !matches!(part.role, Role::Read | Role::Own)) {
            if let Some(live) = live.get_mut(part.collection) {
                *live = true;
            }
        }
        let is_live = |collection: usize| live.get(collection).copied().unwrap_or(false);
        self.parts.retain(|_, part| is_live(part.collection));
        self.parts.values_mut().for_each(|part| part.parent = part.parent.filter(|parent| is_live(*parent)));
    }

    /// Finds lists below a collection: a GET of `/pets/findByStatus` whose response is an array of the items of
    /// `/pets/{petId}`.
    fn find_searches(&mut self, api: &Api) {
        for (index, operation) in api.operations.iter().enumerate() {
            let is_open = operation.method == "GET" && operation.descant.state.is_none();
            if !is_open || self.parts.contains_key(&index) {
                continue;
            }
            let part = self.collections.iter().enumerate().find_map(|(collection, one)| {
                let below = operation.path.raw.strip_prefix(&one.path)?;
                let is_below = below.starts_with('/') && !below.contains('{');
                let (schema, at) = one.item.as_ref().filter(|_| is_below)?;
                let item = schema_paths::item(&api.schemas, *schema, at, false)?;
                let response = response_schema(operation)?;
                let at = schema_paths::find_list(&api.schemas, response, item)?;
                let scope =
                    operation.path.pieces.iter().filter_map(parameter_name).map(str::to_owned).collect();
                Some(Part {
                    collection,
                    role: Role::List,
                    scope,
                    item: None,
                    parent: None,
                    status: status(operation)?,
                    response: Some((response, at)),
                    selection: Selection::default(),
                    shown_once: Vec::new(),
                })
            });
            self.parts.extend(part.map(|part| (index, part)));
        }
    }

    /// Finds operations that read the caller's item: a GET of `/me` whose response is an item of `/users/{id}`.
    fn find_own(&mut self, api: &Api) {
        const OWN: [&str; 6] = ["me", "self", "whoami", "profile", "currentuser", "user"];
        for (index, operation) in api.operations.iter().enumerate() {
            let last = operation.path.raw.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
            let is_own = operation.method == "GET" && OWN.contains(&fold(last).as_str());
            let is_open = is_own && !operation.path.raw.contains('{') && operation.descant.state.is_none();
            if !is_open || self.parts.contains_key(&index) {
                continue;
            }
            let part = self.collections.iter().enumerate().find_map(|(collection, one)| {
                let (schema, at) = one.item.as_ref().filter(|_| !one.path.contains('{'))?;
                let item = schema_paths::resolve(
                    &api.schemas,
                    schema_paths::item(&api.schemas, *schema, at, false)?,
                )?;
                let response = response_schema(operation)?;
                let at = schema_paths::find_value(&api.schemas, response, item)?;
                let (scope, status) = (Vec::new(), status(operation)?);
                let (selection, shown_once) = (Selection::default(), Vec::new());
                let response = Some((response, at));
                let (role, item, parent) = (Role::Own, None, None);
                Some(Part { collection, role, scope, item, parent, status, response, selection, shown_once })
            });
            self.parts.extend(part.map(|part| (index, part)));
        }
    }

    /// Infers the purpose of each list's query parameters.
    fn select(&mut self, api: &Api) {
        for (index, part) in self.parts.iter_mut().filter(|(_, part)| part.role == Role::List) {
            let Some(operation) = api.operations.get(*index) else { continue };
            let item = self.collections.get(part.collection).and_then(|collection| collection.item.as_ref());
            let item = item.and_then(|(schema, at)| schema_paths::item(&api.schemas, *schema, at, false));
            let listed = || {
                let (schema, at) = part.response.as_ref()?;
                schema_paths::item(&api.schemas, *schema, at, true)
            };
            let names = item.or_else(listed).map(|item| schema_paths::properties(&api.schemas, item));
            let names: Vec<&str> = names.into_iter().flatten().map(|(name, _)| name).collect();
            part.selection = Selection::new(api, operation, stated(operation), &names);
            let shown = listed().map(|item| schema_paths::properties(&api.schemas, item));
            let shown = shown.into_iter().flatten().map(|(name, _)| name.to_owned());
            part.selection.properties.extend(shown);
            let list = part.response.as_ref();
            let list = list.and_then(|(schema, at)| schema_paths::item(&api.schemas, *schema, at, false));
            let list = list.and_then(|list| schema_paths::resolve(&api.schemas, list));
            part.selection.most = list.and_then(|list| usize::try_from(*list.max_items()?).ok());
        }
    }

    /// Returns the collections whose parent is an item of this one, in the document's order.
    pub(super) fn below(&self, collection: usize) -> BTreeSet<usize> {
        let below = self.parts.values().filter(|part| part.parent == Some(collection));
        below.map(|part| part.collection).collect()
    }

    /// Returns the number of collections that operations take part in.
    pub(crate) fn kept(&self) -> usize {
        let collections: HashSet<usize> = self.parts.values().map(|part| part.collection).collect();
        collections.len()
    }

    /// Whether an operation takes part in a collection.
    pub(crate) fn is_kept(&self, collection: usize) -> bool {
        self.parts.values().any(|part| part.collection == collection)
    }

    /// Whether a scope belongs to one of the collections.
    pub(crate) fn keeps(&self, scope: &Scope) -> bool {
        let depth = scope.collection.matches('{').count();
        depth == scope.parents.len() && self.collections.iter().any(|known| known.path == scope.collection)
    }

    /// Describes each collection with its operations and their roles.
    pub(crate) fn to_value(&self, api: &Api) -> Value {
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
        let at = self.response.as_ref().map(|(_, at)| at.iter().map(|name| format!("/{name}")));
        let selection = (self.role == Role::List).then_some(&self.selection);
        let mut shown = json!({
            "operation": operation.key(),
            "role": format!("{:?}", self.role).to_lowercase(),
            "at": at.map(Iterator::collect::<String>),
            "paging": selection.map(|selection| &selection.paging),
            "filters": selection.map(|selection| &selection.filters),
            "searches": selection.map(|selection| &selection.searches).filter(|names| !names.is_empty()),
            "bounds": selection.map(Selection::bounded).filter(|names| !names.is_empty()),
        });
        if let Some(shown) = shown.as_object_mut() {
            shown.retain(|_, value| !value.is_null());
        }
        shown
    }
}

/// Infers how an operation takes part, by the structure of its path and its method.
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
        // The body identifies the item.
        (None, None, "PUT") => Role::Replace,
        (None, None, "PATCH") => Role::Update,
        (None, Some(_), "GET") => Role::Read,
        (None, Some(_), "PUT") => Role::Replace,
        (None, Some(_), "PATCH" | "POST") => Role::Update,
        (None, Some(_), "DELETE") => Role::Delete,
        _ => return None,
    };
    let on_items = !matches!(role, Role::Create | Role::List | Role::Own);
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
        response: None,
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

/// Finds the schema of a collection's items, then their path in each response.
fn describe(api: &Api, plan: &mut CollectionPlan, index: usize) {
    let roles = [Role::Read, Role::Create, Role::Replace, Role::Update, Role::List];
    let candidates = roles.iter().flat_map(|role| operations(plan, index, *role));
    let candidates: Vec<usize> = candidates.collect();
    let settings = |operation: &usize| api.operations.get(*operation).map(stated);
    let known = candidates.iter().filter_map(settings).find_map(|stated| stated.identity.clone());
    let found = candidates.into_iter().find_map(|operation| {
        let stating = api.operations.get(operation)?;
        let schema = response_schema(stating)?;
        let parameter = &plan.collections.get(index)?.parameter;
        let listed = plan.parts.get(&operation)?.role == Role::List;
        let (at, identity) = match &known {
            None => schema_paths::find_item(&api.schemas, schema, parameter, listed)?,
            Some(known) => (schema_paths::find_path(&api.schemas, schema, known, listed)?, known.clone()),
        };
        Some((schema, stated(stating).at.clone().unwrap_or(at), identity, listed))
    });
    let Some((schema, at, identity, listed)) = found else { return };
    for operation in 0..api.operations.len() {
        let Some(part) = plan.parts.get_mut(&operation).filter(|part| part.collection == index) else {
            continue;
        };
        let Some(stating) = api.operations.get(operation) else { continue };
        let Some(schema) = response_schema(stating) else { continue };
        let many = part.role == Role::List;
        let at = stated(stating).at.clone();
        let at = at.or_else(|| schema_paths::find_path(&api.schemas, schema, &identity, many));
        part.response = at.map(|at| (schema, at));
    }
    if let Some(collection) = plan.collections.get_mut(index) {
        collection.identity = Some(identity);
        collection.item = (!listed).then_some((schema, at));
    }
}

/// Returns the operations of a role in a collection, in the document's order.
fn operations(plan: &CollectionPlan, collection: usize, role: Role) -> Vec<usize> {
    let parts = plan.parts.iter().filter(|(_, part)| part.collection == collection && part.role == role);
    let mut operations: Vec<usize> = parts.map(|(operation, _)| *operation).collect();
    operations.sort_unstable();
    operations
}

/// Returns the path above a last segment that is one whole parameter, and the parameter's name.
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

/// Returns a path without parameter names and slashes at its end.
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

/// Returns the lowest documented status of success.
fn status(operation: &Operation) -> Option<u16> {
    let codes = operation.responses.iter().filter_map(|(pattern, _)| match pattern {
        StatusPattern::Code(code @ 200..=299) => Some(*code),
        StatusPattern::Range(2) => Some(200),
        _ => None,
    });
    codes.min()
}

/// Returns the JSON schema of the response of success.
fn response_schema(operation: &Operation) -> Option<SchemaId> {
    let status = status(operation)?;
    let patterns = [StatusPattern::Code(status), StatusPattern::Range(2)];
    let (_, response) = operation.responses.iter().find(|(pattern, _)| patterns.contains(pattern))?;
    let json = response.content.iter().find(|(media_type, _)| {
        let essence = essence(media_type);
        essence.eq_ignore_ascii_case("application/json") || essence.ends_with("+json")
    });
    json?.1.schema
}
