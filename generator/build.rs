//! Puts the runtime's source into the generator, for output that stands on its own (`runtime = "vendored"`): its files,
//! and a manifest with the versions that the workspace states.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

fn main() -> Result<(), Box<dyn Error>> {
    let package = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    // Beside this package in the repository; inside it where it was published: `bundled/` holds links to them, which
    // `cargo package` follows.
    let at = |own: &str, bundled: &str| {
        let beside = package.join("..").join(own);
        if beside.exists() { beside.canonicalize() } else { package.join(bundled).canonicalize() }
    };
    let runtime = at("runtime/src", "bundled/runtime")?;
    let (own, whole) =
        (at("runtime/Cargo.toml", "bundled/runtime.toml")?, at("Cargo.toml", "bundled/workspace.toml")?);
    let mut files = Vec::new();
    collect(&runtime, &mut files)?;
    files.sort();
    let mut table = String::from("&[\n");
    for file in &files {
        let name = file.strip_prefix(&runtime)?.to_string_lossy().replace('\\', "/");
        writeln!(table, "    (\"src/{name}\", include_str!({file:?})),")?;
    }
    table.push(']');
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    fs::write(out.join("runtime_files.rs"), table)?;
    fs::write(out.join("runtime_manifest.toml"), manifest(&own, &whole)?)?;
    for watched in [runtime, own, whole, package.join("build.rs")] {
        println!("cargo::rerun-if-changed={}", watched.display());
    }
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// The runtime's manifest without what only its own repository has: its workspace, its tests and its lints.
fn manifest(own: &Path, whole: &Path) -> Result<String, Box<dyn Error>> {
    let read =
        |path: &Path| -> Result<Table, Box<dyn Error>> { Ok(fs::read_to_string(path)?.parse::<Table>()?) };
    let (whole, mut own) = (read(whole)?, read(own)?);
    let of_workspace = |key: &str| whole.get("workspace").and_then(|workspace| workspace.get(key));
    for (key, part) in [("package", "package"), ("dependencies", "dependencies")] {
        let shared =
            of_workspace(part).and_then(Value::as_table).ok_or("the workspace states no such part")?;
        let entries =
            own.get_mut(key).and_then(Value::as_table_mut).ok_or("the runtime states no such part")?;
        for (name, value) in entries.iter_mut() {
            inherit(value, shared.get(name));
        }
    }
    own.retain(|key, _| key == "package" || key == "dependencies" || key == "features");
    let quiet =
        Table::from_iter([("test", false), ("doctest", false)].map(|(k, v)| (k.to_owned(), v.into())));
    own.insert("lib".to_owned(), quiet.into());
    Ok(toml::to_string(&own)?)
}

/// Puts what the workspace says in place of `workspace = true`; what stands beside that is kept.
fn inherit(value: &mut Value, shared: Option<&Value>) {
    let Some(own) = value.as_table_mut().filter(|table| table.contains_key("workspace")) else { return };
    own.remove("workspace");
    match shared {
        Some(Value::Table(shared)) => {
            for (key, shared) in shared {
                own.entry(key.clone()).or_insert_with(|| shared.clone());
            }
        }
        Some(version) if own.is_empty() => *value = version.clone(),
        Some(version) => {
            own.insert("version".to_owned(), version.clone());
        }
        None => {}
    }
}
