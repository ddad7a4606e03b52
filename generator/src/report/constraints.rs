//! The keywords of every schema that restrict values, one entry each.

use std::sync::Arc;

use descant_model::api::SchemaId;
use descant_model::codes::Code;
use descant_model::diagnostic::Diagnostic;
use descant_model::schema::{Keyword, Schema};
use descant_model::source::Origin;

use super::{ElementKind, LONGEST, Treatment, Walk, enclosing};
use crate::plan::accounts::{Accounts, Kept};
use crate::plan::node::restricts;

impl Walk<'_> {
    /// Where the settings leave operations out, a schema of which nothing is made belongs to those.
    pub(super) fn constraints(&mut self, accounts: &Accounts, picks: bool) {
        let all = self.parts.types && self.parts.webhooks;
        for (index, schema) in self.api.schemas.entries.iter().enumerate() {
            if !all && !accounts.reaches(SchemaId(index as u32)) {
                continue;
            }
            let mut found = Vec::new();
            let mut open = vec![(&*schema.schema, enclosing(&schema.origin.pointer))];
            while let Some((inside, pointer)) = open.pop() {
                let before = open.len();
                for keyword in inside.keywords() {
                    if is_constraint(keyword) {
                        let pointer = below(&pointer, keyword.name(), "");
                        let at = Origin { span: schema.origin.span, pointer };
                        found.push((keyword.name(), at, accounts.of(keyword)));
                    }
                    open.extend(inner(keyword, &pointer));
                }
                open.get_mut(before..).unwrap_or_default().reverse();
            }
            let excluded = picks && found.iter().all(|(.., kept)| kept.is_none());
            for (keyword, at, kept) in found {
                match excluded {
                    true => {
                        let outcome = Treatment::LeftOut(Code::SettingsExcluded);
                        self.push(ElementKind::Constraint, keyword, "", &at, outcome);
                    }
                    false => self.constraint(keyword, &at, kept),
                }
            }
        }
    }

    fn constraint(&mut self, keyword: &str, at: &Origin, kept: Option<Kept>) {
        let outcome = match kept {
            Some(Kept::Checked) => Treatment::Checked,
            Some(Kept::Documented) => Treatment::Documented,
            None => {
                let message = format!("`{keyword}` is neither checked nor documented by generated code");
                self.diagnostics.push(Diagnostic::new(Code::Unchecked, message, at));
                Treatment::LeftOut(Code::Unchecked)
            }
        };
        self.push(ElementKind::Constraint, keyword, "", at, outcome);
    }
}

/// Whether a keyword constrains values by itself; `items` only leads to keywords that do.
fn is_constraint(keyword: &Keyword) -> bool {
    restricts(keyword) && !matches!(keyword, Keyword::Items(_)) && !is_idle(keyword)
}

/// Whether a keyword with this value admits everything.
fn is_idle(keyword: &Keyword) -> bool {
    match keyword {
        Keyword::MinLength(min) | Keyword::MinItems(min) | Keyword::MinProperties(min) => *min == 0,
        Keyword::MinContains(min) => *min == 0,
        Keyword::UniqueItems(unique) => !unique,
        Keyword::Required(names) => names.is_empty(),
        Keyword::AdditionalProperties(schema)
        | Keyword::UnevaluatedProperties(schema)
        | Keyword::UnevaluatedItems(schema) => !schema.is_false() && schema.keywords().is_empty(),
        Keyword::Contains(schema) | Keyword::PropertyNames(schema) | Keyword::Not(schema) => is_empty(schema),
        Keyword::If(schema) => is_empty(schema),
        Keyword::PatternProperties(schemas) | Keyword::DependentSchemas(schemas) => schemas.is_empty(),
        Keyword::DependentRequired(names) => names.is_empty(),
        _ => false,
    }
}

/// Whether a schema is an object without keywords.
fn is_empty(schema: &Schema) -> bool {
    matches!(schema, Schema::Keywords(keywords) if keywords.is_empty())
}

/// The schemas inside a schema whose constraints are its own to tell; those of `not`, `if` and their like are told as one.
fn inner<'s>(keyword: &'s Keyword, pointer: &Arc<str>) -> Vec<(&'s Schema, Arc<str>)> {
    match keyword {
        Keyword::Properties(_) | Keyword::Items(_) | Keyword::AdditionalProperties(_) => {}
        Keyword::AllOf(_) | Keyword::AnyOf(_) | Keyword::OneOf(_) | Keyword::PrefixItems(_) => {}
        _ => return Vec::new(),
    }
    let places = keyword.subschemas().places().into_iter();
    places.map(|(step, schema)| (schema, below(pointer, keyword.name(), &step))).collect()
}

/// The pointer of a place below another, which is as exact as a pointer that is not long can be.
fn below(pointer: &Arc<str>, keyword: &str, step: &str) -> Arc<str> {
    match pointer.len() + keyword.len() + step.len() {
        length if length < LONGEST => format!("{pointer}/{keyword}{step}").into(),
        _ => pointer.clone(),
    }
}
