//! Values that agree within an object: the names of one person, the words for one place, the times of one history, the parts
//! of one sum. Each is a function of the object's seed and the property's name, so none needs to know the others.

use super::name_words::Words;
use crate::{
    random::{Random, Seed},
    words::{FIRST_NAMES, LAST_NAMES, PLACES, Place},
};

/// Seconds of a day.
const DAY: i64 = 86_400;
/// The age of a history's first event in days, at least: all later stages but the future ones are over by now.
const OLDEST: i64 = 240;

/// The object that a property is in.
#[derive(Clone, Copy)]
pub(super) struct Around {
    seed: Seed,
    /// The seed of the record, for the place.
    record: Seed,
    /// Whether the object describes a person.
    pub(super) is_person: bool,
    /// Seconds since 1970.
    now: i64,
}

/// What a property shares with others of its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shared {
    FirstName,
    LastName,
    FullName,
    /// The full name in an object that describes a person.
    NameOfPerson,
    Email,
    Handle,
    Gender,
    Age,
    City,
    Country,
    CountryCode,
    Currency,
    Timezone,
    Language,
    Latitude,
    Longitude,
    /// A time, by the days after the first event of the history: from, to.
    Time(i64, i64),
    /// A time in the future.
    Future,
    Birth,
    Net,
    Tax,
    Gross,
}

impl Shared {
    /// Returns what the words of a name share; `None` where a property stands for itself.
    pub(super) fn of(words: &Words) -> Option<Shared> {
        let (before, last) = (words.before.as_str(), words.last.as_str());
        Some(match (before, last) {
            ("first" | "given" | "fore", "name") | (_, "firstname" | "givenname") => Shared::FirstName,
            ("last" | "family" | "sur", "name") | (_, "lastname" | "surname") => Shared::LastName,
            ("full" | "display" | "real", "name") | (_, "fullname" | "displayname") => Shared::FullName,
            ("", "name") => Shared::NameOfPerson,
            ("" | "contact" | "primary", "email" | "mail") => Shared::Email,
            ("user" | "screen" | "nick", "name") | (_, "username" | "login" | "nickname" | "handle") => {
                Shared::Handle
            }
            ("", "gender" | "sex") => Shared::Gender,
            ("", "age") => Shared::Age,
            ("country", "code") | (_, "countrycode") => Shared::CountryCode,
            ("currency", "code") | (_, "currency" | "currencycode") => Shared::Currency,
            (_, "city" | "town") => Shared::City,
            (_, "country" | "nation") => Shared::Country,
            (_, "timezone" | "tz") | ("time", "zone") => Shared::Timezone,
            (_, "language" | "lang" | "locale") => Shared::Language,
            (_, "lat" | "latitude") => Shared::Latitude,
            (_, "lng" | "lon" | "long" | "longitude") => Shared::Longitude,
            ("", "subtotal") | ("sub" | "net", "total" | "amount") => Shared::Net,
            ("", "tax" | "vat") | ("tax" | "vat", "amount" | "total") => Shared::Tax,
            ("", "total") | ("total" | "gross", "amount" | "price") | ("grand" | "gross", "total") => {
                Shared::Gross
            }
            ("birth" | "of", "date" | "birth") | (_, "birthday" | "birthdate" | "dob") => Shared::Birth,
            _ => return Shared::of_time(words),
        })
    }

    /// Returns the stage of a history that a name means: `createdAt`, `shipped_on`, `endDate`, `validTo`, `updated`.
    fn of_time(words: &Words) -> Option<Shared> {
        const TIMES: [&str; 8] = ["at", "on", "date", "time", "day", "timestamp", "datetime", "from"];
        const ENDS: [&str; 3] = ["to", "until", "till"];
        let (before, last) = (words.before.as_str(), words.last.as_str());
        let is_time = TIMES.contains(&last);
        let is_validity = matches!(before, "valid" | "effective" | "active" | "" | "date");
        match last {
            "from" | "since" if is_validity => return Some(Shared::Time(0, 10)),
            _ if ENDS.contains(&last) && is_validity => return Some(Shared::Time(121, OLDEST)),
            _ => {}
        }
        let stage = if is_time && !before.is_empty() { before } else { last };
        match (stage, before, last) {
            ("in", _, _) | (_, "check", "in") | ("checkin", ..) => return Some(Shared::Time(21, 30)),
            ("out", _, _) | (_, "check", "out") | ("checkout", ..) => return Some(Shared::Time(31, 45)),
            _ => {}
        }
        Some(match stage {
            "created" | "create" | "creation" | "registered" | "joined" | "opened" | "issued" | "ordered"
            | "placed" | "order" | "booked" | "submitted" | "added" | "founded" | "published" => {
                Shared::Time(0, 10)
            }
            "paid" | "payment" | "confirmed" | "approved" | "accepted" | "start" | "started" | "starts"
            | "begin" | "begins" | "departure" => Shared::Time(11, 20),
            "shipped" | "sent" | "picked" | "shipping" => Shared::Time(21, 30),
            "delivered" | "delivery" | "received" | "arrived" | "arrival" => Shared::Time(31, 45),
            "updated" | "update" | "modified" | "changed" | "edited" => Shared::Time(46, 120),
            "login" | "seen" | "end" | "ended" | "ends" | "completed" | "finished" | "closed"
            | "resolved" | "deleted" | "cancelled" | "canceled" | "archived" => Shared::Time(121, OLDEST),
            "expires" | "expiry" | "expiration" | "due" | "renewal" => Shared::Future,
            _ => return None,
        })
    }
}

impl Around {
    pub(super) fn new(seed: Seed, outer: Option<Around>, is_person: bool, now: i64) -> Around {
        Around { seed, record: outer.map_or(seed, |outer| outer.record), is_person, now }
    }

    /// Returns the text of a shared value in a format; `None` where the format has no such texts.
    pub(super) fn text(&self, shared: Shared, format: Option<&str>) -> Option<String> {
        match (shared, format) {
            (Shared::Time(..) | Shared::Future | Shared::Birth, _) => self.time_text(shared, format?),
            (Shared::Email, None | Some("email" | "idn-email")) => {
                let (first, last) = self.person();
                Some(format!("{}.{}@example.com", first.to_lowercase(), last.to_lowercase()))
            }
            (Shared::CountryCode, None | Some("country")) => Some(self.place().code.to_owned()),
            (Shared::Currency, None | Some("currency")) => Some(self.place().currency.to_owned()),
            (Shared::Timezone, None | Some("timezone")) => Some(self.place().timezone.to_owned()),
            (Shared::Language, None | Some("language")) => Some(self.place().language.to_owned()),
            (_, Some(_)) => None,
            (shared, None) => self.word(shared),
        }
    }

    fn word(&self, shared: Shared) -> Option<String> {
        let (first, last) = self.person();
        Some(match shared {
            Shared::FirstName => first.to_owned(),
            Shared::LastName => last.to_owned(),
            Shared::FullName => format!("{first} {last}"),
            Shared::NameOfPerson if self.is_person => format!("{first} {last}"),
            Shared::Handle => format!("{}{}", first.to_lowercase(), 10 + self.random("handle").below(90)),
            Shared::Gender => self.gender().to_owned(),
            Shared::City => self.place().city.to_owned(),
            Shared::Country => self.place().country.to_owned(),
            _ => return None,
        })
    }

    /// Returns the range of a shared number, both ends included.
    pub(super) fn numbers(&self, shared: Shared) -> Option<(i64, i64)> {
        let one = |number: i64| Some((number, number));
        match shared {
            Shared::Age => one(self.age()),
            Shared::Latitude => Some((self.place().latitude, self.place().latitude + 1)),
            Shared::Longitude => Some((self.place().longitude, self.place().longitude + 1)),
            Shared::Net => one(self.net()),
            Shared::Tax => one(self.net() / 5),
            Shared::Gross => one(self.net() + self.net() / 5),
            Shared::Time(..) | Shared::Future | Shared::Birth => one(self.time(shared)),
            _ => None,
        }
    }

    fn random(&self, purpose: &str) -> Random {
        self.seed.member(purpose).random()
    }

    fn person(&self) -> (&'static str, &'static str) {
        let mut random = self.random("person");
        (random.word(FIRST_NAMES), random.word(LAST_NAMES))
    }

    /// Returns the usual gender of the first name: the names of the table alternate, but for some.
    fn gender(&self) -> &'static str {
        const MALE: [&str; 9] = ["Bruno", "Dario", "Farid", "Hugo", "Jonas", "Liam", "Otto", "Remy", "Tomas"];
        if MALE.contains(&self.person().0) { "male" } else { "female" }
    }

    fn place(&self) -> &'static Place {
        let at = self.record.member("place").random().below(PLACES.len());
        PLACES.get(at).unwrap_or(&Place::NOWHERE)
    }

    fn age(&self) -> i64 {
        19 + i64::try_from(self.random("age").below(60)).unwrap_or_default()
    }

    /// A multiple of five, so that the tax is whole.
    fn net(&self) -> i64 {
        5 * i64::try_from(10 + self.random("net").below(70)).unwrap_or_default()
    }

    /// Returns a time in seconds since 1970.
    fn time(&self, shared: Shared) -> i64 {
        let between = |purpose: &str, low: i64, high: i64| {
            let drawn = self.random(purpose).between(low.into(), high.into());
            i64::try_from(drawn).unwrap_or(low)
        };
        match shared {
            Shared::Birth => self.now - (self.age() * 1461 / 4 + between("birth", 1, 300)) * DAY,
            Shared::Future => self.now + between("future", 30 * DAY, 365 * DAY),
            Shared::Time(from, to) => {
                let first = self.now - between("history", (OLDEST + 2) * DAY, 2 * OLDEST * DAY);
                // The stages of a history have the days between them to themselves.
                first + between(&format!("{from}"), from * DAY, to * DAY)
            }
            _ => self.now,
        }
    }

    fn time_text(&self, shared: Shared, format: &str) -> Option<String> {
        let time = self.time(shared);
        let (days, seconds) = (time.div_euclid(DAY), time.rem_euclid(DAY));
        let (year, month, day) = date(days);
        let date = format!("{year:04}-{month:02}-{day:02}");
        match format {
            "date" => Some(date),
            "date-time" | "datetime" => {
                let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
                Some(format!("{date}T{hour:02}:{minute:02}:{second:02}Z"))
            }
            _ => None,
        }
    }
}

/// Returns year, month and day of a number of days since 1970 (Hinnant, `civil_from_days`).
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let part = (5 * of_year + 2) / 153;
    let (day, month) = (of_year - (153 * part + 2) / 5 + 1, if part < 10 { part + 3 } else { part - 9 });
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{Direction, Sampler};

    #[test]
    fn days_are_dates() {
        assert_eq!(date(0), (1970, 1, 1));
        assert_eq!(date(20_454), (2026, 1, 1));
        assert_eq!(date(11_016), (2000, 2, 29));
    }

    /// Samples an object with these properties, and checks it for many seeds.
    fn check(properties: Value, holds: fn(&Value) -> bool) {
        let schema = json!({"type": "object", "properties": properties});
        let sampler = Sampler::new(&schema, Direction::Response).unwrap();
        for seed in 0..50 {
            let value = sampler.sample(seed).unwrap();
            assert!(holds(&value), "{value}");
        }
    }

    #[test]
    fn one_person_has_one_name() {
        let text = json!({"type": "string"});
        let person =
            json!({"firstName": text, "last_name": text, "fullName": text, "email": text, "name": text});
        check(person, |it| {
            let (first, last) = (it["firstName"].as_str().unwrap(), it["last_name"].as_str().unwrap());
            it["fullName"] == format!("{first} {last}")
                && it["name"] == it["fullName"]
                && it["email"] == format!("{first}.{last}@example.com").to_lowercase()
        });
    }

    #[test]
    fn one_history_is_in_order() {
        let (time, date) =
            (json!({"type": "string", "format": "date-time"}), json!({"type": "string", "format": "date"}));
        let history = json!({
            "createdAt": time, "placedAt": time, "shippedAt": time, "deliveredAt": time, "updated_at": {"type": "string"},
            "startDate": date, "endDate": date, "validFrom": date, "validTo": date, "checkIn": time, "checkOut": time,
            "birthDate": date,
        });
        check(history, |it| {
            let text = |name: &str| it[name].as_str().unwrap().to_owned();
            let pairs = [
                ("createdAt", "updated_at"),
                ("placedAt", "shippedAt"),
                ("shippedAt", "deliveredAt"),
                ("startDate", "endDate"),
                ("validFrom", "validTo"),
                ("checkIn", "checkOut"),
                ("birthDate", "createdAt"),
            ];
            pairs.iter().all(|(a, b)| text(a) <= text(b)) && text("updated_at").as_str() < "2026-01-02"
        });
    }

    #[test]
    fn parts_add_up_and_bounds_are_in_order() {
        let number = json!({"type": "number"});
        let sum = json!({"subtotal": number, "tax": number, "total": number, "minPrice": number, "maxPrice": number});
        check(sum, |it| {
            let of = |name: &str| it[name].as_f64().unwrap();
            of("subtotal") + of("tax") == of("total") && of("minPrice") <= of("maxPrice")
        });
    }

    #[test]
    fn one_place_has_one_country() {
        let text = json!({"type": "string"});
        check(json!({"city": text, "country": text, "countryCode": text}), |it| {
            PLACES.iter().any(|place| {
                it["city"] == place.city && it["country"] == place.country && it["countryCode"] == place.code
            })
        });
    }
}
