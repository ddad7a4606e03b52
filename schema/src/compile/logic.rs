//! Compiles keywords that apply other schemas to the same value, and annotations.

use descant_model::schema::{self, Keyword, Schema};

use super::{Compiler, Place, negate};
use crate::node::{Condition, Discriminator, Logic, Negation, Node, Notes, Others};

/// A negation inside of what a negation aims at, deeper than this, is aimed at by anything: each level multiplies the
/// schemas to compile.
const MAX_NEGATIONS: usize = 3;

impl<'a> Compiler<'a> {
    pub(super) fn logic(
        &mut self,
        node: &mut Node,
        schema: &'a Schema,
        keyword: &'a Keyword,
        place: &Place<'_>,
    ) {
        let logic: &mut Logic = node.logic.get_or_insert_default();
        match keyword {
            Keyword::Ref(target) => {
                self.references.insert(*target);
                logic.reference = Some(*target);
            }
            Keyword::DynamicRef(anchor) => logic.dynamic = Some(anchor.as_str().into()),
            Keyword::AllOf(all) => logic.all = self.list(all, place),
            Keyword::AnyOf(any) => logic.any = self.list(any, place),
            Keyword::OneOf(one) => {
                logic.one = self.list(one, place);
                logic.others =
                    Others { source: (self.negations == 0).then(|| one.clone()), ..Others::default() };
            }
            Keyword::Not(not) => logic.not = Some(self.negation(not, place)),
            Keyword::If(test) => logic.condition = Some(self.condition(test, schema, place)),
            Keyword::DependentSchemas(dependent) => {
                let dependent = dependent.iter();
                logic.dependent = dependent
                    .map(|(name, inner)| (name.clone(), self.inner(inner, &place.below(name))))
                    .collect();
            }
            _ => {}
        }
    }

    fn negation(&mut self, schema: &'a Schema, place: &Place<'_>) -> Negation {
        let node = self.inner(schema, place);
        if self.negations >= MAX_NEGATIONS {
            return Negation { node, aims: vec![Node::anything()] };
        }
        let mut compiler = Compiler::new(self.sources, self.negations + 1);
        compiler.aims = self.aims;
        let aims = negate::negate(&mut compiler, schema, place.depth, negate::BUDGET);
        self.aims = compiler.aims;
        self.references.append(&mut compiler.references);
        Negation { node, aims }
    }

    fn condition(&mut self, test: &'a Schema, schema: &'a Schema, place: &Place<'_>) -> Condition {
        let mut branch = |stated: Option<&'a Box<Schema>>, name: &str| {
            stated.map(|schema| self.inner(schema, &Place { token: name, ..*place }))
        };
        let (then, otherwise) = (branch(schema.then(), "then"), branch(schema.otherwise(), "else"));
        Condition { test: self.negation(test, place), then, otherwise }
    }
}

/// Adds what is no constraint, but guides samples and words.
pub(super) fn notes(node: &mut Node, schema: &Schema) {
    let listed = schema.keywords().iter().filter_map(|keyword| match keyword {
        Keyword::Examples(examples) => Some(examples),
        _ => None,
    });
    let default = schema.default_value().map(|value| &**value);
    let examples = listed.flatten().chain(default).cloned().collect();
    let title = schema.title().map(|title| title.as_str().into());
    let notes =
        Notes { title, examples, discriminator: schema.discriminator().map(|one| discriminator(one)) };
    let is_any = notes.title.is_some() || !notes.examples.is_empty() || notes.discriminator.is_some();
    node.notes = is_any.then(|| Box::new(notes));
}

fn discriminator(stated: &schema::Discriminator) -> Discriminator {
    let mapping = stated.mapping.iter().map(|(value, id)| (*id, value.clone())).collect();
    let has_default = stated.default.is_some();
    Discriminator { property: stated.property.as_str().into(), mapping, has_default }
}
