//! What is said of a user: the claims of the granted scopes (OpenID Connect Core 1.0, 5.1 and 5.4).

use serde_json::{Map, Value, json};

/// Returns the claims of a user, which depend on its name and the scopes alone. `base` is the URL of the server.
pub(super) fn of(user: &str, scopes: &[String], base: &str) -> Map<String, Value> {
    let has = |scope: &str| scopes.iter().any(|known| known == scope);
    let local = user.split('@').next().unwrap_or_default();
    let mut names =
        local.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).map(capitalized);
    let given = names.next().unwrap_or_else(|| "User".to_owned());
    let family = names.next_back().unwrap_or_else(|| "Example".to_owned());
    let picture: String = local.chars().filter(char::is_ascii_alphanumeric).collect();
    let email = if user.contains('@') { user.to_owned() } else { format!("{user}@example.com") };
    let mut claims = Map::from_iter([("sub".to_owned(), user.into())]);
    let groups = [
        (
            "profile",
            json!({
                "name": format!("{given} {family}"), "given_name": given, "family_name": family,
                "preferred_username": user, "locale": "en",
                "picture": format!("{base}/__descant/image/200x200/{picture}.svg"),
            }),
        ),
        ("email", json!({"email": email, "email_verified": true})),
        ("phone", json!({"phone_number": "+12025550123", "phone_number_verified": true})),
        (
            "address",
            json!({"address": {"street_address": "1 Example Street", "locality": "Springfield", "country": "US"}}),
        ),
    ];
    for (_, group) in groups.into_iter().filter(|(scope, _)| has(scope)) {
        claims.extend(group.as_object().cloned().unwrap_or_default());
    }
    claims
}

fn capitalized(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_those_of_the_scopes() {
        let check = |user: &str, scopes: &[&str], expected: Value| {
            let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
            let claims = of(user, &scopes, "http://localhost");
            let shown =
                expected.as_object().unwrap().keys().map(|name| (name.clone(), claims.get(name).cloned()));
            let shown = shown.map(|(name, value)| (name, value.unwrap_or_default())).collect::<Map<_, _>>();
            assert_eq!(Value::Object(shown), expected, "{user}");
        };
        check("ann", &["openid"], json!({"sub": "ann", "name": null, "email": null}));
        check("ann.lee@shop.test", &["email"], json!({"email": "ann.lee@shop.test", "given_name": null}));
        check(
            "ann.lee@shop.test",
            &["profile"],
            json!({"given_name": "Ann", "family_name": "Lee", "name": "Ann Lee"}),
        );
        check("ann", &["profile", "email"], json!({"name": "Ann Example", "email": "ann@example.com"}));
        check("", &["profile"], json!({"sub": "", "name": "User Example"}));
    }
}
