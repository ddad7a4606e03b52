//! Sessions: parts of a mock for tests that run at once, each with its own state, rules, tokens and journal.
//!
//! A request names its session by a path, a header field or a cookie. A session begins with its first request, and what is
//! compiled from the document is shared.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::StatusCode;
use http::header::COOKIE;
use indexmap::IndexMap;
use serde_json::{Value, json};

use super::journal::Journal;
use crate::mock::Mock;
use crate::state::{Memory, Pool, Room, Store, StoreError};
use crate::vocabulary::message::{INTERFACE, Request, SESSION, interface_path};
use crate::vocabulary::problem::Problem;

/// The path below which every path belongs to a session: `/__descant/session/NAME/pets`.
const PATH: &str = "/session/";
/// The name of the cookie.
const COOKIE_NAME: &str = "descant-session";
/// The characters of a name.
const MAX_NAME: usize = 128;
/// The time without a request after which a session may make room for another.
const IDLE: Duration = Duration::from_secs(10);
/// What one session keeps, and the bytes of all of them.
const ROOM: Room = Room { items: 10_000, scopes: 1_000, bytes: 32 << 20 };
const POOL: usize = 256 << 20;

/// The session that a request names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Named<'r> {
    name: &'r str,
    /// Whether it is named by the path, below which the links of its responses then stay.
    by_path: bool,
}

impl<'r> Named<'r> {
    /// Returns the session that a request names: by its path, else by a header field, else by a cookie.
    pub(crate) fn of(prefix: &str, request: &'r Request) -> Option<Self> {
        let path = interface_path(prefix, request).and_then(|path| path.strip_prefix(PATH));
        if let Some(path) = path {
            return Some(Self { name: path.split('/').next().unwrap_or_default(), by_path: true });
        }
        let name = match request.headers().get(SESSION) {
            Some(field) => field.to_str().unwrap_or_default().trim(),
            None => cookie(request)?,
        };
        Some(Self { name, by_path: false })
    }

    /// Checks the name.
    fn check(self) -> Result<(), Problem> {
        let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if (1..=MAX_NAME).contains(&self.name.len()) && self.name.bytes().all(is_known) {
            return Ok(());
        }
        let detail = format!(
            "the name of a session has 1 to {MAX_NAME} letters, digits and `-._~`, found `{}`",
            self.name.chars().take(MAX_NAME).collect::<String>()
        );
        Err(Problem::new(StatusCode::BAD_REQUEST, detail))
    }
}

fn cookie(request: &Request) -> Option<&str> {
    let lines = request.headers().get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE_NAME).map(|(_, value)| value)
}

/// A session.
#[derive(Clone)]
pub(crate) struct Session {
    /// The mock, below the prefix of its document.
    mock: Arc<Mock>,
    /// The same mock, below the path of the session.
    below: Arc<Mock>,
    pub(crate) journal: Arc<Journal>,
    store: Option<Arc<dyn Store>>,
    used: Instant,
}

impl Session {
    fn new(name: &Arc<str>, main: &Mock, pool: &Arc<Pool>) -> Result<Self, StoreError> {
        let store = match main.state() {
            Some(_) => Some(Memory::beginning(ROOM, pool.clone(), main.beginning().clone())?),
            None => None,
        };
        let store = store.map(|store| Arc::new(store) as Arc<dyn Store>);
        let mock = Arc::new(main.separate(store.clone()));
        let below = below(&mock, name);
        let journal = Arc::new(Journal::of_session(name));
        Ok(Self { mock, below, journal, store, used: Instant::now() })
    }

    /// Follows a mock whose document was reloaded.
    fn follow(&mut self, name: &str, main: &Mock) {
        self.mock = Arc::new(main.separate(self.store.clone()).keeping(&self.mock));
        self.below = below(&self.mock, name);
    }

    /// Returns the mock for a request.
    pub(crate) fn mock(&self, named: Named<'_>) -> &Arc<Mock> {
        if named.by_path { &self.below } else { &self.mock }
    }
}

/// Returns a mock below the path of a session.
fn below(mock: &Arc<Mock>, name: &str) -> Arc<Mock> {
    Arc::new(Mock::clone(mock).with_prefix(&format!("{}{}{PATH}{name}", mock.prefix(), INTERFACE)))
}

/// The sessions of a mock.
#[derive(Default)]
pub(crate) struct Sessions {
    kept: Mutex<Kept>,
    pool: Arc<Pool>,
}

#[derive(Default)]
struct Kept {
    /// The mock that the sessions are of.
    main: Option<Arc<Mock>>,
    list: IndexMap<Arc<str>, Session>,
}

impl Sessions {
    pub(crate) fn new() -> Self {
        Self { kept: Mutex::default(), pool: Arc::new(Pool::new(POOL)) }
    }

    /// Returns the session that a request names; the first request begins it. Of more than `most` sessions, the one that was
    /// not used for the longest time ends.
    ///
    /// # Errors
    /// 400 where the name is malformed; 503 where all sessions are in use, 507 where their states are too large.
    pub(crate) fn find(&self, named: Named<'_>, main: &Arc<Mock>, most: usize) -> Result<Session, Problem> {
        named.check()?;
        let mut kept = self.lock();
        kept.follow(main);
        if let Some(session) = kept.list.get_mut(named.name) {
            session.used = Instant::now();
            return Ok(session.clone());
        }
        while kept.list.len() >= most || self.pool.is_half_full() {
            let oldest = kept.list.iter().min_by_key(|(_, session)| session.used);
            let is_idle = |session: &Session| session.used.elapsed() >= IDLE;
            let Some(name) = oldest.filter(|(_, session)| is_idle(session)).map(|(name, _)| name.clone())
            else {
                break;
            };
            kept.list.shift_remove(&name);
        }
        if kept.list.len() >= most {
            let detail = format!(
                "all {most} sessions were used in the last {} seconds; end those that are over \
                 (`DELETE {}/sessions/NAME`), or start the mock with more (--max-sessions)",
                IDLE.as_secs(),
                INTERFACE
            );
            return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail));
        }
        let name: Arc<str> = named.name.into();
        let session = Session::new(&name, main, &self.pool)?;
        kept.list.insert(name, session.clone());
        Ok(session)
    }

    /// Returns the sessions, as the interface lists them.
    pub(crate) fn to_value(&self) -> Value {
        let kept = self.lock();
        let shown = kept.list.iter().map(|(name, session)| {
            let idle = session.used.elapsed().as_secs();
            let path = session.below.prefix();
            json!({"name": **name, "exchanges": session.journal.count(), "idleSeconds": idle, "path": path})
        });
        shown.collect()
    }

    /// Ends a session; false where there is none of that name.
    pub(crate) fn end(&self, name: &str) -> bool {
        let ended = self.lock().list.shift_remove(name);
        ended.iter().for_each(|session| session.journal.close());
        ended.is_some()
    }

    /// Ends all sessions.
    pub(crate) fn end_all(&self) {
        let ended = std::mem::take(&mut self.lock().list);
        ended.values().for_each(|session| session.journal.close());
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Follows the mock that is served now.
    fn follow(&mut self, main: &Arc<Mock>) {
        if self.main.as_ref().is_some_and(|known| Arc::ptr_eq(known, main)) {
            return;
        }
        self.main = Some(main.clone());
        self.list.iter_mut().for_each(|(name, session)| session.follow(name, main));
    }
}

#[cfg(test)]
mod tests {
    use descant_model::load::{Options, load_text};

    use super::*;
    use crate::vocabulary::settings::Settings;

    const DOCUMENT: &str = "{openapi: 3.1.0, info: {title: T, version: '1'}, paths: {}}";

    fn main() -> Arc<Mock> {
        let api = load_text("t.yaml", DOCUMENT, &Options::default()).api.unwrap();
        Arc::new(Mock::new(Arc::new(api), Settings::default()).with_state(Arc::new(Memory::default())))
    }

    fn named(name: &str) -> Named<'_> {
        Named { name, by_path: false }
    }

    #[test]
    fn a_request_names_its_session_by_path_header_or_cookie() {
        let check = |target: &str, fields: &[(&str, &str)], expected: Option<(&str, bool)>| {
            let mut request = http::Request::builder().uri(target);
            for (name, value) in fields {
                request = request.header(*name, *value);
            }
            let request = request.body(bytes::Bytes::new()).unwrap();
            let found = Named::of("/v1", &request).map(|named| (named.name, named.by_path));
            assert_eq!(found, expected, "{target} {fields:?}");
        };
        check("/v1/pets", &[], None);
        check("/v1/__descant/rules", &[("cookie", "a=b; descant-sessions=c")], None);
        check("/__descant/session/a/pets", &[], None);
        check("/v1/__descant/session/a/pets", &[("x-descant-session", "b")], Some(("a", true)));
        check("/v1/__descant/session/a", &[], Some(("a", true)));
        check("/v1/__descant/session/", &[], Some(("", true)));
        check("/v1/pets", &[("x-descant-session", "b"), ("cookie", "descant-session=c")], Some(("b", false)));
        check("/v1/pets", &[("cookie", "a=b; descant-session=c")], Some(("c", false)));
    }

    #[test]
    fn names_are_checked() {
        let check = |name: &str, is_good: bool| assert_eq!(named(name).check().is_ok(), is_good, "{name}");
        check("d748ac400d08b85935ef-1_a.b~c", true);
        check(&"a".repeat(MAX_NAME), true);
        for broken in ["", "a b", "a/b", "é", "%2e", &"a".repeat(MAX_NAME + 1)] {
            check(broken, false);
        }
    }

    #[test]
    fn idle_sessions_make_room_and_used_ones_stay() {
        let (sessions, main) = (Sessions::new(), main());
        let find = |name: &str| sessions.find(named(name), &main, 2);
        let first = find("a").unwrap();
        find("b").unwrap();
        let refused = find("c").err().unwrap();
        assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(refused.detail.contains("--max-sessions"), "{}", refused.detail);
        assert!(Arc::ptr_eq(&find("a").unwrap().mock, &first.mock));
        let Some(long_ago) = Instant::now().checked_sub(IDLE) else { return };
        sessions.lock().list.get_mut("b").unwrap().used = long_ago;
        assert!(find("c").is_ok());
        assert_eq!(sessions.lock().list.keys().map(|name| &**name).collect::<Vec<_>>(), ["a", "c"]);
        assert!(sessions.end("a") && !sessions.end("a"));
        assert!(!Arc::ptr_eq(&find("a").unwrap().mock, &first.mock), "a session begins anew");
    }

    #[test]
    fn a_session_keeps_its_rules_when_the_document_is_reloaded() {
        let (sessions, main) = (Sessions::new(), main());
        let rule = serde_json::from_value(json!({"operation": "*", "answers": [{"code": 503}]})).unwrap();
        let session = sessions.find(named("a"), &main, 2).unwrap();
        session.mock.rules().set(vec![rule]);
        let reloaded = Arc::new(Mock::clone(&main).replacing(&main));
        let session = sessions.find(named("a"), &reloaded, 2).unwrap();
        assert_eq!((session.mock.rules().get().len(), reloaded.rules().get().len()), (1, 0));
        assert!(Arc::strong_count(&main) == 1, "a document that was replaced is not kept");
    }
}
