//! A correct server in which one fault at a time is planted: nothing is reported of the correct one, and each fault
//! where it is. The server is a Python program beside the repository, and its packages are installed by pip: the cases are
//! ignored unless asked for (`cargo test -p descant-contract --test mutants -- --ignored`).

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use descant_contract::{CaseOutcome, Credentials, Settings};
use descant_model::load::{Options, load};
use libtest_mimic::{Arguments, Failed, Trial};

/// Each fault with where it is to be found: operation, kind of case, what its name holds.
const FAULTS: [(&str, &str, &str, &str); 16] = [
    ("", "", "", ""),
    ("noauth", "POST /pets", "no credential", ""),
    ("nobodyvalid", "POST /pets", "body", "required"),
    ("noheader", "GET /pets", "parameter", "header X-Trace: missing"),
    ("badschema", "POST /pets", "example", "required only"),
    ("crash", "POST /pets", "boundary", "minimum of /age"),
    ("undoc", "POST /pets", "example", "required only"),
    ("no405", "GET /pets/{petId}", "method", ""),
    ("uaf", "POST /pets", "link", "GET after del"),
    ("resphdr", "GET /stats", "example", ""),
    ("age51", "POST /pets", "body", "maximum of /age"),
    ("uniq", "POST /pets", "body", "uniqueItems of /tags"),
    ("email", "POST /pets", "body", "format of /email"),
    ("name41", "POST /pets", "body", "maxLength of /name"),
    ("limit0", "GET /pets", "parameter", "query limit: minimum"),
    ("noallow", "GET /stats", "method", ""),
];

/// The interpreter that has the server's packages, or why there is none.
static PYTHON: OnceLock<Result<PathBuf, String>> = OnceLock::new();

fn main() {
    let trial = |(fault, operation, kind, name): (&'static str, _, _, _)| {
        let run = move || check(PYTHON.get_or_init(environment).as_ref()?, fault, operation, kind, name);
        let title = if fault.is_empty() { "nothing" } else { fault };
        Trial::test(format!("mutants::{title}"), run).with_ignored_flag(true)
    };
    libtest_mimic::run(&Arguments::from_args(), FAULTS.into_iter().map(trial).collect()).exit();
}

fn check(python: &Path, fault: &str, operation: &str, kind: &str, name: &str) -> Result<(), Failed> {
    let server = Server::start(python, fault)?;
    let loaded = load(&mutants().join("openapi.yaml"), &Options::default());
    let api = loaded.api.ok_or("the document cannot be loaded")?;
    let mut credentials = Credentials::default();
    credentials.give("bearer", "tok");
    let settings = Settings::default();
    let run = descant_contract::test(&api, &server.url, &credentials, &settings);
    let report = tokio::runtime::Runtime::new()?.block_on(run)?;
    if fault.is_empty() {
        return if report.counts().broken == 0 { Ok(()) } else { Err(report.human().into()) };
    }
    let found = report.verdicts.iter().any(|verdict| {
        matches!(verdict.outcome, CaseOutcome::Broken { .. })
            && api.operations.get(verdict.case.operation).is_some_and(|it| it.key() == operation)
            && verdict.case.kind.as_str() == kind
            && verdict.case.name.contains(name)
    });
    if found { Ok(()) } else { Err(format!("not found where it is:\n{}", report.human()).into()) }
}

/// The faulty server; it ends when it is dropped.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(python: &Path, fault: &str) -> Result<Self, Failed> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let child = Command::new(python)
            .args(["-B", "-m", "uvicorn", "server:app", "--log-level", "error", "--port", &port.to_string()])
            .arg("--app-dir")
            .arg(mutants())
            .env("BUGS", fault)
            .stdout(Stdio::null())
            .spawn()?;
        let server = Self { child, url: format!("http://127.0.0.1:{port}") };
        let start = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if start.elapsed() > Duration::from_secs(30) {
                return Err("the server does not start".into());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn mutants() -> PathBuf {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    std::env::var_os("DESCANT_SHARED").map_or(beside, PathBuf::from).join("mutants")
}

/// The interpreter of a virtual environment under `target/` that has what the server needs; it is made once.
fn environment() -> Result<PathBuf, String> {
    const PACKAGES: [&str; 4] = ["starlette", "uvicorn", "jsonschema-rs", "pyyaml"];
    if !mutants().join("server.py").exists() {
        return Err(format!("{} does not exist", mutants().display()));
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mutants");
    let (python, marker) = (folder.join("bin/python"), folder.join("installed"));
    if marker.exists() {
        return Ok(python);
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(PACKAGES))?;
    std::fs::write(&marker, PACKAGES.join(" ")).map_err(|error| error.to_string())?;
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
