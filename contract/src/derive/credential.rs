//! Calls without a credential, and with one that nobody was given.

use super::{Context, Subject};
use crate::case::{Call, Case, CaseKind, Presented};
use crate::expect::{Cause, Expect};

/// Two cases for an operation that asks for a credential; one where none was given.
pub(super) fn derive(context: &mut Context<'_>, subject: &Subject<'_>, is_given: bool) {
    let alternatives = &subject.operation.security.alternatives;
    if alternatives.is_empty() || alternatives.iter().any(|alternative| alternative.schemes.is_empty()) {
        return;
    }
    let kinds = [(CaseKind::NoCredential, Presented::Nothing), (CaseKind::WrongCredential, Presented::Wrong)];
    for (kind, credential) in kinds.into_iter().take(if is_given { 2 } else { 1 }) {
        let call = Call { credential, ..subject.base.clone() };
        let expect = Expect::refusal(subject.operation, Cause::Unauthenticated, false);
        context.add(Case::single(kind, kind.as_str(), call, expect));
    }
}
