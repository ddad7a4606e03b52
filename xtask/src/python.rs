//! Detects the available Python modules: commands that need a missing one are skipped with a message.

use std::path::Path;
use std::process::{Command, Stdio};

/// Whether this Python can import these modules: `jsonschema, yaml`.
pub(crate) fn has(python: &Path, modules: &str) -> bool {
    let script = format!("import {modules}");
    let tried = Command::new(python).args(["-c", &script]).stderr(Stdio::null()).status();
    tried.is_ok_and(|status| status.success())
}
