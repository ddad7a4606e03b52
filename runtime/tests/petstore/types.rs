//! The types of the document's schemas.

use descant_runtime as rt;

/// A pet.
#[derive(Clone, Debug, PartialEq)]
pub struct Pet {
    /// The identity of the pet.
    pub id: i64,
    /// At most 40 characters.
    pub name: String,
    pub kind: Kind,
    pub tag: Option<String>,
    pub nickname: Option<Option<String>>,
}
rt::object! { Pet { id, name = "full_name", kind } optional { tag } tristate { nickname } }
pub(crate) static PET: rt::param::Shape = rt::shape!({ "full_name": (string, MaxLength(40)) });

/// Open: a value that the document does not name survives a round trip.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Dog,
    Cat,
    Other(String),
}
rt::string_enum! { Kind { Dog = "dog", Cat = "cat" } }

/// Problem details (RFC 9457).
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    pub title: Option<String>,
    pub detail: Option<String>,
}
rt::object! { Problem {} optional { title, detail } }
