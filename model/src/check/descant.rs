//! The part of the table for `x-descant`, as described in `docs/x-descant.md`.

use crate::api::PagedBy;
use crate::check::table::Expect::{self, Any, Count, List, Map, Text, Word};
use crate::check::table::{ALL, Keys, Vocabulary, field, object};

static TRAILING_SLASH: Expect = Word(&["strict", "either"]);
static ACCESS: Expect = Word(&["read", "write"]);

/// On the document.
pub(crate) static DOCUMENT: Expect = Expect::Object(
    object(
        "`x-descant` of a document",
        &[
            field("scopes", ALL, &List(&Text)),
            field("trailingSlash", ALL, &TRAILING_SLASH),
            field("twin", ALL, &Text),
        ],
    )
    .of(Vocabulary::Descant),
);

/// On a security scheme.
pub(crate) static SECURITY_SCHEME: Expect = Expect::Object(
    object(
        "`x-descant` of a security scheme",
        &[
            field("verify", ALL, &Word(&["value", "fernet", "jwt"])),
            field("key", ALL, &VARIABLE),
            field("maxAge", ALL, &Count),
            field("clockSkew", ALL, &Count),
            field("userClaims", ALL, &List(&Text)),
            field("redirectSchemes", ALL, &List(&Text)),
            field("enabled", ALL, &VARIABLE),
            field("forms", ALL, &List(&Text)),
            field("challenge", ALL, &Text),
            field("credentials", ALL, &List(&CREDENTIAL)),
        ],
    )
    .of(Vocabulary::Descant),
);

static VARIABLE: Expect = Expect::Object(
    object(
        "an environment variable with its default",
        &[field("env", ALL, &Text), field("default", ALL, &Text)],
    )
    .of(Vocabulary::Descant),
);

static CREDENTIAL: Expect = Expect::Object(
    object(
        "a credential of `x-descant`",
        &[
            field("value", ALL, &Text),
            field("user", ALL, &Text),
            field("password", ALL, &Text),
            field("scopes", ALL, &List(&Text)),
            field("access", ALL, &ACCESS),
            field("status", ALL, &Word(&["active", "expired", "revoked", "forbidden"])),
        ],
    )
    .of(Vocabulary::Descant),
);

/// On an operation.
pub(crate) static OPERATION: Expect = Expect::Object(
    object(
        "`x-descant` of an operation",
        &[
            field("requires", ALL, &List(&Text)),
            field("access", ALL, &ACCESS),
            field("trailingSlash", ALL, &TRAILING_SLASH),
            field("state", ALL, &STATE),
            field("pages", ALL, &PAGES),
        ],
    )
    .of(Vocabulary::Descant),
);

static PAGES: Expect = Expect::Object(
    object(
        "`pages` of an operation's `x-descant`",
        &[
            field("by", ALL, &Word(&PagedBy::NAMES)),
            field("parameter", ALL, &Text),
            field("next", ALL, &Text),
            field("items", ALL, &Text),
            field("more", ALL, &Text),
            field("first", ALL, &Count),
        ],
    )
    .of(Vocabulary::Descant),
);

static STATE: Expect = Expect::Object(
    object(
        "`state` of an operation's `x-descant`",
        &[
            field("role", ALL, &Word(&["create", "list", "read", "replace", "update", "delete", "none"])),
            field("collection", ALL, &Text),
            field("item", ALL, &Text),
            field("identity", ALL, &Text),
            field("at", ALL, &Text),
            field("paging", ALL, &PAGING),
            field("filters", ALL, &Map(Keys::Free, &Text)),
            field("shownOnce", ALL, &List(&Text)),
        ],
    )
    .of(Vocabulary::Descant),
);

static PAGING: Expect = Expect::Object(
    object(
        "`paging` of an operation's `x-descant`",
        &[
            field("limit", ALL, &Text),
            field("offset", ALL, &Text),
            field("page", ALL, &Text),
            field("cursor", ALL, &Text),
            field("sort", ALL, &Text),
        ],
    )
    .of(Vocabulary::Descant),
);

/// On a response or an example.
pub(crate) static ANSWER: Expect = Expect::Object(
    object("`x-descant` of a response or an example", &[field("when", ALL, &WHEN)]).of(Vocabulary::Descant),
);

static WHEN: Expect = Expect::Object(
    object(
        "`when` of `x-descant`",
        &[
            field("path", ALL, &Map(Keys::Free, &Any)),
            field("query", ALL, &Map(Keys::Free, &Any)),
            field("header", ALL, &Map(Keys::Free, &Any)),
            field("cookie", ALL, &Map(Keys::Free, &Any)),
            field("body", ALL, &Map(Keys::Free, &Any)),
        ],
    )
    .of(Vocabulary::Descant),
);

/// The objects of `x-descant`, to distinguish a misplaced key from an unknown one.
pub(crate) static PLACES: [(&Expect, &str); 4] = [
    (&DOCUMENT, "the document"),
    (&SECURITY_SCHEME, "a security scheme"),
    (&OPERATION, "an operation"),
    (&ANSWER, "a response or an example"),
];

/// Every object of `x-descant`.
#[cfg(test)]
pub(crate) static ALL_OBJECTS: [&Expect; 10] = [
    &DOCUMENT,
    &SECURITY_SCHEME,
    &OPERATION,
    &VARIABLE,
    &CREDENTIAL,
    &STATE,
    &PAGING,
    &PAGES,
    &ANSWER,
    &WHEN,
];
