//! How the branches of a union are told apart: by kind, by a tag, by a key that only one branch has; what is left is
//! tried in turn, the most demanding branch first, then the one that names most.

use std::cmp::Reverse;
use std::collections::HashMap;

use indexmap::{IndexMap, IndexSet};
use serde_json::Value;

use descant_model::api::{Definition, SchemaId, SchemaName, Schemas};
use descant_model::schema::{Discriminator, Keyword, Kinds, Schema};

use super::items::Dispatch;
use super::node::{Member, Node, includes};

/// Unions in unions deeper than this are taken for any value.
const MAX_DEPTH: usize = 8;

/// What is known of every value of a branch.
#[derive(Clone, Debug)]
pub(super) struct Facts<'a> {
    pub(super) kinds: Kinds,
    /// The component that the branch is.
    target: Option<SchemaId>,
    properties: IndexSet<&'a str>,
    required: IndexSet<&'a str>,
    /// Of properties that have only certain values, those values, as text.
    tags: IndexMap<&'a str, Vec<String>>,
}

impl<'a> Facts<'a> {
    /// Looks a branch over.
    pub(super) fn read(schemas: &'a Schemas, members: &[Member<'a>]) -> Self {
        let mut facts = Self::at_depth(schemas, members, 0, &mut HashMap::new());
        if let [Member { schema, bare: false }, ..] = members {
            facts.target = schema.reference().copied().or_else(|| schemas.id_of(schema));
        }
        facts
    }

    /// A branch that is any value of some kinds.
    pub(super) fn of_kinds(kinds: Kinds) -> Self {
        Facts {
            kinds,
            target: None,
            properties: IndexSet::new(),
            required: IndexSet::new(),
            tags: IndexMap::new(),
        }
    }

    /// Branches may share what they are made of: each is looked over once, and `known` from then on.
    fn at_depth(
        schemas: &'a Schemas,
        members: &[Member<'a>],
        depth: usize,
        known: &mut HashMap<*const Schema, Facts<'a>>,
    ) -> Self {
        let node = Node::read(schemas, members);
        let mut facts = Facts::of_kinds(node.effective_kinds());
        for (key, members) in &node.properties {
            facts.properties.insert(key);
            if !members.iter().any(|member| may_list(member.schema)) {
                continue;
            }
            if let Some(values) = Node::read(schemas, members).values {
                let texts: Vec<String> = values.iter().filter_map(|value| tag_text(value)).collect();
                if texts.len() == values.len() {
                    facts.tags.insert(key, texts);
                }
            }
        }
        facts.required.extend(node.required.iter());
        for group in node.groups.iter().filter(|_| depth < MAX_DEPTH) {
            let mut branches = group.branches.iter().map(|branch| {
                if let Some(facts) = known.get(&std::ptr::from_ref(branch)) {
                    return facts.clone();
                }
                let facts = Self::at_depth(schemas, &[branch.into()], depth + 1, known);
                known.insert(branch, facts.clone());
                facts
            });
            if let Some(mut any) = branches.next() {
                branches.for_each(|branch| any.merge(branch));
                facts.restrict(any);
            }
        }
        facts
    }

    /// Either this or the other.
    pub(super) fn merge(&mut self, other: Facts<'a>) {
        self.kinds = self.kinds.or(other.kinds);
        self.required.retain(|key| other.required.contains(key));
        self.properties.extend(other.properties);
        self.tags.retain(|key, _| other.tags.contains_key(key));
        for (key, values) in &mut self.tags {
            values.extend(other.tags.get(key).into_iter().flatten().cloned());
        }
    }

    /// Both this and the other.
    fn restrict(&mut self, other: Facts<'a>) {
        self.kinds = self.kinds.and(other.kinds);
        self.required.extend(other.required);
        self.properties.extend(other.properties);
        self.tags.extend(other.tags);
    }

    /// Any string, or one of a list: several such branches are one.
    pub(super) fn is_plain_text(&self, node: &Node<'_>) -> bool {
        node.groups.is_empty()
            && !matches!(node.format, Some("byte" | "ipv4" | "ipv6"))
            && node.kinds.intersects(Kinds::STRING)
    }

    /// What an unnamed branch of these kinds is called.
    pub(super) fn word(&self) -> &'static str {
        match self.kinds.without(Kinds::NULL) {
            Kinds::BOOLEAN => "boolean",
            Kinds::INTEGER => "integer",
            Kinds::NUMBER | Kinds::FRACTION => "number",
            Kinds::STRING => "text",
            Kinds::ARRAY => "list",
            Kinds::OBJECT => "object",
            _ => "value",
        }
    }

    /// What an unnamed branch is recognised by when others are added: the first value of its tag, else a property.
    pub(super) fn mark(&self) -> Option<&str> {
        let mut tags = self.tags.iter().filter(|(key, _)| self.required.contains(*key));
        let value = tags.find_map(|(_, values)| values.first()).map(String::as_str);
        value.or(self.required.first().copied()).or(self.properties.first().copied())
    }

    /// The one value of its tag.
    pub(super) fn tag_word(&self) -> Option<String> {
        let mut tags =
            self.tags.iter().filter(|(key, values)| self.required.contains(*key) && values.len() == 1);
        tags.next().and_then(|(_, values)| values.first().cloned())
    }
}

/// Whether a schema, or one that it includes, may say which values there are.
fn may_list(schema: &Schema) -> bool {
    let lists = |keyword: &Keyword| {
        matches!(keyword, Keyword::Enum(_) | Keyword::Const(_) | Keyword::Ref(_) | Keyword::AllOf(_))
    };
    schema.keywords().iter().any(lists)
}

fn tag_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    }
}

/// Schemas that include another by `allOf`: the branches of a discriminator without `oneOf`.
pub(super) fn heirs(schemas: &Schemas, id: SchemaId) -> Vec<(SchemaId, &Definition)> {
    let entries = schemas.entries.iter().enumerate().map(|(index, schema)| (SchemaId(index as u32), schema));
    let is_heir = |(index, schema): &(SchemaId, &Definition)| {
        *index != id
            && matches!(schema.name, SchemaName::Component(_))
            && schema.schema.all_of().is_some()
            && includes(schemas, &schema.schema, id)
    };
    entries.filter(is_heir).collect()
}

/// The plan of a union, and what is wrong with its discriminator.
pub(super) fn plan(
    schemas: &Schemas,
    branches: &[&Facts<'_>],
    discriminator: Option<&Discriminator>,
) -> (Dispatch, Vec<String>) {
    let mut faults = Vec::new();
    let mut dispatch = Dispatch::default();
    let null = Kinds::NULL;
    for (name, kind) in [
        ("boolean", Kinds::BOOLEAN),
        ("integer", Kinds::INTEGER),
        ("number", Kinds::FRACTION),
        ("string", Kinds::STRING),
        ("array", Kinds::ARRAY),
        ("null", null),
    ] {
        let mut admitting = admitting(branches, kind);
        if kind == null {
            admitting.retain(|index| branches.get(*index).is_some_and(|branch| branch.kinds == null));
        }
        if !admitting.is_empty() {
            dispatch.kinds.push((name, admitting));
        }
    }
    let mut objects = admitting(branches, Kinds::OBJECT);
    if objects.len() > 1 {
        dispatch.tag = match discriminator {
            Some(discriminator) => stated_tag(schemas, branches, &objects, discriminator, &mut faults),
            None => constant_tag(branches, &objects),
        };
        if dispatch.tag.is_none() {
            dispatch.keys = unique_keys(branches, &objects);
        }
        let decided = |index: &usize| {
            let required =
                |key: &str| branches.get(*index).is_some_and(|branch| branch.required.contains(key));
            match &dispatch.tag {
                Some((tag, values)) => required(tag) && values.iter().any(|(_, branch)| branch == index),
                None => dispatch.keys.iter().any(|(key, branch)| branch == index && required(key)),
            }
        };
        let default = discriminator.and_then(|discriminator| discriminator.default).and_then(|default| {
            let is_it = |index: &usize| named(schemas, branches, *index, default);
            objects.iter().copied().find(is_it)
        });
        match default {
            // It takes what has no tag, or an unknown one (OAS 3.2, 4.25.1); another branch only what it cannot.
            Some(default) => objects.sort_by_key(|index| *index != default),
            None => objects.retain(|index| !decided(index)),
        }
    }
    if !objects.is_empty() {
        dispatch.kinds.push(("object", objects));
    }
    (dispatch, faults)
}

/// The branches of a kind: those that admit few kinds and demand many keys before the others; of those that demand as
/// many, the ones that name many, so that the least is lost.
fn admitting(branches: &[&Facts<'_>], kind: Kinds) -> Vec<usize> {
    let mut found: Vec<usize> = (0..branches.len()).collect();
    found.retain(|index| branches.get(*index).is_some_and(|branch| branch.kinds.intersects(kind)));
    found.sort_by_key(|index| {
        let branch = branches.get(*index);
        let demands = branch.map_or(0, |branch| branch.required.len());
        let broad = branch.is_some_and(|branch| branch.kinds.and(Kinds::ANY.without(Kinds::NULL)).is_broad());
        let names = branch.map_or(0, |branch| branch.properties.len());
        (broad, Reverse(demands), Reverse(names))
    });
    found
}

/// The tag that the document states.
fn stated_tag(
    schemas: &Schemas,
    branches: &[&Facts<'_>],
    objects: &[usize],
    discriminator: &Discriminator,
    faults: &mut Vec<String>,
) -> Option<(String, Vec<(String, usize)>)> {
    let property = discriminator.property.as_str();
    let mut values: Vec<(String, usize)> = Vec::new();
    for (value, target) in &discriminator.mapping {
        match objects.iter().copied().find(|index| named(schemas, branches, *index, *target)) {
            Some(branch) => values.push((value.clone(), branch)),
            None => {
                let target = schemas.reference(*target);
                faults.push(format!("`{value}` is mapped to `\"{target}\"`, which is no branch"));
            }
        }
    }
    for index in objects {
        let Some(branch) = branches.get(*index) else { continue };
        let mapped = values.iter().any(|(_, known)| known == index);
        let constants = branch.tags.get(property).filter(|values| values.len() == 1).cloned();
        let name =
            branch.target.and_then(|id| schemas.get(id)).map(|schema| vec![super::component_name(schema)]);
        // A mapping adds names (OAS 4.8.25.3): a branch's own still counts, but where constants say what it may be.
        let own = if mapped && constants.is_some() { None } else { constants.or(name) };
        for value in own.into_iter().flatten() {
            if !values.iter().any(|(known, _)| *known == value) {
                values.push((value, *index));
            }
        }
    }
    Some((property.to_owned(), values)).filter(|(_, values)| !values.is_empty())
}

/// Whether a branch is the schema that a discriminator names.
fn named(schemas: &Schemas, branches: &[&Facts<'_>], branch: usize, target: SchemaId) -> bool {
    let key = schemas.get(target).map(|definition| definition.key.as_str());
    let Some(id) = branches.get(branch).and_then(|branch| branch.target) else { return false };
    id == target || schemas.get(id).is_some_and(|one| Some(&*super::component_name(one)) == key)
}

/// A property that has certain values in each branch, and no value in two of them.
fn constant_tag(branches: &[&Facts<'_>], objects: &[usize]) -> Option<(String, Vec<(String, usize)>)> {
    let first = branches.get(*objects.first()?)?;
    first.tags.keys().find_map(|key| {
        let mut values: Vec<(String, usize)> = Vec::new();
        for index in objects {
            let branch = branches.get(*index).filter(|branch| branch.required.contains(*key))?;
            for value in branch.tags.get(*key)? {
                match values.iter().find(|(known, _)| known == value) {
                    Some((_, known)) if known != index => return None,
                    Some(_) => {}
                    None => values.push((value.clone(), *index)),
                }
            }
        }
        Some(((*key).to_owned(), values))
    })
}

/// Keys that one branch alone has; those that it requires come first.
fn unique_keys(branches: &[&Facts<'_>], objects: &[usize]) -> Vec<(String, usize)> {
    let mut keys: Vec<(String, usize)> = Vec::new();
    let mut holders: HashMap<&str, usize> = HashMap::new();
    for branch in objects.iter().filter_map(|index| branches.get(*index)) {
        branch.properties.iter().for_each(|key| *holders.entry(key).or_default() += 1);
    }
    for index in objects {
        let Some(branch) = branches.get(*index) else { continue };
        let unique = |key: &str| {
            let own = usize::from(branch.properties.contains(key));
            holders.get(key).copied().unwrap_or(0) == own
        };
        let required = branch.required.iter().filter(|key| unique(key));
        let mut own: Vec<&str> = required.copied().collect();
        if own.is_empty() {
            own.extend(branch.properties.iter().filter(|key| unique(key)).copied());
        }
        keys.extend(own.into_iter().map(|key| (key.to_owned(), *index)));
    }
    keys
}
