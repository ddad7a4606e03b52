//! `oneOf` and `anyOf` as enums: [`union!`](crate::union) and the one visitor that follows a union's plan.
//!
//! The generator decides by what a branch is told: its kind, a tag, a key that no other branch has. Only what a plan
//! leaves open is tried, in the stated order, until a branch names every member. Nothing is held in memory before it has to be.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};

use super::content::{Content, Text, TextReader};

/// An enum that is one of several JSON forms. Implemented by [`union!`](crate::union), never by hand.
pub trait Union: Sized {
    /// The Rust name, for messages.
    const NAME: &'static str;
    /// The names of the branches, for messages.
    const BRANCHES: &'static [&'static str];
    /// The strategy that selects a branch.
    const DISPATCH: Dispatch;
    /// Reads a value as the branch of this index.
    fn read_branch<'de, D: Deserializer<'de>>(branch: usize, value: D) -> Result<Self, D::Error>;
}

/// The strategy that selects the branch of a union. Branches are indices; several are tried in order.
pub struct Dispatch {
    /// Branches for `null`.
    pub null: &'static [usize],
    /// Branches for booleans.
    pub boolean: &'static [usize],
    /// Branches for integers; `number` applies if this is empty.
    pub integer: &'static [usize],
    /// Branches for numbers.
    pub number: &'static [usize],
    /// Branches for strings.
    pub string: &'static [usize],
    /// Branches for arrays.
    pub array: &'static [usize],
    /// Branches for objects that neither `tag` nor `keys` identifies.
    pub object: &'static [usize],
    /// A property with the branches of its values; integers and booleans are compared as text.
    pub tag: Option<(&'static str, &'static [(&'static str, usize)])>,
    /// Properties that only one branch has. If `object` contains that branch as well, they are a hint: it is tried
    /// first.
    pub keys: &'static [(&'static str, usize)],
}

impl Dispatch {
    /// No branch.
    pub const NONE: Dispatch = Dispatch {
        null: &[],
        boolean: &[],
        integer: &[],
        number: &[],
        string: &[],
        array: &[],
        object: &[],
        tag: None,
        keys: &[],
    };
}

/// Gives an enum of one-field variants its JSON form, and a `From` for each branch after `from`, in a `Box` or not.
///
/// ```
/// use descant_runtime as rt;
///
/// #[derive(Debug, PartialEq)]
/// pub struct Circle { pub radius: f64 }
/// rt::object! { Circle { radius } }
///
/// #[derive(Debug, PartialEq)]
/// pub struct Square { pub side: f64 }
/// rt::object! { Square { side } }
///
/// #[derive(Debug, PartialEq)]
/// pub enum Shape { Circle(Circle), Square(Box<Square>), Named(String), Points(Vec<f64>) }
/// rt::union! {
///     Shape { Circle, Square, Named, Points }
///     tag "kind" { "circle" => Circle, "round" => Circle, "square" => Square }
///     keys { "radius" => Circle, "side" => Square }
///     kinds { string => Named, array => Points }
///     from { Circle: Circle, Square: Square, Named: String }
/// }
///
/// let shape: Shape = serde_json::from_str(r#"{"radius": 2.5, "kind": "round"}"#)?;
/// assert_eq!(shape, Circle { radius: 2.5 }.into());
/// assert_eq!(Shape::from(Square { side: 1.0 }), Shape::Square(Box::new(Square { side: 1.0 })));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! union {
    (
        $name:ident { $($branch:ident),+ $(,)? }
        $(tag $tag:literal { $($value:literal => $tagged:ident),* $(,)? })?
        $(keys { $($key:literal => $keyed:ident),* $(,)? })?
        $(kinds { $($kind:ident => $($tried:ident)|+),* $(,)? })?
        $(from { $($from:ident: $of:ty),* $(,)? })?
    ) => {
        $($(impl From<$of> for $name {
            fn from(value: $of) -> Self {
                Self::$from(value.into())
            }
        })*)?

        const _: () = {
            #[allow(clippy::enum_variant_names, reason = "the names are those of the branches")]
            enum Branch { $($branch),+ }
            const BRANCHES: &[Branch] = &[$(Branch::$branch),+];

            impl $crate::json::Union for $name {
                const NAME: &'static str = stringify!($name);
                const BRANCHES: &'static [&'static str] = &[$(stringify!($branch)),+];
                const DISPATCH: $crate::json::Dispatch = $crate::json::Dispatch {
                    $(tag: Some(($tag, &[$(($value, Branch::$tagged as usize)),*])),)?
                    $(keys: &[$(($key, Branch::$keyed as usize)),*],)?
                    $($($kind: &[$(Branch::$tried as usize),+],)*)?
                    ..$crate::json::Dispatch::NONE
                };

                fn read_branch<'de, D: $crate::json::serde::Deserializer<'de>>(
                    branch: usize,
                    value: D,
                ) -> Result<Self, D::Error> {
                    match BRANCHES.get(branch) {
                        $(Some(Branch::$branch) => {
                            $crate::json::serde::Deserialize::deserialize(value).map(Self::$branch)
                        })+
                        None => Err($crate::json::serde::de::Error::custom("unknown branch")),
                    }
                }
            }
        };

        impl $crate::json::serde::Serialize for $name {
            fn serialize<S: $crate::json::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$branch(value) => $crate::json::serde::Serialize::serialize(value, serializer),)+
                }
            }
        }

        impl<'de> $crate::json::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::json::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::json::read_union(deserializer)
            }
        }
    };
}

/// Reads a union from any self-describing deserializer.
pub fn read_union<'de, T: Union, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_any(UnionVisitor(PhantomData))
}

struct UnionVisitor<T>(PhantomData<T>);

impl<'de, T: Union> Visitor<'de> for UnionVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: one of `{}`", T::NAME, T::BRANCHES.join("`, `"))
    }

    fn visit_unit<E: Error>(self) -> Result<T, E> {
        try_each(T::DISPATCH.null, &Content::Null)
    }

    fn visit_none<E: Error>(self) -> Result<T, E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<T, E> {
        try_each(T::DISPATCH.boolean, &Content::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<T, E> {
        try_each(or(T::DISPATCH.integer, T::DISPATCH.number), &Content::Signed(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<T, E> {
        try_each(or(T::DISPATCH.integer, T::DISPATCH.number), &Content::Unsigned(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<T, E> {
        if T::DISPATCH.number.is_empty() && value.fract() == 0.0 && value.abs() < (1_u64 << 63) as f64 {
            return self.visit_i64(value as i64);
        }
        try_each(T::DISPATCH.number, &Content::Float(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<T, E> {
        try_each(T::DISPATCH.string, &Content::Text(Cow::Borrowed(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<T, A::Error> {
        let items = SeqAccessDeserializer::new(items);
        match T::DISPATCH.array {
            [only] => T::read_branch(*only, items),
            several => try_each(several, &Content::deserialize(items)?),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        match T::DISPATCH {
            Dispatch { tag: None, keys: [], object: [only], .. } => {
                T::read_branch(*only, MapAccessDeserializer::new(map))
            }
            plan => read_object(&plan, map),
        }
    }
}

fn or(first: &'static [usize], second: &'static [usize]) -> &'static [usize] {
    if first.is_empty() { second } else { first }
}

/// Reads entries until one determines the branch, then the branch: first the buffered entries, then the rest.
fn read_object<'de, T: Union, A: MapAccess<'de>>(plan: &Dispatch, mut map: A) -> Result<T, A::Error> {
    let mut held = Vec::new();
    while let Some(Text(key)) = map.next_key()? {
        let told = look_up(plan.keys, &key).filter(|branch| !plan.object.contains(branch));
        if let Some(branch) = told.filter(|_| plan.tag.is_none()) {
            return replay(branch, &held, Some(key), map);
        }
        held.push((key, map.next_value()?));
        let Some((tag, values)) = plan.tag else { continue };
        if let Some((_, value)) = held.last().filter(|(key, _)| key == tag)
            && let Some(branch) = value.as_tag().and_then(|value| look_up(values, &value))
        {
            return replay(branch, &held, None, map);
        }
    }
    let by_key = held.iter().find_map(|(key, _)| look_up(plan.keys, key));
    let held = Content::Object(held);
    match (by_key, plan) {
        (None, Dispatch { object: [], tag: Some((tag, values)), .. }) => by_content(tag, values, &held),
        (Some(branch), _) => {
            let others = plan.object.iter().filter(|other| **other != branch);
            let tried: Vec<usize> = std::iter::once(branch).chain(others.copied()).collect();
            try_all(&tried, &held, Told::First)
        }
        (None, _) => try_each(plan.object, &held),
    }
}

/// The branch of a value whose tag names none: a discriminator changes no outcome (OAS 4.8.25), so what fits is taken.
fn by_content<'de, T: Union, E: Error>(
    tag: &'static str,
    names: &[(&'static str, usize)],
    value: &Content<'de>,
) -> Result<T, E> {
    let mut branches: Vec<usize> = names.iter().map(|(_, branch)| *branch).collect();
    branches.sort_unstable();
    branches.dedup();
    let stated = match value {
        Content::Object(members) => members.iter().find(|(name, _)| name == tag).map(|(_, value)| value),
        _ => None,
    };
    match stated {
        Some(stated) => try_each(&branches, value).map_err(|_: E| unknown_tag::<T, _>(tag, stated)),
        None => Err(E::missing_field(tag)),
    }
}

fn look_up(table: &[(&'static str, usize)], key: &str) -> Option<usize> {
    table.iter().find(|(known, _)| *known == key).map(|(_, branch)| *branch)
}

fn unknown_tag<T: Union, E: Error>(tag: &str, value: &Content<'_>) -> E {
    let value = value.as_tag().map_or_else(|| "a value of another kind".to_owned(), |value| cut(&value));
    E::custom(format_args!("`{tag}` of `{}` is `{value}`, which names no branch", T::NAME))
}

fn replay<'de, T: Union, A: MapAccess<'de>>(
    branch: usize,
    held: &[(Cow<'de, str>, Content<'de>)],
    key: Option<Cow<'de, str>>,
    rest: A,
) -> Result<T, A::Error> {
    let entries = Replay { held: held.iter(), value: None, key, rest };
    T::read_branch(branch, MapAccessDeserializer::new(entries))
}

/// The entries of a map of which some were read already.
struct Replay<'a, 'de, A> {
    held: std::slice::Iter<'a, (Cow<'de, str>, Content<'de>)>,
    value: Option<&'a Content<'de>>,
    /// A key that was read while its value was not.
    key: Option<Cow<'de, str>>,
    rest: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Replay<'_, 'de, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        if let Some((key, value)) = self.held.next() {
            self.value = Some(value);
            return seed.deserialize(TextReader(key).into_deserializer()).map(Some);
        }
        match self.key.take() {
            Some(key) => seed.deserialize(TextReader(&key).into_deserializer()).map(Some),
            None => self.rest.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        match self.value.take() {
            Some(value) => seed.deserialize(value.reader()).map_err(A::Error::custom),
            None => self.rest.next_value_seed(seed),
        }
    }
}

thread_local! {
    /// The number of members that a branch skipped, because its type does not name them, and of values that its enums do
    /// not name.
    static LOST: Cell<u64> = const { Cell::new(0) };
    /// What attempts for the current value may still read: nested unions could multiply without bound.
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Counts a skipped member or an unnamed value.
pub(super) fn note_lost() {
    LOST.set(LOST.get().wrapping_add(1));
}

/// What attempts may read for one outermost value, in values and stretches of text, at least and for each that it is made
/// of.
const WORK: usize = 2_000_000;
const WORK_PER_VALUE: usize = 1_000;
/// The most that attempts may read for one outermost value.
const MOST_WORK: usize = 20_000_000;

/// The maximum number of branches whose faults a message contains.
const MAX_TOLD: usize = 8;

/// The maximum length of a branch's message and of a tag, so that messages of nested unions stay short.
const MAX_FAULT: usize = 200;

fn cut(text: &str) -> String {
    text.chars().take(MAX_FAULT).collect()
}

/// The branches whose faults are reported if none can be read.
#[derive(Clone, Copy)]
enum Told {
    /// The first branch, which is the intended one.
    First,
    Each,
}

/// The first branch that can be read and names every member, else the one of which the fewest members are lost; where none
/// can be read, what each of them said.
fn try_each<'de, T: Union, E: Error>(branches: &[usize], value: &Content<'de>) -> Result<T, E> {
    try_all(branches, value, Told::Each)
}

fn try_all<'de, T: Union, E: Error>(branches: &[usize], value: &Content<'de>, told: Told) -> Result<T, E> {
    if let [only] = branches {
        return T::read_branch(*only, value.reader()).map_err(E::custom);
    }
    let size = value.size();
    let outermost = LEFT.get().is_none();
    if outermost {
        LEFT.set(Some(WORK.saturating_add(size.saturating_mul(WORK_PER_VALUE)).min(MOST_WORK)));
    }
    let result = attempt(branches, value, size, told);
    if outermost {
        LEFT.set(None);
    }
    result
}

fn attempt<'de, T: Union, E: Error>(
    branches: &[usize],
    value: &Content<'de>,
    size: usize,
    told: Told,
) -> Result<T, E> {
    let mut faults = Vec::new();
    let mut nearest: Option<(u64, T)> = None;
    let before = LOST.get();
    for branch in branches {
        let left = LEFT.get().and_then(|left| left.checked_sub(size));
        LEFT.set(Some(left.unwrap_or(0)));
        left.ok_or_else(|| E::custom("too many alternatives had to be tried"))?;
        LOST.set(0);
        let read = T::read_branch(*branch, value.reader());
        let lost = LOST.replace(before);
        match read {
            Ok(value) if lost == 0 => return Ok(value),
            Ok(value) if nearest.as_ref().is_none_or(|(least, _)| lost < *least) => {
                nearest = Some((lost, value))
            }
            Ok(_) => {}
            Err(fault) => faults.push((*branch, fault)),
        }
    }
    if let Some((lost, value)) = nearest {
        LOST.set(before.wrapping_add(lost));
        return Ok(value);
    }
    if faults.is_empty() {
        return Err(E::custom(format_args!("a value of this kind is none of `{}`", T::NAME)));
    }
    if let (Told::First, [(_, meant), ..]) = (told, faults.as_slice()) {
        return Err(E::custom(meant));
    }
    let more = match faults.len().saturating_sub(MAX_TOLD) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    let faults: Vec<String> = faults
        .iter()
        .take(MAX_TOLD)
        .map(|(branch, fault)| {
            let fault = cut(&fault.to_string());
            format!("`{}`: {fault}", T::BRANCHES.get(*branch).copied().unwrap_or_default())
        })
        .collect();
    Err(E::custom(format_args!("no branch of `{}` fits: {}{more}", T::NAME, faults.join("; "))))
}
