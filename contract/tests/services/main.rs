//! Runs the contract tests against small services in this process: correct ones that differ in what no document states, in
//! which no error is found, and faulty ones, in which each fault is found where it is.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may"
)]

mod service;

use std::time::Duration;

use descant_contract::case::CaseKind;
use descant_contract::report::{Cause, causes};
use descant_contract::{Credentials, Report, Settings, Severity};
use descant_model::api::Api;
use descant_model::load::{Options, load_text};
use service::{Differs, Fault, OTHER, Service, TOKEN};

const DOCUMENT: &str = include_str!("pets.yaml");

fn api(text: &str) -> Api {
    load_text("pets.yaml", text.to_owned(), &Options::default()).api.unwrap()
}

fn credentials() -> Credentials {
    let mut credentials = Credentials::default();
    credentials.give("bearer", TOKEN);
    credentials.give_other("bearer", OTHER);
    credentials
}

/// Runs everything against a service, and shows the report to `look`.
fn with(
    service: Service,
    settings: &Settings,
    credentials: &Credentials,
    look: impl FnOnce(&Report<'_>, &service::Seen),
) {
    let api = api(DOCUMENT);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let running = service.start(&api).await;
        let report = descant_contract::test(&api, &running.url, credentials, settings).await.unwrap();
        look(&report, &running.seen());
    });
}

fn errors<'r>(report: &'r Report<'_>) -> Vec<Cause<'r>> {
    causes(report).into_iter().filter(|cause| cause.failure.severity == Severity::Error).collect()
}

fn correct(differs: Differs) {
    with(Service { differs, ..Service::default() }, &Settings::default(), &credentials(), |report, seen| {
        assert_eq!(errors(report).len(), 0, "{}", report.human());
        assert_eq!(report.untested().len(), 1, "all but POST /reset is tested:\n{}", report.human());
        assert_eq!(seen.records, ["kept"], "what was created is deleted, what was there stays");
    });
}

#[test]
fn nothing_is_found_in_a_correct_service() {
    correct(Differs::Nothing);
}

#[test]
fn existence_before_validation() {
    correct(Differs::ExistenceFirst);
}

#[test]
fn not_found_for_a_malformed_path() {
    correct(Differs::NotFoundForPath);
}

#[test]
fn the_body_before_the_credential() {
    correct(Differs::BodyFirst);
}

#[test]
fn too_many_requests() {
    correct(Differs::Throttles);
}

#[test]
fn a_name_of_its_own() {
    correct(Differs::UniqueNames);
}

#[test]
fn not_found_for_a_method() {
    correct(Differs::NotFoundForMethod);
}

#[test]
fn unprocessable_content() {
    correct(Differs::Unprocessable);
}

#[test]
fn a_filter_that_takes_any_text() {
    correct(Differs::AnyTag);
}

#[test]
fn a_deletion_that_always_succeeds() {
    correct(Differs::DeletesAnything);
}

#[test]
fn a_connection_that_dies_blames_no_other_case() {
    correct(Differs::ClosesConnections);
}

#[test]
fn lists_that_are_sorted_and_sets_in_any_order() {
    correct(Differs::SortsLists);
    let sorts = Service { differs: Differs::SortsLists, ..Service::default() };
    with(sorts, &Settings::default(), &credentials(), |report, _| {
        let all = causes(report);
        let warned = |name: &str| all.iter().any(|it| it.failure.message.starts_with(name));
        assert!(warned("`toys` was sent as") && !warned("`tags`"), "{}", report.human());
    });
}

#[test]
fn head_as_get() {
    correct(Differs::AnswersHead);
}

/// Each fault with the operation and the words of the report that name it.
#[test]
fn faults_are_found_where_they_are() {
    let expected = [
        (Fault::ReadAfterDelete, "GET /pets/{petId}", "404 was expected, 200 came"),
        (Fault::LostCreation, "GET /pets/{petId}", "a success (2xx) was expected, 404 came"),
        (Fault::LostUpdate, "GET /pets/{petId}", "was sent as"),
        (Fault::DroppedProperty, "POST /pets", "`nick` was sent as"),
        (Fault::Merges, "GET /pets/{petId}", "and PUT replaced it"),
        (Fault::ChangesIdentity, "PUT /pets/{petId}", "was asked for"),
        (Fault::DeletesOthers, "GET /pets/{petId}", "a success (2xx) was expected, 404 came"),
        (Fault::ListsDeleted, "GET /pets", "still has the record"),
        (Fault::HidesCreated, "GET /pets", "the list lacks the record"),
        (Fault::AgeTooSmall, "POST /pets", "400 came"),
        (Fault::AgeTooLarge, "POST /pets", "201 came"),
        (Fault::ItemsTooMany, "POST /pets", "201 came"),
        (Fault::NoCredential, "GET /pets", "200 came"),
        (Fault::Crashes, "POST /pets", "500 came (server error)"),
        (Fault::TrustsPrefix, "GET /pets", "200 came"),
        (Fault::TrimsText, "POST /pets", "was sent as"),
        (Fault::FailsOnPair, "POST /pets", "500 came (server error)"),
        (Fault::CutsBoundary, "POST /pets", "was sent as"),
        (Fault::AdjacentDuplicates, "POST /pets", "201 came"),
        (Fault::CountsBytes, "POST /pets", "400 came"),
        (Fault::OpenPattern, "GET /pets", "other values that break this constraint are refused"),
        (Fault::NamesTwice, "GET /pets/{petId}", "the name \"name\" occurs twice"),
        (Fault::Marks, "GET /pets/{petId}", "byte order mark"),
        (Fault::TrustsBare, "GET /pets", "200 came"),
        (Fault::TrustsQuery, "GET /pets", "200 came"),
        (Fault::TrustsCookie, "GET /pets", "200 came"),
        (Fault::TrustsBasic, "GET /pets", "200 came"),
        (Fault::WritesFirst, "GET /pets/{petId}", "was sent as"),
        (Fault::DeletesFirst, "GET /pets/{petId}", "404 came"),
        (Fault::KeepsRefused, "GET /pets", "whose creation was refused"),
        (Fault::Leaks, "GET /pets/{petId}", "which another record was created with"),
        (Fault::ListsTwice, "GET /pets", "2 times"),
        (Fault::ListsOthers, "GET /pets", "the list shows the record"),
        (Fault::OneTooMany, "GET /pets", "2 items came"),
        (Fault::ReplacesDeleted, "PUT /pets/{petId}", "RFC 9110, 9.3.4"),
        (Fault::DeletesTwice, "DELETE /pets/{petId}", "for a record that is gone"),
        (Fault::RefusesAgain, "POST /pets", "which is deleted"),
        (Fault::ShowsOthers, "GET /pets/{petId}", "200 came"),
        (Fault::FailsOnOptions, "GET /pets", "500 came"),
        (Fault::RefusesUpperCase, "POST /pets", "415 came"),
        (Fault::RefusesHead, "GET /pets", "HEAD is answered 403, and GET 200"),
        (Fault::DeletesOnHead, "GET /pets/{petId}", "a success (2xx) was expected, 404 came"),
        (Fault::DeletesOnOptions, "GET /pets/{petId}", "a success (2xx) was expected, 404 came"),
        (Fault::ReversesLists, "GET /pets/{petId}", "`toys` was sent as"),
        (Fault::OmitsContentType, "GET /pets", "`Content-Type` is absent"),
    ];
    for (fault, operation, words) in expected {
        let service = Service { fault: Some(fault), ..Service::default() };
        with(service, &Settings::default(), &credentials(), |report, _| {
            let is_it = |cause: &Cause<'_>| {
                let named =
                    cause.operations.iter().any(|index| report.api.operations[*index].key() == operation);
                named && cause.failure.message.contains(words)
            };
            assert!(errors(report).iter().any(is_it), "{fault:?}:\n{}", report.human());
        });
    }
}

#[test]
fn a_fault_of_all_operations_is_one_cause() {
    let service = Service { fault: Some(Fault::NoCredential), ..Service::default() };
    with(service, &Settings::default(), &credentials(), |report, _| {
        let errors = errors(report);
        assert_eq!(errors.len(), 2, "no credential, wrong credential:\n{}", report.human());
        assert!(errors[0].operations.len() > 1);
    });
}

#[test]
fn a_body_that_nobody_checks_is_one_cause() {
    let service = Service { fault: Some(Fault::ChecksNothing), ..Service::default() };
    with(service, &Settings::default(), &credentials(), |report, _| {
        let errors = errors(report);
        let of_post = errors.iter().filter(|it| it.verdict.case.kind.as_str() == "body");
        let [one] = of_post.collect::<Vec<_>>()[..] else { panic!("{}", report.human()) };
        assert!(one.cases > 10, "{}", report.human());
    });
}

#[test]
fn without_a_credential_nothing_is_proven() {
    with(Service::default(), &Settings::default(), &Credentials::default(), |report, seen| {
        let reason = report.proves_nothing().unwrap();
        assert!(reason.contains("--credential bearer=VALUE"), "{reason}");
        assert_eq!(seen.records, ["kept"]);
    });
}

#[test]
fn a_wrong_base_url_is_one_message() {
    let api = api(DOCUMENT);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let running = Service::default().start(&api).await;
        let url = format!("{}/v1", running.url);
        let credentials = credentials();
        let report = descant_contract::test(&api, &url, &credentials, &Settings::default()).await.unwrap();
        let reason = report.proves_nothing().unwrap();
        assert!(reason.contains("the base URL may lack a part"), "{reason}");
        assert!(report.verdicts.is_empty());
    });
}

#[test]
fn nothing_destructive_is_sent_unless_asked_for() {
    let mut settings = Settings::default();
    with(Service::default(), &settings, &credentials(), |report, seen| {
        assert!(!seen.requests.iter().any(|line| line.contains("/reset")), "{:?}", seen.requests);
        let declared =
            ["GET ", "POST /pets", "PUT /pets/", "DELETE /pets/", "QUERY ", "TRACE ", "HEAD ", "OPTIONS "];
        let is_declared = |line: &&String| declared.iter().any(|start| line.starts_with(start));
        assert_eq!(seen.requests.iter().find(|line| !is_declared(line)), None);
        assert!(report.human().contains("not tested, it looks destructive (`reset`)"), "{}", report.human());
    });
    settings.assume.read_only = true;
    with(Service::default(), &settings, &credentials(), |_, seen| {
        let is_write =
            |line: &&String| ["POST", "PUT", "DELETE", "PATCH"].iter().any(|it| line.starts_with(it));
        assert_eq!(seen.requests.iter().find(is_write), None);
    });
    settings.assume.read_only = false;
    settings.assume.destructive = true;
    with(Service::default(), &settings, &credentials(), |_, seen| {
        assert!(seen.requests.iter().any(|line| line == "POST /reset"));
    });
}

#[test]
fn an_interrupted_run_deletes_what_it_created_and_reports() {
    let api = api(DOCUMENT);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let running = Service::default().start(&api).await;
        let credentials = credentials();
        let settings = Settings::default();
        let mut stops = 0;
        let stop = async || {
            stops += 1;
            match stops {
                1 => running.after(60).await,
                _ => std::future::pending().await,
            }
        };
        let report =
            descant_contract::test_until(&api, &running.url, &credentials, &settings, stop).await.unwrap();
        assert!(
            report.stopped.as_deref().unwrap().starts_with("the run was interrupted"),
            "{:?}",
            report.stopped
        );
        assert!(!report.verdicts.is_empty());
        assert_eq!(running.seen().records, ["kept"]);
    });
}

#[test]
fn the_clean_up_takes_no_longer_than_stated_and_what_stays_is_reported() {
    let slow = Service { differs: Differs::DeletesSlowly, ..Service::default() };
    let mut settings = Settings { max_clean_up: Some(Duration::from_millis(800)), ..Settings::default() };
    settings.select.operations = vec!["POST /pets".to_owned()];
    settings.select.kinds = vec![CaseKind::Boundary];
    let left = |settings: &Settings| {
        let mut left = 0;
        with(slow, settings, &credentials(), |report, seen| {
            left = report.left_behind.len();
            assert!(report.left_behind.iter().all(|it| it.starts_with("/pets/")), "{:?}", report.left_behind);
            // Of what was asked for last, the service may delete some after the run is over.
            assert!(left > 0 && seen.records.len() <= left + 1, "{left} of {}", seen.records.len());
        });
        left
    };
    let with_many = left(&settings);
    settings.workers = 1;
    assert!(left(&settings) > with_many, "{with_many} were left behind by several workers");
}

#[test]
fn a_second_interrupt_ends_the_clean_up() {
    let api = api(DOCUMENT);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let slow = Service { differs: Differs::DeletesSlowly, ..Service::default() };
        let running = slow.start(&api).await;
        let (credentials, settings) = (credentials(), Settings::default());
        let mut last = std::time::Instant::now();
        let stop = async || {
            running.after(60).await;
            last = std::time::Instant::now();
        };
        let report =
            descant_contract::test_until(&api, &running.url, &credentials, &settings, stop).await.unwrap();
        assert!(last.elapsed() < Duration::from_millis(400), "{:?}", last.elapsed());
        assert!(report.human().contains("left behind: /pets/"), "{}", report.human());
    });
}

#[test]
fn the_same_seed_gives_the_same_report_whatever_runs_at_once() {
    let report = |workers| {
        let mut text = String::new();
        let service = Service { fault: Some(Fault::AgeTooLarge), ..Service::default() };
        with(service, &Settings { workers, ..Settings::default() }, &credentials(), |report, _| {
            text = report.human().replace(&report.base, "URL");
        });
        text
    };
    assert_eq!(report(1), report(8));
}

#[test]
fn a_replayed_case_is_the_only_one() {
    let mut settings = Settings::default();
    settings.select.case = Some("POST /pets › body › maximum of /age".to_owned());
    let service = Service { fault: Some(Fault::AgeTooLarge), ..Service::default() };
    with(service, &settings, &credentials(), |report, _| {
        assert_eq!((report.verdicts.len(), errors(report).len()), (1, 1), "{}", report.human());
    });
}

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/services/pets.yaml");

#[test]
fn a_router_keeps_its_contract() -> Result<(), descant_contract::Unkept> {
    descant_contract::verify(PATH, Service::default().app(&api(DOCUMENT)), &[("bearer", TOKEN)])
}

#[test]
fn a_router_that_breaks_its_contract_shows_the_report() {
    let faulty = Service { fault: Some(Fault::AgeTooLarge), ..Service::default() };
    let broken = descant_contract::verify(PATH, faulty.app(&api(DOCUMENT)), &[("bearer", TOKEN)]);
    let report = format!("{:?}", broken.unwrap_err());
    assert!(report.contains("POST /pets – body: maximum of /age"), "{report}");
    assert!(report.contains("pets.yaml:"), "{report}");
    let unproven = descant_contract::verify(PATH, Service::default().app(&api(DOCUMENT)), &[]);
    assert!(unproven.unwrap_err().to_string().contains("--credential bearer=VALUE"));
    let panics = axum::Router::new().fallback(async || -> &'static str { panic!("on purpose") });
    let panicked = descant_contract::verify(PATH, panics, &[("bearer", TOKEN)]).unwrap_err().to_string();
    assert!(panicked.contains("the service panicked"), "{panicked}");
    let nowhere = descant_contract::verify("nowhere.yaml", axum::Router::new(), &[]).unwrap_err().to_string();
    assert_eq!(nowhere, "nowhere.yaml: no such file");
}

/// The tests that a report becomes name the cases that were found; such a test fails on the faulty service alone.
#[test]
fn a_cause_becomes_a_test_that_makes_its_calls_again() {
    const CASE: &str = "POST /pets › body › maximum of /age";
    let api = api(DOCUMENT);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let faulty = Service { fault: Some(Fault::AgeTooLarge), ..Service::default() };
    let (faulty, correct) =
        runtime.block_on(async { (faulty.start(&api).await, Service::default().start(&api).await) });
    let given = credentials();
    let settings = Settings::default();
    let report = runtime.block_on(descant_contract::test(&api, &faulty.url, &given, &settings)).unwrap();
    let file = descant_contract::report::rust(&report, PATH);
    let test = format!(
        "#[test]\nfn post_pets_body_maximum_of_age() -> Result<(), Unkept> {{\n    again({CASE:?})\n}}\n"
    );
    assert!(file.contains(&test), "{file}");
    assert!(file.contains("&[(\"bearer\", &std::env::var(\"BEARER\").unwrap_or_default())]"), "{file}");
    assert!(!file.contains(TOKEN), "{file}");
    let replay = |url: &str, case: &str| descant_contract::replay(PATH, url, &[("bearer", TOKEN)], case);
    assert!(replay(&faulty.url, CASE).unwrap_err().to_string().contains("201 came"));
    assert!(replay(&correct.url, CASE).is_ok());
    let unknown = replay(&correct.url, "POST /pets › body › none").unwrap_err().to_string();
    assert_eq!(unknown, "no case is called `POST /pets › body › none`");
}
