//! What the programs of [`programs`](../src/programs.rs) link to: each is the generated code of some documents and a
//! few lines.

pub mod agree;
pub mod closed_loop;
pub mod voices;
