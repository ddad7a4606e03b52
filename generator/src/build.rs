//! Generating from a build script: into `OUT_DIR`, and what cargo is told of it.

use std::io;
use std::path::{Path, PathBuf};

use descant_model::diagnostic::{Diagnostic, Severity};
use descant_model::load::{Options, load};
use descant_model::references::Access;
use descant_model::render::{Format, render};
use descant_model::source::Sources;

use crate::output::{LOCK_FILE, Mode, apply};
use crate::{Config, Lock, Parts, Runtime, Settings, generate, module_name};

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
    root: Option<PathBuf>,
    parts: Parts,
    write_lock: bool,
}

impl Build {
    /// Of the document in a file.
    pub fn new(document: impl Into<PathBuf>) -> Self {
        let (config, root) = (None, None);
        Build { document: document.into(), config, root, parts: Parts::USUAL, write_lock: false }
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

    /// Whether to make webhooks and callbacks: with a client who sends them, with a server who receives them.
    #[must_use]
    pub fn webhooks(mut self, wanted: bool) -> Self {
        self.parts.webhooks = wanted;
        self
    }

    /// Whether to make the types of all schemas and let them be compared, or those alone that the other parts need.
    #[must_use]
    pub fn types(mut self, wanted: bool) -> Self {
        self.parts.types = wanted;
        self
    }

    /// Settings other than those in the `descant.toml` beside the document.
    #[must_use]
    pub fn config(mut self, path: impl Into<PathBuf>) -> Self {
        self.config = Some(path.into());
        self
    }

    /// Lets references lead to files below this folder, as `--root` does (see [`Access::root`]).
    #[must_use]
    pub fn root(mut self, folder: impl Into<PathBuf>) -> Self {
        self.root = Some(folder.into());
        self
    }

    /// Whether to bring `descant.lock` up to date, beside the settings: a build script then writes into the source tree.
    /// Without it cargo warns where names came to collide.
    #[must_use]
    pub fn write_lock(mut self, wanted: bool) -> Self {
        self.write_lock = wanted;
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
        let access = Access { root: self.root.clone(), ..Access::default() };
        let mut loaded = load(&self.document, &Options { access });
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
            lock: Lock::read(self.folder())?,
            name,
            config,
            ..Settings::default()
        };
        if settings.config.runtime == Some(Runtime::Vendored) {
            let told_so = "cargo::warning=`runtime = \"vendored\"` has no effect here: no crate can depend on one in OUT_DIR";
            told.lines.push(told_so.to_owned());
        }
        let mut generated = generate(&api, &settings);
        told.findings(&generated.diagnostics.into_sorted(), &loaded.sources);
        let lock = generated.files.iter().position(|file| file.path == LOCK_FILE);
        let lock = lock.map(|index| generated.files.remove(index).text);
        self.settle(lock, &mut told)?;
        let module = module_name(&settings.name);
        let inside = folder.join(module.trim_start_matches("r#"));
        apply(&inside, &generated.files, Mode::Write)?;
        let root = inside.join("mod.rs").to_string_lossy().into_owned();
        let declaration = format!("#[path = {root:?}]\n#[rustfmt::skip]\npub mod {module};\n");
        std::fs::write(inside.with_extension("rs"), declaration)?;
        Ok(told)
    }
}

impl Build {
    /// Where the settings lie, and the lock beside them: what is in `OUT_DIR` does not last.
    fn folder(&self) -> &Path {
        self.config.as_ref().unwrap_or(&self.document).parent().unwrap_or(Path::new(""))
    }

    /// Compares the lock with what it should be; writes it where that is wanted.
    fn settle(&self, wanted: Option<String>, told: &mut Told) -> io::Result<()> {
        let path = self.folder().join(LOCK_FILE);
        let known = path.exists().then(|| std::fs::read_to_string(&path)).transpose()?;
        match wanted {
            wanted if wanted == known => {}
            Some(text) if self.write_lock => std::fs::write(&path, text)?,
            None if self.write_lock => std::fs::remove_file(&path)?,
            _ => told.lines.push(format!(
                "cargo::warning={}: names collide otherwise than it records; `Build::write_lock(true)` brings it up to date",
                path.display()
            )),
        }
        if path.exists() {
            told.lines.push(format!("cargo::rerun-if-changed={}", path.display()));
        }
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths: {}\n\
        components: {schemas: {pet-x: {type: object}, pet_x: {type: object}}}\n";

    fn warnings(told: &Told) -> Vec<&str> {
        let lines = told.lines.iter().filter_map(|line| line.strip_prefix("cargo::warning="));
        lines.filter(|line| line.contains("names collide") || line.contains("vendored")).collect()
    }

    #[test]
    fn the_lock_is_written_where_that_is_wanted_and_missed_where_it_is_not() {
        let (source, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let document = source.path().join("api.yaml");
        std::fs::write(&document, DOCUMENT).unwrap();
        let build = Build::new(&document);
        let told = build.write_to(out.path()).unwrap();
        assert_eq!(warnings(&told).len(), 1, "{told:?}");
        assert!(!source.path().join(LOCK_FILE).exists(), "a build script leaves the source tree alone");
        let told = build.clone().write_lock(true).write_to(out.path()).unwrap();
        assert_eq!(warnings(&told), [""; 0]);
        let lock = std::fs::read_to_string(source.path().join(LOCK_FILE)).unwrap();
        assert!(lock.contains("pet_x"), "{lock}");
        let told = build.write_to(out.path()).unwrap();
        assert_eq!(warnings(&told), [""; 0]);
        assert!(
            told.lines
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
            let told = Build::new(&document).write_to(&source.path().join("out")).unwrap();
            assert_eq!((told.failed, warnings(&told).len()), (failed, warned), "{runtime}: {told:?}");
            assert!(!source.path().join("out/api/runtime").exists());
        }
    }
}
