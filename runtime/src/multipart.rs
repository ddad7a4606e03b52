//! Typed structs as multipart bodies, with the table of [`multipart!`](crate::multipart): files are streamed, and all
//! other fields are encoded by their shapes.

use http::HeaderMap;
use serde::{Serialize, de::DeserializeOwned};

use crate::body::Body;
use crate::check;
use crate::media::{self, Part};
use crate::param::{self, Shape};
use crate::payload::Payload;
use crate::problem::Fault;

/// A struct that is a multipart body. Implemented by [`multipart!`](crate::multipart), never by hand.
pub trait Form: Sized {
    /// Which of its parts are files.
    const FILES: FileNames;
    /// Reads it from the parts of a body.
    ///
    /// # Errors
    /// Returns an error if a part is missing or is not what its shape says.
    fn read(parts: &mut Parts) -> Result<Self, Fault>;
    /// Its parts.
    ///
    /// # Errors
    /// Returns an error if a value cannot be in a part.
    fn write(self, parts: &mut Parts) -> Result<(), Fault>;
}

/// The names of the parts of a form that are files.
#[derive(Clone, Copy, Debug)]
pub struct FileNames {
    /// The named parts, and whether each is a file.
    pub known: &'static [(&'static str, bool)],
    /// Whether all other parts are files.
    pub others: bool,
}

impl FileNames {
    /// Whether a part of this name is a file.
    #[cfg(feature = "server")]
    pub(crate) fn has(self, name: &str) -> bool {
        let known = self.known.iter().find(|(known, _)| *known == name);
        known.map_or(self.others, |(_, is_file)| *is_file)
    }
}

/// A representation of a body that is a form with files.
#[derive(Clone, Copy, Debug)]
pub struct Upload {
    /// Its media types.
    pub media_types: &'static [&'static str],
    /// Its files.
    pub files: FileNames,
}

/// Returns the upload of a form, identified by its accessor.
pub const fn upload<S, F: Form>(
    media_types: &'static [&'static str],
    _: fn(&S) -> Option<&F>,
) -> Option<Upload> {
    Some(Upload { media_types, files: F::FILES })
}

/// A file in a multipart body.
#[derive(Debug, Default)]
pub struct File {
    /// The name of the file. Never use it as a path.
    pub name: Option<String>,
    /// Its media type.
    pub content_type: Option<String>,
    /// The other headers of its part.
    pub headers: HeaderMap,
    /// The content.
    pub body: Body,
}

impl File {
    /// Returns a file with this content, without a name.
    pub fn new(body: impl Into<Body>) -> Self {
        body.into().into()
    }

    /// Opens a file, which is streamed under its own name.
    ///
    /// # Errors
    /// Returns an error if the file cannot be opened.
    #[cfg(any(feature = "client", feature = "server"))]
    pub async fn open(path: impl AsRef<std::path::Path>) -> std::io::Result<Self> {
        let path = path.as_ref();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        Ok(Self { name, ..Body::open(path).await?.into() })
    }

    /// Sets the name of the file.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the media type of the file.
    #[must_use]
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }
}

impl<B: Into<Body>> From<B> for File {
    fn from(body: B) -> Self {
        Self { body: body.into(), ..Self::default() }
    }
}

/// A field with one file, an optional file, or several files.
pub trait Files: Sized {
    /// From the files that there are.
    ///
    /// # Errors
    /// Returns an error if there are too few or too many.
    fn from_files(files: Vec<File>) -> Result<Self, Fault>;
    /// Each file.
    fn into_files(self) -> Vec<File>;
}

impl Files for File {
    fn from_files(mut files: Vec<Self>) -> Result<Self, Fault> {
        match (files.pop(), files.is_empty()) {
            (Some(file), true) => Ok(file),
            _ => Err(Fault::new("required", "one file", "")),
        }
    }

    fn into_files(self) -> Vec<File> {
        vec![self]
    }
}

impl Files for Option<File> {
    fn from_files(files: Vec<File>) -> Result<Self, Fault> {
        if files.is_empty() { Ok(None) } else { File::from_files(files).map(Some) }
    }

    fn into_files(self) -> Vec<File> {
        self.into_iter().collect()
    }
}

impl Files for Vec<File> {
    fn from_files(files: Vec<File>) -> Result<Self, Fault> {
        Ok(files)
    }

    fn into_files(self) -> Vec<File> {
        self
    }
}

impl Files for Option<Vec<File>> {
    fn from_files(files: Vec<File>) -> Result<Self, Fault> {
        Ok((!files.is_empty()).then_some(files))
    }

    fn into_files(self) -> Vec<File> {
        self.unwrap_or_default()
    }
}

/// The parts of a body while a form is read or written.
#[derive(Debug, Default)]
pub struct Parts {
    list: Vec<Part>,
    /// The faults of the parts that were read.
    faults: Vec<Fault>,
}

impl Parts {
    /// Reads the file or files of this name.
    ///
    /// # Errors
    /// Returns an error if there are too few or too many.
    pub fn file<T: Files>(&mut self, name: &str) -> Result<T, Fault> {
        let file = |Part { file_name, content_type, headers, body, .. }| File {
            name: file_name,
            content_type,
            headers,
            body,
        };
        let files: Vec<File> = media::take(&mut self.list, name, None).into_iter().map(file).collect();
        let is_absent = files.is_empty();
        T::from_files(files).map_err(|fault| match is_absent {
            true => missing(name),
            false => fault.below(name),
        })
    }

    /// Reads the remaining parts by name.
    ///
    /// # Errors
    /// Returns an error if there are two of one name.
    pub fn rest(&mut self) -> Result<crate::Map<File>, Fault> {
        let mut rest = crate::Map::new();
        while let Some(name) = self.list.first().map(|part| part.name.clone()) {
            rest.insert(name.clone(), self.file(&name)?);
        }
        Ok(rest)
    }

    /// Reads the value of this name.
    ///
    /// # Errors
    /// Returns the first violation if the value is missing or does not match the shape; the others are kept.
    pub fn value<T: DeserializeOwned>(&mut self, name: &str, shape: &Shape) -> Result<T, Fault> {
        let below = |fault: Fault| fault.below(name);
        match self.checked(name, shape)? {
            Some(value) => param::typed(Some(value)).map_err(below),
            None => absent(shape).map_err(|_| missing(name)),
        }
    }

    /// Validates the value of this name, if there is one.
    ///
    /// # Errors
    /// As [`Parts::value`].
    pub fn checked(&mut self, name: &str, shape: &Shape) -> Result<Option<serde_json::Value>, Fault> {
        let value = media::property(name, &media::take(&mut self.list, name, Some(shape)), Some(shape));
        let value = value.map_err(|fault| fault.below(name))?;
        let faults = value.as_ref().map(|value| check::check(value, shape)).unwrap_or_default();
        let mut faults = faults.into_iter().map(|fault| fault.below(name));
        let first = faults.next();
        self.faults.extend(faults);
        first.map_or(Ok(value), Err)
    }

    /// Keeps the fault of a field, so that those of others are found as well.
    pub fn keep<T>(&mut self, read: Result<T, Fault>) -> Option<T> {
        read.map_err(|fault| self.faults.push(fault)).ok()
    }

    /// Finishes reading.
    ///
    /// # Errors
    /// With one of the faults, where there was one.
    pub fn finish(&mut self) -> Result<(), Fault> {
        self.faults.pop().map_or(Ok(()), Err)
    }

    /// Adds the file or files.
    ///
    /// # Errors
    /// Never; as the other writers.
    pub fn put_file<T: Files>(
        &mut self,
        name: &str,
        media_type: Option<&str>,
        files: T,
    ) -> Result<(), Fault> {
        let usual = media_type.unwrap_or("application/octet-stream");
        self.list.extend(files.into_files().into_iter().map(|file| Part {
            name: name.to_owned(),
            file_name: Some(file.name.unwrap_or_else(|| name.to_owned())),
            content_type: Some(file.content_type.unwrap_or_else(|| usual.to_owned())),
            headers: file.headers,
            body: file.body,
        }));
        Ok(())
    }

    /// Adds a value; null is omitted.
    ///
    /// # Errors
    /// Returns an error if it cannot be in a part.
    pub fn put_value<T: Serialize>(&mut self, name: &str, value: T, shape: &Shape) -> Result<(), Fault> {
        self.list.extend(media::parts_of(name, &param::untyped(&value)?, Some(shape))?);
        Ok(())
    }
}

/// Returns the fault of a missing field without a fault of its own.
pub fn unread() -> Fault {
    Fault::new("body", "a form", "")
}

/// Returns the fault of a form that lacks a part.
fn missing(name: &str) -> Fault {
    Fault::new("required", format!("the property \"{name}\""), "")
        .detail(format!("the part `{name}` is required"))
}

/// What is not there: null, or else no items, where that is right (see [`media::with_empty_lists`]).
fn absent<T: DeserializeOwned>(shape: &Shape) -> Result<T, Fault> {
    let none = serde_json::Value::Array(Vec::new());
    let may_be_empty = media::is_list(shape) && check::check(&none, shape).is_empty();
    param::typed(None).or_else(|fault| if may_be_empty { param::typed(Some(none)) } else { Err(fault) })
}

/// Reads a form from its parts, or from a body that is all there.
pub(crate) fn read<T: Form>(payload: &mut Payload) -> Result<T, Fault> {
    let whole = || payload.body.as_bytes().cloned().unwrap_or_default();
    let parts = payload.parts.take().unwrap_or_else(|| media::read_parts(payload.content_type(), whole()));
    let mut parts = Parts { list: parts?, faults: Vec::new() };
    let form = T::read(&mut parts);
    payload.faults = parts.faults;
    form
}

/// Reads a form from the values of its fields.
#[cfg(feature = "client")]
pub(crate) fn of<T: Form>(values: &serde_json::Map<String, serde_json::Value>) -> Result<T, Fault> {
    let parts = values.iter().map(|(name, value)| media::parts_of(name, value, None));
    let parts: Vec<Vec<Part>> = parts.collect::<Result<_, _>>()?;
    T::read(&mut Parts { list: parts.into_iter().flatten().collect(), faults: Vec::new() })
}

/// The `Content-Type` and the body of a form.
pub(crate) fn write<T: Form>(form: T, media_type: &str) -> Result<(String, Body), Fault> {
    let mut parts = Parts::default();
    form.write(&mut parts)?;
    let (boundary, body) = media::write_parts(parts.list);
    Ok((media::with_boundary(media_type, &boundary), body))
}

/// Gives a struct its form as a multipart body: `file` for what is sent as it is, with the media type that it has if it
/// does not say; `value` with its shape for the rest; after two dots the field of files by other names.
///
/// ```
/// use descant_runtime as rt;
///
/// #[derive(Debug, Default)]
/// pub struct UploadBody {
///     pub photo: rt::File,
///     pub more: Vec<rt::File>,
///     pub tags: Option<Vec<String>>,
///     pub others: rt::Map<rt::File>,
/// }
/// rt::multipart! {
///     UploadBody { photo = file("photo", "image/png"), more = file("more"), tags = value("tags", [string]), ..others }
/// }
/// ```
///
/// After `checks` follow parts that are validated, but not read: `readOnly` properties.
///
/// ```
/// use descant_runtime as rt;
///
/// #[derive(Debug, Default)]
/// pub struct UserBody { pub photo: rt::File }
/// rt::multipart! { UserBody { photo = file("photo") } checks { "id" (integer) } }
/// ```
///
/// Fields with a type are what `new` takes, as in [`object!`](crate::object):
///
/// ```
/// use descant_runtime as rt;
///
/// #[derive(Debug)]
/// pub struct UploadBody { pub photo: rt::File, pub title: String, pub tags: Option<Vec<String>> }
/// rt::multipart! { UploadBody {
///     photo: rt::File = file("photo"),
///     title: impl Into<String> = value("title", string),
///     tags = value("tags", [string]),
/// } }
///
/// assert_eq!(UploadBody::new(rt::File::default(), "A door").tags, None);
/// ```
#[macro_export]
macro_rules! multipart {
    ($name:ident { $($field:ident $(: $ty:ty)? = $kind:ident($($how:tt)*)),* $(, ..$more:ident)? $(,)? }
        $(checks { $($unread:literal ($($of:tt)+)),* $(,)? })?) => {
        $crate::multipart!(@new [$($($ty)?)*] $name { $($field $(: $ty)?,)* $($more,)? });

        impl $crate::multipart::Form for $name {
            const FILES: $crate::multipart::FileNames = $crate::multipart::FileNames {
                known: &[$($crate::multipart!(@named $kind $($how)*)),*],
                others: $crate::multipart!(@others $($more)?),
            };

            fn read(parts: &mut $crate::multipart::Parts) -> Result<Self, $crate::problem::Fault> {
                $(
                    let $field = $crate::multipart!(@read parts $kind $($how)*);
                    let $field = parts.keep($field);
                )*
                $($({
                    static SHAPE: $crate::param::Shape = $crate::shape!($($of)+);
                    let unread = parts.checked($unread, &SHAPE);
                    parts.keep(unread);
                })*)?
                $(
                    let $more = parts.rest();
                    let $more = parts.keep($more);
                )?
                parts.finish()?;
                Ok(Self {
                    $($field: $field.ok_or_else($crate::multipart::unread)?,)*
                    $($more: $more.ok_or_else($crate::multipart::unread)?,)?
                })
            }

            fn write(self, parts: &mut $crate::multipart::Parts) -> Result<(), $crate::problem::Fault> {
                $($crate::multipart!(@write parts (self.$field) $kind $($how)*)?;)*
                $(self.$more.into_iter().try_for_each(|(name, file)| parts.put_file(&name, None, file))?;)?
                Ok(())
            }
        }
    };
    (@new [] $($unnamed:tt)*) => {};
    (@new [$($taken:tt)+] $name:ident { $($field:ident $(: $ty:ty)?,)* }) => {
        impl $name {
            /// Returns a value with the required fields; all others are absent.
            pub fn new($($($field: $ty,)?)*) -> Self {
                Self { $($field: $crate::multipart!(@given $field $($ty)?),)* }
            }
        }
    };
    (@given $field:ident $ty:ty) => { $field.into() };
    (@given $field:ident) => { Default::default() };

    (@named file $name:literal $(, $media:literal)?) => { ($name, true) };
    (@named value $name:literal, $($shape:tt)+) => { ($name, false) };
    (@others) => { false };
    (@others $more:ident) => { true };
    (@read $parts:ident file $name:literal $(, $media:literal)?) => { $parts.file($name) };
    (@read $parts:ident value $name:literal, $($shape:tt)+) => {{
        static SHAPE: $crate::param::Shape = $crate::shape!($($shape)+);
        $parts.value($name, &SHAPE)
    }};
    (@write $parts:ident ($field:expr) file $name:literal) => { $parts.put_file($name, None, $field) };
    (@write $parts:ident ($field:expr) file $name:literal, $media:literal) => {
        $parts.put_file($name, Some($media), $field)
    };
    (@write $parts:ident ($field:expr) value $name:literal, $($shape:tt)+) => {{
        static SHAPE: $crate::param::Shape = $crate::shape!($($shape)+);
        $parts.put_value($name, $field, &SHAPE)
    }};
}
