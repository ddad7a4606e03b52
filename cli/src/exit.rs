//! The exit codes, the same for every subcommand: 0, 1 or 2.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

/// The text of `--help`.
pub(crate) const HELP: &str = "Exit codes:
  0  no errors
  1  a document has errors or cannot be read, output is stale, or a service violates the document
  2  the command line is invalid, or names a file that does not exist, or nothing could be tested";

/// The outcome of a subcommand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// No errors.
    Ok,
    /// A document has errors or cannot be read, output is stale, or a service violates the document.
    Failed,
    /// The command line is invalid, or names a file that does not exist, or nothing could be tested.
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

/// Prints an error about the command line to standard error, in the form of clap.
pub(crate) fn usage(message: impl std::fmt::Display) -> Exit {
    anstream::eprintln!("error: {message}\n\nFor more information, try '--help'.");
    Exit::Usage
}

/// Prints why nothing was tested to standard error.
pub(crate) fn untested(message: impl std::fmt::Display) -> Exit {
    anstream::eprintln!("error: {message}");
    Exit::Usage
}

/// Prints an error to standard error.
pub(crate) fn broken(message: impl std::fmt::Display) -> Exit {
    anstream::eprintln!("error: {message}");
    Exit::Failed
}

/// Writes to standard output, without colours if it is not a terminal. A closed pipe is not an error.
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
