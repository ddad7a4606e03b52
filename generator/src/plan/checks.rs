//! What a server checks of a JSON body before its type is read: kinds, required properties and constraints, a static
//! shape for each component that says anything. So every fault is found, each with its place; nothing is refused that
//! the schema admits.

mod applied;
mod kept;

pub(super) use kept::unions;

use std::collections::HashMap;

use descant_model::api::{SchemaId, SchemaName, Schemas};
use descant_model::schema::{Keyword, Kinds};
use proc_macro2::Ident;

use super::node::{Member, Node};
use super::shapes::{self, Facet, Named, Object, Shape, bound, constraints};

/// Inline schemas deeper than this are not looked into; where references are followed in place, less deep.
const MAX_DEPTH: usize = 12;
const MAX_DEPTH_OF_TEXT: usize = 4;

/// A schema whose values are checked.
#[derive(Debug)]
pub(crate) struct Check {
    pub(crate) name: Ident,
    pub(crate) shape: Shape,
}

/// The schemas that bodies lead to. A reference in a shape is an index into this list.
pub(super) struct Checks<'a> {
    schemas: &'a Schemas,
    /// Whether the values come as text, of which it is not always known what it stands for: a shape of them is no static.
    of_text: bool,
    /// How many schemas may still be read of text: there references are followed in place.
    left_of_text: usize,
    known: Vec<(String, Shape)>,
    by_schema: HashMap<SchemaId, usize>,
    open: Vec<(SchemaId, usize)>,
    /// The keywords that are checked.
    pub(super) checked: Vec<&'a Keyword>,
}

impl<'a> Checks<'a> {
    pub(super) fn new(schemas: &'a Schemas) -> Self {
        Checks {
            schemas,
            of_text: false,
            left_of_text: shapes::MAX_SCHEMAS,
            known: Vec::new(),
            by_schema: HashMap::new(),
            open: Vec::new(),
            checked: Vec::new(),
        }
    }

    /// The index of the schema of a body; whether there is anything to check is known at the end.
    pub(super) fn add(&mut self, id: SchemaId, words: &str) -> usize {
        let index = self.reference(id, words);
        while let Some((id, index)) = self.open.pop() {
            let Some(schema) = self.schemas.get(id) else { continue };
            let shape = self.read(&[(&*schema.schema).into()], 0);
            if let Some(slot) = self.known.get_mut(index) {
                slot.1 = shape;
            }
        }
        index
    }

    fn reference(&mut self, id: SchemaId, words: &str) -> usize {
        if let Some(index) = self.by_schema.get(&id) {
            return *index;
        }
        let index = self.known.len();
        let text = match self.schemas.get(id).map(|schema| &schema.name) {
            Some(SchemaName::Component(name)) => name.clone(),
            _ => words.to_owned(),
        };
        self.known.push((text, Shape::anything()));
        self.by_schema.insert(id, index);
        self.open.push((id, index));
        index
    }

    /// Notes what is checked of a value that comes as text.
    pub(super) fn account(&mut self, id: SchemaId) {
        if let Some(schema) = self.schemas.get(id) {
            let mut checks = Checks { of_text: true, ..Checks::new(self.schemas) };
            checks.read(&[(&*schema.schema).into()], 0);
            self.checked.append(&mut checks.checked);
        }
    }

    fn read(&mut self, members: &[Member<'a>], depth: usize) -> Shape {
        let node = Node::read(self.schemas, members);
        let whole = !self.of_text;
        let admits = if whole { node.kinds } else { node.admitted() };
        let mut shape = Shape { admits, tells: whole, whole, ..Shape::anything() };
        let reference = shapes::reference(members).filter(|_| !self.of_text);
        if let Some(id) = reference {
            let words = format!("schema {}", id.0);
            shape.named = Some(Named::Index(self.reference(id, &words)));
            return shape;
        }
        if node.never {
            shape.facets.push(Facet::Flag("Never"));
        }
        let deepest = if self.of_text { MAX_DEPTH_OF_TEXT } else { MAX_DEPTH };
        if self.of_text {
            self.left_of_text = self.left_of_text.saturating_sub(1);
        }
        if depth > deepest || node.never || self.left_of_text == 0 {
            shape.admits = Kinds::ANY;
            return shape;
        }
        shape.facets = constraints(&node, whole && node.kinds != node.admitted());
        let listed = shape.facets.iter().any(Facet::is_list);
        let kept = |keyword: &Keyword| match keyword {
            Keyword::Enum(_) | Keyword::Const(_) => listed,
            keyword => bound(keyword).is_some(),
        };
        self.checked.extend(node.bounds.iter().filter(|keyword| kept(keyword)));
        let writable = |key: &&&str| {
            let members = node.properties.get(**key);
            !members.is_some_and(|members| Node::read(self.schemas, members).read_only)
        };
        let required: Vec<String> =
            node.required.iter().filter(writable).map(|key| (*key).to_owned()).collect();
        if !required.is_empty() {
            shape.facets.push(Facet::Texts("Required", required));
        }
        if !node.items.is_empty() && node.prefix.is_empty() {
            shape.items = Some(self.read(&node.items, depth + 1).into());
        }
        self.add_properties(&node, &mut shape, depth);
        self.add_applied(&node, &mut shape, depth);
        self.add_unions(&node, &mut shape, depth);
        shape
    }

    fn add_properties(&mut self, node: &Node<'a>, shape: &mut Shape, depth: usize) {
        let patterns = self.add_patterns(node, shape, depth);
        let unevaluated = node.sealed();
        let closed = node.closed && patterns && node.groups.is_empty() || unevaluated.is_some();
        if closed {
            shape.facets.push(Facet::Flag("Closed"));
            let more = node.stated(Keyword::additional_properties).filter(|_| patterns);
            self.checked.extend(more.map(|(keyword, _)| keyword));
            self.checked.extend(unevaluated);
        }
        let admits = |key: &str| node.enclosed.as_ref().is_none_or(|names| names.contains(key));
        let properties: Vec<(String, Shape)> = node
            .properties
            .iter()
            .filter(|(key, _)| !closed || admits(key))
            .map(|(key, members)| ((*key).to_owned(), self.read(members, depth + 1)))
            .collect();
        if !properties.is_empty() || closed {
            shape.object = Some(Object { properties, additional: None });
        }
        // In text the members of an exploded object are not told from those beside it.
        let is_known = node.properties.is_empty() || !self.of_text;
        if let ([only], true, false) = (node.additional.as_slice(), is_known, closed) {
            let additional = self.read(&[*only], depth + 1).into();
            shape.object.get_or_insert_default().additional = Some(additional);
        }
    }
}
