//! The keywords of arrays and objects.

use serde_json::Value;

use super::{Compiler, Keywords, as_count, as_names, direction, is_schema};
use crate::{
    node::{Arrays, Contains, Field, Node, Objects, Required},
    pattern::Pattern,
    pointer,
};

impl<'a> Compiler<'a> {
    pub(super) fn arrays(&mut self, keywords: Keywords<'a, '_>) -> Option<Box<Arrays>> {
        let names =
            ["contains", "items", "maxItems", "minItems", "prefixItems", "unevaluatedItems", "uniqueItems"];
        if !names.iter().any(|name| keywords.map.contains_key(*name)) {
            return None;
        }
        Some(Box::new(Arrays {
            min: self.count(keywords, "minItems").unwrap_or(0),
            max: self.count(keywords, "maxItems"),
            unique: self.read(keywords, "uniqueItems", "a boolean", Value::as_bool).unwrap_or(false),
            prefix: self.list(keywords, "prefixItems"),
            items: self.one(keywords, "items"),
            contains: self.contains(keywords),
            unevaluated: self.one(keywords, "unevaluatedItems"),
        }))
    }

    fn contains(&mut self, keywords: Keywords<'a, '_>) -> Option<Contains> {
        let node = self.one(keywords, "contains")?;
        let (min, max) = (self.count(keywords, "minContains"), self.count(keywords, "maxContains"));
        Some(Contains { node, min: min.unwrap_or(1), max })
    }

    pub(super) fn objects(&mut self, keywords: Keywords<'a, '_>) -> Option<Box<Objects>> {
        let names = [
            "additionalProperties",
            "dependentRequired",
            "maxProperties",
            "minProperties",
            "patternProperties",
            "properties",
            "propertyNames",
            "required",
            "unevaluatedProperties",
        ];
        if !names.iter().any(|name| keywords.map.contains_key(*name)) {
            return None;
        }
        Some(Box::new(Objects {
            min: self.count(keywords, "minProperties").unwrap_or(0),
            max: self.count(keywords, "maxProperties"),
            fields: self.fields(keywords),
            patterns: self.patterns(keywords),
            additional: self.one(keywords, "additionalProperties"),
            names: self.one(keywords, "propertyNames"),
            required: self.required(keywords),
            dependent: self.dependent_required(keywords),
            unevaluated: self.one(keywords, "unevaluatedProperties"),
        }))
    }

    fn fields(&mut self, keywords: Keywords<'a, '_>) -> crate::fields::Fields<Field> {
        let properties = keywords.map.get("properties").and_then(Value::as_object);
        let nodes = self.map(keywords, "properties");
        let marked = nodes.into_iter().map(|(name, node)| {
            let source =
                properties.and_then(|properties| properties.get(name)).filter(|source| is_schema(source));
            let hidden = source.map(|source| direction::marks(source, self.sources)).unwrap_or_default();
            (name.into(), Field { node, hidden, ..Field::default() })
        });
        marked.collect()
    }

    fn patterns(&mut self, keywords: Keywords<'a, '_>) -> Vec<(Pattern, Node)> {
        let at = pointer::join(keywords.at, "patternProperties");
        let mut patterns = Vec::new();
        for (source, node) in self.map(keywords, "patternProperties") {
            match Pattern::new(source) {
                Some(pattern) => patterns.push((pattern, node)),
                None => self.flaw(&pointer::join(&at, source), "not a regular expression; left out"),
            }
        }
        patterns
    }

    fn required(&mut self, keywords: Keywords<'a, '_>) -> Vec<Required> {
        let Some(names) = self.read(keywords, "required", "an array of property names", as_names) else {
            return Vec::new();
        };
        let hidden = direction::hidden(keywords.map, self.sources);
        let required = |name: &'a str| Required {
            name: name.into(),
            hidden: hidden.get(name).copied().unwrap_or_default(),
        };
        names.into_iter().map(required).collect()
    }

    fn dependent_required(&mut self, keywords: Keywords<'a, '_>) -> Vec<(String, Vec<String>)> {
        let as_dependencies = |value: &'a Value| {
            let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
            value
                .as_object()?
                .iter()
                .map(|(name, names)| Some((name.clone(), owned(as_names(names)?))))
                .collect()
        };
        let wanted = "an object of arrays of property names";
        self.read(keywords, "dependentRequired", wanted, as_dependencies).unwrap_or_default()
    }

    fn count(&mut self, keywords: Keywords<'a, '_>, name: &str) -> Option<u64> {
        self.read(keywords, name, "a non-negative integer", as_count)
    }
}
