//! `cargo xtask corpus FOLDER --loop`: makes a program of each document's generated code, which calls its own mock and
//! its own server, and runs them one after the other.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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
    let (mut agree, mut all) = (true, [0; 4]);
    for name in &members {
        let output = Command::new(env!("CARGO"))
            .args(["run", "--quiet", "--offline", "--package", name, "--manifest-path"])
            .arg(root.join("Cargo.toml"))
            .env("CARGO_TARGET_DIR", crate::root().join("target"))
            .stderr(Stdio::inherit())
            .output()?;
        let told = String::from_utf8_lossy(&output.stdout);
        print!("{told}");
        if !output.status.success() {
            println!("{name}: {}", output.status);
        }
        all.iter_mut().zip(counts(&told)).for_each(|(all, count)| *all += count);
        agree &= output.status.success();
    }
    let [agreed, count, impossible, broken] = all;
    println!("{:40} {agreed:5} of {count:5} agree, {impossible:3} impossible, {broken:3} disagree", "all");
    Ok(agree)
}

/// The numbers in the first line that a program prints.
fn counts(told: &str) -> impl Iterator<Item = usize> {
    told.lines().next().unwrap_or_default().split_whitespace().filter_map(|word| word.parse().ok())
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
        parts: Parts { contract: true, stub: true, ..Parts::USUAL },
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

#[cfg(test)]
mod tests {
    /// One document is compiled here; `cargo xtask corpus FOLDER --loop` takes them all.
    #[test]
    fn client_mock_and_server_of_a_document_agree() {
        assert!(super::run(&[crate::root().join("spec/timbre.yaml")]).unwrap());
    }
}
