//! Loads documents for every subcommand: limits their references, and prints their findings.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use descant_model::api::Api;
use descant_model::diagnostic::Severity;
use descant_model::load::{Loaded, Options};
use descant_model::references::{Access, Remote};
use descant_model::render::{Format, render};
use descant_model::source::Sources;

use crate::exit::{self, Exit};
use crate::fetch::Http;
use crate::input::Input;

/// The permitted targets of references.
#[derive(clap::Args)]
#[group(id = "references")]
pub(crate) struct Args {
    /// Allow references to this host, by https or http; may be repeated
    #[arg(long = "allow-remote", value_name = "HOST", help_heading = "References")]
    hosts: Vec<String>,
    /// Allow references to files below this folder [default: the document's repository; else the working
    /// directory, if the document is below it; else the document's folder]
    #[arg(long, value_name = "FOLDER", help_heading = "References")]
    root: Option<PathBuf>,
}

impl Args {
    /// Loads an existing document: a file, a URL, or `-` for standard input.
    pub(crate) fn load(&self, document: &Path) -> Result<Loaded, Exit> {
        let options = self.options()?;
        Ok(Input::named(document)?.load(&options))
    }

    /// Loads a document and prints its errors to standard error; returns its files, and the exit code that its errors
    /// require, whatever follows.
    pub(crate) fn api(&self, document: &Path) -> Result<(Api, Sources, Exit), Exit> {
        let loaded = self.load(document)?;
        let exit = report(&document.display().to_string(), &loaded);
        let sources = loaded.sources;
        loaded.api.map(|api| (api, sources, exit)).ok_or(Exit::Failed)
    }

    /// Returns the options for loading documents.
    pub(crate) fn options(&self) -> Result<Options, Exit> {
        self.root.as_deref().map_or(Ok(()), exit::existing)?;
        let remote = match self.hosts.as_slice() {
            [] => None,
            hosts => Some(Remote::new(hosts, Arc::new(Http::default())).map_err(exit::usage)?),
        };
        Ok(Options { access: Access { root: self.root.clone(), remote, ..Access::default() } })
    }
}

/// Prints errors in full, and the number of warnings.
pub(crate) fn report(document: &str, loaded: &Loaded) -> Exit {
    let of = |severity| loaded.diagnostics.iter().filter(move |found| found.severity == severity);
    let errors: Vec<_> = of(Severity::Error).cloned().collect();
    anstream::eprint!("{}", render(Format::Human, &errors, &loaded.sources));
    let warnings = of(Severity::Warning).count();
    if warnings > 0 {
        let plural = if warnings == 1 { "" } else { "s" };
        anstream::eprintln!("{document}: {warnings} warning{plural}; `descant lint {document}` lists them");
    }
    if errors.is_empty() { Exit::Ok } else { Exit::Failed }
}
