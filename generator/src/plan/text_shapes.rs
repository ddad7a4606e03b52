//! What the text of a parameter or a form may stand for: text has no kinds of its own.

use descant_exchange::TextCodec;
use descant_model::api::{Encoding, ParameterEncoding, SchemaId, Schemas, Style};
use descant_model::schema::{Kinds, Schema};
use indexmap::IndexMap;

use super::checks;
use super::node::{Member, Node};
use super::shapes::{Facet, MAX_SCHEMAS, Object, Shape, facets, reference, scalars};

/// Properties of properties deeper than this are text.
const MAX_DEPTH: usize = 12;

/// A schema that contains itself is not read in itself any more below this depth.
const MAX_DEPTH_WITHIN_ITSELF: usize = 4;

/// The shape of a schema.
pub(super) fn shape(schemas: &Schemas, id: SchemaId) -> Shape {
    let mut reader = Reader { schemas, path: Vec::new(), left: MAX_SCHEMAS };
    schemas.get(id).map_or_else(Shape::text, |schema| reader.read(&[(&*schema.schema).into()], 0))
}

/// Reads one shape.
struct Reader<'a> {
    schemas: &'a Schemas,
    /// The schemas that what is read stands in.
    path: Vec<*const Schema>,
    /// How many more may be read.
    left: usize,
}

impl<'a> Reader<'a> {
    fn read(&mut self, members: &[Member<'a>], depth: usize) -> Shape {
        let origin = reference(members);
        let place = members.first().map_or(std::ptr::null(), |member| target(self.schemas, member.schema));
        let within_itself = depth > MAX_DEPTH_WITHIN_ITSELF && self.path.contains(&place);
        if depth > MAX_DEPTH || within_itself || self.left == 0 {
            return Shape { origin, ..Shape::text() };
        }
        self.left -= 1;
        self.path.push(place);
        let shape = self.whole(members, depth);
        self.path.pop();
        Shape { origin, ..shape }
    }

    fn whole(&mut self, members: &[Member<'a>], depth: usize) -> Shape {
        let node = Node::read(self.schemas, members);
        let mut shape = Shape::default();
        let mut files = Vec::new();
        for branch in node.groups.iter().flat_map(|group| group.branches) {
            let read = self.read(&[branch.into()], depth + 1);
            let is_null = Node::read(self.schemas, &[branch.into()]).effective_kinds() == Kinds::NULL;
            files.extend((!is_null).then(|| read.is_binary()));
            shape.add(read.unbound());
        }
        let own = self.of_node(&node, depth);
        let is_nothing = shape == Shape::default();
        shape.admits = own.admits;
        match node.groups.is_empty() || own.object.is_some() {
            true => shape.add(own),
            false if is_nothing => shape = own,
            false => {}
        }
        shape.facets = facets(&node);
        shape.facets.extend(checks::unions(self.schemas, &node, depth));
        if !files.is_empty() && files.iter().all(|is_file| *is_file) {
            // Bytes, or null in their place: a part of a form is a file, or absent.
            shape = Shape { facets: vec![Facet::Flag("Binary")], ..Shape::text() };
        }
        shape
    }

    fn of_node(&mut self, node: &Node<'a>, depth: usize) -> Shape {
        let kinds = node.effective_kinds();
        if kinds == Kinds::ANY && node.groups.is_empty() {
            return Shape { admits: Kinds::ANY, ..Shape::text() };
        }
        if kinds == Kinds::ANY {
            return Shape::default();
        }
        // What bounds texts alone says nothing of other kinds.
        let is_untyped = node.kinds == Kinds::ANY && node.values.is_none() && kinds == Kinds::STRING;
        let scalars = if is_untyped { vec!["scalar"] } else { scalars(kinds) };
        let mut shape = Shape { kinds: scalars, ..Shape::default() };
        if kinds.intersects(Kinds::ARRAY) {
            let items = if node.items.is_empty() { Shape::text() } else { self.read(&node.items, depth + 1) };
            shape.items = Some(items.into());
        }
        if kinds.intersects(Kinds::OBJECT) {
            let read = |(key, members): (&&str, &Vec<_>)| ((*key).to_owned(), self.read(members, depth + 1));
            let properties = node.properties.iter().map(read).collect();
            shape.object = Some(Object { properties, additional: self.additional(node, depth) });
        }
        shape
    }

    fn additional(&mut self, node: &Node<'a>, depth: usize) -> Option<Box<Shape>> {
        static TEXT: Schema = Schema::Boolean(true);
        let free = node.open || node.properties.is_empty() && !node.closed;
        let members =
            if node.additional.is_empty() { vec![Member::from(&TEXT)] } else { node.additional.clone() };
        free.then(|| self.read(&members, depth + 1).into())
    }
}

/// What a schema refers to, or it itself.
fn target(schemas: &Schemas, schema: &Schema) -> *const Schema {
    schema.reference().and_then(|id| schemas.schema(*id)).unwrap_or(schema)
}

/// The shape of a form or multipart body, with what is said of how its properties are written.
pub(super) fn form(schemas: &Schemas, id: SchemaId, encoding: &IndexMap<String, Encoding>) -> Shape {
    let mut shape = shape(schemas, id);
    let properties = shape.object.iter_mut().flat_map(|object| &mut object.properties);
    for (name, property) in properties {
        let Some(encoding) = encoding.get(name) else { continue };
        property.origin = None;
        let Encoding { style, explode, allow_reserved, .. } = *encoding;
        if let Some(content_type) = &encoding.content_type {
            // OAS 4.8.26: an element is called after its property.
            let named = |facet: &Facet| matches!(facet, Facet::Text("XmlName", _));
            if content_type.ends_with("xml") && !property.facets.iter().any(named) {
                property.facets.push(Facet::Text("XmlName", name.clone()));
            }
            property.facets.push(Facet::Text("ContentType", content_type.clone()));
        }
        if style.is_some() {
            let style = style.unwrap_or(Style::Form);
            let encoding = ParameterEncoding::Style { style, explode, allow_reserved, allow_empty: false };
            property.facets.push(Facet::Encoded(TextCodec::of(&encoding).encoding()));
        }
    }
    shape
}
