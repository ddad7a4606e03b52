//! The words of samples. Names are common given names and surnames; no combination refers to a person.

pub(crate) const FIRST_NAMES: &[&str] = &[
    "Ada", "Bruno", "Clara", "Dario", "Elin", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kira", "Liam",
    "Mila", "Noor", "Otto", "Paula", "Remy", "Sara", "Tomas", "Vera",
];
pub(crate) const LAST_NAMES: &[&str] = &[
    "Abel", "Berg", "Castro", "Dietz", "Engel", "Fischer", "Garcia", "Haas", "Ito", "Jansen", "Keller",
    "Lund", "Moreau", "Novak", "Okafor", "Petit", "Rossi", "Santos", "Tanaka", "Weber",
];
pub(crate) const ADJECTIVES: &[&str] = &[
    "amber", "brisk", "calm", "clear", "deep", "early", "fresh", "gentle", "green", "keen", "light",
    "mellow", "modern", "plain", "quick", "quiet", "round", "silver", "steady", "warm",
];
pub(crate) const NOUNS: &[&str] = &[
    "anchor", "bridge", "canvas", "cedar", "circle", "field", "garden", "harbor", "lantern", "meadow",
    "orchard", "paper", "pebble", "river", "signal", "stone", "summit", "timber", "valley", "window",
];
pub(crate) const CITIES: &[&str] = &[
    "Accra", "Bergen", "Bogota", "Cusco", "Dakar", "Fukuoka", "Galway", "Ghent", "Hamburg", "Izmir", "Lyon",
    "Oslo", "Porto", "Quito", "Riga", "Seville", "Tartu", "Turin", "Utrecht", "Vienna",
];
pub(crate) const STREETS: &[&str] = &[
    "Bridge Street",
    "Cedar Lane",
    "Garden Road",
    "Harbor Way",
    "Mill Street",
    "Orchard Avenue",
    "Station Road",
];
pub(crate) const COUNTRIES: &[&str] =
    &["Austria", "Chile", "Estonia", "France", "Ghana", "Italy", "Japan", "Norway", "Peru", "Portugal"];
pub(crate) const COUNTRY_CODES: &[&str] = &["AT", "CL", "EE", "FR", "GH", "IT", "JP", "NO", "PE", "PT"];
pub(crate) const REGIONS: &[&str] = &["Alto", "Centro", "Eastmark", "Norland", "Southern Coast", "Westfold"];
pub(crate) const CURRENCIES: &[&str] = &["CHF", "EUR", "GBP", "JPY", "NOK", "USD"];
pub(crate) const LANGUAGES: &[&str] = &["de", "en", "es", "fr", "it", "ja", "nb", "pt"];
pub(crate) const TIMEZONES: &[&str] =
    &["Africa/Accra", "America/Lima", "Asia/Tokyo", "Europe/Oslo", "Europe/Paris", "Pacific/Auckland"];
pub(crate) const COMPANIES: &[&str] =
    &["Amber Works", "Cedar & Stone", "Harbor Labs", "Lantern Press", "Northfield"];
pub(crate) const TITLES: &[&str] =
    &["Engineer", "Editor", "Gardener", "Librarian", "Manager", "Researcher", "Translator"];
pub(crate) const COLORS: &[&str] = &["blue", "coral", "green", "indigo", "olive", "orange", "teal", "white"];
pub(crate) const CATEGORIES: &[&str] =
    &["Books", "Garden", "Kitchen", "Music", "Office", "Outdoors", "Tools", "Toys"];
pub(crate) const STATUSES: &[&str] = &["active", "pending", "done", "open"];
pub(crate) const SENTENCES: &[&str] = &[
    "A short note on the quiet harbor.",
    "Everything needed for a calm start.",
    "Made for long walks and early mornings.",
    "Small, steady and easy to keep.",
    "The plain version, with nothing left out.",
];

/// A city with what belongs to it.
pub(crate) struct Place {
    pub(crate) city: &'static str,
    pub(crate) country: &'static str,
    pub(crate) code: &'static str,
    pub(crate) currency: &'static str,
    pub(crate) timezone: &'static str,
    pub(crate) language: &'static str,
    /// In whole degrees.
    pub(crate) latitude: i64,
    pub(crate) longitude: i64,
}

impl Place {
    pub(crate) const NOWHERE: Place = Place::new(["", "", "", "", "", ""], (0, 0));

    const fn new(texts: [&'static str; 6], (latitude, longitude): (i64, i64)) -> Place {
        let [city, country, code, currency, timezone, language] = texts;
        Place { city, country, code, currency, timezone, language, latitude, longitude }
    }
}

pub(crate) const PLACES: &[Place] = &[
    Place::new(["Accra", "Ghana", "GH", "GHS", "Africa/Accra", "en"], (5, -1)),
    Place::new(["Bergen", "Norway", "NO", "NOK", "Europe/Oslo", "nb"], (60, 5)),
    Place::new(["Cusco", "Peru", "PE", "PEN", "America/Lima", "es"], (-14, -72)),
    Place::new(["Fukuoka", "Japan", "JP", "JPY", "Asia/Tokyo", "ja"], (33, 130)),
    Place::new(["Galway", "Ireland", "IE", "EUR", "Europe/Dublin", "en"], (53, -10)),
    Place::new(["Hamburg", "Germany", "DE", "EUR", "Europe/Berlin", "de"], (53, 9)),
    Place::new(["Lyon", "France", "FR", "EUR", "Europe/Paris", "fr"], (45, 4)),
    Place::new(["Porto", "Portugal", "PT", "EUR", "Europe/Lisbon", "pt"], (41, -9)),
    Place::new(["Tartu", "Estonia", "EE", "EUR", "Europe/Tallinn", "et"], (58, 26)),
    Place::new(["Turin", "Italy", "IT", "EUR", "Europe/Rome", "it"], (45, 7)),
    Place::new(["Vienna", "Austria", "AT", "EUR", "Europe/Vienna", "de"], (48, 16)),
    Place::new(["York", "United Kingdom", "GB", "GBP", "Europe/London", "en"], (53, -2)),
];
