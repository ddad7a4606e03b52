//! Serializes values. Numbers keep their digits; strings are quoted wherever YAML 1.1 would not read a string.

use super::Format;

/// A value to write.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Number(String),
    String(String),
    Array(Vec<Value>),
    Object(Vec<(String, Value)>),
}

impl Value {
    /// Sets a field of an object.
    pub(super) fn set(&mut self, key: &str, value: Value) {
        let Value::Object(fields) = self else { return };
        match fields.iter_mut().find(|(name, _)| name == key) {
            Some((_, old)) => *old = value,
            None => fields.push((key.to_owned(), value)),
        }
    }

    /// Sets a field of an object below this one, which is made where it is missing.
    pub(super) fn insert_at(&mut self, way: &[&str], key: String, value: Value) {
        let Some((first, rest)) = way.split_first() else { return self.set(&key, value) };
        let Value::Object(fields) = self else { return };
        if !fields.iter().any(|(name, _)| name == first) {
            fields.push(((*first).to_owned(), Value::Object(Vec::new())));
        }
        if let Some((_, inner)) = fields.iter_mut().find(|(name, _)| name == first) {
            inner.insert_at(rest, key, value);
        }
    }
}

/// The value as text, with a line feed at its end.
pub(super) fn text(value: &Value, format: Format) -> String {
    let mut out = String::new();
    match format {
        Format::Json => json(value, 0, &mut out),
        Format::Yaml => yaml(value, 0, &mut out),
    }
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

fn json(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Array(items) if !items.is_empty() => {
            let items = items.iter().map(|item| (None, item));
            json_container(['[', ']'], items, depth, out);
        }
        Value::Object(fields) if !fields.is_empty() => {
            let fields = fields.iter().map(|(key, value)| (Some(key.as_str()), value));
            json_container(['{', '}'], fields, depth, out);
        }
        other => out.push_str(&flow(other)),
    }
}

fn json_container<'v>(
    [open, close]: [char; 2],
    parts: impl Iterator<Item = (Option<&'v str>, &'v Value)>,
    depth: usize,
    out: &mut String,
) {
    out.push(open);
    for (index, (key, value)) in parts.enumerate() {
        out.push_str(if index == 0 { "\n" } else { ",\n" });
        out.push_str(&"  ".repeat(depth + 1));
        if let Some(key) = key {
            out.push_str(&quoted(key));
            out.push_str(": ");
        }
        json(value, depth + 1, out);
    }
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
    out.push(close);
}

/// A scalar or an empty container, as JSON and YAML both write it.
fn flow(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(text) => text.clone(),
        Value::String(text) => quoted(text),
        Value::Array(_) => "[]".to_owned(),
        Value::Object(_) => "{}".to_owned(),
    }
}

/// Writes a value in block style, after `key:` or `-`, or at the start of the text.
fn yaml(value: &Value, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    let line = |out: &mut String| {
        if !out.is_empty() && !out.ends_with("- ") {
            out.push('\n');
        }
        if !out.ends_with("- ") {
            out.push_str(&indent);
        }
    };
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (key, value) in fields {
                line(out);
                yaml_key(key, &indent, out);
                yaml_field(value, depth + 1, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                line(out);
                out.push_str("- ");
                yaml(item, depth + 1, out);
            }
        }
        Value::String(text) => out.push_str(&scalar(text, depth)),
        other => out.push_str(&flow(other)),
    }
}

/// A key that is too long for an implicit one is written as an explicit one (YAML 1.2, 8.2.2).
fn yaml_key(key: &str, indent: &str, out: &mut String) {
    let text = if is_plain(key) { key.to_owned() } else { quoted(key) };
    if text.len() > 1_000 {
        out.push_str(&format!("? {text}\n{indent}:"));
    } else {
        out.push_str(&format!("{text}:"));
    }
}

fn yaml_field(value: &Value, depth: usize, out: &mut String) {
    let is_block = match value {
        Value::Object(fields) => !fields.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    };
    if !is_block {
        out.push(' ');
    }
    yaml(value, depth, out);
}

/// Writes a string: plain if it is unambiguous, as a block if it has several lines, quoted otherwise.
fn scalar(text: &str, depth: usize) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let lines = text.strip_suffix('\n').unwrap_or(text);
    let is_sound =
        |line: &str| !line.ends_with([' ', '\t']) && line.chars().all(|c| c == '\t' || is_printable(c));
    let starts_well =
        !lines.starts_with([' ', '\t', '\n', '#']) && !lines.ends_with('\n') && !lines.is_empty();
    if !text.contains('\n') || !starts_well || !lines.split('\n').all(is_sound) {
        return quoted(text);
    }
    let indent = "  ".repeat(depth.max(1));
    let mut block = String::from(if text.ends_with('\n') { "|" } else { "|-" });
    for line in lines.split('\n') {
        block.push('\n');
        if !line.is_empty() {
            block.push_str(&indent);
            block.push_str(line);
        }
    }
    block
}

/// Whether a text is unambiguous: letters, digits and some punctuation, and not a number, a date, a boolean or null in
/// any version of YAML.
fn is_plain(text: &str) -> bool {
    const WORDS: &[&str] = &["true", "false", "yes", "no", "on", "off", "y", "n", "null"];
    let starts_well = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '$');
    let fine = |c: char| c.is_ascii_alphanumeric() || " _-./$()+=;{}".contains(c);
    let words = !WORDS.iter().any(|word| word.eq_ignore_ascii_case(text));
    starts_well && words && text.chars().all(fine) && !text.ends_with(' ') && text.len() < 200
}

/// A JSON string, which is a double-quoted scalar of YAML too.
fn quoted(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    let mut result = String::with_capacity(json.len());
    for c in json.chars() {
        if is_printable(c) {
            result.push(c);
        } else {
            let mut units = [0; 2];
            c.encode_utf16(&mut units).iter().for_each(|unit| result.push_str(&format!("\\u{unit:04x}")));
        }
    }
    result
}

/// Whether YAML permits a character unescaped (YAML 1.2, 5.1), except line breaks of any version.
fn is_printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}
