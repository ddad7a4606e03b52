//! A parsed text as a JSON value: what tests take apart and write again in another form.

use descant_model::diagnostic::Diagnostics;
use descant_model::parse::parse;
use descant_model::source::Sources;
use descant_model::tree::{NodeId, NodeKind, Tree};
use serde_json::Value;

/// The value of a text of JSON or YAML; `None` where it is neither. Shared nodes are written out.
pub(crate) fn value(name: &str, text: &[u8]) -> Option<Value> {
    let (_, tree) = parse(&mut Sources::default(), name, None, text.to_vec(), &mut Diagnostics::default());
    tree.map(|tree| of_node(&tree, tree.root))
}

fn of_node(tree: &Tree, node: NodeId) -> Value {
    match &tree.get(node).kind {
        NodeKind::Null => Value::Null,
        NodeKind::Bool(value) => Value::Bool(*value),
        NodeKind::Number(text) => {
            serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_string()))
        }
        NodeKind::String(text) => Value::String(text.to_string()),
        NodeKind::Array(items) => items.iter().map(|item| of_node(tree, *item)).collect(),
        NodeKind::Object(entries) => {
            Value::Object(entries.iter().map(|e| (e.key.to_string(), of_node(tree, e.value))).collect())
        }
    }
}
