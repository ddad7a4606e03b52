//! Keywords that put other schemas to the same value, and annotations.

use std::sync::OnceLock;

use serde_json::Value;

use super::{Compiler, Keywords, is_schema, negate};
use crate::{
    node::{Condition, DefId, Discriminator, Logic, Negation, Node, Notes, Others},
    pointer,
};

impl<'a> Compiler<'a> {
    pub(super) fn logic(&mut self, keywords: Keywords<'a, '_>) -> Option<Box<Logic>> {
        let names = ["$dynamicRef", "$ref", "allOf", "anyOf", "dependentSchemas", "if", "not", "oneOf"];
        if !names.iter().any(|name| keywords.map.contains_key(*name)) {
            return None;
        }
        let dependent = self.map(keywords, "dependentSchemas");
        Some(Box::new(Logic {
            reference: self.reference(keywords),
            dynamic: self.read(keywords, "$dynamicRef", "a reference to an anchor", as_anchor),
            all: self.list(keywords, "allOf"),
            any: self.list(keywords, "anyOf"),
            one: self.list(keywords, "oneOf"),
            others: self.others(keywords),
            not: self.negation(keywords, "not"),
            condition: self.condition(keywords),
            dependent: dependent.into_iter().map(|(name, node)| (name.to_owned(), node)).collect(),
        }))
    }

    fn reference(&mut self, keywords: Keywords<'a, '_>) -> Option<DefId> {
        let name = self.read(keywords, "$ref", "a string", Value::as_str)?;
        let target = self.target(name);
        match target {
            Some(target) => drop(self.references.insert(target)),
            None => self.flaw(&pointer::join(keywords.at, "$ref"), "refers to no schema; left out"),
        }
        target
    }

    fn others(&self, keywords: Keywords<'a, '_>) -> Others {
        let within = self.home.and_then(|(id, length)| Some((id, keywords.at.get(length..)?)));
        Others { source: within.map(|(id, at)| (id, format!("{at}/oneOf").into())), aims: OnceLock::new() }
    }

    fn negation(&mut self, keywords: Keywords<'a, '_>, name: &str) -> Option<Negation> {
        let source = keywords.map.get(name).filter(|source| is_schema(source));
        let node = self.one(keywords, name)?;
        let aims = source.map(|source| negate::negate(source, self.sources)).unwrap_or_default();
        let aims = aims.iter().map(|aim| self.aim(aim, keywords.depth + 1)).collect();
        Some(Negation { node, aims })
    }

    /// A schema that we made ourselves: its flaws were named where it came from.
    fn aim(&mut self, schema: &Value, depth: usize) -> Node {
        let mut compiler = Compiler::new(self.sources);
        let node = compiler.schema(schema, "", depth);
        self.references.append(&mut compiler.references);
        node
    }

    fn condition(&mut self, keywords: Keywords<'a, '_>) -> Option<Condition> {
        let test = self.negation(keywords, "if")?;
        Some(Condition { test, then: self.one(keywords, "then"), otherwise: self.one(keywords, "else") })
    }

    pub(super) fn notes(&mut self, keywords: Keywords<'a, '_>) -> Option<Box<Notes>> {
        let map = keywords.map;
        let listed = map.get("examples").and_then(Value::as_array).into_iter().flatten();
        let examples = listed.chain(map.get("example")).chain(map.get("default")).cloned().collect();
        let title = map.get("title").and_then(Value::as_str).map(Into::into);
        let notes = Notes { title, examples, discriminator: self.discriminator(keywords) };
        let is_any = notes.title.is_some() || !notes.examples.is_empty() || notes.discriminator.is_some();
        is_any.then(|| Box::new(notes))
    }

    fn discriminator(&self, keywords: Keywords<'a, '_>) -> Option<Discriminator> {
        let discriminator = keywords.map.get("discriminator")?;
        let property = discriminator.get("propertyName")?.as_str()?.into();
        let mapping = discriminator.get("mapping").and_then(Value::as_object).into_iter().flatten();
        let mapping =
            mapping.filter_map(|(value, target)| Some((self.named(target.as_str()?)?, value.clone())));
        Some(Discriminator { property, mapping: mapping.collect() })
    }

    /// The definition that a mapping means: by reference, by name, or by the last step of another document's path.
    fn named(&self, target: &str) -> Option<DefId> {
        let last = target.rsplit('/').next()?;
        self.target(target).or_else(|| self.target(&format!("#/$defs/{last}")))
    }
}

fn as_anchor(value: &Value) -> Option<Box<str>> {
    Some(value.as_str()?.rsplit('#').next()?.into())
}
