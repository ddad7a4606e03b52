//! `cargo xtask corpus FOLDER --loop`: makes a program of each document's generated code, which calls its own mock and
//! its own server, and runs them one after the other.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use descant_generator::output::{Mode, apply};
use descant_generator::{Parts, Settings, generate};
use descant_model::load::{Options, load};

/// The lines of a program that are the same for every document.
const MAIN: &str = r#"#![allow(dead_code, reason = "a program uses but some of an API")]

mod api;

use api::{contract, server, stub};

fn main() -> std::process::ExitCode {
    let voices = xtask::closed_loop::Voices {
        call: |server, request, operation, input| {
            Box::pin(async move {
                let client = stub::connect(&server, &request)?;
                contract::call(&client, &operation, &input).await
            })
        },
        serve: |answers| server::router(stub::Stub(move |operation| answers(operation))),
    };
    xtask::closed_loop::run(PATH, &voices)
}
"#;

/// Closes the loop of every document; whether all of them agree.
pub(crate) fn run(documents: &[PathBuf]) -> io::Result<bool> {
    let root = crate::root().join("target/loop");
    let mut members = Vec::new();
    for path in documents {
        let name = name(path);
        if write(path, &root.join(&name), &name)? {
            members.push(name);
        } else {
            println!("{:40} has no operations", path.display());
        }
    }
    write_workspace(&root, &members)?;
    let mut agree = true;
    for name in &members {
        let status = Command::new(env!("CARGO"))
            .args(["run", "--quiet", "--offline", "--package", name, "--manifest-path"])
            .arg(root.join("Cargo.toml"))
            .env("CARGO_TARGET_DIR", crate::root().join("target"))
            .status()?;
        if !status.success() {
            println!("{name}: {status}");
        }
        agree &= status.success();
    }
    Ok(agree)
}

/// The name of a document's package.
fn name(path: &Path) -> String {
    let stem = path.with_extension("").file_name().map(|name| name.to_string_lossy().into_owned());
    let word = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = stem.unwrap_or_default().chars().map(word).collect();
    format!("loop-{}", name.trim_matches('-'))
}

/// Writes the program of a document; `false` where there is nothing to call.
fn write(path: &Path, folder: &Path, name: &str) -> io::Result<bool> {
    let Some(api) = load(path, &Options::default()).api.filter(|api| !api.operations.is_empty()) else {
        return Ok(false);
    };
    let settings = Settings {
        name: name.to_owned(),
        source: name.to_owned(),
        parts: Parts { client: true, server: true, contract: true, stub: true },
        ..Settings::default()
    };
    let generated = generate(&api, &settings);
    apply(&folder.join("src/api"), &generated.files, Mode::Write)?;
    let path = format!("{:?}", path.canonicalize()?.display().to_string());
    fs::write(folder.join("src/main.rs"), MAIN.replace("PATH", &path))?;
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
         axum = {{ version = \"0.8\", default-features = false }}\n\
         descant-runtime = {{ path = {:?}, features = [\"client\", \"server\"] }}\nxtask = {{ path = {:?} }}\n",
        crate::root().join("runtime"),
        crate::root().join("xtask"),
    );
    fs::write(folder.join("Cargo.toml"), manifest)?;
    Ok(true)
}

/// The workspace of the programs, with this one's profiles, so that what is built already is not built again.
fn write_workspace(root: &Path, members: &[String]) -> io::Result<()> {
    let own = fs::read_to_string(crate::root().join("Cargo.toml"))?;
    let profiles = own.find("[profile.").and_then(|at| own.get(at..)).unwrap_or_default();
    let mut manifest = format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n\n{profiles}");
    for name in members {
        let _ = writeln!(manifest, "[profile.dev.package.{name}]\ndebug = false\n");
    }
    fs::write(root.join("Cargo.toml"), manifest)?;
    fs::copy(crate::root().join("Cargo.lock"), root.join("Cargo.lock")).map(drop)
}
