//! Samples arrays with the required number of items, or a few.

use serde_json::Value;

use super::{
    Few,
    draw::{Detail, Drawer, Drawn, Failure, Spot},
};
use crate::{
    fault::Place,
    judge::equal,
    node::{Arrays, Node},
};

/// The most items where the schema asks for none.
const FEW: usize = 3;
/// Draws of one item that must differ from those before it.
const DISTINCT_TRIES: usize = 64;

impl<'s> Drawer<'s> {
    pub(super) fn array(&mut self, nodes: &[&'s Node], spot: Spot<'_>) -> Drawn {
        let rules: Few<_> = nodes.iter().filter_map(|node| node.arrays.as_deref()).collect();
        let (min, wanted) = self.length(&rules, spot)?;
        let is_unique = rules.iter().any(|arrays| arrays.unique);
        let contained = contained(&rules);
        let mut items = Vec::with_capacity(wanted);
        while items.len() < wanted {
            let room = self.room;
            match self.item(&rules, &contained, &items, is_unique, spot) {
                Ok(item) => items.push(item),
                Err(failure) if items.len() < min => return Err(failure),
                Err(_) => {
                    self.room = room;
                    break;
                }
            }
        }
        Ok(Value::Array(items))
    }

    /// How many items there must be, and how many to draw.
    fn length(&mut self, rules: &[&'s Arrays], spot: Spot<'_>) -> Result<(usize, usize), Failure> {
        let needed = rules.iter().flat_map(|arrays| {
            let contains = arrays.contains.as_ref().map_or(0, |contains| contains.min);
            [arrays.min, contains]
        });
        let mut min = needed.max().unwrap_or(0);
        let max = rules.iter().filter_map(|arrays| arrays.max).min().unwrap_or(u64::MAX);
        if min > self.options.max_items {
            self.too_large(format!("too large: at least {min} items"), spot)?;
            min = self.options.max_items;
        }
        if min > max {
            return Err(spot.fail(format!("at least {min} and at most {max} items")));
        }
        let prefix = rules.iter().map(|arrays| arrays.prefix.len()).max().unwrap_or(0);
        let few = match self.detail(spot) {
            _ if spot.attempt % 3 == 1 => 0,
            Detail::Least => 0,
            Detail::Plain | Detail::Brief => 1,
            Detail::Full => 1 + spot.random().below(FEW),
        };
        let wished = if few == 0 { 0 } else { prefix.max(few) };
        let min = usize::try_from(min).unwrap_or(usize::MAX);
        Ok((min, min.max(wished).min(usize::try_from(max).unwrap_or(usize::MAX))))
    }

    fn item(
        &mut self,
        rules: &[&'s Arrays],
        contained: &[(&'s Node, u64)],
        before: &[Value],
        is_unique: bool,
        spot: Spot<'_>,
    ) -> Drawn {
        let index = before.len();
        let mut nodes: Few<_> =
            rules.iter().filter_map(|arrays| arrays.prefix.get(index).or(arrays.items.as_ref())).collect();
        if nodes.is_empty() {
            nodes.extend(rules.iter().filter_map(|arrays| arrays.unevaluated.as_ref()));
        }
        nodes.extend(self.still_needed(rules, contained, before));
        let place = Place::Item(spot.place, index);
        let seed = spot.seed.item(index);
        let below = Spot { place: &place, around: None, seed, depth: spot.depth + 1, ..spot };
        let tries = if is_unique { DISTINCT_TRIES } else { 1 };
        for attempt in 0..tries {
            let item = self.draw(&nodes, Spot { attempt: below.attempt + attempt, ..below })?;
            if !is_unique || !before.iter().any(|known| equal(known, &item)) {
                return Ok(item);
            }
        }
        Err(below.fail("no further item differs from those before it"))
    }

    /// The schemas of `contains` that this item has to keep, since as many items are left as matches are missing.
    fn still_needed(
        &self,
        rules: &[&'s Arrays],
        contained: &[(&'s Node, u64)],
        before: &[Value],
    ) -> Vec<&'s Node> {
        let is_fixed = rules.iter().any(|arrays| before.len() < arrays.prefix.len());
        let lacks = |(node, min): &&(&'s Node, u64)| {
            let matching = before.iter().filter(|item| self.keeps(&[*node], item)).count() as u64;
            matching < *min
        };
        let missing = contained.iter().filter(lacks).map(|(node, _)| *node);
        // One match an item: two schemas of `contains` need not be met by the same one.
        missing.take(usize::from(!is_fixed)).collect()
    }
}

fn contained<'s>(rules: &[&'s Arrays]) -> Vec<(&'s Node, u64)> {
    let contains = rules.iter().filter_map(|arrays| arrays.contains.as_ref());
    contains.map(|contains| (&contains.node, contains.min)).filter(|(_, min)| *min > 0).collect()
}
