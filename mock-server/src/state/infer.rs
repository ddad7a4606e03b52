//! Which operations work on the same things: collections and their items, inferred from the paths alone.
//!
//! `/pets` with `/pets/{petId}` is a collection and its items, whatever stands before them. Methods give the roles:
//! POST on the collection creates, GET lists, and on the item GET, PUT, PATCH and DELETE do what RFC 9110 says.

use std::collections::HashMap;

use descant_model::api::{Api, Operation, PathPiece, SchemaId, StatusPattern};

use super::shape::{self, Place};

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
    /// The path parameter that names the item; `None` on the collection itself.
    pub item: Option<String>,
    /// The status of the answer, its schema, and where in it the item or items stand.
    pub status: u16,
    pub answer: Option<(SchemaId, Place)>,
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
        let Some((above, parameter)) = split_item(&operation.path.pieces) else { continue };
        by_path.entry(structure(above)).or_insert_with(|| {
            let raw = operation.path.raw.trim_end_matches('/');
            let path = raw.strip_suffix(&format!("/{{{parameter}}}")).unwrap_or(raw).to_owned();
            plan.collections.push(Collection {
                path,
                parameter: parameter.to_owned(),
                identity: None,
                item: None,
            });
            plan.collections.len() - 1
        });
    }
    for (index, operation) in api.operations.iter().enumerate() {
        if let Some(part) = part(operation, &by_path) {
            plan.parts.insert(index, part);
        }
    }
    for index in 0..plan.collections.len() {
        describe(api, &mut plan, index);
    }
    plan.drop_idle();
    plan
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
        self.parts.retain(|_, part| live.get(part.collection).copied().unwrap_or(false));
    }
}

/// The part of one operation, by the structure of its path and its method.
fn part(operation: &Operation, by_path: &HashMap<String, usize>) -> Option<Part> {
    let pieces = &operation.path.pieces;
    let item =
        split_item(pieces).and_then(|(above, name)| Some((*by_path.get(&structure(above))?, above, name)));
    let method = operation.method.as_str();
    let (collection, above, item) = match item {
        Some((collection, above, name)) => (collection, above, Some(name.to_owned())),
        None => (*by_path.get(&structure(pieces))?, pieces.as_slice(), None),
    };
    let role = match (&item, method) {
        (None, "POST") => Role::Create,
        (None, "GET") => Role::List,
        (Some(_), "GET") => Role::Read,
        (Some(_), "PUT") => Role::Replace,
        (Some(_), "PATCH" | "POST") => Role::Update,
        (Some(_), "DELETE") => Role::Delete,
        _ => return None,
    };
    let scope = above.iter().filter_map(parameter_name).map(str::to_owned).collect();
    Some(Part { collection, role, scope, item, status: status(operation)?, answer: None })
}

/// Finds what the items of a collection look like, then where they stand in each answer.
fn describe(api: &Api, plan: &mut Plan, index: usize) {
    let roles = [Role::Read, Role::Create, Role::Replace, Role::Update, Role::List];
    let candidates = roles.iter().flat_map(|role| operations(plan, index, *role));
    let found = candidates.collect::<Vec<_>>().into_iter().find_map(|operation| {
        let schema = answer_schema(api.operations.get(operation)?)?;
        let parameter = &plan.collections.get(index)?.parameter;
        let listed = plan.parts.get(&operation)?.role == Role::List;
        let (place, identity) = shape::find_item(&api.schemas, schema, parameter, listed)?;
        Some((schema, place, identity, listed))
    });
    let Some((schema, place, identity, listed)) = found else { return };
    for operation in 0..api.operations.len() {
        let Some(part) = plan.parts.get_mut(&operation).filter(|part| part.collection == index) else {
            continue;
        };
        let Some(schema) = api.operations.get(operation).and_then(answer_schema) else { continue };
        let many = part.role == Role::List;
        part.answer = shape::find_place(&api.schemas, schema, &identity, many).map(|place| (schema, place));
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
fn split_item(pieces: &[PathPiece]) -> Option<(&[PathPiece], &str)> {
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
fn structure(pieces: &[PathPiece]) -> String {
    let text: String = pieces
        .iter()
        .map(|piece| match piece {
            PathPiece::Literal(text) => text.as_str(),
            PathPiece::Parameter(_) => "{}",
        })
        .collect();
    text.trim_end_matches('/').to_owned()
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
