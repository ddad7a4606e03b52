//! The exit codes, the same for every subcommand: 0, 1 or 2.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

/// What `--help` says of them.
pub(crate) const HELP: &str = "Exit codes:
  0  no errors
  1  a document has errors or cannot be read, or something is stale or broken
  2  the command line is wrong, or names a file that does not exist";

/// How a subcommand ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// No errors.
    Ok,
    /// A document has errors (one that cannot be read at all too), or something is stale or broken.
    Failed,
    /// The command line is wrong, or names a file that does not exist.
    Usage,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Ok => ExitCode::SUCCESS,
            Exit::Failed => ExitCode::from(1),
            Exit::Usage => ExitCode::from(2),
        }
    }
}

/// Says on standard error, as clap would, that a command line cannot be carried out.
pub(crate) fn usage(message: impl std::fmt::Display) -> Exit {
    anstream::eprintln!("error: {message}\n\nFor more information, try '--help'.");
    Exit::Usage
}

/// Says on standard error that something that a command needs is broken.
pub(crate) fn broken(message: impl std::fmt::Display) -> Exit {
    anstream::eprintln!("error: {message}");
    Exit::Failed
}

/// Writes to standard output, without colours where that is no terminal. A reader that has gone away is no error.
pub(crate) fn print(text: &str) {
    let mut out = anstream::stdout().lock();
    _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Refuses a file that does not exist.
pub(crate) fn existing(path: &Path) -> Result<(), Exit> {
    match path.try_exists() {
        Ok(true) => Ok(()),
        _ => Err(usage(format_args!("no such file: {}", path.display()))),
    }
}
