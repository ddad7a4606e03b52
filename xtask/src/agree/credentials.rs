//! Generates requests whose credentials are missing, malformed, wrong, empty, in other case or of another alternative.

use descant_contract::case::Presented;
use descant_contract::{Credentials, HttpRequest, encode};
use descant_model::api::{Location, SchemeKind};

use super::trials::Trials;

/// One request for each way in which a credential can be presented.
pub(super) fn derive(trials: &mut Trials<'_>) {
    let alternatives = &trials.operation.security.alternatives;
    if alternatives.is_empty() {
        return;
    }
    let mut call = trials.base.clone();
    for (kind, presented) in [("missing", Presented::Nothing), ("wrong", Presented::Wrong)] {
        call.credential = presented;
        trials.call(format!("credential {kind}"), call.clone());
    }
    for alternative in alternatives {
        let mut own = Credentials::default();
        for name in alternative.schemes.keys() {
            own.give(name, trials.credentials.get(name).unwrap_or_default());
        }
        let Ok(wire) = encode(trials.api, trials.base, &own, &[]) else { continue };
        trials.wire("credential of one alternative", wire.clone());
        for name in alternative.schemes.keys() {
            scheme(trials, &wire, name);
        }
    }
}

/// One credential of a request changed.
fn scheme(trials: &mut Trials<'_>, wire: &HttpRequest, name: &str) {
    let Some(scheme) = trials.api.security_schemes.get(name) else { return };
    match &scheme.kind {
        SchemeKind::ApiKey { location: Location::Query, name } => pairs(trials, wire, name, true),
        SchemeKind::ApiKey { location: Location::Cookie, name } => pairs(trials, wire, name, false),
        SchemeKind::ApiKey { name, .. } => header(trials, wire, name, &key_texts),
        SchemeKind::MutualTls => {}
        _ => header(trials, wire, "Authorization", &authorization_texts),
    }
}

type Texts = Vec<(&'static str, String)>;

/// A header with another text, and with a second line.
fn header(trials: &mut Trials<'_>, wire: &HttpRequest, name: &str, texts: &dyn Fn(&str) -> Texts) {
    let is_it = |other: &str| other.eq_ignore_ascii_case(name);
    let Some(right) = wire.headers.iter().find(|(other, _)| is_it(other)).map(|(_, text)| text.clone())
    else {
        return;
    };
    let place = if name == "Authorization" { "Authorization" } else { "key in a header" };
    let mut lines = |kind: &str, lines: &[&str]| {
        let mut wire = wire.clone();
        wire.headers.retain(|(other, _)| !is_it(other));
        wire.headers.extend(lines.iter().map(|line| (name.to_owned(), (*line).to_owned())));
        trials.wire(format!("{place} {kind}"), wire);
    };
    lines("missing", &[]);
    for (kind, text) in texts(&right) {
        lines(kind, &[&text]);
    }
    lines("on two lines", &[&right, "descant"]);
    lines("on the second line", &["descant", &right]);
}

fn key_texts(right: &str) -> Texts {
    vec![
        ("empty", String::new()),
        ("wrong", format!("{right}-wrong")),
        ("in upper case", right.to_ascii_uppercase()),
        ("in quotes", format!("\"{right}\"")),
        ("after a scheme", format!("Bearer {right}")),
    ]
}

fn authorization_texts(right: &str) -> Texts {
    let (scheme, credential) = right.split_once(' ').unwrap_or((right, ""));
    vec![
        ("empty", String::new()),
        ("of the scheme alone", scheme.to_owned()),
        ("of the scheme and a blank", format!("{scheme} ")),
        ("of the credential alone", credential.to_owned()),
        ("of a lower-case scheme", format!("{} {credential}", scheme.to_ascii_lowercase())),
        ("of an upper-case scheme", format!("{} {credential}", scheme.to_ascii_uppercase())),
        ("of an unknown scheme", format!("Descant {credential}")),
        ("with two blanks", format!("{scheme}  {credential}")),
        ("with a tab", format!("{scheme}\t{credential}")),
        ("with a blank behind", format!("{scheme} {credential} x")),
        ("wrong", format!("{scheme} {credential}x")),
        ("malformed", format!("{scheme} !!!")),
        ("in upper case", format!("{scheme} {}", credential.to_ascii_uppercase())),
        ("without padding", right.trim_end_matches('=').to_owned()),
        ("of a user without a colon", format!("{scheme} dXNlcg==")),
        ("of an empty pair", format!("{scheme} Og==")),
    ]
}

/// A query parameter or a cookie with another text, and twice.
fn pairs(trials: &mut Trials<'_>, wire: &HttpRequest, name: &str, is_query: bool) {
    let start = format!("{name}=");
    let (line, between) = match is_query {
        true => (wire.target.split_once('?').map(|(_, query)| query.to_owned()), "&"),
        false => (wire.headers.iter().find(|(name, _)| name == "Cookie").map(|(_, line)| line.clone()), "; "),
    };
    let Some(line) = line else { return };
    let Some(right) = line.split(between).find_map(|pair| pair.strip_prefix(&start)).map(str::to_owned)
    else {
        return;
    };
    let place = if is_query { "key in the query" } else { "key in a cookie" };
    let texts = key_texts(&right)
        .into_iter()
        .map(|(kind, text)| (kind, format!("{start}{}", text.replace([' ', '"'], "%22"))));
    let others = [
        ("missing", String::new()),
        ("without a value", name.to_owned()),
        ("twice", format!("{start}{right}{between}{start}descant")),
        ("the second time", format!("{start}descant{between}{start}{right}")),
    ];
    for (kind, text) in texts.chain(others.map(|(kind, text)| (kind, text))) {
        let pairs =
            line.split(between).map(|pair| if pair.starts_with(&start) { text.as_str() } else { pair });
        let line = pairs.filter(|pair| !pair.is_empty()).collect::<Vec<_>>().join(between);
        let mut wire = wire.clone();
        match is_query {
            true => wire.target = format!("{}?{line}", wire.target.split('?').next().unwrap_or_default()),
            false => {
                wire.headers.retain(|(name, _)| name != "Cookie");
                wire.headers.extend((!line.is_empty()).then(|| ("Cookie".to_owned(), line)));
            }
        }
        trials.wire(format!("{place} {kind}"), wire);
    }
}
