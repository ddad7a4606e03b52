//! Checks the consistency of types in a schema: `enum` and `default` with `type`, and the parts of `allOf`.

use std::collections::HashMap;

use crate::check::names::named;
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::references::FileNode;
use crate::tree::NodeKind;
use crate::view::View;

/// A set of types.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Types(u8);

const INTEGER: u8 = 8;
const NUMBER: u8 = INTEGER | 32;
const NULL: u8 = 64;

impl Types {
    const ALL: Types = Types(u8::MAX);

    fn named(name: &str) -> u8 {
        match name {
            "string" | "file" => 1,
            "object" => 2,
            "array" => 4,
            "integer" => INTEGER,
            "boolean" => 16,
            "number" => NUMBER,
            "null" => NULL,
            _ => u8::MAX,
        }
    }

    /// Returns the types of a schema's own `type`.
    fn of(schema: View<'_>) -> Self {
        let Some(stated) = schema.raw("type") else { return Self::ALL };
        let types = match stated.as_str() {
            Some(name) => Self::named(name),
            None => schema.texts("type").iter().map(|name| Self::named(name)).fold(0, |all, one| all | one),
        };
        let null = if schema.flag("nullable") == Some(true) { NULL } else { 0 };
        Types(types | null)
    }

    /// Returns the types of a value; an integer is also a number.
    fn of_value(kind: &NodeKind) -> Self {
        Types(match kind {
            NodeKind::String(_) => 1,
            NodeKind::Object(_) => 2,
            NodeKind::Array(_) => 4,
            NodeKind::Bool(_) => 16,
            NodeKind::Null => NULL,
            NodeKind::Number(text) if text.parse::<f64>().is_ok_and(|n| n.fract() == 0.0) => INTEGER,
            NodeKind::Number(_) => NUMBER & !INTEGER,
        })
    }

    fn and(self, other: Self) -> Self {
        Types(self.0 & other.0)
    }

    fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// Checks one schema.
pub(super) fn check(schema: View<'_>, out: &mut Diagnostics) {
    check_values(schema, out);
    let mut types = Types::of(schema);
    let mut properties: HashMap<&str, (Types, FileNode)> = HashMap::new();
    for part in schema.list("allOf").filter_map(View::resolved) {
        let both = types.and(Types::of(part));
        if both.is_empty() && !types.is_empty() {
            let found = Diagnostic::new(
                Code::SchemaUnsatisfiable,
                "no value has the types of all parts of `allOf`",
                &schema.head(),
            );
            out.push(
                found
                    .label("the types exclude each other")
                    .related(part.head().span, "this part excludes another"),
            );
        }
        types = both;
        for (name, property) in part.map("properties") {
            let Some(target) = property.resolved() else { continue };
            let (known, first) = properties.entry(name).or_insert((Types::ALL, property.place));
            let both = known.and(Types::of(target));
            if both.is_empty() && !known.is_empty() {
                let message =
                    format!("property {} has different types in another part of `allOf`", named(name));
                out.push(
                    Diagnostic::new(Code::SchemaUnsatisfiable, message, &property.head())
                        .label("no value has both types")
                        .related(View { place: *first, ..property }.head().span, "the other one"),
                );
            }
            *known = both;
        }
    }
}

/// The values that a schema names itself.
fn check_values(schema: View<'_>, out: &mut Diagnostics) {
    let types = Types::of(schema);
    if types == Types::ALL {
        return;
    }
    for value in items(schema, "enum").filter(|value| types.and(Types::of_value(value.kind())).is_empty()) {
        let kind = value.kind().describe();
        let found = Diagnostic::new(
            Code::SchemaKeyword,
            format!("{kind} in `enum` does not have the schema's type"),
            &value.origin(),
        );
        out.push(found.label("never valid").help("change `type`, or correct the value"));
    }
    let default =
        schema.present("default").filter(|value| types.and(Types::of_value(value.kind())).is_empty());
    if let Some(value) = default {
        let message =
            format!("the default is {}, which is not of the schema's type", value.kind().describe());
        let found = Diagnostic::new(Code::DefaultInvalid, message, &value.head());
        out.push(found.label("violates its schema").help("correct the value, or the schema"));
    }
}

/// The items of the array under a key, null included.
fn items<'g>(schema: View<'g>, key: &str) -> impl Iterator<Item = View<'g>> {
    let array = schema.raw(key);
    let items = array.into_iter().flat_map(|array| array.graph.items(array.place));
    items.map(move |node| View { place: FileNode { node: *node, ..schema.place }, ..schema })
}
