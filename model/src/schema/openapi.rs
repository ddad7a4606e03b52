//! The keywords of OpenAPI with an object as their value: `xml` and `discriminator`.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::definitions::{SchemaId, Schemas};
use super::payload::{Payload, Reader};

/// The representation of a value in XML (OAS 3.2, 4.26).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Xml {
    /// The name of the element or attribute.
    pub name: Option<String>,
    /// The URI of its namespace.
    pub namespace: Option<String>,
    /// The prefix of its name.
    pub prefix: Option<String>,
    /// The kind of node.
    pub node: XmlNode,
    /// Whether an array has an element around its items.
    pub wrapped: bool,
}

/// The node of a value in XML; before 3.2, `attribute: true`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum XmlNode {
    /// An element.
    #[default]
    Element,
    /// An attribute of the enclosing element.
    Attribute,
    /// Text.
    Text,
    /// A CDATA section.
    Cdata,
    /// No node: the parent contains the value's content.
    None,
}

/// The property that distinguishes the alternatives of a schema (OAS 4.8.25).
#[derive(Clone, Debug, PartialEq)]
pub struct Discriminator {
    /// The name of the property with the discriminating value.
    pub property: String,
    /// The schemas by value of the property.
    pub mapping: IndexMap<String, SchemaId>,
    /// The schema if the property is absent or its value unknown (OAS 3.2).
    pub default: Option<SchemaId>,
}

impl Payload for Box<Xml> {
    const WANTED: &'static str = "an XML form";

    fn read<R: Reader>(reader: &mut R, node: R::Node) -> Option<Self> {
        let Value::Object(mut stated) = reader.data(node) else { return None };
        let flag = |stated: &Map<String, Value>, key: &str| stated.get(key) == Some(&Value::Bool(true));
        let (attribute, wrapped) = (flag(&stated, "attribute"), flag(&stated, "wrapped"));
        let mut text = |key: &str| match stated.shift_remove(key) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let node = match text("nodeType").as_deref() {
            Some("attribute") => XmlNode::Attribute,
            Some("text") => XmlNode::Text,
            Some("cdata") => XmlNode::Cdata,
            Some("none") => XmlNode::None,
            _ if attribute => XmlNode::Attribute,
            _ => XmlNode::Element,
        };
        let (name, namespace, prefix) = (text("name"), text("namespace"), text("prefix"));
        Some(Box::new(Xml { name, namespace, prefix, node, wrapped }))
    }

    fn to_json(&self, _: &Schemas) -> Value {
        let Xml { name, namespace, prefix, node, wrapped } = &**self;
        let texts = [("name", name), ("namespace", namespace), ("prefix", prefix)];
        let texts = texts.into_iter().filter_map(|(key, text)| Some((key, text.as_deref()?.into())));
        let node = match node {
            XmlNode::Element => None,
            XmlNode::Attribute => Some("attribute"),
            XmlNode::Text => Some("text"),
            XmlNode::Cdata => Some("cdata"),
            XmlNode::None => Some("none"),
        };
        let node = node.map(|node| ("nodeType", node.into()));
        let wrapped = wrapped.then_some(("wrapped", true.into()));
        let stated = texts.chain(node).chain(wrapped);
        Value::Object(stated.map(|(key, value)| (key.to_owned(), value)).collect())
    }
}

impl Payload for Box<Discriminator> {
    const WANTED: &'static str = "a discriminator";

    /// Reads a discriminator; in 2.0 it is the property's name. Missing schemas of the mapping are left out, which the
    /// check reports.
    fn read<R: Reader>(reader: &mut R, node: R::Node) -> Option<Self> {
        let name = reader.field(node, "propertyName").unwrap_or(node);
        let Value::String(property) = reader.data(name) else { return None };
        let mut mapping = IndexMap::new();
        let stated = reader.field(node, "mapping").and_then(|mapping| reader.entries(mapping));
        for (value, target) in stated.into_iter().flatten() {
            mapping.extend(reader.target(target).map(|target| (value, target)));
        }
        let default = reader.field(node, "defaultMapping").and_then(|target| reader.target(target));
        Some(Box::new(Discriminator { property, mapping, default }))
    }

    fn to_json(&self, schemas: &Schemas) -> Value {
        let mut stated = Map::new();
        stated.insert("propertyName".to_owned(), self.property.as_str().into());
        if !self.mapping.is_empty() {
            let mapping = self.mapping.iter().map(|(value, id)| (value.clone(), id.to_json(schemas)));
            stated.insert("mapping".to_owned(), Value::Object(mapping.collect()));
        }
        if let Some(default) = self.default {
            stated.insert("defaultMapping".to_owned(), default.to_json(schemas));
        }
        Value::Object(stated)
    }
}
