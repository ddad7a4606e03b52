//! Any text as a reference, and any text as the key that it may point at.
#![no_main]

use descant_model::load::{Options, load_text};

libfuzzer_sys::fuzz_target!(|texts: (&str, &str)| {
    let (reference, key) = (json(texts.0), json(texts.1));
    let document = format!(
        r##"{{"openapi": "3.1.0", "info": {{"title": "t", "version": "1"}}, "paths": {{"/a": {{"get": {{
            "parameters": [{{"$ref": {reference}}}],
            "responses": {{"200": {{"$ref": {reference}}}}}}}}}, "/b": {{"$ref": {reference}}}}},
            "components": {{"schemas": {{{key}: {{"$ref": {reference}}}, "B": {{"allOf": [{{"$ref": {reference}}}]}}}}}}}}"##
    );
    load_text("document.json", document, &Options::default());
});

/// A text as JSON writes it.
fn json(text: &str) -> String {
    let escaped: String = text
        .chars()
        .map(|c| match c {
            '"' | '\\' => format!("\\{c}"),
            c if c.is_control() => format!("\\u{:04x}", c as u32),
            c => c.to_string(),
        })
        .collect();
    format!("\"{escaped}\"")
}
