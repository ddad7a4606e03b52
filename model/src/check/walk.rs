//! Walks a document along the table. It uses a worklist instead of recursion, so that depth
//! needs no stack, and computes the position of a value only for a fault.

use crate::check::names::{named, suggest};
use crate::check::table::{Cost, Expect, Field, Found, Keys, Need, Object, Vocabulary};
use crate::check::{Checked, ObjectType, Reference, Version, keys, objects, recovery, report};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::source::{Origin, Span};
use crate::tree::{Entry, NodeId, NodeKind, Tree, escape_token};

/// Checks the value at a node, and all that is in it.
pub(crate) fn walk(
    tree: &Tree,
    node: NodeId,
    expect: &'static Expect,
    checked: &mut Checked,
    out: &mut Diagnostics,
) {
    let version = checked.version;
    let mut walk = Walk { tree, version, checked, out, trail: Vec::new(), todo: Vec::new() };
    let step = Step { node, place: Place::Start, owner: None, field: None, cost: Cost::Value };
    walk.todo.push(Todo { step, expect, depth: 0 });
    while let Some(todo) = walk.todo.pop() {
        walk.trail.truncate(todo.depth);
        walk.trail.push(todo.step);
        let pushed = walk.todo.len();
        walk.value(todo.step.node, todo.expect);
        // The last pushed is done first: turned round, the document's order is kept.
        if let Some(new) = walk.todo.get_mut(pushed..) {
            new.reverse();
        }
    }
}

struct Walk<'a> {
    tree: &'a Tree,
    version: Version,
    checked: &'a mut Checked,
    out: &'a mut Diagnostics,
    /// The way from the start to the value at hand.
    trail: Vec<Step<'a>>,
    todo: Vec<Todo<'a>>,
}

/// A value that is still to be checked, and how long the trail is above it.
#[derive(Clone, Copy)]
struct Todo<'a> {
    step: Step<'a>,
    expect: &'static Expect,
    depth: usize,
}

/// One step of the trail.
#[derive(Clone, Copy)]
struct Step<'a> {
    node: NodeId,
    place: Place<'a>,
    /// The nearest object of the table that it is in.
    owner: Option<&'static Object>,
    /// The field of the owner that it is the value of, where it is that of one.
    field: Option<&'static Field>,
    /// The scope of an error inside.
    cost: Cost,
}

/// The position of a value in its parent.
#[derive(Clone, Copy)]
enum Place<'a> {
    Start,
    Key(&'a Entry),
    Item,
}

impl<'a> Walk<'a> {
    fn value(&mut self, node: NodeId, expect: &'static Expect) {
        let kind = &self.tree.get(node).kind;
        match (expect, kind) {
            (Expect::Either(options), kind) => match options.iter().find(|option| option.fits(kind)) {
                Some(option) => self.value(node, option),
                None => self.mismatch(node, expect),
            },
            (Expect::Object(object), NodeKind::Object(entries)) => {
                if self.checked.visit(node, expect) {
                    self.object(node, expect, object, entries);
                }
            }
            (Expect::Map(keys, each), NodeKind::Object(entries)) => {
                if self.checked.visit(node, expect) && !self.reference(node, expect, entries) {
                    entries.iter().for_each(|entry| self.map_entry(*keys, each, entry));
                }
            }
            (Expect::List(each) | Expect::Filled(each), NodeKind::Array(items)) if expect.fits(kind) => {
                if self.checked.visit(node, expect) {
                    items.iter().for_each(|item| self.child(*item, Place::Item, each, None));
                }
            }
            (Expect::Object(object), NodeKind::Bool(value)) if object.or_flag => {
                if self.version < Version::V31 {
                    self.out.push(report::boolean_schema(*value, self.version, &self.origin()));
                }
            }
            (_, kind) if expect.fits(kind) => {}
            _ => self.mismatch(node, expect),
        }
    }

    fn object(
        &mut self,
        node: NodeId,
        expect: &'static Expect,
        object: &'static Object,
        entries: &'a [Entry],
    ) {
        if let Some(step) = self.trail.last_mut() {
            step.owner = Some(object);
            step.cost = object.cost;
        }
        let keeps_siblings =
            object.vocabulary == Vocabulary::Schema || std::ptr::eq(expect, &objects::PATH_ITEM);
        if self.reference(node, expect, entries) && !keeps_siblings {
            return;
        }
        if entries.is_empty() && std::ptr::eq(expect, &objects::RESPONSES) {
            self.out.push(report::no_response(&self.origin()));
        }
        let mut meant = Vec::new();
        for entry in entries {
            self.entry(object, entry, &mut meant);
        }
        for (first, second) in object.apart {
            if let (true, Some(entry)) = (has(entries, first), entries.iter().find(|e| *e.key == **second)) {
                self.out.push(report::apart(object, first, second, &self.key_origin(entry)));
            }
        }
        for (field, need) in object.needed(self.version) {
            if !meant.contains(&field.name) && !has(entries, field.name) {
                let found = report::missing(object, field, &self.origin(), need == Need::Must);
                self.fault(found);
            }
        }
    }

    /// Records a reference; returns whether the object is one.
    fn reference(&mut self, node: NodeId, expect: &'static Expect, entries: &'a [Entry]) -> bool {
        let is_reference = |e: &Entry| &*e.key == "$ref" && self.tree.str(e.value).is_some();
        let Some(reference) = entries.iter().find(|entry| is_reference(entry)) else { return false };
        self.checked.references.push(Reference { node, expected: ObjectType(expect) });
        if !ObjectType(expect).may_be_reference() {
            self.out.push(report::no_reference(ObjectType(expect).name(), &self.key_origin(reference)));
        }
        true
    }

    /// Checks one entry of an object; `meant` collects the intended fields of misspelt keys.
    fn entry(&mut self, object: &'static Object, entry: &'a Entry, meant: &mut Vec<&'static str>) {
        let key = &*entry.key;
        match (object.find(key, self.version), object.rest) {
            (Found::Here(field), _) => self.child(entry.value, Place::Key(entry), field.expect, Some(field)),
            (Found::Elsewhere(field), _) => {
                self.out.push(report::misplaced(object, field, self.version, &self.key_origin(entry)));
                if report::is_honoured(object, field, self.version) {
                    self.child(entry.value, Place::Key(entry), field.expect, Some(field));
                }
            }
            (Found::Nowhere, _) if key == "x-descant" => {
                self.out.push(report::misplaced_descant(object, &self.key_origin(entry)));
            }
            (Found::Nowhere, Some((keys, each))) => self.map_entry(keys, each, entry),
            (Found::Nowhere, None) if key.starts_with("x-") => {}
            (Found::Nowhere, None) => {
                let suggestion = suggest(key, object.names(self.version));
                meant.extend(suggestion);
                let found = report::unknown(object, key, suggestion, self.version, &self.key_origin(entry));
                self.fault(found);
            }
        }
    }

    fn map_entry(&mut self, keys: Keys, each: &'static Expect, entry: &'a Entry) {
        if keys.has_extensions() && entry.key.starts_with("x-") {
            return;
        }
        if let Some(bad) = keys::check(keys, &entry.key) {
            self.out.push(report::bad_key(&entry.key, bad, &self.key_origin(entry)));
        }
        self.child(entry.value, Place::Key(entry), each, None);
    }

    /// Adds a value to the worklist, unless it cannot have faults.
    fn child(
        &mut self,
        node: NodeId,
        place: Place<'a>,
        expect: &'static Expect,
        field: Option<&'static Field>,
    ) {
        let kind = &self.tree.get(node).kind;
        if matches!(expect, Expect::Any) || !expect.is_container() && expect.fits(kind) {
            return;
        }
        let owner = self.trail.last().and_then(|step| step.owner);
        let step = Step { node, place, owner, field, cost: Cost::Value };
        self.todo.push(Todo { step, expect, depth: self.trail.len() });
    }

    /// A value of the wrong kind: empty, recovered, in another version's form, or left out.
    fn mismatch(&mut self, node: NodeId, expect: &'static Expect) {
        let Some(step) = self.trail.last().copied() else { return };
        let kind = &self.tree.get(node).kind;
        // No specification allows it, but documents of several files keep their long texts in others.
        let is_text = matches!(expect, Expect::Text) && step.field.is_some_and(|field| field.prose);
        if is_text && self.reference(node, expect, self.tree.entries(node)) {
            return;
        }
        let (at, name) = (self.origin(), self.name());
        let code = code(step.owner, expect, kind);
        if let Some(recovered) = recovery::recover(expect, kind) {
            self.out.push(report::recovered(&name, expect, kind, &recovered, code, &at));
            self.checked.recovered.insert(node, recovered);
        } else if *kind == NodeKind::Null && step.field.is_some() {
            self.checked.faulty.insert(node);
            self.out.push(report::empty(&name, &at));
        } else if let Some(other) = other_form(step, kind) {
            self.out.push(report::other_form(&name, kind, other, self.version, &at));
            self.value(node, other.expect);
        } else {
            if code == Code::SchemaKeyword {
                self.checked.faulty.insert(node);
            }
            self.fault(report::wrong_kind(&name, expect, kind, code, &at));
        }
    }

    /// Reports a fault; an error is marked on all that it costs. What is for people alone is never worth an error.
    fn fault(&mut self, mut found: Diagnostic) {
        if found.severity == Severity::Error {
            if self.trail.iter().any(|step| step.field.is_some_and(|field| field.prose)) {
                found.severity = Severity::Warning;
                self.checked.faulty.extend(self.trail.last().map(|step| step.node));
            } else {
                let first = self.first_lost();
                self.checked.faulty.extend(self.trail.iter().skip(first).map(|step| step.node));
            }
        }
        self.out.push(found);
    }

    /// Returns the step of the trail from which an error leaves things out.
    fn first_lost(&self) -> usize {
        let last = self.trail.len().saturating_sub(1);
        let in_schema =
            self.trail.last().and_then(|step| step.owner).is_some_and(|o| o.vocabulary == Vocabulary::Schema);
        if in_schema {
            return last;
        }
        let whole = self.trail.iter().rposition(|step| step.cost == Cost::Whole);
        whole.or_else(|| self.trail.iter().position(|step| step.cost == Cost::Part)).unwrap_or(last)
    }

    /// Returns the name of the current value.
    fn name(&self) -> String {
        let mut steps = self.trail.iter().rev().map(|step| step.place);
        match (steps.next(), steps.next()) {
            (Some(Place::Key(entry)), _) => named(&entry.key),
            (Some(Place::Item), Some(Place::Key(entry))) => {
                format!("an item of {}", named(&entry.key))
            }
            _ => "this".to_owned(),
        }
    }

    /// The place of the value at hand. That of a value of several lines is its key, or its first one.
    fn origin(&self) -> Origin {
        let Some(step) = self.trail.last() else { return Origin::default() };
        let value = self.tree.get(step.node);
        let (start, end) = match (&value.kind, step.place) {
            (NodeKind::Object(_) | NodeKind::Array(_), Place::Key(entry)) => (entry.start, entry.end),
            (NodeKind::Object(entries), _) => {
                entries.first().map_or((value.start, value.start), |e| (e.start, e.end))
            }
            (NodeKind::Array(_), _) => (value.start, value.start.saturating_add(1).min(value.end)),
            (NodeKind::Null, Place::Key(entry)) if value.start == value.end => (entry.start, entry.end),
            _ => (value.start, value.end),
        };
        let span = Span { file: self.tree.file, start, end };
        Origin { span, pointer: self.tree.pointer(step.node).into() }
    }

    /// The place of a key in the object at hand.
    fn key_origin(&self, entry: &'a Entry) -> Origin {
        let object = self.trail.last().map(|step| self.tree.pointer(step.node)).unwrap_or_default();
        let span = Span { file: self.tree.file, start: entry.start, end: entry.end };
        Origin { span, pointer: format!("{object}/{}", escape_token(&entry.key)).into() }
    }
}

fn has(entries: &[Entry], key: &str) -> bool {
    entries.iter().any(|entry| *entry.key == *key)
}

/// Returns the code for a value of the wrong kind.
fn code(owner: Option<&Object>, expect: &Expect, kind: &NodeKind) -> Code {
    match owner.map(|object| object.vocabulary) {
        Some(Vocabulary::Descant) => Code::DescantValue,
        Some(Vocabulary::Schema) => Code::SchemaKeyword,
        _ if matches!((expect, kind), (Expect::Word(_), NodeKind::String(_))) => Code::InvalidValue,
        _ => Code::WrongKind,
    }
}

/// The form that a keyword has in another version, where the value is of that form.
fn other_form(step: Step<'_>, kind: &NodeKind) -> Option<&'static Field> {
    let (field, owner) = (step.field?, step.owner.filter(|owner| owner.vocabulary == Vocabulary::Schema)?);
    owner
        .fields()
        .find(|other| other.name == field.name && !std::ptr::eq(*other, field) && other.expect.fits(kind))
}
