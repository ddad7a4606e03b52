//! Generating from a build script: into `OUT_DIR`, and what cargo is told of it.

use std::io;
use std::path::{Path, PathBuf};

use descant_model::diagnostic::{Diagnostic, Severity};
use descant_model::load::{Options, load};
use descant_model::render::{Format, render};
use descant_model::source::Sources;

use crate::output::{LOCK_FILE, Mode, apply};
use crate::{Config, Lock, Parts, Settings, generate, module_name};

/// What a build script makes of a document: a client and a server, unless said otherwise.
///
/// ```no_run
/// descant_generator::Build::new("api.yaml").server(false).write();
/// ```
///
/// The crate then has the module with `include!(concat!(env!("OUT_DIR"), "/api.rs"));`, named after the document's file.
#[derive(Clone, Debug)]
pub struct Build {
    document: PathBuf,
    config: Option<PathBuf>,
    parts: Parts,
}

impl Build {
    /// Of the document in a file.
    pub fn new(document: impl Into<PathBuf>) -> Self {
        let parts = Parts { client: true, server: true, contract: false, stub: false };
        Build { document: document.into(), config: None, parts }
    }

    /// Whether to make a client.
    #[must_use]
    pub fn client(mut self, wanted: bool) -> Self {
        self.parts.client = wanted;
        self
    }

    /// Whether to make a server's trait and routes.
    #[must_use]
    pub fn server(mut self, wanted: bool) -> Self {
        self.parts.server = wanted;
        self
    }

    /// Settings other than those in the `descant.toml` beside the document.
    #[must_use]
    pub fn config(mut self, path: impl Into<PathBuf>) -> Self {
        self.config = Some(path.into());
        self
    }

    /// Writes the module into `OUT_DIR` and tells cargo about it. Ends the build script with an error where the document
    /// or the settings have one, or a file cannot be written.
    pub fn write(self) {
        let told = match std::env::var_os("OUT_DIR") {
            Some(folder) => self.write_to(Path::new(&folder)),
            None => Err(io::Error::other("OUT_DIR is not set: this is for build scripts")),
        };
        let told =
            told.unwrap_or_else(|error| Told { lines: vec![format!("cargo::error={error}")], failed: true });
        told.lines.iter().for_each(|line| println!("{line}"));
        if told.failed {
            std::process::exit(1);
        }
    }

    /// Writes the module into a folder; what cargo is to be told comes back.
    ///
    /// # Errors
    /// Where a file cannot be read or written.
    pub fn write_to(&self, folder: &Path) -> io::Result<Told> {
        let mut loaded = load(&self.document, &Options::default());
        let (config, faults) = Config::read(&self.document, self.config.as_deref(), &mut loaded.sources)?;
        loaded.diagnostics.extend(faults.into_sorted());
        let mut told = Told::default();
        told.watch(&loaded.sources);
        told.findings(&loaded.diagnostics, &loaded.sources);
        let (Some(api), false) = (loaded.api, told.failed) else {
            told.failed = true;
            return Ok(told);
        };
        let text = |name: Option<&std::ffi::OsStr>| name.unwrap_or_default().to_string_lossy().into_owned();
        let name = text(self.document.file_stem());
        let settings = Settings {
            source: text(self.document.file_name()),
            parts: self.parts,
            lock: Lock::read(self.document.parent().unwrap_or(Path::new("")))?,
            name,
            config,
            ..Settings::default()
        };
        let mut generated = generate(&api, &settings);
        told.findings(&generated.diagnostics.into_sorted(), &loaded.sources);
        // The lock lies beside the document: what is in `OUT_DIR` does not last.
        generated.files.retain(|file| file.path != LOCK_FILE);
        let module = module_name(&settings.name);
        let inside = folder.join(module.trim_start_matches("r#"));
        apply(&inside, &generated.files, Mode::Write)?;
        let root = inside.join("mod.rs").to_string_lossy().into_owned();
        let declaration = format!("#[path = {root:?}]\n#[rustfmt::skip]\npub mod {module};\n");
        std::fs::write(inside.with_extension("rs"), declaration)?;
        Ok(told)
    }
}

/// What cargo is to be told.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Directives, as a build script prints them.
    pub lines: Vec<String>,
    /// Whether the document or the settings have errors; nothing was written then.
    pub failed: bool,
}

impl Told {
    /// Every file that was read, those that references lead to among them.
    fn watch(&mut self, sources: &Sources) {
        let paths = sources.iter().filter_map(|file| file.path.as_ref());
        self.lines.extend(paths.map(|path| format!("cargo::rerun-if-changed={}", path.display())));
    }

    fn findings(&mut self, findings: &[Diagnostic], sources: &Sources) {
        // Notes are of single keywords; a report lists them.
        for finding in findings.iter().filter(|finding| finding.severity != Severity::Note) {
            let is_error = finding.severity == Severity::Error;
            let directive = if is_error { "error" } else { "warning" };
            let text = render(Format::Concise, std::slice::from_ref(finding), sources);
            let line = text.lines().next().unwrap_or_default();
            self.lines.push(format!("cargo::{directive}={line}"));
            self.failed |= is_error;
        }
    }
}
