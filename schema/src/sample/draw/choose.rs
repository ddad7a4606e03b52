//! Chooses among alternatives and types: first at random, then all combinations in turn, and towards an end if the
//! sample grows deep.

use descant_model::schema::Kinds;
use serde_json::Value;

use super::{
    Detail, Drawer, Spot,
    gather::{Choice, Gathered},
};
use crate::{node::Node, random::Random, sample::height::Heights};

/// Ways tried at one place.
const MOST_TRIES: usize = 64;
/// Ways tried where there is one alone, which may still fail by chance.
const LEAST_TRIES: usize = 8;
/// One in so many values is `null` where it may be.
const NULL_SHARE: usize = 8;
/// The kinds, the shallowest first.
const EACH: [Kinds; 6] =
    [Kinds::NULL, Kinds::BOOLEAN, Kinds::NUMBER, Kinds::STRING, Kinds::ARRAY, Kinds::OBJECT];
const SCALARS: Kinds = Kinds::ANY.without(Kinds::ARRAY.or(Kinds::OBJECT));
/// References followed to see what a schema is about.
const MOST_STEPS: usize = 8;
/// Choices made at one place: what is chosen may leave further ones, and could do so without end.
const MOST_CHOICES: usize = 64;

/// A choice, and the alternative that was taken.
pub(in crate::sample) struct Taken<'s> {
    choice: Choice<'s>,
    index: usize,
}

/// Alternatives that must not hold, each with which of its aims is tried and how many there are.
#[derive(Default)]
pub(in crate::sample) struct Ruled<'s>(Vec<(&'s Node, usize, usize)>);

impl<'s> Ruled<'s> {
    pub(in crate::sample) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn aim(&self, node: &Node) -> Option<usize> {
        self.0.iter().find(|(known, ..)| std::ptr::eq(*known, node)).map(|(_, aim, _)| *aim)
    }

    /// Rules out one more; for one that is ruled out already, by its next aim. False where it has no more.
    fn add(&mut self, node: &'s Node, most: usize) -> bool {
        match self.0.iter_mut().find(|(known, ..)| std::ptr::eq(*known, node)) {
            Some((_, aim, most)) => {
                *aim += 1;
                aim < most
            }
            None => {
                self.0.push((node, 0, most));
                most > 0
            }
        }
    }

    /// The next combination of aims, after one that contradicted itself; false where there is none.
    pub(in crate::sample) fn next(&mut self) -> bool {
        for (_, aim, most) in self.0.iter_mut().rev() {
            *aim += 1;
            if aim < most {
                return true;
            }
            *aim = 0;
        }
        false
    }
}

impl<'s> Drawer<'s> {
    /// How many ways are tried: each at least twice, since chance has a part in it.
    pub(in crate::sample) fn most_turns(&self, gathered: &Gathered<'s>) -> usize {
        ways(&gathered.choices).saturating_mul(2).clamp(LEAST_TRIES, MOST_TRIES)
    }

    /// The constraints of one way through the choices; the `turn`s count through all combinations. What is `ruled` out
    /// are alternatives of `oneOf` that a value kept beside the one that was meant.
    pub(in crate::sample) fn way(
        &self,
        gathered: &Gathered<'s>,
        turn: usize,
        ruled: &Ruled<'s>,
        spot: Spot<'_>,
    ) -> (Gathered<'s>, Vec<Taken<'s>>) {
        let (mut way, mut turn, mut taken) = (gathered.clone(), turn, Vec::new());
        let mut random = spot.seed.choice().random();
        while let Some(choice) = way.choices.get(taken.len()).copied().filter(|_| taken.len() < MOST_CHOICES)
        {
            let count = choice.count().max(1);
            let index = (self.preferred(choice, spot, &mut random) + turn) % count;
            turn /= count;
            self.take(&mut way, choice, index, ruled);
            taken.push(Taken { choice, index });
        }
        (way, taken)
    }

    fn take(&self, way: &mut Gathered<'s>, choice: Choice<'s>, index: usize, ruled: &Ruled<'s>) {
        if let Choice::Among(nodes, discriminator, others) = choice {
            if let Some((discriminator, node)) = discriminator.zip(nodes.get(index)) {
                self.tag(way, discriminator, node);
            }
            for (i, node) in nodes.iter().enumerate().filter(|(i, _)| others.is_some() && *i != index) {
                let aims = others.and_then(|others| self.set.others(others).get(i));
                let aim = ruled.aim(node).and_then(|aim| aims?.get(aim));
                aim.into_iter().for_each(|aim| self.enter(way, aim));
            }
        }
        choice.way(index).for_each(|node| self.enter(way, node));
    }

    /// Rules out, from the next try on, an alternative that `value` kept although another was meant; false where there is
    /// none, or no way is left to rule it out. One at a time: what breaks one often breaks the others.
    pub(in crate::sample) fn rule_out(
        &self,
        ruled: &mut Ruled<'s>,
        taken: &[Taken<'s>],
        value: &Value,
    ) -> bool {
        let kept = taken.iter().find_map(|Taken { choice, index }| {
            let Choice::Among(nodes, _, Some(others)) = choice else { return None };
            let kept = nodes.iter().enumerate().find(|(i, node)| i != index && self.keeps(&[*node], value));
            kept.map(|(i, node)| (node, self.set.others(others).get(i).map_or(0, Vec::len)))
        });
        kept.is_some_and(|(node, aims)| ruled.add(node, aims))
    }

    /// The alternative to try first: any at random, but rarely `null`; a plain one, then the shallowest, the deeper the
    /// sample grows.
    fn preferred(&self, choice: Choice<'s>, spot: Spot<'_>, random: &mut Random) -> usize {
        let Choice::Among(nodes, ..) = choice else { return 0 };
        let drawn = random.below(nodes.len());
        let wants_null = random.below(NULL_SHARE) == 0;
        let detail = self.detail(spot);
        if detail == Detail::Least {
            let heights = self.heights();
            let lowest = nodes.iter().enumerate().min_by_key(|(i, node)| (heights.of(node), *i));
            return lowest.map_or(drawn, |(i, _)| i);
        }
        let from_drawn = || (drawn..nodes.len()).chain(0..drawn).filter_map(|i| Some((i, nodes.get(i)?)));
        let shown = || from_drawn().filter(|(_, node)| wants_null || node.kinds != Kinds::NULL);
        let plain = || shown().find(|(_, node)| self.is_plain(node));
        let wanted = if detail < Detail::Full { plain().or_else(|| shown().next()) } else { shown().next() };
        wanted.map_or(drawn, |(i, _)| i)
    }

    /// Whether a schema can be kept by a value that is neither array nor object.
    pub(in crate::sample) fn is_plain(&self, node: &'s Node) -> bool {
        let mut node = node;
        for _ in 0..MOST_STEPS {
            if !node.kinds.intersects(SCALARS) {
                return false;
            }
            let target =
                node.logic.as_ref().and_then(|logic| logic.reference).and_then(|id| self.set.def(id));
            match target {
                Some(def) => node = &def.node,
                None => break,
            }
        }
        let Some(logic) = &node.logic else { return true };
        let is_own =
            |nodes: &[Node]| nodes.is_empty() || nodes.iter().any(|node| node.kinds.intersects(SCALARS));
        logic.all.iter().all(|node| node.kinds.intersects(SCALARS))
            && is_own(&logic.any)
            && is_own(&logic.one)
    }

    pub(in crate::sample) fn heights(&self) -> &'s Heights {
        let sampler = self.sampler;
        sampler.heights.get_or_init(|| Heights::from(self.set, sampler.root))
    }

    /// The kind to draw; `None` where none is left.
    pub(in crate::sample) fn kind(&self, kinds: Kinds, nodes: &[&'s Node], spot: Spot<'_>) -> Option<Kinds> {
        // What a schema says of one kind does not forbid the others, but they are not what it is about.
        let is_open = kinds == Kinds::ANY && spot.attempt < LEAST_TRIES / 2;
        let wanted = if is_open { suggested(nodes) } else { kinds };
        let mut left = EACH.into_iter().filter(|kind| wanted.intersects(*kind));
        if left.clone().nth(1).is_none() || self.detail(spot) == Detail::Least {
            return left.next();
        }
        let mut random = spot.random();
        let wants_null = random.below(NULL_SHARE) == 0;
        let mut shown = left.filter(|kind| wants_null || *kind != Kinds::NULL);
        shown.nth(random.below(shown.clone().count()))
    }
}

/// How many combinations of choices there are.
fn ways(choices: &[Choice<'_>]) -> usize {
    choices.iter().fold(1, |ways, choice| ways.saturating_mul(choice.count().max(1)))
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
