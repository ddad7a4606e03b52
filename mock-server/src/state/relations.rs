//! References between records: `userId` is the identity of a record of `/users`, `user` that record itself.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::collections::{CollectionPlan, Part, Role};
use super::store::{Items, Scope};
use crate::vocabulary::seed::Seed;
use crate::vocabulary::value_path::{fold, plain};

/// The depth to which references are sought in a record.
const MAX_DEPTH: usize = 6;
/// Names of people by what they do, where the document has a collection of people.
const PEOPLE: [&str; 11] = [
    "owner",
    "author",
    "creator",
    "assignee",
    "reporter",
    "sender",
    "recipient",
    "createdby",
    "updatedby",
    "customer",
    "member",
];
/// Names of collections of people.
const USERS: [&str; 4] = ["user", "person", "member", "account"];

/// What references name: the records of each scope, before they refer to each other.
pub(super) trait Records {
    /// Returns the records of a scope.
    fn bare(&self, scope: &Scope, collection: usize) -> Arc<Items>;

    /// Returns the seed of a scope.
    fn seed(&self, scope: &Scope, collection: usize) -> Seed;
}

/// What references become.
#[derive(Clone, Copy)]
pub(super) struct To<'a> {
    pub(super) records: &'a dyn Records,
    /// Whether an object that stands for a record has the values of that record.
    pub(super) embeds: bool,
}

/// The collections that records refer to.
pub(super) struct Relations {
    targets: Vec<Target>,
}

/// A collection without parents, and the noun for one of its records.
struct Target {
    collection: usize,
    path: String,
    noun: String,
    /// The folded name of the property that holds the identity, and the name itself.
    identity: (String, String),
    /// Whether a list shows its records: of several collections of a noun, references mean this one.
    is_listed: bool,
}

impl Relations {
    /// Lists the collections of a plan that have no parents.
    pub(super) fn new(plan: &CollectionPlan) -> Self {
        let target = |(collection, one): (usize, &super::collections::Collection)| {
            let identity = one.identity.clone()?;
            let noun = singular(&fold(one.path.rsplit('/').next()?));
            let is_open = !one.path.contains('{') && noun.len() > 1;
            let path = one.path.clone();
            let of_list = |part: &Part| part.collection == collection && part.role == Role::List;
            let is_listed = plan.parts.values().any(of_list);
            let identity = (fold(&identity), identity);
            is_open.then_some(Target { collection, path, noun, identity, is_listed })
        };
        Self { targets: plan.collections.iter().enumerate().filter_map(target).collect() }
    }

    /// Returns a record whose members name the parents of its scope: the values of the path's parameters.
    pub(super) fn with_parents(&self, mut record: Value, scope: &Scope) -> Value {
        let Some(members) = record.as_object_mut() else { return record };
        let mut segments = scope.collection.split('/');
        let mut noun = String::new();
        let mut parents = scope.parents.iter();
        for segment in segments.by_ref() {
            let Some(parameter) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
                noun = singular(&fold(segment));
                continue;
            };
            let Some(parent) = parents.next() else { break };
            let wanted = fold(parameter);
            let names = [wanted.clone(), format!("{noun}{wanted}"), format!("{noun}id")];
            let is_generic = ["id", "uuid", "name", "key", "slug", "code"].contains(&wanted.as_str());
            for (name, member) in members.iter_mut() {
                let folded = fold(name);
                let is_it = names.iter().skip(usize::from(is_generic)).any(|known| *known == folded);
                if is_it && let Some(value) = like(member, parent) {
                    *member = value;
                }
            }
        }
        record
    }

    /// Returns a value whose references name records of the stock. `identity` is the value's own, which stays.
    pub(super) fn relate(&self, to: To<'_>, mut value: Value, seed: Seed, identity: Option<&str>) -> Value {
        if let Some(members) = value.as_object_mut() {
            self.members(to, members, seed, identity, 0);
        }
        value
    }

    fn members(
        &self,
        to: To<'_>,
        members: &mut Map<String, Value>,
        seed: Seed,
        identity: Option<&str>,
        depth: usize,
    ) {
        if depth >= MAX_DEPTH || self.targets.is_empty() {
            return;
        }
        for (name, member) in members.iter_mut().filter(|(name, _)| Some(name.as_str()) != identity) {
            let (seed, folded) = (seed.with(name), fold(name));
            self.member(to, &folded, member, seed, depth);
        }
    }

    fn member(&self, to: To<'_>, folded: &str, member: &mut Value, seed: Seed, depth: usize) {
        match member {
            Value::String(_) | Value::Number(_) => {
                let id = self.by_key(folded).and_then(|(target, suffix)| {
                    let (id, record) = target.pick(to.records, seed)?;
                    like(member, &held(&record, suffix).unwrap_or(id))
                });
                *member = id.unwrap_or_else(|| member.take());
            }
            Value::Object(inner) => {
                match self.by_noun(folded).filter(|target| to.embeds && target.is_in(inner)) {
                    Some(target) => self.embed(to, target, inner, seed, depth),
                    None => self.members(to, inner, seed, None, depth + 1),
                }
            }
            Value::Array(items) => {
                let one = singular(folded);
                for (index, item) in items.iter_mut().enumerate() {
                    self.member(to, &one, item, seed.with(&index.to_string()), depth + 1);
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// Gives an object inside a record the values of the record that it stands for.
    fn embed(&self, to: To<'_>, target: &Target, inner: &mut Map<String, Value>, seed: Seed, depth: usize) {
        let Some((id, record)) = target.pick(to.records, seed) else { return };
        for (name, member) in inner.iter_mut() {
            let known = record.get(name).filter(|known| is_alike(known, member));
            member.clone_from(&known.cloned().unwrap_or_else(|| member.clone()));
        }
        let seed = to.records.seed(&target.scope(), target.collection).with(&id);
        self.members(to, inner, seed, Some(&target.identity.1), depth + 1);
    }

    /// Returns the collection whose records a property of this name refers to, and the folded name of the member that it
    /// holds: `userId`, `ownerId`, `created_by`.
    fn by_key(&self, folded: &str) -> Option<(&Target, &str)> {
        let by_suffix = |target| Some((target, Target::suffix(target, folded)?));
        let found = self.targets.iter().filter_map(by_suffix);
        found.max_by_key(|(target, _)| (target.noun.len(), target.is_listed)).or_else(|| {
            let person = self.targets.iter().find(|target| target.is_people() && folded.ends_with("edby"))?;
            Some((person, person.identity.0.as_str()))
        })
    }

    fn by_noun(&self, folded: &str) -> Option<&Target> {
        let called = self.targets.iter().filter(|target| target.is_called(folded));
        called.min_by_key(|target| !target.is_listed)
    }
}

impl Target {
    fn scope(&self) -> Scope {
        Scope { collection: self.path.clone(), parents: Vec::new() }
    }

    /// Returns the ending by which a folded name refers to a record: after the noun, the name of a member.
    fn suffix(&self, folded: &str) -> Option<&str> {
        let suffixes = [self.identity.0.as_str(), "id", "uuid"];
        let called = |suffix: &&str| folded.strip_suffix(suffix).is_some_and(|rest| self.is_called(rest));
        suffixes.into_iter().find(called)
    }

    fn is_people(&self) -> bool {
        USERS.contains(&self.noun.as_str())
    }

    /// Whether a folded name means a record of the collection: `user`, `billinguser`, `owner`.
    fn is_called(&self, folded: &str) -> bool {
        let is_last = self.noun.len() > 3 && folded.ends_with(&self.noun);
        folded == self.noun || is_last || self.is_people() && PEOPLE.contains(&folded)
    }

    /// Whether an object has the property that identifies a record.
    fn is_in(&self, object: &Map<String, Value>) -> bool {
        object.contains_key(&self.identity.1)
    }

    /// Returns one of the records that the collection begins with.
    fn pick(&self, stock: &dyn Records, seed: Seed) -> Option<(String, Value)> {
        let items = stock.bare(&self.scope(), self.collection);
        let index = seed.value().checked_rem(u64::try_from(items.len()).ok()?)?;
        let (id, record) = items.get_index(usize::try_from(index).ok()?)?;
        Some((id.clone(), record.clone()))
    }
}

/// Returns the text or number that a record has in a member: a collection may identify its records by `name`, and others
/// refer to their `id`.
fn held(record: &Value, folded: &str) -> Option<String> {
    let (_, value) = record.as_object()?.iter().find(|(name, _)| fold(name) == folded)?;
    (value.is_string() || value.is_number()).then(|| plain(value))
}

/// Returns a text as a value of the kind of another.
fn like(member: &Value, text: &str) -> Option<Value> {
    match member {
        Value::String(_) => Some(Value::from(text)),
        Value::Number(_) => text.parse::<i64>().ok().map(Value::from),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn is_alike(a: &Value, b: &Value) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}

/// Returns the singular of a folded English noun.
pub(super) fn singular(plural: &str) -> String {
    let cut = |ending: &str, by: &str| Some(format!("{}{by}", plural.strip_suffix(ending)?));
    let irregular = if plural == "people" { Some("person".to_owned()) } else { None };
    let by_es = || ["sses", "xes", "ches", "shes"].iter().any(|ending| plural.ends_with(ending));
    irregular
        .or_else(|| cut("ies", "y"))
        .or_else(|| cut("es", "").filter(|_| by_es()))
        .or_else(|| cut("s", "").filter(|_| !plural.ends_with("ss") && !plural.ends_with("us")))
        .unwrap_or_else(|| plural.to_owned())
}

#[cfg(test)]
mod tests {
    use super::singular;

    #[test]
    fn plurals_have_singulars() {
        for (plural, expected) in [
            ("users", "user"),
            ("categories", "category"),
            ("addresses", "address"),
            ("boxes", "box"),
            ("people", "person"),
            ("status", "status"),
            ("news", "new"),
        ] {
            assert_eq!(singular(plural), expected);
        }
    }
}
