//! Selects the offered media type for an `Accept` header, and the declared one for a `Content-Type`.

use std::borrow::Cow;

use http::{HeaderMap, header};
use mediatype::{MediaType, Name, ReadParams, names};

use super::essence;

/// Returns the index of the offered representation that an `Accept` header prefers (RFC 9110, 12.5.1): the highest
/// quality, then the earliest offered. Without a header it is the first; `None` if nothing is acceptable (406).
///
/// Members that are not media ranges are skipped, such as Java's old default `*; q=.2`, except names of offered types:
/// some documents use `PDF` as a media type.
pub fn negotiate(accept: Option<&str>, offered: &[&str]) -> Option<usize> {
    let ranges: Vec<Range<'_>> = members(accept.unwrap_or("*/*")).filter_map(Range::parse).collect();
    if ranges.is_empty() {
        return (!offered.is_empty()).then_some(0);
    }
    let quality = |offer: &str| {
        let best = ranges.iter().filter(|range| range.covers(offer)).max_by_key(|range| range.specificity());
        let is_named =
            || members(accept.unwrap_or_default()).any(|name| name.trim().eq_ignore_ascii_case(offer));
        best.map_or_else(|| if is_named() { 1000 } else { 0 }, |range| range.quality)
    };
    let ranked = offered.iter().enumerate().map(|(index, offer)| (index, quality(offer)));
    let best = ranked
        .filter(|(_, quality)| *quality > 0)
        .max_by_key(|(index, quality)| (*quality, usize::MAX - index));
    best.map(|(index, _)| index)
}

/// Returns the media type that a response has where a document offers a range: one that the caller names, else the usual
/// one. What is no range is returned.
pub fn offer<'o>(offered: &'o str, usual: &'o str, accept: Option<&str>) -> Cow<'o, str> {
    if !offered.contains('*') {
        return offered.into();
    }
    let mut named = accepted(accept.unwrap_or_default()).filter(|name| !name.contains('*'));
    named.find(|name| matches(offered, name)).map_or(usual.into(), |name| name.to_owned().into())
}

/// Returns the types and ranges of an `Accept` header, without their parameters.
pub fn accepted(accept: &str) -> impl Iterator<Item = &str> {
    let names = accept.split(',').map(essence);
    names.filter(|name| name.contains('/'))
}

/// Returns the index of the declared media type or range that matches a body's `Content-Type`: the most specific, then
/// the earliest. `None` if none matches (415).
pub fn select(content_type: &str, declared: &[&str]) -> Option<usize> {
    let specificity = |range: &str| match Range::parse(range) {
        Some(range) => range.covers(content_type).then(|| range.specificity()),
        None => range.eq_ignore_ascii_case(content_type).then_some((2, 0)),
    };
    let ranked = declared.iter().enumerate().filter_map(|(index, range)| Some((specificity(range)?, index)));
    ranked.max_by_key(|(specificity, index)| (*specificity, usize::MAX - index)).map(|(_, index)| index)
}

/// Returns the content codings of a body (`Content-Encoding`, RFC 9110, 8.4). None is decoded here: a server responds
/// with 415 and `Accept-Encoding: identity` (RFC 9110, 12.5.3 and 15.5.16).
pub fn coding(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(header::CONTENT_ENCODING).iter();
    let lines = lines.map(|line| String::from_utf8_lossy(line.as_bytes()).trim().to_owned());
    let stated: Vec<String> =
        lines.filter(|line| !line.is_empty() && !line.eq_ignore_ascii_case("identity")).collect();
    (!stated.is_empty()).then(|| stated.join(", "))
}

/// Whether a media range covers a media type.
pub fn matches(range: &str, media_type: &str) -> bool {
    select(media_type, &[range]).is_some()
}

/// A member of an `Accept` header, or a key under `content`.
struct Range<'a> {
    media_type: MediaType<'a>,
    /// Thousandths.
    quality: u16,
}

impl<'a> Range<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim();
        let media_type = MediaType::parse(if text == "*" { "*/*" } else { text }).ok()?;
        let quality = media_type.get_param(names::Q).and_then(|value| value.as_str().parse::<f32>().ok());
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped to 0..=1000
        let quality = (quality.unwrap_or(1.0).clamp(0.0, 1.0) * 1000.0).round() as u16;
        Some(Self { media_type, quality })
    }

    /// How much is stated: type and subtype, then the number of parameters.
    fn specificity(&self) -> (u8, usize) {
        let stated = match (self.media_type.ty.as_str(), self.media_type.subty.as_str()) {
            ("*", _) => 0,
            (_, "*") => 1,
            _ => 2,
        };
        (stated, self.parameters().count())
    }

    /// Those that tell representations apart: `q` is a weight, and one that states the usual character set says
    /// nothing.
    fn parameters(&self) -> impl Iterator<Item = (Name<'_>, mediatype::Value<'_>)> {
        self.media_type.params().filter(|(name, value)| {
            let usual = *name == names::CHARSET && value.unquoted_str().eq_ignore_ascii_case("utf-8");
            *name != names::Q && !usual
        })
    }

    fn covers(&self, media_type: &str) -> bool {
        let Ok(other) = MediaType::parse(media_type.trim()) else { return self.specificity().0 == 0 };
        let stated = self.specificity().0;
        let fits = |(name, value): (Name<'_>, mediatype::Value<'_>)| {
            other
                .get_param(name)
                .is_some_and(|stated| stated.unquoted_str().eq_ignore_ascii_case(&value.unquoted_str()))
        };
        (stated == 0 || self.media_type.ty == other.ty)
            && (stated < 2
                || (self.media_type.subty == other.subty && self.media_type.suffix == other.suffix))
            && self.parameters().all(fits)
    }
}

/// The members of a comma-separated header; commas in quotes separate nothing.
fn members(header: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    header.split(move |c: char| {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        c == ',' && !quoted
    })
}
