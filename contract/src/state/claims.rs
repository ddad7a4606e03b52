//! What one record says of another: members that stay from before, or come from somewhere else.

use descant_exchange::Check;
use serde_json::{Map, Value};

use super::compare::{has_default, kept, record, requires};
use super::scenario::{Record, Scenario};
use crate::failure::Failure;

impl Scenario<'_, '_> {
    /// Whether a replacement kept what it does not hold (RFC 9110, 9.3.4): `before` was the record.
    pub(super) fn merged(
        &mut self,
        before: &Map<String, Value>,
        replacement: &Map<String, Value>,
    ) -> Option<()> {
        let body = self.exchanges.last()?.answer.as_ref().ok()?.json()?;
        let got = record(self.resource, &body)?;
        let (read, replace) = (self.operation(self.resource.read?)?, self.operation(self.resource.replace?)?);
        let schemas = self.session.schemas().model();
        let is_needed = |name: &str| requires(schemas, read, name) || has_default(schemas, replace, name);
        let (name, old) = kept(before, replacement, got, self.resource.parameter(), is_needed)?;
        let message =
            format!("`{name}` is still {old}, and PUT replaced it by a record without it (RFC 9110, 9.3.4)");
        self.fail(Failure::error(Check::Body, message));
        Some(())
    }

    /// Whether a record has what only another one was sent with.
    pub(super) fn leaked(&mut self, of: &Record, other: &Record) -> Option<()> {
        let body = self.exchanges.last()?.answer.as_ref().ok()?.json()?;
        let got = record(self.resource, &body)?;
        let create = self.operation(self.resource.create?)?;
        let schemas = self.session.schemas().model();
        let is_needed = |name: &str| requires(schemas, create, name) || has_default(schemas, create, name);
        // Few values are of one record alone.
        let telling = other.sent.iter().filter(|(_, value)| match value {
            Value::String(text) => text.len() > 3,
            Value::Array(items) => !items.is_empty(),
            _ => false,
        });
        let telling = telling.map(|(name, value)| (name.clone(), value.clone())).collect();
        let (name, old) = kept(&telling, &of.sent, got, self.resource.parameter(), is_needed)?;
        let message = format!("`{name}` is {old}, which another record was created with");
        self.fail(Failure::error(Check::Body, message));
        Some(())
    }

    /// Whether two records were sent with the same free text, by which a service may know them.
    pub(super) fn shares_text(&self, first: &Record, second: &Record) -> bool {
        let content = self.operation(first.creation.operation).and_then(|it| it.request_body.as_ref());
        let mut schemas = content.into_iter().flat_map(|it| it.content.values()).filter_map(|it| it.schema);
        let schema = schemas.next();
        first.sent.iter().any(|(name, value)| {
            let Some(text) = value.as_str().filter(|_| second.sent.get(name) == Some(value)) else {
                return false;
            };
            let mut changed = first.sent.clone();
            changed.insert(name.clone(), format!("{text}x").into());
            self.session.values.accepts(schema, &Value::Object(changed))
        })
    }
}
