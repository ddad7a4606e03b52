//! Collects the schemas with an id, and their keys: components, schemas of the HTTP half, and
//! targets of references. One position is one schema, however many references point to it.

use std::sync::Arc;

use super::names::{self, Keys, Way};
use super::view::View;
use super::{cycles, recursive_families};
use crate::api::{Definition, SchemaId, SchemaName, Schemas};
use crate::diagnostic::Diagnostics;
use crate::dialect::{References, canonical, is_pure_reference};
use crate::references::{FileNode, FileNodeMap, FileNodeSet, Graph};
use crate::schema::Schema;
use crate::threads::each;

/// Assigns ids while the HTTP half is lowered; schemas are lowered last, when all names are known.
pub(super) struct Registry<'g> {
    graph: &'g Graph,
    entries: Vec<Waiting>,
    ids: FileNodeMap<SchemaId>,
    /// The targets of references.
    targets: FileNodeSet,
    keys: Keys,
}

struct Waiting {
    place: FileNode,
    /// `None` until a position of its own gives it words; then its place names it.
    name: Option<SchemaName>,
    /// Empty until all names are known.
    key: String,
}

impl<'g> Registry<'g> {
    /// Returns a registry with the document's components, in order.
    pub(super) fn new(graph: &'g Graph) -> Self {
        let (entries, ids, keys) = Default::default();
        let mut registry = Self { graph, entries, ids, targets: graph.targets().collect(), keys };
        let document = View { graph, place: graph.root() };
        let components = document.get("components").and_then(|at| at.get("schemas"));
        let components: Vec<_> = components.into_iter().flat_map(View::entries).collect();
        let places: FileNodeSet = components.iter().map(|(_, view)| view.place).collect();
        for (name, view) in components {
            registry.component(name, view.place, &places);
        }
        registry
    }

    /// A component that just points elsewhere, and not at another component, names what it points at.
    fn component(&mut self, name: &str, place: FileNode, components: &FileNodeSet) {
        let target = self.graph.target(place).filter(|_| is_pure_reference(self.graph, place));
        let named = target.filter(|to| !components.contains(to) && !self.ids.contains_key(to));
        let id = self.add(named.unwrap_or(place), Some(SchemaName::Component(name.to_owned())));
        self.ids.insert(place, id);
    }

    fn add(&mut self, place: FileNode, name: Option<SchemaName>) -> SchemaId {
        if let Some(id) = self.ids.get(&place) {
            return *id;
        }
        let id = SchemaId(self.entries.len() as u32);
        self.entries.push(Waiting { place, name, key: String::new() });
        self.ids.insert(place, id);
        id
    }

    /// The schema at a position of the HTTP half, which is called by the way to it.
    pub(super) fn position(&mut self, view: View<'g>, way: Way) -> SchemaId {
        if let Some(target) =
            self.graph.target(view.place).filter(|_| is_pure_reference(self.graph, view.place))
        {
            return self.add(target, None);
        }
        let id = self.add(view.place, None);
        if let Some(entry) = self.entries.get_mut(id.0 as usize) {
            entry.name.get_or_insert_with(|| way.name());
        }
        id
    }

    /// Converts every schema to its canonical form.
    pub(super) fn finish(mut self, diagnostics: &mut Diagnostics) -> Schemas {
        for index in 0..self.entries.len() {
            self.name(index);
        }
        let mut schemas = Schemas::default();
        let mut ready = self.ready().into_iter();
        let mut index = 0;
        while let Some(Waiting { place, .. }) = self.entries.get(index) {
            let place = *place;
            let schema = match ready.next().flatten() {
                Some((schema, found)) => {
                    diagnostics.extend(found);
                    schema
                }
                None => canonical(self.graph, place, &mut self, diagnostics),
            };
            self.push(&mut schemas, index, place, schema);
            index += 1;
        }
        recursive_families::part(&mut schemas, diagnostics);
        cycles::cut(&mut schemas, diagnostics);
        schemas
    }

    /// Lowers the known schemas without references in parallel, since they do not change the registry.
    fn ready(&self) -> Vec<Option<(Schema, Diagnostics)>> {
        let places = self.entries.iter().map(|entry| entry.place).collect();
        each(places, |place| {
            let (mut known, mut found) = (Known { registry: self, all: true }, Diagnostics::default());
            let schema = canonical(self.graph, place, &mut known, &mut found);
            known.all.then_some((schema, found))
        })
    }

    fn push(&mut self, schemas: &mut Schemas, index: usize, place: FileNode, schema: Schema) {
        let Some(entry) = self.entries.get_mut(index) else { return };
        let name = entry.name.take().unwrap_or_else(|| SchemaName::Path(Vec::new()));
        let origin = self.graph.origin(place);
        let is_own = place.file == self.graph.root().file;
        let file = if is_own { String::new() } else { self.graph.stem(place.file).to_owned() };
        schemas.push(Definition { key: entry.key.clone(), name, schema: Arc::new(schema), origin, file });
    }

    /// Assigns name and key of an entry.
    fn name(&mut self, index: usize) {
        let Some(entry) = self.entries.get_mut(index) else { return };
        let name = entry.name.get_or_insert_with(|| names::of_place(self.graph, entry.place));
        entry.key = self.keys.key(name);
    }
}

impl References for Registry<'_> {
    fn reference(&mut self, target: FileNode) -> SchemaId {
        let known = self.entries.len();
        let id = self.add(target, None);
        if id.0 as usize == known {
            self.name(known);
        }
        id
    }

    fn is_target(&self, place: FileNode) -> bool {
        self.targets.contains(&place) || self.ids.contains_key(&place)
    }
}

/// A registry to which nothing can be added.
struct Known<'r, 'g> {
    registry: &'r Registry<'g>,
    /// Whether all that was asked for was there.
    all: bool,
}

impl References for Known<'_, '_> {
    fn reference(&mut self, target: FileNode) -> SchemaId {
        let id = self.registry.ids.get(&target);
        self.all &= id.is_some();
        id.copied().unwrap_or(SchemaId(0))
    }

    fn is_target(&self, place: FileNode) -> bool {
        self.registry.is_target(place)
    }
}
