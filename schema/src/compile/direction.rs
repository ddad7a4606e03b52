//! The properties that `readOnly` and `writeOnly` hide, by direction (OAS 4.8.24).

use std::collections::BTreeMap;

use descant_model::schema::Schema;

use super::Sources;
use crate::node::Hidden;

/// How many schemas are looked at for the properties of one: enough for real hierarchies, little for a hostile one.
const REACH: usize = 256;

/// Returns the properties that are hidden in some direction, among those that apply to an instance of `schema` in
/// place: its own, and those of `allOf`, `oneOf`, `anyOf` and `$ref`.
pub(super) fn hidden<'a>(schema: &'a Schema, sources: &'a Sources) -> BTreeMap<&'a str, Hidden> {
    let mut names = BTreeMap::new();
    for schema in family(schema, sources, true) {
        let properties = schema.properties().into_iter().flat_map(|properties| properties.iter());
        let marked = properties.map(|(name, property)| (name.as_str(), marks(property, sources)));
        names.extend(marked.filter(|(_, hidden)| *hidden != Hidden::default()));
    }
    names
}

/// Returns in which directions a property is hidden: its schema says so, itself or by `$ref` or `allOf`.
pub(super) fn marks(property: &Schema, sources: &Sources) -> Hidden {
    let is_marked = |mark: fn(&Schema) -> Option<&bool>| {
        let marked = |schema: &Schema| mark(schema) == Some(&true);
        marked(property) || family(property, sources, false).into_iter().any(marked)
    };
    Hidden { in_request: is_marked(Schema::read_only), in_response: is_marked(Schema::write_only) }
}

/// Returns a schema and those that apply to the same value by `$ref`, `allOf` and, where asked for, by its
/// alternatives; at most [`REACH`] of them.
fn family<'a>(schema: &'a Schema, sources: &'a Sources, alternatives: bool) -> Vec<&'a Schema> {
    let mut members = vec![schema];
    let mut next = 0;
    while let Some(schema) = members.get(next).copied() {
        next += 1;
        let listed = schema.parts().iter().chain(schema.alternatives().filter(|_| alternatives));
        let referred = schema.reference().and_then(|id| sources.get(id.0 as usize));
        for member in listed.chain(referred.map(|(_, source)| &**source)) {
            if members.len() < REACH && !members.iter().any(|known| std::ptr::eq(*known, member)) {
                members.push(member);
            }
        }
    }
    members
}
