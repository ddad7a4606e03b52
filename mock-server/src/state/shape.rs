//! Where an item stands in an answer, and which of its properties is its identity.

use descant_model::api::{SchemaId, Schemas};
use indexmap::IndexMap;
use serde_json::Value;

/// How deep `$ref`, `allOf` and single branches are followed.
const MAX_STEPS: usize = 16;

/// The properties on the way from an answer to the item, or to the array of items; empty for the answer itself.
pub type Place = Vec<String>;

/// Finds the item in the answer that the parameter names, and the property that holds its identity.
pub(super) fn find_item(
    schemas: &Schemas,
    answer: SchemaId,
    parameter: &str,
    many: bool,
) -> Option<(Place, String)> {
    find(schemas, answer, many, |properties| identity(properties, parameter))
}

/// Returns where in an answer the property stands that a parameter names.
pub(crate) fn place_of(schemas: &Schemas, answer: SchemaId, parameter: &str) -> Option<Place> {
    let found = find(schemas, answer, false, |properties| named(properties, parameter));
    found.map(|(mut place, property)| {
        place.push(property);
        place
    })
}

fn find(
    schemas: &Schemas,
    answer: SchemaId,
    many: bool,
    identity: impl Fn(&IndexMap<&str, &Value>) -> Option<String>,
) -> Option<(Place, String)> {
    let root = &*schemas.get(answer)?.value;
    let mut places = places(schemas, root, many).into_iter();
    places.find_map(|(place, item)| Some((place, identity(&properties(schemas, item))?)))
}

/// Finds the item, or the array of items, that has the identity.
pub(super) fn find_place(schemas: &Schemas, answer: SchemaId, identity: &str, many: bool) -> Option<Place> {
    let root = &*schemas.get(answer)?.value;
    let mut places = places(schemas, root, many).into_iter();
    places.find(|(_, item)| properties(schemas, item).contains_key(identity)).map(|(place, _)| place)
}

/// The schema of the item that stands at a place of an answer, or of the items of the list there.
pub(super) fn item<'a>(
    schemas: &'a Schemas,
    answer: SchemaId,
    place: &[String],
    many: bool,
) -> Option<&'a Value> {
    let mut schema = &*schemas.get(answer)?.value;
    for name in place {
        schema = properties(schemas, schema).get(name.as_str())?;
    }
    if many { items(schemas, schema) } else { Some(schema) }
}

/// The place of a list whose items are of the very schema of `item`.
pub(super) fn find_list(schemas: &Schemas, answer: SchemaId, item: &Value) -> Option<Place> {
    let item = resolve(schemas, item)?;
    let root = &*schemas.get(answer)?.value;
    let is_it = |listed: &Value| resolve(schemas, listed).is_some_and(|listed| std::ptr::eq(listed, item));
    places(schemas, root, true).into_iter().find(|(_, listed)| is_it(listed)).map(|(place, _)| place)
}

/// The places at which an item (or the items of an array) may stand: the answer, then each of its properties.
fn places<'a>(schemas: &'a Schemas, root: &'a Value, many: bool) -> Vec<(Place, &'a Value)> {
    let here = |schema: &'a Value| if many { items(schemas, schema) } else { Some(schema) };
    let mut found: Vec<_> = here(root).map(|item| (Vec::new(), item)).into_iter().collect();
    for (name, schema) in properties(schemas, root) {
        found.extend(here(schema).map(|item| (vec![name.to_owned()], item)));
    }
    found
}

/// What properties that hold an identity are called.
const IDENTITIES: [&str; 7] = ["id", "uuid", "name", "key", "slug", "code", "number"];

/// The property that holds what the path parameter names: the parameter's own name, then `id`, then what comes near.
fn identity(properties: &IndexMap<&str, &Value>, parameter: &str) -> Option<String> {
    named(properties, parameter).or_else(|| IDENTITIES.iter().find_map(|known| called(properties, known)))
}

/// The property of the parameter's own name, else of what that ends in: `petId` is the `id` of a pet.
fn named(properties: &IndexMap<&str, &Value>, parameter: &str) -> Option<String> {
    let wanted = fold(parameter);
    let mut endings = IDENTITIES.iter().filter(|known| wanted.ends_with(*known));
    called(properties, &wanted).or_else(|| endings.find_map(|known| called(properties, known)))
}

fn called(properties: &IndexMap<&str, &Value>, folded: &str) -> Option<String> {
    properties.keys().find(|name| fold(name) == folded).map(|name| (*name).to_owned())
}

/// A name without case and separators: `pet_id`, `petId` and `pet-id` are one.
pub(crate) fn fold(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The schema of the items of an array.
fn items<'a>(schemas: &'a Schemas, schema: &'a Value) -> Option<&'a Value> {
    resolve(schemas, schema)?.get("items")
}

/// The properties of an object, those of `allOf` included.
pub(super) fn properties<'a>(schemas: &'a Schemas, schema: &'a Value) -> IndexMap<&'a str, &'a Value> {
    let mut found = IndexMap::new();
    let mut open = vec![schema];
    for _ in 0..MAX_STEPS {
        let Some(schema) = open.pop().and_then(|schema| resolve(schemas, schema)) else { break };
        let own = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        found.extend(own.map(|(name, schema)| (name.as_str(), schema)));
        for keyword in ["allOf", "oneOf", "anyOf"] {
            let branches =
                schema.get(keyword).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let branches = branches.iter().filter(|branch| branch.get("type") != Some(&Value::from("null")));
            open.extend(branches.take(if keyword == "allOf" { MAX_STEPS } else { 1 }));
        }
    }
    found
}

/// The names that every value of an object schema has.
pub(super) fn required<'a>(schemas: &'a Schemas, schema: &'a Value) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut open = vec![schema];
    for _ in 0..MAX_STEPS {
        let Some(schema) = open.pop().and_then(|schema| resolve(schemas, schema)) else { break };
        let own = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        found.extend(own.filter_map(Value::as_str));
        open.extend(schema.get("allOf").and_then(Value::as_array).into_iter().flatten());
    }
    found
}

/// Follows `$ref` to the schema itself.
pub(super) fn resolve<'a>(schemas: &'a Schemas, schema: &'a Value) -> Option<&'a Value> {
    let mut schema = schema;
    for _ in 0..MAX_STEPS {
        match schema.get("$ref").and_then(Value::as_str) {
            Some(reference) => schema = &*schemas.target(reference)?.1.value,
            None => return Some(schema),
        }
    }
    None
}
