//! Which Rust type a schema is.
//!
//! Components, and what a `$ref` points at, are items of their own: their ids are given out before they are looked
//! into, so that cycles need no care here. Inline schemas become items from the inside out; equal ones become one.

mod conjunctions;
mod interned;
mod references;

use std::collections::{HashMap, HashSet, VecDeque};

use descant_model::api::{Definition, SchemaId, SchemaName, Schemas};
use descant_model::codes::Code;
use descant_model::diagnostic::{Diagnostic, Diagnostics};
use descant_model::schema::{Direction, Kinds};
use descant_model::source::Origin;

use self::conjunctions::Conjunctions;
use super::accounts::Accounts;
use super::docs::Docs;
use super::items::{Field, ItemId, ItemKind, Presence, Struct, Type};
use super::names::{Case, Scope};
use super::node::{Member, Node};
use super::nullable::nullable;
use super::numbers;
use super::prose::{self, docs, item_docs};
use super::settled::Settled;
use super::sides::{links, sided};

use crate::Settings;
use crate::settings::Config;

/// Schemas nested deeper than this are any value.
const MAX_DEPTH: usize = 64;
/// A name keeps less of a word; every name within has it in its place.
const LONGEST_WORD: usize = 320;
/// What types may cost: each conjunction that is looked into, with its properties and branches. Those of `allOf`s of unions
/// multiply; real documents stay far below.
const WORK: usize = 2_000;
/// The same for each schema of the document.
const WORK_PER_SCHEMA: usize = 40;

/// What the lock adds to the place of a type that only requests have.
const OF_REQUESTS: &str = " (request)";

/// An item whose name is not settled yet.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) name: DraftName,
    /// What the lock calls its place, and those of the same schema that were met later.
    pub(super) keys: Vec<String>,
    /// Who writes it, where the schema differs by that.
    pub(super) side: Option<Direction>,
    pub(super) docs: Docs,
    pub(super) kind: ItemKind,
}

/// What a draft would like to be called.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum DraftName {
    /// After a component.
    Component(String),
    /// After its place: words from the outside in.
    Place(Vec<String>),
}

/// Where a schema stands: what it is called after, and who writes it.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) words: Vec<String>,
    /// The same for the lock: unique across files.
    pub(super) key: String,
    pub(super) side: Direction,
    /// Whether the schema differs by that.
    pub(super) sided: bool,
    pub(super) depth: usize,
    pub(super) origin: Origin,
}

impl Place {
    /// A place inside this one.
    pub(super) fn inner(&self, word: &str) -> Place {
        let word: String = word.chars().take(LONGEST_WORD).collect();
        let key = format!("{} {word}", self.key);
        let words = self.words.iter().cloned().chain([word]).collect();
        Place { words, key, depth: self.depth + 1, origin: self.origin.clone(), ..*self }
    }

    /// What the lock calls it.
    pub(super) fn lock_key(&self) -> String {
        match self.writer() {
            Some(Direction::Request) => format!("{}{OF_REQUESTS}", self.key),
            _ => self.key.clone(),
        }
    }

    /// Who writes it, where that matters.
    pub(super) fn writer(&self) -> Option<Direction> {
        self.sided.then_some(self.side)
    }
}

/// The items found so far, and what is still to be looked into.
pub(super) struct Types<'a> {
    pub(super) schemas: &'a Schemas,
    pub(super) drafts: Vec<Draft>,
    pub(super) diagnostics: Diagnostics,
    pub(super) config: &'a Config,
    pub(super) settled: Settled<'a>,
    pub(super) accounts: Accounts,
    /// Schemas that say, or lead to, `readOnly` or `writeOnly`: they differ by side.
    sided: HashSet<SchemaId>,
    /// To which schemas each schema points.
    links: Vec<Vec<SchemaId>>,
    /// Inline schemas that a `$ref` points at.
    targets: HashSet<SchemaId>,
    by_schema: HashMap<(SchemaId, Option<Direction>), ItemId>,
    by_kind: HashMap<ItemKind, ItemId>,
    /// Aliases of inline schemas that equal another: what each is, and the one of a place.
    equal: HashMap<ItemId, ItemId>,
    by_place: HashMap<(ItemId, String), ItemId>,
    pub(super) conjunctions: Conjunctions,
    queue: VecDeque<(SchemaId, Direction, ItemId)>,
    /// What is left of [`WORK`].
    work: usize,
}

impl<'a> Types<'a> {
    /// No items yet.
    pub(super) fn new(schemas: &'a Schemas, settings: &'a Settings) -> Self {
        let links = links(schemas);
        Types {
            schemas,
            drafts: Vec::new(),
            diagnostics: Diagnostics::default(),
            config: &settings.config,
            settled: Settled::new(&settings.config, settings.lock.clone()),
            accounts: Accounts::default(),
            sided: sided(schemas, &links),
            targets: links.iter().flatten().copied().collect(),
            links,
            by_schema: HashMap::new(),
            by_kind: HashMap::new(),
            equal: HashMap::new(),
            by_place: HashMap::new(),
            conjunctions: Conjunctions::default(),
            queue: VecDeque::new(),
            work: work(schemas),
        }
    }

    /// The type of a schema at a position of the HTTP half.
    pub(super) fn at(&mut self, id: SchemaId, words: Vec<String>, side: Direction) -> Type {
        let Some(schema) = self.schemas.get(id) else { return Type::Any };
        self.accounts.reach(id, &self.links);
        let place = self.place(id, schema, words, side);
        let ty = match self.is_item(id, schema) {
            true => {
                let ty = self.reference(id, side);
                self.also_at(&ty, &place);
                ty
            }
            false => self.convert(&[(&*schema.schema).into()], &place),
        };
        self.drain();
        ty
    }

    /// The properties of an object, each for itself; `None` of what is no plain object.
    pub(super) fn properties(
        &mut self,
        id: SchemaId,
        words: Vec<String>,
        side: Direction,
    ) -> Option<(Docs, Vec<Field>)> {
        let schema = self.schemas.get(id)?;
        self.accounts.reach(id, &self.links);
        let node = Node::read(self.schemas, &[(&*schema.schema).into()]);
        if !node.groups.is_empty() {
            return None;
        }
        let place = self.place(id, schema, words, side);
        let fields = self.fields(&node, &place);
        self.drain();
        Some((docs(&node), fields))
    }

    /// What a type is behind its aliases.
    pub(super) fn resolved(&self, ty: &Type) -> Type {
        let mut ty = ty.clone();
        for _ in 0..self.drafts.len() {
            let Type::Item(id) = ty else { break };
            let Some(ItemKind::Alias(target)) = self.drafts.get(id.0).map(|draft| &draft.kind) else { break };
            ty = target.clone();
        }
        ty
    }

    /// Makes items of all components that nothing has used.
    pub(super) fn components(&mut self) {
        for (index, schema) in self.schemas.entries.iter().enumerate() {
            let id = SchemaId(index as u32);
            let used = [None, Some(Direction::Request), Some(Direction::Response)];
            let used = used.iter().any(|side| self.by_schema.contains_key(&(id, *side)));
            if matches!(schema.name, SchemaName::Component(_)) && !used {
                self.accounts.reach(id, &self.links);
                self.reference(id, Direction::Response);
                self.drain();
            }
        }
    }

    fn is_item(&self, id: SchemaId, schema: &Definition) -> bool {
        matches!(schema.name, SchemaName::Component(_)) || self.targets.contains(&id)
    }

    /// The type that a `$ref` to a schema is; the item itself is looked into later.
    pub(super) fn reference(&mut self, id: SchemaId, side: Direction) -> Type {
        let Some(schema) = self.schemas.get(id) else { return Type::Any };
        let node = Node::read(self.schemas, &[(&*schema.schema).into()]);
        let nullable = nullable(self.schemas, &node);
        if let Some(path) = self.replacement(schema) {
            let ty = Type::Foreign(path.to_owned());
            return if nullable { Type::Option(ty.into()) } else { ty };
        }
        let key = (id, self.sided.contains(&id).then_some(side));
        let item = match self.by_schema.get(&key) {
            Some(item) => *item,
            None => {
                let place = self.place(id, schema, words_of(schema), side);
                let item =
                    self.draft(draft_name(schema), &place, Docs::default(), ItemKind::Alias(Type::Any));
                self.by_schema.insert(key, item);
                self.queue.push_back((id, side, item));
                item
            }
        };
        if nullable { Type::Option(Type::Item(item).into()) } else { Type::Item(item) }
    }

    /// The type that the settings put in place of a component's.
    fn replacement(&self, schema: &Definition) -> Option<&'a str> {
        let SchemaName::Component(name) = &schema.name else { return None };
        let replacement = self.config.replacements.iter().find(|replacement| replacement.component == *name);
        replacement.map(|replacement| replacement.path.as_str())
    }

    fn place(&self, id: SchemaId, schema: &Definition, words: Vec<String>, side: Direction) -> Place {
        let key = match schema.file.as_str() {
            "" => words.join(" "),
            file => format!("{file}#{}", schema.origin.pointer),
        };
        Place { words, key, side, sided: self.sided.contains(&id), depth: 0, origin: schema.origin.clone() }
    }

    pub(super) fn draft(&mut self, name: DraftName, place: &Place, docs: Docs, kind: ItemKind) -> ItemId {
        self.drafts.push(Draft { name, keys: vec![place.lock_key()], side: place.writer(), docs, kind });
        ItemId(self.drafts.len() - 1)
    }

    fn drain(&mut self) {
        while let Some((id, side, item)) = self.queue.pop_front() {
            let Some(schema) = self.schemas.get(id) else { continue };
            let place = self.place(id, schema, words_of(schema), side);
            let members = [Member::from(&*schema.schema)];
            let node = Node::read(self.schemas, &members);
            let kind = match self.pure_reference(&members, &place) {
                Some(ty) => ItemKind::Alias(not_null(ty)),
                None if !self.spend(&node, &place) => ItemKind::Alias(Type::Any),
                None => self.shape(&node, &members, &place).unwrap_or_else(|ty| match &schema.name {
                    // Whoever names a scalar means more than its kind: an id is no other text.
                    SchemaName::Component(_) if ty.is_plain() => ItemKind::Newtype(ty),
                    _ => ItemKind::Alias(ty),
                }),
            };
            if let Some(draft) = self.drafts.get_mut(item.0) {
                draft.docs = item_docs(&node);
                draft.kind = kind;
            }
            self.accounts.told(&node);
        }
    }

    /// The type of a conjunction.
    pub(super) fn convert(&mut self, members: &[Member<'a>], place: &Place) -> Type {
        if place.depth > MAX_DEPTH {
            let message = "A schema is nested too deeply to be typed; it is any JSON value";
            self.diagnostics.push(Diagnostic::new(Code::Unsupported, message, &place.origin));
            return Type::Any;
        }
        if let Some(ty) = self.pure_reference(members, place) {
            return ty;
        }
        if let Some(ty) = self.component(members, place) {
            return ty;
        }
        let node = Node::read(self.schemas, members);
        if !self.spend(&node, place) {
            return Type::Any;
        }
        let ty = self.looked_into(&node, members, place);
        match nullable(self.schemas, &node) {
            true if !matches!(ty, Type::Any | Type::Null | Type::Option(_)) => Type::Option(ty.into()),
            _ => ty,
        }
    }

    /// Takes what looking into a conjunction costs; false, with a finding, where too little is left.
    fn spend(&mut self, node: &Node<'a>, place: &Place) -> bool {
        let branches = node.groups.iter().map(|group| group.branches.len()).sum::<usize>();
        let cost = 1 + node.properties.len() + branches;
        if let Some(left) = self.work.checked_sub(cost) {
            self.work = left;
            return true;
        }
        let message =
            "Schemas combine in more ways than are spelled out as types; this one is any JSON value";
        self.diagnostics.push(Diagnostic::new(Code::Unsupported, message, &place.origin));
        false
    }

    /// The documentation of a property, parameter or header, with what it tells of the items of a list.
    pub(super) fn property_docs(&mut self, node: &Node<'a>) -> Docs {
        let mut docs = prose::property_docs(node);
        self.accounts.told(node);
        if !node.items.is_empty() && node.effective_kinds().intersects(Kinds::ARRAY) {
            let items = Node::read(self.schemas, &node.items);
            docs.conclude(&prose::of_items(&items));
            self.accounts.told(&items);
        }
        docs
    }

    /// An item where the schema needs one, else a type that needs no name.
    pub(super) fn shape(
        &mut self,
        node: &Node<'a>,
        members: &[Member<'a>],
        place: &Place,
    ) -> Result<ItemKind, Type> {
        let made = self.made(node, members, place);
        self.accounts.typed(node, &made);
        made
    }

    fn made(&mut self, node: &Node<'a>, members: &[Member<'a>], place: &Place) -> Result<ItemKind, Type> {
        if node.never {
            return Err(Type::Any);
        }
        if let Some(values) = &node.values {
            return self.values(values, &node.labels, place);
        }
        if let Some(kind) = self.union_of_groups(node, members, place) {
            return kind;
        }
        let kinds = node.effective_kinds().without(Kinds::NULL);
        match kinds {
            Kinds::BOOLEAN => Err(Type::Bool),
            Kinds::INTEGER => Err(numbers::integer(node)),
            Kinds::NUMBER | Kinds::FRACTION => Err(numbers::number(node)),
            Kinds::STRING => Err(self.string(node)),
            Kinds::ARRAY => Err(self.array(node, place)),
            Kinds::OBJECT => self.object(node, place),
            _ if kinds == Kinds::ANY.without(Kinds::NULL) => Err(Type::Any),
            _ if !kinds.intersects(Kinds::ANY) => {
                Err(if node.kinds.intersects(Kinds::NULL) { Type::Null } else { Type::Any })
            }
            several => self.union_of_kinds(node, several, place),
        }
    }

    /// A string by its format: as the settings say, else as the format has a type of the standard library or ours.
    fn string(&self, node: &Node<'a>) -> Type {
        let chosen =
            self.config.formats.iter().rev().find(|choice| node.format == Some(choice.format.as_str()));
        match chosen {
            Some(choice) if choice.path == "String" => Type::String,
            Some(choice) => Type::Foreign(choice.path.clone()),
            None => string(node),
        }
    }

    fn array(&mut self, node: &Node<'a>, place: &Place) -> Type {
        if node.prefix_only {
            let parts = node.prefix.iter().enumerate();
            let parts =
                parts.map(|(i, part)| self.convert(&[part.into()], &place.inner(&format!("part {}", i + 1))));
            return Type::Tuple(parts.collect());
        }
        let item = match node.items.as_slice() {
            _ if !node.prefix.is_empty() => Type::Any,
            [] => Type::Any,
            items => self.convert(items, &place.inner("item")),
        };
        Type::List(item.into())
    }

    fn object(&mut self, node: &Node<'a>, place: &Place) -> Result<ItemKind, Type> {
        let extra = match node.additional.as_slice() {
            [] => Type::Any,
            schemas => self.convert(schemas, &place.inner("value")),
        };
        if node.properties.is_empty() && (node.open || !node.closed) {
            return Err(Type::Map(extra.into()));
        }
        let fields = self.fields(node, place);
        let mut scope = Scope::with(fields.iter().map(|field| field.key.as_str()));
        let extra = (node.open && !node.closed || !node.additional.is_empty())
            .then(|| (scope.name("extra", Case::Snake), extra));
        Ok(ItemKind::Struct(Struct { fields, extra }))
    }

    fn fields(&mut self, node: &Node<'a>, place: &Place) -> Vec<Field> {
        let mut properties: Vec<(&str, Vec<Member<'a>>)> = Vec::new();
        for (key, members) in &node.properties {
            let property = Node::read(self.schemas, members);
            let elsewhere = match place.side {
                Direction::Request => property.read_only,
                Direction::Response => property.write_only,
            };
            let impossible = property.never && !node.required.contains(key);
            if !elsewhere && !impossible {
                properties.push((key, members.clone()));
            }
        }
        let unstated = node.required.iter().filter(|key| !node.properties.contains_key(*key));
        properties.extend(unstated.map(|key| (*key, Vec::new())));
        let keys: Vec<String> = properties.iter().map(|(key, _)| (*key).to_owned()).collect();
        let of = format!("fields of {}", place.words.join(" "));
        let names = self.settled.names(&mut Scope::default(), &of, &keys, Case::Snake);
        let fields = properties.into_iter().zip(names).map(|((key, members), name)| {
            let ty = self.convert(&members, &place.inner(key));
            let (ty, presence) = presence(ty, node.required.contains(key));
            let docs = self.property_docs(&Node::read(self.schemas, &members));
            Field { name, key: key.to_owned(), docs, ty, presence }
        });
        fields.collect()
    }
}

/// What the types of a document may cost.
fn work(schemas: &Schemas) -> usize {
    let count = schemas.entries.iter().map(|definition| definition.schema.within().count()).sum::<usize>();
    WORK.saturating_add(count.saturating_mul(WORK_PER_SCHEMA))
}

/// The type and presence of a property.
fn presence(ty: Type, required: bool) -> (Type, Presence) {
    match ty {
        ty if required => (ty, Presence::Required),
        Type::Any | Type::Option(_) => (ty, Presence::Tristate),
        ty => (ty, Presence::Optional),
    }
}

fn string(node: &Node<'_>) -> Type {
    match node.format {
        Some("byte") => Type::Base64,
        Some("ipv4") => Type::Ipv4,
        Some("ipv6") => Type::Ipv6,
        _ => Type::String,
    }
}

fn not_null(ty: Type) -> Type {
    match ty {
        Type::Option(inner) => *inner,
        ty => ty,
    }
}

fn words_of(schema: &Definition) -> Vec<String> {
    match &schema.name {
        SchemaName::Component(name) => vec![name.clone()],
        SchemaName::Path(words) => words.clone(),
    }
}

fn draft_name(schema: &Definition) -> DraftName {
    match &schema.name {
        SchemaName::Component(name) => DraftName::Component(name.clone()),
        SchemaName::Path(words) => DraftName::Place(words.clone()),
    }
}
