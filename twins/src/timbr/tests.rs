//! Tests of Timbr's twin.

use serde_json::{Value, json};

use super::background::{Background, Progress};
use super::ontology::Ontologies;
use super::shape::{Presentation, present};
use super::warehouse::query;

const RELATED: &str = "SELECT `entity_id`, `Customer_Name`, `is_vip`, `made_order[order].entity_id`, \
     `made_order[order].amount` FROM `timbr`.`customer` WHERE entity_id = 'c:1'";

fn run(sql: &str, presentation: Presentation) -> Result<Value, String> {
    let ontologies = Ontologies::samples();
    let ontology = ontologies.get("coffee_trade").unwrap();
    let rows = query(ontology, sql, &[]).map_err(|error| error.0)?;
    Ok(serde_json::to_value(present(&rows, ontology, sql, presentation)).unwrap())
}

#[test]
fn headers_decide_how_rows_are_presented() {
    let check = |name: &str, presentation: Presentation, expected: Value| {
        assert_eq!(run(RELATED, presentation), Ok(json!([expected])), "{name}");
    };
    let nested = Presentation { nested: true, ..Presentation::default() };
    let both = Presentation { format_properties: true, ..nested };
    let related = json!([{"entity_id": "o:9", "amount": 120}]);
    let plain = json!({"entity_id": "c:1", "customer_name": "Kestrel Roasters", "is_vip": 1, "made_order[order]": related});
    let flat = json!({"entity_id": "c:1", "customer_name": "Kestrel Roasters", "is_vip": 1,
        "made_order[order].entity_id": "o:9", "made_order[order].amount": 120});
    check("no header", Presentation::default(), flat.clone());
    check("nested", nested, plain.clone());
    check("both", both, plain.clone());
    check(
        "minimize",
        Presentation { minimize_relationships: true, ..both },
        json!({"entity_id": "c:1",
        "customer_name": "Kestrel Roasters", "is_vip": 1, "made_order": related}),
    );
    check(
        "booleans",
        Presentation { format_booleans: true, ..both },
        json!({"entity_id": "c:1",
        "customer_name": "Kestrel Roasters", "is_vip": "true", "made_order[order]": related}),
    );
    check(
        "no key",
        Presentation { ignore_entity_id: true, ..both },
        json!({"customer_name": "Kestrel Roasters",
        "is_vip": 1, "made_order[order]": [{"amount": 120}]}),
    );
    check(
        "case",
        Presentation { case_sensitivity: true, ..both },
        json!({"entity_id": "c:1",
        "Customer_Name": "Kestrel Roasters", "is_vip": 1, "made_order[order]": related}),
    );
    let all =
        Presentation { minimize_relationships: true, format_booleans: true, ignore_entity_id: true, ..both };
    check("the four need nested", Presentation { nested: false, ..all }, flat);
    check("the four need format-properties", Presentation { format_properties: false, ..all }, plain);
}

#[test]
fn nesting_needs_the_keys_and_follows_several_hops() {
    let nested = Presentation { nested: true, ..Presentation::default() };
    let check = |sql: &str, expected: Value| assert_eq!(run(sql, nested), Ok(expected), "{sql}");
    check(
        "SELECT customer_name, `made_order[order].amount` FROM customer WHERE entity_id = 'c:1'",
        json!([{"customer_name": "Kestrel Roasters", "made_order[order].amount": 120}]),
    );
    check(
        "SELECT entity_id, `made_order[order].amount` FROM customer WHERE entity_id = 'c:1'",
        json!([{"entity_id": "c:1", "made_order[order].amount": 120}]),
    );
    check(
        "SELECT entity_id, `made_order[order].entity_id`, `made_order[order].items[order_item].entity_id`, \
         `made_order[order].items[order_item].quantity` FROM customer WHERE is_vip = 1 OR entity_id = 'c:4' ORDER BY 1, 2, 3",
        json!([
            {"entity_id": "c:1", "made_order[order]": [{"entity_id": "o:9", "items[order_item]": [
                {"entity_id": "i:21", "quantity": 4}, {"entity_id": "i:22", "quantity": 2}]}]},
            {"entity_id": "c:3", "made_order[order]": [
                {"entity_id": "o:11", "items[order_item]": [{"entity_id": "i:24", "quantity": 10}]},
                {"entity_id": "o:12", "items[order_item]": [{"entity_id": "i:25", "quantity": 5}]}]},
            {"entity_id": "c:4", "made_order[order]": []},
        ]),
    );
}

#[test]
fn formatting_tags_change_what_they_tag() {
    let formatted = Presentation { format_properties: true, ..Presentation::default() };
    let sql = "SELECT ordered_on FROM `order` WHERE entity_id = 'o:9'";
    assert_eq!(run(sql, formatted), Ok(json!([{"ordered_on": "19.01.2026"}])));
    assert_eq!(run(sql, Presentation::default()), Ok(json!([{"ordered_on": "2026-01-19"}])));
}

#[test]
fn queries_can_only_read_and_always_end() {
    let check = |sql: &str, expected: &str| match run(sql, Presentation::default()) {
        Err(error) => assert!(error.contains(expected), "{sql}: {error}"),
        Ok(rows) => panic!("{sql} was answered: {rows}"),
    };
    check("", "Only queries can be run");
    check("SELEC", "syntax error");
    check("SELECT * FROM timbr.custommer", "no such table");
    check("SELECT 1; SELECT 2", "Only one statement");
    check("DELETE FROM timbr.customer", "not authorized");
    check("UPDATE timbr.customer SET is_vip = 0", "not authorized");
    check("CREATE TABLE timbr.a (b)", "not authorized");
    check("ATTACH '/tmp/descant-timbr-escape.db' AS x", "");
    check("PRAGMA journal_mode = WAL", "not authorized");
    check("VACUUM INTO '/tmp/descant-timbr-escape.db'", "");
    check("SELECT load_extension('x')", "not authorized");
    check("SELECT readfile('/etc/passwd')", "no such function");
    check("SELECT randomblob(9)", "not authorized");
    check("SELECT zeroblob(1000000000)", "not authorized");
    check("SELECT * FROM pragma_database_list", "not authorized");
    check(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
        "interrupted",
    );
    check("WITH RECURSIVE n(s) AS (SELECT 'x' UNION ALL SELECT s || s FROM n) SELECT s FROM n", "too big");
    check(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000) SELECT i FROM n",
        "LIMIT",
    );
    check(&format!("SELECT {}1", "(".repeat(1000)), "");
    check(&"x".repeat(70_000), "too long");
    assert!(!std::path::Path::new("/tmp/descant-timbr-escape.db").exists());
}

#[test]
fn a_background_query_is_fetched_once_and_by_its_user() {
    let mut background = Background::new(1);
    let id = background.submit("analyst", 7);
    assert_eq!(background.look("engineer", &id), Progress::Unknown);
    assert_eq!(background.look("analyst", &id), Progress::Running);
    assert_eq!(background.look("analyst", &id), Progress::Completed(7));
    assert_eq!(background.look("analyst", &id), Progress::Unknown);
    assert_eq!(Background::new(1).submit("x", 1), id, "the same seed names the same");
    assert_ne!(Background::new(2).submit("x", 1), id, "another seed names another");
}
