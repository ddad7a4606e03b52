//! What rules do to calls, as a client sees it.

use std::io::{ErrorKind, Read as _, Write as _};
use std::sync::Arc;
use std::time::Duration;

use descant_mock::{Limits, Mock, Rules, Running, Settings, start_with};
use descant_model::load::{Options, load_text};

use crate::{DOCUMENT, connect, exchange};

const GET: &[u8] = b"GET /pets HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

fn run(rules: &str) -> Running {
    let api = load_text("document.yaml", DOCUMENT, &Options::default()).api.unwrap();
    let all = Rules::default();
    all.set(serde_json::from_str(rules).unwrap());
    let mock = Mock::new(Arc::new(api), Settings::default()).with_rules(Arc::new(all));
    start_with(mock, None, Limits::default()).unwrap()
}

/// Each call in turn must be answered with this status; the last answer is returned.
fn check(rules: &str, statuses: &[u16]) -> String {
    let mock = run(rules);
    let mut last = String::new();
    for (turn, status) in statuses.iter().enumerate() {
        last = exchange(&mock, GET);
        assert!(last.starts_with(&format!("HTTP/1.1 {status} ")), "call {turn} of {rules}\n{last}");
    }
    last
}

#[test]
fn a_limit_says_when_to_come_again() {
    let limited = r#"[{"operation": "*", "limit": {"requests": 2, "seconds": 3600}}]"#;
    let refused = check(limited, &[200, 200, 429, 429]);
    let after = refused.split("retry-after: ").nth(1).and_then(|rest| rest.split("\r\n").next());
    let seconds: u64 = after.unwrap().parse().unwrap();
    assert!((3500..=3600).contains(&seconds), "{refused}");
    assert!(refused.contains("more than 2 requests in 3600 seconds"), "{refused}");
}

#[test]
fn a_scenario_is_played_in_turn() {
    check(r#"[{"operation": "GET /pets", "answers": [{"code": 429}, {"code": 200}]}]"#, &[429, 200, 200]);
    check(r#"[{"operation": "*", "repeat": true, "answers": [{"code": 503}, {}]}]"#, &[503, 200, 503]);
}

/// The share is drawn from the seed: the same calls are struck each time.
#[test]
fn a_rate_strikes_the_same_calls_each_time() {
    let half = r#"[{"operation": "*", "rate": 0.5, "answers": [{"code": 503}]}]"#;
    let struck = || {
        let mock = run(half);
        (0..20).map(|_| exchange(&mock, GET).starts_with("HTTP/1.1 503 ")).collect::<Vec<_>>()
    };
    let first = struck();
    assert!(first.contains(&true) && first.contains(&false), "{first:?}");
    assert_eq!(first, struck());
}

#[test]
fn faults_come_by_rule() {
    let fault =
        |name: &str| run(&format!(r#"[{{"operation": "*", "answers": [{{"fault": "{name}"}}, {{}}]}}]"#));
    let reset = fault("reset");
    assert_eq!(exchange(&reset, GET), "");
    assert!(exchange(&reset, GET).ends_with("[\"one\",\"two\"]"), "the next call is answered");
    let empty = exchange(&fault("empty"), GET);
    assert!(empty.contains("content-length: 13\r\n") && empty.ends_with("\r\n\r\n"), "{empty}");
    assert!(exchange(&fault("malformed"), GET).ends_with("[\"one\""));
    assert!(exchange(&fault("slow"), GET).ends_with("[\"one\",\"two\"]"));
    let silent = fault("timeout");
    let mut stream = connect(&silent);
    stream.write_all(GET).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let error = stream.read(&mut [0; 1]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
    assert!(exchange(&silent, GET).ends_with("[\"one\",\"two\"]"), "others are answered meanwhile");
}
