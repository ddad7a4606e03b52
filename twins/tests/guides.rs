//! The guides' commands, run as a reader would type them, against a mock that runs on another port.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::path::Path;
use std::process::Command;

/// A command of a guide, with the answer that the guide shows.
struct Step {
    command: String,
    answer: String,
}

/// Returns the commands that are followed by an answer.
fn steps(guide: &str) -> Vec<Step> {
    let blocks: Vec<(&str, &str)> =
        guide.split("\n```").skip(1).step_by(2).filter_map(|block| block.split_once('\n')).collect();
    let pairs = blocks.windows(2).filter_map(|pair| match pair {
        [("sh", command), ("json" | "text", answer)] => {
            Some(Step { command: (*command).to_owned(), answer: answer.trim().to_owned() })
        }
        _ => None,
    });
    pairs.collect()
}

/// Runs a guide against the mock of a twin; `port` is the port that the guide names.
fn check(name: &str, port: u16, expected: usize) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let guide = std::fs::read_to_string(root.join(format!("docs/{name}.md"))).unwrap();
    let twin = descant_twins::registry().into_iter().find(|twin| twin.name == name).unwrap();
    let mock = twin.start().unwrap();
    let steps = steps(&guide);
    assert_eq!(steps.len(), expected, "the number of commands with an answer");
    for Step { command, answer } in steps {
        let typed = command
            .replace(&format!("http://127.0.0.1:{port}"), &mock.url())
            .replace("$(descant token timbr --user analyst --password espresso)", &bearer());
        let output = Command::new("sh").args(["-c", &typed]).output().expect("there is no `sh`");
        let shown = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(shown.trim(), answer, "{command}");
    }
}

/// The bearer that `descant token` prints; a test of the command line compares both.
fn bearer() -> String {
    descant_twins::token::timbr("analyst", "espresso", None).unwrap()
}

#[test]
fn timbr() {
    check("timbr", 4010, 6);
}

#[test]
fn cognitive3d() {
    check("cognitive3d", 4011, 5);
}
