//! Where the corpus is: beside the repository, or where `DESCANT_SHARED` says.

use std::path::{Path, PathBuf};

use libtest_mimic::Trial;

/// The folder of the corpus, where there is one.
pub(crate) fn corpus() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let shared = std::env::var_os("DESCANT_SHARED").map_or_else(beside, PathBuf::from);
    shared.join("corpus").canonicalize().ok()
}

/// The ignored test that stands for those of the corpus where there is none; it fails where it is asked for.
pub(crate) fn absent(name: &str) -> Trial {
    let run = || Err("there is no corpus in ../shared/corpus, and DESCANT_SHARED names none".into());
    Trial::test(format!("{name} (needs the corpus beside the repository)"), run).with_ignored_flag(true)
}
