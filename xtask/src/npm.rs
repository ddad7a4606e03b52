//! `cargo xtask npm`: packs the packages of npm in the manner of esbuild, one per platform with the program inside and
//! one that depends on all of them, and tries them as a user installs them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use serde_json::{Map, Value, json};

/// The name of the main package, and the scope of those of the platforms.
const NAME: &str = "descant";
/// The platforms by the names that Node has for them, with the targets of Rust.
const PLATFORMS: &str = include_str!("../../npm/platforms.json");

/// Packs the packages of npm.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The program of a platform: `linux-x64=target/release/descant`; may be repeated
    #[arg(long = "binary", value_name = "PLATFORM=FILE", required = true)]
    binaries: Vec<String>,
    /// The folder of the packed files
    #[arg(long, value_name = "FOLDER", default_value = "target/npm")]
    out: PathBuf,
    /// Install the packed files in an empty folder, and run them
    #[arg(long)]
    check: bool,
    /// With --check, also run a Playwright suite on four workers that share a mock, so many times (needs Chromium)
    #[arg(long, value_name = "N", default_value_t = 0)]
    suite: u32,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> ExitCode {
    match pack(args).and_then(|packed| if args.check { check(&packed, args.suite) } else { Ok(()) }) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Writes and packs every package; returns the packed files, the main package first.
fn pack(args: &Args) -> io::Result<Vec<PathBuf>> {
    let out = std::path::absolute(&args.out)?;
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    let mut packed = vec![pack_main(&out)?];
    for binary in &args.binaries {
        let pair = binary.split_once('=').filter(|(platform, _)| targets().contains_key(*platform));
        let (platform, file) = pair.ok_or_else(|| {
            let known = targets().keys().cloned().collect::<Vec<_>>().join(", ");
            io::Error::other(format!("`{binary}` is not PLATFORM=FILE; the platforms are {known}"))
        })?;
        packed.push(pack_platform(&out, platform, Path::new(file))?);
    }
    for file in &packed {
        println!("{} ({} bytes)", file.display(), fs::metadata(file)?.len());
    }
    Ok(packed)
}

/// Packs the package that finds the program, with the same version of every platform's package as optional dependencies.
fn pack_main(out: &Path) -> io::Result<PathBuf> {
    let source = crate::root().join("npm");
    let folder = out.join(NAME);
    fs::create_dir_all(&folder)?;
    let manifest = fs::read_to_string(source.join("package.json"))?;
    let mut manifest: Map<String, Value> = serde_json::from_str(&manifest)?;
    let files = manifest.get("files").and_then(Value::as_array).cloned().unwrap_or_default();
    for file in files.iter().filter_map(Value::as_str).chain(["README.md"]) {
        fs::copy(source.join(file), folder.join(file))?;
    }
    let optional = targets().into_iter().map(|(platform, _)| (package(&platform), version().into()));
    manifest.insert("version".to_owned(), version().into());
    manifest.insert("optionalDependencies".to_owned(), Value::Object(optional.collect()));
    write(&folder, &Value::Object(manifest))
}

/// Packs the package of a platform, which npm installs on that platform alone.
fn pack_platform(out: &Path, platform: &str, binary: &Path) -> io::Result<PathBuf> {
    let folder = out.join(platform);
    fs::create_dir_all(&folder)?;
    let name = if platform.starts_with("win32") { "descant.exe" } else { "descant" };
    let copied = fs::copy(binary, folder.join(name));
    copied.map_err(|error| io::Error::other(format!("{}: {error}", binary.display())))?;
    let (os, cpu) = platform.split_once('-').unwrap_or((platform, ""));
    write(
        &folder,
        &json!({
            "name": package(platform),
            "version": version(),
            "description": format!("The program of {NAME} for {platform}"),
            "license": "MIT OR Apache-2.0",
            "repository": env!("CARGO_PKG_REPOSITORY"),
            "os": [os],
            "cpu": [cpu],
            "files": [name],
            "preferUnplugged": true,
        }),
    )
}

/// Writes the manifest of a package, and packs it; returns the packed file.
fn write(folder: &Path, manifest: &Value) -> io::Result<PathBuf> {
    fs::write(folder.join("package.json"), format!("{manifest:#}\n"))?;
    let packed = output(Command::new("npm").args(["pack", "--silent"]).current_dir(folder))?;
    Ok(folder.join(packed.trim()))
}

/// Installs the packed files in an empty folder, and runs what a user runs; the suite of tests so many times.
fn check(packed: &[PathBuf], repeats: u32) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let root = crate::root();
    fs::write(folder.path().join("package.json"), "{\"private\": true, \"type\": \"module\"}")?;
    for file in fs::read_dir(root.join("npm/suite"))?.filter(|_| repeats > 0) {
        let file = file?;
        fs::copy(file.path(), folder.path().join(file.file_name()))?;
    }
    let install = ["install", "--no-audit", "--no-fund", "--silent", "--omit=optional"];
    output(Command::new("npm").args(install).args(packed).current_dir(folder.path()))?;
    fs::copy(root.join("npm/check.mjs"), folder.path().join("check.mjs"))?;
    let document = root.join("docs/demo/pets.yaml");
    let said = output(Command::new("node").arg("check.mjs").arg(document).current_dir(folder.path()))?;
    print!("{said}");
    if repeats > 0 {
        let mut suite = Command::new("npx");
        suite.args(["playwright", "test", "--repeat-each"]).arg(repeats.to_string());
        let said = output(suite.current_dir(folder.path()))?;
        print!("{}", said.lines().last().map(|line| format!("{line}\n")).unwrap_or_default());
    }
    Ok(())
}

/// Returns the standard output of a command that must succeed.
fn output(command: &mut Command) -> io::Result<String> {
    let output = command.output()?;
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    match output.status.success() {
        true => Ok(out.into_owned()),
        false => Err(io::Error::other(format!("{command:?}: {out}{error}"))),
    }
}

fn targets() -> Map<String, Value> {
    serde_json::from_str(PLATFORMS).unwrap_or_default()
}

fn package(platform: &str) -> String {
    format!("@{NAME}/{platform}")
}

fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}
