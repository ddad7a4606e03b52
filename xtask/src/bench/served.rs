//! A server in a separate process: measures its start, memory and throughput;
//! and makes calls on one connection.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::Outcome;

/// How long a server may take to answer for the first time.
const PATIENCE: Duration = Duration::from_secs(60);
/// As many as the goals are stated for.
const CONNECTIONS: &str = "-c32";

/// A running server; it ends when this is dropped.
pub(super) struct Served {
    process: Child,
    port: u16,
    /// From its start to the first 200.
    pub(super) started: Duration,
}

/// What `wrk` says of one round.
pub(super) struct Round {
    pub(super) requests: u64,
    pub(super) per_second: f64,
}

impl Served {
    /// Starts a server on a free port, and waits until it answers `target` with 200. `command` gets the port.
    pub(super) fn start(command: impl FnOnce(u16) -> Command, target: &str) -> Outcome<Self> {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let port = free.map_err(|error| error.to_string())?.port();
        let mut command = command(port);
        let start = Instant::now();
        let process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let process = process.map_err(|error| format!("{command:?}: {error}"))?;
        let mut served = Self { process, port, started: Duration::ZERO };
        while !served.get(target).is_some_and(|answer| answer.starts_with("HTTP/1.1 200")) {
            if start.elapsed() > PATIENCE || !matches!(served.process.try_wait(), Ok(None)) {
                return Err(format!("{command:?} does not answer {target} with 200"));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        served.started = start.elapsed();
        Ok(served)
    }

    /// The port at which it listens.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// The body of the answer to GET.
    pub(super) fn body(&self, target: &str) -> Outcome<String> {
        let answer = self.get(target).ok_or("no answer")?;
        Ok(answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
    }

    fn get(&self, target: &str) -> Option<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).ok()?;
        let request = format!(
            "GET {target} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer tok\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok()?;
        Some(String::from_utf8_lossy(&answer).into_owned())
    }

    /// A connection that stays open.
    pub(super) fn connect(&self) -> Outcome<Calls> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
        stream.map(|stream| Calls(BufReader::new(stream))).map_err(|error| error.to_string())
    }

    /// Sends it a signal, such as `KILL`.
    pub(super) fn signal(&self, name: &str) -> Outcome<()> {
        let id = self.process.id().to_string();
        let status = Command::new("kill").args([&format!("-{name}"), &id]).status();
        match status.map(|status| status.success()) {
            Ok(true) => Ok(()),
            other => Err(format!("kill -{name}: {other:?}")),
        }
    }

    /// Bytes of memory that it holds: `VmRSS` of Linux.
    pub(super) fn memory(&self) -> Outcome<u64> {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        kilobytes.map(|kilobytes| kilobytes << 10).ok_or_else(|| format!("{path} has no VmRSS"))
    }

    /// Drives it for some seconds; `script` is one of wrk's, for what is no GET. Every answer must be a 2xx.
    pub(super) fn drive(&self, target: &str, script: Option<&Path>, seconds: u32) -> Outcome<Round> {
        let mut wrk = Command::new("wrk");
        wrk.args(["-t1", CONNECTIONS, &format!("-d{seconds}s")]);
        if let Some(script) = script {
            wrk.arg("-s").arg(script);
        }
        let output = wrk.arg(format!("http://127.0.0.1:{}{target}", self.port)).output();
        let output = output.map_err(|error| format!("wrk (Debian's package of that name): {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        round(&text).ok_or_else(|| format!("wrk on {target}: {text}"))
    }
}

/// Calls on one connection.
pub(super) struct Calls(BufReader<TcpStream>);

impl Calls {
    /// The status of GET.
    pub(super) fn status(&mut self, target: &str) -> Outcome<u16> {
        let answer = self.call("GET", target, "");
        answer
            .map(|(status, _)| status)
            .map_err(|error| format!("GET {target} on an open connection: {error}"))
    }

    /// Sends a body of JSON, and returns status and body of the answer.
    pub(super) fn call(&mut self, method: &str, target: &str, body: &str) -> std::io::Result<(u16, Vec<u8>)> {
        let length = body.len();
        let head = format!(
            "{method} {target} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        self.0.get_mut().write_all(head.as_bytes())?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if self.0.read_until(b'\n', &mut head)? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
        let length =
            head.split_once("content-length: ").and_then(|(_, rest)| rest.lines().next()?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        self.0.read_exact(&mut body)?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        status.map(|status| (status, body)).ok_or_else(|| ErrorKind::InvalidData.into())
    }
}

/// The two lines of wrk's that matter; `None` where an answer was no 2xx, or none came.
fn round(text: &str) -> Option<Round> {
    if text.contains("Non-2xx") || text.contains("Socket errors") {
        return None;
    }
    let (requests, _) = text.split_once(" requests in ")?;
    let (_, per_second) = text.split_once("Requests/sec:")?;
    Some(Round {
        requests: requests.split_whitespace().next_back()?.parse().ok()?,
        per_second: per_second.split_whitespace().next()?.parse().ok()?,
    })
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
