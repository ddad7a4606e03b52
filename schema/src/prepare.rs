//! From a schema as it stands in a document to the schema that is compiled: one direction, no malformed keyword,
//! no identifier that would change what `$ref` means, and bounded depth. What is left out is named, once.

use serde_json::{Map, Value};

use crate::{
    Direction, SchemaFlaw,
    direction::{hidden, is_hidden},
    format, keyword,
    keyword::Holds,
    pattern, pointer,
};

/// Schemas nested deeper than this are cut to "anything" with a flaw: deeper ones are hostile, and recursion over
/// them must fit a small stack.
const MAX_DEPTH: usize = 100;

/// The keyword by which a numeric format reaches the validator; no document can write it, for it is removed first.
pub(crate) const RANGE: &str = "$descant:range";

/// A schema ready to be compiled.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) root: Value,
    pub(crate) flaws: Vec<SchemaFlaw>,
}

/// Rewrites `root` for `direction`; with `forbid_hidden` a property hidden in it must be absent as well.
pub(crate) fn prepare(root: &Value, direction: Direction, forbid_hidden: bool) -> Prepared {
    let empty = Map::new();
    let defs = root.get("$defs").and_then(Value::as_object).unwrap_or(&empty);
    let mut rewriter = Rewriter { defs, direction, forbid_hidden, flaws: Vec::new() };
    let root = rewriter.schema(root, "", 0);
    Prepared { root, flaws: rewriter.flaws }
}

struct Rewriter<'a> {
    defs: &'a Map<String, Value>,
    direction: Direction,
    forbid_hidden: bool,
    flaws: Vec<SchemaFlaw>,
}

impl Rewriter<'_> {
    fn schema(&mut self, schema: &Value, at: &str, depth: usize) -> Value {
        if depth > MAX_DEPTH {
            self.flaw(at, "nested too deeply; taken as a schema that allows anything");
            return Value::Bool(true);
        }
        match schema {
            Value::Object(keywords) => Value::Object(self.keywords(keywords, at, depth)),
            Value::Bool(_) => schema.clone(),
            _ => {
                self.flaw(at, "not a schema; taken as one that allows anything");
                Value::Bool(true)
            }
        }
    }

    fn keywords(&mut self, keywords: &Map<String, Value>, at: &str, depth: usize) -> Map<String, Value> {
        let mut rewritten = Map::new();
        for (name, value) in keywords {
            if matches!(name.as_str(), "$id" | "$schema" | "$vocabulary" | "$anchor" | "$comment" | RANGE) {
                continue;
            }
            let here = pointer::join(at, name);
            let value = match keyword::holds(name) {
                Some(holds) => self.holder(holds, value, &here, depth),
                None => self.data(name, value, &here),
            };
            rewritten.extend(value.map(|value| (name.clone(), value)));
        }
        self.direct(keywords, &mut rewritten);
        let range = keywords.get("format").and_then(Value::as_str).filter(|name| format::is_numeric(name));
        rewritten.extend(range.map(|name| (RANGE.to_owned(), Value::from(name))));
        rewritten
    }

    /// A keyword whose value is made of schemas.
    fn holder(&mut self, holds: Holds, value: &Value, at: &str, depth: usize) -> Option<Value> {
        match (holds, value) {
            (Holds::One, Value::Object(_) | Value::Bool(_)) => Some(self.schema(value, at, depth + 1)),
            (Holds::List, Value::Array(items)) if !items.is_empty() => {
                let items = items.iter().enumerate();
                Some(items.map(|(i, item)| self.schema(item, &format!("{at}/{i}"), depth + 1)).collect())
            }
            (Holds::Map, Value::Object(entries)) => Some(self.map(entries, at, depth)),
            _ => {
                self.flaw(at, "holds no schema; left out");
                None
            }
        }
    }

    fn map(&mut self, entries: &Map<String, Value>, at: &str, depth: usize) -> Value {
        let mut rewritten = Map::new();
        for (name, entry) in entries {
            let here = pointer::join(at, name);
            if at.ends_with("/patternProperties") && pattern::compile(name).is_err() {
                self.flaw(&here, "not a regular expression; left out");
                continue;
            }
            rewritten.insert(name.clone(), self.schema(entry, &here, depth + 1));
        }
        Value::Object(rewritten)
    }

    /// A keyword whose value is data: kept if it is what the keyword asks for (JSON Schema Validation §6).
    fn data(&mut self, name: &str, value: &Value, at: &str) -> Option<Value> {
        let fault = match name {
            "type" => type_fault(value),
            "enum" => (!value.is_array()).then_some("not an array"),
            "required" => (!is_name_list(value)).then_some("not an array of property names"),
            "dependentRequired" => {
                let sound = value.as_object().is_some_and(|names| names.values().all(is_name_list));
                (!sound).then_some("not an object of arrays of property names")
            }
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties"
            | "minContains" | "maxContains" => {
                as_count(value).is_none().then_some("not a non-negative integer")
            }
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => {
                (!value.is_number()).then_some("not a number")
            }
            "multipleOf" => (value.as_f64().is_none_or(|n| n <= 0.0)).then_some("not a positive number"),
            "uniqueItems" => (!value.is_boolean()).then_some("not a boolean"),
            "format" => (!value.is_string()).then_some("not a string"),
            "pattern" => match value.as_str() {
                Some(text) => pattern::compile(text).is_err().then_some("not a regular expression"),
                None => Some("not a string"),
            },
            "$ref" => self.reference_fault(value),
            "$dynamicRef" | "$dynamicAnchor" => (!value.is_string()).then_some("not a string"),
            _ => None,
        };
        match fault {
            Some(fault) => {
                self.flaw(at, &format!("{fault}; left out"));
                None
            }
            None => Some(value.clone()),
        }
    }

    fn reference_fault(&self, value: &Value) -> Option<&'static str> {
        match value.as_str().and_then(pointer::definition) {
            Some(key) if key.is_empty() || self.defs.contains_key(&key) => None,
            Some(_) => Some("refers to no schema"),
            None => Some("not a reference to `#/$defs/…`"),
        }
    }

    /// OAS 4.8.24: `required` does not hold for what is hidden in this direction.
    fn direct(&self, keywords: &Map<String, Value>, rewritten: &mut Map<String, Value>) {
        if let Some(Value::Array(required)) = rewritten.get_mut("required") {
            let hidden = hidden(keywords, self.defs, self.direction);
            required.retain(|name| name.as_str().is_none_or(|name| !hidden.contains(name)));
        }
        if !self.forbid_hidden {
            return;
        }
        if let Some(Value::Object(properties)) = rewritten.get_mut("properties") {
            for property in properties.values_mut() {
                if is_hidden(property, self.defs, self.direction) {
                    *property = Value::Bool(false);
                }
            }
        }
    }

    fn flaw(&mut self, at: &str, reason: &str) {
        self.flaws.push(SchemaFlaw { pointer: at.to_owned(), reason: reason.to_owned() });
    }
}

fn type_fault(value: &Value) -> Option<&'static str> {
    let known = |name: &Value| {
        let names = ["array", "boolean", "integer", "null", "number", "object", "string"];
        name.as_str().is_some_and(|name| names.contains(&name))
    };
    let sound = match value {
        Value::Array(names) => !names.is_empty() && names.iter().all(known),
        name => known(name),
    };
    (!sound).then_some("not a type of JSON Schema")
}

fn is_name_list(value: &Value) -> bool {
    value.as_array().is_some_and(|names| names.iter().all(Value::is_string))
}

/// A count as keywords state it: a non-negative integer, `3.0` included (JSON Schema Validation §6.3).
pub(crate) fn as_count(value: &Value) -> Option<u64> {
    let float = || value.as_f64().filter(|n| *n >= 0.0 && n.fract() == 0.0 && *n < 9.0e15).map(|n| n as u64);
    value.as_u64().or_else(float)
}
