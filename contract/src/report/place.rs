//! Where a cause is in the document's files.

use descant_model::source::Origin;

use super::Report;

/// A position in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Report<'_> {
    /// Returns the position of a part of the document, if its files are known.
    pub(super) fn place(&self, origin: &Origin) -> Option<Place> {
        let file = self.sources?.get(origin.span.file)?;
        let (line, column) = file.line_column(origin.span.start);
        Some(Place { file: file.name.replace('\\', "/"), line, column })
    }
}
