//! Serves a document with state in memory: `cargo run --example serve -- ../docs/demo/pets.yaml`, then
//! `curl -d '{"name": "Rex"}' -H 'content-type: application/json' http://127.0.0.1:4010/pets`.

use std::sync::Arc;

use descant_mock::state::Memory;
use descant_mock::{Mock, MountedApi, Server};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: serve DOCUMENT")?;
    let mock = Mock::open(path)?.with_state(Arc::new(Memory::default()));
    let server = Server::new([MountedApi::new(Arc::new(mock))]).with_admin(true);
    let listener = TcpListener::bind("127.0.0.1:4010").await?;
    println!("http://{}", listener.local_addr()?);
    server.run(listener, async { _ = tokio::signal::ctrl_c().await }).await?;
    Ok(())
}
