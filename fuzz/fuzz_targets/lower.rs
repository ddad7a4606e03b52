//! Any bytes as a document, all the way to the model and its text.
#![no_main]

use descant_model::dump;
use descant_model::load::{Options, load_text};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let loaded = load_text("document.yaml", bytes, &Options::default());
    match loaded.api {
        Some(api) => drop(dump::dump(&api)),
        None => assert!(!loaded.diagnostics.is_empty(), "nothing came of it, and nothing was said"),
    }
});
