//! Samples of network addresses: mail, hosts, IP, URIs.

use crate::{random::Random, words};

/// Reserved for examples (RFC 2606): mail sent there reaches no one.
pub(crate) fn email(random: &mut Random) -> String {
    let (first, last) = (random.word(words::FIRST_NAMES), random.word(words::LAST_NAMES));
    let mut text = [first, ".", last, "@example.com"].concat();
    text.make_ascii_lowercase();
    text
}

pub(crate) fn hostname(random: &mut Random) -> String {
    format!("{}.example.com", random.word(words::NOUNS))
}

/// RFC 5737: addresses for documentation.
pub(crate) fn ipv4(random: &mut Random) -> String {
    format!("192.0.2.{}", 1 + random.below(254))
}

/// RFC 3849: addresses for documentation.
pub(crate) fn ipv6(random: &mut Random) -> String {
    format!("2001:db8::{:x}", 1 + random.below(0xfffe))
}

pub(crate) fn uri(random: &mut Random) -> String {
    format!("https://example.com/{}/{}", random.word(words::NOUNS), 1 + random.below(999))
}
