//! Selects the faults to report for a value that matches none of several alternatives: of a tag that names none, which
//! tags there are; else those of the alternative that its tag names, else of the only one for its kind, else of the closest one. The validator of `descant-schema` uses
//! the same rules.

use serde_json::Value;

use super::{Judge, facets, fault};
use crate::param::{Facet, Reference, Shape};
use crate::problem::Fault;

/// The maximum nesting of compared alternatives.
const MAX_ALTERNATIVES: usize = 8;
/// The maximum number of alternatives that are searched for faults.
const MAX_SEARCHES: usize = 2_000;
/// The maximum number of counted faults of an alternative.
const MAX_FAULTS: usize = 16;
/// The distance of a value of another kind.
const OTHER_KIND: usize = 4;
/// The distance of a value that is excluded.
const EXCLUDED: usize = 2;

impl Judge {
    /// Tells why a value breaks a facet that holds alternatives; `is_misfit` says that its kind was told of already.
    pub(super) fn tell_alternatives(
        &mut self,
        value: &Value,
        facet: &Facet,
        of: &Shape,
        is_misfit: bool,
        tell: &mut dyn FnMut(Fault),
    ) {
        let (Facet::AnyOf(shapes) | Facet::Union(_, shapes)) = facet else { return };
        if matches!(facet, Facet::Union(..))
            && let Some(fault) = facets::unknown_tag(value, of)
        {
            // Where only known tags are admitted, that facet tells.
            if of.facets.iter().any(|facet| matches!(facet, Facet::Tagged)) {
                return;
            }
            if !shapes.iter().any(|shape| self.holds(value, shape)) {
                return tell(fault);
            }
        }
        let mut found = self.of_alternatives(value, shapes);
        let distances: Vec<_> =
            found.iter().zip(shapes.iter()).map(|(faults, shape)| distance(faults, shape)).collect();
        // Without a keyword of its own it is what depends on a property, or that the property is absent: which it is not.
        let is_dependent = matches!(facet, Facet::AnyOf(_));
        let fitting = distances.iter().enumerate();
        let fitting =
            fitting.filter(|(_, (kind, _))| *kind < OTHER_KIND && !(is_dependent && *kind == EXCLUDED));
        let fitting: Vec<usize> = fitting.map(|(index, _)| index).collect();
        let named = tagged(value, of).filter(|index| *index < found.len());
        let nearest = || fitting.iter().copied().min_by_key(|index| distances.get(*index));
        let is_alone = named.is_none() && fitting.len() == 1;
        // More than one holds: no fault of any tells why.
        if named.is_none() && found.iter().any(Vec::is_empty) {
            return tell(facets::of_shapes(facet, value));
        }
        match named.or_else(nearest) {
            None if found.is_empty() => tell(facets::of_shapes(facet, value)),
            None if is_misfit => {}
            None => tell(of_another_kind(&found, value)),
            Some(index) => {
                if matches!(facet, Facet::Union(..)) && !is_alone {
                    tell(facets::of_shapes(facet, value));
                }
                let faults = found.get_mut(index).map(std::mem::take).unwrap_or_default();
                faults.into_iter().for_each(tell);
            }
        }
    }

    /// The faults of each alternative, as far as they may be looked for.
    fn of_alternatives(&mut self, value: &Value, shapes: &[Reference]) -> Vec<Vec<Fault>> {
        let mut found = Vec::new();
        if self.told == MAX_ALTERNATIVES {
            return found;
        }
        self.told += 1;
        for shape in shapes {
            if self.searches == MAX_SEARCHES {
                break;
            }
            self.searches += 1;
            let mut faults = Vec::new();
            self.walk(value, shape, &mut |fault| {
                if faults.len() < MAX_FAULTS {
                    faults.push(fault);
                }
            });
            found.push(faults);
        }
        self.told -= 1;
        found
    }
}

/// How far a value is from an alternative: first whether it is another kind of thing (of another type, with another constant
/// where the alternative requires one, or what must not be), then how many faults it has.
fn distance(faults: &[Fault], shape: &Shape) -> (usize, usize) {
    let is_required = |pointer: &str| {
        let name = pointer.strip_prefix('/').unwrap_or_default();
        shape.facets.iter().any(|facet| matches!(facet, Facet::Required(names) if names.contains(&name)))
    };
    let foreign = faults.iter().map(|fault| match (&*fault.keyword, fault.pointer()) {
        ("type" | "false", "") => OTHER_KIND,
        ("const" | "enum", pointer) if is_required(pointer) => 3,
        ("not", "") => EXCLUDED,
        ("const" | "enum" | "type", _) => 1,
        _ => 0,
    });
    (foreign.max().unwrap_or(0), faults.len())
}

/// The fault of a value whose kind no alternative admits.
fn of_another_kind(found: &[Vec<Fault>], value: &Value) -> Fault {
    let mut kinds: Vec<&str> = Vec::new();
    for fault in
        found.iter().flatten().filter(|fault| &*fault.keyword == "type" && fault.pointer().is_empty())
    {
        if !kinds.contains(&fault.expected.as_str()) {
            kinds.push(&fault.expected);
        }
    }
    fault("type", kinds.join(" or "), value)
}

/// The index of the alternative that a value's tag names.
pub(super) fn tagged(value: &Value, of: &Shape) -> Option<usize> {
    let (property, names) = facets::tags(of)?;
    let tag = value.get(property)?.as_str()?;
    names.iter().find(|(name, _)| *name == tag).map(|(_, index)| *index)
}
