//! Any bytes as a body, as parameters and as generated types: the codecs of generated clients and servers.
#![no_main]

#[path = "../codec/mod.rs"]
mod codec;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| codec::codec(bytes));
