//! What the programs of `cargo xtask corpus --loop` link to: each is the generated code of one document and a few lines.

pub mod closed_loop;
