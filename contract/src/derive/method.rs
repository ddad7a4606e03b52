//! Calls with a method that the path does not declare.

use descant_model::api::Operation;

use super::{Context, Subject};
use crate::case::{Call, Case, CaseKind};
use crate::expect::{Cause, Expect};
use crate::resource::shape;

/// Not HEAD and OPTIONS, which servers answer of their own accord.
const WRITE: [&str; 5] = ["PATCH", "DELETE", "PUT", "POST", "GET"];
/// Methods that change nothing (RFC 9110, 9.2.1), whatever the service does with them.
const SAFE: [&str; 3] = ["QUERY", "TRACE", "GET"];

/// One case a method that the path lacks. Those that write are
/// sent where destructive requests are allowed.
pub(super) fn derive(context: &mut Context<'_>, subject: &Subject<'_>) {
    let path = shape(&subject.operation.path.raw);
    let operations = context.api.operations.iter().enumerate();
    let siblings: Vec<(usize, &Operation)> =
        operations.filter(|(_, other)| shape(&other.path.raw) == path).collect();
    // Another path may match the same target, as `/pets/{petId}` does `/pets/search`, and declare the method.
    let declares = |method: &str| {
        let mut others = context.api.operations.iter().filter(|other| other.method == method);
        others.any(|other| matches(&shape(&other.path.raw), &path))
    };
    let methods: &[&str] = if context.assume.destructive { &WRITE } else { &SAFE };
    let missing: Vec<&str> = methods.iter().copied().filter(|method| !declares(method)).collect();
    // The operations of a path share the methods that it lacks; the last one takes what remains.
    let turn = siblings.iter().position(|(index, _)| *index == subject.index).unwrap_or(0);
    let count = if turn + 1 == siblings.len() { usize::MAX } else { 1 };
    for method in missing.into_iter().skip(turn).take(count) {
        let call = Call { method: Some(method.to_owned()), ..subject.base.clone() };
        let expect = Expect::refusal(subject.operation, Cause::Method, false);
        context.add(Case::single(CaseKind::Method, method, call, expect));
    }
}

/// Whether a path's shape may match every target of another one.
fn matches(shape: &[String], path: &[String]) -> bool {
    let mut segments = shape.iter().zip(path);
    shape.len() == path.len() && segments.all(|(segment, other)| segment.contains('{') || segment == other)
}
