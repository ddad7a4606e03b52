//! Which schemas stand on their own, and under which key: components, schemas at positions of the HTTP half, and
//! whatever a reference points at. One place is one schema, however many ways lead to it.

use std::sync::Arc;

use serde_json::Value;

use super::names::{self, Keys, Way};
use super::view::View;
use super::{cycles, families};
use crate::api::{Definition, SchemaId, SchemaName, Schemas};
use crate::diagnostic::Diagnostics;
use crate::dialect::{References, canonical, is_pure_reference};
use crate::references::{Graph, Place, PlaceMap, PlaceSet};
use crate::threads::each;

/// Hands out ids while the HTTP half is lowered; the values come last, when all names are known.
pub(super) struct Registry<'g> {
    graph: &'g Graph,
    entries: Vec<Waiting>,
    ids: PlaceMap<SchemaId>,
    /// What references lead to.
    targets: PlaceSet,
    keys: Keys,
}

struct Waiting {
    place: Place,
    /// `None` until a position of its own gives it words; then its place names it.
    name: Option<SchemaName>,
    /// Empty until all names are known.
    key: String,
}

impl<'g> Registry<'g> {
    /// With the document's components, in their order.
    pub(super) fn new(graph: &'g Graph) -> Self {
        let (entries, ids, keys) = Default::default();
        let mut registry = Self { graph, entries, ids, targets: graph.targets().collect(), keys };
        let document = View { graph, place: graph.root() };
        let components = document.get("components").and_then(|at| at.get("schemas"));
        let components: Vec<_> = components.into_iter().flat_map(View::entries).collect();
        let places: PlaceSet = components.iter().map(|(_, view)| view.place).collect();
        for (name, view) in components {
            registry.component(name, view.place, &places);
        }
        registry
    }

    /// A component that just points elsewhere, and not at another component, names what it points at.
    fn component(&mut self, name: &str, place: Place, components: &PlaceSet) {
        let target = self.graph.target(place).filter(|_| is_pure_reference(self.graph, place));
        let named = target.filter(|to| !components.contains(to) && !self.ids.contains_key(to));
        let id = self.add(named.unwrap_or(place), Some(SchemaName::Component(name.to_owned())));
        self.ids.insert(place, id);
    }

    fn add(&mut self, place: Place, name: Option<SchemaName>) -> SchemaId {
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

    /// Brings every schema to its canonical form.
    pub(super) fn finish(mut self, diagnostics: &mut Diagnostics) -> Schemas {
        for index in 0..self.entries.len() {
            self.name(index);
        }
        let mut schemas = Schemas::default();
        let mut ready = self.ready().into_iter();
        let mut index = 0;
        while let Some(Waiting { place, .. }) = self.entries.get(index) {
            let place = *place;
            let value = match ready.next().flatten() {
                Some((value, found)) => {
                    diagnostics.extend(found);
                    value
                }
                None => canonical(self.graph, place, &mut self, diagnostics),
            };
            self.push(&mut schemas, index, place, value);
            index += 1;
        }
        families::part(&mut schemas, diagnostics);
        cycles::cut(&mut schemas, diagnostics);
        crate::schema::typed(&mut schemas);
        schemas
    }

    /// Of the schemas so far, those that refer to no others: as they change nothing here, they are made side by side.
    fn ready(&self) -> Vec<Option<(Value, Diagnostics)>> {
        let places = self.entries.iter().map(|entry| entry.place).collect();
        each(places, |place| {
            let (mut known, mut found) = (Known { registry: self, all: true }, Diagnostics::default());
            let value = canonical(self.graph, place, &mut known, &mut found);
            known.all.then_some((value, found))
        })
    }

    fn push(&mut self, schemas: &mut Schemas, index: usize, place: Place, value: Value) {
        let Some(entry) = self.entries.get_mut(index) else { return };
        let name = entry.name.take().unwrap_or_else(|| SchemaName::Path(Vec::new()));
        schemas.by_key.insert(entry.key.clone(), SchemaId(index as u32));
        let origin = self.graph.origin(place);
        schemas.entries.push(Definition {
            key: entry.key.clone(),
            name,
            schema: Arc::default(),
            value: Arc::new(value),
            origin,
        });
    }

    /// Settles name and key of an entry.
    fn name(&mut self, index: usize) {
        let Some(entry) = self.entries.get_mut(index) else { return };
        let name = entry.name.get_or_insert_with(|| names::of_place(self.graph, entry.place));
        entry.key = self.keys.key(name);
    }
}

impl References for Registry<'_> {
    fn reference(&mut self, target: Place) -> String {
        let known = self.entries.len();
        let SchemaId(id) = self.add(target, None);
        if id as usize == known {
            self.name(known);
        }
        self.entries.get(id as usize).map(reference_to).unwrap_or_default()
    }

    fn is_target(&self, place: Place) -> bool {
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
    fn reference(&mut self, target: Place) -> String {
        let id = self.registry.ids.get(&target);
        let entry = id.and_then(|id| self.registry.entries.get(id.0 as usize));
        self.all &= entry.is_some();
        entry.map(reference_to).unwrap_or_default()
    }

    fn is_target(&self, place: Place) -> bool {
        self.registry.is_target(place)
    }
}

fn reference_to(entry: &Waiting) -> String {
    format!("#/$defs/{}", entry.key)
}
