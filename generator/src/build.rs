//! Generates code from a build script into `OUT_DIR`, with directives for cargo.

use std::io;
use std::path::{Path, PathBuf};

use descant_model::diagnostic::{Diagnostic, Severity};
use descant_model::load::{Options, load};
use descant_model::references::Access;
use descant_model::render::{Format, render};
use descant_model::source::Sources;

use crate::output::{LOCK_FILE, Mode, apply};
use crate::{Config, Lock, Parts, Runtime, Settings, generate, module_name};

/// Generates a client and a server from a document, in a build script.
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
    root: Option<PathBuf>,
    parts: Parts,
    write_lock: bool,
}

impl Build {
    /// Returns a builder for the document in a file.
    pub fn new(document: impl Into<PathBuf>) -> Self {
        let (config, root) = (None, None);
        Build { document: document.into(), config, root, parts: Parts::USUAL, write_lock: false }
    }

    /// Sets whether to generate a client.
    #[must_use]
    pub fn client(mut self, wanted: bool) -> Self {
        self.parts.client = wanted;
        self
    }

    /// Sets whether to generate a server's trait and routes.
    #[must_use]
    pub fn server(mut self, wanted: bool) -> Self {
        self.parts.server = wanted;
        self
    }

    /// Sets whether to generate webhooks and callbacks: senders with a client, receivers with a server.
    #[must_use]
    pub fn webhooks(mut self, wanted: bool) -> Self {
        self.parts.webhooks = wanted;
        self
    }

    /// Sets whether to generate the types of all schemas, with `PartialEq`, or only those that the other parts need.
    #[must_use]
    pub fn types(mut self, wanted: bool) -> Self {
        self.parts.types = wanted;
        self
    }

    /// Sets the settings file, instead of the `descant.toml` beside the document.
    #[must_use]
    pub fn config(mut self, path: impl Into<PathBuf>) -> Self {
        self.config = Some(path.into());
        self
    }

    /// Sets the root folder of references, like `--root` (see [`Access::root`]).
    #[must_use]
    pub fn root(mut self, folder: impl Into<PathBuf>) -> Self {
        self.root = Some(folder.into());
        self
    }

    /// Sets whether to update `descant.lock` beside the settings, which writes into the source tree.
    /// Without it, cargo warns about new name collisions.
    #[must_use]
    pub fn write_lock(mut self, wanted: bool) -> Self {
        self.write_lock = wanted;
        self
    }

    /// Writes the module into `OUT_DIR` and prints directives for cargo. Fails the build if the document
    /// or the settings have an error, or a file cannot be written.
    pub fn write(self) {
        let output = match std::env::var_os("OUT_DIR") {
            Some(folder) => self.write_to(Path::new(&folder)),
            None => Err(io::Error::other("OUT_DIR is not set: this is for build scripts")),
        };
        let output = output.unwrap_or_else(|error| CargoOutput {
            lines: vec![format!("cargo::error={error}")],
            failed: true,
        });
        output.lines.iter().for_each(|line| println!("{line}"));
        if output.failed {
            std::process::exit(1);
        }
    }

    /// Writes the module into a folder; returns the directives for cargo.
    ///
    /// # Errors
    /// Where a file cannot be read or written.
    pub fn write_to(&self, folder: &Path) -> io::Result<CargoOutput> {
        let access = Access { root: self.root.clone(), ..Access::default() };
        let mut loaded = load(&self.document, &Options { access });
        let (config, faults) = Config::read(&self.document, self.config.as_deref(), &mut loaded.sources)?;
        loaded.diagnostics.extend(faults.into_sorted());
        let mut output = CargoOutput::default();
        output.watch(&loaded.sources);
        output.findings(&loaded.diagnostics, &loaded.sources);
        let (Some(api), false) = (loaded.api, output.failed) else {
            output.failed = true;
            return Ok(output);
        };
        let text = |name: Option<&std::ffi::OsStr>| name.unwrap_or_default().to_string_lossy().into_owned();
        let name = text(self.document.file_stem());
        let settings = Settings {
            source: text(self.document.file_name()),
            parts: self.parts,
            lock: Lock::read(self.folder())?,
            name,
            config,
            ..Settings::default()
        };
        if settings.config.runtime == Some(Runtime::Vendored) {
            let warning = "cargo::warning=`runtime = \"vendored\"` has no effect here: no crate can depend on one in OUT_DIR";
            output.lines.push(warning.to_owned());
        }
        let mut generated = generate(&api, &settings);
        output.findings(&generated.diagnostics.into_sorted(), &loaded.sources);
        let lock = generated.files.iter().position(|file| file.path == LOCK_FILE);
        let lock = lock.map(|index| generated.files.remove(index).text);
        self.settle(lock, &mut output)?;
        let module = module_name(&settings.name);
        let inside = folder.join(module.trim_start_matches("r#"));
        apply(&inside, &generated.files, Mode::Write)?;
        let root = inside.join("mod.rs").to_string_lossy().into_owned();
        let declaration = format!("#[path = {root:?}]\n#[rustfmt::skip]\npub mod {module};\n");
        std::fs::write(inside.with_extension("rs"), declaration)?;
        Ok(output)
    }
}

impl Build {
    /// Returns the folder of the settings and the lock: files in `OUT_DIR` are temporary.
    fn folder(&self) -> &Path {
        self.config.as_ref().unwrap_or(&self.document).parent().unwrap_or(Path::new(""))
    }

    /// Compares the lock with its expected content; writes it on request.
    fn settle(&self, wanted: Option<String>, output: &mut CargoOutput) -> io::Result<()> {
        let path = self.folder().join(LOCK_FILE);
        let known = path.exists().then(|| std::fs::read_to_string(&path)).transpose()?;
        match wanted {
            wanted if wanted == known => {}
            Some(text) if self.write_lock => std::fs::write(&path, text)?,
            None if self.write_lock => std::fs::remove_file(&path)?,
            _ => output.lines.push(format!(
                "cargo::warning={}: some names are not recorded, so that they may change with the document; `Build::write_lock(true)` records them",
                path.display()
            )),
        }
        if path.exists() {
            output.lines.push(format!("cargo::rerun-if-changed={}", path.display()));
        }
        Ok(())
    }
}

/// The directives of a build script for cargo.
#[derive(Clone, Debug, Default)]
pub struct CargoOutput {
    /// Directives, as a build script prints them.
    pub lines: Vec<String>,
    /// Whether the document or the settings have errors, so that nothing was written.
    pub failed: bool,
}

impl CargoOutput {
    /// Adds every file that was read, including referenced files.
    fn watch(&mut self, sources: &Sources) {
        let paths = sources.iter().filter_map(|file| file.path.as_ref());
        self.lines.extend(paths.map(|path| format!("cargo::rerun-if-changed={}", path.display())));
    }

    fn findings(&mut self, findings: &[Diagnostic], sources: &Sources) {
        // Notes concern single keywords; a report lists them.
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

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths: {}\n\
        components: {schemas: {pet-x: {type: object}, pet_x: {type: object}}}\n";

    fn warnings(output: &CargoOutput) -> Vec<&str> {
        let lines = output.lines.iter().filter_map(|line| line.strip_prefix("cargo::warning="));
        lines.filter(|line| line.contains("not recorded") || line.contains("vendored")).collect()
    }

    #[test]
    fn the_lock_is_written_where_that_is_wanted_and_missed_where_it_is_not() {
        let (source, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let document = source.path().join("api.yaml");
        std::fs::write(&document, DOCUMENT).unwrap();
        let build = Build::new(&document);
        let output = build.write_to(out.path()).unwrap();
        assert_eq!(warnings(&output).len(), 1, "{output:?}");
        assert!(!source.path().join(LOCK_FILE).exists(), "a build script leaves the source tree alone");
        let output = build.clone().write_lock(true).write_to(out.path()).unwrap();
        assert_eq!(warnings(&output), [""; 0]);
        let lock = std::fs::read_to_string(source.path().join(LOCK_FILE)).unwrap();
        assert!(lock.contains("pet_x"), "{lock}");
        let output = build.write_to(out.path()).unwrap();
        assert_eq!(warnings(&output), [""; 0]);
        assert!(
            output
                .lines
                .iter()
                .any(|line| line.starts_with("cargo::rerun-if-changed=") && line.ends_with(LOCK_FILE))
        );
    }

    #[test]
    fn settings_that_a_build_script_cannot_have_are_told() {
        let source = tempfile::tempdir().unwrap();
        let document = source.path().join("api.yaml");
        std::fs::write(&document, DOCUMENT.replace("pet-x: {type: object}, ", "")).unwrap();
        for (runtime, failed, warned) in
            [("git:https://x/y", false, 0), ("vendored", false, 1), ("elsewhere", true, 0)]
        {
            std::fs::write(source.path().join("descant.toml"), format!("runtime = '{runtime}'\n")).unwrap();
            let build = Build::new(&document).write_lock(true);
            let output = build.write_to(&source.path().join("out")).unwrap();
            assert_eq!((output.failed, warnings(&output).len()), (failed, warned), "{runtime}: {output:?}");
            assert!(!source.path().join("out/api/runtime").exists());
        }
    }
}
