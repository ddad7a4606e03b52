//! Enums of strings and integers: [`string_enum!`](crate::string_enum), [`int_enum!`](crate::int_enum) and what they
//! call. Both are open: a value that the document does not name survives a round trip.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error, Unexpected, Visitor};

use super::union::note_lost;

/// Gives an enum of unit variants, and one for all other strings, its JSON form, `as_str`, `From<&str>` and `Display`.
///
/// ```
/// use descant_runtime as rt;
///
/// #[derive(Debug, PartialEq)]
/// #[derive(Clone)]
/// pub enum Kind { Dog, Cat, Other(String) }
/// rt::string_enum! { Kind { Dog = "dog", Cat = "cat", ..Other } }
///
/// assert_eq!(serde_json::from_str::<Kind>("\"cow\"")?, Kind::Other("cow".to_owned()));
/// assert_eq!(Kind::from("dog").to_string(), "dog");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! string_enum {
    ($name:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        $crate::string_enum! { $name { $($variant = $text),+, ..Other } }
    };
    ($name:ident { $($variant:ident = $text:literal,)* .. $other:ident $(,)? }) => {
        impl $name {
            /// Returns the value on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::$other(text) => text,
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                const NAMED: &[(&str, $name)] = &[$(($text, $name::$variant)),*];
                $crate::json::named(text, NAMED).unwrap_or_else(|| Self::$other(text.to_owned()))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::json::serde::Serialize for $name {
            fn serialize<S: $crate::json::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::json::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::json::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::json::read_text(deserializer, |value| matches!(value, Self::$other(_)))
            }
        }
    };
}

/// Gives an enum of unit variants, and one for all other integers, its JSON form, `as_i64`, `From<i64>` and `Display`.
///
/// ```
/// use descant_runtime as rt;
///
/// #[derive(Debug, PartialEq)]
/// pub enum Level { Low, High, Other(i64) }
/// rt::int_enum! { Level { Low = 1, High = 2, ..Other } }
///
/// assert_eq!(serde_json::from_str::<Level>("2")?, Level::High);
/// assert_eq!(Level::from(7).as_i64(), 7);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! int_enum {
    ($name:ident { $($variant:ident = $number:literal),+ $(,)? }) => {
        $crate::int_enum! { $name { $($variant = $number),+, ..Other } }
    };
    ($name:ident { $($variant:ident = $number:literal,)* .. $other:ident $(,)? }) => {
        impl $name {
            /// Returns the value on the wire.
            pub fn as_i64(&self) -> i64 {
                match self {
                    $(Self::$variant => $number,)*
                    Self::$other(number) => *number,
                }
            }
        }

        impl From<i64> for $name {
            fn from(number: i64) -> Self {
                match number {
                    $($number => Self::$variant,)*
                    _ => Self::$other(number),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&self.as_i64(), f)
            }
        }

        impl $crate::json::serde::Serialize for $name {
            fn serialize<S: $crate::json::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_i64(self.as_i64())
            }
        }

        impl<'de> $crate::json::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::json::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::json::read_integer(deserializer, |value| matches!(value, Self::$other(_)))
            }
        }
    };
}

/// Returns the value of a name.
pub fn named<T: Clone>(name: &str, named: &[(&str, T)]) -> Option<T> {
    named.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
}

/// Reads a type that is converted from a string. Among the branches of a union, one with a value that the document does
/// not name is less near than one without.
pub fn read_text<'de, T, D>(deserializer: D, is_other: fn(&T) -> bool) -> Result<T, D::Error>
where
    T: for<'a> From<&'a str>,
    D: Deserializer<'de>,
{
    struct Text<T>(PhantomData<T>);

    impl<T: for<'a> From<&'a str>> Visitor<'_> for Text<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_str<E>(self, text: &str) -> Result<T, E> {
            Ok(text.into())
        }
    }

    deserializer.deserialize_str(Text(PhantomData)).inspect(|value| note_other(is_other(value)))
}

/// Reads a type that is converted from an integer; `1.0` is an integer (JSON Schema Core 2020-12, 6.3).
pub fn read_integer<'de, T, D>(deserializer: D, is_other: fn(&T) -> bool) -> Result<T, D::Error>
where
    T: From<i64>,
    D: Deserializer<'de>,
{
    struct Integer<T>(PhantomData<T>);

    impl<T: From<i64>> Visitor<'_> for Integer<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an integer of 64 bits")
        }

        fn visit_i64<E>(self, number: i64) -> Result<T, E> {
            Ok(number.into())
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
            let number = i64::try_from(number);
            number.map(T::from).map_err(|_| E::invalid_value(Unexpected::Other("a larger number"), &self))
        }

        fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
            let whole = number.fract() == 0.0 && number.abs() < 9.2e18;
            let number = whole.then_some(number as i64).ok_or(number);
            number.map(T::from).map_err(|number| E::invalid_value(Unexpected::Float(number), &self))
        }
    }

    deserializer.deserialize_i64(Integer(PhantomData)).inspect(|value| note_other(is_other(value)))
}

fn note_other(is_other: bool) {
    if is_other {
        note_lost();
    }
}
