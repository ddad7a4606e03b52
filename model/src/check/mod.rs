//! Compares a document with the table of OpenAPI's objects and reports every fault in one run, before references
//! are resolved. A value without a fault, or with a recovered one, can be read as the table describes it.
//!
//! One rule decides the severity. If the intent is clear, the fault is a warning and processing continues: a value
//! of the wrong kind is recovered ([`Checked::read_as`]), a purely descriptive one is left out. If not,
//! it is an error, and the enclosing object is left out ([`Checked::is_faulty`]): the operation, the component, or inside
//! a schema the single keyword.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::diagnostic::Diagnostics;
use crate::tree::{NodeId, NodeKind, Tree};

mod descant;
mod keys;
mod names;
mod objects;
mod recovery;
mod report;
mod schema;
mod semantic;
mod table;
mod version;
mod walk;

#[cfg(test)]
mod tests;

pub(crate) use semantic::{
    is_idle as is_idle_discriminator, is_ignored_header, semantics, stand as stand_of_scheme,
};
use table::Expect;
pub use version::Version;
pub(crate) use version::version;

/// An object of the specification, as something that a reference may be to.
#[derive(Clone, Copy, Debug)]
pub struct ObjectType(&'static Expect);

impl ObjectType {
    /// The Callback Object (OAS).
    pub const CALLBACK: ObjectType = ObjectType(&objects::CALLBACK);
    /// The OpenAPI Object (OAS).
    pub const DOCUMENT: ObjectType = ObjectType(&objects::DOCUMENT);
    /// The Example Object (OAS).
    pub const EXAMPLE: ObjectType = ObjectType(&objects::EXAMPLE);
    /// The Header Object (OAS).
    pub const HEADER: ObjectType = ObjectType(&objects::HEADER);
    /// The Link Object (OAS).
    pub const LINK: ObjectType = ObjectType(&objects::LINK);
    /// The Media Type Object (OAS).
    pub const MEDIA_TYPE: ObjectType = ObjectType(&objects::MEDIA_TYPE);
    /// The Operation Object (OAS).
    pub const OPERATION: ObjectType = ObjectType(&objects::OPERATION);
    /// The Parameter Object (OAS).
    pub const PARAMETER: ObjectType = ObjectType(&objects::PARAMETER);
    /// The Path Item Object (OAS).
    pub const PATH_ITEM: ObjectType = ObjectType(&objects::PATH_ITEM);
    /// The Request Body Object (OAS).
    pub const REQUEST_BODY: ObjectType = ObjectType(&objects::REQUEST_BODY);
    /// The Response Object (OAS).
    pub const RESPONSE: ObjectType = ObjectType(&objects::RESPONSE);
    /// The Schema Object (OAS).
    pub const SCHEMA: ObjectType = ObjectType(&schema::SCHEMA);
    /// The Server Object (OAS).
    pub const SERVER: ObjectType = ObjectType(&objects::SERVER);
    /// The Security Scheme Object (OAS).
    pub const SECURITY_SCHEME: ObjectType = ObjectType(&objects::SECURITY_SCHEME);

    /// `a parameter`, `a schema`: for messages.
    pub fn name(self) -> &'static str {
        self.0.describe()
    }

    /// Whether OpenAPI lets a reference stand in its place. Before 3.0 there are fewer such objects; a reference in place of
    /// the others is read alike by all tools.
    fn may_be_reference(self) -> bool {
        const OBJECTS: [ObjectType; 11] = [
            ObjectType::CALLBACK,
            ObjectType::EXAMPLE,
            ObjectType::HEADER,
            ObjectType::LINK,
            ObjectType::MEDIA_TYPE,
            ObjectType::PARAMETER,
            ObjectType::PATH_ITEM,
            ObjectType::REQUEST_BODY,
            ObjectType::RESPONSE,
            ObjectType::SCHEMA,
            ObjectType::SECURITY_SCHEME,
        ];
        let is_schema =
            matches!(self.0, Expect::Object(object) if object.vocabulary == table::Vocabulary::Schema);
        is_schema || OBJECTS.contains(&self)
    }

    /// Whether it is a text of which people alone have need: no other string may be a reference.
    pub(crate) fn is_text(self) -> bool {
        matches!(self.0, Expect::Text)
    }
}

impl PartialEq for ObjectType {
    /// Whether both are the same entry of the table.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

/// A `$ref` that was met, and what must stand at its target.
#[derive(Clone, Copy, Debug)]
pub struct Reference {
    /// The object that holds `$ref`.
    pub node: NodeId,
    /// The object expected at the target.
    pub expected: ObjectType,
}

/// What the check knows of one file.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The version of OpenAPI.
    pub version: Version,
    /// As what each node was checked: a node that several places share is checked once for each shape.
    seen: Vec<Option<&'static Expect>>,
    /// Further shapes of nodes that have one in `seen`.
    seen_again: FxHashSet<(NodeId, usize)>,
    faulty: FxHashSet<NodeId>,
    recovered: FxHashMap<NodeId, NodeKind>,
    references: Vec<Reference>,
}

impl Checked {
    /// Knows nothing yet of a file of a version.
    pub fn new(version: Version) -> Self {
        Self {
            version,
            seen: Vec::new(),
            seen_again: FxHashSet::default(),
            faulty: FxHashSet::default(),
            recovered: FxHashMap::default(),
            references: Vec::new(),
        }
    }

    /// Checks one part of a file: the target of a reference into it.
    pub fn part(&mut self, tree: &Tree, node: NodeId, expected: ObjectType, diagnostics: &mut Diagnostics) {
        walk::walk(tree, node, expected.0, self, diagnostics);
    }

    /// Whether a node has a fault that is not recovered: it must not be read, but treated as if it were absent. Of an
    /// error inside an operation the operation is faulty, too; inside a schema just the keyword's value is.
    pub fn is_faulty(&self, node: NodeId) -> bool {
        self.faulty.contains(&node)
    }

    /// What a node is to be read as, where its text is of the wrong kind though what it means is clear: a number where
    /// a string belongs, `'yes'` where `true` does.
    pub fn read_as(&self, node: NodeId) -> Option<&NodeKind> {
        self.recovered.get(&node)
    }

    /// As what a node was checked first; `None` where it was not, as inside an example or an extension.
    pub fn shape(&self, node: NodeId) -> Option<ObjectType> {
        self.seen.get(node.0 as usize).copied().flatten().map(ObjectType)
    }

    /// Every reference met since they were taken last, in the document's order.
    pub fn references(&self) -> &[Reference] {
        &self.references
    }

    /// The same, and they are done with.
    pub fn take_references(&mut self) -> Vec<Reference> {
        std::mem::take(&mut self.references)
    }

    /// Notes that a node is looked at as a shape; false where it already was.
    fn visit(&mut self, node: NodeId, expect: &'static Expect) -> bool {
        let index = node.0 as usize;
        if self.seen.len() <= index {
            self.seen.resize(index + 1, None);
        }
        match self.seen.get_mut(index) {
            Some(Some(before)) if std::ptr::eq(*before, expect) => false,
            Some(Some(_)) => self.seen_again.insert((node, std::ptr::from_ref(expect).addr())),
            Some(slot) => slot.replace(expect).is_none(),
            None => false,
        }
    }
}

/// Checks a whole document; `None`, with an error, where it says of no known version that it is one.
pub fn document(tree: &Tree, diagnostics: &mut Diagnostics) -> Option<Checked> {
    let mut checked = Checked::new(version::version(tree, diagnostics)?);
    checked.seen.reserve(tree.nodes.len());
    checked.part(tree, tree.root, ObjectType::DOCUMENT, diagnostics);
    Some(checked)
}

/// The keys of `x-descant`, wherever they stand; a key may come more than once.
#[cfg(test)]
pub(crate) fn descant_keys() -> impl Iterator<Item = &'static str> {
    descant::ALL_OBJECTS.into_iter().flat_map(|expect| match expect {
        Expect::Object(object) => object.names(Version::V30).collect::<Vec<_>>(),
        _ => Vec::new(),
    })
}
