//! What generated code says on the wire: every document of `../shared/corpus/probes`, and one of our own, become
//! modules of one scratch crate, whose tests (`wire/exchanges.rs`) look at each request and answer, in both directions.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use descant_generator::output::{Mode, apply};
use descant_generator::{Config, Layout, Lock, Parts, Runtime, Settings, generate};
use descant_model::diagnostic::Severity;
use descant_model::load::{Options, load};

/// A document, and the module that is made of it.
struct Document {
    path: PathBuf,
    module: String,
}

#[test]
#[ignore = "needs the corpus beside the repository, and compiles what is generated"]
fn every_request_and_answer_is_as_documented() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let scratch = root.join("target/wire");
    let mut probes = documents(&root.join("../shared/corpus/probes"), "p");
    assert!(!probes.is_empty(), "../shared/corpus/probes is not there");
    let own = documents(&root.join("generator/tests/wire"), "");
    assert!(!own.is_empty(), "our own document is gone");
    probes.retain(|document| !is_refused(&document.path));
    let mut modules = String::new();
    for Document { path, module } in probes.iter().chain(&own) {
        write_module(path, &scratch.join("src").join(module));
        let _ = writeln!(modules, "pub mod {module};");
    }
    let library = format!("//! What was made of each document.\n\n#![deny(warnings)]\n\n{modules}");
    write(&scratch.join("src/lib.rs"), &library);
    write(&scratch.join("Cargo.toml"), &manifest(&root));
    fs::copy(root.join("Cargo.lock"), scratch.join("Cargo.lock")).unwrap();

    let tests = cargo(&scratch, &["--", "--list"]);
    for Document { module, .. } in &probes {
        assert!(tests.contains(&format!("::{module}: test")), "no test looks at {module}");
    }
    print!("{}", cargo(&scratch, &[]));
}

/// The documents of a folder, in order; none where it is absent.
fn documents(folder: &Path, prefix: &str) -> Vec<Document> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "json" || end == "yaml"));
    paths.sort();
    let module = |path: &Path| format!("{prefix}{}", path.file_stem().unwrap().to_str().unwrap());
    paths.into_iter().map(|path| Document { module: module(&path), path }).collect()
}

/// Whether a document says that it is bad, and is found to be: nothing is to be made of it.
fn is_refused(path: &Path) -> bool {
    let bad = path.to_string_lossy().contains("bad_spec");
    let loaded = load(path, &Options::default());
    let errors = loaded.diagnostics.iter().filter(|finding| finding.severity == Severity::Error);
    let errors: Vec<_> = errors.collect();
    assert_eq!(bad, !errors.is_empty(), "{}: {errors:?}", path.display());
    bad
}

/// Generates a client and a server.
fn write_module(path: &Path, folder: &Path) {
    let loaded = load(path, &Options::default());
    let settings = Settings {
        name: "Api".to_owned(),
        source: path.file_name().unwrap().to_string_lossy().into_owned(),
        parts: Parts { contract: true, ..Parts::USUAL },
        layout: Layout::Module,
        runtime: Runtime::Registry,
        config: Config::default(),
        lock: Lock::default(),
    };
    let generated = generate(&loaded.api.unwrap(), &settings);
    apply(folder, &generated.files, Mode::Write).unwrap();
}

fn manifest(root: &Path) -> String {
    let runtime = root.join("runtime").canonicalize().unwrap();
    let tests = root.join("generator/tests/wire/exchanges.rs").canonicalize().unwrap();
    format!(
        r#"[package]
name = "wire"
version = "0.0.0"
edition = "2024"

[workspace]

[lib]
doctest = false
test = false

[[test]]
name = "exchanges"
path = {tests:?}

[dependencies]
axum = {{ version = "0.8", default-features = false, features = ["http1", "tokio"] }}
descant-runtime = {{ path = {runtime:?}, features = ["client", "server", "backtracking", "blocking"] }}
futures-util = {{ version = "0.3", default-features = false, features = ["std"] }}
reqwest = {{ version = "0.13", default-features = false }}
serde_json = {{ version = "1", features = ["preserve_order"] }}
tokio = {{ version = "1", features = ["io-util", "macros", "net", "rt-multi-thread", "time"] }}

[profile.dev]
debug = false
"#
    )
}

/// Runs the scratch crate's tests, and gives back what they print.
fn cargo(scratch: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(["test", "--quiet", "--offline", "--test", "exchanges", "--manifest-path"])
        .arg(scratch.join("Cargo.toml"))
        .args(arguments)
        .env("CARGO_TARGET_DIR", scratch.join("target"))
        .env("RUSTFLAGS", "")
        .output()
        .unwrap();
    let (printed, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{printed}\n{errors}");
    printed.into_owned()
}

/// Leaves a file alone that is as it should be, so that cargo does too.
fn write(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|known| known == text) {
        return;
    }
    fs::write(path, text).unwrap();
}
