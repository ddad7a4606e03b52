//! Converts keywords of 2.0, 3.0 and older drafts to 2020-12, where several keywords are involved.

use std::mem::discriminant;

use indexmap::IndexMap;

use crate::schema::{Keyword, Kinds, Schema};

/// Keywords of older versions, kept until all keywords of the schema are known.
#[derive(Default)]
pub(super) struct Legacy {
    /// `exclusiveMinimum` and `exclusiveMaximum` as flags beside a bound.
    pub(super) exclusive_minimum: bool,
    pub(super) exclusive_maximum: bool,
    /// `items` as a list.
    pub(super) tuple: Option<Vec<Schema>>,
    pub(super) additional_items: Option<Schema>,
    /// The two halves of `dependencies`.
    pub(super) required: IndexMap<String, Vec<String>>,
    pub(super) schemas: IndexMap<String, Schema>,
    /// 2.0's `type: file`.
    pub(super) file: bool,
    /// 3.0's `format: byte`.
    pub(super) base64: bool,
}

impl Legacy {
    /// Converts the older keywords and adds them to the schema.
    pub(super) fn rewrite(self, keywords: &mut Vec<Keyword>) {
        if self.exclusive_minimum {
            let bound = take(keywords, |keyword| matches!(keyword, Keyword::Minimum(_)));
            keywords.extend(bound.and_then(|bound| bound.minimum().cloned()).map(Keyword::ExclusiveMinimum));
        }
        if self.exclusive_maximum {
            let bound = take(keywords, |keyword| matches!(keyword, Keyword::Maximum(_)));
            keywords.extend(bound.and_then(|bound| bound.maximum().cloned()).map(Keyword::ExclusiveMaximum));
        }
        if let Some(tuple) = self.tuple {
            set(keywords, Keyword::PrefixItems(tuple));
            keywords.extend(self.additional_items.map(|rest| Keyword::Items(Box::new(rest))));
        }
        if !self.required.is_empty() {
            set(keywords, Keyword::DependentRequired(Box::new(self.required)));
        }
        if !self.schemas.is_empty() {
            set(keywords, Keyword::DependentSchemas(Box::new(self.schemas)));
        }
        if self.file {
            set(keywords, Keyword::Type(Kinds::STRING));
            set(keywords, Keyword::Format("binary".to_owned()));
        } else if self.base64 {
            set(keywords, Keyword::ContentEncoding("base64".to_owned()));
        }
    }
}

/// Replaces the same keyword, or appends the keyword.
pub(super) fn set(keywords: &mut Vec<Keyword>, keyword: Keyword) {
    match keywords.iter_mut().find(|known| discriminant(*known) == discriminant(&keyword)) {
        Some(known) => *known = keyword,
        None => keywords.push(keyword),
    }
}

fn take(keywords: &mut Vec<Keyword>, is_it: impl Fn(&Keyword) -> bool) -> Option<Keyword> {
    let at = keywords.iter().position(is_it)?;
    Some(keywords.remove(at))
}
