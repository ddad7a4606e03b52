//! `cargo xtask bench unions`: compares the decoding of generated unions with that of `serde_json::Value` on
//! the same text in the same minute. The types are generated from `unions/openapi.yaml`; `unions/program.rs` decodes.

use std::fs;
use std::process::Command;

use descant_generator::output::{Mode, apply};
use descant_generator::{Settings, generate};
use descant_model::load::{Options, load};

use super::{Figure, Outcome};

const PROGRAM: &str = include_str!("unions/program.rs");

/// The unions and the share that is the goal.
const GOALS: [(&str, &str, f64); 4] = [
    ("discriminated", "told apart by a discriminator", 0.9),
    ("plain", "five objects, told apart by required keys", 0.7),
    ("nested", "unions of unions", 0.6),
    ("tried", "no key tells apart: tried in turn", 0.6),
];

/// Builds the program as a user would, with Cargo's own release profile, and runs it.
pub(super) fn figures() -> Outcome<Vec<Figure>> {
    let folder = crate::root().join("target/bench/unions");
    let document = crate::root().join("xtask/src/bench/unions/openapi.yaml");
    let api = load(&document, &Options::default()).api.ok_or("the document of the unions does not load")?;
    let files = generate(&api, &Settings { name: "api".to_owned(), ..Settings::default() }).files;
    let manifest = format!(
        "[package]\nname = \"unions\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
         descant-runtime = {{ path = {:?} }}\nserde = \"1\"\nserde_json = \"1\"\n\n\
         [profile.release]\ndebug = \"line-tables-only\"\n\n[workspace]\n",
        crate::root().join("runtime"),
    );
    let written = apply(&folder.join("src/api"), &files, Mode::Write)
        .and_then(|_| fs::write(folder.join("src/main.rs"), PROGRAM))
        .and_then(|()| fs::write(folder.join("Cargo.toml"), manifest))
        .and_then(|()| fs::copy(crate::root().join("Cargo.lock"), folder.join("Cargo.lock")));
    written.map_err(|error| format!("{}: {error}", folder.display()))?;
    let build =
        Command::new(env!("CARGO")).args(["build", "--quiet", "--release"]).current_dir(&folder).status();
    if !build.is_ok_and(|status| status.success()) {
        return Err("the program does not build".to_owned());
    }
    let output = Command::new(folder.join("target/release/unions")).output().map_err(|e| e.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout);
    Ok(said.lines().filter_map(figure).collect())
}

/// A line of the program: a union's name, and MB/s of ours and of a `Value`.
fn figure(line: &str) -> Option<Figure> {
    let mut words = line.split(' ');
    let (name, what, goal) = words.next().and_then(|name| GOALS.into_iter().find(|goal| goal.0 == name))?;
    let mut speed = || words.next().and_then(|word| word.parse::<f64>().ok());
    let (ours, value) = (speed()?, speed()?);
    Some(Figure {
        what: format!("{name}: {what}"),
        goal: format!("at least {goal} of `Value`"),
        measured: format!("{ours:.0} MB/s, {value:.0}: {:.2}", ours / value),
        is_met: ours >= goal * value,
    })
}
