//! The shapes that bodies which are not JSON are read and written by: one static a schema, whoever has it.

use std::collections::HashMap;

use proc_macro2::Ident;

use descant_model::api::{SchemaId, SchemaName, Schemas};

use super::checks::Check;
use super::names::{Case, Scope};
use super::shapes::{Facet, Named, Object, Shape};
use super::text_shapes;

/// The shapes found so far. A reference in a shape is an index into this list.
pub(super) struct Written<'a> {
    schemas: &'a Schemas,
    known: Vec<(String, Shape)>,
    by_schema: HashMap<SchemaId, usize>,
    open: Vec<(SchemaId, usize)>,
}

impl<'a> Written<'a> {
    pub(super) fn new(schemas: &'a Schemas) -> Self {
        Written { schemas, known: Vec::new(), by_schema: HashMap::new(), open: Vec::new() }
    }

    /// The index of the shape of a body. `is_document` says that it has a root that is called after its component
    /// (OAS 3.2, 4.8.26).
    pub(super) fn add(&mut self, id: SchemaId, shape: Shape, words: &str, is_document: bool) -> usize {
        let plain = text_shapes::shape(self.schemas, id);
        let index = match (self.component(id), shape == plain) {
            (Some(_), true) => self.reference(id),
            _ => self.unnamed(shape, words),
        };
        while let Some((id, index)) = self.open.pop() {
            let shape = self.inside(text_shapes::shape(self.schemas, id));
            self.set(index, shape);
        }
        if let (Some(root), true) = (self.component(id), is_document)
            && let Some((_, shape)) = self.known.get_mut(index)
            && !shape.facets.iter().any(|facet| matches!(facet, Facet::Text("XmlName" | "XmlRoot", _)))
        {
            shape.facets.push(Facet::Text("XmlRoot", root));
        }
        index
    }

    fn set(&mut self, index: usize, shape: Shape) {
        if let Some(slot) = self.known.get_mut(index) {
            slot.1 = shape;
        }
    }

    fn component(&self, id: SchemaId) -> Option<String> {
        match &self.schemas.get(id)?.name {
            SchemaName::Component(name) => Some(name.clone()),
            SchemaName::Path(_) => None,
        }
    }

    fn reference(&mut self, id: SchemaId) -> usize {
        if let Some(index) = self.by_schema.get(&id) {
            return *index;
        }
        let name = self.component(id).unwrap_or_else(|| format!("schema {}", id.0));
        self.known.push((name, Shape::anything()));
        let index = self.known.len() - 1;
        self.by_schema.insert(id, index);
        self.open.push((id, index));
        index
    }

    /// A shape that is not a component's: that of an equal one, or its own.
    fn unnamed(&mut self, shape: Shape, words: &str) -> usize {
        let item = shape.items.as_ref().and_then(|items| self.component(items.origin?));
        let words = item.map_or_else(|| words.to_owned(), |item| format!("{item} list"));
        let shape = self.inside(shape);
        if let Some(index) = self.known.iter().position(|(_, known)| *known == shape) {
            return index;
        }
        self.known.push((words, shape));
        self.known.len() - 1
    }

    /// A shape whose inner ones are named where they are a schema's.
    fn inside(&mut self, mut shape: Shape) -> Shape {
        shape.items = shape.items.map(|items| self.named(*items).into());
        if let Some(Object { properties, additional }) = &mut shape.object {
            for (_, property) in properties {
                *property = self.named(std::mem::take(property));
            }
            *additional = additional.take().map(|additional| self.named(*additional).into());
        }
        shape.origin = None;
        shape
    }

    fn named(&mut self, shape: Shape) -> Shape {
        match shape.origin {
            Some(id) => Shape { named: Some(Named::Index(self.reference(id))), ..Shape::anything() },
            None => self.inside(shape),
        }
    }

    /// Every shape with the name of its static, in the order of their indices.
    pub(super) fn finish(self) -> Vec<Check> {
        let (texts, shapes): (Vec<String>, Vec<Shape>) = self.known.into_iter().unzip();
        let names = Scope::default().names(&texts, Case::Constant);
        let settled = shapes.into_iter().map(|shape| settle(shape, &names));
        settled.zip(&names).map(|(shape, name)| Check { name: name.clone(), shape }).collect()
    }
}

fn settle(mut shape: Shape, names: &[Ident]) -> Shape {
    if let Some(Named::Index(index)) = shape.named {
        shape.named = names.get(index).cloned().map(Named::Static);
    }
    shape.items = shape.items.map(|items| settle(*items, names).into());
    if let Some(Object { properties, additional }) = &mut shape.object {
        for (_, property) in properties {
            *property = settle(std::mem::take(property), names);
        }
        *additional = additional.take().map(|additional| settle(*additional, names).into());
    }
    shape
}
