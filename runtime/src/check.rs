//! Decides whether a value keeps what its static shape says: the constraints that a generated server checks before a
//! method sees a request. It says the same as the validator of `descant-schema`, for the keywords that it knows.

mod facets;
pub mod number;
mod union;

use std::collections::HashMap;
use std::fmt;
use std::io::{self, Write};

use serde_json::Value;

use crate::param::{EXACT, Facet, Kinds, Shape};
use crate::pattern::{Budget, Found, Pattern};
use crate::problem::Fault;

/// How deep shapes are put to the values that other shapes are put to; what is deeper fits. JSON is read to a depth of
/// 128, and each level has a union or two.
const MAX_DEPTH: usize = 256;

/// Every fault of a value, each with its place in it. Depth is bounded by the value's.
pub fn check(value: &Value, shape: &Shape) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut judge = Judge::default();
    judge.walk(value, shape, &mut |fault| faults.push(fault));
    // What was not decided may have counted as broken where that lets the value through, in `not`.
    faults.extend(judge.undecided.filter(|_| faults.is_empty()));
    faults
}

/// What is known while a value is judged.
#[derive(Default)]
struct Judge {
    /// Whether a value fits a shape, by their addresses: unions in unions would else be tried again and again.
    known: HashMap<(usize, usize), bool>,
    depth: usize,
    /// How many alternatives are being told of, one in another.
    told: usize,
    /// The number of alternatives that were searched for faults.
    searches: usize,
    /// A pattern that took too many steps on some text of the value.
    undecided: Option<Fault>,
    budget: Budget,
}

impl Judge {
    /// Tells each fault to whoever knows where the value stands.
    fn walk(&mut self, value: &Value, shape: &Shape, tell: &mut dyn FnMut(Fault)) {
        let is_misfit = !fits(value, shape);
        if is_misfit {
            tell(fault("type", expected(shape), value));
            // A value of another kind is none of those that are listed, either.
            let listed = shape.facets.iter().find_map(facets::listed);
            listed.into_iter().for_each(|listed| tell(fault("enum", listed, value)));
        }
        for facet in shape.facets.iter() {
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
                    facet => facets::broken(value, facet, shape).into_iter().for_each(&mut *tell),
                },
            }
        }
        for (key, value, shape) in inner(value, shape) {
            self.walk(value, shape, &mut |fault| tell(fault.below(&key)));
        }
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
            (Facet::Not(shapes), _) if self.depth < MAX_DEPTH => {
                shapes.iter().any(|shape| self.holds(value, shape))
            }
            (Facet::Contains(shapes), Value::Array(items)) => {
                !shapes.iter().all(|shape| items.iter().any(|item| self.holds(item, shape)))
            }
            (Facet::Names(shapes), Value::Object(map)) => {
                // Such a value lives shortly, and what is known of its address with it.
                let fits = |name: &String, shape| Self::default().holds(&Value::from(name.as_str()), shape);
                !shapes.iter().all(|shape| map.keys().all(|name| fits(name, shape)))
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

    /// Whether the value fits a shape. While that is being found out it does, so that shapes which lead to each other
    /// come to an end.
    fn holds(&mut self, value: &Value, shape: &Shape) -> bool {
        let key = (std::ptr::from_ref(value).addr(), std::ptr::from_ref(shape).addr());
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        if self.depth == MAX_DEPTH {
            return true;
        }
        self.known.insert(key, true);
        self.depth += 1;
        let mut holds = true;
        self.walk(value, shape, &mut |_| holds = false);
        self.depth -= 1;
        self.known.insert(key, holds);
        if self.depth == 0 {
            self.known.clear();
        }
        holds
    }
}

/// Where a value stands in another.
enum Key<'v> {
    Index(usize),
    Name(&'v str),
}

impl fmt::Display for Key<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(index) => write!(formatter, "{index}"),
            Self::Name(name) => formatter.write_str(name),
        }
    }
}

/// The items and properties that a shape says something of.
fn inner<'v, 's>(value: &'v Value, shape: &'s Shape) -> Vec<(Key<'v>, &'v Value, &'s Shape)> {
    match value {
        Value::Array(items) => {
            let prefix = shape.facets.iter().find_map(|facet| match facet {
                Facet::Prefix(shapes) => Some(*shapes),
                _ => None,
            });
            let of_item = |at: usize| prefix.and_then(|shapes| shapes.get(at)).or(shape.items.as_ref());
            let items = items.iter().enumerate();
            items.filter_map(|(at, item)| Some((Key::Index(at), item, &**of_item(at)?))).collect()
        }
        Value::Object(map) => {
            let of_property = |(name, value): (&'v String, &'v Value)| {
                let shapes = of_property(shape, name).into_iter();
                shapes.map(move |shape| (Key::Name(name), value, shape))
            };
            map.iter().flat_map(of_property).collect()
        }
        _ => Vec::new(),
    }
}

/// What a shape says of a property: by its name, by patterns of names, else what it says of all others.
fn of_property<'s>(shape: &'s Shape, name: &str) -> Vec<&'s Shape> {
    let named = shape.named().find(|(key, _)| *key == name).map(|(_, shape)| shape);
    let matching = shape.facets.iter().filter_map(|facet| match facet {
        Facet::Matching(pattern, shapes) if pattern.find(name) != Found::No => Some(*shapes),
        _ => None,
    });
    let matching = matching.flatten().map(|shape| &**shape);
    let mut found: Vec<&Shape> = named.into_iter().chain(matching).collect();
    if found.is_empty() {
        found.extend(shape.additional.as_deref());
    }
    found
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
