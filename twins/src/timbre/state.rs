//! The current account: its plan, its users' permissions and their tokens.

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The invented data.
const SAMPLES: &str = include_str!("../../../spec/samples/timbre.json");
/// The maximum number of tokens of a user.
const MAX_TOKENS: usize = 100;

/// The length of a secret, in blocks of 64 characters.
const BLOCKS: usize = 16;

/// The account and its contents.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct State {
    pub(crate) account: Account,
    pub(crate) users: Vec<User>,
    tokens: Vec<Token>,
    pub(crate) feeds: Vec<Value>,
    #[serde(skip)]
    seed: u64,
    /// The number of the last created token.
    #[serde(skip)]
    last: i64,
}

/// The account's name and plan.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) plan: String,
}

/// A user, and whether the permission API Access is granted.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) api_access: bool,
}

/// The SHA-256 digest of a secret.
pub(crate) type Hash = [u8; 32];

/// A token. Its secret is shown on creation; only its hash is kept.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Token {
    pub(crate) user: String,
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) created_at: String,
    #[serde(rename = "token", deserialize_with = "hashed")]
    hash: Hash,
}

fn hashed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Hash, D::Error> {
    String::deserialize(deserializer).map(|secret| hash(&secret))
}

/// Returns the hash of a secret.
pub(crate) fn hash(secret: &str) -> Hash {
    Sha256::digest(secret).into()
}

/// The reason why a token is not created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    NoSuchUser,
    NotEntitled,
    TooMany,
}

impl State {
    /// Returns the account of the samples.
    pub(crate) fn new(seed: u64) -> Self {
        let state: Self = serde_json::from_str(SAMPLES).unwrap_or_default();
        let last = state.tokens.iter().map(|token| token.id).max().unwrap_or(0);
        Self { seed, last, ..state }
    }

    /// Returns a user of the account.
    pub(crate) fn user(&mut self, id: &str) -> Option<&mut User> {
        self.users.iter_mut().find(|user| user.id == id)
    }

    /// Whether a user has access: the permission is granted and the plan is Enterprise.
    pub(crate) fn entitles(&self, id: &str) -> bool {
        self.account.plan == "enterprise" && self.users.iter().any(|user| user.id == id && user.api_access)
    }

    /// Returns the tokens of a user.
    pub(crate) fn tokens<'s>(&'s self, user: &'s str) -> impl Iterator<Item = &'s Token> {
        self.tokens.iter().filter(move |token| token.user == user)
    }

    /// Creates a token for a user, and returns it with its secret.
    pub(crate) fn create(&mut self, user: &str, name: String) -> Result<(Token, String), Denied> {
        self.user(user).ok_or(Denied::NoSuchUser)?;
        if !self.entitles(user) {
            return Err(Denied::NotEntitled);
        }
        if self.tokens(user).count() >= MAX_TOKENS {
            return Err(Denied::TooMany);
        }
        self.last += 1;
        let secret = self.secret(user);
        // A mock's clock stands still, so that its answers repeat; the seconds tell tokens apart.
        let created_at = format!("2026-01-09T10:{:02}:{:02}.000000Z", self.last / 60 % 60, self.last % 60);
        let token = Token { user: user.to_owned(), id: self.last, name, created_at, hash: hash(&secret) };
        self.tokens.push(token.clone());
        Ok((token, secret))
    }

    /// Returns the secret of the last token. It is as long as real ones, which need more than a usual column.
    fn secret(&self, user: &str) -> String {
        let mut secret = "timbre-".to_owned();
        for part in 0..BLOCKS {
            let digest = Sha256::digest(format!("{}:{user}:{}:{part}", self.seed, self.last));
            digest.iter().for_each(|byte| secret.push_str(&format!("{byte:02x}")));
        }
        secret
    }

    /// Removes a token of a user; returns the hash of its secret, if it existed.
    pub(crate) fn revoke(&mut self, user: &str, id: i64) -> Option<Hash> {
        let at = self.tokens.iter().position(|token| token.user == user && token.id == id)?;
        Some(self.tokens.remove(at).hash)
    }
}
