//! Which examples of served documents break their schemas: said once the mock listens, as judging them all takes as long
//! as a quarter of the load.

use std::sync::Arc;
use std::time::Duration;

use descant_mock::{ExamplePolicy, Mock};
use descant_model::codes::Code;
use descant_model::diagnostic::Diagnostics;

use crate::examples;

/// Bytes of stack: judging recurses over schemas and values, whose depths are bounded.
const STACK: usize = 8 << 20;

/// How long nothing is judged after a load. The first answers come sooner for it, and what loading took goes back to the
/// system: mimalloc keeps freed memory for a second, and looks for what to give back when more is freed.
const REST: Duration = Duration::from_millis(1_200);

/// Judges the examples of documents on a thread of its own, and says on standard error how many break their schemas.
pub(super) fn judge(documents: Vec<(String, Arc<Mock>)>) {
    let judge = move || {
        std::thread::sleep(REST);
        documents.iter().for_each(|(name, mock)| tell(name, mock));
    };
    // Without the thread, each is named in the header of an answer still.
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
        ExamplePolicy::Checked => "what breaks them is replaced in answers",
        ExamplePolicy::Verbatim => "answers hold them as they stand",
    };
    if count > 0 {
        anstream::eprintln!(
            "{name}: examples that break their schemas: {count}; {instead} (`descant lint` shows each)"
        );
    }
}
