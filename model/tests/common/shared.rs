//! Where the corpus is: beside the repository, or where `DESCANT_SHARED` says.

use std::path::{Path, PathBuf};

/// The folder of the corpus, where there is one.
pub(crate) fn corpus() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let shared = std::env::var_os("DESCANT_SHARED").map_or_else(beside, PathBuf::from);
    shared.join("corpus").canonicalize().ok()
}
