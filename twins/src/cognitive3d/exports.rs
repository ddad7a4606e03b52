//! The files that a session can be downloaded as: an archive of its raw data, and a report for people to read.

use std::io::{Cursor, Write};

use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str};
use serde_json::{Map, Value};
use zip::result::ZipResult;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::sessions::Record;

/// The lines that fit on the page of a report.
const LINES: usize = 46;

/// Packs `SessionData`: one JSON file for each kind of data, and one for the rest.
pub(crate) fn archive(data: &Value) -> ZipResult<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let mut rest = Map::new();
    for (name, value) in data.as_object().into_iter().flatten() {
        match value {
            Value::Array(_) => add(&mut archive, name, value)?,
            _ => _ = rest.insert(name.clone(), value.clone()),
        }
    }
    add(&mut archive, "session", &Value::Object(rest))?;
    Ok(archive.finish()?.into_inner())
}

fn add(archive: &mut ZipWriter<Cursor<Vec<u8>>>, name: &str, value: &Value) -> ZipResult<()> {
    archive.start_file(format!("{name}.json"), SimpleFileOptions::default())?;
    archive.write_all(value.to_string().as_bytes())?;
    Ok(())
}

/// Writes the report of a session as a PDF of one page: its identity, and its properties.
pub(crate) fn report(record: &Record) -> Vec<u8> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let title = record.get("sessionId").map(text).unwrap_or_default();
    let of_session = ["date", "duration", "participantId", "deviceId"].into_iter();
    let of_session = of_session.filter_map(|name| Some((name, record.get(name)?)));
    let properties = record.get("properties").and_then(Value::as_object).into_iter().flatten();
    let properties = properties.map(|(name, value)| (name.as_str(), value));
    let lines = of_session.chain(properties).map(|(name, value)| format!("{name}: {}", text(value)));

    let mut page = Content::new();
    page.begin_text().set_font(FONT, 14.0).next_line(56.0, 780.0).show(Str(title.as_bytes()));
    page.set_font(FONT, 9.0);
    for line in lines.take(LINES) {
        page.next_line(0.0, -15.0).show(Str(line.as_bytes()));
    }
    page.end_text();
    pdf(&page.finish())
}

/// The name of the font in the resources of a page.
const FONT: Name<'static> = Name(b"F1");

/// Writes a document with one page of A4.
fn pdf(content: &[u8]) -> Vec<u8> {
    let [catalog, pages, page, font, stream] = [1, 2, 3, 4, 5].map(Ref::new);
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(pages);
    pdf.pages(pages).kids([page]).count(1);
    let mut only = pdf.page(page);
    only.media_box(Rect::new(0.0, 0.0, 595.0, 842.0)).parent(pages).contents(stream);
    only.resources().fonts().pair(FONT, font);
    only.finish();
    pdf.type1_font(font).base_font(Name(b"Helvetica"));
    pdf.stream(stream, content);
    pdf.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_archive_has_a_file_for_each_kind() {
        let packed = archive(&json!({"sessionId": "s", "gaze": [1], "events": []})).unwrap();
        let mut found = zip::ZipArchive::new(Cursor::new(packed)).unwrap();
        let names: Vec<String> = found.file_names().map(|name| name.unwrap().into_owned()).collect();
        assert_eq!(names, ["gaze.json", "events.json", "session.json"]);
        let gaze = std::io::read_to_string(found.by_name("gaze.json").unwrap()).unwrap();
        assert_eq!(gaze, "[1]");
    }

    #[test]
    fn a_report_shows_the_session() {
        let record = json!({"sessionId": "s-1", "properties": {"c3d.geo.country": "Chile (CL)"}});
        let written = report(record.as_object().unwrap());
        let text = String::from_utf8_lossy(&written);
        assert!(text.starts_with("%PDF-") && text.contains("(s-1)"), "{text}");
        assert!(text.contains(r"Chile \(CL\)") || text.contains("Chile (CL)"), "{text}");
    }
}
