//! A service that refuses one value that breaks a constraint and accepts another has a wrong check; one that refuses none
//! has no check, which `strict` reports.

use std::collections::HashSet;

use descant_exchange::Check;
use serde_json::Value;

use crate::case::{CaseKind, Input};
use crate::failure::Failure;
use crate::verdict::{CaseOutcome, Verdict};

/// Makes errors of accepted values whose constraint the service knows: it refuses others that break it.
pub(super) fn settle(verdicts: &mut [Verdict]) {
    let refused: HashSet<(usize, String)> = verdicts
        .iter()
        .filter(|verdict| matches!(verdict.outcome, CaseOutcome::Kept(400 | 422)))
        .filter_map(constraint)
        .collect();
    let is_success = |verdict: &&mut Verdict| matches!(verdict.outcome, CaseOutcome::Kept(200..=299));
    for verdict in verdicts.iter_mut().filter(is_success).filter(|verdict| !verdict.held.is_empty()) {
        if !constraint(verdict).is_some_and(|it| refused.contains(&it)) {
            continue;
        }
        let exchanges = std::mem::take(&mut verdict.held);
        let status = exchanges.last().map_or(0, crate::exchange::Exchange::status);
        let message = format!(
            "a refusal was expected, {status} came: other values that break this constraint are refused"
        );
        verdict.outcome =
            CaseOutcome::Broken { broken: vec![Failure::error(Check::Status, message)], exchanges };
    }
}

/// The operation, parameter and keyword that a case breaks, if it is refused or accepted for this alone: control characters
/// and blanks may be refused, or left out, by what precedes a service.
fn constraint(verdict: &Verdict) -> Option<(usize, String)> {
    let case = &verdict.case;
    let step = case.steps.first().filter(|step| step.expect.may_succeed())?;
    let name = case.name.rsplit_once(" (").map_or(case.name.as_str(), |(name, _)| name);
    let parameter = name.strip_prefix("query ")?.rsplit_once(": ")?.0;
    let mut inputs = step.call.parameters.iter();
    let (_, _, input) = inputs.find(|(_, known, _)| known == parameter)?;
    let Input::Value(Value::String(text)) = input else { return None };
    let is_plain = !text.trim().is_empty() && !text.chars().any(char::is_control);
    (case.kind == CaseKind::Parameter && is_plain).then(|| (case.operation, name.to_owned()))
}
