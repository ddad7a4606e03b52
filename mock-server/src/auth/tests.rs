//! Tests of credentials: each scheme, each form, and what is refused.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use descant_model::api::*;
use fernet::Fernet;
use http::Request;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;

use super::{Guard, Principal};

const KEY: &str = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
const SECRET: &str = "jwt-secret-of-the-mock";

fn credential(user: &str, value: &str) -> Credential {
    Credential { user: Some(user.into()), value: Some(value.into()), ..Credential::default() }
}

fn scheme(kind: SchemeKind, descant: SchemeSettings) -> SecurityScheme {
    SecurityScheme {
        kind,
        description: None,
        deprecated: false,
        source: None,
        descant,
        origin: Default::default(),
    }
}

/// A document with a scheme of each kind; `enabled` is the switch of `jwt`.
fn api() -> Api {
    let key = |name: &str, location| SchemeKind::ApiKey { location, name: name.into() };
    let listed =
        |list: Vec<Credential>| SchemeSettings { credentials: Some(list), ..SchemeSettings::default() };
    let pair = Credential { password: Some("pässword:1".into()), value: None, ..credential("ann", "") };
    let keys = SchemeSettings {
        forms: vec!["APIKEY:ORGANIZATION {credential}".into(), "{credential}".into()],
        ..listed(vec![
            Credential { scopes: Some(vec!["Organization".into()]), ..credential("ann", "org-write") },
            Credential { scopes: Some(vec!["Scene".into()]), ..credential("ben", "scene-write") },
            Credential { access: Access::Read, ..credential("cid", "org-read") },
            Credential { status: CredentialStatus::Expired, ..credential("dan", "org-old") },
            Credential { status: CredentialStatus::Revoked, ..credential("eve", "org-gone") },
            Credential { status: CredentialStatus::Forbidden, ..credential("fay", "org-shut") },
        ])
    };
    let source =
        |env: &str, default: &str| Some(KeySource { env: Some(env.into()), default: Some(default.into()) });
    let sealed =
        SchemeSettings { verify: Verify::Fernet, key: source("SALT", KEY), ..listed(vec![pair.clone()]) };
    let signed = SchemeSettings {
        verify: Verify::Jwt,
        key: source("SECRET", SECRET),
        enabled: source("JWT", "true"),
        user_claims: vec!["sub".into(), "email".into()],
        ..listed(vec![credential("ann", "")])
    };
    let open = SchemeSettings::default;
    let schemes = [
        ("keys", scheme(key("Authorization", Location::Header), keys)),
        ("sealed", scheme(SchemeKind::Bearer { format: None }, sealed)),
        ("signed", scheme(key("x-jwt", Location::Header), signed)),
        ("pair", scheme(SchemeKind::Basic, listed(vec![pair]))),
        ("query", scheme(key("key", Location::Query), open())),
        ("cookie", scheme(key("sid", Location::Cookie), open())),
        ("open", scheme(SchemeKind::OAuth2 { flows: Vec::new(), metadata_url: None }, open())),
        ("digest", scheme(SchemeKind::Http { scheme: "Digest".into() }, open())),
    ];
    Api {
        info: Info { title: "A \"quoted\"\r\ntitle".into(), ..Info::default() },
        security_schemes: schemes.into_iter().map(|(name, scheme)| (name.to_owned(), scheme)).collect(),
        descant: DocumentSettings {
            scopes: ["Domain", "Organization", "Project", "Scene"].map(String::from).into(),
            ..DocumentSettings::default()
        },
        ..Api::default()
    }
}

/// An operation; `security` is `a+b|c`, a scheme with its scopes being `a:x,y`.
fn operation(method: &str, security: &str, requires: &[&str]) -> Operation {
    let asked = |text: &str| {
        let (name, scopes) = text.split_once(':').unwrap_or((text, ""));
        (name.to_owned(), scopes.split(',').filter(|it| !it.is_empty()).map(str::to_owned).collect())
    };
    let requirement = |text: &str| Requirement {
        schemes: text.split('+').filter(|it| !it.is_empty()).map(asked).collect(),
    };
    let alternatives =
        if security == "none" { Vec::new() } else { security.split('|').map(requirement).collect() };
    Operation {
        id: None,
        method: method.into(),
        path: PathTemplate::default(),
        tags: Vec::new(),
        summary: None,
        description: None,
        deprecated: false,
        parameters: Vec::new(),
        request_body: None,
        responses: Vec::new(),
        security: Arc::new(Security { alternatives, has_challenge: true }),
        servers: Arc::new([]),
        callbacks: Default::default(),
        source: None,
        descant: OperationSettings {
            requires: requires.iter().map(|it| it.to_string()).collect(),
            ..OperationSettings::default()
        },
        origin: Default::default(),
    }
}

fn guard(environment: &dyn Fn(&str) -> Option<String>) -> Guard {
    Guard::new(&api(), environment, None)
}

fn request(target: &str, headers: &[(&str, &str)]) -> Request<Bytes> {
    let mut request = Request::builder().uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Bytes::new()).unwrap()
}

/// `ok` with the users, or the status and the beginning of the reason.
fn outcome(guard: &Guard, operation: &Operation, request: &Request<Bytes>) -> String {
    match guard.authorize(&guard.requirement(operation), request) {
        Ok(principal) => {
            let users: Vec<_> = principal.grants.iter().map(|it| it.user.as_deref().unwrap_or("?")).collect();
            format!("ok {}", users.join("+")).trim().to_owned()
        }
        Err(refusal) => format!("{} {}", refusal.status.as_u16(), refusal.detail),
    }
}

fn check(security: &str, target: &str, headers: &[(&str, &str)], expected: &str) {
    let found = outcome(&guard(&|_| None), &operation("POST", security, &[]), &request(target, headers));
    assert!(found.starts_with(expected), "{security} {target} {headers:?}: {found}, expected {expected}");
}

fn auth(value: &str) -> [(&str, &str); 1] {
    [("authorization", value)]
}

#[test]
fn api_keys_in_each_form_and_status() {
    check("keys", "/", &auth("APIKEY:ORGANIZATION org-write"), "ok ann");
    check("keys", "/", &auth("org-write"), "ok ann");
    check(
        "keys",
        "/",
        &auth("APIKEY:DEVELOPER org-write"),
        "401 header `authorization` holds a credential that is not",
    );
    check("keys", "/", &auth("APIKEY:ORGANIZATION  org-write"), "401");
    check("keys", "/", &auth("org-writ"), "401");
    check("keys", "/", &[], "401 header `authorization` is missing (scheme `keys`)");
    check("keys", "/", &auth("org-read"), "403 the credential may only read");
    check("keys", "/", &auth("org-old"), "401 the credential has expired");
    check("keys", "/", &auth("org-gone"), "401 the credential was revoked");
    check("keys", "/", &auth("org-shut"), "403 the user has no access");
}

#[test]
fn keys_in_query_and_cookie_are_decoded() {
    check("query", "/?key=a%20b", &[], "ok ?");
    check("query", "/?key=", &[], "401 query parameter `key` is empty");
    check("query", "/?Key=a", &[], "401 query parameter `key` is missing");
    check("cookie", "/", &[("cookie", "a=b; sid=1")], "ok ?");
    check("cookie", "/", &[("cookie", "sidx=1")], "401");
}

#[test]
fn basic_bearer_and_other_words_of_authorization() {
    let pair = |text: &str| format!("Basic {}", BASE64_STANDARD.encode(text));
    check("pair", "/", &auth(&pair("ann:pässword:1")), "ok ann");
    check("pair", "/", &auth(&pair("ann:wrong")), "401");
    check("pair", "/", &auth("Basic ann:wrong"), "401 header `authorization` with `Basic` is not base64");
    check("open", "/", &auth("bearer any"), "ok ?");
    check("open", "/", &auth("any"), "401");
    check("digest", "/", &auth("Digest username=ann"), "ok ?");
    check("digest", "/", &auth("Bearer any"), "401");
}

#[test]
fn alternatives_and_conjunctions() {
    check("none", "/", &[], "ok");
    check("keys|", "/", &[], "ok");
    check("keys|", "/", &auth("org-write"), "ok ann");
    check("keys|", "/", &auth("wrong"), "ok");
    check("query|keys", "/", &auth("org-write"), "ok ann");
    check("query+keys", "/?key=1", &auth("org-write"), "ok ?+ann");
    check("query+keys", "/", &auth("org-write"), "401 query parameter `key` is missing");
    check(
        "query|cookie",
        "/",
        &[],
        "401 query parameter `key` is missing (scheme `query`); or: cookie `sid`",
    );
    // What the document does not declare nobody could present.
    check("nobody", "/", &[], "ok");
    check("nobody+query", "/", &[], "401 query parameter `key` is missing");
    // A known credential that grants too little says more than an absent one.
    check("query|keys", "/", &auth("org-read"), "403");
}

#[test]
fn scopes_reach_down_the_hierarchy() {
    let check = |value: &str, security: &str, requires: &[&str], expected: &str| {
        let found =
            outcome(&guard(&|_| None), &operation("POST", security, requires), &request("/", &auth(value)));
        assert!(found.starts_with(expected), "{value} {security} {requires:?}: {found}");
    };
    check("org-write", "keys", &["Project"], "ok ann");
    check("org-write", "keys", &["Organization", "Scene"], "ok ann");
    check("org-write", "keys", &["Domain"], "403 the credential of `keys` does not grant `Domain`");
    check("org-write", "keys", &["Other"], "403");
    check("scene-write", "keys", &["Project"], "403");
    check("scene-write", "keys:Scene", &[], "ok ben");
    check("scene-write", "keys:Project", &[], "403");
    check("Bearer any", "open:read,write", &["Domain"], "ok");
}

#[test]
fn readers_may_read() {
    let read =
        |operation: Operation| outcome(&guard(&|_| None), &operation, &request("/", &auth("org-read")));
    assert_eq!(read(operation("GET", "keys", &[])), "ok cid");
    assert!(read(operation("DELETE", "keys", &[])).starts_with("403"));
    let mut query = operation("POST", "keys", &[]);
    query.descant.access = Some(Access::Read);
    assert_eq!(read(query), "ok cid");
}

#[test]
fn a_fernet_token_is_authenticated_and_decrypted() {
    let seal =
        |key: &str, text: &str| Fernet::new(key).unwrap().encrypt(BASE64_STANDARD.encode(text).as_bytes());
    let good = seal(KEY, "ann:pässword:1");
    let other = Fernet::generate_key();
    check("sealed", "/", &auth(&format!("Bearer {good}")), "ok ann");
    check("sealed", "/", &auth(&format!("Bearer {}", seal(KEY, "ann:wrong"))), "401");
    check("sealed", "/", &auth(&format!("Bearer {}", seal(&other, "ann:pässword:1"))), "401");
    check("sealed", "/", &auth(&format!("Bearer {}", Fernet::new(KEY).unwrap().encrypt(b"ann"))), "401");
    for at in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let flipped = String::from_utf8(bytes).unwrap();
        // The last character before the padding may hold bits that stand for nothing.
        let same = base64::prelude::BASE64_URL_SAFE.decode(&flipped).ok()
            == base64::prelude::BASE64_URL_SAFE.decode(&good).ok();
        if !same {
            check("sealed", "/", &auth(&format!("Bearer {flipped}")), "401");
        }
    }
    // The environment's key goes before the document's.
    let guard = guard(&|name| (name == "SALT").then(|| other.clone()));
    let sealed = seal(&other, "ann:pässword:1");
    let found =
        outcome(&guard, &operation("POST", "sealed", &[]), &request("/", &auth(&format!("Bearer {sealed}"))));
    assert_eq!(found, "ok ann");
}

#[test]
fn a_jwt_is_checked_by_signature_and_time() {
    let token = |secret: &str, header: Header, claims: serde_json::Value| {
        encode(&header, &claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
    };
    let now = jsonwebtoken::get_current_timestamp();
    let signed = |claims| token(SECRET, Header::default(), claims);
    let check = |token: &str, expected: &str| check("signed", "/", &[("x-jwt", token)], expected);
    check(&signed(json!({"sub": "ann", "exp": now + 60})), "ok ann");
    check(&signed(json!({"sub": "ann", "aud": "anyone"})), "ok ann");
    check(&signed(json!({"sub": "ann", "exp": now - 1})), "401 header `x-jwt` has expired");
    check(&signed(json!({"sub": "ann", "nbf": now + 60})), "401 header `x-jwt` is not valid yet");
    check(&signed(json!({"sub": "nobody"})), "401 header `x-jwt` holds a credential that is not known");
    check(&signed(json!({"sub": "17", "email": "ann"})), "ok ann");
    check(&signed(json!({"upn": "ann"})), "401 header `x-jwt` has no claim that names its user");
    check(
        &token("other", Header::default(), json!({"sub": "ann"})),
        "401 header `x-jwt` has a wrong signature",
    );
    let other = Header::new(jsonwebtoken::Algorithm::HS512);
    check(&token(SECRET, other, json!({"sub": "ann"})), "401 header `x-jwt` is not a JWT signed with HS256");
    check("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.", "401 header `x-jwt` is not a JWT signed with HS256");
    check("nonsense", "401");
}

#[test]
fn a_scheme_can_be_switched_off() {
    let guard = guard(&|name| (name == "JWT").then(|| "false".to_owned()));
    let found = outcome(&guard, &operation("POST", "signed", &[]), &request("/", &[("x-jwt", "any")]));
    assert_eq!(found, "401 scheme `signed` is switched off");
    let by_setting = Guard::new(&api(), &|_| None, Some(false));
    let found = outcome(&by_setting, &operation("POST", "signed", &[]), &request("/", &[("x-jwt", "any")]));
    assert_eq!(found, "401 scheme `signed` is switched off");
    let refusal = guard
        .authorize(&guard.requirement(&operation("POST", "signed", &[])), &request("/", &[]))
        .unwrap_err();
    assert!(refusal.headers.is_empty());
}

#[test]
fn each_scheme_has_its_challenge() {
    let guard = guard(&|_| None);
    let requirement = guard.requirement(&operation("POST", "pair|open|sealed|keys|digest", &[]));
    let refusal = guard.authorize(&requirement, &request("/", &[])).unwrap_err();
    let challenges = refusal.headers.iter().filter(|(name, _)| name == http::header::WWW_AUTHENTICATE);
    let found: Vec<_> = challenges.map(|(_, it)| it.to_str().unwrap()).collect();
    assert!(refusal.headers.iter().any(|(_, value)| value == descant_exchange::notice::ANY_CREDENTIAL));
    let realm = "realm=\"A quotedtitle\"";
    let expected = [
        format!("Basic {realm}, charset=\"UTF-8\""),
        format!("Bearer {realm}"),
        format!("ApiKey {realm}, in=\"header\", name=\"Authorization\""),
        format!("Digest {realm}"),
    ];
    assert_eq!(found, expected);
}

#[test]
fn credentials_come_and_go() {
    let guard = guard(&|_| None);
    let operation = operation("POST", "keys", &[]);
    let try_ = |value: &str| outcome(&guard, &operation, &request("/", &auth(value)));
    guard.credentials.issue("keys", credential("gus", "org-new"));
    assert_eq!(try_("org-new"), "ok gus");
    assert_eq!(guard.credentials.of_user("keys", "gus").unwrap().value.as_deref(), Some("org-new"));
    guard.credentials.update("keys", |it| {
        if it.user.as_deref() == Some("gus") {
            it.status = CredentialStatus::Forbidden;
        }
    });
    assert!(try_("org-new").starts_with("403"));
    guard.credentials.retain("keys", |it| it.user.as_deref() != Some("gus"));
    assert!(try_("org-new").starts_with("401"));
    guard.credentials.retain("keys", |_| false);
    guard.credentials.reset(&api());
    assert_eq!(try_("org-write"), "ok ann");
}

#[test]
fn credentials_outlive_a_change_of_the_document() {
    let guard = guard(&|_| None);
    guard.credentials.issue("keys", credential("gus", "org-new"));
    guard.credentials.update("keys", |it| {
        if it.value.as_deref() == Some("org-write") {
            it.status = CredentialStatus::Revoked;
        }
    });
    let check = |value: &str, expected: &str| {
        let found = outcome(&guard, &operation("POST", "keys", &[]), &request("/", &auth(value)));
        assert!(found.starts_with(expected), "{value}: {found}");
    };
    guard.credentials.replacing(&api(), &api());
    check("org-new", "ok gus");
    check("org-write", "401 the credential was revoked");
    let mut changed = api();
    let listed = &mut changed.security_schemes.get_mut("keys").unwrap().descant.credentials;
    listed.as_mut().unwrap().push(credential("hal", "org-more"));
    guard.credentials.replacing(&api(), &changed);
    check("org-new", "ok gus");
    check("org-more", "ok hal");
    check("org-write", "ok ann");
    changed.security_schemes.shift_remove("keys");
    guard.credentials.replacing(&api(), &changed);
    assert!(guard.credentials.list("keys").is_empty(), "a scheme that is gone has none");
}

#[test]
fn the_principal_sums_its_grants_up() {
    let guard = guard(&|_| None);
    let requirement = guard.requirement(&operation("GET", "query+keys", &[]));
    let principal: Principal = guard.authorize(&requirement, &request("/?key=1", &auth("org-read"))).unwrap();
    assert_eq!((principal.user(), principal.access()), (Some("cid"), Access::Read));
}
