//! Samples objects: required properties, then declared ones, then those that a count or a map requires.

use rustc_hash::FxHashSet;
use serde_json::{Map, Value};

use super::{
    Few, Suit,
    around::Around,
    draw::{Detail, Drawer, Drawn, Failure, Spot, gather::Gathered},
};
use crate::{
    fault::Place,
    node::{Field, Node, Objects},
    words,
};

/// Members of a map of which the schema only says what they look like.
const MAP_SIZE: usize = 2;
/// Names tried for one member that the schema does not name.
const NAME_TRIES: usize = 24;

/// The members to draw.
struct Plan<'s> {
    /// In the order in which they will stand.
    names: Vec<&'s str>,
    required: Required<'s>,
    min: u64,
    max: u64,
}

/// Names of which one is sought.
struct Required<'s> {
    names: Few<&'s str>,
    /// The same, where there are so many that reading them all takes longer.
    index: FxHashSet<&'s str>,
}

/// Lists of names up to this length are read from the start.
const SHORT: usize = 32;

impl<'s> From<Few<&'s str>> for Required<'s> {
    fn from(names: Few<&'s str>) -> Required<'s> {
        let index = names.iter().copied().filter(|_| names.len() > SHORT).collect();
        Required { names, index }
    }
}

impl Required<'_> {
    fn holds(&self, name: &str) -> bool {
        if self.names.len() > SHORT { self.index.contains(name) } else { self.names.contains(&name) }
    }
}

impl<'s> Plan<'s> {
    fn is_required(&self, name: &str) -> bool {
        self.required.holds(name)
    }
}

impl<'s> Drawer<'s> {
    pub(super) fn object(&mut self, way: &Gathered<'s>, spot: Spot<'_>) -> Drawn {
        let has_dependents =
            |node: &Node| node.logic.as_ref().is_some_and(|logic| !logic.dependent.is_empty());
        let is_wider = way.nodes.iter().any(|node| has_dependents(node));
        let wider = is_wider.then(|| self.with_dependents(way, spot));
        let Gathered { nodes, tags, .. } = wider.as_ref().unwrap_or(way);
        let rules: Few<_> = nodes.iter().filter_map(|node| node.objects.as_deref()).collect();
        let plan = self.plan(&rules, spot);
        if plan.min > self.options.max_items {
            return Err(spot.fail(format!("too large: at least {} properties", plan.min)));
        }
        if let Some((name, reason)) = self.hopeless_member(&rules, &plan) {
            return Err(Spot { place: &Place::Member(spot.place, name), ..spot }.fail(reason));
        }
        let mut members = Map::with_capacity(plan.names.len());
        let around = Around::new(spot.seed, spot.around, is_person(&rules), self.options.now);
        let within = Spot { around: Some(around), ..spot };
        for name in &plan.names {
            self.add(&mut members, &rules, tags, name, plan.is_required(name), within)?;
        }
        self.fill(&mut members, &rules, &plan, spot)?;
        Ok(Value::Object(members))
    }

    /// A required member that is known to have no value: no need to draw the others.
    fn hopeless_member(&self, rules: &[&'s Objects], plan: &Plan<'s>) -> Option<(&'s str, String)> {
        let reason =
            |name: &&'s str| Some((*name, self.hopeless(&self.member_schemas(rules, name).0)?.to_owned()));
        self.has_hopeless().then(|| plan.required.names.iter().find_map(reason)).flatten()
    }

    /// Adds the member `name`; if nothing can be drawn for one that may be absent, it is.
    fn add(
        &mut self,
        members: &mut Map<String, Value>,
        rules: &[&'s Objects],
        tags: &[(&str, &str)],
        name: &str,
        is_required: bool,
        spot: Spot<'_>,
    ) -> Result<(), Failure> {
        let (nodes, field) = self.member_schemas(rules, name);
        let tag = tags.iter().find(|(property, _)| *property == name).map(|(_, value)| Value::from(*value));
        if let Some(tag) = tag.filter(|tag| self.keeps(&nodes, tag)) {
            members.insert(name.to_owned(), tag);
            return Ok(());
        }
        let place = Place::Member(spot.place, name);
        let made = if field.is_none() { Suit::of(name) } else { Suit::NONE };
        let below = Spot {
            place: &place,
            suit: field.map_or(&made, |field| field.suit(name)),
            around: spot.around,
            seed: spot.seed.member(name),
            depth: spot.depth + 1,
            attempt: spot.attempt,
        };
        let room = self.room;
        match self.draw(&nodes, below) {
            Ok(value) => drop(members.insert(name.to_owned(), value)),
            Err(failure) if is_required => return Err(failure),
            Err(_) => self.room = room,
        }
        Ok(())
    }

    /// The schemas of the member `name`: of each object schema the property, the patterns, or what it says of others.
    /// With them the first property of the name.
    fn member_schemas(&self, rules: &[&'s Objects], name: &str) -> (Few<&'s Node>, Option<&'s Field>) {
        let (mut nodes, mut first) = (Few::new(), None);
        let mut is_evaluated = false;
        for objects in rules {
            let field = objects.fields.get(name);
            nodes.extend(field.map(|field| &field.node));
            first = first.or(field);
            let count = nodes.len();
            nodes.extend(
                objects.patterns.iter().filter(|(pattern, _)| pattern.is_match(name)).map(|(_, node)| node),
            );
            if field.is_none() && nodes.len() == count {
                nodes.extend(&objects.additional);
                is_evaluated |= objects.additional.is_some();
            } else {
                is_evaluated = true;
            }
        }
        if !is_evaluated {
            nodes.extend(rules.iter().filter_map(|objects| objects.unevaluated.as_ref()));
        }
        (nodes, first)
    }

    /// Whether what schemas that hold together name, or speak of, is all that a value has, where they name anything.
    pub(super) fn names_all(&self, nodes: &[&'s Node], value: &Value, levels: usize) -> bool {
        let (Some(levels), Some(members)) = (levels.checked_sub(1), value.as_object()) else { return true };
        let rules: Few<_> = nodes.iter().filter_map(|node| node.objects.as_deref()).collect();
        let names = |(name, value): (&String, &Value)| {
            let (nodes, _) = self.member_schemas(&rules, name);
            let below = self.gather(&nodes);
            let is_settled = below.choices.is_empty();
            !nodes.is_empty() && (!is_settled || self.names_all(&below.nodes, value, levels))
        };
        fields(&rules) == 0 || members.iter().all(names)
    }

    fn plan(&self, rules: &[&'s Objects], spot: Spot<'_>) -> Plan<'s> {
        let min = rules.iter().map(|objects| objects.min).max().unwrap_or(0);
        let max = rules.iter().filter_map(|objects| objects.max).min().unwrap_or(u64::MAX);
        let required = Required::from(self.required(rules));
        let detail = if spot.attempt % 3 == 1 { Detail::Least } else { self.detail(spot) };
        let most = if detail == Detail::Least { min } else { max };
        let mut optional = usize::try_from(most).unwrap_or(usize::MAX).saturating_sub(required.names.len());
        let mut names = Vec::with_capacity(fields(rules));
        for (name, node) in self.declared(rules) {
            let is_required = required.holds(name);
            if is_required || (optional > 0 && (detail != Detail::Plain || self.is_plain(node))) {
                names.push(name);
                optional -= usize::from(!is_required);
            }
        }
        let declared = Required::from(names.iter().copied().collect::<Few<_>>());
        names.extend(required.names.iter().copied().filter(|name| !declared.holds(name)));
        Plan { names, required, min, max }
    }

    /// What must be there: by `required`, and by `dependentRequired` of that.
    fn required(&self, rules: &[&'s Objects]) -> Few<&'s str> {
        let mut names: Few<&str> = Few::new();
        let listed = rules.iter().flat_map(|objects| &objects.required);
        for required in listed.filter(|required| !required.hidden.is_in(self.rules.direction)) {
            if !names.contains(&&*required.name) {
                names.push(&required.name);
            }
        }
        let mut next = 0;
        while let Some(name) = names.get(next).copied() {
            next += 1;
            let dependent =
                rules.iter().flat_map(|objects| &objects.dependent).filter(|(known, _)| known == name);
            for needed in dependent.flat_map(|(_, needed)| needed) {
                if !names.contains(&needed.as_str()) {
                    names.push(needed);
                }
            }
        }
        names
    }

    /// What may be there by name: declared, not hidden, and admitted by some value; and its first schema.
    fn declared(&self, rules: &[&'s Objects]) -> Vec<(&'s str, &'s Node)> {
        let mut names: Vec<(&str, &Node)> = Vec::with_capacity(fields(rules));
        for (name, field) in rules.iter().flat_map(|objects| objects.fields.iter()) {
            let may_be = !field.node.is_false() && !field.hidden.is_in(self.rules.direction);
            let is_known = || rules.len() > 1 && names.iter().any(|(known, _)| *known == name);
            if may_be && !is_known() && self.is_name(rules, name) {
                names.push((name, &field.node));
            }
        }
        names
    }

    /// Adds members that the schema does not name: as many as it asks for, or a few where it describes a map.
    fn fill(
        &mut self,
        members: &mut Map<String, Value>,
        rules: &[&'s Objects],
        plan: &Plan<'s>,
        spot: Spot<'_>,
    ) -> Result<(), Failure> {
        let is_map = plan.names.is_empty()
            && rules.iter().any(|objects| objects.additional.is_some() || !objects.patterns.is_empty());
        let is_shown = self.detail(spot) >= Detail::Brief && spot.attempt % 3 != 1;
        let wished = if is_map && is_shown { MAP_SIZE } else { 0 };
        let min = usize::try_from(plan.min).unwrap_or(usize::MAX);
        let wanted = min.max(wished).min(usize::try_from(plan.max).unwrap_or(usize::MAX));
        let mut tries = 0;
        while members.len() < wanted && tries < wanted.saturating_add(NAME_TRIES) {
            if let Some(name) = self.new_name(members, rules, tries, spot) {
                self.add(members, rules, &[], &name, false, spot)?;
            }
            tries += 1;
        }
        match members.len() < min {
            true => Err(spot.fail(format!("no names for at least {} properties", plan.min))),
            false => Ok(()),
        }
    }

    /// A name for a member that the schema does not name.
    fn new_name(
        &mut self,
        members: &Map<String, Value>,
        rules: &[&'s Objects],
        attempt: usize,
        spot: Spot<'_>,
    ) -> Option<String> {
        let seed = spot.seed.name(attempt);
        let spot = Spot { seed, attempt: 0, ..spot };
        let name = self.any_name(rules, attempt, spot)?;
        let (nodes, declared) = self.member_schemas(rules, &name);
        let is_admitted = !nodes.iter().any(|node| node.is_false()) && self.is_name(rules, &name);
        (declared.is_none() && is_admitted && !members.contains_key(&name)).then_some(name)
    }

    fn any_name(&mut self, rules: &[&'s Objects], attempt: usize, spot: Spot<'_>) -> Option<String> {
        let names: Vec<_> = rules.iter().filter_map(|objects| objects.names.as_ref()).collect();
        let patterns: Vec<_> = rules.iter().flat_map(|objects| &objects.patterns).collect();
        if !names.is_empty() && (attempt.is_multiple_of(2) || patterns.is_empty()) {
            let drawn = self.draw(&names, Spot { suit: &Suit::NONE, around: None, depth: 0, ..spot });
            return drawn.ok()?.as_str().map(str::to_owned);
        }
        match patterns.get(attempt % patterns.len().max(1)) {
            Some((pattern, _)) => self.matching(pattern, 0, self.options.max_length, spot),
            None => {
                let mut random = spot.seed.random();
                let word = random.word(words::NOUNS);
                Some(if attempt < MAP_SIZE {
                    word.to_owned()
                } else {
                    format!("{word}{}", random.below(10_000))
                })
            }
        }
    }

    fn is_name(&self, rules: &[&'s Objects], name: &str) -> bool {
        let mut names = rules.iter().filter_map(|objects| objects.names.as_ref());
        names.all(|names| self.keeps(&[names], &Value::from(name)))
    }

    /// The schemas together with those that hold because a property will be there (`dependentSchemas`).
    fn with_dependents(&self, way: &Gathered<'s>, spot: Spot<'_>) -> Gathered<'s> {
        let mut all = Gathered { nodes: way.nodes.clone(), tags: way.tags.clone(), ..Gathered::default() };
        let mut next = 0;
        while let Some(node) = all.nodes.get(next).copied() {
            next += 1;
            let Some(logic) = node.logic.as_ref().filter(|logic| !logic.dependent.is_empty()) else {
                continue;
            };
            let rules: Few<_> = all.nodes.iter().filter_map(|node| node.objects.as_deref()).collect();
            let present = self.plan(&rules, spot).names;
            for (_, dependent) in logic.dependent.iter().filter(|(name, _)| present.contains(&name.as_str()))
            {
                self.enter(&mut all, dependent);
            }
        }
        all
    }
}

/// Whether an object describes a person: it has a name or an address that only people have.
fn is_person(rules: &[&Objects]) -> bool {
    let mut fields = rules.iter().flat_map(|objects| objects.fields.iter());
    fields.any(|(name, field)| field.suit(name).is_of_person())
}

/// How many properties are declared, at most.
fn fields(rules: &[&Objects]) -> usize {
    rules.iter().map(|objects| objects.fields.len()).sum()
}
