//! What no part of the output stands for: each such thing of a document gets a diagnostic, so that nothing is dropped in
//! silence.

use std::collections::HashSet;

use descant_model::api::{Api, MediaType, Operation};
use descant_model::codes::Code;
use descant_model::diagnostic::{Diagnostic, Diagnostics};
use descant_model::source::{Origin, Span};
use indexmap::IndexMap;

/// Reports what is left out of a whole API.
pub(super) fn report(api: &Api, diagnostics: &mut Diagnostics) {
    let mut omissions = Omissions { diagnostics, seen: HashSet::new() };
    api.operations.iter().chain(&api.webhooks).for_each(|operation| omissions.operation(operation));
}

struct Omissions<'d> {
    diagnostics: &'d mut Diagnostics,
    /// What several operations refer to is reported once.
    seen: HashSet<Span>,
}

impl Omissions<'_> {
    fn operation(&mut self, operation: &Operation) {
        operation.callbacks.values().flatten().for_each(|callback| self.operation(callback));
        self.bodies(operation.request_body.as_ref().map(|body| &body.content));
        for (_, response) in &operation.responses {
            for (name, link) in &response.links {
                self.left_out(format!("Link `{name}` is left out"), &link.origin);
            }
            self.bodies(Some(&response.content));
        }
    }

    fn bodies(&mut self, content: Option<&IndexMap<String, MediaType>>) {
        for (part, encoding) in content.into_iter().flat_map(IndexMap::values).flat_map(|one| &one.encoding) {
            for (name, header) in &encoding.headers {
                self.left_out(format!("Header `{name}` of the part `{part}` is left out"), &header.origin);
            }
        }
    }

    fn left_out(&mut self, message: String, origin: &Origin) {
        if self.seen.insert(origin.span) {
            self.diagnostics.push(Diagnostic::new(Code::Unsupported, message, origin));
        }
    }
}
