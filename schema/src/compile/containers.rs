//! Compiles the keywords of arrays and objects.

use std::collections::BTreeMap;

use descant_model::schema::{Keyword, Named, Schema};

use super::{Compiler, Place, direction};
use crate::{
    fields::Fields,
    node::{Arrays, Contains, Field, Node, Objects, Required},
    pattern::Pattern,
};

impl<'a> Compiler<'a> {
    pub(super) fn array(
        &mut self,
        node: &mut Node,
        schema: &Schema,
        keyword: &'a Keyword,
        place: &Place<'_>,
    ) {
        let arrays: &mut Arrays = node.arrays.get_or_insert_default();
        match keyword {
            Keyword::Items(items) => arrays.items = Some(self.inner(items, place)),
            Keyword::PrefixItems(prefix) => arrays.prefix = self.list(prefix, place),
            Keyword::Contains(contained) => {
                let (min, max) =
                    (schema.min_contains().copied().unwrap_or(1), schema.max_contains().copied());
                arrays.contains = Some(Contains { node: self.inner(contained, place), min, max });
            }
            Keyword::MinItems(min) => arrays.min = *min,
            Keyword::MaxItems(max) => arrays.max = Some(*max),
            Keyword::UniqueItems(unique) => arrays.unique = *unique,
            Keyword::UnevaluatedItems(rest) => arrays.unevaluated = Some(self.inner(rest, place)),
            _ => {}
        }
    }

    pub(super) fn object(
        &mut self,
        node: &mut Node,
        schema: &'a Schema,
        keyword: &'a Keyword,
        place: &Place<'_>,
    ) {
        let objects: &mut Objects = node.objects.get_or_insert_default();
        match keyword {
            Keyword::Properties(properties) => objects.fields = self.fields(properties, place),
            Keyword::PatternProperties(patterns) => objects.patterns = self.patterns(patterns, place),
            Keyword::AdditionalProperties(more) => objects.additional = Some(self.inner(more, place)),
            Keyword::UnevaluatedProperties(rest) => objects.unevaluated = Some(self.inner(rest, place)),
            Keyword::PropertyNames(names) => objects.names = Some(self.inner(names, place)),
            Keyword::Required(names) => {
                let hidden = direction::hidden(schema, self.sources);
                objects.required = required(names, &hidden);
            }
            Keyword::MinProperties(min) => objects.min = *min,
            Keyword::MaxProperties(max) => objects.max = Some(*max),
            Keyword::DependentRequired(dependent) => {
                objects.dependent =
                    dependent.iter().map(|(name, names)| (name.clone(), names.clone())).collect();
            }
            _ => {}
        }
    }

    fn fields(&mut self, properties: &'a Named<Schema>, place: &Place<'_>) -> Fields<Field> {
        let marked = properties.iter().map(|(name, schema)| {
            let hidden = direction::marks(schema, self.sources);
            let node = self.inner(schema, &place.below(name));
            (name.as_str().into(), Field { node, hidden, ..Field::default() })
        });
        marked.collect()
    }

    fn patterns(&mut self, stated: &'a Named<Schema>, place: &Place<'_>) -> Vec<(Pattern, Node)> {
        let mut patterns = Vec::new();
        for (source, schema) in stated.iter() {
            let node = self.inner(schema, &place.below(source));
            match Pattern::new(source) {
                Some(pattern) => patterns.push((pattern, node)),
                None => self.flaw(&place.below(source), "not a regular expression; left out"),
            }
        }
        patterns
    }
}

fn required(names: &[String], hidden: &BTreeMap<&str, crate::node::Hidden>) -> Vec<Required> {
    let required = |name: &String| Required {
        name: name.as_str().into(),
        hidden: hidden.get(name.as_str()).copied().unwrap_or_default(),
    };
    names.iter().map(required).collect()
}
