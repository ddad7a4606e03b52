//! Samples of encodings, pointers and identifiers.

use base64::{Engine, engine::general_purpose};

use crate::{random::Random, words};

/// Version 4 (RFC 9562 §5.4).
pub(crate) fn uuid(random: &mut Random) -> String {
    let bits = (u128::from(random.next()) << 64) | u128::from(random.next());
    uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid().to_string()
}

pub(crate) fn uri_template(random: &mut Random) -> String {
    format!("https://example.com/{}/{{id}}", random.word(words::NOUNS))
}

pub(crate) fn json_pointer(random: &mut Random) -> String {
    format!("/{}/{}", random.word(words::NOUNS), random.below(10))
}

pub(crate) fn relative_json_pointer(random: &mut Random) -> String {
    format!("{}/{}", random.below(3), random.word(words::NOUNS))
}

pub(crate) fn regex(random: &mut Random) -> String {
    format!("^{}-[0-9]+$", random.word(words::NOUNS))
}

pub(crate) fn base64(random: &mut Random) -> String {
    general_purpose::STANDARD.encode(words(random))
}

pub(crate) fn base64url(random: &mut Random) -> String {
    general_purpose::URL_SAFE_NO_PAD.encode(words(random))
}

pub(crate) fn character(random: &mut Random) -> String {
    random.text(b"abcdefghijklmnopqrstuvwxyz", 1)
}

/// Two or three plain words.
pub(crate) fn words(random: &mut Random) -> String {
    [random.word(words::ADJECTIVES), " ", random.word(words::NOUNS)].concat()
}

pub(crate) fn country(random: &mut Random) -> String {
    random.word(words::COUNTRY_CODES).to_owned()
}

pub(crate) fn currency(random: &mut Random) -> String {
    random.word(words::CURRENCIES).to_owned()
}

pub(crate) fn language(random: &mut Random) -> String {
    random.word(words::LANGUAGES).to_owned()
}

pub(crate) fn timezone(random: &mut Random) -> String {
    random.word(words::TIMEZONES).to_owned()
}

/// North American numbers set aside for fiction, in E.164.
pub(crate) fn phone(random: &mut Random) -> String {
    format!("+1202555{:04}", 100 + random.below(100))
}

pub(crate) fn decimal(random: &mut Random) -> String {
    format!("{}.{:02}", 1 + random.below(999), random.below(100))
}

pub(crate) fn password(random: &mut Random) -> String {
    format!("{}-{}-{}", random.word(words::NOUNS), random.word(words::NOUNS), random.below(1000))
}

pub(crate) fn hex(random: &mut Random) -> String {
    random.text(b"0123456789abcdef", 16)
}

pub(crate) fn ulid(random: &mut Random) -> String {
    format!("01H{}", random.text(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", 23))
}
