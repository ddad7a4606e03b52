//! Any bytes as a request: routed, authorized, decoded, judged and answered, with state.
#![no_main]

use std::sync::LazyLock;

use descant_mock::Mock;

#[path = "../respond/mod.rs"]
mod respond;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    static MOCK: LazyLock<Mock> = LazyLock::new(respond::mock);
    respond::send(&MOCK, bytes);
});
