//! Calls without a credential, and with one that nobody was given.

use descant_model::api::{Location, SchemeKind};

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
    if is_given {
        shapes(context, subject);
    }
}

/// Credentials that are nearly right, each refused.
fn shapes(context: &mut Context<'_>, subject: &Subject<'_>) {
    let Ok(Some(requirement)) = context.credentials.choose(subject.operation) else { return };
    let kind = |name: &String| context.api.security_schemes.get(name).map(|scheme| &scheme.kind);
    let kinds: Vec<_> = requirement.schemes.keys().filter_map(kind).collect();
    let in_header =
        kinds.iter().all(|kind| !matches!(kind, SchemeKind::ApiKey { location: Location::Query, .. }));
    let in_cookie =
        kinds.iter().any(|kind| matches!(kind, SchemeKind::ApiKey { location: Location::Cookie, .. }));
    let has_scheme = kinds
        .iter()
        .all(|kind| !matches!(kind, SchemeKind::ApiKey { .. } | SchemeKind::Basic | SchemeKind::MutualTls));
    let right: Vec<&str> =
        requirement.schemes.keys().filter_map(|name| context.credentials.get(name)).collect();
    let has_case = right.iter().all(|it| it.to_uppercase() != **it);
    // The last characters of base64 may say nothing.
    let cut = if right.iter().all(|it| it.len() > 8) { 4 } else { 1 };
    let shapes = [
        ("without its end", Presented::Prefix(cut), right.iter().all(|it| it.chars().count() > cut)),
        ("with a character more", Presented::Suffix, true),
        ("in upper case", Presented::UpperCase, has_case),
        ("empty", Presented::Empty, true),
        ("under another scheme", Presented::OtherScheme, has_scheme),
        ("as Basic", Presented::AsBasic, has_scheme),
        ("without its scheme", Presented::Bare, has_scheme),
        ("with a second word", Presented::TwoWords, has_scheme),
        ("in the query", Presented::InQuery, in_header),
        ("in a cookie", Presented::InCookie, in_header && !in_cookie),
    ];
    for (name, credential, _) in shapes.into_iter().filter(|(.., applies)| *applies) {
        let call = Call { credential, ..subject.base.clone() };
        let expect = Expect::refusal(subject.operation, Cause::Unauthenticated, false);
        context.add(Case::single(CaseKind::WrongCredential, name, call, expect));
    }
}
