//! XML bodies (OAS 4.8.26): names, attributes, namespaces and wrapped lists come from the shape's facets.
//!
//! Entity definitions are ignored: only the five predefined entities and numeric characters are expanded, so nothing
//! multiplies.

use quick_xml::escape::{escape, resolve_xml_entity};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use serde_json::{Map, Value};

use crate::param::{Kinds, Shape};
use crate::problem::Fault;

/// The maximum nesting of elements.
const DEEPEST: usize = 128;

static TEXT: Shape = Shape::STRING;
static ANY: Shape = Shape::scalar(Kinds::NONE);

/// An element, its names without their prefixes.
#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Element>,
    text: String,
}

/// Reads a document.
pub(super) fn decode(body: &[u8], shape: Option<&Shape>) -> Result<Value, Fault> {
    let text = std::str::from_utf8(body)
        .map_err(|_| Fault::new("encoding", "UTF-8 text", &String::from_utf8_lossy(body)))?;
    let root = parse(text.trim_start_matches('\u{feff}'))?;
    let shape = shape.unwrap_or(&ANY);
    match &shape.items {
        Some(items) => list(&root.children.iter().collect::<Vec<_>>(), items),
        None => read(&root, shape),
    }
}

fn syntax(detail: impl ToString) -> Fault {
    Fault::new("syntax", "an XML document", "").detail(detail.to_string())
}

/// The tree of a document; its depth is bounded, so that nothing after this has to look.
fn parse(text: &str) -> Result<Element, Fault> {
    let mut reader = Reader::from_str(text);
    let mut stack = vec![Element::default()];
    loop {
        let event = reader.read_event().map_err(syntax)?;
        let depth = stack.len();
        let Some(open) = stack.last_mut() else { return Err(syntax("an end without a start")) };
        match event {
            Event::Start(start) if depth <= DEEPEST => stack.push(element(&start)?),
            Event::Start(_) => return Err(syntax("elements nest too deeply")),
            Event::Empty(start) => open.children.push(element(&start)?),
            Event::Text(text) => open.text.push_str(&text.xml10_content()),
            Event::CData(text) => open.text.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => match reference.resolve_char_ref().map_err(syntax)? {
                Some(character) => open.text.push(character),
                None => open.text.push_str(
                    resolve_xml_entity(&reference.xml10_content())
                        .ok_or_else(|| syntax("an unknown entity"))?,
                ),
            },
            Event::End(_) => {
                let closed = stack.pop().unwrap_or_default();
                let Some(parent) = stack.last_mut() else { return Err(syntax("an end without a start")) };
                parent.children.push(closed);
            }
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    let mut document =
        stack.pop().filter(|_| stack.is_empty()).ok_or_else(|| syntax("an element does not end"))?;
    match (document.children.pop(), document.children.is_empty()) {
        (Some(root), true) => Ok(root),
        _ => Err(syntax("a document has one element")),
    }
}

fn element(start: &BytesStart<'_>) -> Result<Element, Fault> {
    let mut element = Element { name: local(start.name().as_ref()).to_owned(), ..Element::default() };
    // The reader's own check for doubles compares each with each.
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(syntax)?;
        let name = attribute.key.as_ref();
        if name != "xmlns" && !name.starts_with("xmlns:") {
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(syntax)?;
            element.attributes.push((local(name).to_owned(), value.into_owned()));
        }
    }
    Ok(element)
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

fn read(element: &Element, shape: &Shape) -> Result<Value, Fault> {
    let is_nil = element.attributes.iter().any(|(name, value)| name == "nil" && value == "true");
    let is_leaf = element.children.is_empty() && element.attributes.is_empty();
    if is_nil {
        return Ok(Value::Null);
    }
    if let Some(items) = &shape.items {
        return list(&element.children.iter().collect::<Vec<_>>(), items);
    }
    let scalar = !shape.kinds.is_empty();
    let untyped = !scalar && !shape.is_object();
    let is_text = if is_leaf { scalar || untyped } else { scalar && !shape.is_object() };
    if is_text {
        let shape = if untyped { &TEXT } else { shape };
        let text = if shape.kinds.has(Kinds::STRING) { &element.text } else { element.text.trim() };
        return Ok(shape.read(text.into()));
    }
    let text = element.text.trim();
    if is_leaf && !text.is_empty() {
        return Ok(Value::String(text.to_owned()));
    }
    object(element, shape)
}

fn list(elements: &[&Element], items: &Shape) -> Result<Value, Fault> {
    let read = |(at, element): (usize, &&Element)| read(element, items).map_err(|fault| fault.below(at));
    elements.iter().enumerate().map(read).collect::<Result<_, _>>().map(Value::Array)
}

/// Reads the properties of the shape in its order, then the other content of the element.
fn object(element: &Element, shape: &Shape) -> Result<Value, Fault> {
    let mut map = Map::new();
    let mut taken: Vec<&str> = Vec::new();
    for (name, shape) in shape.named() {
        let tag = shape.element_name(name);
        taken.push(tag);
        let value = property(element, tag, shape).map_err(|fault| fault.below(name))?;
        map.extend(value.map(|value| (name.to_owned(), value)));
    }
    for (name, value) in &element.attributes {
        if !taken.contains(&name.as_str()) {
            map.insert(name.clone(), shape.property(name).read(value.as_str().into()));
        }
    }
    let additional = shape.additional.as_deref().unwrap_or(&ANY);
    for child in element.children.iter().filter(|child| !taken.contains(&child.name.as_str())) {
        let value = read(child, additional).map_err(|fault| fault.below(&child.name))?;
        match map.get_mut(&child.name) {
            Some(Value::Array(list)) => list.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
            None => {
                map.insert(child.name.clone(), value);
            }
        }
    }
    Ok(Value::Object(map))
}

/// The value of one property, if the element has it.
fn property(element: &Element, tag: &str, shape: &Shape) -> Result<Option<Value>, Fault> {
    if shape.is_attribute() {
        let attribute = element.attributes.iter().find(|(name, _)| name == tag);
        return Ok(attribute.map(|(_, value)| shape.read(value.as_str().into())));
    }
    let own: Vec<&Element> = element.children.iter().filter(|child| child.name == tag).collect();
    match (own.as_slice(), &shape.items) {
        ([], _) => Ok(None),
        ([wrapper, ..], Some(items)) if shape.is_wrapped() => {
            list(&wrapper.children.iter().collect::<Vec<_>>(), items).map(Some)
        }
        (many, Some(items)) => list(many, items).map(Some),
        ([first, ..], None) => read(first, shape).map(Some),
    }
}

/// Writes a document. The root has the shape's `xml.name`, else `root`.
pub(super) fn encode(value: &Value, shape: Option<&Shape>) -> Result<String, Fault> {
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let shape = shape.unwrap_or(&ANY);
    let name = shape.xml_root().unwrap_or("root");
    match (value, &shape.items) {
        (Value::Array(items), item) => {
            let item = item.as_deref().unwrap_or(&ANY);
            wrapped(&mut text, name, shape, items, item.xml_name().unwrap_or("item"), item, 0)?;
        }
        _ => write(&mut text, name, value, shape, 0)?,
    }
    Ok(text)
}

/// Writes one element at a depth.
fn write(text: &mut String, name: &str, value: &Value, shape: &Shape, depth: usize) -> Result<(), Fault> {
    if depth > DEEPEST {
        return Err(syntax("elements nest too deeply"));
    }
    let tag = open(text, name, shape)?;
    match value {
        Value::Object(map) => {
            let property = |name: &str| shape.known(name).unwrap_or(&ANY);
            for (name, value) in map.iter().filter(|(name, _)| property(name).is_attribute()) {
                let key = checked(property(name).xml_name().unwrap_or(name))?;
                text.push_str(&format!(" {key}=\"{}\"", escaped(&plain(value), true)?));
            }
            text.push('>');
            for (name, value) in map.iter().filter(|(name, _)| !property(name).is_attribute()) {
                write_property(text, name, value, property(name), depth)
                    .map_err(|fault| fault.below(name))?;
            }
        }
        Value::Array(items) => {
            text.push('>');
            let item = shape.items.as_deref().unwrap_or(&ANY);
            for value in items {
                write(text, item.xml_name().unwrap_or("item"), value, item, depth + 1)?;
            }
        }
        Value::Null => text.push('>'),
        scalar => text.push_str(&format!(">{}", escaped(&plain(scalar), false)?)),
    }
    text.push_str(&format!("</{tag}>"));
    Ok(())
}

fn write_property(
    text: &mut String,
    name: &str,
    value: &Value,
    shape: &Shape,
    depth: usize,
) -> Result<(), Fault> {
    let tag = shape.xml_name().unwrap_or(name);
    match value {
        Value::Null => Ok(()),
        Value::Array(items) => {
            let item = shape.items.as_deref().unwrap_or(&ANY);
            if shape.is_wrapped() {
                return wrapped(text, tag, shape, items, item.xml_name().unwrap_or(tag), item, depth);
            }
            let tag = shape.element_name(name);
            items.iter().try_for_each(|value| write(text, tag, value, item, depth + 1))
        }
        one => write(text, tag, one, shape, depth + 1),
    }
}

/// A list with an element of its own round it.
fn wrapped(
    text: &mut String,
    name: &str,
    shape: &Shape,
    items: &[Value],
    item_name: &str,
    item: &Shape,
    depth: usize,
) -> Result<(), Fault> {
    let tag = open(text, name, shape)?;
    text.push('>');
    items.iter().try_for_each(|value| write(text, item_name, value, item, depth + 1))?;
    text.push_str(&format!("</{tag}>"));
    Ok(())
}

/// Starts an element with its namespace; returns its qualified name.
fn open(text: &mut String, name: &str, shape: &Shape) -> Result<String, Fault> {
    let (prefix, namespace) = shape.xml_namespace();
    let name = checked(name)?;
    let tag = prefix.map_or_else(|| name.to_owned(), |prefix| format!("{prefix}:{name}"));
    text.push_str(&format!("<{tag}"));
    if let Some(namespace) = namespace {
        let prefix = prefix.map(|prefix| format!(":{prefix}")).unwrap_or_default();
        text.push_str(&format!(" xmlns{prefix}=\"{}\"", escaped(namespace, true)?));
    }
    Ok(tag)
}

/// A name that XML allows (XML 1.0, 2.3), near enough: nothing else can break out of a tag.
fn checked(name: &str) -> Result<&str, Fault> {
    let starts = |c: char| c.is_alphabetic() || c == '_';
    let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
    match name.starts_with(starts) && name.chars().all(goes_on) {
        true => Ok(name),
        false => Err(Fault::new("xml", "a name that XML allows", name)),
    }
}

/// Text between tags or in an attribute; characters that XML cannot say (XML 1.0, 2.2) are refused.
fn escaped(text: &str, attribute: bool) -> Result<String, Fault> {
    let allowed = |c: char| !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    if !text.chars().all(allowed) {
        return Err(Fault::new("xml", "characters that XML can say", text));
    }
    let text = escape(text).replace('\r', "&#13;");
    Ok(if attribute { text.replace('\n', "&#10;").replace('\t', "&#9;") } else { text })
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
