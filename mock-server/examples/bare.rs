//! What a mock is measured against: the three operations of `xtask/src/bench/notes.yaml` as one would write them by hand
//! with axum, without a document behind them. `cargo xtask bench mock` runs it.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header::CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

const NOTE: &str = r#"{"id":10,"title":"Groceries","author":{"id":1,"name":"Ada"},"lines":["milk"],"labels":[{"id":0,"name":"home"}],"status":"open","pinned":true,"weight":0.5}"#;

struct Bare {
    note: jsonschema::Validator,
    seed: AtomicU64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).ok_or("usage: bare PORT")?.parse()?;
    let bare = Bare { note: jsonschema::validator_for(&schema())?, seed: AtomicU64::new(1) };
    let router = Router::new()
        .route("/notes/{id}", get(async || as_json(NOTE)))
        .route("/notes", post(create))
        .route("/drafts/{id}", get(draft))
        .with_state(Arc::new(bare));
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    Ok(axum::serve(listener, router).await?)
}

fn as_json(body: impl IntoResponse) -> Response {
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}

async fn create(State(bare): State<Arc<Bare>>, body: Bytes) -> Response {
    match serde_json::from_slice::<Value>(&body) {
        Ok(note) if bare.note.is_valid(&note) => as_json(NOTE),
        _ => StatusCode::UNPROCESSABLE_ENTITY.into_response(),
    }
}

async fn draft(State(bare): State<Arc<Bare>>) -> Response {
    let status = ["open", "done", "dropped"].get(bare.number() as usize % 3);
    let draft = json!({
        "id": bare.number() >> 12,
        "title": bare.word(),
        "author": {"id": bare.number() >> 12, "name": bare.word()},
        "lines": [bare.word(), bare.word()],
        "labels": [{"id": bare.number() >> 12, "name": bare.word()}],
        "status": status,
        "pinned": bare.number() % 2 == 0,
        "weight": (bare.number() >> 40) as f64 / 8.0,
    });
    as_json(draft.to_string())
}

impl Bare {
    /// Another number at each call: splitmix64.
    fn number(&self) -> u64 {
        let state = self.seed.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        state ^ (state >> 31)
    }

    fn word(&self) -> String {
        let number = self.number();
        let letter = |at: u32| char::from(b'a' + (number.rotate_right(at * 6) % 26) as u8);
        (0..4 + (number % 8) as u32).map(letter).collect()
    }
}

fn schema() -> Value {
    let named =
        json!({"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}});
    json!({
        "type": "object",
        "required": ["title", "lines"],
        "properties": {
            "id": {"type": "integer"},
            "title": {"type": "string"},
            "author": named,
            "lines": {"type": "array", "items": {"type": "string"}},
            "labels": {"type": "array", "items": named},
            "status": {"type": "string", "enum": ["open", "done", "dropped"]},
            "pinned": {"type": "boolean"},
            "weight": {"type": "number"},
        },
    })
}
