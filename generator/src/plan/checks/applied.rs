//! The keywords that put other schemas to a value, its items or its properties' names. A shape may say less than its
//! schema: so it may stand where one that fits lets a value through, and behind `not` only where it says all.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Checks;
use crate::plan::dispatch::{self, Facts};
use crate::plan::node::{Group, Kinds, Node};
use crate::plan::shapes::{self, Facet, Shape, bound};

impl<'a> Checks<'a> {
    /// `patternProperties`; whether every property that is neither named nor matched is refused by
    /// `additionalProperties: false`.
    pub(super) fn add_patterns(&mut self, node: &Node<'a>, shape: &mut Shape, depth: usize) -> bool {
        let mut all_known = true;
        for stated in node.stated("patternProperties") {
            let patterns = || stated.as_object().into_iter().flatten();
            let known = patterns().filter_map(|(pattern, value)| Some((shapes::linear(pattern)?, value)));
            let before = shape.facets.len();
            for (pattern, value) in known {
                let inner = self.read(&[value.into()], depth + 1);
                shape.facets.push(Facet::Shapes("Matching", Some(pattern), vec![inner]));
            }
            match shape.facets.len() - before == patterns().count() {
                true => self.checked.push(stated),
                false => all_known = false,
            }
        }
        all_known && node.stated("additionalProperties").all(|value| value == &Value::Bool(false))
    }

    /// Adds what is said of names, of items, and of whole values by `not` and by what depends on a property.
    pub(super) fn add_applied(&mut self, node: &Node<'a>, shape: &mut Shape, depth: usize) {
        for names in node.stated("propertyNames").filter(|value| value.is_object()) {
            let inner = self.read(&[names.into()], depth + 1);
            self.push(shape, "Names", vec![inner], names);
        }
        let counted = node.stated("minContains").chain(node.stated("maxContains")).next().is_some();
        for contains in node.stated("contains").filter(|value| value.is_object() && !counted) {
            let inner = self.alternative(contains, depth);
            self.push(shape, "Contains", vec![inner], contains);
        }
        for not in node.stated("not").filter(|value| is_plain(value)) {
            let inner = self.alternative(not, depth);
            self.push(shape, "Not", vec![inner], not);
        }
        let mut prefixes = node.stated("prefixItems");
        if let (Some(prefix), None) = (prefixes.next(), prefixes.next()) {
            let items = node.prefix.iter().map(|item| self.read(&[(*item).into()], depth + 1)).collect();
            self.push(shape, "Prefix", items, prefix);
            if !node.items.is_empty() {
                shape.items = Some(self.read(&node.items, depth + 1).into());
            }
        }
        self.add_dependent(node, shape, depth);
    }

    /// Either the property is not there, or what depends on it holds.
    fn add_dependent(&mut self, node: &Node<'a>, shape: &mut Shape, depth: usize) {
        let required = |names: Vec<String>| {
            let facets = vec![Facet::Texts("Required", names)];
            Shape { facets, ..Shape::anything() }
        };
        for keyword in ["dependentRequired", "dependentSchemas"] {
            for stated in node.stated(keyword) {
                for (name, value) in stated.as_object().into_iter().flatten() {
                    let names = value.as_array().into_iter().flatten().filter_map(Value::as_str);
                    let then = match keyword {
                        "dependentRequired" => required(names.map(str::to_owned).collect()),
                        _ => self.alternative(value, depth),
                    };
                    let absent = Facet::Shapes("Not", None, vec![required(vec![name.clone()])]);
                    let absent = Shape { facets: vec![absent], ..Shape::anything() };
                    self.push(shape, "AnyOf", vec![then, absent], stated);
                }
            }
        }
    }

    fn push(&mut self, shape: &mut Shape, facet: &'static str, inner: Vec<Shape>, stated: &'a Value) {
        shape.facets.push(Facet::Shapes(facet, None, inner));
        self.checked.push(stated);
    }

    /// `oneOf` and `anyOf`: of both it is asked that one branch fits.
    pub(super) fn add_unions(&mut self, node: &Node<'a>, shape: &mut Shape, depth: usize) {
        for group in &node.groups {
            let of_properties = self.telling(group);
            let mut branches = Vec::new();
            for branch in &group.branches {
                let mut inner = self.read(&[(*branch).into()], depth + 1);
                Self::distinguish(&mut inner, &of_properties);
                branches.push(inner);
            }
            if branches.iter().any(Shape::admits_all) {
                continue;
            }
            if branches.iter().all(Shape::is_untyped) {
                let mut stated = node.stated("oneOf").chain(node.stated("anyOf"));
                let is_own = |value: &&Value| {
                    let first = value.as_array().and_then(|branches| branches.first());
                    first.zip(group.branches.first()).is_some_and(|(one, other)| std::ptr::eq(one, *other))
                };
                self.checked.extend(stated.find(is_own));
                let of_branches = group.branches.iter().filter_map(|branch| branch.get("required"));
                self.checked.extend(of_branches);
            }
            let stated = group.discriminator.or(node.discriminator).filter(|_| node.groups.len() == 1);
            shape.facets.extend(stated.and_then(|stated| self.tag(group, stated)));
            shape.facets.push(Facet::Shapes("Union", Some(group.keyword.to_owned()), branches));
        }
    }

    /// What the document's discriminator names the branches, where they do not say it themselves.
    fn tag(&self, group: &Group<'a>, discriminator: &Value) -> Option<Facet> {
        let facts: Vec<Facts<'_>> =
            group.branches.iter().map(|branch| Facts::read(self.schemas, &[(*branch).into()])).collect();
        let (dispatch, _) =
            dispatch::plan(self.schemas, &facts.iter().collect::<Vec<_>>(), Some(discriminator));
        let (property, names) = dispatch.tag?;
        let says = |facts: &Facts<'_>| facts.is_tagged(&property);
        (!facts.iter().all(says)).then_some(Facet::Tag(property, names))
    }

    /// The properties that are of one kind in one branch and of another in another.
    fn telling(&self, group: &Group<'a>) -> BTreeSet<String> {
        let mut kinds: BTreeMap<&str, Vec<Kinds>> = BTreeMap::new();
        for branch in &group.branches {
            for (name, members) in Node::read(self.schemas, &[(*branch).into()]).properties {
                let admitted = Node::read(self.schemas, &members).admitted();
                kinds.entry(name).or_default().push(admitted);
            }
        }
        kinds.retain(|_, kinds| kinds.iter().any(|one| Some(one) != kinds.first()));
        kinds.into_keys().map(str::to_owned).collect()
    }

    /// A schema whose kinds count.
    fn alternative(&mut self, value: &'a Value, depth: usize) -> Shape {
        let mut shape = self.read(&[value.into()], depth + 1);
        Self::distinguish(&mut shape, &BTreeSet::new());
        shape
    }

    /// Notes that a shape is an alternative, and which of its properties tell it from others.
    fn distinguish(shape: &mut Shape, of_properties: &BTreeSet<String>) {
        shape.tells = true;
        for property in shape.properties_mut().filter(|(name, _)| of_properties.contains(name)) {
            Self::distinguish(&mut property.1, &BTreeSet::new());
        }
    }
}

/// Whether a shape can say all that a schema says.
fn is_plain(value: &Value) -> bool {
    let is_plain = |(keyword, value): (&String, &Value)| match keyword.as_str() {
        "type" | "required" | "title" | "description" => true,
        "enum" | "const" => true,
        keyword => bound(keyword, value).is_some(),
    };
    value.as_object().is_some_and(|keywords| !keywords.is_empty() && keywords.iter().all(is_plain))
}
