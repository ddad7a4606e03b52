//! Generates requests with a parameter that is missing, repeated, empty, of another kind or in another style, and at the
//! bounds of its schema.

use descant_contract::HttpRequest;
use descant_contract::case::Input;
use descant_model::api::{Location, Parameter};
use descant_runtime::param;
use descant_schema::Direction;
use serde_json::{Value, json};

use super::trials::Trials;

/// Texts of every kind, as they stand on the wire.
const TEXTS: [&str; 26] = [
    "",
    "descant",
    "7",
    "-7",
    "+7",
    "7.5",
    "1e2",
    "007",
    "0x7",
    "9223372036854775808",
    "true",
    "TRUE",
    "null",
    "a,b",
    "7,8",
    ",",
    "a%7Cb",
    "a%20b",
    "%20",
    "%FF",
    "%00",
    "%C3%A9",
    "{}",
    "[]",
    "%22a%22",
    "2020-02-30",
];
/// What stands after the name of a query parameter in other styles.
const AFTER_NAME: [&str; 7] = ["", "[]=a", "[]=7", "[a]=b", "[a]=7", "[a][b]=c", "[0]=a"];

/// One request for each way in which each parameter can be written.
pub(super) fn derive(trials: &mut Trials<'_>) {
    for parameter in &trials.operation.parameters {
        let at = parameter.location.as_str();
        let without = trials.base.clone().without(parameter.location, &parameter.name);
        trials.call(format!("{at} parameter missing"), without);
        edges(trials, parameter);
        repeated(trials, parameter);
        texts(trials, parameter);
    }
}

/// Values at and beyond each bound, whether or not they can be told from others once they are text.
fn edges(trials: &mut Trials<'_>, parameter: &Parameter) {
    let Some(schema) = parameter.schema else { return };
    let at = parameter.location.as_str();
    for edge in trials.boundaries(schema) {
        let kind = format!("{at} parameter {}", edge.keyword);
        send(trials, kind, parameter, Input::Value(edge.value));
    }
    for value in
        [json!([]), json!({}), json!([""]), json!(["a", "b"]), json!([1, 2]), json!({"a": "b"}), Value::Null]
    {
        send(trials, format!("{at} parameter as {value}"), parameter, Input::Value(value));
    }
}

fn send(trials: &mut Trials<'_>, kind: String, parameter: &Parameter, input: Input) {
    trials.call(kind, trials.base.clone().with(parameter.location, &parameter.name, input));
}

/// The parameter twice: with one value, and with two.
fn repeated(trials: &mut Trials<'_>, parameter: &Parameter) {
    let value = parameter.schema.and_then(|schema| trials.sample(schema, Direction::Request));
    let input = Input::Value(value.unwrap_or_else(|| "sample".into()));
    let call = trials.base.clone().with(parameter.location, &parameter.name, input);
    let Ok(wire) = descant_contract::encode(trials.api, &call, trials.credentials, &[]) else { return };
    let at = parameter.location.as_str();
    trials.wire(format!("{at} parameter"), wire.clone());
    for (kind, other) in [
        ("repeated", None),
        ("repeated, the second other", Some("7")),
        ("repeated, the second empty", Some("")),
    ] {
        let mut twice = wire.clone();
        if repeat(&mut twice, parameter, other) {
            trials.wire(format!("{at} parameter {kind}"), twice);
        }
    }
}

/// Writes a parameter once more, with another text where there is one; whether it stands there once already.
fn repeat(wire: &mut HttpRequest, parameter: &Parameter, other: Option<&str>) -> bool {
    let start = pair(parameter, "");
    let again = |pairs: &str, between: char| {
        let first = pairs.split(between).map(str::trim).find(|pair| pair.starts_with(&start))?;
        Some(other.map_or_else(|| first.to_owned(), |other| format!("{start}{other}")))
    };
    match parameter.location {
        Location::Query => {
            let query = wire.target.split_once('?').map(|(_, query)| query);
            let Some(pair) = query.and_then(|query| again(query, '&')) else { return false };
            wire.target = format!("{}&{pair}", wire.target);
        }
        Location::Cookie => {
            let line = wire.headers.iter_mut().find(|(name, _)| name == "Cookie");
            let Some((line, pair)) =
                line.and_then(|line| Some((again(&line.1, ';')?, line))).map(|(pair, line)| (line, pair))
            else {
                return false;
            };
            line.1 = format!("{}; {pair}", line.1);
        }
        Location::Header => {
            let line =
                wire.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(&parameter.name)).cloned();
            let Some((name, text)) = line else { return false };
            wire.headers.push((name, other.map_or(text, str::to_owned)));
        }
        Location::Path | Location::QueryString => return false,
    }
    true
}

/// The text of a pair, `name=text`; in places without pairs, the text.
fn pair(parameter: &Parameter, text: &str) -> String {
    match parameter.location {
        Location::Query => format!("{}={text}", name(parameter)),
        Location::Cookie => format!("{}={text}", parameter.name),
        _ => text.to_owned(),
    }
}

/// The name of a query parameter as it is written.
fn name(parameter: &Parameter) -> String {
    let pair = param::encode_query(&parameter.name, &Value::from("-"), param::FORM).unwrap_or_default();
    pair.strip_suffix("=-").unwrap_or(&parameter.name).to_owned()
}

/// Each text, and each other style.
fn texts(trials: &mut Trials<'_>, parameter: &Parameter) {
    let at = parameter.location.as_str();
    for text in TEXTS {
        let kind = if text.is_empty() {
            format!("{at} parameter empty")
        } else {
            format!("{at} parameter as `{text}`")
        };
        send(trials, kind, parameter, Input::Raw(pair(parameter, text)));
    }
    let styled: Vec<String> = match parameter.location {
        Location::Query => {
            let name = name(parameter);
            let lists = [format!("{name}=a&{name}=b"), format!("{name}=7&{name}=8"), "a=b".to_owned()];
            AFTER_NAME.iter().map(|rest| format!("{name}{rest}")).chain(lists).collect()
        }
        Location::Path => {
            let name = &parameter.name;
            [";a", ".a", ".7", "a.b", "a=b", "a,b,c"]
                .iter()
                .map(|text| (*text).to_owned())
                .chain([format!(";{name}=a"), format!(";{name}=7"), format!(";{name}")])
                .collect()
        }
        _ => Vec::new(),
    };
    for text in styled {
        let kind = format!("{at} parameter in another style, `{}`", text.replace(&name(parameter), "NAME"));
        send(trials, kind, parameter, Input::Raw(text));
    }
}
