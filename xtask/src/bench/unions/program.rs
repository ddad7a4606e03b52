//! What `cargo xtask bench unions` builds beside the generated types: texts of each union, decoded in turns by the
//! generated types and by `serde_json::Value`. Prints a line a union: its name, and MB/s of both.

#![allow(dead_code, reason = "a program uses but some of an API")]

mod api;

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use api::types::{Asset, Event, Grant, Shape};
use descant_runtime::media::read_json;

const ITEMS: usize = 6_000;

fn main() {
    let turns = std::env::args().nth(1).and_then(|turns| turns.parse().ok()).unwrap_or(31);
    measure::<Event>("discriminated", turns, event);
    measure::<Asset>("plain", turns, asset);
    measure::<Shape>("nested", turns, |index| shape(index, 3));
    measure::<Grant>("tried", turns, grant);
}

/// Medians of the turns: each reads the same text, first as the type, then as any value.
fn measure<T: serde::de::DeserializeOwned>(name: &str, turns: usize, item: impl Fn(usize) -> String) {
    let items: Vec<String> = (0..ITEMS).map(item).collect();
    let text = format!("[{}]", items.join(", "));
    let (mut ours, mut values) = (Vec::new(), Vec::new());
    for _ in 0..turns {
        ours.push(timed(&text, |text| read_json::<Vec<T>>(text).expect("the document's").len()));
        values.push(timed(&text, |text| {
            let value: serde_json::Value = serde_json::from_slice(text).expect("JSON");
            value.as_array().map_or(0, Vec::len)
        }));
    }
    println!("{name} {:.1} {:.1}", median(ours), median(values));
}

/// MB/s of one reading.
fn timed(text: &str, read: impl Fn(&[u8]) -> usize) -> f64 {
    let start = Instant::now();
    assert_eq!(black_box(read(black_box(text.as_bytes()))), ITEMS);
    text.len() as f64 / 1e6 / start.elapsed().as_secs_f64()
}

fn median(mut speeds: Vec<f64>) -> f64 {
    speeds.sort_by(f64::total_cmp);
    speeds[speeds.len() / 2]
}

/// An event; its tag stands where it usually does, and in every third last.
fn event(index: usize) -> String {
    let (tag, rest) = match index % 5 {
        0 => ("opened", r#""title": "A door that does not close", "labels": ["bug", "house", "urgent"]"#),
        1 => ("renamed", r#""before": "A door", "after": "A door that does not close""#),
        2 => ("commented", r#""text": "It \"jams\" when it rains.\nOil did not help.", "edited": false"#),
        3 => ("moved", r#""from": "inbox", "to": "planned", "distance": 2.5"#),
        _ => ("closed", r#""reason": null, "seconds": 86400"#),
    };
    let who = format!(r#""actor": {{"id": {}, "login": "user-{index}", "admin": false}}"#, index % 97);
    let at = format!(r#""at": "2026-11-{:02}T12:30:00Z""#, index % 28 + 1);
    match index % 3 {
        0 => format!(r#"{{"id": {index}, {at}, {who}, {rest}, "type": "{tag}"}}"#),
        _ => format!(r#"{{"id": {index}, "type": "{tag}", {at}, {who}, {rest}}}"#),
    }
}

fn asset(index: usize) -> String {
    let rest = match index % 5 {
        0 => format!(r#""width": {}, "height": 1080, "alt": "A door""#, 100 + index % 900),
        1 => format!(r#""codec": "av1", "frames": {index}, "captions": ["en", "de"]"#),
        2 => r#""channels": 2, "gain": -3.25"#.to_owned(),
        3 => format!(r#""markup": "<p>A door</p>", "author": {{"id": {index}, "login": "ada"}}"#),
        _ => r#""entries": [{"path": "a/b.txt", "size": 512}, {"path": "c.txt", "size": 9}]"#.to_owned(),
    };
    format!(r#"{{"id": {index}, "name": "asset number {index}", {rest}}}"#)
}

fn shape(index: usize, depth: usize) -> String {
    let rest = match index % 5 {
        0 => r#""radius": 2.5"#.to_owned(),
        1 => r#""width": 3, "height": 4.75"#.to_owned(),
        2 => r#""diameter": 12, "hollow": true"#.to_owned(),
        3 => format!(r#""base": {}, "depth": 0.5"#, shape(index % 2, 0)),
        _ if depth == 0 => r#""members": []"#.to_owned(),
        _ => {
            let mut members = shape(index / 5, depth - 1);
            for next in 1..4 {
                let _ = write!(members, ", {}", shape(index / 5 + next, depth - 1));
            }
            format!(r#""members": [{members}]"#)
        }
    };
    format!(r#"{{"name": "shape {index}", "colour": "blue", {rest}}}"#)
}

fn grant(index: usize) -> String {
    let rest = match index % 3 {
        0 => r#""user": "ada", "note": "until she leaves""#,
        1 => r#""user": "ada", "team": "doors and windows""#,
        _ => r#""team": "doors and windows", "until": "2027-01-01""#,
    };
    format!(r#"{{"id": "grant-{index}", {rest}}}"#)
}
