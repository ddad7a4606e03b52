//! For people: an excerpt of the source with a caret, as rustc prints it.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};

use super::clean::{clean, clean_char};
use super::{Location, summary};
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{Sources, Span};

/// The maximum number of characters before and after a caret, and of a caret.
const BEFORE: usize = 60;
const AFTER: usize = 80;

pub(super) fn render(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let renderer = Renderer::styled().decor_style(DecorStyle::Ascii);
    let mut out = String::new();
    for found in diagnostics {
        out += &renderer.render(&report(found, sources));
        out += "\n\n";
    }
    match summary(diagnostics) {
        counts if counts.is_empty() => out,
        counts => out + &counts + "\n",
    }
}

fn report<'a>(found: &'a Diagnostic, sources: &'a Sources) -> Vec<Group<'a>> {
    let level = match found.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(clean(&found.message)).id(found.code.as_str());
    let mut group = Group::with_title(title);
    group = group.elements(listing(found.span, &found.label, AnnotationKind::Primary, sources));
    for (span, label) in &found.related {
        group = group.elements(listing(*span, label, AnnotationKind::Context, sources));
    }
    if !found.pointer.is_empty() {
        group = group
            .element(Level::NOTE.with_name("at").message(clean(&format!("#{}", found.pointer)).into_owned()));
    }
    if let Some(help) = &found.help {
        group = group.element(Level::HELP.message(clean(help)));
    }
    vec![group]
}

/// The name of a place, and its line with a caret.
fn listing<'a>(span: Span, label: &'a str, kind: AnnotationKind, sources: &'a Sources) -> Vec<Element<'a>> {
    let at = Location::new(span, sources);
    if at.file.is_empty() {
        return Vec::new();
    }
    let origin = Origin::path(clean(at.file)).line(at.line).char_column(at.column);
    let Some(cut) = Cut::new(span, sources) else { return vec![origin.into()] };
    let mut caret = kind.span(cut.start..cut.end);
    if !label.is_empty() {
        caret = caret.label(clean(label));
    }
    let snippet = Snippet::source(cut.text).line_start(at.line).annotation(caret);
    match cut.is_from_start {
        true => vec![snippet.path(clean(at.file)).into()],
        // The renderer counts columns in what it is given.
        false => vec![origin.into(), snippet.into()],
    }
}

/// The part of a line round a span, fit to print, and where the span is in it.
struct Cut {
    text: String,
    start: usize,
    end: usize,
    /// Whether the line is shown from its first character on.
    is_from_start: bool,
}

impl Cut {
    /// `None` where the file has no text.
    fn new(span: Span, sources: &Sources) -> Option<Self> {
        let file = sources.get(span.file).filter(|file| !file.text.is_empty())?;
        let line = file.line(span.start);
        let start = boundary(&file.text, (span.start as usize).clamp(line.start, line.end));
        let end = boundary(&file.text, (span.end as usize).clamp(start, line.end));
        let (before, marked, after) =
            (file.text.get(line.start..start)?, file.text.get(start..end)?, file.text.get(end..line.end)?);
        let mut text = String::new();
        push_end(&mut text, before, BEFORE);
        let start = text.len();
        push_start(&mut text, marked, AFTER);
        let end = text.len();
        if end - start >= marked.len() {
            push_start(&mut text, after, AFTER);
        }
        Some(Self { text, start, end, is_from_start: before.chars().count() <= BEFORE })
    }
}

/// The start of the character that an offset is in.
fn boundary(text: &str, offset: usize) -> usize {
    (0..=offset).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Adds the last characters of a text, with `…` for those left out.
fn push_end(out: &mut String, text: &str, most: usize) {
    let from = text.char_indices().rev().nth(most).map(|(index, c)| index + c.len_utf8());
    out.push_str(if from.is_some() { "…" } else { "" });
    out.extend(text.get(from.unwrap_or(0)..).unwrap_or_default().chars().map(printable));
}

/// Adds the first characters of a text, with `…` for those left out.
fn push_start(out: &mut String, text: &str, most: usize) {
    let end = text.char_indices().nth(most).map(|(index, _)| index);
    out.extend(text.get(..end.unwrap_or(text.len())).unwrap_or_default().chars().map(printable));
    out.push_str(if end.is_some() { "…" } else { "" });
}

/// Keeps tabs: the renderer expands them together with the caret.
fn printable(c: char) -> char {
    if c == '\t' { c } else { clean_char(c) }
}
