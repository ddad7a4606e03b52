//! Draws a value for the schemas that hold together at one place: examples first, else one way after another through
//! their alternatives until the value keeps them all.

use serde_json::Value;

use super::{
    Sampler, SamplerOptions, Unsatisfiable,
    gather::{Choice, Gathered},
    height::{ENDLESS, Height, Heights},
};
use crate::{
    fault::Place,
    judge::{Judge, Rules},
    node::{DefId, Node},
    random::{Random, Seed},
    set::Set,
    shape::Kinds,
};

/// Levels beyond [`SamplerOptions::max_depth`] that what is required may still take.
const SPARE_DEPTH: usize = 40;
/// Draws in all, repeated ones included, for each value that a sample may have.
const WORK_PER_NODE: usize = 8;
/// Ways tried at one place.
const MOST_TRIES: usize = 48;

/// One sample in the making.
pub(crate) struct Drawer<'s> {
    pub(super) set: &'s Set,
    pub(super) options: SamplerOptions,
    pub(super) rules: Rules,
    sampler: &'s Sampler,
    /// Whether every draw is judged, not only those that construction leaves in doubt.
    careful: bool,
    /// Draws that are left.
    work: usize,
    /// Values that the sample may still have.
    pub(super) room: usize,
    /// The definitions that lead here and have anchors, for `$dynamicRef`.
    path: Vec<DefId>,
}

/// Where a value is drawn.
#[derive(Clone, Copy)]
pub(super) struct Spot<'p> {
    pub(super) place: &'p Place<'p>,
    /// The name of the property that the value is in, nearest first.
    pub(super) name: &'p str,
    pub(super) seed: Seed,
    pub(super) depth: usize,
    /// How often this place was tried before.
    pub(super) attempt: usize,
}

impl Spot<'_> {
    pub(super) fn random(&self) -> Random {
        match self.attempt {
            0 => self.seed.random(),
            attempt => self.seed.again(attempt).random(),
        }
    }

    pub(super) fn fail(&self, reason: impl Into<String>) -> Unsatisfiable {
        Unsatisfiable { pointer: self.place.pointer(), reason: reason.into() }
    }
}

pub(super) type Drawn = Result<Value, Unsatisfiable>;

impl<'s> Drawer<'s> {
    pub(crate) fn new(sampler: &'s Sampler, careful: bool) -> Drawer<'s> {
        let options = sampler.options;
        Drawer {
            set: &sampler.set.0,
            options,
            rules: Rules { direction: sampler.validator.direction(), forbid_hidden: true },
            sampler,
            careful,
            work: options.max_nodes.saturating_mul(WORK_PER_NODE),
            room: options.max_nodes,
            path: Vec::new(),
        }
    }

    pub(super) fn root(&mut self, root: DefId, seed: u64) -> Drawn {
        let spot = Spot { place: &Place::Root, name: "", seed: Seed::root(seed), depth: 0, attempt: 0 };
        let Some(def) = self.set.def(root) else { return Err(spot.fail("there is no schema")) };
        self.path.extend((!def.anchors.is_empty()).then_some(root));
        self.draw(&[&def.node], spot)
    }

    /// A value that keeps all of `nodes`.
    pub(super) fn draw(&mut self, nodes: &[&'s Node], spot: Spot<'_>) -> Drawn {
        if spot.depth > self.options.max_depth.saturating_add(SPARE_DEPTH) {
            return Err(spot.fail("it requires itself without end"));
        }
        if self.room == 0 {
            return Err(spot.fail(format!("too large: more than {} values", self.options.max_nodes)));
        }
        let gathered = self.gather(nodes);
        if let Some(example) = self.example(nodes, &gathered, spot) {
            return Ok(example);
        }
        let entered = self.path.len();
        let has_anchors = |id: &&DefId| self.set.def(**id).is_some_and(|def| !def.anchors.is_empty());
        self.path.extend(gathered.entered.iter().filter(has_anchors));
        let drawn = self.tries(nodes, &gathered, spot);
        self.path.truncate(entered);
        drawn
    }

    /// An example of the schemas that keeps them all.
    fn example(&mut self, nodes: &[&'s Node], gathered: &Gathered<'s>, spot: Spot<'_>) -> Option<Value> {
        if !self.options.examples_first || spot.attempt > 0 {
            return None;
        }
        for notes in gathered.nodes.iter().filter_map(|node| node.notes.as_ref()) {
            let count = notes.examples.len();
            let start = if count > 1 { spot.random().below(count) } else { 0 };
            let in_turn = notes.examples.iter().cycle().skip(start).take(count);
            for example in in_turn {
                let size = size(example);
                if size <= self.room && self.keeps(nodes, example) {
                    self.room -= size;
                    return Some(example.clone());
                }
            }
        }
        None
    }

    fn tries(&mut self, nodes: &[&'s Node], gathered: &Gathered<'s>, spot: Spot<'_>) -> Drawn {
        let mut failure = None;
        let room = self.room;
        let most = self.most_tries(gathered);
        for attempt in 0..most {
            let Some(work) = self.work.checked_sub(1) else {
                return Err(spot.fail("too much work to find a value"));
            };
            self.work = work;
            self.room = room - 1;
            let spot = Spot { attempt: spot.attempt + attempt, ..spot };
            let way = self.way(gathered, attempt, spot);
            let is_exact = way.choices.is_empty() && !self.careful;
            match self.compose(&way, spot) {
                Ok(value) if is_exact || self.keeps(nodes, &value) => return Ok(value),
                Ok(value) => failure = Some(self.explain(nodes, &value, spot)),
                Err(reason) => failure = failure.or(Some(reason)),
            }
        }
        Err(failure.unwrap_or_else(|| spot.fail("nothing tried was valid")))
    }

    fn most_tries(&self, gathered: &Gathered<'s>) -> usize {
        let ways =
            gathered.choices.iter().fold(1_usize, |ways, choice| ways.saturating_mul(choice.count().max(1)));
        let least = if self.careful || ways > 1 { 8 } else { 3 };
        ways.saturating_mul(2).clamp(least, MOST_TRIES)
    }

    /// The constraints of one way through the choices; the `attempt`s count through all combinations.
    fn way(&self, gathered: &Gathered<'s>, attempt: usize, spot: Spot<'_>) -> Gathered<'s> {
        let mut way = Gathered {
            nodes: gathered.nodes.clone(),
            choices: gathered.choices.clone(),
            entered: gathered.entered.clone(),
            tags: gathered.tags.clone(),
        };
        let (mut turn, mut next) = (attempt, 0);
        let mut random = spot.seed.choice().random();
        // What is chosen may leave further choices; a schema that leads back to itself could do so without end.
        while let Some(choice) = way.choices.get(next).copied().filter(|_| next < 64) {
            next += 1;
            let count = choice.count().max(1);
            let first = self.preferred(choice, spot, &mut random);
            let index = (first + turn) % count;
            turn /= count;
            if let Choice::Among(nodes, Some(discriminator)) = choice
                && let Some(node) = nodes.get(index)
            {
                self.tag(&mut way, discriminator, node);
            }
            choice.way(index).for_each(|node| self.enter(&mut way, node));
        }
        way
    }

    /// The alternative to try first: any at random, but rarely `null`; the shallowest where the sample is deep.
    fn preferred(&self, choice: Choice<'s>, spot: Spot<'_>, random: &mut Random) -> usize {
        let Choice::Among(nodes, _) = choice else { return 0 };
        let drawn = random.below(nodes.len());
        if spot.depth > self.options.max_depth {
            let heights = self.heights();
            let lowest = nodes.iter().enumerate().min_by_key(|(i, node)| (heights.of(node), *i));
            return lowest.map_or(drawn, |(i, _)| i);
        }
        let is_null = |index: usize| nodes.get(index).is_some_and(|node| node.kinds == Kinds::NULL);
        let wants_null = random.below(8) == 0;
        if wants_null {
            drawn
        } else {
            (drawn..drawn + nodes.len()).map(|i| i % nodes.len()).find(|i| !is_null(*i)).unwrap_or(drawn)
        }
    }

    pub(super) fn heights(&self) -> &'s Heights {
        self.sampler.heights.get_or_init(|| Heights::from(self.set, self.sampler.root))
    }

    /// Whether some value ends below this schema.
    pub(super) fn is_endless(&self, node: &Node) -> bool {
        self.height(node) == ENDLESS
    }

    pub(super) fn height(&self, node: &Node) -> Height {
        self.heights().of(node)
    }

    pub(super) fn keeps(&self, nodes: &[&'s Node], value: &Value) -> bool {
        let mut judge = Judge::on(self.set, self.rules, &self.path);
        nodes.iter().all(|node| judge.holds(node, value))
    }

    fn explain(&self, nodes: &[&'s Node], value: &Value, spot: Spot<'_>) -> Unsatisfiable {
        let mut faults = crate::fault::Faults::up_to(1);
        let mut judge = Judge::on(self.set, self.rules, &self.path);
        let _ = nodes.iter().try_for_each(|node| judge.node(&mut faults, node, value, spot.place));
        match faults.found.pop() {
            Some(fault) => Unsatisfiable {
                pointer: fault.pointer,
                reason: format!("nothing tried kept `{}`: {}", fault.keyword, fault.message),
            },
            None => spot.fail("nothing tried was valid"),
        }
    }

    /// The schema that a `$dynamicRef` means, at a place that was reached by way of `entered`.
    pub(super) fn dynamic_target(&self, anchor: &str, entered: &[DefId]) -> Option<&'s Node> {
        let mut anchors =
            self.path.iter().chain(entered).filter_map(|id| self.set.def(*id)).flat_map(|def| &def.anchors);
        anchors.find(|(name, _)| **name == *anchor).map(|(_, node)| node)
    }

    /// A value for constraints without further choice.
    fn compose(&mut self, way: &Gathered<'s>, spot: Spot<'_>) -> Drawn {
        let nodes = &way.nodes;
        if let Some(listed) = self.listed(nodes, spot) {
            return listed;
        }
        let kinds = nodes.iter().fold(Kinds::ANY, |kinds, node| kinds.and(node.kinds));
        match self.kind(kinds, nodes, spot) {
            Some(Kinds::NULL) => Ok(Value::Null),
            Some(Kinds::BOOLEAN) => Ok(Value::Bool(self.boolean(nodes, spot))),
            Some(Kinds::STRING) => self.text(nodes, spot),
            Some(Kinds::ARRAY) => self.array(nodes, spot),
            Some(Kinds::OBJECT) => self.object(way, spot),
            Some(_) => self.number(nodes, kinds, spot),
            None => Err(spot.fail("no type is left that all of its schemas admit")),
        }
    }

    /// One of the values that `const` or `enum` list, where one of the schemas has them.
    fn listed(&self, nodes: &[&'s Node], spot: Spot<'_>) -> Option<Drawn> {
        let values = nodes.iter().filter_map(|node| node.values.as_ref());
        let constant = values.clone().find_map(|values| values.constant.as_ref());
        let options = match constant {
            Some(constant) => std::slice::from_ref(constant),
            None => values
                .clone()
                .filter_map(|values| values.options.as_deref())
                .min_by_key(|options| options.len())?,
        };
        let start = spot.seed.random().below(options.len()) + spot.attempt;
        let in_turn = (0..options.len()).filter_map(|i| options.get((start + i) % options.len()));
        let keeps = |option: &&Value| {
            let mut judge = Judge::on(self.set, self.rules, &self.path);
            nodes.iter().all(|node| judge.own(node, option))
        };
        let mut fitting = in_turn.filter(keeps);
        let first = fitting.next();
        let chosen = first.filter(|option| !option.is_null()).or_else(|| fitting.next()).or(first);
        Some(chosen.cloned().ok_or_else(|| spot.fail("no listed value keeps the rest")))
    }

    /// The kind to draw; `None` where none is left.
    fn kind(&self, kinds: Kinds, nodes: &[&'s Node], spot: Spot<'_>) -> Option<Kinds> {
        let suggested = if kinds == Kinds::ANY { suggested(nodes) } else { kinds };
        let each = [Kinds::OBJECT, Kinds::ARRAY, Kinds::STRING, Kinds::NUMBER, Kinds::BOOLEAN, Kinds::NULL];
        let mut left: Vec<_> = each.into_iter().filter(|kind| suggested.intersects(*kind)).collect();
        let mut random = spot.random();
        let is_deep = spot.depth > self.options.max_depth;
        if left.len() > 1 && is_deep {
            left.retain(|kind| {
                !matches!(*kind, Kinds::OBJECT | Kinds::ARRAY)
                    || nodes.iter().all(|node| !self.is_endless(node))
            });
        }
        if left.len() > 1 && (!is_deep && random.below(8) > 0) {
            left.retain(|kind| *kind != Kinds::NULL);
        }
        let start = random.below(left.len());
        left.get(if is_deep { left.len().checked_sub(1)? } else { start }).copied()
    }

    fn boolean(&self, nodes: &[&'s Node], spot: Spot<'_>) -> bool {
        let drawn = (spot.seed.random().next() & 1 == 1) != (spot.attempt % 2 == 1);
        let is_excluded = |value: bool| {
            let values = nodes.iter().filter_map(|node| node.values.as_ref());
            values.flat_map(|values| &values.excluded).any(|known| *known == Value::Bool(value))
        };
        drawn != is_excluded(drawn)
    }
}

/// The kinds that schemas without `type` talk about; a string where they talk about none.
fn suggested(nodes: &[&Node]) -> Kinds {
    let about = |node: &&Node| {
        let object = node.objects.as_ref().map(|_| Kinds::OBJECT);
        let array = node.arrays.as_ref().map(|_| Kinds::ARRAY);
        let text = node.texts.as_ref().map(|_| Kinds::STRING);
        let number = node.numbers.as_ref().map(|_| Kinds::NUMBER);
        object.or(array).or(text).or(number)
    };
    nodes.iter().find_map(about).unwrap_or(Kinds::STRING)
}

/// How many JSON values a value is made of.
fn size(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(members) => 1 + members.values().map(size).sum::<usize>(),
        _ => 1,
    }
}
