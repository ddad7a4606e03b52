//! Chooses among alternatives and kinds: at random at first, then all combinations in turn, and towards an end where the
//! sample grows deep.

use super::{
    draw::{Drawer, Spot},
    gather::{Choice, Gathered},
    height::Heights,
};
use crate::{node::Node, random::Random, shape::Kinds};

/// Ways tried at one place.
const MOST_TRIES: usize = 64;
/// Ways tried where there is one alone, which may still fail by chance.
const LEAST_TRIES: usize = 8;
/// One in so many values is `null` where it may be.
const NULL_SHARE: usize = 8;
/// The kinds, the shallowest first.
const EACH: [Kinds; 6] =
    [Kinds::NULL, Kinds::BOOLEAN, Kinds::NUMBER, Kinds::STRING, Kinds::ARRAY, Kinds::OBJECT];
/// Choices made at one place: what is chosen may leave further ones, and could do so without end.
const MOST_CHOICES: usize = 64;

impl<'s> Drawer<'s> {
    pub(super) fn most_tries(&self, gathered: &Gathered<'s>) -> usize {
        let is_exclusive =
            |choice: &Choice<'_>| matches!(choice, Choice::Among(nodes, _, Some(_)) if nodes.len() > 1);
        match gathered.choices.iter().any(is_exclusive) {
            true => MOST_TRIES,
            false => ways(&gathered.choices).saturating_mul(2).clamp(LEAST_TRIES, MOST_TRIES),
        }
    }

    /// The constraints of one way through the choices; the `attempt`s count through all combinations.
    pub(super) fn way(&self, gathered: &Gathered<'s>, attempt: usize, spot: Spot<'_>) -> Gathered<'s> {
        let mut way = gathered.clone();
        // At first alternatives are hoped to exclude each other, as most do.
        let plain = ways(&gathered.choices).min(MOST_TRIES / 2);
        let (mut turn, is_exclusive) = match attempt.checked_sub(plain) {
            Some(turn) => (turn, true),
            None => (attempt, false),
        };
        let mut random = spot.seed.choice().random();
        let mut next = 0;
        while let Some(choice) = way.choices.get(next).copied().filter(|_| next < MOST_CHOICES) {
            next += 1;
            let count = choice.count().max(1);
            let index = (self.preferred(choice, spot, &mut random) + turn) % count;
            turn /= count;
            self.take(&mut way, choice, index, is_exclusive);
        }
        way
    }

    /// Takes one alternative; where it is to be the only one, the others must be ruled out.
    fn take(&self, way: &mut Gathered<'s>, choice: Choice<'s>, index: usize, is_exclusive: bool) {
        if let Choice::Among(nodes, discriminator, others) = choice {
            if let Some((discriminator, node)) = discriminator.zip(nodes.get(index)) {
                self.tag(way, discriminator, node);
            }
            if let Some(others) = others.filter(|_| is_exclusive) {
                let others = self.set.others(others).iter().enumerate().filter(|(i, _)| *i != index);
                way.choices.extend(others.map(|(_, aims)| Choice::Aim(aims)));
            }
        }
        choice.way(index).for_each(|node| self.enter(way, node));
    }

    /// The alternative to try first: any at random, but rarely `null`; the shallowest where the sample is deep.
    fn preferred(&self, choice: Choice<'s>, spot: Spot<'_>, random: &mut Random) -> usize {
        let Choice::Among(nodes, ..) = choice else { return 0 };
        let drawn = random.below(nodes.len());
        if spot.depth > self.options.max_depth {
            let heights = self.heights();
            let lowest = nodes.iter().enumerate().min_by_key(|(i, node)| (heights.of(node), *i));
            return lowest.map_or(drawn, |(i, _)| i);
        }
        let is_wanted = |i: &usize| nodes.get(*i).is_some_and(|node| node.kinds != Kinds::NULL);
        if random.below(NULL_SHARE) == 0 {
            drawn
        } else {
            (drawn..nodes.len()).chain(0..drawn).find(is_wanted).unwrap_or(drawn)
        }
    }

    fn heights(&self) -> &'s Heights {
        let sampler = self.sampler;
        sampler.heights.get_or_init(|| Heights::from(self.set, sampler.root))
    }

    /// The kind to draw; `None` where none is left.
    pub(super) fn kind(&self, kinds: Kinds, nodes: &[&'s Node], spot: Spot<'_>) -> Option<Kinds> {
        // What a schema says of one kind does not forbid the others, but they are not what it is about.
        let is_open = kinds == Kinds::ANY && spot.attempt < LEAST_TRIES / 2;
        let wanted = if is_open { suggested(nodes) } else { kinds };
        let mut left: Vec<_> = EACH.into_iter().filter(|kind| wanted.intersects(*kind)).collect();
        let mut random = spot.random();
        if spot.depth > self.options.max_depth {
            return left.first().copied();
        }
        if left.len() > 1 && random.below(NULL_SHARE) > 0 {
            left.retain(|kind| *kind != Kinds::NULL);
        }
        left.get(random.below(left.len())).copied()
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
