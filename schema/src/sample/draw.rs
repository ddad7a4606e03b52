//! Samples a value for the schemas that apply at one position: examples first, then one choice of alternatives after
//! another until the value satisfies all schemas.

mod choose;
pub(super) mod gather;

use std::cell::Cell;

use descant_model::api::SchemaId;
use descant_model::schema::Kinds;
use serde_json::Value;

use self::{choose::Ruled, gather::Gathered};
use super::{Sampler, SamplerOptions, Suit, Unsatisfiable, around::Around};
use crate::{
    fault::Place,
    judge::{Effort, Judge, Rules},
    node::Node,
    random::{Random, Seed},
    set::Set,
    sink::Faults,
};

/// Levels beyond [`SamplerOptions::max_depth`] that what is required may still take.
const SPARE_DEPTH: usize = 40;
/// Draws in all, repeated ones included, for each value that a sample may have.
const WORK_PER_NODE: usize = 8;
/// What judging parts of one sample may cost, as a value of so many values would.
const EFFORT: usize = 300;
/// Tries of one way with ever more alternatives ruled out.
const MOST_EXCLUSIONS: usize = 64;
/// Further ways tried, in one sample, for values without a member that the schemas of their own way do not name.
const TRIES_FOR_OWN: usize = 256;
/// Levels of a value looked at for such members.
const MOST_LEVELS: usize = 4;

/// One sample in the making.
pub(crate) struct Drawer<'s> {
    pub(super) set: &'s Set,
    pub(super) options: SamplerOptions,
    pub(super) rules: Rules,
    pub(super) sampler: &'s Sampler,
    /// Whether every draw is judged, not only those that construction leaves in doubt.
    pub(super) careful: bool,
    /// Draws that are left.
    work: usize,
    /// What all judgements of the sample may still cost.
    effort: Cell<Effort>,
    /// What is left of [`TRIES_FOR_OWN`].
    tries_for_own: usize,
    /// Values that the sample may still have.
    pub(super) room: usize,
    /// The definitions that lead here and have anchors, for `$dynamicRef`.
    path: Vec<SchemaId>,
    /// Schemas that had no value together, and why: what was sought once is not sought again.
    hopeless: Vec<(Vec<usize>, String)>,
    /// Whether what must be larger than the limits is cut to them, and what was cut first.
    pub(super) cuts: bool,
    pub(super) cut: Option<Unsatisfiable>,
}

/// How much of what is optional a place still shows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Detail {
    /// Only required values, with the smallest depth.
    Least,
    /// No optional arrays or objects.
    Plain,
    /// Few items, and strings instead of objects if both are possible.
    Brief,
    Full,
}

/// Where a value is drawn.
#[derive(Clone, Copy)]
pub(super) struct Spot<'p> {
    pub(super) place: &'p Place<'p>,
    /// What suits the property that the value is in, the nearest one.
    pub(super) suit: &'p Suit,
    /// The object that the value is a member of.
    pub(super) around: Option<Around>,
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

    /// The failure of schemas that contradict each other, as far as was found.
    pub(super) fn fail(&self, reason: impl Into<String>) -> Failure {
        let reason = Unsatisfiable { pointer: self.place.pointer(), reason: reason.into() };
        Failure { reason, is_limit: false }
    }

    /// The failure to stay within a limit, which another place or another way may not meet.
    pub(super) fn limit(&self, reason: impl Into<String>) -> Failure {
        Failure { is_limit: true, ..self.fail(reason) }
    }
}

/// Why nothing was drawn.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) reason: Unsatisfiable,
    is_limit: bool,
}

pub(super) type Drawn = Result<Value, Failure>;

impl<'s> Drawer<'s> {
    pub(crate) fn new(sampler: &'s Sampler, careful: bool) -> Drawer<'s> {
        let options = sampler.options;
        Drawer {
            set: &sampler.set,
            options,
            rules: Rules { direction: sampler.validator.direction(), forbid_hidden: true },
            sampler,
            careful,
            work: options.max_nodes.saturating_mul(WORK_PER_NODE),
            effort: Cell::new(Effort::of(EFFORT)),
            tries_for_own: TRIES_FOR_OWN,
            room: options.max_nodes,
            path: Vec::new(),
            hopeless: Vec::new(),
            cuts: false,
            cut: None,
        }
    }

    pub(super) fn root(&mut self, root: SchemaId, seed: u64) -> Drawn {
        let (place, seed) = (&Place::Root, Seed::root(seed));
        let spot = Spot { place, suit: &Suit::NONE, around: None, seed, depth: 0, attempt: 0 };
        let Some(def) = self.set.def(root) else { return Err(spot.fail("there is no schema")) };
        self.path.extend((!def.anchors.is_empty()).then_some(root));
        self.draw(&[&def.node], spot)
    }

    /// Takes note that something is larger than the limits.
    ///
    /// # Errors
    /// Where it is not to be cut.
    pub(super) fn too_large(&mut self, reason: String, spot: Spot<'_>) -> Result<(), Failure> {
        let failure = spot.fail(reason);
        if !self.cuts {
            return Err(failure);
        }
        self.cut.get_or_insert(failure.reason);
        Ok(())
    }

    /// How much a place shows: the deeper, the less.
    pub(super) fn detail(&self, spot: Spot<'_>) -> Detail {
        let max = self.options.max_depth;
        match spot.depth {
            depth if depth > max => Detail::Least,
            depth if depth + 1 >= max => Detail::Plain,
            depth if depth >= max / 2 => Detail::Brief,
            _ => Detail::Full,
        }
    }

    /// A value that keeps all of `nodes`.
    pub(super) fn draw(&mut self, nodes: &[&'s Node], spot: Spot<'_>) -> Drawn {
        if spot.depth > self.options.max_depth.saturating_add(SPARE_DEPTH) {
            return Err(spot.limit("it requires itself without end"));
        }
        // Asked once on each way down, where the sample begins to grow deep.
        let is_endless = |node: &&'s Node| self.heights().is_endless(node);
        if spot.depth == self.options.max_depth.saturating_add(1) && nodes.iter().any(is_endless) {
            return Err(spot.fail("it requires itself without end"));
        }
        if self.room == 0 {
            return Err(spot.limit(format!("too large: more than {} values", self.options.max_nodes)));
        }
        if let Some(reason) = self.hopeless(nodes) {
            return Err(spot.fail(reason.to_owned()));
        }
        let gathered = self.gather(nodes);
        if let Some(example) = self.example(nodes, &gathered, spot) {
            return Ok(example);
        }
        let entered = self.path.len();
        let has_anchors = |id: &&SchemaId| self.set.def(**id).is_some_and(|def| !def.anchors.is_empty());
        self.path.extend(gathered.entered.iter().filter(has_anchors));
        let drawn = self.tries(nodes, &gathered, spot);
        self.path.truncate(entered);
        if let Err(failure) = &drawn
            && !failure.is_limit
            && self.detail(spot) > Detail::Least
        {
            self.hopeless.push((identities(nodes), failure.reason.reason.clone()));
        }
        drawn
    }

    pub(super) fn has_hopeless(&self) -> bool {
        !self.hopeless.is_empty()
    }

    /// Why schemas that were tried before, in this sample, had no value.
    pub(super) fn hopeless(&self, nodes: &[&'s Node]) -> Option<&str> {
        if !self.has_hopeless() {
            return None;
        }
        let wanted = identities(nodes);
        self.hopeless.iter().find(|(known, _)| *known == wanted).map(|(_, reason)| reason.as_str())
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
        let room = self.room;
        let (mut failure, mut second_best) = (None, None);
        for turn in 0..self.most_turns(gathered) {
            let spot = Spot { attempt: spot.attempt + turn, ..spot };
            if gathered.choices.is_empty() {
                match self.settled(nodes, gathered, room, spot) {
                    Err(reason) => failure = Some(worse(failure, reason)),
                    drawn => return drawn,
                }
                continue;
            }
            match self.turn(nodes, gathered, turn, room, spot) {
                Ok(Made { value, is_own: true }) => return Ok(value),
                Ok(Made { value, .. }) => {
                    second_best.get_or_insert((value, self.room));
                    let Some(left) = self.tries_for_own.checked_sub(1) else { break };
                    self.tries_for_own = left;
                }
                Err(reason) => failure = Some(worse(failure, reason)),
            }
        }
        if let Some((value, room)) = second_best {
            self.room = room;
            return Ok(value);
        }
        Err(failure.unwrap_or_else(|| spot.fail("nothing tried was valid")))
    }

    /// One try where there are no alternatives.
    fn settled(&mut self, nodes: &[&'s Node], gathered: &Gathered<'s>, room: usize, spot: Spot<'_>) -> Drawn {
        self.begin(room, spot)?;
        let drawn = self.compose(gathered, spot);
        if self.careful { drawn.and_then(|value| self.kept(nodes, value, spot)) } else { drawn }
    }

    fn begin(&mut self, room: usize, spot: Spot<'_>) -> Result<(), Failure> {
        let effort = self.effort.take();
        let left = self.work.checked_sub(1).filter(|_| !effort.is_spent());
        self.effort.set(effort);
        self.work = left.ok_or_else(|| spot.limit("too much work to find a value"))?;
        self.room = room.saturating_sub(1);
        Ok(())
    }

    /// One way through the alternatives, repeated with other alternatives ruled out as long as that changes something.
    fn turn(
        &mut self,
        nodes: &[&'s Node],
        gathered: &Gathered<'s>,
        turn: usize,
        room: usize,
        spot: Spot<'_>,
    ) -> Result<Made, Failure> {
        let mut ruled = Ruled::default();
        let mut failure = None;
        for _ in 0..MOST_EXCLUSIONS {
            self.begin(room, spot)?;
            let (way, taken) = self.way(gathered, turn, &ruled, spot);
            let goes_on = match self.compose(&way, spot) {
                Ok(value) if self.keeps(nodes, &value) => {
                    let is_own = ruled.is_empty() || {
                        let (way, _) = self.way(gathered, turn, &Ruled::default(), spot);
                        self.names_all(&way.nodes, &value, MOST_LEVELS)
                    };
                    return Ok(Made { value, is_own });
                }
                Ok(value) => {
                    let goes_on = self.rule_out(&mut ruled, &taken, &value);
                    failure = self.kept(nodes, value, spot).err().or(failure);
                    goes_on
                }
                Err(reason) => {
                    failure = Some(worse(failure, reason));
                    ruled.next()
                }
            };
            if !goes_on {
                break;
            }
        }
        Err(failure.unwrap_or_else(|| spot.fail("nothing tried was valid")))
    }

    pub(super) fn keeps(&self, nodes: &[&'s Node], value: &Value) -> bool {
        self.judged(|judge| nodes.iter().all(|node| judge.holds(node, value)))
    }

    /// What a judgement finds, within what is left of the effort for the sample; false where it is given up.
    pub(super) fn judged(&self, judge: impl FnOnce(&mut Judge<'s>) -> bool) -> bool {
        let mut judgement = Judge::on(self.set, self.rules, &self.path, self.effort.take());
        let holds = judge(&mut judgement);
        let mut effort = judgement.finish();
        let is_given_up = effort.given_up.take().is_some();
        self.effort.set(effort);
        holds && !is_given_up
    }

    /// The value, if it keeps the schemas; else what it breaks.
    fn kept(&self, nodes: &[&'s Node], value: Value, spot: Spot<'_>) -> Drawn {
        let mut faults = Faults::up_to(1);
        let is_kept = self.judged(|judge| {
            nodes.iter().try_for_each(|node| judge.node(&mut faults, node, &value, spot.place)).is_continue()
        });
        match faults.found.pop() {
            None if !is_kept => Err(spot.limit("too much work to judge a value")),
            None => Ok(value),
            Some(fault) => Err(Failure { reason: Unsatisfiable::refused(fault), is_limit: false }),
        }
    }

    /// The schema that a `$dynamicRef` means, at a place that was reached by way of `entered`.
    pub(super) fn dynamic_target(&self, anchor: &str, entered: &[SchemaId]) -> Option<&'s Node> {
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
        let kinds = nodes.iter().fold(Kinds::ANY, |kinds, node| kinds.and(node.drawn()));
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
        let hides_null = nodes.iter().any(|node| node.hides_null);
        let keeps = |option: &&Value| {
            !(hides_null && option.is_null())
                && self.judged(|judge| nodes.iter().all(|node| judge.own(node, option)))
        };
        let mut fitting = in_turn.filter(keeps);
        let first = fitting.next();
        let chosen = first.filter(|option| !option.is_null()).or_else(|| fitting.next()).or(first);
        Some(chosen.cloned().ok_or_else(|| spot.fail("no listed value keeps the rest")))
    }

    fn boolean(&self, nodes: &[&'s Node], spot: Spot<'_>) -> bool {
        let drawn = (spot.seed.random().next() & 1 == 1) != (spot.attempt % 2 == 1);
        let is_excluded = |value: bool| {
            let values = nodes.iter().filter_map(|node| node.values.as_ref());
            values.flat_map(|values| values.excluded.iter()).any(|known| *known == Value::Bool(value))
        };
        drawn != is_excluded(drawn)
    }
}

/// A value, and whether the schemas of its own way name all that it has: what was only added to break an alternative reads as
/// a mistake, and a typed reader loses it.
struct Made {
    value: Value,
    is_own: bool,
}

/// The first failure, unless a later one is but a limit: then there may be a value after all.
fn worse(first: Option<Failure>, later: Failure) -> Failure {
    match first {
        Some(first) if first.is_limit || !later.is_limit => first,
        _ => later,
    }
}

/// What tells schemas apart, and the same from others.
fn identities(nodes: &[&Node]) -> Vec<usize> {
    nodes.iter().map(|node| std::ptr::from_ref(*node) as usize).collect()
}

/// How many JSON values a value is made of.
fn size(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(members) => 1 + members.values().map(size).sum::<usize>(),
        _ => 1,
    }
}
