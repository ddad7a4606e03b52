//! The parts of a mock that responses are made from, beside the operation and the request.

use descant_exchange::Schemas;

use super::admitted::AdmittedRequest;
use crate::vocabulary::seed::Seed;
use crate::vocabulary::settings::Settings;

/// The parts of a mock that responses are made from.
#[derive(Clone, Copy)]
pub(crate) struct ResponseContext<'m> {
    pub(crate) schemas: &'m Schemas,
    pub(crate) settings: &'m Settings,
    /// The mock's seed of now.
    pub(crate) seed: u64,
}

impl ResponseContext<'_> {
    /// Returns the seed of a response: the operation, the texts of the path's parameters and the query.
    pub(crate) fn seed_of(&self, admitted: &AdmittedRequest<'_>) -> Seed {
        let seed = Seed::new(self.seed).with(admitted.operation.key);
        let seed = admitted.texts.iter().fold(seed, |seed, (name, text)| seed.with(name).with(text));
        seed.with(admitted.request.uri().query().unwrap_or_default())
    }
}
