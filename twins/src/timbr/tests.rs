//! Tests of Timbr's twin.

use serde_json::{Value, json};

use std::sync::LazyLock;

use super::background::{Background, Progress};
use super::shape::{Presentation, present};
use super::warehouse::Warehouse;

/// One environment for all tests: its databases are filled once.
static WAREHOUSE: LazyLock<Warehouse> = LazyLock::new(Warehouse::samples);

const RELATED: &str = "SELECT `entity_id`, `Customer_Name`, `is_vip`, `made_order[order].entity_id`, \
     `made_order[order].amount` FROM `timbr`.`customer` WHERE entity_id = 'c:1'";

fn run(sql: &str, presentation: Presentation) -> Result<Value, String> {
    let answer = WAREHOUSE.run("coffee_trade", sql, "analyst").map_err(|error| error.0)?;
    let ontology = WAREHOUSE.ontology("coffee_trade").unwrap();
    Ok(serde_json::to_value(present(&answer, ontology, presentation)).unwrap())
}

/// The rows of a query without any header.
fn rows(sql: &str) -> Value {
    run(sql, Presentation::default()).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

fn refused(sql: &str) -> String {
    match run(sql, Presentation::default()) {
        Err(error) => error,
        Ok(rows) => panic!("{sql} was answered: {rows}"),
    }
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
    let flat = json!({"entity_id": "c:1", "Customer_Name": "Kestrel Roasters", "is_vip": 1,
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
         `made_order[order].items[order_item].quantity` FROM customer WHERE entity_id IN ('c:1', 'c:3', 'c:4') ORDER BY 1, 2, 3",
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
fn the_sample_tells_of_a_trade_that_goes_on() {
    let count =
        |table: &str| rows(&format!("SELECT COUNT(*) AS n FROM timbr.{table}"))[0]["n"].as_i64().unwrap();
    for (table, least) in [
        ("customer", 100),
        ("person", 200),
        ("order", 1_500),
        ("order_item", 3_000),
        ("shipment", 1_500),
        ("lot", 200),
    ] {
        assert!(count(table) >= least, "{table}: {}", count(table));
    }
    assert!(count("thing") > 6_000);
    assert_eq!(
        count("place"),
        count("region") + count("farm"),
        "a concept has the entities of its descendants"
    );
    let recent = rows("SELECT COUNT(*) AS n FROM dtimbr.`order` WHERE ordered_at > NOW() - INTERVAL 30 DAY");
    assert!(recent[0]["n"].as_i64().unwrap() > 20, "{recent}");
    let later = rows("SELECT COUNT(*) AS n FROM dtimbr.`order` WHERE ordered_at > NOW()");
    assert_eq!(later, json!([{"n": 0}]));
    // The amount of each order is that of its items, and each key leads to an entity.
    let wrong = "SELECT o.entity_id FROM dtimbr.`order` o JOIN dtimbr.order_item i ON i.order_id = o.entity_id \
                 GROUP BY o.entity_id, o.amount, o.shipping_fee \
                 HAVING ABS(SUM(i.quantity * i.unit_price) + o.shipping_fee - o.amount) > 0.01";
    assert_eq!(rows(wrong), json!([]));
    for (from, key, to) in [
        ("order", "customer_id", "customer"),
        ("order_item", "order_id", "order"),
        ("order_item", "lot_id", "lot"),
        ("lot", "farm_id", "farm"),
        ("farm", "region_id", "region"),
        ("person", "employer_id", "customer"),
        ("person", "manager_id", "person"),
    ] {
        let sql = format!(
            "SELECT {key} FROM dtimbr.`{from}` WHERE {key} IS NOT NULL AND {key} NOT IN (SELECT entity_id FROM dtimbr.`{to}`)"
        );
        assert_eq!(rows(&sql), json!([]), "{from}.{key}");
    }
    // A view agrees with the concept that it summarises.
    let view = rows("SELECT orders, revenue FROM vtimbr.monthly_sales WHERE month = '2026-01'");
    let concept = rows(
        "SELECT COUNT(*) AS orders, ROUND(SUM(amount), 2) AS revenue FROM dtimbr.`order` \
                        WHERE YEAR(ordered_on) = 2026 AND MONTH(ordered_on) = 1",
    );
    assert_eq!(view, concept);
}

#[test]
fn relationships_are_joined_to_the_table_that_uses_them() {
    let check = |sql: &str, expected: Value| assert_eq!(rows(sql), expected, "{sql}");
    // A name in a comment, a literal or another subquery multiplies nothing.
    check(
        "SELECT COUNT(*) AS n, 'made_order[order].amount' AS `x` FROM dtimbr.customer WHERE entity_id = 'c:3' -- made_order[order].amount",
        json!([{"n": 1, "x": "made_order[order].amount"}]),
    );
    check(
        "SELECT (SELECT COUNT(*) FROM dtimbr.customer WHERE entity_id = 'c:3') n, \
         (SELECT SUM(`made_order[order].amount`) FROM dtimbr.customer WHERE entity_id = 'c:3') s",
        json!([{"n": 1, "s": 385.25}]),
    );
    // Quoted or not, by an alias, in any case, in each clause.
    check(
        "SELECT c.Customer_Name, c.made_order[order].amount FROM dtimbr.customer AS c \
         WHERE c.MADE_ORDER[order].amount > 300 AND c.entity_id = 'c:3'",
        json!([{"Customer_Name": "Blue Door Café", "made_order[order].amount": 310}]),
    );
    check(
        "SELECT customer_name FROM dtimbr.customer WHERE entity_id = 'c:3' GROUP BY customer_name \
         HAVING SUM(`made_order[order].amount`) > 100 ORDER BY MAX(`made_order[order].amount`)",
        json!([{"customer_name": "Blue Door Café"}]),
    );
    // Inverses, by their name and by `~`, over several hops.
    check(
        "SELECT `ordered_by[customer].customer_name` AS a, `~made_order[customer].customer_name` AS b, \
         in_order AS c FROM (SELECT *, 1 AS in_order, `ordered_by[customer].customer_name`, `~made_order[customer].customer_name` \
         FROM dtimbr.`order`) o WHERE entity_id = 'o:9'",
        json!([{"a": "Kestrel Roasters", "b": "Kestrel Roasters", "c": 1}]),
    );
    check(
        "SELECT DISTINCT in_order[order].ordered_by[customer].customer_name AS who, of_lot[lot].grown_at[farm].in_region[region].country AS origin \
         FROM dtimbr.order_item WHERE entity_id = 'i:21'",
        json!([{"who": "Kestrel Roasters", "origin": rows("SELECT l.grown_at[farm].country AS c FROM dtimbr.lot l WHERE l.entity_id = 'l:3'")[0]["c"]}]),
    );
    // Many to many.
    let order = &rows(
        "SELECT MIN(entity_id) AS id FROM dtimbr.`order` WHERE shipped_in[shipment].is_delivered",
    )[0]["id"];
    let order = order.as_str().unwrap();
    let by = |sql: &str| rows(&sql.replace("ORDER", &format!("'{order}'")));
    let carried = by("SELECT entity_id FROM dtimbr.shipment WHERE `carries[order].entity_id` = ORDER");
    let shipped = by(
        "SELECT `shipped_in[shipment].entity_id` AS entity_id FROM dtimbr.`order` WHERE entity_id = ORDER",
    );
    assert_eq!(carried, shipped);
    assert!(!carried.as_array().unwrap().is_empty());
    // Transitive, with its level.
    check(
        "SELECT `reports_to[person*2].entity_id` AS boss, `reports_to[person*2]_transitivity_level` AS level \
         FROM dtimbr.person WHERE entity_id = 'p:4' ORDER BY 2",
        json!([{"boss": "p:3", "level": 1}, {"boss": "p:1", "level": 2}]),
    );
    // Measures are aggregated.
    check(
        "SELECT SUM(measure.revenue) AS own, (SELECT SUM(`measure.made_order[order].revenue`) FROM dtimbr.customer) AS related \
         FROM dtimbr.`order` WHERE customer_id IN (SELECT entity_id FROM dtimbr.customer)",
        json!([rows("SELECT SUM(amount) AS own, SUM(amount) AS related FROM dtimbr.`order`")[0]]),
    );
    for column in [
        "made_order[ordr].amount",
        "made_ordr[order].amount",
        "made_order[order].amunt",
        "ordered_by[customer].x",
        "employs[person*2].email",
    ] {
        let error = refused(&format!("SELECT {column} FROM dtimbr.customer"));
        assert_eq!(error, format!("There is no column with the name {column}."));
    }
}

#[test]
fn functions_of_timbr_are_understood() {
    let check = |expression: &str, expected: Value| {
        assert_eq!(rows(&format!("SELECT {expression} AS x"))[0]["x"], expected, "{expression}");
    };
    check("CONCAT('a', 1, 'b')", json!("a1b"));
    check("YEAR('2026-03-04')", json!(2026));
    check("MONTH(DATE '2026-03-04') * 2", json!(6));
    check("EXTRACT(DAY FROM '2026-03-04')", json!(4));
    check("QUARTER('2026-11-04')", json!(4));
    check("date_format('2026-03-04 05:06:07', 'dd.MM.yyyy HH:mm:ss')", json!("04.03.2026 05:06:07"));
    check("date_format('2026-03-04', '%Y-%m')", json!("2026-03"));
    check("date_trunc('month', '2026-03-04')", json!("2026-03-01"));
    check("DATE '2026-03-31' - INTERVAL 1 MONTH", json!("2026-03-03"));
    check("DATE '2026-03-04' - INTERVAL '10' DAY", json!("2026-02-22"));
    check("TIMESTAMP '2026-03-04 01:00:00' - INTERVAL 2 HOUR", json!("2026-03-03 23:00:00"));
    check("DATE_ADD('2026-03-04', 1 + 1)", json!("2026-03-06"));
    check("date_sub('2026-03-04', INTERVAL 1 WEEK)", json!("2026-02-25"));
    check("DATEDIFF('2026-03-04', '2026-03-01')", json!(3));
    check("CAST('2026-03-04 05:06:07' AS DATE)", json!("2026-03-04"));
    check("CAST('7' AS BIGINT) + 1", json!(8));
    check("CAST(7 AS VARCHAR(3))", json!("7"));
    check("7 / 2", json!(3.5));
    check("IF(1 > 2, 'a', 'b')", json!("b"));
    check("NVL(NULL, 'a')", json!("a"));
    check("LEFT('coffee', 3) || RIGHT('coffee', 2)", json!("cofee"));
    check("'Café' ILIKE 'cAF%'", json!(1));
    check("LENGTH(NOW()) + LENGTH(CURRENT_DATE)", json!(29));
    check("timbr_username()", json!("analyst"));
    check("POSITION('f' IN 'coffee')", json!(3));
    check("GREATEST(1, 3, 2)", json!(3));
}

#[test]
fn names_keep_their_case() {
    let names = |sql: &str| rows(sql)[0].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let sql = "SELECT 'x' AS PLAN, Customer_NAME, COUNT(*), c.Is_Vip, 1 AS `Имя клиента` FROM customer c";
    assert_eq!(names(sql), ["PLAN", "Customer_NAME", "COUNT(*)", "Is_Vip", "Имя клиента"]);
    assert_eq!(
        names("SELECT * FROM timbr.region"),
        ["entity_id", "entity_type", "entity_label", "place_name", "country", "latitude", "longitude"]
    );
    assert_eq!(
        names("SELECT r.*, f.entity_id AS farm FROM region r JOIN farm f ON f.region_id = r.entity_id").len(),
        8
    );
}

#[test]
fn a_computed_value_is_not_formatted() {
    let all = Presentation {
        nested: true,
        format_properties: true,
        format_booleans: true,
        ..Presentation::default()
    };
    let sql = "SELECT entity_id, 5 AS is_vip, is_vip AS vip FROM dtimbr.customer WHERE entity_id = 'c:1'";
    assert_eq!(run(sql, all), Ok(json!([{"entity_id": "c:1", "is_vip": 5, "vip": "true"}])));
}

/// What the vendor's clients ask before their first query.
#[test]
fn tools_learn_what_an_environment_has() {
    let some = |sql: &str, column: &str| {
        let rows = rows(sql);
        assert!(!rows[0][column].is_null(), "{sql}: {rows}");
    };
    some("SHOW VERSION", "id");
    some("SHOW TABLES IN dtimbr", "tableName");
    some("show datasources", "is_active");
    some("SHOW TAGS", "target_type");
    some("SHOW CONCEPTS", "concept");
    some("SHOW SCHEMAS", "namespace");
    some("SELECT ontology FROM timbr.sys_ontologies", "ontology");
    some(
        "SELECT name, description, ontologies FROM timbr.sys_domains WHERE ontologies like '%coffee_trade%'",
        "name",
    );
    some(
        "SELECT relationship_name, description FROM `timbr`.`SYS_CONCEPT_RELATIONSHIPS` WHERE description is not null",
        "description",
    );
    some(
        "SELECT property_name, description FROM `timbr`.`SYS_PROPERTIES` WHERE description is not null",
        "description",
    );
    some(
        "SELECT * FROM timbr.SYS_AGENTS_BENCHMARKS WHERE LOWER(benchmark_name) = LOWER('COFFEE_basics')",
        "benchmark",
    );
    some(
        "SELECT option_name, option_value FROM timbr.sys_agents_options WHERE LOWER(agent_name) = LOWER('Coffee_Agent')",
        "option_value",
    );
    some("SELECT * FROM timbr.sys_properties_statistics WHERE target_name = 'customer'", "distinct_values");
    some("SELECT * FROM timbr.sys_concept_mappings", "number_of_rows");
    some("SELECT * FROM timbr.sys_knowledgebase_rules", "rule");
    some("desc `timbr`.`customer`", "col_name");
    some("DESCRIBE vtimbr.monthly_sales", "data_type");
    some("DESC timbr.sys_concepts", "col_name");
    some("EXPLAIN SELECT `made_order[order].amount` FROM dtimbr.customer", "PLAN");
    let concepts = rows(
        "SELECT * FROM ( SELECT concept, description, 'false' AS is_view FROM timbr.sys_concepts WHERE concept IN \
         (SELECT DISTINCT concept FROM timbr.sys_concept_properties) UNION ALL SELECT view_name AS concept, description, \
         'true' AS is_view FROM timbr.sys_views ) AS combined ORDER BY is_view ASC",
    );
    assert_eq!(concepts.as_array().unwrap().len(), 12, "{concepts}");
    let depth = |depth: u8| {
        let sql = format!("describe concept `dtimbr`.`customer` options (graph_depth='{depth}')");
        let rows = rows(&sql);
        rows.as_array()
            .unwrap()
            .iter()
            .map(|row| row["col_name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert!(depth(1).iter().any(|name| name == "made_order[order].amount"));
    assert!(depth(1).iter().any(|name| name == "measure.made_order[order].revenue"));
    assert!(!depth(1).iter().any(|name| name.contains("items[")));
    assert!(depth(2).iter().any(|name| name == "made_order[order].items[order_item].quantity"));
    // Each column that is described can be selected.
    for column in depth(2) {
        rows(&format!("SELECT `{column}` FROM dtimbr.customer WHERE entity_id = 'c:4' LIMIT 1"));
    }
    assert!(refused("DESC dtimbr.custommer").contains("custommer"));
    assert!(refused("EXPLAIN SELECT amunt FROM dtimbr.`order`").contains("amunt"));
    assert!(WAREHOUSE.run("system_db", "SELECT agent_name FROM timbr.sys_agents", "analyst").is_ok());
}

#[test]
fn queries_can_only_read_and_always_end() {
    let check = |sql: &str, expected: &str| {
        let error = refused(sql);
        assert!(error.contains(expected), "{sql}: {error}");
        assert!(sql.contains("sqlite") || !error.to_lowercase().contains("sqlite"), "{error}");
    };
    check("", "empty");
    check("-- only a comment", "empty");
    check("SELEC", "Only queries");
    check("SELECT FROM WHERE", "");
    check("SELECT * FROM timbr.custommer", "There is no concept or view with the name timbr.custommer.");
    check("SELECT custmer_name FROM timbr.customer", "There is no column with the name custmer_name.");
    check("SELECT \"custmer_name\" FROM timbr.customer", "There is no column with the name custmer_name.");
    check("SELECT * FROM sqlite_master", "There is no concept or view");
    check("SELECT * FROM main.customer", "There is no concept or view");
    check("SELECT * FROM `#customer`", "There is no concept or view");
    check("SELECT * FROM pragma_database_list", "There is no concept or view");
    check("SELECT * FROM generate_series(1, 10)", "Only tables");
    check("SELECT nothing(1)", "There is no function with the name");
    check("SELECT 1; SELECT 2", "Only one statement");
    check("SELECT 'open", "Syntax error");
    for sql in [
        "DELETE FROM timbr.customer",
        "UPDATE timbr.customer SET is_vip = 0",
        "INSERT INTO timbr.customer VALUES (1)",
        "CREATE TABLE timbr.a (b)",
        "DROP TABLE customer",
        "ATTACH '/tmp/descant-timbr-escape.db' AS x",
        "PRAGMA journal_mode = WAL",
        "VACUUM INTO '/tmp/descant-timbr-escape.db'",
    ] {
        check(sql, "Only queries can be run.");
    }
    check("WITH a AS (SELECT 1) DELETE FROM timbr.customer", "");
    check("SELECT load_extension('x')", "");
    check("SELECT readfile('/etc/passwd')", "There is no function");
    check("SELECT randomblob(9)", "There is no function");
    check("SELECT zeroblob(1000000000)", "There is no function");
    check("SELECT sqlite_version()", "");
    check(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
        "takes too long",
    );
    check("WITH RECURSIVE n(s) AS (SELECT 'x' UNION ALL SELECT s || s FROM n) SELECT s FROM n", "too long");
    check(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 30000) SELECT i FROM n",
        "LIMIT",
    );
    check(&format!("SELECT {}1{}", "(".repeat(10_000), ")".repeat(10_000)), "nested too deeply");
    check(&format!("SELECT 1 WHERE {}", vec!["1"; 20_000].join("+")), "operators");
    check(&format!("SELECT {} 1", "NOT ".repeat(10_000)), "operators");
    check(&"x".repeat(70_000), "too long");
    assert!(!std::path::Path::new("/tmp/descant-timbr-escape.db").exists());
    // As many operators as are permitted fit into the stack of a test's thread.
    let sum = format!("SELECT {} AS n", vec!["1"; 400].join(" + "));
    assert_eq!(rows(&sum), json!([{"n": 400}]));
}

#[test]
fn a_background_query_is_fetched_once_and_by_its_user() {
    let background = Background::new(1);
    let id = background.submit("analyst", || 7);
    assert_eq!(background.look("engineer", &id), Progress::Unknown);
    assert_eq!(background.look("analyst", &id), Progress::Running);
    let result = loop {
        match background.look("analyst", &id) {
            Progress::Running => std::thread::yield_now(),
            result => break result,
        }
    };
    assert_eq!(result, Progress::Completed(7));
    assert_eq!(background.look("analyst", &id), Progress::Unknown);
    assert_eq!(Background::new(1).submit("x", || 1), id, "the same seed names the same");
    assert_ne!(Background::new(2).submit("x", || 1), id, "another seed names another");
}

#[test]
fn submitting_does_not_wait_for_the_query() {
    let background = Background::new(1);
    let (release, held) = std::sync::mpsc::channel::<()>();
    let id = background.submit("analyst", move || held.recv().is_ok());
    assert_eq!(background.look("analyst", &id), Progress::Running);
    assert_eq!(background.look("analyst", &id), Progress::Running);
    release.send(()).unwrap();
}
