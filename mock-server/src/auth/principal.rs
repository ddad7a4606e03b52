//! The caller of an operation, by the credentials that were verified.

use descant_model::api::Access;

/// The caller of an operation: what each credential grants of the alternative that authorized the request. Empty for an
/// anonymous call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Principal {
    /// One grant a scheme, in the requirement's order.
    pub grants: Vec<Grant>,
}

/// What one credential grants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Grant {
    /// The scheme's name under `components.securitySchemes`.
    pub scheme: String,
    /// The owner of the credential, where it is known.
    pub user: Option<String>,
    /// The granted scopes; `None` for all.
    pub scopes: Option<Vec<String>>,
    /// Whether the credential may write.
    pub access: Access,
}

impl Principal {
    /// Returns the user of the first credential that has one.
    pub fn user(&self) -> Option<&str> {
        self.grants.iter().find_map(|grant| grant.user.as_deref())
    }

    /// Returns the access that every credential grants.
    pub fn access(&self) -> Access {
        let reads = self.grants.iter().any(|grant| grant.access == Access::Read);
        if reads { Access::Read } else { Access::Write }
    }
}
