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
pub(crate) const STATUSES: &[&str] = &["active", "pending", "done", "open"];
pub(crate) const SENTENCES: &[&str] = &[
    "A short note on the quiet harbor.",
    "Everything needed for a calm start.",
    "Made for long walks and early mornings.",
    "Small, steady and easy to keep.",
    "The plain version, with nothing left out.",
];
