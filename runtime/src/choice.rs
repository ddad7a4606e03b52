//! Bodies with several representations, selected by `Content-Type`: an enum with a variant per codec.

use crate::multipart::Upload;
use crate::payload::Payload;
use crate::problem::Fault;

/// A body in one of several representations. Implemented by [`choice!`](crate::choice), never by hand.
pub trait Choice: Sized {
    /// Those of its representations that are forms with files.
    const UPLOADS: &'static [Option<Upload>];
    /// Reads the body by its media type.
    ///
    /// # Errors
    /// Returns an error if it does not match its media type.
    fn read(payload: &mut Payload) -> Result<Self, Fault>;
    /// Writes the body, and says what it is.
    ///
    /// # Errors
    /// Returns an error if the value has no such form.
    fn write(self, payload: &mut Payload) -> Result<(), Fault>;
}

/// Gives an enum of representations its form on the wire: each variant with its codec and media types, and after `as`
/// the static shape of what is not JSON. What states no media type, or another one, is read as the first. If all
/// representations have one type, which stands behind the name, the enum converts from it, as the first, and into it; behind a comma from a reference.
///
/// ```
/// use descant_runtime as rt;
///
/// pub enum ReportBody {
///     Json(rt::Value),
///     Csv(String),
/// }
/// rt::choice! { ReportBody { Json(json "application/json" | "application/hal+json"), Csv(text "text/csv") } }
/// ```
#[macro_export]
macro_rules! choice {
    ($name:ident -> $inner:ty $(, $borrowed:ty)? { $($first:ident($($codec:tt)*)),+ $(,)? }) => {
        $crate::choice! { $name { $($first($($codec)*)),+ } }
        $crate::choice! { @from $name $inner { $($first),+ } }

        impl $name {
            /// Returns the value, whatever its representation.
            pub fn into_inner(self) -> $inner {
                match self {
                    $(Self::$first(value) => value),+
                }
            }
        }

        impl From<$name> for $inner {
            fn from(body: $name) -> Self {
                body.into_inner()
            }
        }

        $(impl From<$borrowed> for $name {
            fn from(value: $borrowed) -> Self {
                value.clone().into()
            }
        })?
    };
    (@from $name:ident $inner:ty { $first:ident $(, $other:ident)* }) => {
        impl From<$inner> for $name {
            fn from(value: $inner) -> Self {
                Self::$first(value)
            }
        }
    };
    ($name:ident { $($variant:ident($codec:ident $($media:literal)|+ $(as $shape:path)?)),+ $(,)? }) => {
        impl $crate::choice::Choice for $name {
            const UPLOADS: &'static [Option<$crate::multipart::Upload>] =
                &[$($crate::choice!(@upload $name $variant $codec [$($media),+] $($shape)?)),+];

            fn read(payload: &mut $crate::payload::Payload) -> Result<Self, $crate::problem::Fault> {
                const READERS: &[$crate::choice::Reader<$name>] =
                    &[$(|payload| $crate::choice!(@read payload $codec $($shape)?).map($name::$variant)),+];
                $crate::choice::read(payload, &[$(&[$($media),+]),+], READERS)
            }

            fn write(self, payload: &mut $crate::payload::Payload) -> Result<(), $crate::problem::Fault> {
                match self {
                    $(Self::$variant(body) => {
                        let media_type = $crate::choice::first(&[$($media),+]);
                        $crate::choice!(@write payload body media_type $codec $($shape)?)
                    })+
                }
            }
        }
    };
    (@upload $name:ident $variant:ident multipart $media:tt) => {
        $crate::multipart::upload(&$media, |body: &$name| match body {
            $name::$variant(form) => Some(form),
            #[allow(unreachable_patterns, reason = "it may be the only representation")]
            _ => None,
        })
    };
    (@upload $($other:tt)*) => { None };
    (@read $payload:ident $codec:ident) => { $crate::codec::$codec::read($payload) };
    (@read $payload:ident $codec:ident $shape:path) => { $crate::codec::shaped::read($payload, &$shape) };
    (@write $payload:ident $body:ident $media:ident $codec:ident) => {
        $crate::codec::$codec::write($body, $media, $payload)
    };
    (@write $payload:ident $body:ident $media:ident $codec:ident $shape:path) => {
        $crate::codec::shaped::write($body, $media, $payload, &$shape)
    };
}

/// Returns the uploads of a choice, identified by its accessor.
pub const fn uploads<S, C: Choice>(_: fn(&S) -> Option<&C>) -> &'static [Option<Upload>] {
    C::UPLOADS
}

/// A function that reads a body as one representation.
pub type Reader<T> = fn(&mut Payload) -> Result<T, Fault>;

/// Reads a body with the reader of its media type.
///
/// # Errors
/// Returns an error if it does not match its media type.
pub fn read<T>(payload: &mut Payload, media_types: &[&[&str]], readers: &[Reader<T>]) -> Result<T, Fault> {
    let all: Vec<(usize, &str)> = media_types
        .iter()
        .enumerate()
        .flat_map(|(index, own)| own.iter().map(move |one| (index, *one)))
        .collect();
    let names: Vec<&str> = all.iter().map(|(_, name)| *name).collect();
    let selected = crate::media::select(payload.content_type(), &names);
    let index = selected.and_then(|selected| all.get(selected)).map_or(0, |(index, _)| *index);
    let none = || Fault::new("content", "a body of a documented media type", payload.content_type());
    readers.get(index).ok_or_else(none)?(payload)
}

/// Returns the media type with which a representation is sent.
pub fn first(media_types: &[&'static str]) -> &'static str {
    media_types.first().copied().unwrap_or("application/octet-stream")
}
