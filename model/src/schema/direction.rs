//! The direction of a value: request or response.

/// The direction of a value, which decides the effect of `readOnly` and `writeOnly` (OAS 4.8.24).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// From client to server: `readOnly` properties are not required.
    Request,
    /// From server to client: `writeOnly` properties are not required.
    #[default]
    Response,
}

impl Direction {
    /// Returns the annotation that hides a property in this direction.
    pub fn hiding_keyword(self) -> &'static str {
        match self {
            Direction::Request => "readOnly",
            Direction::Response => "writeOnly",
        }
    }
}
