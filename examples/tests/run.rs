//! The examples, run as a user runs them: the command line against Timbr's twin, the service by its generated client.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use descant_timbre::client::{Client, Credentials};
use descant_timbre::types::NewApiToken;
use fernet::Fernet;
use jsonwebtoken::{EncodingKey, Header};

const TOKEN: &str = "tk_0a1b2c3d4e5f60718293a4b5c6d7e8f901234567";

/// Runs `timbr` with a credential; returns whether it succeeds, and what it prints.
fn timbr(url: &str, (name, secret): (&str, &str), arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_timbr"));
    let output = command.args(["--url", url]).args(arguments).env(name, secret).output().unwrap();
    let printed = if output.status.success() { output.stdout } else { output.stderr };
    (output.status.success(), String::from_utf8(printed).unwrap())
}

#[test]
fn the_command_line_works_with_each_of_the_three_credentials() {
    let twins = descant_twins::registry();
    let twin = twins.iter().find(|twin| twin.name == "timbr").unwrap().start().unwrap();
    let url = twin.url();
    let fernet = Fernet::new("HKvvCh4Tx2TNWPqU8DlcRgl8bS_UHEMtFwb9M6iFgQo=").unwrap();
    let bearer = fernet.encrypt(BASE64_STANDARD.encode("analyst:espresso").as_bytes());
    assert_eq!(timbr(&url, ("TIMBR_BEARER", &bearer), &["token"]), (true, format!("{TOKEN}\n")));
    let names = "coffee_trade\ncity_transit\nsystem_db\n";
    assert_eq!(timbr(&url, ("TIMBR_TOKEN", TOKEN), &["ontologies"]), (true, names.to_owned()));
    let claims = serde_json::json!({"sub": "analyst", "exp": 4_102_444_800_u64});
    let key = EncodingKey::from_secret(b"timbr-mock-secret-that-protects-nothing");
    let jwt = jsonwebtoken::encode(&Header::default(), &claims, &key).unwrap();
    let sql = "SELECT Customer_Name FROM dtimbr.customer WHERE entity_id = 'c:1'";
    let (worked, rows) = timbr(&url, ("TIMBR_JWT", &jwt), &["query", "coffee_trade", sql]);
    assert_eq!((worked, rows.as_str()), (true, "{\"Customer_Name\":\"Kestrel Roasters\"}\n"));
    // Another credential is not sent, and a wrong one is refused in one line.
    let (worked, line) = timbr(&url, ("TIMBR_BEARER", &bearer), &["ontologies"]);
    let missing = "timbr: `GET /timbr/api/get_ontologies/` needs a credential: xApiKey, or xJwtToken\n";
    assert_eq!((worked, line.as_str()), (false, missing));
    let (worked, line) = timbr(&url, ("TIMBR_TOKEN", "tk_00"), &["ontologies"]);
    assert!(!worked && line.starts_with("timbr: GET /timbr/api/get_ontologies/: 401 Unauthorized"), "{line}");
    assert!(!line.contains("tk_00"), "{line}");
}

/// A process that ends with the test.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

#[tokio::test]
async fn the_service_answers_its_generated_client() {
    let command = Command::new(env!("CARGO_BIN_EXE_tokens"))
        .env("ACCOUNT_KEY", "s3cret")
        .stdout(Stdio::piped())
        .spawn();
    let mut service = Service(command.unwrap());
    let mut url = String::new();
    BufReader::new(service.0.stdout.take().unwrap()).read_line(&mut url).unwrap();
    let client = |key: &str| {
        Client::new(url.trim(), &Credentials { account_key: Some(key.into()), bearer_token: None }).unwrap()
    };
    let owner = client("s3cret");
    let created = owner.create_token("ann", &NewApiToken { name: "laptop".to_owned() }).await.unwrap().data;
    assert!(created.token.len() > 30);
    let listed = owner.list_tokens("ann").await.unwrap().data;
    assert_eq!((listed.len(), listed[0].name.as_str()), (1, "laptop"));
    assert!(owner.list_tokens("bob").await.unwrap().data.is_empty());
    owner.revoke_token("ann", created.id).await.unwrap();
    let error = owner.revoke_token("ann", created.id).await.unwrap_err().to_string();
    assert!(error.ends_with("404 Not Found: there is no token 1"), "{error}");
    let error = client("wrong").list_tokens("ann").await.unwrap_err();
    assert_eq!(error.status().unwrap(), 401);
    assert_eq!(owner.get_account().await.unwrap_err().status().unwrap(), 501);
}
