//! Converts 2.0's parameters and headers: their keywords become a schema, `collectionFormat` becomes a style.

use indexmap::IndexMap;

use super::{Fields, Upgrade};
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::references::FileNode;

/// The parameters of an operation, sorted by what 3.x makes of them.
#[derive(Default)]
pub(super) struct Parts {
    /// The converted parameters.
    pub(super) parameters: Vec<FileNode>,
    /// `in: body`, in its old form.
    pub(super) body: Option<FileNode>,
    /// `in: formData`, in their old form.
    pub(super) form: Vec<FileNode>,
}

/// Fields of a parameter that are not keywords of its schema.
const OWN: [&str; 8] =
    ["name", "in", "description", "required", "allowEmptyValue", "collectionFormat", "schema", "$ref"];

impl Upgrade<'_> {
    /// Returns the parameters of the path item and of the operation, which override those of the path item.
    pub(super) fn parameters(&mut self, item: FileNode, operation: FileNode) -> Parts {
        let mut all = IndexMap::new();
        for holder in [item, operation] {
            let list = self.get(holder, "parameters");
            let places: Vec<FileNode> =
                list.into_iter().flat_map(|list| self.graph.item_places(list)).collect();
            for place in places {
                let found = self.resolved(place).unwrap_or(place);
                let location = self.str(found, "in").unwrap_or_default().to_owned();
                let name = self.str(found, "name").unwrap_or_default().to_owned();
                // There is one body, whatever it is called.
                let name = if location == "body" { String::new() } else { name };
                all.insert((location, name), (place, found));
            }
        }
        let mut parts = Parts::default();
        for ((location, _), (place, found)) in all {
            match location.as_str() {
                "body" => parts.body = Some(found),
                "formData" => parts.form.push(found),
                _ => {
                    let new = self.parameter(found);
                    parts.parameters.push(self.as_referenced(place, new));
                }
            }
        }
        parts
    }

    fn parameter(&mut self, place: FileNode) -> FileNode {
        if let Some(known) = self.parameters.get(&place) {
            return *known;
        }
        // What cannot be followed stays what it is, so that lowering finds it as well.
        let new = match self.graph.reference(place) {
            Some(_) => place,
            None => {
                let mut fields =
                    self.kept(place, &["name", "in", "description", "required", "allowEmptyValue"]);
                fields.extend(self.value(place));
                self.object(place, fields)
            }
        };
        self.parameters.insert(place, new);
        new
    }

    /// `schema`, `style` and `explode` of a parameter or header.
    pub(super) fn value(&mut self, place: FileNode) -> Fields {
        let mut fields = vec![("schema".to_owned(), self.schema(place))];
        fields.extend(self.style(place));
        fields
    }

    /// The keywords of a parameter or header, as a schema of their own.
    pub(super) fn schema(&mut self, place: FileNode) -> FileNode {
        let fields = self.fields(Some(place)).into_iter();
        let keywords = fields.filter(|(key, _)| !OWN.contains(&&**key) && !key.starts_with("x-"));
        let keywords: Fields = keywords.collect();
        self.object(place, keywords)
    }

    /// Returns the style of an array, by default `csv` (2.0, Parameter Object).
    pub(super) fn style(&mut self, place: FileNode) -> Fields {
        if self.str(place, "type") != Some("array") {
            return Vec::new();
        }
        let format = self.str(place, "collectionFormat").unwrap_or("csv").to_owned();
        let in_query = matches!(self.str(place, "in"), Some("query" | "formData"));
        let style = match format.as_str() {
            "ssv" if in_query => "spaceDelimited",
            "pipes" if in_query => "pipeDelimited",
            "csv" | "multi" if in_query => "form",
            "csv" => "simple",
            _ => {
                let message =
                    format!("`collectionFormat: {format}` has no style here; values are separated by commas");
                self.diagnostics.push(Diagnostic::new(Code::Unsupported, message, &self.graph.origin(place)));
                if in_query { "form" } else { "simple" }
            }
        };
        let style = self.text(place, style);
        let explode = self.flag(place, format == "multi");
        vec![("style".to_owned(), style), ("explode".to_owned(), explode)]
    }
}
