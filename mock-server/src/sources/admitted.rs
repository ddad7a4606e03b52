//! A request that an operation admits, with its decoded values.

use std::borrow::Cow;

use descant_exchange::Decoded;
use descant_runtime::param::Location;
use serde_json::Value;

use crate::auth::Principal;
use crate::state::operation_shape::split_item;
use crate::tables::operation_table::RoutedOperation;
use crate::vocabulary::condition::RequestView;
use crate::vocabulary::directive::Directive;
use crate::vocabulary::message::Request;

/// A request that was routed, authorized, decoded and validated.
pub(crate) struct AdmittedRequest<'m> {
    pub(crate) request: &'m Request,
    /// Path and query, without base path.
    pub(crate) target: &'m str,
    pub(crate) operation: RoutedOperation<'m>,
    /// The path's parameters as sent.
    pub(crate) texts: Vec<(&'m str, &'m str)>,
    pub(crate) decoded: Decoded,
    /// Whether the path has a final slash too many or too few.
    pub(crate) is_beside_slash: bool,
    pub(crate) principal: Principal,
    pub(crate) directive: Directive,
}

impl AdmittedRequest<'_> {
    /// Returns the value of a parameter, where it was sent.
    pub(crate) fn parameter(&self, location: Location, name: &str) -> Option<&Value> {
        self.operation.compiled.requests.value(&self.decoded, location, name)
    }

    /// Returns the value of the body, where one was sent in a media type that has values.
    pub(crate) fn body(&self) -> Option<&Value> {
        self.decoded.body.as_ref()
    }

    /// Returns the path's parameters with their values, in order.
    pub(crate) fn path_values(&self) -> Vec<(&str, &Value)> {
        let value = |name: &&'_ str| self.parameter(Location::Path, name);
        self.operation.path_parameters().filter_map(|name| Some((name, value(&name)?))).collect()
    }

    /// Whether the path ends in a parameter, which identifies the item of the request.
    pub(crate) fn names_item(&self) -> bool {
        split_item(&self.operation.operation.path.pieces).is_some()
    }
}

impl RequestView for AdmittedRequest<'_> {
    fn key(&self) -> &str {
        self.operation.key
    }

    fn operation_id(&self) -> Option<&str> {
        self.operation.operation.id.as_deref()
    }

    fn parameter_value(&self, location: Location, name: &str) -> Option<Cow<'_, Value>> {
        let header = || {
            let text = self.request.headers().get(name)?.to_str().ok()?;
            Some(Cow::Owned(Value::from(text)))
        };
        let declared = self.parameter(location, name).map(Cow::Borrowed);
        declared.or_else(|| header().filter(|_| location == Location::Header))
    }

    fn body_value(&self) -> Option<&Value> {
        self.body()
    }
}
