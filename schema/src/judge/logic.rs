//! Validates keywords that apply other schemas to the same value.

use descant_model::api::SchemaId;
use serde_json::Value;

use super::{Flow, Judge, MAX_SEARCHES, Sink};
use crate::{
    Direction,
    fault::{Place, one_of},
    node::{Discriminator, Logic, Node, Required, Tag},
    sink::{Faults, OTHER_KIND, any_of},
};

impl<'s> Judge<'s> {
    pub(super) fn logic<S: Sink>(
        &mut self,
        sink: &mut S,
        logic: &'s Logic,
        discriminator: Option<&Discriminator>,
        value: &Value,
        place: &Place<'_>,
    ) -> Flow {
        if let Some(id) = logic.reference {
            self.definition(sink, id, value, place)?;
        }
        if let Some(target) = logic.dynamic.as_deref().and_then(|anchor| self.dynamic_target(anchor)) {
            self.node(sink, target, value, place)?;
        }
        for node in &logic.all {
            self.node(sink, node, value, place)?;
        }
        self.any(sink, &logic.any, discriminator, value, place)?;
        self.one(sink, &logic.one, discriminator, value, place)?;
        if logic.not.as_ref().is_some_and(|not| self.holds(&not.node, value)) {
            sink.fault(place, "not", || "a value that `not` does not describe".to_owned())?;
        }
        self.conditions(sink, logic, value, place)
    }

    /// `if`, and `dependentSchemas`.
    fn conditions<S: Sink>(
        &mut self,
        sink: &mut S,
        logic: &'s Logic,
        value: &Value,
        place: &Place<'_>,
    ) -> Flow {
        if let Some(condition) = &logic.condition {
            let outcome = match self.holds(&condition.test.node, value) {
                true => &condition.then,
                false => &condition.otherwise,
            };
            if let Some(node) = outcome {
                self.node(sink, node, value, place)?;
            }
        }
        for (_, node) in logic.dependent.iter().filter(|(name, _)| value.get(name).is_some()) {
            self.node(sink, node, value, place)?;
        }
        Flow::Continue(())
    }

    fn any<S: Sink>(
        &mut self,
        sink: &mut S,
        nodes: &'s [Node],
        discriminator: Option<&Discriminator>,
        value: &Value,
        place: &Place<'_>,
    ) -> Flow {
        if nodes.is_empty() {
            return Flow::Continue(());
        }
        let tag = self.tag(nodes, discriminator, value);
        let holds = match tag {
            Tag::Names(index) => nodes.get(index).is_some_and(|node| self.holds(node, value)),
            Tag::Unknown(discriminator) if self.is_closed(nodes, discriminator) => false,
            _ => nodes.iter().any(|node| self.holds(node, value)),
        };
        if holds { Flow::Continue(()) } else { self.alternatives(sink, "anyOf", nodes, tag, value, place) }
    }

    /// Exactly one alternative must hold, and of a request the one that its discriminator names: by the letter no other may
    /// hold beside it (OAS 4.8.25: a discriminator changes no outcome), but documents whose alternatives differ in the
    /// name alone are many, and their services take what is named. What is answered keeps to the letter.
    fn one<S: Sink>(
        &mut self,
        sink: &mut S,
        nodes: &'s [Node],
        discriminator: Option<&Discriminator>,
        value: &Value,
        place: &Place<'_>,
    ) -> Flow {
        if nodes.is_empty() {
            return Flow::Continue(());
        }
        let tag = self.tag(nodes, discriminator, value);
        let is_request = self.rules.direction == Direction::Request;
        match tag {
            Tag::Names(index) if !nodes.get(index).is_some_and(|node| self.holds(node, value)) => {
                return self.alternatives(sink, "oneOf", nodes, tag, value, place);
            }
            Tag::Names(_) if is_request => return Flow::Continue(()),
            Tag::Unknown(discriminator) if self.is_closed(nodes, discriminator) => {
                return self.alternatives(sink, "oneOf", nodes, tag, value, place);
            }
            _ => {}
        }
        let mut holding =
            nodes.iter().enumerate().filter(|(_, node)| self.holds(node, value)).map(|(i, _)| i);
        match (holding.next(), holding.next()) {
            (Some(_), None) => Flow::Continue(()),
            (Some(first), Some(second)) => sink.fault(place, "oneOf", || {
                let names = [first, second].map(|i| self.name_of(nodes, i));
                format!("exactly one of {} alternatives, not both {}", nodes.len(), names.join(" and "))
            }),
            (None, _) => self.alternatives(sink, "oneOf", nodes, tag, value, place),
        }
    }

    /// Whether a request's tag that names none of the alternatives is refused, though one holds: if the mapping names each,
    /// and nothing is said of other tags (OAS 4.8.25.3). Where names are implied, documents often forget the mapping.
    fn is_closed(&self, nodes: &[Node], discriminator: &Discriminator) -> bool {
        let is_mapped = |id| discriminator.mapping.iter().any(|(known, _)| *known == id);
        self.rules.direction == Direction::Request
            && !discriminator.has_default
            && nodes.iter().all(|node| target(node).is_some_and(is_mapped))
    }

    /// The tags of alternatives: those of the mapping, then those that an alternative has by itself.
    fn tags(&self, nodes: &'s [Node], discriminator: &Discriminator) -> Vec<Value> {
        let Discriminator { property, mapping, .. } = discriminator;
        let is_branch = |id: SchemaId| nodes.iter().any(|node| target(node) == Some(id));
        let mapped = mapping.iter().filter(|(id, _)| is_branch(*id)).map(|(_, tag)| tag.as_str());
        let own = nodes.iter().filter_map(|node| {
            let id = target(node);
            let is_mapped = mapping.iter().any(|(known, _)| Some(*known) == id);
            let name = || id.map(|id| self.set.key(id)).filter(|_| !is_mapped);
            self.constant(node, property, 0).filter(|_| !is_mapped).or_else(name)
        });
        mapped.chain(own).map(Value::from).collect()
    }

    /// The alternative that a value's discriminator names, which is then the one that is meant: by the mapping, else by the
    /// constant that an alternative requires of it, else by the name of its schema (OAS 4.8.25.3).
    fn tag<'d>(&self, nodes: &[Node], discriminator: Option<&'d Discriminator>, value: &Value) -> Tag<'d> {
        let Some(discriminator) = discriminator else { return Tag::Absent };
        let Some(tag) = value.get(&*discriminator.property).and_then(Value::as_str) else {
            return Tag::Absent;
        };
        self.named(nodes, discriminator, tag).map_or(Tag::Unknown(discriminator), Tag::Names)
    }

    fn named(&self, nodes: &[Node], discriminator: &Discriminator, tag: &str) -> Option<usize> {
        let Discriminator { property, mapping, .. } = discriminator;
        let mapped = mapping.iter().find(|(_, value)| value == tag);
        if let Some(index) =
            mapped.and_then(|(id, _)| nodes.iter().position(|node| target(node) == Some(*id)))
        {
            return Some(index);
        }
        nodes.iter().position(|node| {
            let id = target(node);
            let is_mapped = mapping.iter().any(|(known, _)| Some(*known) == id);
            match self.constant(node, property, 0) {
                Some(constant) => !is_mapped && constant == tag,
                None => id.is_some_and(|id| self.set.key(id) == tag),
            }
        })
    }

    /// The one text that a schema admits as a property.
    fn constant(&self, node: &'s Node, property: &str, depth: usize) -> Option<&'s str> {
        const MAX_DEPTH: usize = 4;
        let own = node.objects.as_ref().and_then(|objects| objects.fields.get(property));
        let values = own.and_then(|field| field.node.values.as_ref());
        let text = values.and_then(|values| match (&values.constant, values.options.as_deref()) {
            (Some(constant), _) => constant.as_str(),
            (None, Some([only])) => only.as_str(),
            (None, _) => None,
        });
        let logic = node.logic.as_ref().filter(|_| depth < MAX_DEPTH);
        text.or_else(|| {
            let logic = logic?;
            let target = logic.reference.and_then(|id| self.set.def(id)).map(|def| &def.node);
            target.into_iter().chain(&logic.all).find_map(|node| self.constant(node, property, depth + 1))
        })
    }

    /// Whether a schema requires a property.
    fn requires(&self, node: &Node, name: &str, depth: usize) -> bool {
        const MAX_DEPTH: usize = 4;
        let direction = self.rules.direction;
        let is_it = |required: &Required| *required.name == *name && !required.hidden.is_in(direction);
        let own = node.objects.iter().flat_map(|objects| &objects.required).any(is_it);
        let logic = node.logic.as_ref().filter(|_| depth < MAX_DEPTH);
        own || logic.is_some_and(|logic| {
            let target = logic.reference.and_then(|id| self.set.def(id)).map(|def| &def.node);
            target.into_iter().chain(&logic.all).any(|node| self.requires(node, name, depth + 1))
        })
    }

    /// No alternative holds, or none is named: of a tag that names none, tells which there are; else the faults of the one that is named, else of the only one for values of this kind, else
    /// of the one that comes nearest. Generated servers tell by the same rules (`descant_runtime::check`).
    fn alternatives<S: Sink>(
        &mut self,
        sink: &mut S,
        keyword: &str,
        nodes: &'s [Node],
        tag: Tag<'_>,
        value: &Value,
        place: &Place<'_>,
    ) -> Flow {
        if let Tag::Unknown(discriminator) = tag {
            let place = Place::Member(place, &discriminator.property);
            return sink.fault(&place, "discriminator", || one_of(&self.tags(nodes, discriminator)));
        }
        let mut found = self.of_alternatives(sink, nodes, value, place);
        let distances = found.iter().zip(nodes);
        let distances: Vec<_> =
            distances.map(|(faults, node)| faults.distance(|name| self.requires(node, name, 0))).collect();
        let fitting = distances.iter().enumerate().filter(|(_, (kind, _))| *kind < OTHER_KIND);
        let fitting: Vec<usize> = fitting.map(|(index, _)| index).collect();
        let named = match tag {
            Tag::Names(index) if index < found.len() => Some(index),
            _ => None,
        };
        let quantity = if keyword == "oneOf" { "exactly one" } else { "at least one" };
        let count = nodes.len();
        let nearest = fitting.iter().copied().min_by_key(|index| distances.get(*index));
        let Some(index) = named.or(nearest) else {
            return match found.is_empty() {
                true => sink.fault(place, keyword, || format!("{quantity} of {count} alternatives")),
                false => sink.fault(place, "type", || any_of(&found)),
            };
        };
        if named.is_some() || fitting.len() > 1 {
            let words = if named.is_some() { "is named" } else { "comes nearest" };
            let name = self.name_of(nodes, index);
            sink.fault(place, keyword, || format!("{quantity} of {count} alternatives; {name} {words}"))?;
        }
        sink.adopt(found.swap_remove(index))
    }

    /// The faults of each alternative, as far as somebody reads them and they may be looked for.
    fn of_alternatives<S: Sink>(
        &mut self,
        sink: &S,
        nodes: &'s [Node],
        value: &Value,
        place: &Place<'_>,
    ) -> Vec<Faults> {
        let mut found = Vec::new();
        for node in nodes {
            let Some(mut faults) = sink.alternative(place).filter(|_| self.searches < MAX_SEARCHES) else {
                break;
            };
            self.searches += 1;
            let _ = self.node(&mut faults, node, value, place);
            found.push(faults);
        }
        found
    }

    /// What an alternative is called: the definition that it refers to, its title, or its number.
    fn name_of(&self, nodes: &[Node], index: usize) -> String {
        let node = nodes.get(index);
        let reference = node.and_then(|node| node.logic.as_ref()?.reference);
        let title = node.and_then(|node| node.notes.as_ref()?.title.as_deref());
        match reference.map(|id| self.set.key(id)).filter(|key| !key.is_empty()).or(title) {
            Some(name) => format!("`{name}`"),
            None => format!("number {}", index + 1),
        }
    }
}

/// The definition that an alternative refers to.
fn target(node: &Node) -> Option<SchemaId> {
    node.logic.as_ref().and_then(|logic| logic.reference)
}
