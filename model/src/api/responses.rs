//! Selects the documented response of a status.

use std::fmt;
use std::sync::Arc;

use super::{Operation, Response, StatusPattern};

impl StatusPattern {
    /// Returns whether the pattern matches a status.
    pub fn covers(self, status: u16) -> bool {
        match self {
            StatusPattern::Code(code) => code == status,
            StatusPattern::Range(digit) => digit == status / 100,
            StatusPattern::Default => true,
        }
    }
}

impl fmt::Display for StatusPattern {
    /// Prints the pattern as in OpenAPI: `200`, `4XX`, `default`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StatusPattern::Code(code) => write!(f, "{code}"),
            StatusPattern::Range(digit) => write!(f, "{digit}XX"),
            StatusPattern::Default => f.write_str("default"),
        }
    }
}

impl Operation {
    /// Returns the response documented for a status: by its code, else its range, else `default` (OAS 4.8.16).
    pub fn response(&self, status: u16) -> Option<(StatusPattern, &Arc<Response>)> {
        // The patterns are ordered so: codes, ranges, `default`.
        let covering = self.responses.iter().filter(|(pattern, _)| pattern.covers(status));
        covering.min_by_key(|(pattern, _)| *pattern).map(|(pattern, response)| (*pattern, response))
    }

    /// Returns whether a status is documented: by its code, its range, or `default`.
    pub fn documents(&self, status: u16) -> bool {
        self.responses.iter().any(|(pattern, _)| pattern.covers(status))
    }

    /// Returns whether a status is documented by its own code.
    pub fn documents_code(&self, status: u16) -> bool {
        self.responses.iter().any(|(pattern, _)| *pattern == StatusPattern::Code(status))
    }
}

#[cfg(test)]
mod tests {
    use crate::load::{Options, load_text};

    #[test]
    fn the_closest_pattern_answers() {
        let text = "{openapi: 3.0.3, info: {title: t, version: '1'}, paths: {/a: {get: {responses: {
            default: {description: d}, 4XX: {description: r}, '404': {description: c}}}}}}";
        let api = load_text("doc.yaml", text.to_owned(), &Options::default()).api.unwrap();
        let operation = &api.operations[0];
        let answered = |status| operation.response(status).map(|(pattern, _)| pattern.to_string());
        assert_eq!(answered(404).as_deref(), Some("404"));
        assert_eq!(answered(400).as_deref(), Some("4XX"));
        assert_eq!(answered(200).as_deref(), Some("default"));
        assert!(operation.documents(500) && !operation.documents_code(400));
    }
}
