//! Splits sequential bodies into items: JSON lines (including RFC 7464) and server-sent events (WHATWG HTML, 9.2). The
//! readers work incrementally.

use bytes::BytesMut;
use serde_json::{Map, Value};

use crate::problem::Fault;

/// The longest line, in bytes.
const LONGEST: usize = 16 << 20;

/// Splits bytes into lines that end with `\n`, `\r\n` or `\r`.
#[derive(Debug, Default)]
struct Lines {
    rest: BytesMut,
    /// The number of bytes of `rest` without a line end.
    seen: usize,
    after_return: bool,
    /// `\r` alone ends a line of an event stream, but stands for a space in JSON.
    returns: bool,
}

impl Lines {
    fn push(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.rest.extend_from_slice(bytes);
        match self.rest.len() - self.seen > LONGEST && !self.has_line() {
            true => Err(Fault::new("syntax", "lines of at most 16 MiB", "")),
            false => Ok(()),
        }
    }

    fn has_line(&self) -> bool {
        self.rest.iter().skip(self.seen).any(|byte| self.ends(*byte))
    }

    fn ends(&self, byte: u8) -> bool {
        byte == b'\n' || self.returns && byte == b'\r'
    }

    fn pop(&mut self) -> Option<String> {
        if self.after_return && self.rest.first() == Some(&b'\n') {
            let _ = self.rest.split_to(1);
            self.after_return = false;
        }
        match self.rest.iter().skip(self.seen).position(|byte| self.ends(*byte)) {
            Some(at) => {
                let mut line = self.rest.split_to(self.seen + at + 1);
                self.seen = 0;
                let end = line.split_off(line.len() - 1);
                self.after_return = end.first() == Some(&b'\r');
                Some(String::from_utf8_lossy(&line).into_owned())
            }
            None => {
                self.seen = self.rest.len();
                None
            }
        }
    }

    fn finish(&mut self) -> Option<String> {
        self.seen = 0;
        let rest = self.rest.split();
        (!rest.is_empty()).then(|| String::from_utf8_lossy(&rest).into_owned())
    }
}

/// Reads JSON values, one per line; blank lines and record separators are skipped.
#[derive(Debug, Default)]
pub struct JsonLines {
    lines: Lines,
}

impl JsonLines {
    /// Adds bytes.
    ///
    /// # Errors
    /// Returns an error if a line does not end.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.lines.push(bytes)
    }

    /// Returns the text of the next value, if its line is complete.
    pub fn pop(&mut self) -> Option<String> {
        std::iter::from_fn(|| self.lines.pop()).find_map(json_text)
    }

    /// Returns the text of the last value, at the end of the body.
    pub fn finish(&mut self) -> Option<String> {
        self.lines.finish().and_then(json_text)
    }
}

fn json_text(line: String) -> Option<String> {
    let text = line.trim_matches(|c: char| c == '\u{1e}' || c.is_ascii_whitespace());
    (!text.is_empty()).then(|| text.to_owned())
}

/// A server-sent event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// The type of the event; `None` means `message`.
    pub event: Option<String>,
    /// The data, with lines joined by `\n`.
    pub data: String,
    /// The id for resuming.
    pub id: Option<String>,
    /// The delay before a reconnection, in milliseconds.
    pub retry: Option<u64>,
}

impl Event {
    /// Returns an event with data only.
    pub fn of(data: impl Into<String>) -> Self {
        Self { data: data.into(), ..Self::default() }
    }

    /// Returns the text of the event, including its blank line. Line breaks in a name or id are removed.
    pub fn to_text(&self) -> String {
        let one_line = |text: &str| text.replace(['\r', '\n', '\0'], "");
        let mut text = String::new();
        text.extend(self.event.as_ref().map(|event| format!("event: {}\n", one_line(event))));
        text.extend(self.id.as_ref().map(|id| format!("id: {}\n", one_line(id))));
        text.extend(self.retry.map(|retry| format!("retry: {retry}\n")));
        for line in self.data.replace("\r\n", "\n").split(['\n', '\r']) {
            text.push_str(&format!("data: {line}\n"));
        }
        text.push('\n');
        text
    }

    /// Returns the event as an object (OAS 3.2, 4.14.4) without absent fields.
    pub fn to_value(&self) -> Value {
        let mut map = Map::new();
        map.extend(self.event.clone().map(|event| ("event".to_owned(), event.into())));
        map.insert("data".to_owned(), self.data.clone().into());
        map.extend(self.id.clone().map(|id| ("id".to_owned(), id.into())));
        map.extend(self.retry.map(|retry| ("retry".to_owned(), retry.into())));
        Value::Object(map)
    }

    /// Returns the event of an object, if it has `data` and only fields of events.
    pub fn from_value(value: &Value) -> Option<Self> {
        let map = value.as_object()?;
        let known = map.keys().all(|key| matches!(key.as_str(), "event" | "data" | "id" | "retry"));
        let text = |key: &str| map.get(key).and_then(Value::as_str).map(str::to_owned);
        let data = match map.get("data")? {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        known.then(|| Self {
            event: text("event"),
            data,
            id: text("id"),
            retry: map.get("retry").and_then(Value::as_u64),
        })
    }
}

/// Reads server-sent events.
#[derive(Debug)]
pub struct Events {
    lines: Lines,
    event: Event,
    has_data: bool,
}

impl Default for Events {
    fn default() -> Self {
        Self { lines: Lines { returns: true, ..Lines::default() }, event: Event::default(), has_data: false }
    }
}

impl Events {
    /// Adds bytes.
    ///
    /// # Errors
    /// Returns an error if a line does not end.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.lines.push(bytes)
    }

    /// Returns the next event, if its blank line has arrived. Events without data are skipped, as is an incomplete
    /// event at the end of the body.
    pub fn pop(&mut self) -> Option<Event> {
        while let Some(line) = self.lines.pop() {
            if !line.is_empty() {
                self.field(line.trim_start_matches('\u{feff}'));
                continue;
            }
            let event = std::mem::take(&mut self.event);
            if std::mem::take(&mut self.has_data) {
                return Some(event);
            }
        }
        None
    }

    fn field(&mut self, line: &str) {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "event" => self.event.event = Some(value.to_owned()),
            "id" if !value.contains('\0') => self.event.id = Some(value.to_owned()),
            "retry" => self.event.retry = value.parse().ok(),
            "data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
            }
            _ => {}
        }
    }
}
