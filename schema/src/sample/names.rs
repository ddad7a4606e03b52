//! Plausible texts and numbers for the name of a property, from tables.

use super::around::Shared;
use super::name_words::Words;
use super::pictures;
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
    /// What it shares with other members of its object.
    pub(super) shared: Option<Shared>,
    /// The format that its name means.
    pub(super) format: Option<&'static str>,
    /// The width and height of the picture whose URL it is.
    pub(super) picture: Option<(u32, u32)>,
}

impl Suit {
    /// What suits where there is no name.
    pub(crate) const NONE: Suit =
        Suit { text: plain, numbers: None, shared: None, format: None, picture: None };

    pub(crate) fn of(name: &str) -> Suit {
        let words = Words::of(name);
        let format = by_format(&words);
        let text = format.map(|format| format.sample).or_else(|| by_word(&words)).unwrap_or(plain);
        let (shared, numbers) = (Shared::of(&words), numbers(&words));
        let (numbers, format) = (bounded(&words, numbers), format.map(|format| format.name));
        Suit { text, numbers, shared, format, picture: pictures::of_words(&words) }
    }

    /// Whether only people have such a property.
    pub(super) fn is_of_person(&self) -> bool {
        use Shared::{Age, Birth, Email, FirstName, Gender, Handle, LastName};
        matches!(self.shared, Some(Age | Birth | Email | FirstName | Gender | Handle | LastName))
    }
}

fn plain(random: &mut Random) -> String {
    [random.word(words::ADJECTIVES), " ", random.word(words::NOUNS)].concat()
}

/// The half of a range that `min` or `max` before its name leaves.
fn bounded(words: &Words, numbers: Option<(i64, i64)>) -> Option<(i64, i64)> {
    let is = |names: [&str; 2]| names.contains(&words.first.as_str()) || names.contains(&words.last.as_str());
    let (low, high) = numbers.unwrap_or((1, 100));
    let middle = low + (high - low) / 2;
    match (is(["min", "minimum"]), is(["max", "maximum"])) {
        (true, false) => Some((low, middle)),
        (false, true) => Some((middle + 1, high)),
        _ => numbers,
    }
}

/// Names that mean a format.
fn by_format(words: &Words) -> Option<&'static Format> {
    let last = words.last.as_str();
    let is = |names: &[&str]| names.contains(&last);
    let name = if is(&["email", "mail"]) {
        "email"
    } else if is(&[
        "url",
        "uri",
        "href",
        "link",
        "website",
        "homepage",
        "webhook",
        "avatar",
        "image",
        "photo",
        "logo",
        "picture",
        "thumbnail",
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
    } else if is(&["ip", "ipv4", "ipaddress"]) || words.before == "ip" && last == "address" {
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
        "iban" => iban,
        "bic" | "swift" => {
            |random| format!("{}DE{}", random.text(b"ABCDEFGHKLMN", 4), random.text(b"23456789", 2))
        }
        "mac" | "macaddress" => mac,
        "address" if before == "mac" => mac,
        "gender" | "sex" => |random| random.word(&["female", "male"]).to_owned(),
        "agent" if before == "user" => user_agent,
        "useragent" => user_agent,
        "title" if before == "job" => |random| random.word(words::TITLES).to_owned(),
        "jobtitle" => |random| random.word(words::TITLES).to_owned(),
        "year" => |random| (2020 + random.below(7)).to_string(),
        "brand" | "publisher" | "supplier" => |random| random.word(words::COMPANIES).to_owned(),
        "category" | "categories" | "department" => |random| random.word(words::CATEGORIES).to_owned(),
        "slug" | "permalink" => {
            |random| format!("{}-{}", random.word(words::ADJECTIVES), random.word(words::NOUNS))
        }
        "tags" | "labels" | "keywords" => |random| random.word(words::NOUNS).to_owned(),
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
        "key" | "tag" | "type" | "kind" | "group" | "topic" | "ref" | "branch" => {
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

/// A German IBAN whose check digits are right (ISO 13616): 98 less the number modulo 97.
fn iban(random: &mut Random) -> String {
    let account = random.text(b"0123456789", 18);
    let digits = format!("{account}131400");
    let rest = digits.bytes().fold(0, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97);
    format!("DE{:02}{account}", 98 - rest)
}

/// A MAC address that is administered locally (IEEE 802, 8.4).
fn mac(random: &mut Random) -> String {
    let mut octets = (0..5).map(|_| format!("{:02x}", random.below(256)));
    std::iter::once("02".to_owned()).chain(&mut octets).collect::<Vec<_>>().join(":")
}

fn user_agent(random: &mut Random) -> String {
    let version = 120 + random.below(20);
    format!("Mozilla/5.0 (X11; Linux x86_64; rv:{version}.0) Gecko/20100101 Firefox/{version}.0")
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
