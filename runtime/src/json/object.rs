//! JSON objects as structs: [`object!`](crate::object) and its functions.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};

use super::Map;
use super::content::Text;

/// A struct that is a JSON object. Implemented by [`object!`](crate::object), never by hand.
pub trait Object: Sized {
    /// The Rust name, for messages.
    const NAME: &'static str;
    /// The names of its properties on the wire, in the order of the fields.
    const KEYS: &'static [&'static str];
    /// Reads every entry of a map.
    fn read<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error>;
    /// Writes every present property.
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;
}

/// Gives a struct its JSON form: the fields that must be there, then those that need not.
///
/// ```
/// use descant_runtime as rt;
///
/// #[derive(Debug, PartialEq)]
/// pub struct Pet {
///     pub id: i64,
///     pub r#type: String,
///     pub tag: Option<String>,
///     pub owner: Option<Option<String>>,
///     pub extra: rt::Map<rt::Value>,
/// }
/// rt::object! { Pet { id, r#type = "type" } optional { tag } tristate { owner } ..extra }
///
/// let pet: Pet = serde_json::from_str(r#"{"id": 1, "type": "cat", "owner": null, "colour": "red"}"#)?;
/// assert_eq!((pet.id, &pet.tag, &pet.owner), (1, &None, &Some(None)));
/// assert_eq!(serde_json::to_string(&pet)?, r#"{"id":1,"type":"cat","owner":null,"colour":"red"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// A property has its field's name, or the one behind `=`. An `optional` one reads `null` as absent and never writes
/// it; a `tristate` tells absent (`None`), null (`Some(None)`) and a value apart. Other keys go to `..extra`, or are
/// skipped. Where what must be there is named with its type, it is what `new` takes:
///
/// ```
/// use descant_runtime as rt;
///
/// #[derive(Debug, PartialEq)]
/// pub struct Pet { pub id: i64, pub r#type: String, pub tag: Option<String>, pub owner: Option<i64> }
/// rt::object! { Pet { id: i64, r#type: impl Into<String> = "type" } optional { tag, owner } }
///
/// let rex = Pet { tag: Some("t".to_owned()), ..Pet::new(1, "dog") };
/// assert_eq!(rex, Pet { id: 1, r#type: "dog".to_owned(), tag: Some("t".to_owned()), owner: None });
/// ```
#[macro_export]
macro_rules! object {
    ($name:ident
        { $($field:ident $(: $ty:ty)? $(= $key:literal)?),* $(,)? }
        $(optional { $($opt:ident $(= $opt_key:literal)?),* $(,)? })?
        $(tristate { $($tri:ident $(= $tri_key:literal)?),* $(,)? })?
        $(.. $extra:ident)?
    ) => {
        $crate::object!(@new $name { $($field $(: $ty)?,)* } $($($opt)*)? $($($tri)*)? $($extra)?);

        impl $crate::json::Object for $name {
            const NAME: &'static str = stringify!($name);
            const KEYS: &'static [&'static str] = &[
                $($crate::object!(@key $field $($key)?),)*
                $($($crate::object!(@key $opt $($opt_key)?),)*)?
                $($($crate::object!(@key $tri $($tri_key)?),)*)?
            ];

            fn read<'de, A: $crate::json::serde::de::MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
                $(let mut $field = None;)*
                $($(let mut $opt = $crate::json::Optional(None);)*)?
                $($(let mut $tri = $crate::json::Tristate(None);)*)?
                $(let mut $extra = $crate::json::Map::new();)?
                $crate::json::fill::<Self, A>(
                    map,
                    &mut [$(&mut $field,)* $($(&mut $opt,)*)? $($(&mut $tri,)*)?],
                    $crate::object!(@extra $($extra)?),
                )?;
                $crate::object!(@need Self { $($field)* } {
                    $($($opt: $opt.0,)*)?
                    $($($tri: $tri.0,)*)?
                    $($extra,)?
                })
            }

            fn write<M: $crate::json::serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
                $crate::json::put::<Self, M>(map, &[
                    $(&self.$field,)*
                    $($(&$crate::json::Present(&self.$opt),)*)?
                    $($(&$crate::json::Present(&self.$tri),)*)?
                ])
                $(.and_then(|()| $crate::json::write_extra::<Self, _, _>(&self.$extra, map)))?
            }
        }

        impl $crate::json::serde::Serialize for $name {
            fn serialize<S: $crate::json::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::json::write_object(self, serializer)
            }
        }

        impl<'de> $crate::json::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::json::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::json::read_object(deserializer)
            }
        }
    };

    (@new $name:ident { $($field:ident: $ty:ty,)+ } $($absent:ident)*) => {
        impl $name {
            /// Returns a value with the required fields; all others are absent.
            pub fn new($($field: $ty),+) -> Self {
                Self { $($field: $field.into(),)+ $($absent: Default::default(),)* }
            }
        }
    };
    (@new $($unnamed:tt)*) => {};

    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };

    (@extra) => { &mut $crate::json::Skip };
    (@extra $extra:ident) => { &mut $extra };

    (@need $self:ident { } { $($rest:tt)* }) => { Ok($self { $($rest)* }) };
    (@need $self:ident { $($field:ident)+ } { $($rest:tt)* }) => {
        match ($($field,)+) {
            ($(Some($field),)+) => Ok($self { $($field,)+ $($rest)* }),
            _ => Err($crate::json::serde::de::Error::missing_field("a required property")),
        }
    };
}

/// Reads an object from any deserializer.
pub fn read_object<'de, T: Object, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct ObjectVisitor<T>(PhantomData<T>);

    impl<'de, T: Object> Visitor<'de> for ObjectVisitor<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "an object (`{}`)", T::NAME)
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            T::read(map)
        }
    }

    let _level = Level::enter::<T, D::Error>()?;
    deserializer.deserialize_map(ObjectVisitor(PhantomData))
}

/// The maximum stack for reading nested objects: half of the stack of tokio's threads.
const ROOM: usize = 1 << 20;

thread_local! {
    static TAKEN: Cell<usize> = const { Cell::new(0) };
}

/// An object that is being read, and about how much stack it takes. `serde_json` ends at 128 levels, which is too many
/// where each is large.
struct Level(usize);

impl Level {
    fn enter<T: Object, E: Error>() -> Result<Self, E> {
        // Measured without optimisation: what a level takes beside its struct, and how often that stands in it.
        let size = (4 << 10) + 6 * size_of::<T>();
        let taken = TAKEN.get();
        if taken > 0 && taken + size > ROOM {
            let name = T::NAME;
            return Err(E::custom(format_args!("too many objects in each other: this `{name}` is too deep")));
        }
        TAKEN.set(taken + size);
        Ok(Self(size))
    }
}

impl Drop for Level {
    fn drop(&mut self) {
        TAKEN.set(TAKEN.get().saturating_sub(self.0));
    }
}

/// Writes an object to any serializer.
pub fn write_object<T: Object, S: Serializer>(object: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    object.write(&mut map)?;
    map.end()
}

/// Writes the entries of `..extra`, except keys of other properties, which were written before.
pub fn write_extra<T: Object, V: Serialize, M: SerializeMap>(
    extra: &Map<V>,
    map: &mut M,
) -> Result<(), M::Error> {
    let mut keys = extra.iter().filter(|(key, _)| !T::KEYS.contains(&key.as_str()));
    keys.try_for_each(|(key, value)| map.serialize_entry(key, value))
}

/// The field that a property is read into.
pub trait Slot<'de, A: MapAccess<'de>> {
    /// Reads the value of the key that was just read; the last of several wins.
    fn read(&mut self, map: &mut A) -> Result<(), A::Error>;
    /// Whether there was one, or need not be.
    fn is_settled(&self) -> bool;
}

/// A property that must be there.
impl<'de, T: Deserialize<'de>, A: MapAccess<'de>> Slot<'de, A> for Option<T> {
    fn read(&mut self, map: &mut A) -> Result<(), A::Error> {
        *self = Some(map.next_value()?);
        Ok(())
    }

    fn is_settled(&self) -> bool {
        self.is_some()
    }
}

/// A property that may be absent; `null` reads as absent.
pub struct Optional<T>(pub Option<T>);

impl<'de, T: Deserialize<'de>, A: MapAccess<'de>> Slot<'de, A> for Optional<T> {
    fn read(&mut self, map: &mut A) -> Result<(), A::Error> {
        self.0 = map.next_value()?;
        Ok(())
    }

    fn is_settled(&self) -> bool {
        true
    }
}

/// A property that may be absent or `null`, as distinct states.
pub struct Tristate<T>(pub Option<T>);

impl<'de, T: Deserialize<'de>, A: MapAccess<'de>> Slot<'de, A> for Tristate<T> {
    fn read(&mut self, map: &mut A) -> Result<(), A::Error> {
        self.0 = Some(map.next_value()?);
        Ok(())
    }

    fn is_settled(&self) -> bool {
        true
    }
}

/// The treatment of entries without a slot.
pub trait Rest<'de, A: MapAccess<'de>> {
    /// Reads the value of the key that was just read.
    fn read(&mut self, key: Cow<'de, str>, map: &mut A) -> Result<(), A::Error>;
}

/// Skips them.
pub struct Skip;

impl<'de, A: MapAccess<'de>> Rest<'de, A> for Skip {
    fn read(&mut self, _: Cow<'de, str>, map: &mut A) -> Result<(), A::Error> {
        super::union::note_lost();
        map.next_value::<IgnoredAny>().map(|_| ())
    }
}

/// Keeps them.
impl<'de, V: Deserialize<'de>, A: MapAccess<'de>> Rest<'de, A> for Map<V> {
    fn read(&mut self, key: Cow<'de, str>, map: &mut A) -> Result<(), A::Error> {
        self.insert(key.into_owned(), map.next_value()?);
        Ok(())
    }
}

/// Reads every entry of a map into the slot of its key, and checks required entries.
pub fn fill<'de, T: Object, A: MapAccess<'de>>(
    mut map: A,
    slots: &mut [&mut dyn Slot<'de, A>],
    rest: &mut dyn Rest<'de, A>,
) -> Result<(), A::Error> {
    // Where the search begins: objects mostly come in the order of their schema.
    let mut next = 0;
    while let Some(Text(key)) = map.next_key()? {
        let found = find(T::KEYS, next, &key);
        match found.and_then(|index| slots.get_mut(index)) {
            Some(slot) => slot.read(&mut map)?,
            None => rest.read(key, &mut map)?,
        }
        next = found.map_or(next, |index| index + 1);
    }
    match slots.iter().zip(T::KEYS).find(|(slot, _)| !slot.is_settled()) {
        Some((_, key)) => Err(A::Error::missing_field(key)),
        None => Ok(()),
    }
}

fn find(names: &[&str], next: usize, name: &str) -> Option<usize> {
    let (before, after) = names.split_at_checked(next).unwrap_or((&[], names));
    match after.iter().position(|known| *known == name) {
        Some(ahead) => Some(next + ahead),
        None => before.iter().position(|known| *known == name),
    }
}

/// The field that a property is written from.
pub trait Part<M: SerializeMap> {
    /// Writes the entry, where there is one.
    fn write(&self, key: &'static str, map: &mut M) -> Result<(), M::Error>;
}

impl<T: Serialize, M: SerializeMap> Part<M> for T {
    fn write(&self, key: &'static str, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry(key, self)
    }
}

/// A property that is written if it is present.
pub struct Present<'a, T>(pub &'a Option<T>);

impl<T: Serialize, M: SerializeMap> Part<M> for Present<'_, T> {
    fn write(&self, key: &'static str, map: &mut M) -> Result<(), M::Error> {
        self.0.as_ref().map_or(Ok(()), |value| map.serialize_entry(key, value))
    }
}

/// Writes every present property.
pub fn put<T: Object, M: SerializeMap>(map: &mut M, parts: &[&dyn Part<M>]) -> Result<(), M::Error> {
    T::KEYS.iter().zip(parts).try_for_each(|(key, part)| part.write(key, map))
}
