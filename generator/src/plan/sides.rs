//! Which schemas differ by who writes a value: those that say `readOnly` or `writeOnly`, or lead to one that does.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use descant_model::api::{Definition, SchemaId, Schemas};

/// To which schemas each schema points.
pub(super) fn links(schemas: &Schemas) -> Vec<Vec<SchemaId>> {
    let targets = |schema: &Definition| {
        let mut found = Vec::new();
        let mut open = vec![&*schema.value];
        while let Some(value) = open.pop() {
            match value {
                Value::Object(keywords) => {
                    let reference = keywords.get("$ref").and_then(Value::as_str);
                    found.extend(reference.and_then(|r| schemas.target(r)).map(|(id, _)| id));
                    open.extend(keywords.values());
                }
                Value::Array(items) => open.extend(items),
                _ => {}
            }
        }
        found
    };
    schemas.entries.iter().map(targets).collect()
}

/// The schemas that say `readOnly` or `writeOnly`, or lead to one that does.
pub(super) fn sided(schemas: &Schemas, links: &[Vec<SchemaId>]) -> HashSet<SchemaId> {
    let mut sided: HashSet<SchemaId> = HashSet::new();
    let mut back: HashMap<SchemaId, Vec<SchemaId>> = HashMap::new();
    let mut open = Vec::new();
    for (index, (schema, targets)) in schemas.entries.iter().zip(links).enumerate() {
        let id = SchemaId(index as u32);
        targets.iter().for_each(|target| back.entry(*target).or_default().push(id));
        if says_side(&schema.value) {
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

fn says_side(value: &Value) -> bool {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(keywords) => {
                let flag = |key: &str| keywords.get(key) == Some(&Value::Bool(true));
                if flag("readOnly") || flag("writeOnly") {
                    return true;
                }
                open.extend(keywords.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    false
}
