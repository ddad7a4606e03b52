//! Validates the examples of served documents after the mock has started, because this takes a quarter of the time of
//! loading.

use std::sync::Arc;
use std::time::Duration;

use descant_mock::{ExamplePolicy, Mock};
use descant_model::codes::Code;
use descant_model::diagnostic::Diagnostics;

use crate::examples;

/// The size of the stack: validation recurses over schemas and values, whose depths are bounded.
const STACK: usize = 8 << 20;

/// The delay after a load. It speeds up the first responses, and returns the memory of loading to the
/// system: mimalloc keeps freed memory for a second, and releases it when more is freed.
const REST: Duration = Duration::from_millis(1_200);

/// Validates the examples of documents in a separate thread, and prints the number of violations to standard error.
pub(super) fn judge(documents: Vec<(String, Arc<Mock>)>) {
    let judge = move || {
        std::thread::sleep(REST);
        documents.iter().for_each(|(name, mock)| tell(name, mock));
    };
    // Without the thread, `descant-notice` still names each invalid example in a response.
    let _ = std::thread::Builder::new().name("examples".into()).stack_size(STACK).spawn(judge);
}

fn tell(name: &str, mock: &Mock) {
    let mut found = Diagnostics::default();
    examples::check(mock.api(), &mut found);
    let broken = found.iter().filter(|finding| finding.code == Code::ExampleInvalid).cloned();
    let broken: Vec<_> = broken.collect();
    let count = broken.len();
    mock.set_invalid_examples(broken);
    let instead = match mock.settings().examples {
        ExamplePolicy::Checked => "responses replace them",
        ExamplePolicy::Verbatim => "responses contain them unchanged",
    };
    if count > 0 {
        anstream::eprintln!(
            "{name}: examples that violate their schemas: {count}; {instead} (`descant lint` lists them)"
        );
    }
}
