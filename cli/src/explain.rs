//! `descant explain`: explains a diagnostic code, with an example.

use std::fmt::Write as _;

use descant_model::codes::Code;

use crate::exit::{self, Exit};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The code, such as `ref-missing`; without a code, all codes are listed
    code: Option<String>,
}

/// Runs the subcommand.
pub(crate) fn run(args: Args) -> Exit {
    let Some(name) = &args.code else {
        exit::print(&list());
        return Exit::Ok;
    };
    // Findings print the code in brackets after the severity.
    let name = name.trim_end_matches(']').rsplit('[').next().unwrap_or(name);
    match Code::named(name) {
        Some(code) => {
            let title = code.title();
            exit::print(&format!("{}[{name}]: {title}\n\n{}", code.severity().as_str(), code.explanation()));
            Exit::Ok
        }
        None => exit::usage(format_args!("unknown code `{name}`; `descant explain` lists all codes")),
    }
}

fn list() -> String {
    let width = Code::ALL.iter().map(|code| code.as_str().len()).max().unwrap_or(0);
    let mut list = String::new();
    for code in Code::ALL {
        // Writing to a string cannot fail.
        _ = writeln!(list, "{:width$}  {:7}  {}", code.as_str(), code.severity().as_str(), code.title());
    }
    list
}
