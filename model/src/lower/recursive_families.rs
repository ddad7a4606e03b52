//! Resolves recursive families: `Pet` is `oneOf` `Cat` and `Dog`, and `Cat` is `allOf` `Pet` and more. Strictly, neither can be
//! validated without the other. The intent is clear: a member includes the keywords of its parent beside the alternatives. A schema
//! of these keywords is added, and the members include it instead of the parent.

use std::sync::Arc;

use indexmap::IndexMap;
use rustc_hash::FxHashMap;

use crate::api::{Definition, SchemaId, SchemaName, Schemas};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::schema::{Keyword, Schema};

/// The places at which a schema, the first, includes another by `allOf`.
type Included = FxHashMap<(SchemaId, SchemaId), usize>;

/// Makes each member of a family include its parent without the alternatives.
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
            let Some(definition) = schemas.entries.get_mut(member.0 as usize) else { continue };
            include(Arc::make_mut(&mut definition.schema), branch, base);
        }
    }
}

fn included(schemas: &Schemas, member: SchemaId) -> Vec<((SchemaId, SchemaId), usize)> {
    let parts = schemas.schema(member).map_or(&[][..], Schema::parts).iter().enumerate();
    parts.filter_map(|(branch, part)| Some(((member, *part.reference()?), branch))).collect()
}

/// The schemas that a schema is one of and that are all of it, each with the place of the latter.
fn members(schemas: &Schemas, included: &Included, parent: SchemaId) -> IndexMap<SchemaId, usize> {
    let branches = schemas.schema(parent).into_iter().flat_map(Schema::alternatives);
    let targets = branches.filter_map(Schema::reference);
    targets.filter_map(|member| Some((*member, *included.get(&(*member, parent))?))).collect()
}

/// Replaces one part of an `allOf` by a reference to a base.
fn include(schema: &mut Schema, part: usize, base: SchemaId) {
    let Schema::Keywords(keywords) = schema else { return };
    let parts = keywords.iter_mut().find_map(|keyword| match keyword {
        Keyword::AllOf(parts) => Some(parts),
        _ => None,
    });
    if let Some(Schema::Keywords(part)) = parts.and_then(|parts| parts.get_mut(part)) {
        for keyword in part {
            if let Keyword::Ref(target) = keyword {
                *target = base;
            }
        }
    }
}

/// Adds a schema with the keywords of another schema beside its alternatives.
fn add_base(schemas: &mut Schemas, parent: SchemaId) -> Option<SchemaId> {
    let definition = schemas.get(parent)?;
    let is_choice = |keyword: &Keyword| {
        matches!(keyword, Keyword::OneOf(_) | Keyword::AnyOf(_) | Keyword::Discriminator(_))
    };
    let beside = definition.schema.keywords().iter().filter(|keyword| !is_choice(keyword)).cloned();
    let schema = Arc::new(Schema::Keywords(beside.collect()));
    let numbered = (1..).map(|number| format!("{}.base{number}", definition.key));
    let mut keys = std::iter::once(format!("{}.base", definition.key)).chain(numbered);
    let key = keys.find(|key| !schemas.by_key.contains_key(key))?;
    let name = match &definition.name {
        SchemaName::Component(name) => SchemaName::Path(vec![name.clone(), "base".to_owned()]),
        SchemaName::Path(words) => {
            SchemaName::Path(words.iter().cloned().chain(["base".to_owned()]).collect())
        }
    };
    let (origin, file) = (definition.origin.clone(), definition.file.clone());
    Some(schemas.push(Definition { key, name, schema, origin, file }))
}

fn report(schemas: &Schemas, parent: SchemaId, member: SchemaId) -> Option<Diagnostic> {
    let (parent, member) = (schemas.get(parent)?, schemas.get(member)?);
    let message = format!("`{0}` includes `{1}`, of which `{0}` is an alternative", member.key, parent.key);
    let mut finding = Diagnostic::new(Code::SchemaCycle, message, &member.origin)
        .label("includes itself through the alternatives of its parent")
        .related(parent.origin.span, "the keywords beside the alternatives are included")
        .help("move the common part to a separate schema, and include it in each member");
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
                schema-cycle /components/schemas/Cat: `Cat` includes `Pet`, of which `Cat` is an alternative
            "##]],
        );
    }
}
