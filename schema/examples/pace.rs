//! Prints as one line of JSON how many nanoseconds it takes to judge and to sample an object of eight fields, and how many
//! `jsonschema` takes to judge it. `cargo xtask bench mock` runs this.

use std::hint::black_box;
use std::time::Instant;

use descant_schema::{Direction, Sampler, Validator};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (schema, value) = (schema(), value());
    let ours = Validator::new(&schema, Direction::Response)?;
    let theirs = jsonschema::options().should_validate_formats(true).build(&schema)?;
    let sampler = Sampler::new(&schema, Direction::Response)?;
    if !ours.is_valid(&value) || !theirs.is_valid(&value) {
        return Err("the value does not keep its schema".into());
    }
    let mut seed = 0;
    let measured = json!({
        "judge": nanoseconds(|| _ = black_box(ours.is_valid(black_box(&value)))),
        "jsonschema": nanoseconds(|| _ = black_box(theirs.is_valid(black_box(&value)))),
        "sample": nanoseconds(|| {
            seed += 1;
            drop(black_box(sampler.sample(seed)));
        }),
    });
    println!("{measured}");
    Ok(())
}

/// The median of rounds: a machine has other work.
fn nanoseconds(mut act: impl FnMut()) -> f64 {
    const CALLS: u32 = 2_000;
    let mut rounds: Vec<f64> = (0..101)
        .map(|_| {
            let start = Instant::now();
            (0..CALLS).for_each(|_| act());
            start.elapsed().as_secs_f64() * 1e9 / f64::from(CALLS)
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds.get(rounds.len() / 2).copied().unwrap_or_default().round()
}

fn schema() -> Value {
    json!({
        "type": "object",
        "required": ["id", "name", "email"],
        "properties": {
            "id": {"type": "integer", "minimum": 1},
            "name": {"type": "string", "minLength": 1, "maxLength": 80},
            "email": {"type": "string", "format": "email"},
            "created_at": {"type": "string", "format": "date-time"},
            "status": {"type": "string", "enum": ["open", "done", "dropped"]},
            "price": {"type": "number", "minimum": 0},
            "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 8},
            "owner": {"$ref": "#/$defs/Owner"},
        },
        "$defs": {
            "Owner": {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"type": "string", "format": "uuid"}, "name": {"type": "string"}},
            },
        },
    })
}

fn value() -> Value {
    json!({
        "id": 7,
        "name": "Groceries",
        "email": "ada@example.com",
        "created_at": "2026-01-31T10:00:00Z",
        "status": "open",
        "price": 12.5,
        "tags": ["home", "week"],
        "owner": {"id": "0b5e8c8e-7f9e-4bd1-9a51-5d3f6d3a2c11", "name": "Ada"},
    })
}
