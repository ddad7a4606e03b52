//! Data that people write beside a document, as YAML or JSON: a value, and the position of each part of it.

use serde_json::Value;

use crate::diagnostic::{Diagnostics, Severity};
use crate::parse::parse;
use crate::source::Sources;
use crate::tree::{NodeId, NodeKind, Tree, number, unescape_token};

/// A value that was written as YAML or JSON.
pub struct Written {
    value: Value,
    tree: Tree,
    sources: Sources,
}

impl Written {
    /// Reads a text within the limits of documents; a key that occurs twice is a fault. A name that ends in `.yaml` or `.json` selects the syntax.
    ///
    /// # Errors
    /// The first fault of the text, with its position.
    pub fn read(name: &str, text: Vec<u8>) -> Result<Self, String> {
        let (mut sources, mut findings) = (Sources::default(), Diagnostics::default());
        let (_, tree) = parse(&mut sources, name, None, text, &mut findings);
        let error = findings.iter().find(|found| found.severity != Severity::Note);
        match (tree, error) {
            (Some(tree), None) => Ok(Self { value: value(&tree, tree.root), tree, sources }),
            (_, Some(error)) => {
                let place = place(&sources, error.span.file.0 as usize, error.span.start);
                Err(format!("{place}: {}", error.message))
            }
            (None, None) => Err(format!("{name} is empty")),
        }
    }

    /// Returns the value.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Returns the position of the part at a JSON pointer, or of what is there of it: `state.yaml:3:7`.
    pub fn place(&self, pointer: &str) -> String {
        let mut node = self.tree.root;
        for token in pointer.split('/').skip(1) {
            let token = unescape_token(token);
            let item = || token.parse::<usize>().ok().and_then(|at| self.tree.items(node).get(at).copied());
            let Some(next) = self.tree.field(node, &token).or_else(item) else { break };
            node = next;
        }
        let span = self.tree.span(node);
        place(&self.sources, span.file.0 as usize, span.start)
    }
}

fn place(sources: &Sources, file: usize, offset: u32) -> String {
    let Some(file) = sources.iter().nth(file) else { return String::new() };
    let (line, column) = file.line_column(offset);
    format!("{}:{line}:{column}", file.name)
}

/// Returns a value of a tree, whose size the parser limits. A number beyond 64 bits becomes the nearest double.
fn value(tree: &Tree, node: NodeId) -> Value {
    match &tree.get(node).kind {
        NodeKind::Null => Value::Null,
        NodeKind::Bool(flag) => Value::Bool(*flag),
        NodeKind::String(text) => Value::String(text.to_string()),
        NodeKind::Number(text) => Value::Number(number(text).unwrap_or_else(|nearest| nearest)),
        NodeKind::Array(items) => items.iter().map(|item| value(tree, *item)).collect(),
        NodeKind::Object(entries) => {
            entries.iter().map(|entry| (entry.key.to_string(), value(tree, entry.value))).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_has_positions() {
        let text = "users:\n  - {name: Ann, 'a/b': 1}\n  - &bob {name: Bob}\n  - *bob\n";
        let written = Written::read("state.yaml", text.into()).ok().unwrap();
        let expected = json!({"users": [{"name": "Ann", "a/b": 1}, {"name": "Bob"}, {"name": "Bob"}]});
        assert_eq!(written.value(), &expected);
        let check = |pointer: &str, expected: &str| assert_eq!(written.place(pointer), expected, "{pointer}");
        check("", "state.yaml:1:1");
        check("/users/0/a~1b", "state.yaml:2:24");
        check("/users/1/missing", "state.yaml:3:5");
        check("/users/2/name", "state.yaml:3:17");
    }

    #[test]
    fn faults_of_a_text_have_positions() {
        let check = |name: &str, text: &str, expected: &str| {
            let error = Written::read(name, text.into()).err().unwrap_or_else(|| panic!("{text}"));
            assert!(error.starts_with(expected), "{error}");
        };
        check("s.yaml", "a: 1\nb: [", "s.yaml:");
        check("s.json", "{\"a\": 1,\n  x}", "s.json:2:3: ");
        check("s.yaml", "a: 1\na: 2\n", "s.yaml:2:1: ");
        check("s.yaml", "", "s.yaml:1:1: ");
    }
}
