//! Formats of strings and the types of other crates that can stand for them: what `[formats]` selects.

/// A crate that types come from.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Dependency {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) features: &'static [&'static str],
    pub(crate) default_features: bool,
}

impl Dependency {
    /// What stands behind its name in a manifest.
    pub(crate) fn requirement(&self) -> String {
        let Dependency { version, features, .. } = self;
        let bare = if self.default_features { "" } else { ", default-features = false" };
        let features: Vec<String> = features.iter().map(|feature| format!("\"{feature}\"")).collect();
        format!("{{ version = \"{version}\"{bare}, features = [{}] }}", features.join(", "))
    }
}

const DEPENDENCIES: [Dependency; 5] = [
    Dependency { name: "chrono", version: "0.4.45", features: &["serde", "std"], default_features: false },
    Dependency { name: "jiff", version: "0.2.43", features: &["serde", "std"], default_features: false },
    Dependency {
        name: "rust_decimal",
        version: "1.43.0",
        features: &["serde", "std"],
        default_features: false,
    },
    Dependency { name: "url", version: "2.5.8", features: &["serde"], default_features: true },
    Dependency { name: "uuid", version: "1.29.1", features: &["serde"], default_features: true },
];

/// A format, what selects a type for it, and the type's path. What selects it first is in force unless said otherwise.
const FORMATS: [(&str, &str, &str); 19] = [
    ("uuid", "string", "String"),
    ("uuid", "uuid", "uuid::Uuid"),
    ("date-time", "string", "String"),
    ("date-time", "jiff", "jiff::Timestamp"),
    ("date-time", "chrono", "chrono::DateTime<chrono::FixedOffset>"),
    ("date", "string", "String"),
    ("date", "jiff", "jiff::civil::Date"),
    ("date", "chrono", "chrono::NaiveDate"),
    ("time", "string", "String"),
    ("duration", "string", "String"),
    ("duration", "jiff", "jiff::SignedDuration"),
    ("decimal", "string", "String"),
    ("decimal", "rust_decimal", "rust_decimal::Decimal"),
    ("uri", "string", "String"),
    ("uri", "url", "url::Url"),
    ("ipv4", "std", "std::net::Ipv4Addr"),
    ("ipv4", "string", "String"),
    ("ipv6", "std", "std::net::Ipv6Addr"),
    ("ipv6", "string", "String"),
];

/// The type that a choice stands for; `None` where it is none for that format.
pub(crate) fn path<'c>(format: &str, choice: &'c str) -> Option<&'c str> {
    let known = FORMATS.iter().find(|(known, word, _)| *known == format && *word == choice);
    known
        .map(|(.., path)| *path)
        .or_else(|| Some(choice).filter(|choice| choice.contains("::") && is_path(choice)))
}

/// What selects a type for a format.
pub(crate) fn choices(format: &str) -> Vec<&'static str> {
    FORMATS.iter().filter(|(known, ..)| *known == format).map(|(_, word, _)| *word).collect()
}

/// Whether a text is the path of a Rust type.
pub(crate) fn is_path(text: &str) -> bool {
    syn::parse_str::<syn::TypePath>(text).is_ok()
}

/// The crate that a path begins with, where it is one that a format selects.
pub(crate) fn dependency(path: &str) -> Option<&'static Dependency> {
    let name = path.split("::").next()?;
    DEPENDENCIES.iter().find(|dependency| dependency.name == name)
}
