//! The vendors' own Python clients, installed by pip as they are published, call the mock. The cases are ignored unless asked
//! for (`cargo test -p descant-twins --test real_clients -- --ignored`).

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use libtest_mimic::{Arguments, Failed, Trial};

/// What is installed, exactly.
const PACKAGES: [&str; 3] = ["pytimbr-api==2.2.0", "cognitive3dpy==1.4.0", "cryptography==50.0.2"];

/// Each script with its cases.
const CASES: [(&str, &str, &[&str]); 3] = [
    (
        "timbr",
        "timbr",
        &["sync", "headers", "tools", "legacy", "background", "json_web_token", "wrong_token"],
    ),
    ("fernet", "timbr", &["right", "altered", "missing"]),
    (
        "cognitive3d",
        "cognitive3d",
        &["defaults", "sessions", "filters", "objectives", "events", "surveys", "key_forms", "unauthorized"],
    ),
];

/// The interpreter that has the clients, or why there is none.
static PYTHON: OnceLock<Result<PathBuf, String>> = OnceLock::new();

fn main() {
    let trials =
        CASES.iter().flat_map(|(script, twin, cases)| cases.iter().map(move |case| (*script, *twin, *case)));
    let trial = |(script, twin, case): (&'static str, &'static str, &'static str)| {
        let run = move || call(PYTHON.get_or_init(environment).as_ref()?, script, twin, case);
        Trial::test(format!("{script}::{case}"), run).with_ignored_flag(true)
    };
    libtest_mimic::run(&Arguments::from_args(), trials.map(trial).collect()).exit();
}

/// Runs one case of a script against a mock of its own.
fn call(python: &Path, script: &str, twin: &str, case: &str) -> Result<(), Failed> {
    let twin = descant_twins::registry().into_iter().find(|it| it.name == twin).ok_or("no such twin")?;
    let mock = twin.start()?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(format!("{script}.py"));
    let output = Command::new(python).arg("-B").arg(script).args([case, &mock.url()]).output()?;
    if output.status.success() {
        return Ok(());
    }
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(format!("{out}{err}").into())
}

/// The interpreter of a virtual environment under `target/` that has the packages; it is made once.
fn environment() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clients");
    let python = folder.join("bin/python");
    let marker = folder.join("installed");
    let wanted = PACKAGES.join(" ");
    if std::fs::read_to_string(&marker).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(PACKAGES))?;
    std::fs::write(&marker, wanted).map_err(|error| error.to_string())?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => {
            Err(String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or("it failed").to_owned())
        }
    }
}
