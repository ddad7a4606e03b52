//! Computes the size of the smallest value of each schema. Some schemas have no finite value, because each value
//! requires another inside; some have a smallest value that is too large. Types can be generated for both, but a mock
//! has no value to send.
//!
//! The smallest size of a schema is a sum, maximum or minimum of the sizes of others, and never less than any of them, so
//! sizes can be computed in ascending order (Knuth's generalisation of Dijkstra's algorithm).

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::every;
use crate::check::ObjectType;
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::references::{FileNode, Graph};
use crate::tree::NodeKind;
use crate::view::View;

/// The number of values and characters above which a value is huge.
const HUGE: u64 = 1_000_000;

/// Reports the schemas of which there is no finite value, and those whose smallest value is huge.
pub(super) fn check(graph: &Graph, out: &mut Diagnostics) {
    let forms = every(graph, ObjectType::SCHEMA).map(|view| (view.place, Form::of(view)));
    let forms: HashMap<FileNode, Form> = forms.filter(|(_, form)| !form.is_trivial()).collect();
    let sizes = settle(&forms);
    let mut places: Vec<&FileNode> = forms.keys().collect();
    places.sort();
    for place in places {
        let view = View { graph, place: *place };
        let found = match sizes.get(place) {
            None => endless(view, &forms, &sizes),
            Some(size) if *size > HUGE => huge(view, *size, &forms, &sizes),
            Some(_) => None,
        };
        found.into_iter().for_each(|finding| out.push(finding));
    }
}

/// The components of the smallest size of a schema.
#[derive(Default)]
struct Form {
    /// Its own size.
    own: u64,
    /// The values inside it, with their counts.
    inside: Vec<(FileNode, u64)>,
    /// Schemas that apply as well: the largest one determines the size.
    also: Vec<FileNode>,
    /// Lists of alternatives: the smallest one of each list determines the size.
    one_of: Vec<Vec<FileNode>>,
}

impl Form {
    fn of(schema: View<'_>) -> Self {
        let mut form = Form { own: 1, ..Form::default() };
        let is_small = schema.flag("nullable") == Some(true);
        if is_small || schema.raw("enum").is_some() || schema.raw("const").is_some() {
            return form;
        }
        form.also.extend(schema.graph.target(schema.place));
        form.also.extend(schema.list("allOf").map(|part| part.place));
        for key in ["oneOf", "anyOf"] {
            let branches: Vec<FileNode> = schema.list(key).map(|branch| branch.place).collect();
            form.one_of.extend((!branches.is_empty()).then_some(branches));
        }
        match schema.raw("type").and_then(View::as_str) {
            Some("object") => {
                form.inside = required(schema).into_iter().map(|(_, place)| (place, 1)).collect();
                form.own = count(schema, "minProperties").max(1);
            }
            Some("array") => {
                form.own = count(schema, "minItems").max(1);
                let items = schema.raw("items").filter(|_| count(schema, "minItems") > 0);
                form.inside.extend(items.map(|items| (items.place, form.own)));
            }
            Some("string") => form.own = count(schema, "minLength").max(1),
            _ => {}
        }
        form
    }

    fn is_trivial(&self) -> bool {
        self.own <= 1 && self.inside.is_empty() && self.also.is_empty() && self.one_of.is_empty()
    }

    /// Returns all parts, each with the number of its list if it is an alternative.
    fn parts(&self) -> impl Iterator<Item = (FileNode, Option<usize>)> {
        let inside = self.inside.iter().map(|(place, _)| *place);
        let each = inside.chain(self.also.iter().copied()).map(|place| (place, None));
        let lists = self.one_of.iter().enumerate();
        each.chain(lists.flat_map(|(list, branches)| branches.iter().map(move |place| (*place, Some(list)))))
    }

    /// Returns the size from the sizes of its parts, with the smallest of each list.
    fn size(&self, size: impl Fn(FileNode) -> Option<u64>) -> u64 {
        let known = |place: &FileNode| size(*place).unwrap_or(1);
        let inside = self.inside.iter().map(|(place, times)| known(place).saturating_mul(*times));
        let sum = inside.fold(self.own, u64::saturating_add);
        let also = self.also.iter().map(known);
        let lists = self.one_of.iter().filter_map(|list| list.iter().filter_map(|place| size(*place)).min());
        also.chain(lists).fold(sum, u64::max)
    }
}

/// The sizes of all schemas that have a finite one.
fn settle(forms: &HashMap<FileNode, Form>) -> HashMap<FileNode, u64> {
    let mut waiting: HashMap<FileNode, Vec<(FileNode, Option<usize>)>> = HashMap::new();
    let mut open: HashMap<FileNode, Open> = HashMap::new();
    let mut next = BinaryHeap::new();
    // A part without a form is as small as can be.
    let size = |sizes: &HashMap<FileNode, u64>, part| match forms.contains_key(&part) {
        true => sizes.get(&part).copied(),
        false => Some(1),
    };
    let mut sizes = HashMap::new();
    for (place, form) in forms {
        let mut own =
            Open { parts: form.inside.len() + form.also.len(), lists: vec![false; form.one_of.len()] };
        for (part, list) in form.parts() {
            match forms.contains_key(&part) {
                true => waiting.entry(part).or_default().push((*place, list)),
                false => own.close(list),
            }
        }
        if own.is_closed() {
            next.push(Reverse((form.size(|part| size(&sizes, part)), *place)));
        }
        open.insert(*place, own);
    }
    while let Some(Reverse((smallest, place))) = next.pop() {
        if sizes.contains_key(&place) {
            continue;
        }
        sizes.insert(place, smallest);
        for (holder, list) in waiting.remove(&place).unwrap_or_default() {
            let (Some(own), Some(form)) = (open.get_mut(&holder), forms.get(&holder)) else { continue };
            if !own.is_closed() {
                own.close(list);
                if own.is_closed() {
                    next.push(Reverse((form.size(|part| size(&sizes, part)), holder)));
                }
            }
        }
    }
    sizes
}

/// The parts of a form that are still unknown.
struct Open {
    parts: usize,
    /// Whether one of each list is known.
    lists: Vec<bool>,
}

impl Open {
    fn close(&mut self, list: Option<usize>) {
        match list {
            Some(list) => self.lists.get_mut(list).into_iter().for_each(|known| *known = true),
            None => self.parts = self.parts.saturating_sub(1),
        }
    }

    fn is_closed(&self) -> bool {
        self.parts == 0 && self.lists.iter().all(|known| *known)
    }
}

/// Reports a schema whose values require another such value inside, but not schemas that only contain it.
fn endless(
    schema: View<'_>,
    forms: &HashMap<FileNode, Form>,
    sizes: &HashMap<FileNode, u64>,
) -> Option<Diagnostic> {
    let is_endless = |place: &FileNode| forms.contains_key(place) && !sizes.contains_key(place);
    let inside = &forms.get(&schema.place)?.inside;
    let (place, _) = inside.iter().find(|(place, _)| is_endless(place))?;
    let name = required(schema).into_iter().find(|(_, property)| property == place);
    let name = name.map_or("an item".to_owned(), |(name, _)| format!("`{name}`"));
    let message = "no finite value satisfies the schema: each value requires another inside";
    let found = Diagnostic::new(Code::SchemaUnsatisfiable, message, &schema.head());
    let help = "make it optional, nullable, or an array that may be empty";
    Some(found.label(format!("{name} must contain such a value again")).help(help))
}

/// Reports a huge schema whose parts are not huge.
fn huge(
    schema: View<'_>,
    size: u64,
    forms: &HashMap<FileNode, Form>,
    sizes: &HashMap<FileNode, u64>,
) -> Option<Diagnostic> {
    let mut parts = forms.get(&schema.place)?.parts();
    if parts.any(|(part, _)| sizes.get(&part).is_some_and(|size| *size > HUGE)) {
        return None;
    }
    let about = if size == u64::MAX { "more than can be counted".to_owned() } else { format!("{size}") };
    let message = format!("the smallest value of the schema is huge: {about} values or characters");
    let found = Diagnostic::new(Code::SchemaHuge, message, &schema.head());
    Some(
        found
            .label("its smallest value has this size")
            .help("lower its minimum; a mock truncates its values"),
    )
}

/// Returns the required properties among the declared ones.
fn required(object: View<'_>) -> Vec<(&str, FileNode)> {
    let Some(properties) = object.raw("properties") else { return Vec::new() };
    let names = object.list("required").filter_map(View::as_str);
    names.filter_map(|name| Some((name, properties.raw(name)?.place))).collect()
}

/// Returns a count, saturated to 64 bits.
fn count(schema: View<'_>, keyword: &str) -> u64 {
    match schema.raw(keyword).map(View::kind) {
        Some(NodeKind::Number(text)) => text.parse::<f64>().unwrap_or(0.0) as u64,
        _ => 0,
    }
}
