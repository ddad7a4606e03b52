//! Decides whether a value keeps what its static shape says: the constraints that a generated server checks before a
//! method sees a request. It says the same as the validator of `descant-schema`, for the keywords that it knows.

mod facets;
pub mod number;
mod union;

use std::collections::HashMap;
use std::io::{self, Write};

use serde_json::Value;

use crate::param::{EXACT, Facet, Kinds, Shape};
use crate::pattern::{Budget, Found, Pattern};
use crate::problem::Fault;

/// How deep shapes are put to the values that other shapes are put to. JSON is read to a depth of 128, and each level has
/// a union or two.
const MAX_DEPTH: usize = 256;
/// Shapes put to values in one judgement, at least, and for each value that a value is made of. The validator of
/// `descant-schema` has the same bounds.
const WORK: usize = 300_000;
const WORK_PER_VALUE: usize = 2_000;
/// The most shapes put to values in one judgement.
const MOST_WORK: usize = 10_000_000;
/// Names or listed values that are compared for the work of one shape.
const COMPARED: usize = 16;
/// The maximum number of remembered results.
const MAX_KNOWN: usize = 1_000_000;
/// The maximum number of reported faults.
const MAX_FAULTS: usize = 100;

/// Returns the faults of a value, at most 100, each with its place in it. Where the judgement would take too long, that is
/// the only fault (`maxWork`, `maxDepth`).
pub fn check(value: &Value, shape: &Shape) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut judge = Judge::of(value);
    judge.walk(value, shape, &mut |fault| {
        if faults.len() < MAX_FAULTS {
            faults.push(fault);
        }
    });
    if let Some(fault) = judge.given_up {
        return vec![fault];
    }
    // What was not decided may have counted as broken where that lets the value through, in `not`.
    faults.extend(judge.undecided.filter(|_| faults.is_empty()));
    faults
}

/// What is known while a value is judged.
struct Judge {
    /// Whether a value fits a shape, by their addresses: unions in unions would else be tried again and again.
    known: HashMap<(usize, usize), bool>,
    depth: usize,
    /// How many alternatives are being told of, one in another.
    told: usize,
    /// The number of alternatives that were searched for faults.
    searches: usize,
    /// Shapes that may still be put to values.
    work: usize,
    /// Why the judgement was given up. What was found until then may be wrong.
    given_up: Option<Fault>,
    /// A pattern that took too many steps on some text of the value.
    undecided: Option<Fault>,
    budget: Budget,
}

impl Judge {
    fn of(value: &Value) -> Self {
        let work = WORK.saturating_add(count(value).saturating_mul(WORK_PER_VALUE)).min(MOST_WORK);
        Self {
            known: HashMap::new(),
            depth: 0,
            told: 0,
            searches: 0,
            work,
            given_up: None,
            undecided: None,
            budget: Budget::default(),
        }
    }

    /// Takes from the work that may be done; false where the judgement is given up.
    fn spend(&mut self, work: usize) -> bool {
        if self.given_up.is_some() {
            return false;
        }
        match self.work.checked_sub(work) {
            Some(left) => self.work = left,
            None => self.give_up("maxWork", "a value that is validated in fewer steps"),
        }
        self.given_up.is_none()
    }

    fn give_up(&mut self, keyword: &str, expected: &str) {
        let detail = format!("the value takes too long to validate: expected {expected}");
        self.given_up.get_or_insert_with(|| Fault::new(keyword, expected, "").detail(detail));
    }

    /// Tells each fault to whoever knows where the value stands.
    fn walk(&mut self, value: &Value, shape: &Shape, tell: &mut dyn FnMut(Fault)) {
        if !self.spend(1) {
            return;
        }
        let is_misfit = !fits(value, shape);
        if is_misfit {
            tell(fault("type", expected(shape), value));
            // A value of another kind is none of those that are listed, either.
            let listed = shape.facets.iter().find_map(facets::listed);
            listed.into_iter().for_each(|listed| tell(fault("enum", listed, value)));
        }
        for facet in shape.facets.iter() {
            if !self.spend(facets::comparisons(value, facet) / COMPARED) {
                return;
            }
            let of_alternatives = matches!(facet, Facet::AnyOf(_) | Facet::Union(..));
            match self.breaks(value, facet, shape) {
                // Whoever asks only whether the value fits is not told why.
                true if of_alternatives && self.depth == 0 => {
                    self.tell_alternatives(value, facet, shape, is_misfit, tell);
                }
                true => tell(facets::of_shapes(facet, value)),
                false => match facet {
                    Facet::Pattern(pattern) => {
                        self.breaks_pattern(value, pattern).into_iter().for_each(&mut *tell);
                    }
                    Facet::Closed => self.unknown(value, shape).into_iter().for_each(&mut *tell),
                    facet => facets::broken(value, facet, shape).into_iter().for_each(&mut *tell),
                },
            }
        }
        match value {
            Value::Array(items) => self.items(items, shape, tell),
            Value::Object(members) => {
                for (name, value) in members {
                    for shape in self.of_property(shape, name) {
                        self.walk(value, shape, &mut |fault| tell(fault.below(name)));
                    }
                }
            }
            _ => {}
        }
    }

    fn items(&mut self, items: &[Value], shape: &Shape, tell: &mut dyn FnMut(Fault)) {
        let prefix = shape.facets.iter().find_map(|facet| match facet {
            Facet::Prefix(shapes) => Some(*shapes),
            _ => None,
        });
        for (at, item) in items.iter().enumerate() {
            let of_item = prefix.and_then(|shapes| shapes.get(at)).or(shape.items.as_ref());
            if let Some(shape) = of_item {
                self.walk(item, shape, &mut |fault| tell(fault.below(at)));
            }
        }
    }

    /// What a shape says of a property: by its name, by patterns of names, else what it says of all others.
    fn of_property<'s>(&mut self, shape: &'s Shape, name: &str) -> Vec<&'s Shape> {
        if !self.spend(shape.named().count() / COMPARED) {
            return Vec::new();
        }
        let named = shape.named().find(|(key, _)| *key == name).map(|(_, shape)| shape);
        let mut found: Vec<&Shape> = named.into_iter().collect();
        for facet in shape.facets.iter() {
            let Facet::Matching(pattern, shapes) = facet else { continue };
            let outcome = pattern.find_within(name, &mut self.budget);
            if outcome == Found::Undecided {
                let fault = facets::of_pattern(pattern, outcome, &Value::from(name));
                self.undecided.get_or_insert(fault);
            }
            if outcome != Found::No {
                found.extend(shapes.iter().map(|shape| &**shape));
            }
        }
        if found.is_empty() {
            found.extend(shape.additional.as_deref());
        }
        found
    }

    /// The first property that a closed object has no name for.
    fn unknown(&mut self, value: &Value, shape: &Shape) -> Option<Fault> {
        let name = value.as_object()?.keys().find(|name| self.of_property(shape, name).is_empty())?;
        Some(Fault::new("additionalProperties", "no such property", name).below(name))
    }

    /// Whether the value breaks a facet that puts other shapes to it, its items or its names.
    fn breaks(&mut self, value: &Value, facet: &Facet, of: &Shape) -> bool {
        match (facet, value) {
            (Facet::AnyOf(shapes) | Facet::Union(_, shapes), _) => {
                // The alternative that a tag names is the one that is meant.
                match union::tagged(value, of).and_then(|index| shapes.get(index)) {
                    Some(named) => !self.holds(value, named),
                    None => {
                        let mut holding = shapes.iter().filter(|shape| self.holds(value, shape));
                        let is_one = of.facets.iter().any(|facet| matches!(facet, Facet::One));
                        holding.next().is_none() || is_one && holding.next().is_some()
                    }
                }
            }
            (Facet::Not(shapes), _) => shapes.iter().any(|shape| self.holds(value, shape)),
            (Facet::Contains(shapes), Value::Array(items)) => {
                !shapes.iter().all(|shape| items.iter().any(|item| self.holds(item, shape)))
            }
            (Facet::Names(shapes), Value::Object(map)) => {
                !shapes.iter().all(|shape| map.keys().all(|name| self.name_holds(name, shape)))
            }
            _ => false,
        }
    }

    /// The fault of a text in which a pattern is not found, or was not decided to be.
    fn breaks_pattern(&mut self, value: &Value, pattern: &Pattern) -> Option<Fault> {
        let found = pattern.find_within(value.as_str()?, &mut self.budget);
        let fault = (found != Found::Yes).then(|| facets::of_pattern(pattern, found, value))?;
        if found == Found::Undecided {
            self.undecided.get_or_insert_with(|| fault.clone());
        }
        Some(fault)
    }

    /// Whether the name of a property fits a shape. Its value lives shortly, and what is known of its address with it.
    fn name_holds(&mut self, name: &str, shape: &Shape) -> bool {
        let known = std::mem::take(&mut self.known);
        let holds = self.holds(&Value::from(name), shape);
        self.known = known;
        holds
    }

    /// Whether the value fits a shape. While that is being found out it does, so that shapes which lead to each other
    /// come to an end.
    fn holds(&mut self, value: &Value, shape: &Shape) -> bool {
        let key = (std::ptr::from_ref(value).addr(), std::ptr::from_ref(shape).addr());
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        if self.depth == MAX_DEPTH {
            self.give_up("maxDepth", "a value that nests in fewer alternatives");
        }
        if self.given_up.is_some() {
            return true;
        }
        self.known.insert(key, true);
        self.depth += 1;
        let mut holds = true;
        self.walk(value, shape, &mut |_| holds = false);
        self.depth -= 1;
        if self.known.len() <= MAX_KNOWN {
            self.known.insert(key, holds);
        } else {
            self.known.remove(&key);
        }
        if self.depth == 0 {
            self.known.clear();
        }
        holds
    }
}

/// Returns the number of values that a value is made of.
fn count(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(count).sum::<usize>() + 1,
        Value::Object(members) => members.values().map(count).sum::<usize>() + 1,
        _ => 1,
    }
}

/// Whether the value is of a kind that the shape names; a shape that names none fits all.
fn fits(value: &Value, shape: &Shape) -> bool {
    let any = shape.kinds.is_empty() && !shape.is_array() && !shape.is_object();
    any || shape.kinds.has(Kinds::ANY)
        || match value {
            Value::Null => shape.kinds.has(Kinds::NULL),
            Value::Bool(_) => shape.kinds.has(Kinds::BOOLEAN),
            Value::String(_) => shape.kinds.has(Kinds::STRING),
            Value::Number(number) => {
                shape.kinds.has(Kinds::NUMBER)
                    || shape.kinds.has(Kinds::INTEGER)
                        && number::is_integer(number)
                        && (!number::is_wide(number) || shape.is_wide())
            }
            Value::Array(_) => shape.is_array(),
            Value::Object(_) => shape.is_object(),
        }
}

fn expected(shape: &Shape) -> String {
    if shape.is_exact() {
        return EXACT.to_owned();
    }
    let scalars = (!shape.kinds.is_empty()).then(|| shape.kinds.describe());
    let list = shape.is_array().then(|| "a list".to_owned());
    let object = shape.is_object().then(|| "an object".to_owned());
    [scalars, list, object].into_iter().flatten().collect::<Vec<_>>().join(" or ")
}

/// A fault of a value, of which only the beginning is written: the same one may be in many faults.
fn fault(keyword: &str, expected: impl Into<String>, value: &Value) -> Fault {
    let mut beginning = Beginning(Vec::new());
    let _ = serde_json::to_writer(&mut beginning, value);
    Fault::new(keyword, expected, &String::from_utf8_lossy(&beginning.0))
}

/// Takes so much of a text that no message shows its end.
struct Beginning(Vec<u8>);

impl Write for Beginning {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        const LONGEST: usize = 400;
        let room = LONGEST.saturating_sub(self.0.len()).min(bytes.len());
        self.0.extend(bytes.iter().take(room));
        if room < bytes.len() { Err(io::ErrorKind::WriteZero.into()) } else { Ok(room) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
