//! What stands for the tests of the corpus where there is none.

use libtest_mimic::Trial;

/// The ignored test that stands for those of the corpus where there is none; it fails where it is asked for.
pub(crate) fn absent(name: &str) -> Trial {
    let run = || Err("there is no corpus in ../shared/corpus, and DESCANT_SHARED names none".into());
    Trial::test(format!("{name} (needs the corpus beside the repository)"), run).with_ignored_flag(true)
}
