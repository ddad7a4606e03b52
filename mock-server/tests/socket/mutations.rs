//! Requests that were changed at random, from a fixed seed: what `fuzz/` does for longer, without its tools.

#[path = "../../../fuzz/respond/mod.rs"]
mod respond;

/// How many requests are sent.
const ROUNDS: usize = 3_000;

/// A step of a linear congruential generator (Knuth's MMIX).
fn next(state: &mut u64, below: usize) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as usize % below.max(1)
}

/// Changes, doubles or cuts out some bytes, or takes some of another request.
fn mutate(bytes: &mut Vec<u8>, others: &[&str], state: &mut u64) {
    for _ in 0..=next(state, 4) {
        let at = next(state, bytes.len());
        let end = (at + 1 + next(state, 12)).min(bytes.len());
        match next(state, 6) {
            0 => bytes.insert(at.min(bytes.len()), next(state, 256) as u8),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again.repeat(1 + next(state, 40)));
            }
            3 => {
                let other = others[next(state, others.len())].as_bytes();
                let from = next(state, other.len());
                let to = (from + next(state, 40)).min(other.len());
                bytes.splice(at..end, other[from..to].iter().copied());
            }
            _ => {
                let odd = *b"\0\xff\"\\{}[]<>&;:=%,.-+e09 \t\r~/?#";
                bytes[at..end].iter_mut().take(2).for_each(|byte| *byte = odd[next(state, odd.len())]);
            }
        }
        if bytes.is_empty() {
            bytes.push(b' ');
        }
    }
}

#[test]
fn no_change_of_a_request_is_the_mocks_fault() {
    let mock = respond::mock();
    let requests: Vec<&str> = respond::REQUESTS.split("\n%%\n").collect();
    requests.iter().for_each(|request| respond::send(&mock, request.as_bytes()));
    let mut state = 1;
    for round in 0..ROUNDS {
        let mut bytes = requests[round % requests.len()].as_bytes().to_vec();
        mutate(&mut bytes, &requests, &mut state);
        respond::send(&mock, &bytes);
    }
}
