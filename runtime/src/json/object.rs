//! JSON objects as structs: [`object!`](crate::object) and what it calls.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
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
    /// Writes every property that is present.
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;
}

/// Gives a struct its JSON form.
///
/// ```
/// use descant_runtime as rt;
///
/// #[derive(Debug, PartialEq)]
/// pub struct Pet {
///     pub id: i64,
///     pub tag: Option<String>,
///     pub owner: Option<Option<String>>,
///     pub extra: rt::Map<rt::Value>,
/// }
/// rt::object! { Pet { id = "id" required, tag = "tag" optional, owner = "owner" tristate, ..extra } }
///
/// let pet: Pet = serde_json::from_str(r#"{"id": 1, "owner": null, "colour": "red"}"#)?;
/// assert_eq!((pet.id, &pet.tag, &pet.owner), (1, &None, &Some(None)));
/// assert_eq!(serde_json::to_string(&pet)?, r#"{"id":1,"owner":null,"colour":"red"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// A `required` property must be there; an `optional` one reads `null` as absent and never writes it; a `tristate`
/// tells absent (`None`), null (`Some(None)`) and a value apart. Other keys go to `..extra`, or are skipped.
#[macro_export]
macro_rules! object {
    ($name:ident { $($field:ident = $key:literal $kind:ident,)* .. $extra:ident $(,)? }) => {
        $crate::object! { $name { $($field = $key $kind),*; $extra } }
    };
    ($name:ident { $($field:ident = $key:literal $kind:ident),* $(,)? $(; $extra:ident)? }) => {
        impl $crate::json::Object for $name {
            const NAME: &'static str = stringify!($name);
            const KEYS: &'static [&'static str] = &[$($key),*];

            fn read<'de, A: $crate::json::serde::de::MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
                #[allow(non_camel_case_types, reason = "a field's name stands for its index")]
                enum Key { $($field),* }
                const KEYS: &[Key] = &[$(Key::$field),*];
                $(let mut $field = None;)*
                let mut keys = $crate::json::Keys::new(<Self as $crate::json::Object>::KEYS);
                $(
                    let mut $extra = $crate::json::Map::new();
                    let mut keys = $crate::json::KeepingKeys::new(&mut keys, &mut $extra);
                )?
                while let Some(index) = keys.next(&mut map)? {
                    match KEYS.get(index) {
                        $(Some(Key::$field) => $crate::json::$kind::read(&mut $field, &mut map)?,)*
                        _ => {}
                    }
                }
                Ok(Self { $($field: $crate::json::$kind::finish($field, $key)?,)* $($extra)? })
            }

            fn write<M: $crate::json::serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
                $($crate::json::$kind::write(&self.$field, $key, map)?;)*
                $($crate::json::write_extra::<Self, _, _>(&self.$extra, map)?;)?
                let _ = map;
                Ok(())
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

    deserializer.deserialize_map(ObjectVisitor(PhantomData))
}

/// Writes an object to any serializer.
pub fn write_object<T: Object, S: Serializer>(object: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    object.write(&mut map)?;
    map.end()
}

/// Writes what `..extra` holds, but for keys that are properties of their own: those were written already.
pub fn write_extra<T: Object, V: Serialize, M: SerializeMap>(
    extra: &Map<V>,
    map: &mut M,
) -> Result<(), M::Error> {
    let mut keys = extra.iter().filter(|(key, _)| !T::KEYS.contains(&key.as_str()));
    keys.try_for_each(|(key, value)| map.serialize_entry(key, value))
}

/// Turns the keys of a map into indices of a list of names; entries of other names are skipped.
pub struct Keys {
    names: &'static [&'static str],
    /// Where the search begins: objects mostly come in the order of their schema.
    next: usize,
}

impl Keys {
    /// Looks names up in a list.
    pub fn new(names: &'static [&'static str]) -> Self {
        Self { names, next: 0 }
    }

    /// The index of the next known key; its value is still to be read.
    pub fn next<'de, A: MapAccess<'de>>(&mut self, map: &mut A) -> Result<Option<usize>, A::Error> {
        loop {
            match map.next_key_seed(KnownKey(self))? {
                None => return Ok(None),
                Some(Some(index)) => return Ok(Some(index)),
                Some(None) => map.next_value::<IgnoredAny>()?,
            };
        }
    }

    fn find(&mut self, name: &str) -> Option<usize> {
        let (before, after) = self.names.split_at_checked(self.next).unwrap_or((&[], self.names));
        let found = match after.iter().position(|known| *known == name) {
            Some(ahead) => self.next + ahead,
            None => before.iter().position(|known| *known == name)?,
        };
        self.next = found + 1;
        Some(found)
    }
}

struct KnownKey<'a>(&'a mut Keys);

impl<'de> DeserializeSeed<'de> for KnownKey<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for KnownKey<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a property")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.find(name))
    }
}

/// [`Keys`] that keeps the entries of other names.
pub struct KeepingKeys<'a, V> {
    keys: &'a mut Keys,
    extra: &'a mut Map<V>,
}

impl<'a, V> KeepingKeys<'a, V> {
    /// Keeps what `keys` does not know in `extra`.
    pub fn new(keys: &'a mut Keys, extra: &'a mut Map<V>) -> Self {
        Self { keys, extra }
    }

    /// The index of the next known key; its value is still to be read.
    pub fn next<'de, A: MapAccess<'de>>(&mut self, map: &mut A) -> Result<Option<usize>, A::Error>
    where
        V: Deserialize<'de>,
    {
        while let Some(Text(name)) = map.next_key()? {
            if let Some(index) = self.keys.find(&name) {
                return Ok(Some(index));
            }
            self.extra.insert(name.into_owned(), map.next_value()?);
        }
        Ok(None)
    }
}

/// A property that must be there.
pub mod required {
    use super::{Deserialize, MapAccess, Serialize, SerializeMap};
    use serde::de::Error;

    /// Reads the value of the key that was just read; the last of several wins.
    pub fn read<'de, T, A>(slot: &mut Option<T>, map: &mut A) -> Result<(), A::Error>
    where
        T: Deserialize<'de>,
        A: MapAccess<'de>,
    {
        *slot = Some(map.next_value()?);
        Ok(())
    }

    /// The field's value at the end of the object.
    pub fn finish<T, E: Error>(slot: Option<T>, key: &'static str) -> Result<T, E> {
        slot.ok_or_else(|| E::missing_field(key))
    }

    /// Writes the entry.
    pub fn write<T, M>(value: &T, key: &'static str, map: &mut M) -> Result<(), M::Error>
    where
        T: Serialize,
        M: SerializeMap,
    {
        map.serialize_entry(key, value)
    }
}

/// A property that may be absent; `null` reads as absent and is never written.
pub mod optional {
    use super::{Deserialize, MapAccess, Serialize, SerializeMap};

    /// Reads the value of the key that was just read; the last of several wins.
    pub fn read<'de, T, A>(slot: &mut Option<T>, map: &mut A) -> Result<(), A::Error>
    where
        T: Deserialize<'de>,
        A: MapAccess<'de>,
    {
        *slot = map.next_value()?;
        Ok(())
    }

    /// The field's value at the end of the object.
    pub fn finish<T, E>(slot: Option<T>, _key: &'static str) -> Result<Option<T>, E> {
        Ok(slot)
    }

    /// Writes the entry where there is one.
    pub fn write<T, M>(value: &Option<T>, key: &'static str, map: &mut M) -> Result<(), M::Error>
    where
        T: Serialize,
        M: SerializeMap,
    {
        value.as_ref().map_or(Ok(()), |value| map.serialize_entry(key, value))
    }
}

/// A property that may be absent or `null`, and both are told apart.
pub mod tristate {
    pub use super::optional::{finish, write};
    pub use super::required::read;
}
