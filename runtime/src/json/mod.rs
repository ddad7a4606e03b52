//! Reads and writes JSON with tables, which generated types use instead of serde's derives.
//!
//! A table macro expands to a small body per direction; all loops, lookups and errors are in the generic functions of
//! this module. This keeps compile times of generated crates short (`docs/figures.md`, "Generated clients").

mod base64;
mod content;
mod enums;
mod newtype;
mod number;
mod object;
mod union;
mod whole;

pub use base64::Base64;
pub use content::Content;
pub use enums::{named, read_integer, read_text};
pub use number::Number;
pub(crate) use number::{is_kept, rounded};
pub use object::{
    Object, Optional, Part, Present, Rest, Skip, Slot, Tristate, fill, put, read_object, write_extra,
    write_object,
};
pub use union::{Dispatch, Union, read_union};
pub(crate) use whole::{read, typed};
pub use {serde, serde_json};

/// A JSON object with arbitrary keys, in the order of the text.
pub type Map<V> = indexmap::IndexMap<String, V>;
