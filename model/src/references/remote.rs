//! Resolves references to other hosts, within an allow-list and limits. This module opens no connection: the program that loads a
//! document provides a [`Fetch`].

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use url::{Host, Url};

use super::reference::{Fault, Reference};
use crate::codes::Code;
use crate::source::FileId;

/// The maximum size of a file from another host in bytes.
const MAX_BYTES: u64 = 16 << 20;

/// The time limit of one file, including redirects.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The time limit of all files of a document.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(60);

/// The maximum number of redirects. Each target must be allowed itself.
const MAX_REDIRECTS: usize = 5;

/// Fetches files from other hosts.
pub trait Fetch: Send + Sync {
    /// Sends one GET request without following redirects. For a host name other than `localhost`, it must not connect
    /// to a private address: otherwise the owner of the name could reach machines of the user. The error gives the
    /// reason.
    fn get(&self, url: &Url, limits: &Limits) -> Result<Answer, String>;
}

/// The limits of one request.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The maximum size of the decompressed body.
    pub max_bytes: u64,
    /// The time limit, from the first packet to the last.
    pub timeout: Duration,
}

/// The response of a host.
#[derive(Clone, Debug)]
pub enum Answer {
    /// The body of a successful response.
    Body(Vec<u8>),
    /// The `Location` of a redirect (RFC 9110, 10.2.2).
    Redirect(String),
}

/// Permission to fetch files from other hosts.
#[derive(Clone)]
pub struct Remote {
    hosts: Vec<Host>,
    fetch: Arc<dyn Fetch>,
}

impl Remote {
    /// Permits these hosts, each a name or an address as in a URL.
    pub fn new(hosts: &[String], fetch: Arc<dyn Fetch>) -> Result<Self, String> {
        let parse =
            |host: &String| Host::parse(host).map_err(|error| format!("`{host}` is not a host: {error}"));
        Ok(Self { hosts: hosts.iter().map(parse).collect::<Result<_, _>>()?, fetch })
    }

    /// Permits one more host.
    #[must_use]
    pub fn allowing(mut self, host: Host) -> Self {
        self.hosts.push(host);
        self
    }
}

impl std::fmt::Debug for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remote").field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

/// The files of a document that are on other hosts.
pub(super) struct Urls {
    remote: Option<Remote>,
    /// The base URL of a file's references; after redirects, the last target (RFC 3986, 5.1.3).
    bases: HashMap<FileId, Url>,
    /// The result of each URL.
    tried: HashMap<Url, Result<Option<FileId>, Fault>>,
    left: Duration,
}

impl Urls {
    pub(super) fn new(remote: Option<Remote>) -> Self {
        Self { remote, bases: HashMap::new(), tried: HashMap::new(), left: TOTAL_TIMEOUT }
    }

    /// Returns the result of a URL, if it was requested.
    pub(super) fn known(&self, url: &Url) -> Option<Result<Option<FileId>, Fault>> {
        self.tried.get(url).cloned()
    }

    /// Records the result of a URL.
    pub(super) fn note(&mut self, url: Url, found: Result<Option<FileId>, Fault>) {
        self.tried.insert(url, found);
    }

    /// Records the URL of a file.
    pub(super) fn add(&mut self, file: FileId, url: Url) {
        self.bases.insert(file, url);
    }

    /// Whether a file came from another host. Then nothing in it means a file of this machine.
    pub(super) fn is_remote(&self, file: FileId) -> bool {
        self.bases.contains_key(&file)
    }

    /// The URL that a reference in a file means; `None` where it means a file of this machine.
    pub(super) fn meant(&self, from: FileId, reference: Reference<'_>) -> Option<Result<Url, Fault>> {
        let base = self.bases.get(&from);
        if base.is_none() && !reference.is_remote() {
            return None;
        }
        let url = Url::options().base_url(base).parse(reference.file);
        let unreadable =
            |error| refuse(Code::RefMissing, format!("`{}` is not a URL: {error}", reference.file));
        Some(url.map_err(unreadable))
    }

    /// The bytes at a URL, and where they were in the end.
    pub(super) fn fetch(&mut self, url: &Url) -> Result<(Url, Vec<u8>), Fault> {
        let start = Instant::now();
        let result = self.follow(url.clone(), TIMEOUT.min(self.left));
        self.left = self.left.saturating_sub(start.elapsed());
        result
    }

    fn follow(&self, url: Url, timeout: Duration) -> Result<(Url, Vec<u8>), Fault> {
        let (mut at, start) = (url.clone(), Instant::now());
        let failed = |why: &str| refuse(Code::Unreadable, format!("`{url}` cannot be fetched: {why}"));
        for _ in 0..=MAX_REDIRECTS {
            let remote = self.permit(&at)?;
            let timeout = timeout.saturating_sub(start.elapsed());
            if timeout.is_zero() {
                return Err(failed("the request timed out"));
            }
            match remote
                .fetch
                .get(&at, &Limits { max_bytes: MAX_BYTES, timeout })
                .map_err(|why| failed(&why))?
            {
                Answer::Body(bytes) if bytes.len() as u64 > MAX_BYTES => {
                    let message = format!("`{url}` has more than {MAX_BYTES} bytes");
                    return Err(refuse(Code::TooLarge, message));
                }
                Answer::Body(bytes) => return Ok((at, bytes)),
                Answer::Redirect(location) => {
                    let next = at.join(&location).map_err(|_| failed("it redirects to an invalid URL"))?;
                    if at.scheme() == "https" && next.scheme() != "https" {
                        return Err(failed("it redirects from https to another scheme"));
                    }
                    at = next;
                }
            }
        }
        Err(failed(&format!("it redirects more than {MAX_REDIRECTS} times")))
    }

    /// Whether a URL may be asked for.
    fn permit(&self, url: &Url) -> Result<&Remote, Fault> {
        let no = |why: &str, help: String| {
            Err(Fault {
                cause: Some(help.clone()),
                help: Some(help),
                ..refuse(Code::RefRemote, format!("`{url}` is not fetched: {why}"))
            })
        };
        const SAVE: &str = "save the file beside the document and refer to it by its path";
        let (true, Some(host)) = (matches!(url.scheme(), "http" | "https"), url.host()) else {
            return no("its scheme is neither http nor https", SAVE.to_owned());
        };
        if !url.username().is_empty() || url.password().is_some() {
            // Not to be repeated.
            let message = format!("a URL on `{host}` is not fetched: it contains a user name or password");
            return Err(Fault { help: Some(SAVE.to_owned()), ..refuse(Code::RefRemote, message) });
        }
        match &self.remote {
            Some(remote) if remote.hosts.iter().any(|allowed| *allowed == host) => Ok(remote),
            _ => no("it is on another host", format!("allow that with `--allow-remote {host}`, or {SAVE}")),
        }
    }
}

fn refuse(code: Code, message: String) -> Fault {
    Fault { cause: Some(message.clone()), code, message, help: None }
}

#[cfg(test)]
mod tests {
    //! What is asked for, and what is not, with a fake in the place of the network.

    use std::sync::Mutex;

    use super::*;
    use crate::load::{Options, load_text};
    use crate::references::Access;

    /// Answers from a table, and notes what it is asked for.
    #[derive(Default)]
    struct Fake {
        answers: HashMap<String, Answer>,
        asked: Mutex<Vec<String>>,
    }

    impl Fetch for Fake {
        fn get(&self, url: &Url, _: &Limits) -> Result<Answer, String> {
            self.asked.lock().unwrap().push(url.to_string());
            self.answers.get(url.as_str()).cloned().ok_or_else(|| "status 404".to_owned())
        }
    }

    /// Loads a document with one reference, a.test and b.test being allowed; returns what is asked for, and said.
    fn asked(reference: &str, answers: &[(&str, Answer)]) -> (Vec<String>, Vec<String>) {
        let answers = answers.iter().map(|(url, answer)| ((*url).to_owned(), answer.clone())).collect();
        let fake = Arc::new(Fake { answers, ..Fake::default() });
        let hosts = ["a.test".to_owned(), "B.test".to_owned()];
        let remote = Some(Remote::new(&hosts, fake.clone()).unwrap());
        let options = Options { access: Access { remote, ..Access::default() } };
        let document = format!(
            "openapi: 3.1.0\ninfo: {{title: T, version: '1'}}\npaths: {{}}\n\
             components: {{schemas: {{A: {{$ref: '{reference}'}}, B: {{$ref: '{reference}'}}}}}}\n"
        );
        let loaded = load_text("document.yaml", document, &options);
        let said =
            loaded.diagnostics.iter().map(|found| format!("{}: {}", found.code.as_str(), found.message));
        (std::mem::take(&mut *fake.asked.lock().unwrap()), said.collect())
    }

    fn body(text: &str) -> Answer {
        Answer::Body(text.as_bytes().to_vec())
    }

    fn redirect(location: &str) -> Answer {
        Answer::Redirect(location.to_owned())
    }

    #[track_caller]
    fn check(reference: &str, answers: &[(&str, Answer)], requests: &[&str], words: &str) {
        let (asked, said) = asked(reference, answers);
        assert_eq!(asked, requests, "{said:?}");
        match words {
            "" => assert!(said.is_empty(), "{said:?}"),
            _ => assert!(said.iter().any(|text| text.contains(words)), "{words:?} is not in {said:?}"),
        }
    }

    #[test]
    fn relative_references_stay_on_their_host_and_each_file_is_asked_for_once() {
        let answers = [
            ("https://a.test/d/x.yaml", body("A: {$ref: '../y.json#/B'}")),
            ("https://a.test/y.json", body(r#"{"B": {"type": "string"}}"#)),
        ];
        check(
            "https://a.test/d/x.yaml#/A",
            &answers,
            &["https://a.test/d/x.yaml", "https://a.test/y.json"],
            "",
        );
    }

    #[test]
    fn what_is_not_allowed_is_not_asked_for() {
        let none: &[(&str, Answer)] = &[];
        check(
            "https://c.test/x",
            none,
            &[],
            "ref-remote: `https://c.test/x` is not fetched: it is on another host",
        );
        check("https://a.test.c.test/x", none, &[], "another host");
        check("//a.test/x", none, &[], "ref-missing");
        check("ftp://a.test/x", none, &[], "neither http nor https");
        check("file:///etc/passwd", none, &[], "neither http nor https");
        check("https://user:pass@a.test/x", none, &[], "password");
    }

    #[test]
    fn nothing_in_a_remote_file_means_a_local_one() {
        for (reference, words) in
            [("file:///etc/passwd", "neither http nor https"), ("//c.test/etc/passwd", "another host")]
        {
            let text = format!("$ref: '{reference}'");
            check("http://a.test/x", &[("http://a.test/x", body(&text))], &["http://a.test/x"], words);
        }
        let answers = [("http://a.test/x", body("$ref: /etc/passwd"))];
        check("http://a.test/x", &answers, &["http://a.test/x", "http://a.test/etc/passwd"], "status 404");
    }

    #[test]
    fn each_redirect_is_held_to_the_same_rules() {
        let schema = || body("type: string");
        let to_b = [("http://a.test/x", redirect("https://b.test/y")), ("https://b.test/y", schema())];
        check("http://a.test/x", &to_b, &["http://a.test/x", "https://b.test/y"], "");
        check(
            "http://a.test/x",
            &[("http://a.test/x", redirect("//c.test/y"))],
            &["http://a.test/x"],
            "another host",
        );
        check(
            "https://a.test/x",
            &[("https://a.test/x", redirect("http://a.test/y"))],
            &["https://a.test/x"],
            "from https",
        );
        let circle = [("http://a.test/x", redirect("x"))];
        check("http://a.test/x", &circle, &["http://a.test/x"; 6], "more than 5 times");
    }

    #[test]
    fn a_file_that_is_too_large_is_refused() {
        let large = [("http://a.test/x", Answer::Body(vec![b' '; MAX_BYTES as usize + 1]))];
        check("http://a.test/x", &large, &["http://a.test/x"], "too-large");
    }
}
