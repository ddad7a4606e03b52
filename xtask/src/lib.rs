//! The library of the [`programs`](../src/programs.rs): each program is the generated code of some documents and a
//! few lines.

pub mod agree;
pub mod closed_loop;
pub mod voices;
