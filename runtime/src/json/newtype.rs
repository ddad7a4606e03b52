//! Structs of one unnamed field that are serialized as the field: [`newtype!`](crate::newtype).

/// Gives a struct of one unnamed field the JSON form of that field; one of a text or number, whose type stands behind its
/// name, also conversions, `Deref` and `Display`.
///
/// ```
/// use descant_runtime as rt;
///
/// #[derive(Clone, Debug, PartialEq)]
/// pub struct PetId(pub String);
/// rt::newtype! { PetId(String) }
///
/// #[derive(Clone, Copy, Debug, PartialEq)]
/// pub struct Price(pub f64);
/// rt::newtype! { Price(f64) }
///
/// #[derive(Debug, PartialEq)]
/// pub struct Tree(pub Vec<Tree>);
/// rt::newtype! { Tree }
///
/// let id = PetId::from("p7");
/// assert_eq!(id, "p7");
/// assert_eq!(format!("/pets/{id}").len(), "/pets/".len() + id.len());
/// assert_eq!(*Price::from(2.5), 2.5);
/// assert_eq!(serde_json::from_str::<Tree>("[[]]")?, Tree(vec![Tree(vec![])]));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! newtype {
    ($name:ident (String)) => {
        $crate::newtype!(@of $name, String, str);

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl $crate::param::Optional<$name> for &str {}

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.0 == *other
            }
        }
    };
    ($name:ident ($inner:ty)) => {
        $crate::newtype!(@of $name, $inner, $inner);
    };
    (@of $name:ident, $inner:ty, $target:ty) => {
        $crate::newtype! { $name }

        impl From<$inner> for $name {
            fn from(value: $inner) -> Self {
                Self(value)
            }
        }

        impl $crate::param::Optional<$name> for $inner {}

        impl From<&$name> for $name {
            fn from(value: &$name) -> Self {
                value.clone()
            }
        }

        impl From<$name> for $inner {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl std::ops::Deref for $name {
            type Target = $target;

            fn deref(&self) -> &$target {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&self.0, formatter)
            }
        }
    };
    ($name:ident) => {
        impl $crate::json::serde::Serialize for $name {
            fn serialize<S: $crate::json::serde::Serializer>(
                &self,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                $crate::json::serde::Serialize::serialize(&self.0, serializer)
            }
        }

        impl<'de> $crate::json::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::json::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                $crate::json::serde::Deserialize::deserialize(deserializer).map(Self)
            }
        }
    };
}
