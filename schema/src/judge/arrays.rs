//! Validates the keywords of arrays.

use serde_json::Value;

use super::{Flow, Judge, Sink, are_distinct};
use crate::{
    fault::{Place, count},
    node::{Arrays, Contains, Node},
};

impl<'s> Judge<'s> {
    pub(super) fn items<S: Sink>(
        &mut self,
        sink: &mut S,
        node: &'s Node,
        items: &[Value],
        place: &Place<'_>,
    ) -> Flow {
        let Some(arrays) = &node.arrays else { return Flow::Continue(()) };
        let length = items.len() as u64;
        if length < arrays.min {
            sink.fault(place, "minItems", || format!("at least {}", count(arrays.min, "item")))?;
        }
        if let Some(max) = arrays.max.filter(|max| length > *max) {
            sink.fault(place, "maxItems", || format!("at most {}", count(max, "item")))?;
        }
        if arrays.unique && !are_distinct(items) {
            sink.fault(place, "uniqueItems", || "items that differ from each other".to_owned())?;
        }
        self.each_item(sink, arrays, items, place)?;
        match &arrays.contains {
            Some(contains) => self.contains(sink, contains, items, place),
            None => Flow::Continue(()),
        }
    }

    fn each_item<S: Sink>(
        &mut self,
        sink: &mut S,
        arrays: &'s Arrays,
        items: &[Value],
        place: &Place<'_>,
    ) -> Flow {
        for (i, item) in items.iter().enumerate() {
            match arrays.prefix.get(i).or(arrays.items.as_ref()) {
                Some(node) => self.node(sink, node, item, &Place::Item(place, i))?,
                None => break,
            }
        }
        Flow::Continue(())
    }

    fn contains<S: Sink>(
        &mut self,
        sink: &mut S,
        contains: &'s Contains,
        items: &[Value],
        place: &Place<'_>,
    ) -> Flow {
        let matching = items.iter().filter(|item| self.holds(&contains.node, item)).count() as u64;
        if matching < contains.min {
            let expected = || format!("at least {} as `contains` describes", count(contains.min, "item"));
            sink.fault(place, "contains", expected)?;
        }
        match contains.max.filter(|max| matching > *max) {
            Some(max) => {
                let expected = || format!("at most {} as `contains` describes", count(max, "item"));
                sink.fault(place, "maxContains", expected)
            }
            None => Flow::Continue(()),
        }
    }
}
