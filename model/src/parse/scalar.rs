//! Types plain YAML scalars by the core schema of YAML 1.2 (10.3.2): `no` and `2020-01-01` are strings.

use crate::tree::NodeKind;

/// A plain scalar's value. Numbers keep their text where it is a JSON number, and get its JSON form where not
/// (`0x1F`, `+1`, `.5`). `None`: `.inf` or `.nan`, which have none.
pub(super) fn plain(text: &str) -> Option<NodeKind> {
    Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => NodeKind::Null,
        "true" | "True" | "TRUE" => NodeKind::Bool(true),
        "false" | "False" | "FALSE" => NodeKind::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return None,
        _ if matches!(text.trim_start_matches(['+', '-']), ".inf" | ".Inf" | ".INF") => return None,
        _ => number(text).map_or_else(|| NodeKind::String(text.into()), |n| NodeKind::Number(n.into())),
    })
}

/// The JSON form of a number of the core schema.
pub(super) fn number(text: &str) -> Option<String> {
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    let (sign, rest) = match text.as_bytes().first()? {
        b'-' => ("-", text.get(1..)?),
        b'+' => ("", text.get(1..)?),
        _ => ("", text),
    };
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (rest.get(..at)?, rest.get(at..)?),
        None => (rest, ""),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let signless = exponent.get(1..).unwrap_or("").trim_start_matches(['+', '-']);
    let exponent_is_sound = exponent.is_empty()
        || !signless.is_empty() && digits(signless) && signless.len() + 2 >= exponent.len();
    if !digits(whole) || !digits(fraction) || whole.len() + fraction.len() == 0 || !exponent_is_sound {
        return None;
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{fraction}{exponent}"))
}

fn radix(digits: &str, radix: u32) -> Option<String> {
    let sound = digits.bytes().all(|b| char::from(b).is_digit(radix));
    sound.then(|| u128::from_str_radix(digits, radix).ok().map(|n| n.to_string()))?
}
