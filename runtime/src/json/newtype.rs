//! Structs of one unnamed field that are written as the field: [`newtype!`](crate::newtype).

/// Gives a struct of one unnamed field the JSON form of that field.
///
/// ```
/// use descant_runtime as rt;
///
/// #[derive(Debug, PartialEq)]
/// pub struct Tree(pub Vec<Tree>);
/// rt::newtype! { Tree }
///
/// assert_eq!(serde_json::from_str::<Tree>("[[]]")?, Tree(vec![Tree(vec![])]));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! newtype {
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
