//! What a server checks of a JSON body beyond its types: the constraints that its schema leads to, a static shape a
//! component that has some. Nothing is refused that the schema admits; the branches of a union are left unchecked.

use std::collections::{HashMap, HashSet};

use proc_macro2::Ident;
use serde_json::Value;

use descant_model::api::{SchemaId, SchemaName, Schemas};

use super::http::Operation;
use super::names::{Case, Scope};
use super::node::{Member, Node};
use super::shapes::{self, Facet, Named, Object, Shape, bound, constraints};

/// Inline schemas deeper than this are not looked into.
const MAX_DEPTH: usize = 12;

/// A schema whose values are checked.
#[derive(Debug)]
pub(crate) struct Check {
    pub(crate) name: Ident,
    pub(crate) shape: Shape,
}

/// The schemas that bodies lead to. A reference in a shape is an index into this list.
pub(super) struct Checks<'a> {
    schemas: &'a Schemas,
    known: Vec<(String, Shape)>,
    by_schema: HashMap<SchemaId, usize>,
    open: Vec<(SchemaId, usize)>,
    /// The keywords' values that are checked.
    pub(super) checked: Vec<&'a Value>,
}

impl<'a> Checks<'a> {
    pub(super) fn new(schemas: &'a Schemas) -> Self {
        Checks {
            schemas,
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
            let shape = self.read(&[(&*schema.value).into()], 0);
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

    fn read(&mut self, members: &[Member<'a>], depth: usize) -> Shape {
        if let Some(id) = shapes::reference(self.schemas, members) {
            let words = format!("schema {}", id.0);
            return Shape { named: Some(Named::Index(self.reference(id, &words))), ..Shape::anything() };
        }
        let mut shape = Shape::anything();
        let node = Node::read(self.schemas, members);
        if depth > MAX_DEPTH || node.never {
            return shape;
        }
        shape.facets = constraints(&node);
        let listed = shape.facets.iter().any(|facet| matches!(facet, Facet::Texts(..) | Facet::Integers(..)));
        let kept = |keyword: &str, value: &Value| match keyword {
            "enum" | "const" => listed,
            keyword => bound(keyword, value).is_some(),
        };
        let kept = node.bounds.iter().filter(|(keyword, value)| kept(keyword, value));
        self.checked.extend(kept.map(|(_, value)| *value));
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
        let closed = node.closed && !node.open && node.additional.is_empty() && node.groups.is_empty();
        if closed {
            shape.facets.push(Facet::Flag("Closed"));
        }
        let properties: Vec<(String, Shape)> = node
            .properties
            .iter()
            .map(|(key, members)| ((*key).to_owned(), self.read(members, depth + 1)))
            .collect();
        if !properties.is_empty() || closed {
            shape.object = Some(Object { properties, additional: None });
        }
        if let ([only], true) = (node.additional.as_slice(), node.properties.is_empty()) {
            let additional = Some(self.read(&[*only], depth + 1).into());
            shape.object = Some(Object { properties: Vec::new(), additional });
        }
        shape
    }

    /// Names the schemas that constrain something, and leaves out all others.
    pub(super) fn finish<'o>(self, operations: impl Iterator<Item = &'o mut Operation>) -> Vec<Check> {
        let mut binding: HashSet<usize> = HashSet::new();
        loop {
            let more = self.known.iter().enumerate().filter(|(_, (_, shape))| binds(shape, &binding));
            let more: HashSet<usize> = more.map(|(index, _)| index).collect();
            if more.len() == binding.len() {
                break;
            }
            binding = more;
        }
        let kept_indices: Vec<usize> =
            (0..self.known.len()).filter(|index| binding.contains(index)).collect();
        let places: HashMap<usize, usize> =
            kept_indices.iter().enumerate().map(|(new, old)| (*old, new)).collect();
        for checks in operations.filter_map(|operation| operation.body.as_mut()).map(|body| &mut body.checks)
        {
            checks.retain_mut(|(_, index)| places.get(index).map(|place| *index = *place).is_some());
        }
        let kept = self.known.into_iter().enumerate().filter(|(index, _)| binding.contains(index));
        let (texts, shapes): (Vec<String>, Vec<Shape>) = kept.map(|(_, known)| known).unzip();
        let names = Scope::default().names(&texts, Case::Constant);
        let by_index: HashMap<usize, Ident> = kept_indices.into_iter().zip(names.iter().cloned()).collect();
        let checks = names.into_iter().zip(shapes);
        checks.map(|(name, shape)| Check { name, shape: pruned(shape, &by_index) }).collect()
    }
}

/// Whether anything of a shape can refuse a value that has the right type. What is missing is found by reading.
fn binds(shape: &Shape, binding: &HashSet<usize>) -> bool {
    let own = shape.facets.iter().any(|facet| !matches!(facet, Facet::Texts("Required", _)));
    let object = shape.object.iter();
    let mut inner = object
        .flat_map(|object| {
            object.properties.iter().map(|(_, shape)| shape).chain(object.additional.as_deref())
        })
        .chain(shape.items.as_deref());
    let named = matches!(shape.named, Some(Named::Index(index)) if binding.contains(&index));
    own || named || inner.any(|shape| binds(shape, binding))
}

/// A shape without what binds nothing; the names of a closed object's properties stay.
fn pruned(mut shape: Shape, names: &HashMap<usize, Ident>) -> Shape {
    let binding: HashSet<usize> = names.keys().copied().collect();
    let closed = shape.facets.contains(&Facet::Flag("Closed"));
    let keep = |shape: Shape| if binds(&shape, &binding) { pruned(shape, names) } else { Shape::anything() };
    shape.named = match shape.named {
        Some(Named::Index(index)) => names.get(&index).cloned().map(Named::Static),
        named => named,
    };
    shape.items = shape.items.filter(|items| binds(items, &binding)).map(|items| keep(*items).into());
    if let Some(object) = &mut shape.object {
        object.properties.retain(|(_, shape)| closed || binds(shape, &binding));
        for (_, property) in &mut object.properties {
            *property = keep(std::mem::take(property));
        }
        object.additional =
            object.additional.take().filter(|more| binds(more, &binding)).map(|more| keep(*more).into());
    }
    let says = |object: &Object| closed || !object.properties.is_empty() || object.additional.is_some();
    shape.object = shape.object.filter(says);
    shape
}
