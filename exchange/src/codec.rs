//! How the text of a parameter or header stands for its value.

use std::fmt;

use descant_model::api::{self, Header, Location, Parameter, ParameterEncoding};
use descant_runtime::media::MediaKind;
use descant_runtime::param::{self, Encoding, Style};

/// How the text of a parameter or header stands for its value (OAS 4.8.12 and 4.8.21).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextCodec {
    /// By a style, or as one JSON document or text.
    Encoded(Encoding),
    /// The whole query string is a body of this media type (OAS 3.2, `in: querystring`).
    QueryString(String),
    /// By a media type that no parameter can be read as: the text stands for itself, and is not validated.
    Unsupported(Unsupported),
}

/// A media type that the content of a parameter or header cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported {
    /// As the document writes it.
    pub media_type: String,
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not supported as the content of a parameter; its text is not validated",
            self.media_type
        )
    }
}

impl std::error::Error for Unsupported {}

impl TextCodec {
    /// Returns the codec of a parameter.
    pub fn of_parameter(parameter: &Parameter) -> Self {
        match (&parameter.encoding, parameter.location) {
            (ParameterEncoding::Content { media_type }, Location::QueryString) => {
                match MediaKind::of(media_type) {
                    MediaKind::Form | MediaKind::Json | MediaKind::Text => {
                        TextCodec::QueryString(media_type.clone())
                    }
                    _ => TextCodec::unsupported(media_type),
                }
            }
            (encoding, _) => TextCodec::of(encoding),
        }
    }

    /// Returns the codec of a response header, or of a header of a multipart part.
    pub fn of_header(header: &Header) -> Self {
        TextCodec::of(&header.encoding)
    }

    /// Returns the codec of what stands alone: not of a whole query string.
    pub fn of(encoding: &ParameterEncoding) -> Self {
        match encoding {
            ParameterEncoding::Style { style, explode, allow_reserved, .. } => {
                let (style, explode, allow_reserved) = (self::style(*style), *explode, *allow_reserved);
                TextCodec::Encoded(Encoding { style, explode, allow_reserved })
            }
            ParameterEncoding::Content { media_type } => match MediaKind::of(media_type) {
                MediaKind::Json => TextCodec::Encoded(param::JSON),
                MediaKind::Text => TextCodec::Encoded(param::TEXT),
                _ => TextCodec::unsupported(media_type),
            },
        }
    }

    fn unsupported(media_type: &str) -> Self {
        TextCodec::Unsupported(Unsupported { media_type: media_type.to_owned() })
    }

    /// Returns how the value is written and read; text where the media type is not supported.
    pub fn encoding(&self) -> Encoding {
        match self {
            TextCodec::Encoded(encoding) => *encoding,
            TextCodec::QueryString(_) => param::FORM,
            TextCodec::Unsupported(_) => param::TEXT,
        }
    }

    /// Returns whether the schema says anything of the value.
    pub fn is_supported(&self) -> bool {
        !matches!(self, TextCodec::Unsupported(_))
    }
}

pub(crate) fn style(style: api::Style) -> Style {
    match style {
        api::Style::Simple => Style::Simple,
        api::Style::Label => Style::Label,
        api::Style::Matrix => Style::Matrix,
        api::Style::Form => Style::Form,
        api::Style::SpaceDelimited => Style::SpaceDelimited,
        api::Style::PipeDelimited => Style::PipeDelimited,
        api::Style::DeepObject => Style::DeepObject,
        api::Style::Cookie => Style::Cookie,
    }
}

/// Returns where a parameter travels: a whole query string is a part of the query.
pub fn location(location: Location) -> param::Location {
    match location {
        Location::Path => param::Location::Path,
        Location::Query | Location::QueryString => param::Location::Query,
        Location::Header => param::Location::Header,
        Location::Cookie => param::Location::Cookie,
    }
}
