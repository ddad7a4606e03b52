//! Stands in for the authorization server where the feature `oauth` is off: it has no endpoints.

use descant_model::api::Api;

use crate::auth::Credentials;
use crate::vocabulary::message::{Request, Response};
use crate::vocabulary::settings::Settings;

/// An authorization server without endpoints.
#[derive(Clone)]
pub(crate) struct Authority;

impl Authority {
    pub(crate) fn new(_: &Api, _: &dyn Fn(&str) -> Option<String>) -> Self {
        Self
    }

    pub(crate) fn with_settings(self, _: &Settings) -> Self {
        self
    }

    pub(crate) fn separate(&self) -> Self {
        Self
    }

    pub(crate) fn replace(&mut self, _: &Self) {}

    pub(crate) fn methods(&self, _: &str) -> Vec<&'static str> {
        Vec::new()
    }

    pub(crate) fn answer(&self, _: &Credentials, _: u64, _: &Request, _: &str) -> Option<Response> {
        None
    }

    pub(crate) fn reset(&self) {}
}
