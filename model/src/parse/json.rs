//! Parses JSON (RFC 8259) with `jiter`, which reports positions and keeps numbers as text. No recursion.

use compact_str::CompactString;
use jiter::{Jiter, JiterError, Peek};

use super::builder::{Builder, Expect};
use super::{Stop, at};
use crate::codes::Code;
use crate::diagnostic::Diagnostics;
use crate::source::FileId;
use crate::tree::{NodeKind, Tree};

/// Reads one JSON text. An escape of half a character, which `jiter` takes for a fault, is read as U+FFFD.
pub(super) fn parse(file: FileId, text: &str, diagnostics: &mut Diagnostics) -> Option<Tree> {
    let mut found = Diagnostics::default();
    let tree = parse_strictly(file, text, &mut found);
    let lone = if tree.is_none() { lone_surrogates(text) } else { Vec::new() };
    if lone.is_empty() {
        diagnostics.extend(found);
        return tree;
    }
    let mut text = text.to_owned();
    for offset in lone {
        let message = "the escape is half of a surrogate pair; it is replaced by U+FFFD";
        diagnostics.push(at(Code::LoneSurrogate, message, file, offset as u32, offset as u32 + 6));
        // Of the same length, so that places stay.
        text.replace_range(offset..offset + 6, "\\ufffd");
    }
    parse_strictly(file, &text, diagnostics)
}

fn parse_strictly(file: FileId, text: &str, diagnostics: &mut Diagnostics) -> Option<Tree> {
    let builder = Builder::new(file, text.len(), diagnostics);
    let mut reader = Reader { text, jiter: Jiter::new(text.as_bytes()), builder };
    reader.read().ok()?;
    reader.builder.finish()
}

struct Reader<'t, 'd> {
    text: &'t str,
    jiter: Jiter<'t>,
    builder: Builder<'d>,
}

impl Reader<'_, '_> {
    fn read(&mut self) -> Result<(), Stop> {
        let mut next = self.jiter.peek();
        loop {
            let peek = next.map_err(|error| self.syntax(&error))?;
            next = match self.value(peek)? {
                Some(first) => Ok(first),
                None => match self.step()? {
                    Some(following) => Ok(following),
                    None => return Ok(()),
                },
            };
        }
    }

    /// Reads a scalar, or opens a container and gives what begins its first value.
    fn value(&mut self, peek: Peek) -> Result<Option<Peek>, Stop> {
        let start = self.position();
        match peek {
            Peek::Array => {
                self.builder.open_array(start, 0)?;
                match self.jiter.known_array().map_err(|error| self.syntax(&error))? {
                    None => self.builder.close(Some(self.position())).map(|()| None),
                    first => Ok(first),
                }
            }
            Peek::Object => {
                self.builder.open_object(start, 0)?;
                self.key(true)
            }
            _ => {
                let kind = self.scalar(peek).map_err(|error| self.syntax(&error))?;
                self.builder.scalar(kind, start..self.position(), 0)?;
                Ok(None)
            }
        }
    }

    fn scalar(&mut self, peek: Peek) -> Result<NodeKind, JiterError> {
        Ok(match peek {
            Peek::String => NodeKind::String(self.jiter.known_str()?.into()),
            Peek::True | Peek::False => NodeKind::Bool(self.jiter.known_bool(peek)?),
            Peek::Null => {
                self.jiter.known_null()?;
                NodeKind::Null
            }
            _ => NodeKind::Number(String::from_utf8_lossy(self.jiter.known_number_bytes(peek)?).into()),
        })
    }

    /// Closes complete containers after a value; returns the start of the next value, or `None` at the end of the text.
    fn step(&mut self) -> Result<Option<Peek>, Stop> {
        loop {
            let next = match self.builder.expects() {
                Expect::Nothing => {
                    self.jiter.finish().map_err(|error| self.syntax(&error))?;
                    return Ok(None);
                }
                Expect::Item => match self.jiter.array_step().map_err(|error| self.syntax(&error))? {
                    None => self.builder.close(Some(self.position())).map(|()| None),
                    next => Ok(next),
                },
                Expect::Key | Expect::Value => self.key(false),
            }?;
            if next.is_some() {
                return Ok(next);
            }
        }
    }

    /// Reads a key and gives what begins its value; closes the object where there is no key.
    fn key(&mut self, first: bool) -> Result<Option<Peek>, Stop> {
        let before = self.jiter.current_index();
        let key = if first { self.jiter.known_object() } else { self.jiter.next_key() };
        let key: Option<CompactString> = match key {
            Ok(key) => key.map(Into::into),
            Err(error) => return Err(self.syntax(&error)),
        };
        let Some(key) = key else {
            self.builder.close(Some(self.position()))?;
            return Ok(None);
        };
        // White space and one `{` or `,` stand before the key, white space and `:` after it.
        let bytes = self.text.as_bytes().get(..self.jiter.current_index()).unwrap_or_default();
        let quote = |byte: &u8| *byte == b'"';
        let start = before + bytes.iter().skip(before).position(quote).unwrap_or(0);
        let end = bytes.iter().rposition(quote).map_or(start, |quote| quote + 1);
        self.builder.key(key, start as u32..end as u32, false);
        self.jiter.peek().map(Some).map_err(|error| self.syntax(&error))
    }

    fn position(&self) -> u32 {
        self.jiter.current_index() as u32
    }

    fn syntax(&mut self, error: &JiterError) -> Stop {
        let rest = self.text.get(error.index..).unwrap_or("");
        let message = if error.index >= self.text.len() {
            "the text ends in the middle of a value".to_owned()
        } else if ["NaN", "Infinity", "-Infinity"].iter().any(|word| rest.starts_with(word)) {
            "JSON has no `NaN` and no `Infinity`".to_owned()
        } else {
            format!("this is not JSON: {}", error.error_type)
        };
        let end = error.index + rest.chars().next().map_or(0, char::len_utf8);
        self.builder.stop(Code::Syntax, message, error.index as u32..end as u32)
    }
}

/// Finds escapes of half a surrogate pair. A backslash outside of strings is a fault anyway, so strings need not be
/// distinguished.
fn lone_surrogates(text: &str) -> Vec<usize> {
    let mut lone = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find('\\')).map(|i| i + from) {
        from = at + 2;
        let Some(unit) = escaped_unit(text, at) else { continue };
        from = at + 6;
        match unit {
            0xD800..=0xDBFF if matches!(escaped_unit(text, from), Some(0xDC00..=0xDFFF)) => from += 6,
            0xD800..=0xDFFF => lone.push(at),
            _ => {}
        }
    }
    lone
}

/// The UTF-16 unit of a `\uXXXX` at an offset.
fn escaped_unit(text: &str, at: usize) -> Option<u16> {
    let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
    digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
}
