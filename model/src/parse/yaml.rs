//! Parses YAML 1.2 from the events of `saphyr-parser`. An alias is the node that it names, never a copy. No recursion.

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};

use super::Stop;
use super::builder::{Builder, Expect, Range};
use super::indent::Indented;
use super::scalar;
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::source::{FileId, Origin, Span};
use crate::tree::{NodeKind, Tree};

/// Reads the first YAML document of a text.
pub(super) fn parse(file: FileId, text: &str, diagnostics: &mut Diagnostics) -> Option<Tree> {
    let mut indented = Indented::new(text);
    let mut repaired = Diagnostics::default();
    loop {
        let mut found = Diagnostics::default();
        let (tree, fault) = attempt(file, text, &indented, &mut found);
        let Some(line) = fault.and_then(|(message, at)| indented.repair(&message, at)) else {
            diagnostics.extend(repaired);
            diagnostics.extend(found);
            return tree;
        };
        repaired.push(too_far_left(file, line as u32));
    }
}

/// Reads the text once; the parser's message and its place in the text that it read, where it could not go on.
fn attempt(
    file: FileId,
    text: &str,
    indented: &Indented<'_>,
    diagnostics: &mut Diagnostics,
) -> (Option<Tree>, Option<(String, usize)>) {
    let offsets = Offsets { text: &indented.text, character: 0, byte: 0 };
    let mut reader =
        Reader { text, indented, offsets, builder: Builder::new(file, text.len(), diagnostics), fault: None };
    if reader.read().is_err() {
        return (None, reader.fault);
    }
    if reader.builder.is_empty() {
        reader.builder.stop(Code::NotOpenapi, "the document is empty", 0..0);
    }
    (reader.builder.finish(), None)
}

/// A line that was read as if it were indented.
fn too_far_left(file: FileId, line: u32) -> Diagnostic {
    let message = "this line is indented less than its block; it is accepted";
    let origin = Origin { span: Span { file, start: line, end: line }, pointer: "".into() };
    let mut finding = Diagnostic::new(Code::Syntax, message, &origin).help(
        "indent it deeper than the key above: not every YAML parser accepts this (YAML 1.2, 7.3 and 7.4)",
    );
    finding.severity = Severity::Warning;
    finding
}

struct Reader<'t, 'd> {
    /// The original text.
    text: &'t str,
    /// The repaired text.
    indented: &'t Indented<'t>,
    offsets: Offsets<'t>,
    builder: Builder<'d>,
    fault: Option<(String, usize)>,
}

impl<'t> Reader<'t, '_> {
    fn read(&mut self) -> Result<(), Stop> {
        let mut parser = Parser::new_from_str(&self.indented.text);
        while let Some(event) = parser.next_event() {
            let (event, span) = event.map_err(|error| self.syntax(&error))?;
            let start = self.original(span.start.index());
            let end = self.original(span.end.index());
            match event {
                Event::DocumentStart(_) if !self.builder.is_empty() => {
                    self.second_document(start..end);
                    return Ok(());
                }
                _ => self.event(event, start..end)?,
            }
        }
        Ok(())
    }

    /// Returns the byte in the original text of a character in the repaired text.
    fn original(&mut self, character: usize) -> u32 {
        self.indented.original(self.offsets.byte(character) as usize) as u32
    }

    fn event(&mut self, event: Event<'t>, range: Range) -> Result<(), Stop> {
        match event {
            Event::Alias(anchor) => self.alias(anchor, range),
            Event::Scalar(text, style, anchor, tag) => {
                let range = self.trimmed(range);
                if self.builder.expects() == Expect::Key {
                    let merge = text == "<<" && style == ScalarStyle::Plain && tag.is_none();
                    self.builder.key(text.into(), range, merge);
                    return Ok(());
                }
                let text = if self.is_unended(style, &range) { text.trim_end_matches('\n') } else { &*text };
                let kind = self.kind(text, style, tag.as_deref(), range.clone());
                self.builder.scalar(kind, range, anchor)
            }
            Event::SequenceStart(anchor, _) => {
                self.no_key(range.clone())?;
                self.builder.open_array(range.start, anchor)
            }
            Event::MappingStart(anchor, _) => {
                self.no_key(range.clone())?;
                self.builder.open_object(range.start, anchor)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                // A block ends before the next token; a flow collection with its bracket.
                let bracket = self.text.get(range.start as usize..range.end as usize);
                let end = matches!(bracket, Some("]" | "}")).then_some(range.end);
                self.builder.close(end)
            }
            _ => Ok(()),
        }
    }

    fn alias(&mut self, anchor: usize, range: Range) -> Result<(), Stop> {
        if self.builder.expects() == Expect::Key {
            let Some(key) = self.builder.alias_text(anchor).map(str::to_owned) else {
                return self.no_key(range);
            };
            self.builder.key(key.into(), range, false);
            return Ok(());
        }
        if self.builder.alias(anchor, range.clone())? {
            return Ok(());
        }
        Err(self.builder.stop(Code::Syntax, "an alias refers to a value that contains it", range))
    }

    fn no_key(&mut self, range: Range) -> Result<(), Stop> {
        match self.builder.expects() {
            Expect::Key => Err(self.builder.stop(Code::Syntax, "a key must be a scalar", range)),
            _ => Ok(()),
        }
    }

    /// Types a scalar by its tag, or by its form if it is plain and has none. Unknown tags are ignored.
    fn kind(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, range: Range) -> NodeKind {
        let core = tag.filter(|tag| tag.is_yaml_core_schema()).map(|tag| tag.suffix.as_str());
        match core {
            Some("str") => return NodeKind::String(text.into()),
            Some("int" | "float" | "bool" | "null") => {}
            _ if style != ScalarStyle::Plain || tag.is_some() => return NodeKind::String(text.into()),
            _ => {}
        }
        scalar::plain(text).unwrap_or_else(|| {
            let message = format!("`{text}` is not a number in JSON; it is read as a string");
            let origin = self.builder.origin(range);
            self.builder.diagnostics.push(Diagnostic::new(Code::NumberInexact, message, &origin));
            NodeKind::String(text.into())
        })
    }

    /// Whether a block scalar's last line ends with the text and not with a line break, so that its value has none there
    /// (YAML 1.2, 8.1.1.2); the parser adds one.
    fn is_unended(&self, style: ScalarStyle, range: &Range) -> bool {
        let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        is_block && range.end as usize == self.text.trim_end_matches([' ', '\t']).len()
    }

    /// Returns the end of a scalar for findings: before the line break of a block scalar.
    fn trimmed(&self, range: Range) -> Range {
        let text = self.text.get(range.start as usize..range.end as usize).unwrap_or("");
        range.start..range.start + text.trim_end().len() as u32
    }

    fn second_document(&mut self, range: Range) {
        let message = "a second YAML document begins here; only the first is read";
        let mut diagnostic = Diagnostic::new(Code::Syntax, message, &self.builder.origin(range));
        diagnostic.severity = Severity::Warning;
        self.builder.diagnostics.push(diagnostic);
    }

    fn syntax(&mut self, error: &ScanError) -> Stop {
        let index = error.marker().index();
        self.fault = Some((error.info().to_owned(), self.offsets.byte(index) as usize));
        let at = self.original(index);
        match tab_indent(self.text, at) {
            Some(tab) => {
                let message = "a tab is used for indentation; YAML allows spaces only (YAML 1.2, 6.1)";
                self.builder.stop(Code::Syntax, message, tab..tab + 1)
            }
            None => self.builder.stop(Code::Syntax, format!("this is not YAML: {}", error.info()), at..at),
        }
    }
}

/// A tab that indents the line of a fault, or else a neighbour of that line.
fn tab_indent(text: &str, at: u32) -> Option<u32> {
    let line_start = |before: &str| before.rfind('\n').map_or(0, |i| i + 1);
    let (before, after) = text.split_at_checked(at as usize)?;
    let here = line_start(before);
    let next = at as usize + after.find('\n').map_or(after.len(), |i| i + 1);
    let previous = line_start(text.get(..here.saturating_sub(1))?);
    [here, next, previous].into_iter().find_map(|start| {
        let rest = text.get(start..)?;
        let indent = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        rest.get(..indent)?.find('\t').map(|i| (start + i) as u32)
    })
}

/// Converts positions in characters to bytes. It walks from the last position, since positions are close together.
struct Offsets<'t> {
    text: &'t str,
    character: usize,
    byte: usize,
}

impl Offsets<'_> {
    fn byte(&mut self, character: usize) -> u32 {
        let (before, after) = self.text.split_at_checked(self.byte).unwrap_or((self.text, ""));
        if character >= self.character {
            let steps = character - self.character;
            self.byte += after.chars().take(steps).map(char::len_utf8).sum::<usize>();
        } else {
            let steps = self.character - character;
            self.byte -= before.chars().rev().take(steps).map(char::len_utf8).sum::<usize>();
        }
        self.character = character;
        self.byte as u32
    }
}
