//! Lowers security schemes and requirements (OAS 4.8.27 to 4.8.30).

use indexmap::{IndexMap, IndexSet};

use super::view::View;
use super::{Lower, source_tag};
use crate::api::{Location, OAuthFlow, Requirement, SchemeKind, Security, SecurityScheme};
use crate::check::stand_of_scheme;
use crate::descant;

impl<'g> Lower<'g> {
    pub(super) fn security_schemes(&mut self, document: View<'g>) -> IndexMap<String, SecurityScheme> {
        let schemes = document.get("components").into_iter().flat_map(|at| at.map("securitySchemes"));
        schemes.filter_map(|(name, scheme)| Some((name.to_owned(), scheme_of(scheme.resolved()?)?))).collect()
    }
}

fn scheme_of(view: View<'_>) -> Option<SecurityScheme> {
    Some(SecurityScheme {
        kind: kind(view)?,
        description: view.text("description"),
        deprecated: view.flag("deprecated").unwrap_or(false),
        source: source_tag(view),
        descant: descant::scheme(view),
        origin: view.origin(),
    })
}

fn kind(view: View<'_>) -> Option<SchemeKind> {
    Some(match view.str("type")? {
        "apiKey" => SchemeKind::ApiKey {
            location: match view.str("in")? {
                "query" => Location::Query,
                "header" => Location::Header,
                "cookie" => Location::Cookie,
                _ => return None,
            },
            name: view.text("name")?,
        },
        "http" => match view.text("scheme")? {
            scheme if scheme.eq_ignore_ascii_case("basic") => SchemeKind::Basic,
            scheme if scheme.eq_ignore_ascii_case("bearer") => {
                SchemeKind::Bearer { format: view.text("bearerFormat") }
            }
            scheme => SchemeKind::Http { scheme },
        },
        "oauth2" => {
            let flows = view.map("flows").map(|(kind, flow)| flow_of(kind, flow)).collect();
            SchemeKind::OAuth2 { flows, metadata_url: view.text("oauth2MetadataUrl") }
        }
        "openIdConnect" => {
            SchemeKind::OpenIdConnect { url: view.text("openIdConnectUrl").unwrap_or_default() }
        }
        "mutualTLS" => SchemeKind::MutualTls,
        _ => return None,
    })
}

fn flow_of(kind: &str, view: View<'_>) -> OAuthFlow {
    let scopes = view.map("scopes");
    OAuthFlow {
        kind: kind.to_owned(),
        authorization_url: view.text("authorizationUrl").or_else(|| view.text("deviceAuthorizationUrl")),
        token_url: view.text("tokenUrl"),
        refresh_url: view.text("refreshUrl"),
        scopes: scopes
            .map(|(name, text)| (name.to_owned(), text.as_str().unwrap_or_default().to_owned()))
            .collect(),
    }
}

/// Returns the `security` of a document or an operation, if present. Undeclared schemes are left out, since no request
/// can satisfy them, and so is an alternative without other schemes, which would otherwise permit anonymous requests.
pub(super) fn security(view: View<'_>) -> Option<Security> {
    view.get("security")?;
    let document = View { place: view.graph.root(), ..view };
    let schemes = document.get("components").and_then(|components| components.get("securitySchemes"));
    let mut has_challenge = false;
    let alternatives = view.list("security").flat_map(|requirement| {
        let named: Vec<Named<'_>> = requirement
            .entries()
            .filter_map(|(name, scopes)| {
                let scheme = schemes?.get(name)?;
                has_challenge |= scheme.resolved()?.str("type") == Some("http");
                let stand = stand_of_scheme(name, scheme);
                Some(Named { name, scopes, stand })
            })
            .collect();
        match requirement.entries().next() {
            None => vec![Requirement { schemes: IndexMap::new() }],
            Some(_) => apart(&named),
        }
    });
    let alternatives = alternatives.collect();
    Some(Security { alternatives, has_challenge })
}

/// A scheme that a requirement names.
struct Named<'g> {
    name: &'g str,
    scopes: View<'g>,
    /// The position and form of its credential.
    stand: Option<(String, String)>,
}

/// Returns a requirement, split into several if credentials of two forms use the same position.
fn apart(named: &[Named<'_>]) -> Vec<Requirement> {
    let mut places: IndexMap<&str, IndexSet<&str>> = IndexMap::new();
    for (place, form) in named.iter().filter_map(|one| one.stand.as_ref()) {
        places.entry(place).or_default().insert(form);
    }
    let most = places.values().map(IndexSet::len).max().unwrap_or(1);
    let takes = |alternative: usize, one: &Named<'_>| {
        let Some((place, form)) = &one.stand else { return true };
        let Some(forms) = places.get(place.as_str()) else { return true };
        forms.get_index_of(form.as_str()) == Some(alternative.min(forms.len() - 1))
    };
    let requirement = |alternative| {
        let taken = named.iter().filter(|one| takes(alternative, one));
        Requirement { schemes: taken.map(|one| (one.name.to_owned(), scopes(one.scopes))).collect() }
    };
    let all = (0..most).map(requirement);
    all.filter(|requirement| !requirement.schemes.is_empty()).collect()
}

fn scopes(list: View<'_>) -> Vec<String> {
    let items = list.graph.item_places(list.place);
    items.filter_map(|place| View { place, ..list }.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::lower::tests::check;

    #[test]
    fn schemes_that_nobody_declares_are_not_asked_for() {
        check(
            "3.0.3",
            "
paths:
  /a:
    get: {security: [{key: [], gone: []}, {gone: []}, {key: [read]}], responses: {'200': {description: ok}}}
    put: {security: [{gone: []}], responses: {'200': {description: ok}}}
    post: {security: [{key: []}, {}], responses: {'200': {description: ok}}}
components: {securitySchemes: {key: {type: http, scheme: basic}}}
",
            expect![[r#"
                api "t" version "1"
                server "/"
                scheme "key" Basic
                operation GET /a
                  needs key[]
                  needs key["read"]
                  response 200
                    description "ok"
                operation PUT /a
                  response 200
                    description "ok"
                operation POST /a
                  needs key[]
                  needs nothing
                  response 200
                    description "ok"
                security-unknown /paths/~1a/get/security/0/gone: security scheme `gone` is not declared
                security-unknown /paths/~1a/get/security/1/gone: security scheme `gone` is not declared
                security-unknown /paths/~1a/put/security/0/gone: security scheme `gone` is not declared
            "#]],
        );
    }

    #[test]
    fn credentials_that_stand_in_one_place_are_alternatives() {
        check(
            "3.0.3",
            "
paths:
  /a:
    get: {security: [{key: [], token: [], id: []}], responses: {'200': {description: ok}}}
    put: {security: [{token: [], oauth: [a]}], responses: {'200': {description: ok}}}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: authorization}
    id: {type: apiKey, in: header, name: X-Id}
    token: {type: http, scheme: Bearer}
    oauth: {type: oauth2, flows: {}}
",
            expect![[r#"
                api "t" version "1"
                server "/"
                scheme "key" ApiKey { location: Header, name: "authorization" }
                scheme "id" ApiKey { location: Header, name: "X-Id" }
                scheme "token" Bearer { format: None }
                scheme "oauth" OAuth2 { flows: [], metadata_url: None }
                operation GET /a
                  needs key[] and id[]
                  needs token[] and id[]
                  response 200
                    description "ok"
                operation PUT /a
                  needs token[] and oauth["a"]
                  response 200
                    description "ok"
                security-rivals /paths/~1a/get/security/0/token: `key` and `token` both use the header `authorization`
            "#]],
        );
    }
}
