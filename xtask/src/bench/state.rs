//! `cargo xtask bench state`: losses of concurrent calls on each backend, the speed of each operation in memory, stores compared
//! with their bare drivers, `kill -9` during writes, a Redis that hangs under load. Starts and stops its own `redis-server`.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::served::{Calls, Served};
use super::{Figure, Outcome, build};

#[derive(clap::Args)]
pub(super) struct Args {
    /// How often the races run on each backend
    #[arg(long, default_value_t = 10)]
    runs: usize,
    /// How often a mock is killed amid writes
    #[arg(long, default_value_t = 20)]
    kills: usize,
    /// How long Redis hangs
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// A folder with `descant` and `examples/state`, where they are not to be built
    #[arg(long, value_name = "DIR")]
    programs: Option<PathBuf>,
}

const DOCUMENT: &str = include_str!("state.yaml");
const CALLERS: usize = 16;
const POSTS: usize = 800;
const PATCHES: usize = 100;
/// Posts of one identity.
const SAME: usize = 64;
/// How long each operation is measured.
const TURN: Duration = Duration::from_secs(2);

/// The programs and files of a run.
struct Bench<'a> {
    args: &'a Args,
    programs: PathBuf,
    folder: PathBuf,
}

/// Every figure of the state.
pub(super) fn figures(args: &Args) -> Outcome<Vec<Figure>> {
    let target = crate::root().join("target");
    if args.programs.is_none() {
        let packages = ["-p", "descant", "-p", "descant-mock"];
        build(&[&packages[..], &["--bin", "descant", "--example", "state"]].concat())?;
    }
    let folder = target.join("bench-state");
    let _ = std::fs::remove_dir_all(&folder);
    let written =
        std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(folder.join("notes.yaml"), DOCUMENT));
    written.map_err(|error| format!("{}: {error}", folder.display()))?;
    let programs = args.programs.clone().unwrap_or_else(|| target.join("release"));
    let bench = Bench { args, programs, folder };
    let redis = RedisServer::start()?;
    let mut figures = bench.races(&redis)?;
    figures.extend(bench.speeds()?);
    figures.extend(bench.beside_drivers(&redis)?);
    figures.push(bench.kills()?);
    figures.extend(bench.hang(&redis)?);
    Ok(figures)
}

impl Bench<'_> {
    fn mock(&self, state: &str) -> Outcome<Served> {
        let command = |port: u16| {
            let mut command = Command::new(self.programs.join("descant"));
            command.args(["mock", "notes.yaml", "--log", "quiet", "--no-watch", "--state", state]);
            command.args(["--port", &port.to_string()]).current_dir(&self.folder);
            command
        };
        Served::start(command, "/notes?limit=1")
    }

    /// What is lost or made twice on each backend, in all runs.
    fn races(&self, redis: &RedisServer) -> Outcome<Vec<Figure>> {
        let url = redis.url();
        let backends = [
            ("memory", vec!["memory"]),
            ("SQLite", vec!["one.db"]),
            ("SQLite of two processes", vec!["two.db"; 2]),
            ("Redis with two replicas", vec![url.as_str(); 2]),
        ];
        let mut figures = Vec::new();
        for (name, states) in backends {
            let mocks: Vec<Served> =
                states.into_iter().map(|state| self.mock(state)).collect::<Outcome<_>>()?;
            let (mut posts, mut patches, mut same) = (0, 0, 0);
            for _ in 0..self.args.runs.max(1) {
                posts += lost_posts(&mocks)?;
                patches += lost_patches(&mocks)?;
                same += made_twice(&mocks)?;
            }
            let runs = self.args.runs.max(1);
            figures.push(none(format!("{name}: {runs} x {POSTS} POSTs, lost or twice"), posts));
            figures.push(none(format!("{name}: {runs} x {PATCHES} PATCHes of one item, lost"), patches));
            figures.push(none(format!("{name}: {runs} x {SAME} POSTs of one id, made again"), same));
        }
        Ok(figures)
    }

    /// Each operation in memory, a second, at few and many items.
    fn speeds(&self) -> Outcome<Vec<Figure>> {
        let mut figures = Vec::new();
        let mut posts = Vec::new();
        for count in [100, 10_000] {
            for operation in ["POST", "GET", "list of 20", "PATCH", "DELETE"] {
                let mock = self.mock("memory")?;
                fill(&mock, count)?;
                let (per_second, p99) = speed(&mock, operation, count)?;
                posts.extend((operation == "POST").then_some(per_second));
                figures.push(Figure {
                    what: format!("memory, {count} items: {operation}"),
                    goal: "10,000/s, p99 below 20 ms".to_owned(),
                    measured: format!("{per_second:.0}/s, p99 {:.1} ms", p99.as_secs_f64() * 1e3),
                    is_met: per_second >= 10_000.0 && p99 < Duration::from_millis(20),
                });
            }
        }
        if let [few, many] = posts[..] {
            figures.push(Figure {
                what: "memory: POST at 10,000 items beside 100".to_owned(),
                goal: "at least 0.9".to_owned(),
                measured: format!("{:.2}", many / few),
                is_met: many / few >= 0.9,
            });
        }
        Ok(figures)
    }

    /// Stores beside their bare drivers, as `mock-server/examples/state.rs` prints it.
    fn beside_drivers(&self, redis: &RedisServer) -> Outcome<Vec<Figure>> {
        let output =
            Command::new(self.programs.join("examples/state")).arg(&self.folder).arg(redis.url()).output();
        let output = output.map_err(|error| format!("examples/state: {error}"))?;
        let said = String::from_utf8_lossy(&output.stderr);
        let found: Value =
            serde_json::from_slice(&output.stdout).map_err(|error| format!("{error}: {said}"))?;
        let figure = |(name, value): (&String, &Value)| {
            let number = |at: usize| value.get(at).and_then(Value::as_f64).unwrap_or_default();
            Figure {
                what: format!("{name}, beside the bare driver"),
                goal: "at least 0.7".to_owned(),
                measured: format!("{:.2} ({:.0} of {:.0}/s)", number(0), number(1), number(2)),
                is_met: number(0) >= 0.7,
            }
        };
        Ok(found.as_object().into_iter().flatten().map(figure).collect())
    }

    /// Acknowledged notes that are gone after the mock was killed amid writes, each time to another file: one file keeps
    /// 10,000.
    fn kills(&self) -> Outcome<Figure> {
        let (mut all, mut lost) = (0, 0);
        for round in 0..self.args.kills {
            let acknowledged = Mutex::new(BTreeSet::new());
            let file = format!("killed-{round}.db");
            let mock = self.mock(&file)?;
            std::thread::scope(|scope| {
                (0..4).for_each(|_| _ = scope.spawn(|| write_on(&mock, &acknowledged)));
                std::thread::sleep(Duration::from_millis(60 + 17 * round as u64));
                mock.signal("KILL")
            })?;
            drop(mock);
            let kept = listed(&mut self.mock(&file)?.connect()?)?;
            lost += lock(&acknowledged).iter().filter(|id| !kept.contains(id)).count();
            all += lock(&acknowledged).len();
        }
        Ok(none(format!("SQLite: {} x kill -9 amid writes, of {all} lost", self.args.kills), lost))
    }

    /// What a Redis that hangs does to state, and to a route without it.
    fn hang(&self, redis: &RedisServer) -> Outcome<Vec<Figure>> {
        let mock = self.mock(&redis.url())?;
        let health = || mock.drive("/health", None, 2).map(|round| round.per_second);
        let before = health()?;
        redis.signal("STOP")?;
        let end = Instant::now() + Duration::from_secs(self.args.seconds);
        let (during, slowest) = std::thread::scope(|scope| {
            let callers: Vec<_> = (0..8).map(|_| scope.spawn(|| refused_until(&mock, end))).collect();
            let during = health();
            let slowest = callers.into_iter().map(|caller| caller.join().unwrap_or(Err("panic".into())));
            let slowest = slowest.collect::<Outcome<Vec<Duration>>>();
            redis.signal("CONT")?;
            Ok::<_, String>((during?, slowest?.into_iter().max().unwrap_or_default()))
        })?;
        let start = Instant::now();
        let mut calls = mock.connect()?;
        while calls.status("/notes?limit=1")? != 200 && start.elapsed() < Duration::from_secs(10) {}
        let share = during / before;
        Ok(vec![
            Figure {
                what: format!("Redis stopped for {} s: a route without state", self.args.seconds),
                goal: "at least 0.8 of before".to_owned(),
                measured: format!("{share:.2} ({during:.0} of {before:.0}/s)"),
                is_met: share >= 0.8,
            },
            super::below("its state: the slowest 503", slowest, Duration::from_secs(1)),
            super::below("it heals after", start.elapsed(), Duration::from_secs(2)),
        ])
    }
}

fn none(what: String, count: usize) -> Figure {
    Figure { what, goal: "none".to_owned(), measured: count.to_string(), is_met: count == 0 }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// The answers to calls that many callers send at once, over all mocks in turns.
fn race(
    mocks: &[Served],
    count: usize,
    call: impl Fn(usize) -> [String; 3] + Sync,
) -> Outcome<Vec<(u16, Vec<u8>)>> {
    let share = |caller: usize| {
        let mock = mocks.get(caller % mocks.len().max(1)).ok_or("no mock")?;
        let mut calls = mock.connect()?;
        let numbers = (caller..count).step_by(CALLERS);
        let answers = numbers.map(|number| {
            let [method, target, body] = call(number);
            calls.call(&method, &target, &body).map_err(|error| format!("{method} {target}: {error}"))
        });
        answers.collect::<Outcome<Vec<_>>>()
    };
    std::thread::scope(|scope| {
        let share = &share;
        let callers: Vec<_> = (0..CALLERS).map(|caller| scope.spawn(move || share(caller))).collect();
        let answers = callers.into_iter().map(|caller| caller.join().unwrap_or(Err("panic".into())));
        Ok(answers.collect::<Outcome<Vec<_>>>()?.concat())
    })
}

fn first(mocks: &[Served]) -> Outcome<Calls> {
    mocks.first().ok_or("no mock")?.connect()
}

fn reset(mocks: &[Served]) -> Outcome<()> {
    let answer = first(mocks)?.call("POST", "/__descant/reset", "");
    answer.map(drop).map_err(|error| format!("reset: {error}"))
}

fn id_of(note: &Value) -> Option<u64> {
    note.get("id").and_then(Value::as_u64)
}

/// The identities that a mock lists.
fn listed(calls: &mut Calls) -> Outcome<Vec<u64>> {
    let (_, body) = calls.call("GET", "/all", "").map_err(|error| format!("GET /all: {error}"))?;
    let notes: Vec<Value> = serde_json::from_slice(&body).map_err(|error| format!("GET /all: {error}"))?;
    Ok(notes.iter().filter_map(id_of).collect())
}

fn post(number: usize) -> [String; 3] {
    ["POST".into(), "/notes".into(), format!(r#"{{"text": "t{number}"}}"#)]
}

fn lost_posts(mocks: &[Served]) -> Outcome<usize> {
    reset(mocks)?;
    let answers = race(mocks, POSTS, post)?;
    let made = answers.iter().filter(|(status, _)| *status == 201);
    let made = made.filter_map(|(_, body)| id_of(&serde_json::from_slice(body).ok()?));
    let made: BTreeSet<u64> = made.collect();
    let kept: BTreeSet<u64> = listed(&mut first(mocks)?)?.into_iter().collect();
    Ok(POSTS - made.len().min(POSTS) + made.difference(&kept).count() + kept.difference(&made).count())
}

fn lost_patches(mocks: &[Served]) -> Outcome<usize> {
    reset(mocks)?;
    let failed = |error: std::io::Error| error.to_string();
    first(mocks)?.call("POST", "/notes", r#"{"id": 1, "text": "t"}"#).map_err(failed)?;
    race(mocks, PATCHES, |number| ["PATCH".into(), "/notes/1".into(), format!(r#"{{"m{number}": 1}}"#)])?;
    let (_, body) = first(mocks)?.call("GET", "/notes/1", "").map_err(failed)?;
    let note: Value = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
    Ok((0..PATCHES).filter(|number| note.get(format!("m{number}")).is_none()).count())
}

fn made_twice(mocks: &[Served]) -> Outcome<usize> {
    reset(mocks)?;
    let same = |_| ["POST".into(), "/notes".into(), r#"{"id": 7, "text": "t"}"#.into()];
    let made = race(mocks, SAME, same)?.iter().filter(|(status, _)| *status == 201).count();
    Ok(made.abs_diff(1))
}

/// Makes so many notes.
fn fill(mock: &Served, count: usize) -> Outcome<()> {
    race(std::slice::from_ref(mock), count, post).map(drop)
}

/// Calls a second, and the time in which 99 of 100 are answered.
fn speed(mock: &Served, operation: &str, count: usize) -> Outcome<(f64, Duration)> {
    let start = Instant::now();
    let caller = |caller: usize| {
        let mut calls = mock.connect()?;
        let mut times = Vec::new();
        let mut number = caller;
        while start.elapsed() < TURN && (operation != "DELETE" || number < count) {
            let id = number % count + 1;
            let (method, target, body) = match operation {
                "GET" => ("GET", format!("/notes/{id}"), ""),
                "PATCH" => ("PATCH", format!("/notes/{id}"), r#"{"text": "p"}"#),
                "DELETE" => ("DELETE", format!("/notes/{id}"), ""),
                "POST" => ("POST", "/notes".to_owned(), r#"{"text": "t"}"#),
                _ => ("GET", "/notes?limit=20".to_owned(), ""),
            };
            let called = Instant::now();
            let answer = calls.call(method, &target, body).map_err(|error| error.to_string())?;
            if answer.0 >= 300 {
                return Err(format!("{method} {target}: {}", answer.0));
            }
            times.push(called.elapsed());
            number += CALLERS;
        }
        Ok(times)
    };
    let times = std::thread::scope(|scope| {
        let caller = &caller;
        let callers: Vec<_> = (0..CALLERS).map(|at| scope.spawn(move || caller(at))).collect();
        let times = callers.into_iter().map(|caller| caller.join().unwrap_or(Err("panic".into())));
        times.collect::<Outcome<Vec<Vec<Duration>>>>()
    });
    let taken = start.elapsed().as_secs_f64();
    let mut times = times?.concat();
    times.sort_unstable();
    let p99 = times.get(times.len().saturating_sub(1) * 99 / 100).copied().unwrap_or_default();
    Ok((times.len() as f64 / taken, p99))
}

/// Makes notes until the mock is gone, and notes those that were acknowledged.
fn write_on(mock: &Served, acknowledged: &Mutex<BTreeSet<u64>>) {
    let Ok(mut calls) = mock.connect() else { return };
    while let Ok((201, body)) = calls.call("POST", "/notes", r#"{"text": "t"}"#) {
        lock(acknowledged).extend(serde_json::from_slice(&body).ok().as_ref().and_then(id_of));
    }
}

/// Asks for what is kept until a time, and returns how long the slowest refusal took; it must be one.
fn refused_until(mock: &Served, end: Instant) -> Outcome<Duration> {
    let mut calls = mock.connect()?;
    let mut slowest = Duration::ZERO;
    while Instant::now() + Duration::from_secs(1) < end {
        let start = Instant::now();
        let status = calls.status("/notes?limit=1")?;
        slowest = slowest.max(start.elapsed());
        if status != 503 {
            return Err(format!("{status} while Redis is stopped"));
        }
    }
    Ok(slowest)
}

/// A Redis server of the bench's own, on a free port of the loopback.
struct RedisServer {
    process: Child,
    port: u16,
}

impl RedisServer {
    fn start() -> Outcome<Self> {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let port = free.map_err(|error| error.to_string())?.port();
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", "", "--dir", "/tmp"]);
        let process = command.stdout(Stdio::null()).spawn();
        let process =
            process.map_err(|error| format!("redis-server (Debian's package of that name): {error}"))?;
        let server = Self { process, port };
        let start = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if start.elapsed() > Duration::from_secs(20) {
                return Err("redis-server does not listen".to_owned());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    fn signal(&self, name: &str) -> Outcome<()> {
        let id = self.process.id().to_string();
        let status = Command::new("kill").args([&format!("-{name}"), &id]).status();
        status.map(drop).map_err(|error| format!("kill -{name}: {error}"))
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
