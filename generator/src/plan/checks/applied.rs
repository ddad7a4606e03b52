//! The keywords that put other schemas to a value, its items or its properties' names. A shape may say less than its
//! schema: so it may stand where one that fits lets a value through, and behind `not` only where it says all.

use std::collections::{BTreeMap, BTreeSet};

use descant_model::api::SchemaId;
use descant_model::schema::{Discriminator, Keyword, Kinds, Schema};

use super::Checks;
use crate::plan::dispatch::{self, Facts};
use crate::plan::node::{Group, Node, restricts};
use crate::plan::shapes::{self, Facet, Shape, bound};

impl<'a> Checks<'a> {
    /// `patternProperties`; whether every property that is neither named nor matched is refused by
    /// `additionalProperties: false`.
    pub(super) fn add_patterns(&mut self, node: &Node<'a>, shape: &mut Shape, depth: usize) -> bool {
        let mut all_known = true;
        for (stated, patterns) in node.stated(Keyword::pattern_properties) {
            let known = patterns.iter();
            let known = known.filter_map(|(pattern, schema)| Some((shapes::pattern(pattern)?, schema)));
            let before = shape.facets.len();
            for (pattern, schema) in known {
                let inner = self.read(&[schema.into()], depth + 1);
                shape.facets.push(Facet::Shapes("Matching", Some(pattern), vec![inner]));
            }
            match shape.facets.len() - before == patterns.len() {
                true => self.checked.push(stated),
                false => all_known = false,
            }
        }
        all_known && node.stated(Keyword::additional_properties).all(|(_, schema)| schema.is_false())
    }

    /// Adds what is said of names, of items, and of whole values by `not` and by what depends on a property.
    pub(super) fn add_applied(&mut self, node: &Node<'a>, shape: &mut Shape, depth: usize) {
        for (stated, names) in node.stated(Keyword::property_names).filter(|(_, names)| has_keywords(names)) {
            let inner = self.read(&[(&**names).into()], depth + 1);
            self.push(shape, "Names", vec![inner], stated);
        }
        let counts = node.stated(Keyword::min_contains).chain(node.stated(Keyword::max_contains));
        let counted = counts.count() > 0;
        let contained = node.stated(Keyword::contains).filter(|(_, items)| has_keywords(items) && !counted);
        for (stated, items) in contained {
            let inner = self.alternative(items, depth);
            self.push(shape, "Contains", vec![inner], stated);
        }
        for (stated, not) in node.stated(Keyword::not).filter(|(_, not)| is_plain(not)) {
            let inner = self.alternative(not, depth);
            self.push(shape, "Not", vec![inner], stated);
        }
        let mut prefixes = node.stated(Keyword::prefix_items);
        if let (Some((prefix, _)), None) = (prefixes.next(), prefixes.next()) {
            let items = node.prefix.iter().map(|item| self.read(&[item.into()], depth + 1)).collect();
            self.push(shape, "Prefix", items, prefix);
            static NOTHING: Schema = Schema::Boolean(false);
            let items = if node.items_false { vec![(&NOTHING).into()] } else { node.items.clone() };
            if !items.is_empty() {
                shape.items = Some(self.read(&items, depth + 1).into());
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
        let absent = |name: &String| {
            let absent = Facet::Shapes("Not", None, vec![required(vec![name.clone()])]);
            Shape { facets: vec![absent], ..Shape::anything() }
        };
        for (stated, dependent) in node.stated(Keyword::dependent_required) {
            for (name, names) in dependent.iter() {
                self.push(shape, "AnyOf", vec![required(names.clone()), absent(name)], stated);
            }
        }
        for (stated, dependent) in node.stated(Keyword::dependent_schemas) {
            for (name, schema) in dependent.iter() {
                let then = self.alternative(schema, depth);
                self.push(shape, "AnyOf", vec![then, absent(name)], stated);
            }
        }
    }

    fn push(&mut self, shape: &mut Shape, facet: &'static str, inner: Vec<Shape>, stated: &'a Keyword) {
        shape.facets.push(Facet::Shapes(facet, None, inner));
        self.checked.push(stated);
    }

    /// `oneOf` and `anyOf`: of both it is asked that one branch fits.
    pub(super) fn add_unions(&mut self, node: &Node<'a>, shape: &mut Shape, depth: usize) {
        for group in &node.groups {
            let of_properties = self.telling(group);
            let mut branches = Vec::new();
            for branch in group.branches {
                let mut inner = self.read(&[branch.into()], depth + 1);
                Self::distinguish(&mut inner, &of_properties);
                branches.push(inner);
            }
            if branches.iter().any(Shape::admits_all) {
                continue;
            }
            if branches.iter().all(Shape::is_untyped) {
                let of_branches = group.branches.iter().flat_map(Schema::keywords);
                let required = of_branches.filter(|keyword| matches!(keyword, Keyword::Required(_)));
                self.checked.extend(required.chain([group.keyword]));
            }
            let stated = group.discriminator.or(node.discriminator).filter(|_| node.groups.len() == 1);
            shape.facets.extend(stated.and_then(|stated| self.tag(group, stated)));
            let is_tagged = stated.is_some_and(|stated| names_all(group, stated));
            if is_tagged && shape.facets.iter().any(|facet| matches!(facet, Facet::Tag(..))) {
                shape.facets.push(Facet::Flag("Tagged"));
            }
            // Shapes of text leave out more.
            let is_one =
                matches!(group.keyword, Keyword::OneOf(_)) && node.groups.len() == 1 && !self.of_text;
            if is_one && group.branches.iter().all(|branch| self.is_whole(branch, &mut BTreeSet::new())) {
                shape.facets.push(Facet::Flag("One"));
            }
            shape.facets.push(Facet::Shapes("Union", Some(group.keyword.name().to_owned()), branches));
        }
    }

    /// Whether a shape says all that a schema says, so that an alternative whose shape fits does hold.
    fn is_whole(&self, schema: &Schema, seen: &mut BTreeSet<SchemaId>) -> bool {
        schema.keywords().iter().all(|keyword| match keyword {
            Keyword::Ref(id) => {
                !seen.insert(*id)
                    || self.schemas.schema(*id).is_some_and(|schema| self.is_whole(schema, seen))
            }
            Keyword::Properties(properties) => properties.values().all(|schema| self.is_whole(schema, seen)),
            Keyword::Items(items) => self.is_whole(items, seen),
            Keyword::AdditionalProperties(schema) => !has_keywords(schema),
            Keyword::Pattern(source) => shapes::is_linear(source),
            Keyword::Type(_) | Keyword::Required(_) | Keyword::Enum(_) | Keyword::Const(_) => true,
            Keyword::Format(_) => true,
            Keyword::Nullable(_) | Keyword::AllOf(_) | Keyword::DynamicRef(_) => false,
            keyword => !restricts(keyword) || bound(keyword).is_some(),
        })
    }

    /// What the document's discriminator names the branches.
    fn tag(&self, group: &Group<'a>, discriminator: &Discriminator) -> Option<Facet> {
        let facts: Vec<Facts<'_>> =
            group.branches.iter().map(|branch| Facts::read(self.schemas, &[branch.into()])).collect();
        let (dispatch, _) =
            dispatch::plan(self.schemas, &facts.iter().collect::<Vec<_>>(), Some(discriminator));
        let (property, names) = dispatch.tag?;
        Some(Facet::Tag(property, names))
    }

    /// The properties that are of one kind in one branch and of another in another.
    fn telling(&self, group: &Group<'a>) -> BTreeSet<String> {
        let mut kinds: BTreeMap<&str, Vec<Kinds>> = BTreeMap::new();
        for branch in group.branches {
            for (name, members) in Node::read(self.schemas, &[branch.into()]).properties {
                let admitted = Node::read(self.schemas, &members).admitted();
                kinds.entry(name).or_default().push(admitted);
            }
        }
        kinds.retain(|_, kinds| kinds.iter().any(|one| Some(one) != kinds.first()));
        kinds.into_keys().map(str::to_owned).collect()
    }

    /// A schema whose kinds count.
    fn alternative(&mut self, schema: &'a Schema, depth: usize) -> Shape {
        let mut shape = self.read(&[schema.into()], depth + 1);
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

/// Whether a mapping names every branch, and nothing is said of values that name none.
fn names_all(group: &Group<'_>, discriminator: &Discriminator) -> bool {
    let is_mapped = |id: &SchemaId| discriminator.mapping.values().any(|known| known == id);
    let mut targets = group.branches.iter().map(Schema::reference);
    discriminator.default.is_none() && targets.all(|target| target.is_some_and(is_mapped))
}

/// Whether a shape can say all that a schema says.
fn is_plain(schema: &Schema) -> bool {
    let is_plain = |keyword: &Keyword| match keyword {
        Keyword::Type(_) | Keyword::Required(_) | Keyword::Title(_) | Keyword::Description(_) => true,
        Keyword::Enum(_) | Keyword::Const(_) => true,
        keyword => bound(keyword).is_some(),
    };
    !schema.keywords().is_empty() && schema.keywords().iter().all(is_plain)
}

/// Whether a schema is an object of keywords, perhaps of none.
fn has_keywords(schema: &Schema) -> bool {
    matches!(schema, Schema::Keywords(_))
}
