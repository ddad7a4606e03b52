//! The formats that generated servers check.

/// The formats that `descant_runtime::format` asserts.
pub(super) const ASSERTED: [&str; 32] = [
    "date-time",
    "date",
    "time",
    "duration",
    "uuid",
    "email",
    "idn-email",
    "hostname",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "iri",
    "iri-reference",
    "uri-template",
    "json-pointer",
    "relative-json-pointer",
    "regex",
    "byte",
    "base64url",
    "char",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "double-int",
    "float",
];

#[cfg(test)]
mod tests {
    use descant_runtime::format;

    use super::ASSERTED;

    #[test]
    fn the_formats_that_are_checked_are_those_of_the_runtime() {
        let texts = format::FORMATS.iter().map(|format| format.name);
        assert!(texts.clone().all(|name| ASSERTED.contains(&name)));
        let known = |name: &&str| format::find(name).is_some() || format::range(name).is_some();
        assert!(ASSERTED.iter().all(known));
    }
}
