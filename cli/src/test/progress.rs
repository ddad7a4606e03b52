//! The line at a terminal that says how far a run has come.

use std::convert::Infallible;
use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use descant_contract::Progress;

/// The time between two lines.
const PAUSE: Duration = Duration::from_millis(200);
/// Back to the beginning of the line, and what was there is gone.
const CLEAR: &str = "\r\x1b[K";

/// Waits for a run, and says meanwhile how far it has come if standard error is a terminal and `is_wanted`.
pub(super) async fn shown<T>(run: impl Future<Output = T>, progress: &Progress, is_wanted: bool) -> T {
    if !is_wanted || !std::io::stderr().is_terminal() {
        return run.await;
    }
    let value = tokio::select! {
        value = run => value,
        never = lines(progress) => match never {},
    };
    anstream::eprint!("{CLEAR}");
    value
}

async fn lines(progress: &Progress) -> Infallible {
    let start = Instant::now();
    loop {
        tokio::time::sleep(PAUSE).await;
        // Before the first case, the service is asked whether it is there.
        if progress.planned() > 0 {
            anstream::eprint!("{CLEAR}{}", line(progress, start.elapsed()));
        }
    }
}

fn line(progress: &Progress, elapsed: Duration) -> String {
    let (done, planned, broken) = (progress.done(), progress.planned(), progress.broken());
    let seconds = elapsed.as_secs();
    format!("{done} of {planned} cases, {broken} with errors, {}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_cases_and_the_time() {
        let text = line(&Progress::default(), Duration::from_millis(61_900));
        assert_eq!(text, "0 of 0 cases, 0 with errors, 1:01");
    }
}
