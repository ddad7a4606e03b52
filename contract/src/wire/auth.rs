//! Where a credential stands in a request.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use descant_model::api::{Api, Location, SchemeKind, SecurityScheme};

use super::Draft;
use crate::case::Presented;
use crate::credentials::{Credentials, MARK};

/// Before the name of a variable whose value is to be encoded in base64.
pub(crate) const BASE64: &str = "base64 ";

/// Behind the name of a variable: its value in upper case.
pub(crate) const UPPER_CASE: &str = "^^";

const AUTHORIZATION: &str = "Authorization";

/// Where the credential of a scheme stands, and under which name.
pub(super) fn place<'a>(api: &'a Api, scheme: &str) -> Option<(Location, &'a str)> {
    match &api.security_schemes.get(scheme)?.kind {
        SchemeKind::ApiKey { location, name } => Some((*location, name)),
        SchemeKind::MutualTls => None,
        _ => Some((Location::Header, AUTHORIZATION)),
    }
}

/// Puts the credential of a scheme into a request.
pub(super) fn present(
    api: &Api,
    name: &str,
    credentials: &Credentials,
    presented: Presented,
    draft: &mut Draft,
) -> Result<(), String> {
    // A scheme that the document does not describe, which was diagnosed: nobody knows where its credential would stand.
    let Some(scheme) = api.security_schemes.get(name) else { return Ok(()) };
    let right = credentials.get(name).ok_or_else(|| format!("no credential for {name}"))?;
    let credential = match presented {
        Presented::Wrong => wrong(right),
        Presented::Prefix(cut) => shaped(right, &format!("%{}", "?".repeat(cut)), |right| {
            right.chars().take(right.chars().count().saturating_sub(cut)).collect()
        }),
        Presented::Suffix => format!("{right}x"),
        Presented::UpperCase => shaped(right, UPPER_CASE, str::to_uppercase),
        Presented::Empty => String::new(),
        Presented::Other => {
            credentials.other(name).ok_or_else(|| format!("no second credential for {name}"))?.to_owned()
        }
        Presented::TwoWords => format!("{right} x"),
        _ => right.to_owned(),
    };
    let credential = written(scheme, &credential);
    match presented {
        Presented::InQuery => {
            for name in NAMES {
                draft.place(Location::Query, name, pair(name, &credential));
            }
            return Ok(());
        }
        Presented::InCookie => {
            for name in NAMES {
                draft.place(Location::Cookie, name, format!("{name}={credential}"));
            }
            return Ok(());
        }
        Presented::Bare => {
            draft.place(Location::Header, AUTHORIZATION, credential);
            return Ok(());
        }
        _ => {}
    }
    match &scheme.kind {
        SchemeKind::ApiKey { location, name } => {
            let text = match location {
                Location::Query => pair(name, &credential),
                Location::Cookie => format!("{name}={credential}"),
                _ => credential,
            };
            draft.place(*location, name, text);
        }
        SchemeKind::Basic => authorization(draft, "Basic", &basic(&credential)),
        _ if presented == Presented::OtherScheme => authorization(draft, "Token", &credential),
        _ if presented == Presented::AsBasic => authorization(draft, "Basic", &credential),
        SchemeKind::Bearer { .. } | SchemeKind::OAuth2 { .. } | SchemeKind::OpenIdConnect { .. } => {
            authorization(draft, "Bearer", &credential);
        }
        SchemeKind::Http { scheme } => authorization(draft, scheme, &credential),
        SchemeKind::MutualTls => return Err(format!("{name}: client certificates cannot be presented")),
    }
    Ok(())
}

/// Names by which services take a token from the query or a cookie (RFC 6750, 2.3, has the first).
const NAMES: [&str; 3] = ["access_token", "token", "api_key"];

/// A changed credential; of a stand-in, the change of the variable as a shell writes it.
fn shaped(right: &str, operator: &str, change: impl FnOnce(&str) -> String) -> String {
    match right.strip_prefix(MARK).and_then(|rest| rest.strip_suffix(MARK)) {
        Some(name) => format!("{MARK}{name}{operator}{MARK}"),
        None => change(right),
    }
}

fn authorization(draft: &mut Draft, scheme: &str, credential: &str) {
    draft.place(Location::Header, AUTHORIZATION, format!("{scheme} {credential}"));
}

/// The credential as the scheme's first form has it.
fn written(scheme: &SecurityScheme, credential: &str) -> String {
    match scheme.descant.forms.first() {
        Some(form) => form.replacen("{credential}", credential, 1),
        None => credential.to_owned(),
    }
}

/// `user:password` in base64; a stand-in says that it is to be encoded.
fn basic(pair: &str) -> String {
    match pair.strip_prefix(MARK) {
        Some(rest) => format!("{MARK}{BASE64}{rest}"),
        None => STANDARD.encode(pair),
    }
}

fn pair(name: &str, value: &str) -> String {
    let pair = |value| form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
    if value.contains(MARK) { format!("{}{value}", pair("")) } else { pair(value) }
}

/// A credential of the same form with one character changed, in its middle, where every bit counts.
fn wrong(right: &str) -> String {
    let middle = right.chars().count() / 2;
    if right.starts_with(MARK) || middle < 4 {
        return format!("{right}-wrong");
    }
    let change = |c: char| match c {
        '0'..='8' | 'a'..='y' | 'A'..='Y' => char::from_u32(u32::from(c) + 1).unwrap_or('0'),
        _ => '0',
    };
    right.chars().enumerate().map(|(at, c)| if at == middle { change(c) } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use descant_model::load::{Options, load_text};

    use super::wrong;
    use crate::{Completeness, Credentials, RequestBuilder};

    #[test]
    fn a_credential_that_is_a_parameter_as_well_is_sent_once() {
        let text = "
openapi: 3.1.0
info: {title: T, version: '1'}
security: [{a: [], b: [], c: []}]
paths:
  /a:
    get:
      parameters:
        - {name: key, in: query, required: true, schema: {type: string}}
        - {name: x-key, in: header, required: true, schema: {type: string}}
        - {name: id, in: cookie, required: true, schema: {type: string}}
        - {name: page, in: query, required: true, schema: {const: 2}}
      responses: {'200': {description: ok}}
components:
  securitySchemes:
    a: {type: apiKey, in: query, name: key}
    b: {type: apiKey, in: header, name: X-Key}
    c: {type: apiKey, in: cookie, name: id}
";
        let api = load_text("t.yaml", text, &Options::default()).api.unwrap();
        let credentials = Credentials::made_up(&api);
        let (_, wire) = RequestBuilder::new(&api, &credentials, 1).call(0, Completeness::Everything).unwrap();
        let [a, b, c] = ["a", "b", "c"].map(|name| credentials.get(name).unwrap());
        assert_eq!(wire.target, format!("/a?page=2&key={a}"));
        let headers = [("X-Key", b.to_owned()), ("Cookie", format!("id={c}"))];
        assert_eq!(wire.headers, headers.map(|(name, value)| (name.to_owned(), value)));
    }

    #[test]
    fn a_wrong_credential_differs_in_one_character_that_counts() {
        let check = |right: &str, expected: &str| assert_eq!(wrong(right), expected);
        check("tk_0123456789", "tk_0124456789");
        check("zzzzzzzzz", "zzzz0zzzz");
        check("tok", "tok-wrong");
        check("user:päss", "user0päss");
    }
}
