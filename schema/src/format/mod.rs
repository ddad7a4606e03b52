//! The formats of validator, sampler and boundaries: the assertion of each (`descant_runtime::format`), and its
//! samples. A name that is not in the table is an annotation: it constrains nothing.

mod net;
mod text;
mod time;

pub(crate) use descant_runtime::format::{Range, range};

use descant_runtime::format;

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

const fn asserted(format: &format::Format, sample: fn(&mut Random) -> String) -> Format {
    Format { name: format.name, check: Some(format.check), expected: format.expected, sample }
}

/// A name in wide use that no specification gives a grammar: it guides samples and asserts nothing.
const fn hint(name: &'static str, sample: fn(&mut Random) -> String) -> Format {
    Format { name, check: None, expected: "text", sample }
}

static FORMATS: [Format; 38] = [
    asserted(&format::DATE_TIME, time::date_time),
    asserted(&format::DATE, time::date),
    asserted(&format::TIME, time::time),
    asserted(&format::DURATION, time::duration),
    asserted(&format::UUID, text::uuid),
    asserted(&format::EMAIL, net::email),
    asserted(&format::IDN_EMAIL, net::email),
    asserted(&format::HOSTNAME, net::hostname),
    asserted(&format::IDN_HOSTNAME, net::hostname),
    asserted(&format::IPV4, net::ipv4),
    asserted(&format::IPV6, net::ipv6),
    asserted(&format::URI, net::uri),
    asserted(&format::URI_REFERENCE, net::uri),
    asserted(&format::IRI, net::uri),
    asserted(&format::IRI_REFERENCE, net::uri),
    asserted(&format::URI_TEMPLATE, text::uri_template),
    asserted(&format::JSON_POINTER, text::json_pointer),
    asserted(&format::RELATIVE_JSON_POINTER, text::relative_json_pointer),
    asserted(&format::REGEX, text::regex),
    asserted(&format::BYTE, text::base64),
    asserted(&format::BASE64URL, text::base64url),
    asserted(&format::CHAR, text::character),
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
