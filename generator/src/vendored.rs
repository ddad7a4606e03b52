//! The runtime's source, as a crate beside the output.

use crate::output::{File, MARK, OF_RUNTIME, RUNTIME_FOLDER};

const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/runtime_files.rs"));
const MANIFEST: &str = include_str!(concat!(env!("OUT_DIR"), "/runtime_manifest.toml"));

/// The files of the crate, below `runtime/`.
pub(crate) fn files() -> impl Iterator<Item = File> {
    let sources = FILES.iter().map(|(path, text)| file(path, "//", text));
    sources.chain([file("Cargo.toml", "#", MANIFEST)])
}

fn file(path: &str, comment: &str, text: &str) -> File {
    let version = env!("CARGO_PKG_VERSION");
    let text = format!("{comment} {MARK} {OF_RUNTIME} {version}. Changes are lost.\n\n{text}");
    File { path: format!("{RUNTIME_FOLDER}/{path}"), text }
}
