//! Lowers parameters and headers with their serialization (OAS 4.8.12, 4.8.21).

use std::sync::Arc;

use indexmap::IndexMap;

use super::names::Way;
use super::view::View;
use super::{Lower, enter, source_tag};
use crate::api::{Header, Location, Parameter, ParameterEncoding, PathPiece, PathTemplate, Style};
use crate::check::is_ignored_header;
use crate::source::Origin;

impl<'g> Lower<'g> {
    /// Returns the parameters of a path item and of an operation, which override those of the path item (OAS 4.8.10).
    /// An undeclared parameter of the path is a string, since no request could be made without it. A path parameter
    /// that the path does not contain is left out, since no request can have it.
    pub(super) fn parameters(
        &mut self,
        holders: [(View<'g>, &Way); 2],
        path: &PathTemplate,
        origin: &Origin,
    ) -> Vec<Arc<Parameter>> {
        let mut parameters: IndexMap<(Location, String), Arc<Parameter>> = IndexMap::new();
        for (holder, way) in holders {
            for view in holder.list("parameters") {
                let Some((view, way)) = enter_parameter(view, way) else { continue };
                if let Some(parameter) = self.parameter(view, &way) {
                    parameters.insert((parameter.location, parameter.name.clone()), parameter);
                }
            }
        }
        let names = path.pieces.iter().filter_map(|piece| match piece {
            PathPiece::Parameter(name) => Some(name),
            PathPiece::Literal(_) => None,
        });
        let names: Vec<&String> = names.collect();
        parameters.retain(|(location, name), _| *location != Location::Path || names.contains(&name));
        for name in names {
            let key = (Location::Path, name.clone());
            parameters.entry(key).or_insert_with(|| Arc::new(undeclared(name, origin)));
        }
        parameters.into_values().collect()
    }

    fn parameter(&mut self, view: View<'g>, way: &Way) -> Option<Arc<Parameter>> {
        if let Some(known) = self.parameters.get(&view.place) {
            return known.clone();
        }
        let parameter = self.new_parameter(view, way).map(Arc::new);
        self.parameters.insert(view.place, parameter.clone());
        parameter
    }

    /// Returns `None` for invalid parameters, and for header parameters without effect.
    fn new_parameter(&mut self, view: View<'g>, way: &Way) -> Option<Parameter> {
        let name = view.text("name")?;
        let location = location(view.str("in")?)?;
        if location == Location::Header && is_ignored_header(&name) {
            return None;
        }
        let (encoding, holder) = encoding(view, location);
        Some(Parameter {
            name,
            location,
            description: view.text("description"),
            required: location == Location::Path || view.flag("required").unwrap_or(false),
            deprecated: view.flag("deprecated").unwrap_or(false),
            encoding,
            schema: self.schema(holder, "schema", way),
            examples: self.examples_of(view, holder),
            source: source_tag(view),
            origin: view.origin(),
        })
    }

    /// The headers under a key of a response or encoding.
    pub(super) fn headers(&mut self, view: View<'g>, way: &Way) -> IndexMap<String, Header> {
        let headers = view.map("headers").filter(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
        let headers = headers.filter_map(|(name, header)| {
            let (header, way) = enter(header, &way.with(name))?;
            Some((name.to_owned(), self.header(header, &way)))
        });
        headers.collect()
    }

    fn header(&mut self, view: View<'g>, way: &Way) -> Header {
        let (encoding, holder) = encoding(view, Location::Header);
        Header {
            description: view.text("description"),
            required: view.flag("required").unwrap_or(false),
            deprecated: view.flag("deprecated").unwrap_or(false),
            encoding,
            schema: self.schema(holder, "schema", way),
            examples: self.examples_of(view, holder),
            origin: view.origin(),
        }
    }

    /// The examples beside the schema, wherever that is.
    fn examples_of(&mut self, view: View<'g>, holder: View<'g>) -> Vec<crate::api::Example> {
        let mut examples = self.examples(view);
        if holder.place != view.place {
            examples.extend(self.examples(holder));
        }
        examples
    }
}

/// Returns an undeclared parameter of the path.
fn undeclared(name: &str, origin: &Origin) -> Parameter {
    let (style, explode, allow_reserved, allow_empty) = (Style::Simple, false, false, false);
    Parameter {
        name: name.to_owned(),
        location: Location::Path,
        description: None,
        required: true,
        deprecated: false,
        encoding: ParameterEncoding::Style { style, explode, allow_reserved, allow_empty },
        schema: None,
        examples: Vec::new(),
        source: None,
        origin: origin.clone(),
    }
}

/// A parameter where it is written, and what inline schemas in it are called by.
fn enter_parameter<'g>(view: View<'g>, way: &Way) -> Option<(View<'g>, Way)> {
    let (target, way) = enter(view, way)?;
    if target.place != view.place {
        return Some((target, way));
    }
    let name = target.str("name").unwrap_or("parameter");
    Some((target, way.with(name)))
}

fn location(text: &str) -> Option<Location> {
    Some(match text {
        "path" => Location::Path,
        "query" => Location::Query,
        "querystring" => Location::QueryString,
        "header" => Location::Header,
        "cookie" => Location::Cookie,
        _ => return None,
    })
}

/// Returns the serialization of a value, and the object with its schema: the parameter itself, or the entry of
/// `content`.
fn encoding(view: View<'_>, location: Location) -> (ParameterEncoding, View<'_>) {
    if let Some((media_type, content)) = view.map("content").next() {
        let content = content.resolved().unwrap_or(content);
        return (ParameterEncoding::Content { media_type: media_type.to_owned() }, content);
    }
    let style = view.str("style").and_then(style).unwrap_or(match location {
        Location::Path | Location::Header => Style::Simple,
        Location::Query | Location::QueryString | Location::Cookie => Style::Form,
    });
    let encoding = ParameterEncoding::Style {
        style,
        explode: view.flag("explode").unwrap_or(matches!(style, Style::Form | Style::Cookie)),
        allow_reserved: view.flag("allowReserved").unwrap_or(false),
        allow_empty: view.flag("allowEmptyValue").unwrap_or(false),
    };
    (encoding, view)
}

/// A style by its name.
pub(super) fn style(text: &str) -> Option<Style> {
    Some(match text {
        "simple" => Style::Simple,
        "label" => Style::Label,
        "matrix" => Style::Matrix,
        "form" => Style::Form,
        "spaceDelimited" => Style::SpaceDelimited,
        "pipeDelimited" => Style::PipeDelimited,
        "deepObject" => Style::DeepObject,
        "cookie" => Style::Cookie,
        _ => return None,
    })
}
