//! Validates the keywords of objects.

use serde_json::{Map, Value};

use super::{Flow, Judge, Sink};
use crate::{
    fault::{Place, count},
    node::{Field, Node, Objects},
};

impl<'s> Judge<'s> {
    pub(super) fn members<S: Sink>(
        &mut self,
        sink: &mut S,
        node: &'s Node,
        members: &Map<String, Value>,
        place: &Place<'_>,
    ) -> Flow {
        let Some(objects) = &node.objects else { return Flow::Continue(()) };
        self.presence(sink, objects, members, place)?;
        let is_open = objects.fields.is_empty() && objects.patterns.is_empty();
        if is_open && objects.additional.is_none() && objects.names.is_none() {
            return Flow::Continue(());
        }
        let mut fields = objects.fields.in_order();
        for (name, value) in members {
            self.member(sink, objects, fields.get(name), (name, value), place)?;
        }
        Flow::Continue(())
    }

    /// How many properties there are, and which must be.
    fn presence<S: Sink>(
        &mut self,
        sink: &mut S,
        objects: &'s Objects,
        members: &Map<String, Value>,
        place: &Place<'_>,
    ) -> Flow {
        let size = members.len() as u64;
        if size < objects.min {
            sink.fault(place, "minProperties", || format!("at least {}", count(objects.min, "property")))?;
        }
        if let Some(max) = objects.max.filter(|max| size > *max) {
            sink.fault(place, "maxProperties", || format!("at most {}", count(max, "property")))?;
        }
        // Nearly always in the schema's order, where no member has to be looked up.
        let mut names = members.keys();
        for required in &objects.required {
            let is_there = names.any(|name| **name == *required.name);
            if !is_there
                && !members.contains_key(&*required.name)
                && !required.hidden.is_in(self.rules.direction)
            {
                sink.fault(place, "required", || format!("the property {:?}", required.name))?;
            }
        }
        for (name, needed) in objects.dependent.iter().filter(|(name, _)| members.contains_key(name)) {
            for missing in needed.iter().filter(|needed| !members.contains_key(*needed)) {
                let expected = || format!("the property {missing:?}, since there is {name:?}");
                sink.fault(place, "dependentRequired", expected)?;
            }
        }
        Flow::Continue(())
    }

    fn member<S: Sink>(
        &mut self,
        sink: &mut S,
        objects: &'s Objects,
        field: Option<&'s Field>,
        (name, value): (&str, &Value),
        place: &Place<'_>,
    ) -> Flow {
        let here = Place::Member(place, name);
        if let Some(names) = &objects.names {
            self.name(sink, names, name, &here)?;
        }
        if let Some(field) = field {
            if self.rules.forbid_hidden && field.hidden.is_in(self.rules.direction) {
                let keyword = self.rules.direction.hiding_keyword();
                return sink.fault(&here, keyword, || format!("no {keyword} property in this direction"));
            }
            self.node(sink, &field.node, value, &here)?;
        }
        let mut is_known = field.is_some();
        for (pattern, node) in &objects.patterns {
            if pattern.is_match(name) {
                is_known = true;
                self.node(sink, node, value, &here)?;
            }
        }
        match objects.additional.as_ref().filter(|_| !is_known) {
            Some(node) if node.is_false() => {
                sink.fault(&here, "additionalProperties", || "no property of this name".to_owned())
            }
            Some(node) => self.node(sink, node, value, &here),
            None => Flow::Continue(()),
        }
    }

    fn name<S: Sink>(&mut self, sink: &mut S, names: &'s Node, name: &str, here: &Place<'_>) -> Flow {
        // Such a value lives shortly, and what is known of its address with it.
        let known = std::mem::take(&mut self.known);
        let holds = self.holds(names, &Value::from(name));
        self.known = known;
        match holds {
            true => Flow::Continue(()),
            false => sink.fault(here, "propertyNames", || "a name that `propertyNames` admits".to_owned()),
        }
    }
}
