//! Plausible texts and numbers for the name of a property, from tables.

use crate::{
    format::{self, Format},
    random::Random,
    words,
};

/// What suits a property, by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Suit {
    pub(super) text: fn(&mut Random) -> String,
    /// From the first to the last.
    pub(super) numbers: Option<(i64, i64)>,
}

impl Suit {
    /// What suits where there is no name.
    pub(crate) const NONE: Suit = Suit { text: plain, numbers: None };

    pub(crate) fn of(name: &str) -> Suit {
        let words = Words::of(name);
        let text = by_format(&words).map(|format| format.sample).or_else(|| by_word(&words)).unwrap_or(plain);
        Suit { text, numbers: numbers(&words) }
    }
}

fn plain(random: &mut Random) -> String {
    [random.word(words::ADJECTIVES), " ", random.word(words::NOUNS)].concat()
}

/// The words of a name, in lower case: `createdAt`, `created_at` and `Created-At` are the same two.
#[derive(Default)]
struct Words {
    count: usize,
    last: String,
    /// The word before the last.
    before: String,
}

impl Words {
    fn of(name: &str) -> Words {
        let mut words = Words::default();
        let mut was_lower = false;
        let mut is_within = false;
        for c in name.chars() {
            let is_part = c.is_alphanumeric();
            if is_part && (!is_within || c.is_uppercase() && was_lower) {
                words.count += 1;
                words.before = std::mem::take(&mut words.last);
            }
            if is_part {
                words.last.extend(c.to_lowercase());
            }
            (is_within, was_lower) = (is_part, c.is_lowercase());
        }
        words
    }
}

/// Names that mean a format.
fn by_format(words: &Words) -> Option<&'static Format> {
    let last = words.last.as_str();
    let is = |names: &[&str]| names.contains(&last);
    let name = if is(&["email", "mail"]) {
        "email"
    } else if is(&[
        "url", "uri", "href", "link", "website", "homepage", "webhook", "avatar", "image", "photo", "logo",
    ]) {
        "uri"
    } else if is(&["uuid", "guid"]) {
        "uuid"
    } else if is(&["at", "timestamp", "datetime"]) && (words.count > 1 || last != "at") {
        "date-time"
    } else if is(&["date", "day", "birthday", "dob", "on"]) && (words.count > 1 || last != "on") {
        "date"
    } else if is(&["phone", "mobile", "fax", "telephone"]) {
        "phone"
    } else if is(&["ip", "ipv4"]) {
        "ipv4"
    } else if is(&["host", "hostname", "domain"]) {
        "hostname"
    } else if is(&["currency"]) {
        "currency"
    } else if is(&["locale", "language", "lang"]) {
        "language"
    } else if is(&["timezone", "tz"]) {
        "timezone"
    } else if is(&["price", "amount", "total", "cost", "balance"]) {
        "decimal"
    } else if is(&["token", "secret", "hash", "sha", "checksum", "signature", "etag", "digest"]) {
        "hex"
    } else {
        return None;
    };
    format::find(name)
}

/// Names that mean words of a table.
fn by_word(words: &Words) -> Option<fn(&mut Random) -> String> {
    let Words { before, last, .. } = words;
    let (before, last) = (before.as_str(), last.as_str());
    let is_person = ["first", "given", "fore"].contains(&before);
    let is_family = ["last", "family", "sur"].contains(&before);
    let text: fn(&mut Random) -> String = match last {
        "name" | "firstname" | "givenname" if is_person || last != "name" => {
            |random| random.word(words::FIRST_NAMES).to_owned()
        }
        "name" | "lastname" | "surname" if is_family || last != "name" => {
            |random| random.word(words::LAST_NAMES).to_owned()
        }
        "name"
            if ["full", "display", "user", "owner", "author", "customer", "contact", "holder"]
                .contains(&before) =>
        {
            full_name
        }
        "author" | "owner" | "creator" | "customer" | "fullname" => full_name,
        "username" | "login" | "nickname" | "handle" => {
            |random| format!("{}{}", random.word(words::FIRST_NAMES).to_lowercase(), 10 + random.below(90))
        }
        "name" | "title" | "label" | "subject" | "summary" | "headline" => {
            |random| capitalized(plain(random))
        }
        "city" | "town" | "place" => |random| random.word(words::CITIES).to_owned(),
        "country" | "nation" => |random| random.word(words::COUNTRIES).to_owned(),
        "code" if before == "country" => |random| random.word(words::COUNTRY_CODES).to_owned(),
        "code" if before == "language" => |random| random.word(words::LANGUAGES).to_owned(),
        "code" if before == "currency" => |random| random.word(words::CURRENCIES).to_owned(),
        "code" if ["postal", "zip", "post"].contains(&before) => postcode,
        "zip" | "postcode" | "zipcode" => postcode,
        "state" | "region" | "province" | "county" => |random| random.word(words::REGIONS).to_owned(),
        "street" | "address" | "line1" | "address1" => {
            |random| format!("{} {}", 1 + random.below(199), random.word(words::STREETS))
        }
        "company" | "organization" | "organisation" | "vendor" | "manufacturer" => {
            |random| random.word(words::COMPANIES).to_owned()
        }
        "job" | "role" | "position" | "occupation" => |random| random.word(words::TITLES).to_owned(),
        "color" | "colour" => |random| random.word(words::COLORS).to_owned(),
        "status" => |random| random.word(words::STATUSES).to_owned(),
        "description" | "text" | "body" | "content" | "comment" | "message" | "note" | "notes" | "bio"
        | "about" | "details" | "reason" => |random| random.word(words::SENTENCES).to_owned(),
        "slug" | "key" | "tag" | "category" | "type" | "kind" | "group" | "topic" | "ref" | "branch" => {
            |random| random.word(words::NOUNS).to_owned()
        }
        "filename" | "file" | "path" => |random| format!("{}.txt", random.word(words::NOUNS)),
        "version" => |random| format!("{}.{}.{}", random.below(4), random.below(10), random.below(10)),
        "id" | "identifier" | "code" | "number" | "sku" | "reference" => {
            |random| random.text(b"0123456789abcdefghjkmnpqrstvwxyz", 12)
        }
        _ => return None,
    };
    Some(text)
}

fn full_name(random: &mut Random) -> String {
    [random.word(words::FIRST_NAMES), " ", random.word(words::LAST_NAMES)].concat()
}

fn postcode(random: &mut Random) -> String {
    random.text(b"123456789", 5)
}

/// Text of the tables of words: ASCII.
fn capitalized(mut text: String) -> String {
    text.get_mut(..1).into_iter().for_each(str::make_ascii_uppercase);
    text
}

/// The numbers that suit a property of this name, both ends included.
fn numbers(words: &Words) -> Option<(i64, i64)> {
    Some(match words.last.as_str() {
        "age" => (18, 80),
        "year" => (2020, 2026),
        "month" => (1, 12),
        "day" => (1, 28),
        "hour" | "hours" => (0, 23),
        "minute" | "minutes" | "second" | "seconds" => (0, 59),
        "lat" | "latitude" => (-60, 70),
        "lng" | "lon" | "long" | "longitude" => (-180, 180),
        "percent" | "percentage" | "progress" => (0, 100),
        "rating" | "stars" | "score" => (1, 5),
        "port" => (1024, 49_151),
        "count" | "quantity" | "qty" | "total" => (1, 50),
        "page" => (1, 10),
        "limit" => (10, 100),
        "offset" => (0, 0),
        "width" | "height" => (64, 1920),
        "price" | "amount" | "cost" => (1, 500),
        "timestamp" | "at" | "created" | "updated" | "modified" if words.count > 1 || words.last != "at" => {
            (1_580_000_000, 1_790_000_000)
        }
        "size" | "bytes" => (512, 65_536),
        "status" => (200, 200),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;

    #[test]
    fn names_suggest_texts() {
        for (name, expected) in [
            ("email", "@example.com"),
            ("contactEmail", "@example.com"),
            ("created_at", "T"),
            ("homepage", "https://"),
            ("unit_price", "."),
            ("firstName", ""),
        ] {
            let sample = (Suit::of(name).text)(&mut Seed::root(3).random());
            assert!(sample.contains(expected) && !sample.is_empty(), "{name}: {sample}");
        }
    }
}
