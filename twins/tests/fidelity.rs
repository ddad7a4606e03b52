//! The page `docs/fidelity.md`: what is known of the three systems, its source, and the test that shows it. The page is
//! written from this table (`DESCANT_WRITE=1 cargo test -p descant-twins --test fidelity`), and each test that it names
//! must exist.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::fmt::Write as _;
use std::path::Path;

/// A fact: its system, what is known, the source, and a file of `twins` with the name of a test in it.
type Fact = (&'static str, &'static str, &'static str, &'static str, &'static str);

const TIMBR: &str = "src/timbr/tests.rs";
const TIMBR_CLIENT: &str = "tests/clients/timbr.py";
const FERNET: &str = "tests/clients/fernet.py";
const COGNITIVE: &str = "src/cognitive3d/tests.rs";
const COGNITIVE_CLIENT: &str = "tests/clients/cognitive3d.py";
const TIMBRE: &str = "src/timbre/tests.rs";
const CONTRACT: &str = "tests/contract.rs";
const HEADERS: &str = "tests/headers.rs";
const LANGCHAIN: &str = "tests/clients/langchain.py";
const OVER_A_SOCKET: &str = "tests/facts.rs";

const FACTS: [Fact; 55] = [
    (
        "Timbr",
        "`get_token` takes a Fernet bearer of base64 `user:password` under `API_AUTH_SALT`",
        "vendor's requirements",
        FERNET,
        "right",
    ),
    (
        "Timbr",
        "`get_token` answers `{\"data\":[\"tk_…\"],\"status\":\"success\"}`, and the same token again",
        "vendor's requirements",
        FERNET,
        "right",
    ),
    ("Timbr", "an altered, expired or missing bearer is refused", "inferred", FERNET, "altered"),
    (
        "Timbr",
        "`x-api-key` is needed on every other call",
        "vendor's requirements",
        TIMBR_CLIENT,
        "wrong_token",
    ),
    (
        "Timbr",
        "`x-jwt-token` stands in for the key where JWT is configured",
        "vendor's requirements",
        TIMBR_CLIENT,
        "json_web_token",
    ),
    (
        "Timbr",
        "the headers `x-jwt-tenant-id`, `-issuer`, `-client-id`, `-nonce` are sent beside a JWT; that claims are compared with them",
        "vendor's client; inferred",
        TIMBR_CLIENT,
        "json_web_token",
    ),
    ("Timbr", "`x-api-impersonate-user` names another user", "vendor's client", TIMBR_CLIENT, "headers"),
    (
        "Timbr",
        "`nested` acts only where the query names `entity_id` of the concept and of its relationships",
        "vendor's requirements",
        TIMBR,
        "nesting_needs_the_keys_and_follows_several_hops",
    ),
    (
        "Timbr",
        "each of the six headers, and which of them need `nested` and `api-nested-format-properties`",
        "vendor's requirements",
        HEADERS,
        "every_endpoint_follows_each_combination",
    ),
    (
        "Timbr",
        "the headers hold for `/query/`, `/q/…/concept`, `/q/…/view` and `/openapi/…/query`",
        "vendor's documentation and client",
        HEADERS,
        "every_endpoint_follows_each_combination",
    ),
    ("Timbr", "the form of a nested response", "inferred", TIMBR, "headers_decide_how_rows_are_presented"),
    (
        "Timbr",
        "formatting tags change values with `api-nested-format-properties`",
        "vendor's requirements",
        TIMBR,
        "formatting_tags_change_what_they_tag",
    ),
    (
        "Timbr",
        "columns of related concepts are `relationship[concept].property`, over several hops",
        "vendor's client",
        TIMBR,
        "relationships_are_joined_to_the_table_that_uses_them",
    ),
    (
        "Timbr",
        "`relationship[concept*n]` and `_transitivity_level` follow a transitive relationship",
        "vendor's client",
        TIMBR,
        "relationships_are_joined_to_the_table_that_uses_them",
    ),
    (
        "Timbr",
        "`measure.NAME` is aggregated",
        "vendor's client",
        TIMBR,
        "relationships_are_joined_to_the_table_that_uses_them",
    ),
    ("Timbr", "flat columns keep their case", "vendor's client", TIMBR, "names_keep_their_case"),
    (
        "Timbr",
        "tools ask `SHOW …`, `DESCRIBE CONCEPT … OPTIONS (graph_depth=…)`, `EXPLAIN` and `timbr.sys_…`",
        "vendor's client",
        TIMBR,
        "tools_learn_what_an_environment_has",
    ),
    (
        "Timbr",
        "`/openapi/…/query` takes the SQL as `application/text`, and answers bare rows",
        "vendor's client",
        TIMBR_CLIENT,
        "sync",
    ),
    ("Timbr", "`results-limit` limits the rows", "vendor's client", TIMBR_CLIENT, "headers"),
    (
        "Timbr",
        "`x-async` answers 202 with `response_id` and `poll_url`; results are fetched once, then 404",
        "vendor's client",
        TIMBR_CLIENT,
        "background",
    ),
    (
        "Timbr",
        "submitting does not wait for the query",
        "vendor's client",
        TIMBR,
        "submitting_does_not_wait_for_the_query",
    ),
    ("Timbr", "an error is `{\"status\":\"error\",\"data\":…}`", "vendor's client", TIMBR_CLIENT, "sync"),
    ("Timbr", "SQL that writes is refused", "inferred", TIMBR, "queries_can_only_read_and_always_end"),
    ("Timbr", "paths match with and without a final slash", "vendor's clients", CONTRACT, "timbr"),
    (
        "Timbr",
        "`get_ontologies`, `query/`, `get_ontology/{ontology}`, `clear_cache/{ontology}` and their envelope; rows have `entity_id` and `entity_type`",
        "vendor's documentation",
        OVER_A_SOCKET,
        "timbr_envelopes_and_paths",
    ),
    (
        "Timbr",
        "`/q/…/concept` and `/q/…/view` filter by properties; the grammar is inferred",
        "vendor's documentation; inferred",
        OVER_A_SOCKET,
        "timbr_concepts_and_views_are_filtered_by_properties",
    ),
    (
        "Timbr",
        "`get_config` tells what an allow-list names; the refusal is inferred",
        "vendor's documentation; inferred",
        OVER_A_SOCKET,
        "timbr_settings_are_read_by_an_allow_list",
    ),
    (
        "Timbr",
        "tokens open every call but `get_token`",
        "vendor's requirements",
        OVER_A_SOCKET,
        "timbr_tokens_open_everything_but_get_token",
    ),
    (
        "Timbr",
        "`kb/search` takes `top_k` from 1 to 20, and answers matches with a level",
        "vendor's client",
        OVER_A_SOCKET,
        "timbr_knowledge_bases_answer_questions_within_bounds",
    ),
    (
        "Timbr",
        "bodies are `application/json`, but for `/openapi`; another type is 415, which is inferred",
        "vendor's requirements; inferred",
        OVER_A_SOCKET,
        "timbr_bodies_are_json_but_for_openapi",
    ),
    (
        "Timbr",
        "`llm_prompts/{step}` answers the messages of a prompt; their sentences are the mock's own",
        "vendor's LangChain tools",
        LANGCHAIN,
        "prompts",
    ),
    (
        "Timbr",
        "agents record by `/timbr-server/log_agent/{event}` as the user `token`, and `fetch_conversation_history` answers what they recorded of a conversation",
        "vendor's LangChain tools",
        OVER_A_SOCKET,
        "timbr_keeps_what_agents_record_of_a_conversation",
    ),
    (
        "Cognitive3D",
        "both forms of an organization's key",
        "vendor's documentation",
        COGNITIVE_CLIENT,
        "key_forms",
    ),
    (
        "Cognitive3D",
        "a wrong, revoked or other key is refused with 401",
        "inferred",
        COGNITIVE_CLIENT,
        "unauthorized",
    ),
    (
        "Cognitive3D",
        "a key opens one organization; what another has is 404",
        "vendor's documentation; 404 inferred",
        COGNITIVE_CLIENT,
        "defaults",
    ),
    (
        "Cognitive3D",
        "clients that give no dates ask for the last 30 days",
        "vendor's client",
        COGNITIVE_CLIENT,
        "defaults",
    ),
    (
        "Cognitive3D",
        "session lists are paged, sorted and filtered recursively",
        "vendor's client",
        COGNITIVE,
        "filters_join_compare_and_nest",
    ),
    (
        "Cognitive3D",
        "deeply nested filters are refused",
        "inferred",
        COGNITIVE,
        "filters_that_nest_too_deeply_are_told",
    ),
    (
        "Cognitive3D",
        "the slicer's shapes: a value, keyed or listed values, warnings",
        "vendor's catalog",
        COGNITIVE,
        "the_slicer_counts_and_slices",
    ),
    (
        "Cognitive3D",
        "objective results by version and by step, for one objective or all",
        "vendor's clients",
        COGNITIVE_CLIENT,
        "objectives",
    ),
    (
        "Cognitive3D",
        "survey counts follow the session filters",
        "vendor's client",
        COGNITIVE_CLIENT,
        "surveys",
    ),
    (
        "Cognitive3D",
        "`jsonRequests` answers by `jsonType`; the form is inferred",
        "vendor's catalog",
        COGNITIVE,
        "raw_data_are_those_of_the_session_and_of_their_kind",
    ),
    (
        "Cognitive3D",
        "roles and scopes are a hierarchy; observers read only",
        "vendor's documentation",
        CONTRACT,
        "cognitive3d",
    ),
    (
        "Cognitive3D",
        "`whoami`, organization, tags, projects, scenes, objects and objectives; a scene's path with a final slash is 404; DELETE answers without a body",
        "vendor's catalog and tools",
        OVER_A_SOCKET,
        "cognitive3d_shows_organization_projects_and_scenes",
    ),
    (
        "Cognitive3D",
        "pages count from 0, and have at most 100 sessions",
        "vendor's clients",
        OVER_A_SOCKET,
        "cognitive3d_pages_count_from_zero",
    ),
    (
        "Cognitive3D",
        "`sessionId` is seconds and 32 hexadecimal digits, `createdAt` milliseconds, `properties` an open map with dotted keys, `eventHash` an integer of 64 bits",
        "vendor's clients",
        OVER_A_SOCKET,
        "cognitive3d_sessions_have_their_documented_types",
    ),
    (
        "Cognitive3D",
        "a session can be had as a zip, PDF and CSV, and tagged; what the files hold is inferred",
        "vendor's catalog; inferred",
        OVER_A_SOCKET,
        "cognitive3d_sessions_are_exported_and_tagged",
    ),
    (
        "Cognitive3D",
        "question sets are a list by project, and a map keyed `hook:version` across projects; a bare list of counts is 400",
        "vendor's catalog and client",
        OVER_A_SOCKET,
        "cognitive3d_surveys_have_both_forms",
    ),
    (
        "Cognitive3D",
        "a file is served in the content type of its upload",
        "vendor's requirements",
        OVER_A_SOCKET,
        "cognitive3d_sends_files_in_the_type_of_their_upload",
    ),
    (
        "Cognitive3D",
        "what kits record is answered 200 with `cvr-request-time`; `verify` and `applicationKey` answer `apiKey` and `valid`",
        "vendor's kits",
        OVER_A_SOCKET,
        "cognitive3d_takes_what_its_kits_record",
    ),
    (
        "Cognitive3D",
        "`POST /sessions` answers `userId` and `csrf`",
        "vendor's catalog",
        OVER_A_SOCKET,
        "cognitive3d_logs_in_with_a_session",
    ),
    (
        "Timbre",
        "a token needs the Enterprise plan and the permission, and is shown once",
        "vendor's help page",
        TIMBRE,
        "a_token_takes_plan_and_permission",
    ),
    (
        "Timbre",
        "feeds are filtered by `field:operator:value`",
        "a public client",
        TIMBRE,
        "filters_let_feeds_through",
    ),
    (
        "Timbre",
        "`items` are there only with `with_items`",
        "a public client",
        TIMBRE,
        "items_come_only_where_they_are_asked_for",
    ),
    (
        "Timbre",
        "tokens may have 4,096 characters; a 401 has a `message`, which is inferred",
        "a public client; inferred",
        OVER_A_SOCKET,
        "timbre_refuses_tokens_of_any_length",
    ),
];

fn page() -> String {
    let mut page = "# What is known of the three systems\n\n\
        Each statement with its source and the test that shows that the mock agrees. The source *inferred* marks what no public\n\
        source states. `twins/tests/fidelity.rs` writes this page, and fails if a test is missing.\n"
        .to_owned();
    for system in ["Timbr", "Cognitive3D", "Timbre"] {
        // Writing to a string cannot fail.
        _ = write!(page, "\n## {system}\n\n| statement | source | test |\n|---|---|---|\n");
        for (_, statement, source, file, test) in FACTS.iter().filter(|fact| fact.0 == system) {
            _ = writeln!(page, "| {statement} | {source} | `{test}` in `twins/{file}` |");
        }
    }
    page
}

#[test]
fn the_page_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/fidelity.md");
    if std::env::var_os("DESCANT_WRITE").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap();
    assert!(written == page(), "docs/fidelity.md differs from the table: set DESCANT_WRITE=1");
}

#[test]
fn each_test_exists() {
    for (_, statement, _, file, test) in FACTS {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
        let is_there = text.contains(&format!("fn {test}()")) || text.contains(&format!("def {test}("));
        assert!(is_there, "{statement}: there is no test `{test}` in {file}");
    }
}
