//! The part of the table that is ours: `x-descant`, as `docs/x-descant.md` describes it.

use crate::check::table::Expect::{self, List, Text, Word};
use crate::check::table::{ALL, Vocabulary, field, object};

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
        ],
    )
    .of(Vocabulary::Descant),
);

/// Those that `x-descant` may be, to tell a misplaced key from an unknown one.
pub(crate) static PLACES: [(&Expect, &str); 3] =
    [(&DOCUMENT, "the document"), (&SECURITY_SCHEME, "a security scheme"), (&OPERATION, "an operation")];

/// Every object of `x-descant`.
#[cfg(test)]
pub(crate) static ALL_OBJECTS: [&Expect; 5] =
    [&DOCUMENT, &SECURITY_SCHEME, &OPERATION, &VARIABLE, &CREDENTIAL];
