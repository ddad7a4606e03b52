//! Compiles a typed schema to a [`Node`]. Every keyword is handled here, in one `match` without a wildcard.

mod containers;
mod direction;
mod logic;
mod negate;
mod scalars;

use std::{collections::BTreeSet, sync::Arc};

use descant_model::{
    api::SchemaId,
    schema::{Flaw, Keyword, Schema},
};
use descant_runtime::media::MediaKind;

use crate::{node::Node, pointer};

/// Schemas nested deeper than this are cut to "anything" with a flaw: real ones stay below 20, and recursion over
/// them must fit a small stack.
const MAX_DEPTH: usize = 64;

/// The most schemas that are compiled for the sampler to aim at, of one definition or one `oneOf`: each negation within
/// another multiplies them.
const AIMS: usize = 8_192;

/// The schemas of a set, each with its key; an id is an index.
pub(crate) type Sources = [(String, Arc<Schema>)];

/// One definition of a set, compiled.
#[derive(Debug)]
pub(crate) struct Def {
    pub(crate) node: Node,
    /// The schemas in it that a `$dynamicRef` may mean, by `$dynamicAnchor`.
    pub(crate) anchors: Vec<(Box<str>, Node)>,
    /// The definitions that it refers to.
    pub(crate) references: BTreeSet<SchemaId>,
    pub(crate) flaws: Vec<Flaw>,
}

/// Compiles the definition `id` of `sources`.
pub(crate) fn compile(sources: &Sources, id: SchemaId) -> Def {
    let mut compiler = Compiler::new(sources, 0);
    let Some((key, source)) = sources.get(id.0 as usize) else {
        return Def::new(compiler, Node::anything(), Vec::new());
    };
    let at = if key.is_empty() { String::new() } else { pointer::join("/$defs", key) };
    let place = Place { outer: None, token: &at, depth: 0 };
    let node = compiler.schema(source, &place);
    let named = std::mem::take(&mut compiler.anchors);
    let flaws = std::mem::take(&mut compiler.flaws);
    let anchors = named.into_iter().map(|(name, schema)| (name.into(), compiler.schema(schema, &place)));
    let anchors = anchors.collect();
    compiler.flaws = flaws;
    Def::new(compiler, node, anchors)
}

impl Def {
    fn new(compiler: Compiler<'_>, node: Node, anchors: Vec<(Box<str>, Node)>) -> Def {
        Def { node, anchors, references: compiler.references, flaws: compiler.flaws }
    }
}

/// Returns for each alternative of a `oneOf` schemas of which each implies that it does not hold.
pub(crate) fn rule_out(sources: &Sources, alternatives: &[Schema]) -> Vec<Vec<Node>> {
    // Unions of many are told apart by little.
    let budget = (AIMS / alternatives.len().max(1)).clamp(8, negate::BUDGET);
    let mut compiler = Compiler::new(sources, 1);
    alternatives.iter().map(|schema| negate::negate(&mut compiler, schema, 0, budget)).collect()
}

struct Compiler<'a> {
    sources: &'a Sources,
    flaws: Vec<Flaw>,
    references: BTreeSet<SchemaId>,
    anchors: Vec<(&'a str, &'a Schema)>,
    /// How many negations led here: above zero, what is compiled is for the sampler to aim at. Its flaws were reported
    /// where it came from, and its alternatives are not ruled out in turn.
    negations: usize,
    /// What is left of [`AIMS`].
    aims: usize,
}

/// The place of a schema or keyword, written out only where it has a flaw.
#[derive(Clone, Copy)]
struct Place<'p> {
    outer: Option<&'p Place<'p>>,
    /// The last token of the pointer, or the whole of it where there is no outer place.
    token: &'p str,
    /// How many schemas deep it is.
    depth: usize,
}

impl<'p> Place<'p> {
    fn below(&'p self, token: &'p str) -> Place<'p> {
        Place { outer: Some(self), token, depth: self.depth }
    }

    /// Returns the JSON pointer (RFC 6901).
    fn pointer(&self) -> String {
        self.outer.map_or_else(|| self.token.to_owned(), |outer| pointer::join(&outer.pointer(), self.token))
    }
}

impl<'a> Compiler<'a> {
    fn new(sources: &'a Sources, negations: usize) -> Self {
        let (flaws, references, anchors) = Default::default();
        Compiler { sources, flaws, references, anchors, negations, aims: AIMS }
    }

    fn schema(&mut self, schema: &'a Schema, place: &Place<'_>) -> Node {
        if place.depth > MAX_DEPTH {
            self.flaw(place, "nested too deeply; treated as a schema that allows anything");
            return Node::anything();
        }
        if schema.is_false() {
            return Node::default();
        }
        if self.negations > 0 && !self.takes_aim() {
            return Node::anything();
        }
        let mut node = Node::anything();
        for keyword in schema.keywords() {
            self.keyword(&mut node, schema, keyword, place);
        }
        logic::notes(&mut node, schema);
        node.wide |= scalars::states_wide(&node);
        node
    }

    /// Takes one of the schemas that may be aimed at; false where there is none left.
    fn takes_aim(&mut self) -> bool {
        let left = self.aims.checked_sub(1);
        self.aims = left.unwrap_or(0);
        left.is_some()
    }

    /// Adds what a keyword states to a node.
    fn keyword(&mut self, node: &mut Node, schema: &'a Schema, keyword: &'a Keyword, place: &Place<'_>) {
        let place = &place.below(keyword.name());
        match keyword {
            Keyword::Type(kinds) => node.kinds = *kinds,
            Keyword::Enum(_) | Keyword::Const(_) => scalars::values(node, keyword),
            Keyword::Minimum(_)
            | Keyword::Maximum(_)
            | Keyword::ExclusiveMinimum(_)
            | Keyword::ExclusiveMaximum(_)
            | Keyword::MultipleOf(_) => self.number(node, keyword, place),
            Keyword::MinLength(_) | Keyword::MaxLength(_) | Keyword::Pattern(_) => {
                self.text(node, keyword, place);
            }
            Keyword::Format(name) => scalars::format(node, name),
            Keyword::Items(_)
            | Keyword::PrefixItems(_)
            | Keyword::Contains(_)
            | Keyword::MinItems(_)
            | Keyword::MaxItems(_)
            | Keyword::UniqueItems(_)
            | Keyword::UnevaluatedItems(_) => self.array(node, schema, keyword, place),
            Keyword::Properties(_)
            | Keyword::PatternProperties(_)
            | Keyword::AdditionalProperties(_)
            | Keyword::UnevaluatedProperties(_)
            | Keyword::PropertyNames(_)
            | Keyword::Required(_)
            | Keyword::MinProperties(_)
            | Keyword::MaxProperties(_)
            | Keyword::DependentRequired(_) => self.object(node, schema, keyword, place),
            Keyword::Ref(_)
            | Keyword::DynamicRef(_)
            | Keyword::AllOf(_)
            | Keyword::AnyOf(_)
            | Keyword::OneOf(_)
            | Keyword::Not(_)
            | Keyword::If(_)
            | Keyword::DependentSchemas(_) => self.logic(node, schema, keyword, place),
            Keyword::Nullable(is_set) => node.hides_null = *is_set,
            Keyword::DynamicAnchor(name) => self.anchors.push((name, schema)),
            // Read with the keyword that they stand beside.
            Keyword::MinContains(_) | Keyword::MaxContains(_) | Keyword::Then(_) | Keyword::Else(_) => {}
            // Read together by `notes`.
            Keyword::Title(_) | Keyword::Default(_) | Keyword::Examples(_) | Keyword::Discriminator(_) => {}
            // Read where a property is declared or required.
            Keyword::ReadOnly(_) | Keyword::WriteOnly(_) => {}
            // Annotations (JSON Schema Validation 8, OAS 4.8.24).
            Keyword::ContentSchema(content) if is_json(schema) && self.negations == 0 => {
                let content = self.inner(content, place);
                node.texts.get_or_insert_default().content = Some(Box::new(content));
            }
            Keyword::ContentEncoding(_)
            | Keyword::ContentMediaType(_)
            | Keyword::ContentSchema(_)
            | Keyword::Description(_)
            | Keyword::Deprecated(_)
            | Keyword::Xml(_)
            | Keyword::ValueNames(_)
            | Keyword::EnumNames(_)
            | Keyword::ValueDescriptions(_)
            | Keyword::Other(_) => {}
        }
    }

    /// Compiles a schema right inside of a keyword.
    fn inner(&mut self, schema: &'a Schema, place: &Place<'_>) -> Node {
        self.schema(schema, &Place { depth: place.depth + 1, ..*place })
    }

    fn list(&mut self, schemas: &'a [Schema], place: &Place<'_>) -> Vec<Node> {
        let schemas = schemas.iter().enumerate();
        schemas.map(|(i, schema)| self.inner(schema, &place.below(&i.to_string()))).collect()
    }

    fn flaw(&mut self, place: &Place<'_>, reason: &str) {
        self.flaws.push(Flaw { pointer: place.pointer(), reason: reason.to_owned() });
    }
}

/// Whether texts of a schema are JSON, not encoded further.
fn is_json(schema: &Schema) -> bool {
    let is_json = |media_type: &String| MediaKind::of(media_type) == MediaKind::Json;
    schema.content_media_type().is_some_and(is_json) && schema.content_encoding().is_none()
}
