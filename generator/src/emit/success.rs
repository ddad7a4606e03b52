//! The success of an operation: the value that its call returns.

use proc_macro2::TokenStream;
use quote::quote;

use descant_model::api::StatusPattern;

use crate::plan::Plan;
use crate::plan::http::{Answer, Body, Choice, Content, Operation};
use crate::plan::items::Type;

use super::types::{body_type, foreign};

/// The value that a call returns, and the responses that hold it.
///
/// It is the body of the lowest documented 2xx. Other successes with the same type return it as well; those with another
/// type are errors of the call, so that documenting one changes no caller. Without a 2xx it is the body of `default`, else
/// of the lowest 3xx.
pub(super) struct Success {
    pub(super) ty: TokenStream,
    /// The same without the aliases of equal schemas.
    plain: TokenStream,
    /// The class of the statuses that are successes; `None`: no response is.
    class: Option<Class>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Success,
    Default,
    Other,
}

impl Class {
    fn of(status: StatusPattern) -> Option<Self> {
        match status {
            StatusPattern::Code(200..=299) | StatusPattern::Range(2) => Some(Self::Success),
            StatusPattern::Default => Some(Self::Default),
            StatusPattern::Code(..=399) | StatusPattern::Range(1 | 3) => Some(Self::Other),
            StatusPattern::Code(_) | StatusPattern::Range(_) => None,
        }
    }
}

impl Success {
    pub(super) fn of(plan: &Plan, operation: &Operation) -> Self {
        let (class, first) = first(operation);
        let value = |plain: bool| first.map_or_else(|| quote!(()), |answer| value_type(plan, answer, plain));
        Self { ty: value(false), plain: value(true), class }
    }

    /// The mark of a response that holds the value, and the choice of representations that becomes it.
    pub(super) fn mark(&self, plan: &Plan, answer: &Answer) -> Option<TokenStream> {
        let counts = self.class.is_some() && Class::of(answer.status) == self.class;
        if !counts || value_type(plan, answer, true).to_string() != self.plain.to_string() {
            return None;
        }
        let choice = answer.body.as_ref().and_then(|body| choice(plan, body));
        let name = choice.filter(|choice| choice.only_type().is_some()).map(|choice| &choice.name);
        Some(quote!(ok #name))
    }
}

/// The class of an operation's successes, and the first of them.
fn first(operation: &Operation) -> (Option<Class>, Option<&Answer>) {
    let classes = operation.answers.iter().filter_map(|answer| Class::of(answer.status));
    let class = classes.min();
    let candidates =
        operation.answers.iter().filter(|answer| class.is_some() && Class::of(answer.status) == class);
    let code = |answer: &&Answer| match answer.status {
        StatusPattern::Code(code) => code,
        StatusPattern::Range(_) | StatusPattern::Default => u16::MAX,
    };
    (class, candidates.min_by_key(code))
}

/// The type of an operation's success, if it has one type.
pub(super) fn value<'p>(plan: &'p Plan, operation: &'p Operation) -> Option<&'p Type> {
    only_type(plan, first(operation).1?.body.as_ref()?)
}

/// The type of a body, if all its representations have one.
fn only_type<'p>(plan: &'p Plan, body: &'p Body) -> Option<&'p Type> {
    match &body.content {
        Content::One(media) => Some(&media.ty),
        Content::Choice(_) => choice(plan, body).and_then(Choice::only_type),
    }
}

/// The type of a response's value: its body, or what all representations of its body are.
fn value_type(plan: &Plan, answer: &Answer, plain: bool) -> TokenStream {
    let Some(body) = &answer.body else { return quote!(()) };
    let written = |ty: &Type| if plain { foreign(plan, &plan.plain(ty)) } else { foreign(plan, ty) };
    only_type(plan, body).map_or_else(|| body_type(plan, body), written)
}

fn choice<'p>(plan: &'p Plan, body: &Body) -> Option<&'p Choice> {
    match body.content {
        Content::Choice(index) => plan.choices.get(index),
        Content::One(_) => None,
    }
}
