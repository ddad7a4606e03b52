//! The schemas that apply to one value, and the properties that they declare together.

use indexmap::IndexMap;

use super::{Schema, Schemas};

/// The number of schemas that are visited for one value, and of `$ref`s that are followed in a row.
const MAX_STEPS: usize = 64;

impl Schemas {
    /// Follows `$ref` to the schema itself.
    pub fn resolve<'a>(&'a self, schema: &'a Schema) -> Option<&'a Schema> {
        let mut schema = schema;
        for _ in 0..MAX_STEPS {
            match schema.reference() {
                Some(target) => schema = self.schema(*target)?,
                None => return Some(schema),
            }
        }
        None
    }

    /// Returns a schema and those that apply to the same value by `$ref` and `allOf`, with `branches` by `oneOf` and `anyOf`,
    /// too; at most 64 of them.
    pub fn family<'a>(&'a self, schema: &'a Schema, branches: bool) -> Vec<&'a Schema> {
        let mut members: Vec<_> = self.resolve(schema).into_iter().collect();
        let mut next = 0;
        while let Some(schema) = members.get(next).copied() {
            next += 1;
            let more = schema.parts().iter().chain(schema.alternatives().filter(|_| branches));
            for member in more.filter_map(|member| self.resolve(member)) {
                if members.len() < MAX_STEPS && !members.iter().any(|known| std::ptr::eq(*known, member)) {
                    members.push(member);
                }
            }
        }
        members
    }

    /// Returns the properties of an object, those of `allOf` and of every branch included; of one that several have, the
    /// first.
    pub fn properties<'a>(&'a self, schema: &'a Schema) -> IndexMap<&'a str, &'a Schema> {
        let mut found = IndexMap::new();
        for schema in self.family(schema, true) {
            for (name, schema) in schema.properties().into_iter().flat_map(|properties| properties.iter()) {
                found.entry(name.as_str()).or_insert(schema);
            }
        }
        found
    }

    /// Returns the names that every value of an object schema has; `wide`: those that a branch of a union requires, too.
    pub fn required<'a>(&'a self, schema: &'a Schema, wide: bool) -> Vec<&'a str> {
        let members = self.family(schema, wide).into_iter();
        members.flat_map(|schema| schema.required().into_iter().flatten()).map(String::as_str).collect()
    }
}
