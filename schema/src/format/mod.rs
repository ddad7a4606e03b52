//! What each `format` means: the one table that validator, sampler and boundaries share.
//!
//! Sources: JSON Schema Validation 2020-12 §7.3, the OpenAPI Format Registry. A name that is not in the table is an
//! annotation: it constrains nothing.

mod net;
mod range;
mod text;
mod time;

pub(crate) use range::{Range, range};

use crate::random::Random;

/// A format of strings.
#[derive(Debug)]
pub(crate) struct Format {
    pub(crate) name: &'static str,
    /// What it asks for, to follow "expected"; `None` for a hint that is not asserted.
    pub(crate) check: Option<fn(&str) -> bool>,
    pub(crate) expected: &'static str,
    pub(crate) sample: fn(&mut Random) -> String,
}

/// The format of this name, where it has a meaning here.
pub(crate) fn find(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

const fn asserted(
    name: &'static str,
    expected: &'static str,
    check: fn(&str) -> bool,
    sample: fn(&mut Random) -> String,
) -> Format {
    Format { name, check: Some(check), expected, sample }
}

/// A name in wide use that no specification gives a grammar: it guides samples and asserts nothing.
const fn hint(name: &'static str, sample: fn(&mut Random) -> String) -> Format {
    Format { name, check: None, expected: "text", sample }
}

static FORMATS: [Format; 38] = [
    asserted(
        "date-time",
        "a date and time as 2026-01-31T10:00:00Z (RFC 3339)",
        time::is_date_time,
        time::date_time,
    ),
    asserted("date", "a date as 2026-01-31 (RFC 3339)", time::is_date, time::date),
    asserted("time", "a time as 10:00:00Z (RFC 3339)", time::is_time, time::time),
    asserted("duration", "a duration as P1DT12H (ISO 8601)", time::is_duration, time::duration),
    asserted("uuid", "a UUID (RFC 9562)", text::is_uuid, text::uuid),
    asserted("email", "an e-mail address (RFC 5321)", net::is_email, net::email),
    asserted("idn-email", "an e-mail address (RFC 6531)", net::is_idn_email, net::email),
    asserted("hostname", "a host name (RFC 1123)", net::is_hostname, net::hostname),
    asserted("idn-hostname", "a host name (RFC 5890)", net::is_idn_hostname, net::hostname),
    asserted("ipv4", "an IPv4 address (RFC 2673)", net::is_ipv4, net::ipv4),
    asserted("ipv6", "an IPv6 address (RFC 4291)", net::is_ipv6, net::ipv6),
    asserted("uri", "an absolute URI (RFC 3986)", net::is_uri, net::uri),
    asserted("uri-reference", "a URI or relative reference (RFC 3986)", net::is_uri_reference, net::uri),
    asserted("iri", "an absolute IRI (RFC 3987)", net::is_iri, net::uri),
    asserted("iri-reference", "an IRI or relative reference (RFC 3987)", net::is_iri_reference, net::uri),
    asserted("uri-template", "a URI template (RFC 6570)", text::is_uri_template, text::uri_template),
    asserted("json-pointer", "a JSON Pointer (RFC 6901)", text::is_json_pointer, text::json_pointer),
    asserted(
        "relative-json-pointer",
        "a relative JSON Pointer",
        text::is_relative_json_pointer,
        text::relative_json_pointer,
    ),
    asserted("regex", "a regular expression (ECMA-262)", text::is_regex, text::regex),
    asserted("byte", "base64 (RFC 4648 §4)", text::is_base64, text::base64),
    asserted("base64url", "base64url (RFC 4648 §5)", text::is_base64url, text::base64url),
    asserted("char", "a single character", text::is_char, text::character),
    hint("binary", text::words),
    hint("country", text::country),
    hint("currency", text::currency),
    hint("date-time-rfc1123", time::http_date),
    hint("datetime", time::date_time),
    hint("decimal", text::decimal),
    hint("guid", text::uuid),
    hint("hex", text::hex),
    hint("http-date", time::http_date),
    hint("ip", net::ipv4),
    hint("language", text::language),
    hint("password", text::password),
    hint("phone", text::phone),
    hint("timezone", text::timezone),
    hint("ulid", text::ulid),
    hint("url", net::uri),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;

    #[test]
    fn every_format_samples_what_it_admits() {
        for format in &FORMATS {
            for seed in 0..200 {
                let sample = (format.sample)(&mut Seed::root(seed).random());
                assert!(format.check.is_none_or(|check| check(&sample)), "{}: {sample}", format.name);
            }
        }
    }
}
