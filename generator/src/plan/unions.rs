//! `oneOf`, `anyOf`, type arrays and mixed enums as Rust enums: which branches there are and what each is called.
//! How they are told apart is in [`super::dispatch`].

use serde_json::Value;

use descant_model::api::SchemaId;
use descant_model::codes::Code;
use descant_model::diagnostic::Diagnostic;
use descant_model::schema::{Discriminator, Kinds, Schema};

use super::dispatch::{self, Facts};
use super::docs::Docs;
use super::items::{Branch, ItemKind, Type, Union};
use super::names::{Case, Scope};
use super::node::{Group, Label, Member, Node};
use super::prose::docs;
use super::settled::Asked;
use super::types::{Place, Types};

/// Several groups of branches multiply; more than this are not spelled out.
const MAX_BRANCHES: usize = 256;

/// A branch on its way: what holds in it, and what it might be called.
struct Candidate<'a> {
    members: Vec<Member<'a>>,
    name: Option<String>,
    /// The component whose type it is.
    component: Option<SchemaId>,
}

impl<'a> Types<'a> {
    /// The union that a node's `oneOf` and `anyOf` make; `None` where they say nothing about the type.
    pub(super) fn union_of_groups(
        &mut self,
        node: &Node<'a>,
        members: &[Member<'a>],
        place: &Place,
    ) -> Option<Result<ItemKind, Type>> {
        let groups: Vec<&Group<'a>> = node.groups.iter().filter(|group| self.says_type(group)).collect();
        let Some(first) = groups.first() else { return self.union_of_heirs(node, members, place) };
        let count = groups.iter().map(|group| group.branches.len()).try_fold(1usize, usize::checked_mul);
        let groups = if count.is_some_and(|count| count <= MAX_BRANCHES) {
            groups.as_slice()
        } else {
            let message = "Too many combinations of `oneOf` and `anyOf`; only the first is part of the type";
            self.diagnostics.push(Diagnostic::new(Code::Unsupported, message, &place.origin));
            groups.get(..1)?
        };
        let mut candidates = vec![Candidate { members: Vec::new(), name: None, component: None }];
        for group in groups {
            candidates = self.multiply(&candidates, group);
        }
        let base: Vec<Member<'a>> = members.iter().map(|m| Member { schema: m.schema, bare: true }).collect();
        for candidate in &mut candidates {
            self.add_base(candidate, node, &base);
        }
        Some(self.union(candidates, first.discriminator.or(node.discriminator), place))
    }

    /// Whether a group tells anything of types; many only list what is `required` together.
    fn says_type(&self, group: &Group<'a>) -> bool {
        group.branches.iter().any(|branch| {
            let node = Node::read(self.schemas, &[branch.into()]);
            node.kinds != Kinds::ANY
                || node.values.is_some()
                || !node.groups.is_empty()
                || !node.properties.is_empty()
                || node.hints.intersects(Kinds::ARRAY)
                || node.open
        })
    }

    fn multiply(&self, candidates: &[Candidate<'a>], group: &Group<'a>) -> Vec<Candidate<'a>> {
        let mut product = Vec::new();
        for candidate in candidates {
            for branch in group.branches {
                let mut members = candidate.members.clone();
                members.push(branch.into());
                let name = match (&candidate.name, self.branch_name(branch)) {
                    (Some(before), Some(name)) => Some(format!("{before} {name}")),
                    (before, name) => name.or_else(|| before.clone()),
                };
                product.push(Candidate { members, name, component: None });
            }
        }
        product
    }

    fn branch_name(&self, branch: &Schema) -> Option<String> {
        let target = branch.reference().and_then(|id| self.schemas.get(*id));
        target.map(super::component_name).or_else(|| branch.title().cloned())
    }

    /// What stands beside the branches holds in each of them, where a branch does not say it itself.
    fn add_base(&self, candidate: &mut Candidate<'a>, node: &Node<'a>, base: &[Member<'a>]) {
        let branch = Node::read(self.schemas, &candidate.members);
        let of_objects = branch.effective_kinds().intersects(Kinds::OBJECT) || branch.kinds == Kinds::ANY;
        let new_property = node.properties.keys().any(|key| !branch.properties.contains_key(key));
        let new_required = node.required.iter().any(|key| !branch.required.contains(key));
        let new_kind = branch.kinds.and(node.kinds) != branch.kinds;
        if new_kind || of_objects && (new_property || new_required) {
            candidate.members.extend(base.iter().copied());
        }
    }

    /// A schema with a discriminator and no branches: those that include it by `allOf` are its branches.
    fn union_of_heirs(
        &mut self,
        node: &Node<'a>,
        members: &[Member<'a>],
        place: &Place,
    ) -> Option<Result<ItemKind, Type>> {
        let [Member { schema, bare: false }] = members else { return None };
        let discriminator = schema.discriminator()?;
        let own = self.schemas.id_of(schema)?;
        let heirs = dispatch::heirs(self.schemas, own);
        if heirs.is_empty() || node.properties.is_empty() {
            return None;
        }
        let heirs = heirs.into_iter().map(|(id, heir)| Candidate {
            members: vec![(&*heir.schema).into()],
            name: Some(super::component_name(heir)),
            component: Some(id),
        });
        let mut candidates: Vec<Candidate<'a>> = heirs.collect();
        let base = vec![Member { schema, bare: true }];
        candidates.push(Candidate { members: base, name: Some("Base".to_owned()), component: None });
        Some(self.union(candidates, Some(discriminator), place))
    }

    /// A union of branches; no union where they come to one type.
    fn union(
        &mut self,
        candidates: Vec<Candidate<'a>>,
        discriminator: Option<&'a Discriminator>,
        place: &Place,
    ) -> Result<ItemKind, Type> {
        let mut found: Vec<(Type, Facts<'a>, Option<String>, Docs)> = Vec::new();
        let mut texts: Vec<&'a str> = Vec::new();
        let mut labels: Vec<Label<'a>> = Vec::new();
        let mut text_at = None;
        let read = |candidate: Candidate<'a>| {
            let node = Node::read(self.schemas, &candidate.members);
            let facts = Facts::read(self.schemas, &candidate.members);
            (candidate, node, facts)
        };
        let mut branches: Vec<_> = candidates.into_iter().map(read).collect();
        branches.retain(|(_, node, facts)| !node.never && facts.kinds != Kinds::NULL);
        if let Some(kind) = integers(&branches) {
            return Ok(kind);
        }
        let is_text = |(_, node, facts): &(Candidate<'a>, Node<'a>, Facts<'a>)| {
            facts.kinds.without(Kinds::NULL) == Kinds::STRING && facts.is_plain_text(node)
        };
        let alone = branches.iter().filter(|branch| is_text(branch)).count() == 1;
        for branch in branches {
            // A component that is the only text keeps its type.
            let merges = is_text(&branch) && !(alone && self.only_reference(&branch.0.members).is_some());
            let (candidate, node, facts) = branch;
            if merges {
                labels.extend(&node.labels);
                labels.extend(constant(&node));
                texts.extend(node.values.iter().flatten().filter_map(|value| value.as_str()));
                let entry = (Type::String, facts, candidate.name, docs(&node));
                text_at.get_or_insert_with(|| {
                    found.push(entry);
                    found.len() - 1
                });
                continue;
            }
            let word = candidate.name.clone().or_else(|| facts.tag_word());
            let word = word.unwrap_or_else(|| facts.word().to_owned());
            let mut inner = place.inner(&word);
            inner.key = format!("{} {}", place.key, branch_key(&candidate.name, &facts));
            let ty = match candidate.component {
                Some(id) => self.reference(id, place.side),
                None => self.convert(&candidate.members, &inner),
            };
            let ty = match ty {
                Type::Option(inner) => *inner,
                ty => ty,
            };
            match found.iter_mut().find(|(known, ..)| self.plain(known) == self.plain(&ty)) {
                Some((_, known, ..)) => known.merge(facts),
                None => found.push((ty, facts, candidate.name, docs(&node))),
            }
        }
        if !texts.is_empty() {
            let kind = self.strings(texts.into_iter(), &labels, place);
            if found.len() == 1 {
                return Ok(kind);
            }
            let ty = self.intern(kind, Docs::default(), &place.inner("text"));
            if let Some(entry) = text_at.and_then(|index| found.get_mut(index)) {
                entry.0 = ty;
            }
        }
        if found.len() == 1 {
            return Err(found.remove(0).0);
        }
        if found.is_empty() {
            return Err(Type::Null);
        }
        Ok(self.finish_union(found, discriminator, place))
    }

    fn finish_union(
        &mut self,
        found: Vec<(Type, Facts<'a>, Option<String>, Docs)>,
        discriminator: Option<&'a Discriminator>,
        place: &Place,
    ) -> ItemKind {
        let facts: Vec<&Facts<'a>> = found.iter().map(|(_, facts, ..)| facts).collect();
        let (dispatch, faults) = dispatch::plan(self.schemas, &facts, discriminator);
        for fault in faults {
            self.diagnostics.push(Diagnostic::new(Code::Discriminator, fault, &place.origin));
        }
        let texts: Vec<String> = found
            .iter()
            .map(|(_, facts, name, _)| {
                name.clone().or_else(|| facts.tag_word()).unwrap_or(facts.word().to_owned())
            })
            .collect();
        let of = format!("variants of {}", place.words.join(" "));
        let keys = found.iter().map(|(_, facts, name, _)| vec![branch_key(name, facts)]);
        let asked: Vec<Asked> = keys.zip(texts).map(|(keys, text)| Asked { keys, text }).collect();
        let names = self.settled.kept(&mut Scope::default(), &of, &asked, Case::Variant, true);
        let branches = found.into_iter().zip(names);
        let branches = branches.map(|((ty, _, _, docs), named)| Branch { name: named.name, docs, ty });
        ItemKind::Union(Union { branches: branches.collect(), dispatch })
    }

    /// A type array: a branch for each kind.
    pub(super) fn union_of_kinds(
        &mut self,
        node: &Node<'a>,
        kinds: Kinds,
        place: &Place,
    ) -> Result<ItemKind, Type> {
        let mut branches = Vec::new();
        for kind in [Kinds::BOOLEAN, Kinds::NUMBER, Kinds::STRING, Kinds::ARRAY, Kinds::OBJECT] {
            let only = kind.and(kinds);
            if !only.intersects(Kinds::ANY) {
                continue;
            }
            let mut narrowed = node.clone();
            narrowed.kinds = only;
            narrowed.groups.clear();
            let facts = Facts::of_kinds(only);
            let place = place.inner(facts.word());
            let ty = match self.shape(&narrowed, &[], &place) {
                Ok(kind) => self.intern(kind, Docs::default(), &place),
                Err(ty) => ty,
            };
            branches.push((ty, facts, None, Docs::default()));
        }
        Ok(self.finish_union(branches, None, place))
    }

    /// An `enum` of several kinds: a branch for each.
    pub(super) fn union_of_values(
        &mut self,
        values: &[&'a Value],
        labels: &[Label<'a>],
        place: &Place,
    ) -> Result<ItemKind, Type> {
        let mut branches = Vec::new();
        for kind in [Kinds::STRING, Kinds::NUMBER, Kinds::BOOLEAN] {
            let own: Vec<&Value> =
                values.iter().filter(|value| Kinds::as_written(value).intersects(kind)).copied().collect();
            if own.is_empty() {
                continue;
            }
            let facts = Facts::of_kinds(kind);
            let place = place.inner(facts.word());
            let ty = match self.values(&own, labels, &place) {
                Ok(kind) => self.intern(kind, Docs::default(), &place),
                Err(ty) => ty,
            };
            branches.push((ty, facts, None, Docs::default()));
        }
        Ok(self.finish_union(branches, None, place))
    }
}

/// What the lock calls a branch: its name, or its kind and what tells it from others.
fn branch_key(name: &Option<String>, facts: &Facts<'_>) -> String {
    let unnamed = || [facts.word(), facts.mark().unwrap_or_default()].join(" ").trim_end().to_owned();
    name.clone().unwrap_or_else(unnamed)
}

/// What a branch of one value calls it.
fn constant<'a>(node: &Node<'a>) -> Option<Label<'a>> {
    let [value] = node.values.as_deref()? else { return None };
    Some(Label { value, name: node.title, description: node.description })
}

fn described(node: &Node<'_>) -> Docs {
    let mut docs = Docs::default();
    docs.add_some(constant(node).and_then(|label| label.description));
    docs
}

/// The enum of branches that are integer constants, each called as its branch.
fn integers(branches: &[(Candidate<'_>, Node<'_>, Facts<'_>)]) -> Option<ItemKind> {
    let mut values = Vec::new();
    for (candidate, node, facts) in branches {
        let own: Vec<i64> =
            node.values.as_ref()?.iter().map(|value| value.as_i64()).collect::<Option<_>>()?;
        let name = candidate.name.as_deref().filter(|_| own.len() == 1);
        if facts.kinds.without(Kinds::NULL) != Kinds::INTEGER {
            return None;
        }
        values.extend(own.into_iter().map(|value| (value, name.map(str::to_owned), described(node))));
    }
    (branches.len() > 1).then(|| super::values::integers(values))
}
