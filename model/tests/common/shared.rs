//! Where the corpus is: beside the repository, or where `DESCANT_SHARED` says.

use std::path::{Path, PathBuf};

/// The folder of the corpus, where there is one; else says that it is skipped.
pub(crate) fn corpus() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let shared = std::env::var_os("DESCANT_SHARED").map_or_else(beside, PathBuf::from);
    let corpus = shared.join("corpus").canonicalize().ok();
    if corpus.is_none() {
        eprintln!("skipped: there is no corpus in ../shared/corpus, and DESCANT_SHARED names none");
    }
    corpus
}
