//! `cargo xtask bench mock`: requests per second compared with a bare axum handler, in alternating rounds because the speed of a
//! machine varies; time to the first response, memory, and time to reload. Needs `wrk`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::served::Served;
use super::{Figure, MEGABYTE, Outcome, below, build, corpus, reload};

#[derive(clap::Args)]
pub(super) struct Args {
    /// How often each server has its turn
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How long a turn is
    #[arg(long, default_value_t = 2)]
    seconds: u32,
    /// A folder in which npm has installed `@stoplight/prism-cli`, to measure that as well
    #[arg(long, value_name = "DIR")]
    peers: Option<PathBuf>,
    /// A folder with `descant`, `examples/bare` and `examples/pace`, where they are not to be built
    #[arg(long, value_name = "DIR")]
    programs: Option<PathBuf>,
}

const NOTES: &str = include_str!("notes.yaml");
/// A valid body of `POST /notes`, as wrk takes it.
const POST: &str = r#"
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"id":10,"title":"Groceries","author":{"id":1,"name":"Ada"},"lines":["milk"],"labels":[{"id":0,"name":"home"}],"status":"open","pinned":true,"weight":0.5}'
"#;

/// Another draft each time.
const COUNT: &str = r#"
local id = 0
request = function()
    id = id + 1
    return wrk.format("GET", "/drafts/" .. id)
end
"#;

/// What is asked for, by which of wrk's scripts, and the share of the bare handler's requests a second that is the goal.
const ASKED: [(&str, &str, Option<&str>, f64); 4] = [
    ("an example", "/notes/10", None, 0.85),
    ("POST, its body validated", "/notes", Some(POST), 0.75),
    ("a sampled value", "/drafts/10", None, 0.75),
    ("another sampled value each time", "/drafts/10", Some(COUNT), 0.75),
];

/// How often a start is measured: the best counts, as the machine has other work.
const STARTS: usize = 5;
/// When memory is looked at after a start: the examples have been judged by then.
const SETTLED: Duration = Duration::from_secs(4);
/// Requests after which memory is looked at again.
const MANY: u64 = 1_000_000;

/// The documents that are started with: what each is called, a path that it answers with 200, and what it may take.
const STARTED: [(&str, &str, Duration, u64); 2] = [
    ("github.json", "/", Duration::from_millis(500), 150),
    ("stripe.yaml", "/v1/balance", Duration::from_millis(500), 150),
];

/// The programs and files of a run.
pub(super) struct Bench<'a> {
    args: &'a Args,
    programs: PathBuf,
    notes: PathBuf,
    script: PathBuf,
}

/// Every figure of the mock.
pub(super) fn figures(args: &Args) -> Outcome<Vec<Figure>> {
    let bench = Bench::new(args)?;
    let mut figures = bench.throughput()?;
    figures.extend(bench.started(
        "a small document",
        &bench.notes,
        "/notes/10",
        Duration::from_millis(40),
        30,
    )?);
    figures.extend(bench.pace()?);
    let corpus = corpus()?.join("dev");
    for (name, target, time, memory) in STARTED {
        figures.extend(bench.started(name, &corpus.join(name), target, time, memory)?);
    }
    figures.extend(reload::figures(&|document, path| bench.descant(document, path))?);
    Ok(figures)
}

impl<'a> Bench<'a> {
    fn new(args: &'a Args) -> Outcome<Self> {
        let target = crate::root().join("target");
        if args.programs.is_none() {
            let packages = ["-p", "descant", "-p", "descant-mock", "-p", "descant-schema"];
            let programs = ["--bin", "descant", "--example", "bare", "--example", "pace"];
            build(&[&packages[..], &programs].concat())?;
        }
        Ok(Self {
            args,
            programs: args.programs.clone().unwrap_or_else(|| target.join("release")),
            notes: written(target.join("notes.yaml"), NOTES)?,
            script: target.join("wrk.lua"),
        })
    }

    pub(super) fn descant(&self, document: &Path, target: &str) -> Outcome<Served> {
        let command = |port: u16| {
            let mut command = Command::new(self.programs.join("descant"));
            command.arg("mock").arg(document).args(["--port", &port.to_string()]);
            command
        };
        Served::start(command, target)
    }

    fn bare(&self) -> Outcome<Served> {
        let command = |port: u16| {
            let mut command = Command::new(self.programs.join("examples/bare"));
            command.arg(port.to_string());
            command
        };
        Served::start(command, "/notes/10")
    }

    /// Prism, by its own defaults but for its log, which costs it most.
    fn prism(&self, peers: &Path) -> Outcome<Served> {
        let command = |port: u16| {
            let mut command = Command::new(peers.join("node_modules/.bin/prism"));
            command
                .args(["mock", "-h", "127.0.0.1", "-v", "error", "-p", &port.to_string()])
                .arg(&self.notes);
            command
        };
        Served::start(command, "/notes/10")
    }

    /// Requests a second as shares of the bare handler's, and memory after many of them.
    fn throughput(&self) -> Outcome<Vec<Figure>> {
        let (mock, bare) = (self.descant(&self.notes, "/notes/10")?, self.bare()?);
        if mock.body("/notes/10")? != bare.body("/notes/10")? {
            return Err("the mock and the bare handler send different bytes".to_owned());
        }
        let mut figures = Vec::new();
        for (what, target, script, goal) in ASKED {
            let (share, measured) = self.share(&mock, &bare, target, script)?;
            let (what, goal_text) =
                (format!("{what}, beside a bare axum handler"), format!("at least {goal}"));
            figures.push(Figure { what, goal: goal_text, measured, is_met: share >= goal });
        }
        let mut requests = 0;
        while requests < MANY {
            requests += mock.drive("/notes/10", None, 5)?.requests;
        }
        figures.push(memory("memory after a million requests", &mock, 60)?);
        if let Some(peers) = &self.args.peers {
            self.compare(&self.prism(peers)?, &bare)?;
        }
        Ok(figures)
    }

    /// Prints what a peer reaches; no goal is tied to it.
    fn compare(&self, peer: &Served, bare: &Served) -> Outcome<()> {
        println!("     Prism: first answer after {:.2} s", peer.started.as_secs_f64());
        for (what, target, script, _) in ASKED {
            let (_, measured) = self.share(peer, bare, target, script)?;
            println!("     Prism: {what}: {measured}");
        }
        println!("     Prism: {} MB", peer.memory()? / MEGABYTE);
        Ok(())
    }

    /// The median of the rounds' shares, each of two turns next to each other.
    fn share(
        &self,
        server: &Served,
        bare: &Served,
        target: &str,
        script: Option<&str>,
    ) -> Outcome<(f64, String)> {
        let script = script.map(|text| written(self.script.clone(), text)).transpose()?;
        let drive = |server: &Served| server.drive(target, script.as_deref(), self.args.seconds);
        drive(server)?;
        let mut rounds = Vec::new();
        for _ in 0..self.args.rounds.max(1) {
            let (theirs, ours) = (drive(bare)?.per_second, drive(server)?.per_second);
            rounds.push((ours / theirs, ours, theirs));
        }
        rounds.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (share, ours, theirs) = rounds.get(rounds.len() / 2).copied().unwrap_or_default();
        Ok((share, format!("{share:.2} ({ours:.0} of {theirs:.0}/s)")))
    }

    /// What judging and sampling a value takes, as `schema/examples/pace.rs` prints it.
    fn pace(&self) -> Outcome<[Figure; 2]> {
        let output = Command::new(self.programs.join("examples/pace")).output();
        let output = output.map_err(|error| format!("examples/pace: {error}"))?;
        let said: Value = serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
        let time = |key: &str| {
            let nanoseconds = said.get(key).and_then(Value::as_f64).unwrap_or(f64::INFINITY);
            Duration::try_from_secs_f64(nanoseconds / 1e9).unwrap_or(Duration::MAX)
        };
        let figure = |what: &str, measured: Duration, goal: Duration| Figure {
            what: what.to_owned(),
            goal: format!("at most {goal:?}"),
            measured: format!("{measured:?}"),
            is_met: measured <= goal,
        };
        Ok([
            figure("judging eight fields, no slower than `jsonschema`", time("judge"), time("jsonschema")),
            figure("sampling eight fields", time("sample"), Duration::from_micros(5)),
        ])
    }

    /// Time to the first 200, and memory then.
    fn started(
        &self,
        name: &str,
        document: &Path,
        target: &str,
        time: Duration,
        megabytes: u64,
    ) -> Outcome<[Figure; 2]> {
        let mut best = self.descant(document, target)?;
        for _ in 1..STARTS {
            let next = self.descant(document, target)?;
            if next.started < best.started {
                best = next;
            }
        }
        let first = below(format!("{name}: start to the first 200"), best.started, time);
        std::thread::sleep(SETTLED);
        Ok([first, memory(&format!("{name}: memory"), &best, megabytes)?])
    }
}

fn written(path: PathBuf, text: &str) -> Outcome<PathBuf> {
    std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display())).map(|()| path)
}

fn memory(what: &str, server: &Served, goal: u64) -> Outcome<Figure> {
    let megabytes = server.memory()? / MEGABYTE;
    Ok(Figure {
        what: what.to_owned(),
        goal: format!("below {goal} MB"),
        measured: format!("{megabytes} MB"),
        is_met: megabytes < goal,
    })
}
