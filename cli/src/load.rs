//! How every subcommand loads documents: what their references may lead to, and what is said of their faults.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use descant_model::api::Api;
use descant_model::diagnostic::Severity;
use descant_model::load::{Loaded, Options, load};
use descant_model::references::{Access, Remote};
use descant_model::render::{Format, render};

use crate::exit::{self, Exit};
use crate::fetch::Http;

/// What references may lead to.
#[derive(clap::Args)]
#[group(id = "references")]
pub(crate) struct Args {
    /// Let references lead to this host, by https or http; may be given more than once
    #[arg(long = "allow-remote", value_name = "HOST", help_heading = "References")]
    hosts: Vec<String>,
    /// Let references lead to files below this folder [default: the document's repository; else the
    /// working directory, where the document is below it; else the document's folder]
    #[arg(long, value_name = "FOLDER", help_heading = "References")]
    root: Option<PathBuf>,
}

impl Args {
    /// Loads a document that exists.
    pub(crate) fn load(&self, document: &Path) -> Result<Loaded, Exit> {
        exit::existing(document)?;
        Ok(load(document, &self.options()?))
    }

    /// Loads a document for what is made of it. Its faults are told on standard error; the exit code is what they come
    /// to, however the rest goes.
    pub(crate) fn api(&self, document: &Path) -> Result<(Api, Exit), Exit> {
        let loaded = self.load(document)?;
        let exit = report(&document.display().to_string(), &loaded);
        loaded.api.map(|api| (api, exit)).ok_or(Exit::Failed)
    }

    /// How documents are loaded.
    pub(crate) fn options(&self) -> Result<Options, Exit> {
        self.root.as_deref().map_or(Ok(()), exit::existing)?;
        let remote = match self.hosts.as_slice() {
            [] => None,
            hosts => Some(Remote::new(hosts, Arc::new(Http::default())).map_err(exit::usage)?),
        };
        Ok(Options { access: Access { root: self.root.clone(), remote, ..Access::default() } })
    }
}

/// Shows errors in full, and how many warnings there are.
pub(crate) fn report(document: &str, loaded: &Loaded) -> Exit {
    let of = |severity| loaded.diagnostics.iter().filter(move |found| found.severity == severity);
    let errors: Vec<_> = of(Severity::Error).cloned().collect();
    anstream::eprint!("{}", render(Format::Human, &errors, &loaded.sources));
    let warnings = of(Severity::Warning).count();
    if warnings > 0 {
        let plural = if warnings == 1 { "" } else { "s" };
        anstream::eprintln!("{document}: {warnings} warning{plural}; `descant lint {document}` shows them");
    }
    if errors.is_empty() { Exit::Ok } else { Exit::Failed }
}
