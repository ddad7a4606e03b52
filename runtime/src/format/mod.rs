//! Definitions of `format`: the string formats that a validator asserts, and the ranges of numeric formats.
//!
//! Sources: JSON Schema Validation 2020-12 §7.3, the OpenAPI Format Registry. A name that is not here is an annotation: it
//! constrains nothing.

mod net;
mod range;
mod text;
mod time;

pub use range::{Range, range};

/// A format of strings.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// The value of `format`.
    pub name: &'static str,
    /// The expectation, to follow "expected".
    pub expected: &'static str,
    /// Returns whether a text has the format.
    pub check: fn(&str) -> bool,
}

/// Returns the format of a name.
pub fn find(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// Every format of strings that is asserted.
pub static FORMATS: [Format; 22] = [
    DATE_TIME,
    DATE,
    TIME,
    DURATION,
    UUID,
    EMAIL,
    IDN_EMAIL,
    HOSTNAME,
    IDN_HOSTNAME,
    IPV4,
    IPV6,
    URI,
    URI_REFERENCE,
    IRI,
    IRI_REFERENCE,
    URI_TEMPLATE,
    JSON_POINTER,
    RELATIVE_JSON_POINTER,
    REGEX,
    BYTE,
    BASE64URL,
    CHAR,
];

/// `date-time`.
pub const DATE_TIME: Format = Format {
    name: "date-time",
    expected: "a date and time as 2026-01-31T10:00:00Z (RFC 3339)",
    check: time::is_date_time,
};
/// `date`.
pub const DATE: Format =
    Format { name: "date", expected: "a date as 2026-01-31 (RFC 3339)", check: time::is_date };
/// `time`.
pub const TIME: Format =
    Format { name: "time", expected: "a time as 10:00:00Z (RFC 3339)", check: time::is_time };
/// `duration`.
pub const DURATION: Format =
    Format { name: "duration", expected: "a duration as P1DT12H (ISO 8601)", check: time::is_duration };
/// `uuid`.
pub const UUID: Format = Format { name: "uuid", expected: "a UUID (RFC 9562)", check: text::is_uuid };
/// `email`.
pub const EMAIL: Format =
    Format { name: "email", expected: "an e-mail address (RFC 5321)", check: net::is_email };
/// `idn-email`.
pub const IDN_EMAIL: Format =
    Format { name: "idn-email", expected: "an e-mail address (RFC 6531)", check: net::is_idn_email };
/// `hostname`.
pub const HOSTNAME: Format =
    Format { name: "hostname", expected: "a host name (RFC 1123)", check: net::is_hostname };
/// `idn-hostname`.
pub const IDN_HOSTNAME: Format =
    Format { name: "idn-hostname", expected: "a host name (RFC 5890)", check: net::is_idn_hostname };
/// `ipv4`.
pub const IPV4: Format = Format { name: "ipv4", expected: "an IPv4 address (RFC 2673)", check: net::is_ipv4 };
/// `ipv6`.
pub const IPV6: Format = Format { name: "ipv6", expected: "an IPv6 address (RFC 4291)", check: net::is_ipv6 };
/// `uri`.
pub const URI: Format = Format { name: "uri", expected: "an absolute URI (RFC 3986)", check: net::is_uri };
/// `uri-reference`.
pub const URI_REFERENCE: Format = Format {
    name: "uri-reference",
    expected: "a URI or relative reference (RFC 3986)",
    check: net::is_uri_reference,
};
/// `iri`.
pub const IRI: Format = Format { name: "iri", expected: "an absolute IRI (RFC 3987)", check: net::is_iri };
/// `iri-reference`.
pub const IRI_REFERENCE: Format = Format {
    name: "iri-reference",
    expected: "an IRI or relative reference (RFC 3987)",
    check: net::is_iri_reference,
};
/// `uri-template`.
pub const URI_TEMPLATE: Format =
    Format { name: "uri-template", expected: "a URI template (RFC 6570)", check: text::is_uri_template };
/// `json-pointer`.
pub const JSON_POINTER: Format =
    Format { name: "json-pointer", expected: "a JSON Pointer (RFC 6901)", check: text::is_json_pointer };
/// `relative-json-pointer`.
pub const RELATIVE_JSON_POINTER: Format = Format {
    name: "relative-json-pointer",
    expected: "a relative JSON Pointer",
    check: text::is_relative_json_pointer,
};
/// `regex`.
pub const REGEX: Format =
    Format { name: "regex", expected: "a regular expression (ECMA-262)", check: text::is_regex };
/// `byte`.
pub const BYTE: Format = Format { name: "byte", expected: "base64 (RFC 4648 §4)", check: text::is_base64 };
/// `base64url`.
pub const BASE64URL: Format =
    Format { name: "base64url", expected: "base64url (RFC 4648 §5)", check: text::is_base64url };
/// `char`.
pub const CHAR: Format = Format { name: "char", expected: "a single character", check: text::is_char };
