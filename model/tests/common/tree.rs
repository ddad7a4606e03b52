//! A parsed text as a JSON value: what tests take apart and write again in another form.

use descant_model::diagnostic::Diagnostics;
use descant_model::parse::parse;
use descant_model::source::Sources;
use descant_model::tree::{Kind, NodeId, Tree};
use serde_json::Value;

/// The value of a text of JSON or YAML; `None` where it is neither. Shared nodes are written out.
pub(crate) fn value(name: &str, text: &[u8]) -> Option<Value> {
    let (_, tree) = parse(&mut Sources::default(), name, None, text.to_vec(), &mut Diagnostics::default());
    tree.map(|tree| of_node(&tree, tree.root))
}

fn of_node(tree: &Tree, node: NodeId) -> Value {
    match &tree.get(node).kind {
        Kind::Null => Value::Null,
        Kind::Bool(value) => Value::Bool(*value),
        Kind::Number(text) => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_string())),
        Kind::String(text) => Value::String(text.to_string()),
        Kind::Array(items) => items.iter().map(|item| of_node(tree, *item)).collect(),
        Kind::Object(entries) => {
            Value::Object(entries.iter().map(|e| (e.key.to_string(), of_node(tree, e.value))).collect())
        }
    }
}
