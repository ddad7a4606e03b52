//! Which schemas differ by who writes a value: those that say `readOnly` or `writeOnly`, or lead to one that does.

use std::collections::{HashMap, HashSet};

use descant_model::api::{SchemaId, Schemas};
use descant_model::schema::Schema;

/// To which schemas each schema points.
pub(super) fn links(schemas: &Schemas) -> Vec<Vec<SchemaId>> {
    let definitions = schemas.entries.iter();
    definitions.map(|one| one.schema.within().filter_map(Schema::reference).copied().collect()).collect()
}

/// The schemas that say `readOnly` or `writeOnly`, or lead to one that does.
pub(super) fn sided(schemas: &Schemas, links: &[Vec<SchemaId>]) -> HashSet<SchemaId> {
    let mut sided: HashSet<SchemaId> = HashSet::new();
    let mut back: HashMap<SchemaId, Vec<SchemaId>> = HashMap::new();
    let mut open = Vec::new();
    for (index, (schema, targets)) in schemas.entries.iter().zip(links).enumerate() {
        let id = SchemaId(index as u32);
        targets.iter().for_each(|target| back.entry(*target).or_default().push(id));
        if says_side(&schema.schema) {
            open.push(id);
        }
    }
    while let Some(id) = open.pop() {
        if sided.insert(id) {
            open.extend(back.get(&id).into_iter().flatten());
        }
    }
    sided
}

fn says_side(schema: &Schema) -> bool {
    let is_sided = |schema: &Schema| schema.read_only() == Some(&true) || schema.write_only() == Some(&true);
    schema.within().any(is_sided)
}
