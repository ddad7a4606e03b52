//! Boundary values of arrays and objects.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{Finder, ITEMS, MOST, Step};
use crate::node::{Arrays, Node, Objects};

/// The longest array that is made to be too long.
const LONGEST: u64 = 1_000;
/// A name that no schema declares.
const UNKNOWN: &str = "xDescantUnknown";

impl<'s, 'v> Finder<'s, 'v> {
    pub(super) fn arrays(&mut self, nodes: &[&'s Node], items: &'v [Value]) {
        let rules: Vec<_> = nodes.iter().filter_map(|node| node.arrays.as_deref()).collect();
        for arrays in &rules {
            if let Some(first) = items.first().filter(|_| arrays.unique) {
                self.add("uniqueItems", items.iter().chain([first]).cloned().collect());
                // Equal items that are not neighbours.
                self.add("uniqueItems", Value::Array(vec![first.clone(), nth(first, 1), first.clone()]));
                // Texts that differ in case alone are not equal.
                if let Value::String(text) = first {
                    let cases = [text.to_lowercase(), text.to_uppercase()];
                    self.add("uniqueItems", cases.into_iter().collect());
                }
            }
            self.counts(arrays, items);
            if arrays.contains.is_some() {
                self.add("contains", Value::Array(Vec::new()));
            }
        }
        for (i, item) in items.iter().enumerate().take(ITEMS) {
            let nodes: Vec<_> =
                rules.iter().filter_map(|arrays| arrays.prefix.get(i).or(arrays.items.as_ref())).collect();
            self.below(Step::Item(i), &nodes, item);
        }
    }

    fn counts(&mut self, arrays: &Arrays, items: &[Value]) {
        let edges = [("minItems", Some(arrays.min)), ("minItems", arrays.min.checked_sub(1))];
        let max = arrays
            .max
            .into_iter()
            .flat_map(|max| [max, max.saturating_add(1)])
            .map(|max| ("maxItems", Some(max)));
        for (keyword, count) in edges.into_iter().chain(max) {
            let Some(count) = count.filter(|count| *count <= LONGEST) else { continue };
            let wanted = usize::try_from(count).unwrap_or(usize::MAX);
            if wanted <= items.len() || !items.is_empty() {
                let copies = items.iter().cycle().enumerate().take(wanted);
                self.add(
                    keyword,
                    copies.map(|(i, item)| nth(item, if i < items.len() { 0 } else { i })).collect(),
                );
            }
        }
    }

    pub(super) fn objects(&mut self, nodes: &[&'s Node], members: &'v Map<String, Value>) {
        let rules: Vec<_> = nodes.iter().filter_map(|node| node.objects.as_deref()).collect();
        for objects in &rules {
            self.presence(objects, members);
        }
        if rules.iter().any(|objects| objects.additional.is_some() || objects.unevaluated.is_some()) {
            self.add_member("additionalProperties", members, UNKNOWN);
        }
        for (name, value) in members {
            let nodes: Vec<_> = rules
                .iter()
                .filter_map(|objects| objects.fields.get(name))
                .map(|field| &field.node)
                .collect();
            self.below(Step::Member(name), &nodes, value);
        }
    }

    /// Without each required property, without all that is optional, and around the least and most properties.
    fn presence(&mut self, objects: &Objects, members: &Map<String, Value>) {
        let required: Vec<_> = objects.required.iter().map(|required| &*required.name).collect();
        for name in required.iter().take(MOST) {
            let rest = members.iter().filter(|(known, _)| known != name);
            self.add(
                "required",
                rest.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>().into(),
            );
        }
        let required: HashSet<&str> = required.into_iter().collect();
        let needed = members.iter().filter(|(name, _)| required.contains(name.as_str()));
        self.add(
            "properties",
            needed.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>().into(),
        );
        if let Some(fewer) = objects.min.checked_sub(1) {
            let fewer = members.iter().take(usize::try_from(fewer).unwrap_or(usize::MAX));
            let fewer = fewer.map(|(name, value)| (name.clone(), value.clone()));
            self.add("minProperties", fewer.collect::<Map<_, _>>().into());
        }
        if let Some(max) = objects.max.filter(|max| *max < LONGEST) {
            let mut more = members.clone();
            let missing =
                usize::try_from(max.saturating_add(1)).unwrap_or(usize::MAX).saturating_sub(members.len());
            more.extend((0..missing).map(|i| (format!("{UNKNOWN}{i}"), Value::from("text"))));
            self.add("maxProperties", more.into());
        }
    }

    fn add_member(&mut self, keyword: &str, members: &Map<String, Value>, name: &str) {
        let mut more = members.clone();
        more.insert(name.to_owned(), Value::from("text"));
        self.add(keyword, more.into());
    }
}

/// A copy that differs from the others, where that is easily done: arrays may ask for it.
fn nth(item: &Value, index: usize) -> Value {
    match item {
        _ if index == 0 => item.clone(),
        // As long as before, where that is possible: the length may be bounded.
        Value::String(text) => {
            let ending = index.to_string();
            let kept = text.chars().count().saturating_sub(ending.len());
            Value::String(text.chars().take(kept).chain(ending.chars()).collect())
        }
        Value::Number(number) => match number.as_i64().zip(i64::try_from(index).ok()) {
            Some((number, index)) => number.saturating_add(index).into(),
            None => item.clone(),
        },
        _ => item.clone(),
    }
}
