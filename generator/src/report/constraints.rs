//! The keywords of every schema that restrict values, one entry each.

use std::sync::Arc;

use descant_model::api::SchemaId;
use descant_model::codes::Code;
use descant_model::diagnostic::Diagnostic;
use descant_model::source::Origin;
use serde_json::Value;

use super::{Kind, Outcome, Walk};
use crate::plan::accounts::{Accounts, Kept};

/// Keywords that restrict values by themselves.
const CONSTRAINTS: [&str; 33] = [
    "type",
    "enum",
    "const",
    "format",
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "prefixItems",
    "contains",
    "minContains",
    "maxContains",
    "minItems",
    "maxItems",
    "uniqueItems",
    "unevaluatedItems",
    "required",
    "dependentRequired",
    "dependentSchemas",
    "propertyNames",
    "patternProperties",
    "additionalProperties",
    "unevaluatedProperties",
    "minProperties",
    "maxProperties",
    "oneOf",
    "anyOf",
    "not",
    "if",
];

impl Walk<'_> {
    /// Where the settings leave operations out, a schema of which nothing is made belongs to those.
    pub(super) fn constraints(&mut self, accounts: &Accounts, picks: bool) {
        let all = self.parts.types && self.parts.webhooks;
        for (index, schema) in self.api.schemas.entries.iter().enumerate() {
            if !all && !accounts.reaches(SchemaId(index as u32)) {
                continue;
            }
            let mut found = Vec::new();
            let mut open = vec![(&*schema.value, schema.origin.pointer.to_string())];
            while let Some((value, pointer)) = open.pop() {
                let Value::Object(keywords) = value else { continue };
                for (keyword, value) in keywords {
                    if CONSTRAINTS.contains(&keyword.as_str()) && !is_idle(keyword, value) {
                        let at = Origin {
                            span: schema.origin.span,
                            pointer: Arc::from(format!("{pointer}/{keyword}")),
                        };
                        found.push((keyword, at, accounts.of(value)));
                    }
                }
                let before = open.len();
                inner(keywords, &pointer, &mut open);
                open.get_mut(before..).unwrap_or_default().reverse();
            }
            let excluded = picks && found.iter().all(|(.., kept)| kept.is_none());
            for (keyword, at, kept) in found {
                match excluded {
                    true => {
                        let outcome = Outcome::LeftOut(Code::SettingsExcluded);
                        self.push(Kind::Constraint, keyword, "", &at, outcome);
                    }
                    false => self.constraint(keyword, &at, kept),
                }
            }
        }
    }

    fn constraint(&mut self, keyword: &str, at: &Origin, kept: Option<Kept>) {
        let outcome = match kept {
            Some(Kept::Checked) => Outcome::Checked,
            Some(Kept::Documented) => Outcome::Documented,
            None => {
                let message = format!("`{keyword}` is neither checked nor documented by generated code");
                self.diagnostics.push(Diagnostic::new(Code::Unchecked, message, at));
                Outcome::LeftOut(Code::Unchecked)
            }
        };
        self.push(Kind::Constraint, keyword, "", at, outcome);
    }
}

/// Whether a keyword with this value admits everything.
fn is_idle(keyword: &str, value: &Value) -> bool {
    match (keyword, value) {
        (_, Value::Number(number)) if keyword.starts_with("min") && keyword != "minimum" => {
            number.as_u64() == Some(0)
        }
        ("uniqueItems", Value::Bool(unique)) => !unique,
        ("required", Value::Array(names)) => names.is_empty(),
        ("additionalProperties" | "unevaluatedProperties" | "unevaluatedItems", Value::Bool(admits)) => {
            *admits
        }
        (_, Value::Object(keywords)) => keywords.is_empty(),
        _ => false,
    }
}

/// The schemas inside a schema whose constraints are its own to tell; those of `not`, `if` and their like are told as one.
fn inner<'v>(
    keywords: &'v serde_json::Map<String, Value>,
    pointer: &str,
    open: &mut Vec<(&'v Value, String)>,
) {
    for (keyword, value) in keywords {
        match (keyword.as_str(), value) {
            ("properties", Value::Object(properties)) => {
                let properties = properties.iter();
                open.extend(properties.map(|(name, value)| {
                    let name = name.replace('~', "~0").replace('/', "~1");
                    (value, format!("{pointer}/properties/{name}"))
                }));
            }
            ("items" | "additionalProperties", Value::Object(_)) => {
                open.push((value, format!("{pointer}/{keyword}")));
            }
            ("allOf" | "anyOf" | "oneOf" | "prefixItems", Value::Array(parts)) => {
                let parts = parts.iter().enumerate();
                open.extend(parts.map(|(index, value)| (value, format!("{pointer}/{keyword}/{index}"))));
            }
            _ => {}
        }
    }
}
