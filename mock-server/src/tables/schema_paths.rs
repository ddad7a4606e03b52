//! Paths in the schema of a response: to the item or list in its envelope, and to the property that identifies an item.

use descant_model::api::{SchemaId, Schemas};
use descant_model::schema::Schema;
use indexmap::IndexMap;

use crate::vocabulary::value_path::{ValuePath, fold};

/// Finds the item that a parameter identifies, and the property that holds its identity.
pub(crate) fn find_item(
    schemas: &Schemas,
    response: SchemaId,
    parameter: &str,
    many: bool,
) -> Option<(ValuePath, String)> {
    find(schemas, response, many, |properties| identity(properties, parameter))
}

/// Returns the path of the property that a parameter names.
pub(crate) fn property_path(schemas: &Schemas, response: SchemaId, parameter: &str) -> Option<ValuePath> {
    let found = find(schemas, response, false, |properties| named(properties, parameter));
    found.map(|(mut path, property)| {
        path.push(property);
        path
    })
}

/// Returns the path of the response's own property that a parameter's ending names: `id` for `orderId`.
pub(crate) fn ending_path(schemas: &Schemas, response: SchemaId, parameter: &str) -> Option<ValuePath> {
    let own = schemas.properties(schemas.schema(response)?);
    Some(vec![ending(&own, &fold(parameter))?])
}

/// Returns the paths of the properties that repeat a parameter: of its own name, and the identity of an object of the
/// name before its ending.
pub(crate) fn exact_paths(schemas: &Schemas, response: SchemaId, parameter: &str) -> Vec<ValuePath> {
    let wanted = fold(parameter);
    if IDENTITIES.contains(&wanted.as_str()) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let Some(root) = schemas.schema(response) else { return found };
    for (name, schema) in schemas.properties(root) {
        let folded = fold(name);
        if folded == wanted {
            found.push(vec![name.to_owned()]);
        }
        let ending = wanted.strip_prefix(&folded).filter(|ending| IDENTITIES.contains(ending));
        let inner = ending.and_then(|ending| called(&schemas.properties(schema), ending));
        found.extend(inner.map(|inner| vec![name.to_owned(), inner]));
    }
    found
}

fn find(
    schemas: &Schemas,
    response: SchemaId,
    many: bool,
    identity: impl Fn(&IndexMap<&str, &Schema>) -> Option<String>,
) -> Option<(ValuePath, String)> {
    let root = schemas.schema(response)?;
    let mut paths = paths(schemas, root, many).into_iter();
    paths.find_map(|(path, item)| Some((path, identity(&schemas.properties(item))?)))
}

/// Returns the path of the item, or of the list of items, that has an identity property.
pub(crate) fn find_path(
    schemas: &Schemas,
    response: SchemaId,
    identity: &str,
    many: bool,
) -> Option<ValuePath> {
    let root = schemas.schema(response)?;
    let mut paths = paths(schemas, root, many).into_iter();
    paths.find(|(_, item)| schemas.properties(item).contains_key(identity)).map(|(path, _)| path)
}

/// Returns the schema of the item at a path, or of the items of the list there.
pub(crate) fn item<'a>(
    schemas: &'a Schemas,
    response: SchemaId,
    path: &[String],
    many: bool,
) -> Option<&'a Schema> {
    let mut schema = schemas.schema(response)?;
    for name in path {
        schema = schemas.properties(schema).get(name.as_str())?;
    }
    if many { items(schemas, schema) } else { Some(schema) }
}

/// Returns the path of the value that has the schema `item` itself.
pub(crate) fn find_value(schemas: &Schemas, response: SchemaId, item: &Schema) -> Option<ValuePath> {
    find_same(schemas, response, item, false)
}

/// Returns the path of the list whose items have the schema `item` itself.
pub(crate) fn find_list(schemas: &Schemas, response: SchemaId, item: &Schema) -> Option<ValuePath> {
    find_same(schemas, response, item, true)
}

fn find_same(schemas: &Schemas, response: SchemaId, item: &Schema, many: bool) -> Option<ValuePath> {
    let item = schemas.resolve(item)?;
    let root = schemas.schema(response)?;
    let is_it = |listed: &Schema| schemas.resolve(listed).is_some_and(|listed| std::ptr::eq(listed, item));
    paths(schemas, root, many).into_iter().find(|(_, listed)| is_it(listed)).map(|(path, _)| path)
}

/// Returns the paths at which an item (or the items of a list) may be: the response, then each of its properties.
fn paths<'a>(schemas: &'a Schemas, root: &'a Schema, many: bool) -> Vec<(ValuePath, &'a Schema)> {
    let here = |schema: &'a Schema| if many { items(schemas, schema) } else { Some(schema) };
    let mut found: Vec<_> = here(root).map(|item| (Vec::new(), item)).into_iter().collect();
    for (name, schema) in schemas.properties(root) {
        found.extend(here(schema).map(|item| (vec![name.to_owned()], item)));
    }
    found
}

/// The names of properties that hold an identity.
const IDENTITIES: [&str; 7] = ["id", "uuid", "name", "key", "slug", "code", "number"];

/// Returns the property that a path parameter identifies items by: of its own name, then one of [`IDENTITIES`].
fn identity(properties: &IndexMap<&str, &Schema>, parameter: &str) -> Option<String> {
    named(properties, parameter).or_else(|| IDENTITIES.iter().find_map(|known| called(properties, known)))
}

/// Returns the property of the parameter's own name, else of its ending: `petId` is the `id` of a pet.
fn named(properties: &IndexMap<&str, &Schema>, parameter: &str) -> Option<String> {
    let wanted = fold(parameter);
    called(properties, &wanted).or_else(|| ending(properties, &wanted))
}

fn ending(properties: &IndexMap<&str, &Schema>, wanted: &str) -> Option<String> {
    let mut endings = IDENTITIES.iter().filter(|known| wanted.ends_with(*known));
    endings.find_map(|known| called(properties, known))
}

fn called(properties: &IndexMap<&str, &Schema>, folded: &str) -> Option<String> {
    properties.keys().find(|name| fold(name) == folded).map(|name| (*name).to_owned())
}

/// Returns the schema of the items of an array.
fn items<'a>(schemas: &'a Schemas, schema: &'a Schema) -> Option<&'a Schema> {
    schemas.resolve(schema)?.items().map(|items| &**items)
}
