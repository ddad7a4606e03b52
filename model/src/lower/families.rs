//! Families: `Pet` is one of `Cat` and `Dog`, and `Cat` is all of `Pet` and more. By the letter neither could be judged
//! without the other. What is meant is clear: a member includes what its parent says beside the choice. So a schema of
//! that is added, and the members include it in place of the parent.

use std::sync::Arc;

use indexmap::IndexMap;
use rustc_hash::FxHashMap;
use serde_json::{Value, json};

use crate::api::{Definition, SchemaId, SchemaName, Schemas};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};

/// What makes a choice of a schema.
const CHOICE: [&str; 3] = ["oneOf", "anyOf", "discriminator"];

/// The places at which a schema, the first, includes another by `allOf`.
type Included = FxHashMap<(SchemaId, SchemaId), usize>;

/// Has each member of a family include its parent without the choice.
pub(super) fn part(schemas: &mut Schemas, diagnostics: &mut Diagnostics) {
    let ids: Vec<SchemaId> = (0..schemas.entries.len()).map(|index| SchemaId(index as u32)).collect();
    let included: Included = ids.iter().flat_map(|id| included(schemas, *id)).collect();
    for parent in ids {
        let members = members(schemas, &included, parent);
        if members.is_empty() {
            continue;
        }
        let Some(base) = add_base(schemas, parent) else { continue };
        for (member, branch) in members {
            report(schemas, parent, member).into_iter().for_each(|finding| diagnostics.push(finding));
            let Some(schema) = schemas.entries.get_mut(member.0 as usize) else { continue };
            let place = format!("/allOf/{branch}/$ref");
            if let Some(reference) = Arc::make_mut(&mut schema.value).pointer_mut(&place) {
                *reference = json!(format!("#/$defs/{base}"));
            }
        }
    }
}

fn included(schemas: &Schemas, member: SchemaId) -> Vec<((SchemaId, SchemaId), usize)> {
    let Some(schema) = schemas.get(member) else { return Vec::new() };
    let parts = items(&schema.value, "allOf").enumerate();
    parts.filter_map(|(branch, part)| Some(((member, target(schemas, part)?), branch))).collect()
}

/// The schemas that a schema is one of and that are all of it, each with the place of the latter.
fn members(schemas: &Schemas, included: &Included, parent: SchemaId) -> IndexMap<SchemaId, usize> {
    let Some(schema) = schemas.get(parent) else { return IndexMap::new() };
    let branches = ["oneOf", "anyOf"].into_iter().flat_map(|keyword| items(&schema.value, keyword));
    let targets = branches.filter_map(|branch| target(schemas, branch));
    targets.filter_map(|member| Some((member, *included.get(&(member, parent))?))).collect()
}

fn items<'v>(schema: &'v Value, keyword: &str) -> impl Iterator<Item = &'v Value> {
    schema.get(keyword).and_then(Value::as_array).into_iter().flatten()
}

fn target(schemas: &Schemas, schema: &Value) -> Option<SchemaId> {
    Some(schemas.target(schema.get("$ref")?.as_str()?)?.0)
}

/// Adds a schema of what another says beside its choice, and gives its key.
fn add_base(schemas: &mut Schemas, parent: SchemaId) -> Option<String> {
    let schema = schemas.get(parent)?;
    let mut value = schema.value.as_object()?.clone();
    CHOICE.iter().for_each(|keyword| drop(value.shift_remove(*keyword)));
    let numbered = (1..).map(|number| format!("{}.base{number}", schema.key));
    let mut keys = std::iter::once(format!("{}.base", schema.key)).chain(numbered);
    let key = keys.find(|key| !schemas.by_key.contains_key(key))?;
    let name = match &schema.name {
        SchemaName::Component(name) => SchemaName::Path(vec![name.clone(), "base".to_owned()]),
        SchemaName::Path(words) => {
            SchemaName::Path(words.iter().cloned().chain(["base".to_owned()]).collect())
        }
    };
    let base = Definition {
        key: key.clone(),
        name,
        schema: Arc::default(),
        value: Arc::new(value.into()),
        origin: schema.origin.clone(),
    };
    schemas.by_key.insert(key.clone(), SchemaId(schemas.entries.len() as u32));
    schemas.entries.push(base);
    Some(key)
}

fn report(schemas: &Schemas, parent: SchemaId, member: SchemaId) -> Option<Diagnostic> {
    let (parent, member) = (schemas.get(parent)?, schemas.get(member)?);
    let message = format!("`{0}` is all of `{1}`, which is one of `{0}`", member.key, parent.key);
    let mut finding = Diagnostic::new(Code::SchemaCycle, message, &member.origin)
        .label("includes itself by way of its parent's choice")
        .related(parent.origin.span, "what stands beside the choice is included")
        .help("put what the members have in common into a schema of its own, and let each include that");
    finding.severity = Severity::Warning;
    Some(finding)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::lower::tests::check;

    #[test]
    fn members_of_a_family_include_their_parent_without_its_choice() {
        check(
            "3.0.3",
            "
paths: {}
components:
  schemas:
    Pet:
      type: object
      properties: {kind: {type: string}}
      oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
      discriminator: {propertyName: kind}
    Cat: {allOf: [{type: object, required: [kind]}, {$ref: '#/components/schemas/Pet'}]}
    Dog: {type: object, required: [kind], properties: {kind: {type: string}}}
    Pet.base: {type: string}
",
            expect![[r##"
            api "t" version "1"
            server "/"
            schema Pet component "Pet"
              type: "object"
              properties: {"kind":{"type":"string"}}
              oneOf: [{"$ref":"#/$defs/Cat"},{"$ref":"#/$defs/Dog"}]
              discriminator: {"propertyName":"kind"}
            schema Cat component "Cat"
              allOf: [{"type":"object","required":["kind"]},{"$ref":"#/$defs/Pet.base1"}]
            schema Dog component "Dog"
              type: "object"
              required: ["kind"]
              properties: {"kind":{"type":"string"}}
            schema Pet.base component "Pet.base"
              type: "string"
            schema Pet.base1 at ["Pet", "base"]
              type: "object"
              properties: {"kind":{"type":"string"}}
            schema-cycle /components/schemas/Cat: `Cat` is all of `Pet`, which is one of `Cat`
        "##]],
        );
    }
}
