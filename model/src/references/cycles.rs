//! Finds references that form a cycle without a value: reports the whole chain, and removes the links.

use super::{FileNode, FileNodeSet, Graph};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};

/// Removes the links of every cycle from the graph.
pub(super) fn cut(graph: &mut Graph, diagnostics: &mut Diagnostics) {
    // Most references lead to a value, and so into no cycle.
    let leads_on = |(_, to): &(&FileNode, &FileNode)| graph.links.contains_key(to);
    let mut starts: Vec<FileNode> = graph.links.iter().filter(leads_on).map(|(from, _)| *from).collect();
    starts.sort_unstable();
    let mut done = FileNodeSet::default();
    for start in starts {
        let Some(cycle) = cycle_from(graph, start, &mut done) else { continue };
        diagnostics.push(report(graph, &cycle));
        for place in cycle {
            graph.links.remove(&place);
        }
    }
}

/// The cycle that the references from a place end in, beginning with its first place in the text.
fn cycle_from(graph: &Graph, start: FileNode, done: &mut FileNodeSet) -> Option<Vec<FileNode>> {
    let mut chain: Vec<FileNode> = Vec::new();
    let mut on_chain = FileNodeSet::default();
    let mut next = Some(start);
    while let Some(place) = next {
        if on_chain.contains(&place) {
            let from = chain.iter().position(|p| *p == place)?;
            let mut cycle = chain.split_off(from);
            let first = cycle.iter().enumerate().min_by_key(|(_, place)| **place)?.0;
            cycle.rotate_left(first);
            return Some(cycle);
        }
        if !done.insert(place) {
            return None;
        }
        chain.push(place);
        on_chain.insert(place);
        next = graph.target(place);
    }
    None
}

fn report(graph: &Graph, cycle: &[FileNode]) -> Diagnostic {
    let name = |place: &FileNode| format!("`#{}`", graph.origin(*place).pointer);
    let mut chain: Vec<String> = cycle.iter().map(name).collect();
    chain.extend(cycle.first().map(name));
    let first = cycle.first().copied().unwrap_or(graph.root);
    let message = format!("reference cycle without a value: {}", chain.join(" → "));
    let mut finding =
        Diagnostic::new(Code::RefCycle, message, &graph.origin(first)).label("leads back to itself");
    for place in cycle.iter().skip(1) {
        finding = finding.related(graph.span(*place), "through this reference");
    }
    finding
}
