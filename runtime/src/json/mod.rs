//! Reading and writing JSON by tables: what stands behind the types of generated code in place of serde's derives.
//!
//! A table macro expands to one small body a direction; all loops, look-ups and errors are the generic functions of
//! this module. That is what keeps a generated crate quick to compile (ARCHITECTURE.md, "Generated code").

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
pub use union::{Plan, Union, read_union};
pub(crate) use whole::{read, typed};
pub use {serde, serde_json};

/// A JSON object whose keys the document does not name, in the order of the text.
pub type Map<V> = indexmap::IndexMap<String, V>;
