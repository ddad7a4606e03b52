//! The vendors' own Python clients, installed by pip as they are published, call the mock. The cases are ignored unless asked
//! for (`cargo test -p descant-twins --test real_clients -- --ignored`).

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use libtest_mimic::{Arguments, Failed, Trial};

/// A virtual environment with packages that can be installed together, exactly.
struct Environment {
    name: &'static str,
    packages: &'static [&'static str],
    /// The interpreter, or why there is none.
    python: OnceLock<Result<PathBuf, String>>,
}

static CLIENTS: Environment = Environment {
    name: "clients",
    packages: &["pytimbr-api==2.2.0", "cognitive3dpy==1.4.0", "cryptography==50.0.2"],
    python: OnceLock::new(),
};

/// Requires an older version of Timbr's client.
static LANGCHAIN: Environment = Environment {
    name: "langchain",
    packages: &["langchain-timbr==6.4.1", "langchain-core==1.4.9"],
    python: OnceLock::new(),
};

/// Each script with its environment, its twin and its cases.
const CASES: [(&str, &Environment, &str, &[&str]); 4] = [
    (
        "timbr",
        &CLIENTS,
        "timbr",
        &["sync", "headers", "tools", "legacy", "background", "json_web_token", "wrong_token"],
    ),
    (
        "langchain",
        &LANGCHAIN,
        "timbr",
        &["prompts", "identify", "generate", "validate", "execute", "answer", "agent"],
    ),
    ("fernet", &CLIENTS, "timbr", &["right", "altered", "missing"]),
    (
        "cognitive3d",
        &CLIENTS,
        "cognitive3d",
        &["defaults", "sessions", "filters", "objectives", "events", "surveys", "key_forms", "unauthorized"],
    ),
];

fn main() {
    let mut trials = Vec::new();
    for (script, environment, twin, cases) in CASES {
        for case in cases {
            let run = move || call(environment.python()?, script, twin, case);
            trials.push(Trial::test(format!("{script}::{case}"), run).with_ignored_flag(true));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
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

impl Environment {
    /// Returns the interpreter; the environment is made once, under `target/`.
    fn python(&self) -> Result<&Path, &String> {
        self.python.get_or_init(|| self.install()).as_deref()
    }

    fn install(&self) -> Result<PathBuf, String> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(self.name);
        let python = folder.join("bin/python");
        let marker = folder.join("installed");
        let wanted = self.packages.join(" ");
        if std::fs::read_to_string(&marker).is_ok_and(|installed| installed == wanted) {
            return Ok(python);
        }
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
        run(Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(self.packages))?;
        std::fs::write(&marker, wanted).map_err(|error| error.to_string())?;
        Ok(python)
    }
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
