//! The default operation ids of FastAPI, `read_flows_flows_filter_post`: a function's name, its path and its method. The name
//! alone says what the operation does.

use std::collections::HashMap;

use descant_model::api::{Api, Operation, PathPiece};

use super::names::{Case, spell};

/// The short names of operations that have a default id, by that id: those that no other operation would have.
pub(super) fn short_names(api: &Api) -> HashMap<&str, &str> {
    let named = api.operations.iter().filter_map(|operation| Some((operation.id.as_deref()?, operation)));
    let found: Vec<(&str, Option<&str>)> = named.map(|(id, one)| (id, function(id, one))).collect();
    // One id may have the form by chance.
    let count = found.iter().filter(|(_, short)| short.is_some()).count();
    if count * 2 <= found.len() {
        return HashMap::new();
    }
    let mut users: HashMap<String, usize> = HashMap::new();
    for (id, short) in &found {
        let names = [Some(*id), *short].into_iter().flatten().map(|name| spell(name, Case::Snake));
        names.for_each(|name| *users.entry(name).or_default() += 1);
    }
    let is_alone = |short: &str| users.get(&spell(short, Case::Snake)) == Some(&1);
    found.into_iter().filter_map(|(id, short)| Some((id, short.filter(|short| is_alone(short))?))).collect()
}

/// The name of the function in a default id.
fn function<'a>(id: &'a str, operation: &Operation) -> Option<&'a str> {
    let path = operation.path.pieces.iter().map(|piece| match piece {
        PathPiece::Literal(text) => text.clone(),
        PathPiece::Parameter(name) => format!("{{{name}}}"),
    });
    let sign = |c: char| if c.is_alphanumeric() || c == '_' { c } else { '_' };
    let path: String = path.collect::<String>().chars().map(sign).collect();
    let rest = id.strip_suffix(&format!("_{}", operation.method.to_lowercase()))?.strip_suffix(&path)?;
    Some(rest).filter(|rest| rest.contains(|c: char| c.is_ascii_alphabetic()))
}

/// What the schema of an operation's form is called after: `Body_upload_upload_post` is `Body_upload`.
pub(super) fn short_body(component: &str, short: &HashMap<&str, &str>) -> Option<String> {
    Some(format!("Body_{}", short.get(component.strip_prefix("Body_")?)?))
}
