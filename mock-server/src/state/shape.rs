//! Where an item stands in an answer, and which of its properties is its identity.

use descant_model::api::{SchemaId, Schemas};
use descant_model::schema::Schema;
use indexmap::IndexMap;

/// How many schemas are looked at for one value, and how many `$ref`s are followed in a row.
const MAX_STEPS: usize = 64;

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
    identity: impl Fn(&IndexMap<&str, &Schema>) -> Option<String>,
) -> Option<(Place, String)> {
    let root = schemas.schema(answer)?;
    let mut places = places(schemas, root, many).into_iter();
    places.find_map(|(place, item)| Some((place, identity(&properties(schemas, item))?)))
}

/// Finds the item, or the array of items, that has the identity.
pub(super) fn find_place(schemas: &Schemas, answer: SchemaId, identity: &str, many: bool) -> Option<Place> {
    let root = schemas.schema(answer)?;
    let mut places = places(schemas, root, many).into_iter();
    places.find(|(_, item)| properties(schemas, item).contains_key(identity)).map(|(place, _)| place)
}

/// The schema of the item that stands at a place of an answer, or of the items of the list there.
pub(super) fn item<'a>(
    schemas: &'a Schemas,
    answer: SchemaId,
    place: &[String],
    many: bool,
) -> Option<&'a Schema> {
    let mut schema = schemas.schema(answer)?;
    for name in place {
        schema = properties(schemas, schema).get(name.as_str())?;
    }
    if many { items(schemas, schema) } else { Some(schema) }
}

/// The place of a list whose items are of the very schema of `item`.
pub(super) fn find_list(schemas: &Schemas, answer: SchemaId, item: &Schema) -> Option<Place> {
    let item = resolve(schemas, item)?;
    let root = schemas.schema(answer)?;
    let is_it = |listed: &Schema| resolve(schemas, listed).is_some_and(|listed| std::ptr::eq(listed, item));
    places(schemas, root, true).into_iter().find(|(_, listed)| is_it(listed)).map(|(place, _)| place)
}

/// The places at which an item (or the items of an array) may stand: the answer, then each of its properties.
fn places<'a>(schemas: &'a Schemas, root: &'a Schema, many: bool) -> Vec<(Place, &'a Schema)> {
    let here = |schema: &'a Schema| if many { items(schemas, schema) } else { Some(schema) };
    let mut found: Vec<_> = here(root).map(|item| (Vec::new(), item)).into_iter().collect();
    for (name, schema) in properties(schemas, root) {
        found.extend(here(schema).map(|item| (vec![name.to_owned()], item)));
    }
    found
}

/// What properties that hold an identity are called.
const IDENTITIES: [&str; 7] = ["id", "uuid", "name", "key", "slug", "code", "number"];

/// The property that holds what the path parameter names: the parameter's own name, then `id`, then what comes near.
fn identity(properties: &IndexMap<&str, &Schema>, parameter: &str) -> Option<String> {
    named(properties, parameter).or_else(|| IDENTITIES.iter().find_map(|known| called(properties, known)))
}

/// The property of the parameter's own name, else of what that ends in: `petId` is the `id` of a pet.
fn named(properties: &IndexMap<&str, &Schema>, parameter: &str) -> Option<String> {
    let wanted = fold(parameter);
    let mut endings = IDENTITIES.iter().filter(|known| wanted.ends_with(*known));
    called(properties, &wanted).or_else(|| endings.find_map(|known| called(properties, known)))
}

fn called(properties: &IndexMap<&str, &Schema>, folded: &str) -> Option<String> {
    properties.keys().find(|name| fold(name) == folded).map(|name| (*name).to_owned())
}

/// A name without case and separators: `pet_id`, `petId` and `pet-id` are one.
pub(crate) fn fold(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The schema of the items of an array.
fn items<'a>(schemas: &'a Schemas, schema: &'a Schema) -> Option<&'a Schema> {
    resolve(schemas, schema)?.items().map(|items| &**items)
}

/// The properties of an object, those of `allOf` and of every branch included; of one that several have, the first.
pub(super) fn properties<'a>(schemas: &'a Schemas, schema: &'a Schema) -> IndexMap<&'a str, &'a Schema> {
    let mut found = IndexMap::new();
    for schema in family(schemas, schema, true) {
        for (name, schema) in schema.properties().into_iter().flat_map(|properties| properties.iter()) {
            found.entry(name.as_str()).or_insert(schema);
        }
    }
    found
}

/// The names that every value of an object schema has; `wide`: those that a branch of a union requires, too.
pub(super) fn required<'a>(schemas: &'a Schemas, schema: &'a Schema, wide: bool) -> Vec<&'a str> {
    let members = family(schemas, schema, wide).into_iter();
    members.flat_map(|schema| schema.required().into_iter().flatten()).map(String::as_str).collect()
}

/// A schema and those that apply to the same value by `$ref` and `allOf`, with `branches` by `oneOf` and `anyOf`, too; at
/// most [`MAX_STEPS`] of them.
fn family<'a>(schemas: &'a Schemas, schema: &'a Schema, branches: bool) -> Vec<&'a Schema> {
    let mut members: Vec<_> = resolve(schemas, schema).into_iter().collect();
    let mut next = 0;
    while let Some(schema) = members.get(next).copied() {
        next += 1;
        let one = schema.one_of().into_iter().flat_map(|one| one.iter());
        let any = schema.any_of().into_iter().flatten();
        let more = schema.parts().iter().chain(one.chain(any).filter(|_| branches));
        for member in more.filter_map(|member| resolve(schemas, member)) {
            if members.len() < MAX_STEPS && !members.iter().any(|known| std::ptr::eq(*known, member)) {
                members.push(member);
            }
        }
    }
    members
}

/// Follows `$ref` to the schema itself.
pub(super) fn resolve<'a>(schemas: &'a Schemas, schema: &'a Schema) -> Option<&'a Schema> {
    let mut schema = schema;
    for _ in 0..MAX_STEPS {
        match schema.reference() {
            Some(target) => schema = schemas.schema(*target)?,
            None => return Some(schema),
        }
    }
    None
}
