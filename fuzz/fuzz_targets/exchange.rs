//! Any bytes as a document, a request to it and a response of it.
#![no_main]

#[path = "../exchange/mod.rs"]
mod exchange;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| exchange::exchange(bytes));
