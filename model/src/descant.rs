//! Reads `x-descant` into settings. `check::descant` lists the keys; values that failed the check are absent here.

use crate::api::{
    Access, Credential, CredentialStatus, DocumentSettings, KeySource, OperationSettings, PageSettings,
    PagedBy, Paging, SchemeSettings, StateRole, StateSettings, TrailingSlash, Verify,
};
use crate::tree::unescape_token;
use crate::view::View;

const KEY: &str = "x-descant";

/// The settings of the document.
pub(crate) fn document(view: View<'_>) -> DocumentSettings {
    let Some(settings) = view.raw(KEY) else { return DocumentSettings::default() };
    DocumentSettings {
        scopes: settings.texts("scopes"),
        trailing_slash: trailing_slash(settings),
        twin: settings.str("twin").map(str::to_owned),
    }
}

/// The settings of an operation.
pub(crate) fn operation(view: View<'_>) -> OperationSettings {
    let Some(settings) = view.raw(KEY) else { return OperationSettings::default() };
    OperationSettings {
        requires: settings.texts("requires"),
        access: access(settings),
        trailing_slash: trailing_slash(settings),
        state: settings.get("state").map(state).map(Box::new),
        pages: settings.get("pages").map(pages).map(Box::new),
    }
}

fn state(view: View<'_>) -> StateSettings {
    let paging = |view: View<'_>| Paging {
        limit: view.text("limit"),
        offset: view.text("offset"),
        page: view.text("page"),
        cursor: view.text("cursor"),
        sort: view.text("sort"),
    };
    let filters =
        view.map("filters").filter_map(|(name, to)| Some((name.to_owned(), to.as_str()?.to_owned())));
    StateSettings {
        role: role(view),
        collection: view.text("collection"),
        item: view.text("item"),
        identity: view.text("identity"),
        at: view.str("at").map(names),
        paging: view.get("paging").map(paging),
        filters: view.get("filters").map(|_| filters.collect()),
        shown_once: view.texts("shownOnce"),
    }
}

fn pages(view: View<'_>) -> PageSettings {
    PageSettings {
        by: view.str("by").and_then(PagedBy::named),
        parameter: view.text("parameter"),
        next: view.str("next").map(names),
        items: view.str("items").map(names),
        more: view.str("more").map(names),
        first: count(view, "first"),
    }
}

/// The names of a JSON pointer (RFC 6901).
fn names(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|token| unescape_token(token).into_owned()).collect()
}

fn role(view: View<'_>) -> Option<StateRole> {
    Some(match view.str("role")? {
        "create" => StateRole::Create,
        "list" => StateRole::List,
        "read" => StateRole::Read,
        "replace" => StateRole::Replace,
        "update" => StateRole::Update,
        "delete" => StateRole::Delete,
        "none" => StateRole::None,
        _ => return None,
    })
}

/// The settings of a security scheme.
pub(crate) fn scheme(view: View<'_>) -> SchemeSettings {
    let Some(settings) = view.raw(KEY) else { return SchemeSettings::default() };
    SchemeSettings {
        verify: match settings.str("verify") {
            Some("fernet") => Verify::Fernet,
            Some("jwt") => Verify::Jwt,
            _ => Verify::Value,
        },
        key: variable(settings, "key"),
        max_age: count(settings, "maxAge"),
        clock_skew: count(settings, "clockSkew"),
        user_claims: settings.texts("userClaims"),
        redirect_schemes: settings.texts("redirectSchemes"),
        forms: settings.texts("forms"),
        challenge: settings.text("challenge"),
        enabled: variable(settings, "enabled"),
        credentials: settings
            .get("credentials")
            .map(|_| settings.list("credentials").map(credential).collect()),
    }
}

fn credential(view: View<'_>) -> Credential {
    Credential {
        value: view.text("value"),
        user: view.text("user"),
        password: view.text("password"),
        scopes: view.get("scopes").map(|_| view.texts("scopes")),
        access: access(view).unwrap_or_default(),
        status: match view.str("status") {
            Some("expired") => CredentialStatus::Expired,
            Some("revoked") => CredentialStatus::Revoked,
            Some("forbidden") => CredentialStatus::Forbidden,
            _ => CredentialStatus::Active,
        },
    }
}

fn count(view: View<'_>, key: &str) -> Option<u64> {
    view.str(key)?.parse().ok()
}

fn variable(view: View<'_>, key: &str) -> Option<KeySource> {
    let source = view.get(key)?;
    Some(KeySource { env: source.text("env"), default: source.text("default") })
}

fn access(view: View<'_>) -> Option<Access> {
    match view.str("access")? {
        "read" => Some(Access::Read),
        "write" => Some(Access::Write),
        _ => None,
    }
}

fn trailing_slash(view: View<'_>) -> Option<TrailingSlash> {
    match view.str("trailingSlash")? {
        "strict" => Some(TrailingSlash::Strict),
        "either" => Some(TrailingSlash::Either),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::api::*;
    use crate::load::{Loaded, Options, load_text};

    const DOCS: &str = include_str!("../../docs/x-descant.md");

    fn load(text: &str) -> Loaded {
        load_text("doc.yaml", text, &Options::default())
    }

    /// The documents of the page: blocks that open with three backticks, `yaml` and `document`.
    fn documents() -> Vec<&'static str> {
        let blocks = DOCS.split("```yaml document\n").skip(1);
        blocks.map(|block| block.split("```").next().unwrap()).collect()
    }

    #[test]
    fn every_document_of_the_page_loads_without_a_finding() {
        assert!(documents().len() >= 3);
        for document in documents() {
            let loaded = load(document);
            assert!(loaded.diagnostics.is_empty(), "{document}\n{:#?}", loaded.diagnostics);
        }
    }

    #[test]
    fn the_page_describes_each_key_of_the_table_and_shows_it() {
        let tables: BTreeSet<&str> =
            DOCS.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
        let known: BTreeSet<&str> = crate::check::descant_keys().collect();
        assert_eq!(tables, known, "the tables of the page and the keys that the check knows");
        let shown = documents().concat();
        let absent: Vec<&&str> = known.iter().filter(|key| !shown.contains(&format!("{key}:"))).collect();
        assert!(absent.is_empty(), "in no example of the page: {absent:?}");
    }

    #[test]
    fn settings_are_what_the_document_says() {
        let api = load(
            "openapi: 3.0.3
info: {title: T, version: '1'}
x-descant: {scopes: [A, B], trailingSlash: either, twin: sample}
paths:
  /a:
    post:
      x-descant: {requires: [B], access: read, trailingSlash: strict}
      responses: {'200': {description: OK}}
components:
  securitySchemes:
    s:
      type: http
      scheme: bearer
      x-descant:
        verify: jwt
        key: {env: K, default: secret}
        forms: ['JWT {credential}']
        maxAge: 60
        clockSkew: 5
        userClaims: [sub, email]
        redirectSchemes: [myapp]
        challenge: 'Bearer'
        enabled: {env: E, default: 'true'}
        credentials:
          - {user: u, scopes: [A], access: read, status: revoked}
          - {value: v}
    open: {type: apiKey, in: header, name: k}
",
        )
        .api
        .unwrap();
        assert_eq!(api.descant.scopes, ["A", "B"]);
        assert_eq!(api.descant.trailing_slash, Some(TrailingSlash::Either));
        assert_eq!(api.descant.twin.as_deref(), Some("sample"));
        let operation = &api.operations[0].descant;
        assert_eq!(operation.requires, ["B"]);
        assert_eq!(operation.access, Some(Access::Read));
        assert_eq!(operation.trailing_slash, Some(TrailingSlash::Strict));
        let scheme = &api.security_schemes["s"].descant;
        assert_eq!(scheme.verify, Verify::Jwt);
        assert_eq!(scheme.key, Some(KeySource { env: Some("K".into()), default: Some("secret".into()) }));
        assert_eq!(scheme.forms, ["JWT {credential}"]);
        assert_eq!((scheme.max_age, scheme.clock_skew), (Some(60), Some(5)));
        assert_eq!(scheme.user_claims, ["sub", "email"]);
        assert_eq!(scheme.redirect_schemes, ["myapp"]);
        assert_eq!(scheme.challenge.as_deref(), Some("Bearer"));
        assert_eq!(scheme.enabled.as_ref().unwrap().default.as_deref(), Some("true"));
        let [first, second] = &scheme.credentials.as_ref().unwrap()[..] else { panic!("two credentials") };
        assert_eq!((first.user.as_deref(), first.access), (Some("u"), Access::Read));
        assert_eq!(
            (first.scopes.as_deref(), first.status),
            (Some(&["A".to_owned()][..]), CredentialStatus::Revoked)
        );
        assert_eq!((second.value.as_deref(), &second.scopes), (Some("v"), &None));
        assert_eq!(api.security_schemes["open"].descant, SchemeSettings::default());
    }
}
