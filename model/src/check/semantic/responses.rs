//! Checks responses: content for a status without a body (RFC 9110, 15.3.5, 15.3.6 and 15.4.5).

use super::every;
use crate::check::ObjectType;
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::view::View;

/// The statuses that have no body.
const BODILESS: [&str; 3] = ["204", "205", "304"];

/// Checks the responses of every operation.
pub(super) fn check(document: View<'_>, out: &mut Diagnostics) {
    for operation in every(document.graph, ObjectType::OPERATION) {
        let responses = operation.map("responses").filter(|(status, _)| BODILESS.contains(status));
        for (status, response) in responses {
            let content = response.resolved().and_then(|response| response.get("content"));
            if content.is_some_and(|content| content.entries().next().is_some()) {
                let message = format!("a response of status {status} has no body, but content is described");
                let found = Diagnostic::new(Code::ContentBodiless, message, &response.head());
                out.push(found.label("the content is never sent").help(HELP));
            }
        }
    }
}

const HELP: &str = "remove `content`, or describe the response of a status that has a body, such as 200";
