//! Webhooks and callbacks: operations that the API's server sends, and others receive.

use std::collections::HashMap;

use descant_model::api;
use descant_model::source::Span;

use super::http::Operation;
use super::names::{Case, Scope, spell};
use super::operations::{Planner, operation_docs};

/// A callback that operations state, perhaps several the same one.
struct Callback<'a> {
    name: &'a str,
    operation: &'a api::Operation,
    /// The operations that state it.
    of: Vec<String>,
}

impl<'a> Planner<'_, 'a> {
    /// Every webhook, in the document's order.
    pub(super) fn webhooks(&mut self) -> Vec<Operation> {
        let webhooks = self.api.webhooks.iter();
        let names = webhooks.clone().map(|webhook| webhook.path.raw.as_str());
        let texts = texts(&webhooks.clone().zip(names).collect::<Vec<_>>(), |index| {
            self.api.webhooks.get(index).map(|webhook| format!("{} {}", webhook.method, webhook.path.raw))
        });
        let line = |webhook: &api::Operation| {
            format!("Webhook `{}`, sent by `{}`.", webhook.path.raw, webhook.method)
        };
        self.sent(webhooks.map(|webhook| (webhook, line(webhook))).collect(), &texts)
    }

    /// Every callback, those of webhooks and of callbacks too. What several operations state by reference is one.
    pub(super) fn callbacks(&mut self) -> Vec<Operation> {
        let mut found: Vec<Callback<'a>> = Vec::new();
        let mut known: HashMap<(Span, &'a str), usize> = HashMap::new();
        let api = self.api;
        let mut open: Vec<&'a api::Operation> = api.operations.iter().chain(&api.webhooks).rev().collect();
        while let Some(parent) = open.pop() {
            for (name, operations) in &parent.callbacks {
                for operation in operations {
                    let index = *known.entry((operation.origin.span, name)).or_insert(found.len());
                    match found.get_mut(index) {
                        Some(callback) => callback.of.push(parent.key()),
                        None => {
                            found.push(Callback { name, operation, of: vec![parent.key()] });
                            open.push(operation);
                        }
                    }
                }
            }
        }
        let named: Vec<_> = found.iter().map(|callback| (callback.operation, callback.name)).collect();
        let texts = texts(&named, |index| {
            let Callback { name, operation, of } = found.get(index)?;
            Some(format!("{} {name} {}", of.first()?, operation.method))
        });
        let line = |callback: &Callback<'_>| {
            let of = callback.of.join("`, `");
            let api::Operation { method, path, .. } = callback.operation;
            format!("Callback `{}` of `{of}`, sent by `{method}` to `{}`.", callback.name, path.raw)
        };
        self.sent(found.iter().map(|callback| (callback.operation, line(callback))).collect(), &texts)
    }

    fn sent(&mut self, operations: Vec<(&'a api::Operation, String)>, texts: &[String]) -> Vec<Operation> {
        self.outgoing = true;
        let names = Scope::with(["check_credentials", "new", "with"]).names(texts, Case::Snake);
        let planned = operations.into_iter().zip(names).map(|((operation, line), name)| {
            let mut planned = self.operation(operation, name, None);
            planned.docs = operation_docs(operation, &line);
            planned
        });
        let planned = planned.collect();
        self.outgoing = false;
        planned
    }
}

/// The texts of the names: the `operationId`, else what it is called by, else, where that is not enough, more words.
fn texts(operations: &[(&api::Operation, &str)], longer: impl Fn(usize) -> Option<String>) -> Vec<String> {
    let mut users: HashMap<String, usize> = HashMap::new();
    operations.iter().for_each(|(_, name)| *users.entry(spell(name, Case::Snake)).or_default() += 1);
    let texts = operations.iter().enumerate().map(|(index, (operation, name))| {
        match operation.id.as_deref().filter(|id| id.contains(|c: char| c.is_ascii_alphanumeric())) {
            Some(id) => id.to_owned(),
            None if users.get(&spell(name, Case::Snake)) == Some(&1) => (*name).to_owned(),
            None => longer(index).unwrap_or_default(),
        }
    });
    texts.collect()
}
