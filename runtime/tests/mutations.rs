//! Bodies and texts of the fuzz target with bytes changed, the same in every run: the codecs read each, and never panic.

#![allow(clippy::expect_used, clippy::indexing_slicing, unreachable_pub, reason = "a test may")]

#[path = "../../fuzz/codec/mod.rs"]
mod codec;

#[test]
fn changed_bodies_are_read() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below.max(1) as u64).unwrap_or_default()
    };
    let pieces: [&[u8]; 10] =
        [b"\"", b"null", b"[", b"%FF", b"\xff", b": {}", b"9223372036854775808", b"<a>", b"--x", b"&q=1"];
    for text in codec::BODIES.split("\n%%\n") {
        codec::codec(text.as_bytes());
        for _ in 0..100 {
            let mut bytes = text.as_bytes().to_vec();
            for _ in 0..=random(3) {
                let at = random(bytes.len());
                let end = (at + random(4)).min(bytes.len());
                bytes.splice(at..end, pieces[random(pieces.len())].iter().copied());
            }
            codec::codec(&bytes);
        }
    }
}
