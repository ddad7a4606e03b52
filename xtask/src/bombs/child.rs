//! A process whose CPU time and memory are measured, and stopped where it takes far too much.

use std::fmt;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use descant_model::load::{Options, load};

/// A process is stopped after this time, or this much memory.
const PATIENCE: Duration = Duration::from_secs(20);
const MEMORY: u64 = 3 << 30;
/// How often a process is looked at.
const STEP: Duration = Duration::from_millis(4);
/// Operations of one document that are called.
const CALLS: usize = 40;

/// What a process took.
#[derive(Clone, Debug, Default)]
pub(super) struct Cost {
    /// CPU time of user and kernel.
    pub(super) time: Duration,
    /// Bytes of the resident set at its peak.
    pub(super) memory: u64,
    /// Why it was stopped, or that it crashed.
    pub(super) failure: Option<String>,
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failure = self.failure.as_deref().map(|failure| format!(" {failure}")).unwrap_or_default();
        write!(f, "{:.2}s {}MB{failure}", self.time.as_secs_f64(), self.memory >> 20)
    }
}

impl Cost {
    /// Takes note of what a process has taken until now; false where it is over.
    fn look(&mut self, process: u32) {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        let peak = peak.and_then(|kilobytes| kilobytes.parse::<u64>().ok()).unwrap_or(0) << 10;
        self.memory = self.memory.max(peak);
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        // After the name, which is in brackets: user and kernel time are fields 14 and 15, in hundredths of a second.
        let fields = stat.rsplit_once(") ").map(|(_, rest)| rest.split(' ').skip(11).take(2));
        let ticks: u64 = fields.into_iter().flatten().filter_map(|field| field.parse::<u64>().ok()).sum();
        self.time = self.time.max(Duration::from_millis(ticks * 10));
        if self.memory > MEMORY {
            self.failure = Some("MEMORY".to_owned());
        } else if self.time > PATIENCE {
            self.failure = Some("TIME".to_owned());
        }
    }
}

/// Runs a command to its end, or until it takes too much.
pub(super) fn run(mut command: Command) -> std::io::Result<Cost> {
    let mut process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let mut cost = Cost::default();
    let start = Instant::now();
    loop {
        cost.look(process.id());
        // Before it is waited for, what it took can still be read.
        if cost.failure.is_some() || start.elapsed() > PATIENCE * 3 {
            cost.failure.get_or_insert("TIME".to_owned());
            process.kill()?;
            process.wait()?;
            return Ok(cost);
        }
        if is_over(process.id()) {
            let status = process.wait()?;
            cost.failure = status.code().is_none_or(|code| code > 2).then(|| format!("{status}"));
            return Ok(cost);
        }
        std::thread::sleep(STEP);
    }
}

/// Whether a process ended and waits to be asked for its status.
fn is_over(process: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with('Z'))
}

/// A running mock; it ends when this is dropped.
pub(super) struct Server {
    process: Child,
    cost: Cost,
}

impl Server {
    pub(super) fn start(mut command: Command) -> std::io::Result<Server> {
        let process = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        Ok(Server { process, cost: Cost::default() })
    }

    /// The address that it prints once it listens; `None` where it ends or takes too much before.
    pub(super) fn address(&mut self) -> Option<String> {
        let output = self.process.stdout.take()?;
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let address = line.split_once("http://").map(|(_, rest)| rest.to_owned());
                let address = address.and_then(|rest| Some(rest.split_whitespace().next()?.to_owned()));
                address.into_iter().for_each(|address| drop(sender.send(address)));
            }
        });
        loop {
            self.cost.look(self.process.id());
            match receiver.recv_timeout(STEP) {
                Ok(address) => return Some(address.trim_end_matches('/').to_owned()),
                Err(mpsc::RecvTimeoutError::Timeout) if self.cost.failure.is_none() => {}
                Err(_) => return None,
            }
        }
    }

    /// Calls operations with bodies that keep nothing, and looks for what that costs; what failed, if anything did.
    pub(super) fn call_all(&mut self, address: &str, document: &Path) -> Option<String> {
        let api = load(document, &Options::default()).api?;
        let long = format!("\"{}\"", "a".repeat(40_000));
        for operation in api.operations.iter().take(CALLS) {
            let method = operation.method.as_str();
            let path: String = operation.path.raw.split('{').enumerate().map(filled).collect();
            let bodies: &[&str] =
                if operation.request_body.is_some() { &["{\"x\":\"no\"}", &long, "[[[1]]]"] } else { &[""] };
            for body in bodies {
                if !self.call(address, method, &path, body) {
                    return Some("HANGS".to_owned());
                }
            }
        }
        None
    }

    fn call(&mut self, address: &str, method: &str, path: &str, body: &str) -> bool {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\naccept: */*\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let Ok(mut stream) = TcpStream::connect(address) else { return false };
        let is_sent =
            stream.set_read_timeout(Some(STEP * 10)).and_then(|()| stream.write_all(request.as_bytes()));
        if is_sent.is_err() {
            return false;
        }
        let mut buffer = [0; 65_536];
        while self.cost.failure.is_none() {
            match stream.read(&mut buffer) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    self.cost.look(self.process.id())
                }
                // What is answered before all was read ends the connection.
                Err(_) => return !is_over(self.process.id()),
            }
        }
        false
    }

    /// Stops it, and returns what it took.
    pub(super) fn end(mut self, failure: Option<String>) -> Cost {
        self.cost.look(self.process.id());
        self.cost.failure = self.cost.failure.take().or(failure);
        self.cost.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A part of a path template after `{`, with a value for its variable; the first part has none.
fn filled((index, part): (usize, &str)) -> String {
    match part.split_once('}') {
        Some((_, rest)) if index > 0 => format!("1{rest}"),
        _ => part.to_owned(),
    }
}
