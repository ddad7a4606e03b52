//! The mock's page in Chromium: what a person does with it, and its types.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // in tests

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

/// A running mock; it is killed with the test.
struct Mock(Child, String);

impl Mock {
    fn start(document: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_descant"));
        command.arg("mock").arg(document).args(["--port", "0", "--state"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let page = first.split("(page: ").nth(1).unwrap_or_else(|| panic!("{first}")).trim_end_matches(")\n");
        Self(child, page.to_owned())
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Returns a folder with the scripts of the tests and the packages that they use, installed once.
fn scripts() -> &'static Path {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(install);
    &FOLDER
}

fn install() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("page");
    std::fs::create_dir_all(&folder).unwrap();
    for name in ["package.json", "page.mjs"] {
        std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/page").join(name), folder.join(name))
            .unwrap();
    }
    run(Command::new("npm").args(["install", "--no-audit", "--no-fund", "--silent"]).current_dir(&folder));
    folder
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}{error}");
    println!("{out}");
}

/// A document that takes the place of another.
const OTHER: &str = "openapi: 3.1.0
info: {title: Other, version: '1'}
paths:
  /others: {get: {responses: {'200': {description: all}}}}
";

/// Returns a document with many operations.
fn large() -> String {
    let mut text = "openapi: 3.1.0\ninfo: {title: Large, version: '1'}\npaths:\n".to_owned();
    for index in 0..1_200 {
        let _ = writeln!(
            text,
            "  /part{index}/pulls/{{id}}: {{get: {{summary: Request {index}, tags: [tag{}], parameters: [{{name: id, in: path, required: true, schema: {{type: integer}}}}], responses: {{'200': {{description: d}}}}}}}}",
            index / 30
        );
    }
    text
}

#[test]
#[ignore = "needs Chromium, and packages of npm"]
fn the_page_does_what_a_person_asks() {
    let folder = scripts();
    let document = folder.join("large.yaml");
    std::fs::write(&document, large()).unwrap();
    let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/page/shop.yaml");
    let other = folder.join("other.yaml");
    std::fs::write(&other, OTHER).unwrap();
    let (small, large) = (Mock::start(&shop), Mock::start(&document));
    let mut script = Command::new("node");
    script
        .arg("page.mjs")
        .args([&small.1, &large.1])
        .arg(env!("CARGO_BIN_EXE_descant"))
        .args([&shop, &other]);
    run(script.current_dir(folder));
}

#[test]
#[ignore = "needs packages of npm"]
fn the_page_has_sound_types() {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../mock-server/assets/jsconfig.json");
    let compiler = scripts().join("node_modules/typescript/bin/tsc");
    run(Command::new("node").arg(compiler).arg("-p").arg(assets));
}
