//! What the document of a twin promises, asked of its mock: by the generated client, and case by case on the wire.

use descant_contract::case::{Body, Call, Case, CaseKind, Input};
use descant_contract::{
    Assumptions, CaseOutcome, Check, Credentials, Failure, HttpResponse, Report, Schemas, Settings, Verdict,
    judge_content,
};
use descant_mock::Running;
use descant_model::api::{Api, Location};
use descant_runtime::client::Error;
use descant_runtime::{Basic, Secret, contract, param};
use descant_twins::Twin;

/// Runs everything for a twin. The client and the cases on the wire each meet a mock of their own, so that neither
/// sees what the other changed.
pub(crate) async fn run<'a>(
    twin: &Twin,
    api: &'a Api,
    credentials: &'a Credentials,
) -> Result<Report<'a>, String> {
    let assume =
        Assumptions { examples_exist: true, strict: true, destructive: true, ..Assumptions::default() };
    let settings = Settings { assume, ..Settings::default() };
    let mock = twin.start().map_err(|error| error.to_string())?;
    let report = descant_contract::test(api, &mock.url(), credentials, &settings).await;
    let mut report = report.map_err(|error| error.to_string())?;
    let mock = twin.start().map_err(|error| error.to_string())?;
    let client = Client::new(twin, &mock, api, credentials).map_err(|error| error.to_string())?;
    let examples =
        report.verdicts.iter().map(|verdict| &verdict.case).filter(|case| case.kind == CaseKind::Example);
    let schemas = Schemas::new(api);
    let mut verdicts = Vec::new();
    for case in examples {
        verdicts.push(client.verdict(api, &schemas, case).await);
    }
    report.verdicts.splice(0..0, verdicts);
    Ok(report)
}

/// The generated clients behind one way to call an operation by its name.
enum Client {
    Timbr(descant_timbr::client::Client),
    Cognitive3d(descant_cognitive3d::client::Client),
    Timbre(descant_timbre::client::Client),
}

impl Client {
    fn new(twin: &Twin, mock: &Running, api: &Api, credentials: &Credentials) -> Result<Self, Error> {
        let secret = |scheme: &str| credentials.presented(api, scheme).map(Secret::new);
        let url = mock.url();
        match twin.name {
            "timbr" => {
                let credentials = descant_timbr::client::Credentials {
                    x_api_key: secret("xApiKey"),
                    bearer_fernet: secret("bearerFernet"),
                    platform_session: secret("platformSession"),
                    basic_token: credentials.presented(api, "basicToken").and_then(|pair| {
                        let (user, password) = pair.split_once(':')?;
                        Some(Basic { user: user.to_owned(), password: Secret::new(password) })
                    }),
                    ..Default::default()
                };
                Ok(Self::Timbr(descant_timbr::client::Client::new(&url, &credentials)?))
            }
            "cognitive3d" => {
                let credentials = descant_cognitive3d::client::Credentials {
                    organization_key: secret("organizationKey"),
                    developer_key: secret("developerKey"),
                    data_key: secret("dataKey"),
                    login_session: secret("loginSession"),
                };
                Ok(Self::Cognitive3d(descant_cognitive3d::client::Client::new(&url, &credentials)?))
            }
            "timbre" => {
                let credentials = descant_timbre::client::Credentials {
                    bearer_token: secret("bearerToken"),
                    account_key: secret("accountKey"),
                };
                Ok(Self::Timbre(descant_timbre::client::Client::new(&url, &credentials)?))
            }
            name => Err(Error::Configuration(format!("there is no client for the twin `{name}`"))),
        }
    }

    async fn call(&self, operation: &str, input: &contract::Input) -> Result<contract::Outcome, Error> {
        match self {
            Self::Timbr(client) => descant_timbr::contract::call(client, operation, input).await,
            Self::Cognitive3d(client) => descant_cognitive3d::contract::call(client, operation, input).await,
            Self::Timbre(client) => descant_timbre::contract::call(client, operation, input).await,
        }
    }

    /// Makes the call of an example: its answer must be a success, and still be what the document says once it went
    /// through the client's types.
    async fn verdict(&self, api: &Api, schemas: &Schemas, case: &Case) -> Verdict {
        let case = Case { kind: CaseKind::Client, ..case.clone() };
        let call = case.steps.first().map(|step| &step.call);
        let Some((call, operation)) = call.and_then(|call| Some((call, call.operation(api)?))) else {
            return Verdict::new(case, CaseOutcome::Skipped("there is nothing to call".to_owned()));
        };
        let broken = match self.call(&operation.key(), &input(call)).await {
            Err(error) => vec![Failure::error(Check::Answer, error.to_string())],
            Ok(outcome) if !outcome.status.is_success() => {
                let message = format!("a success was expected, {} came", outcome.status);
                vec![Failure::error(Check::Status, message)]
            }
            Ok(outcome) => {
                let broken = judge_content(schemas, operation, &answer(&outcome).view());
                if broken.is_empty() {
                    return Verdict::new(case, CaseOutcome::Kept(outcome.status.as_u16()));
                }
                broken.into_iter().map(Failure::from).collect()
            }
        };
        Verdict::new(case, CaseOutcome::Broken { broken, exchanges: Vec::new() })
    }
}

/// A call's values as the arguments of a generated method.
fn input(call: &Call) -> contract::Input {
    let mut input = contract::Input::default();
    for (location, name, value) in &call.parameters {
        let location = match location {
            Location::Path => param::Location::Path,
            Location::Query | Location::QueryString => param::Location::Query,
            Location::Header => param::Location::Header,
            Location::Cookie => param::Location::Cookie,
        };
        if let Input::Value(value) = value {
            input = input.with(location, name, value.clone());
        }
    }
    if let Some(Body::Value { media_type, value }) = &call.body {
        input.media_type = Some(media_type.clone());
        input.body = Some(value.clone());
    }
    input
}

/// What came back, as the client's types hold it.
fn answer(outcome: &contract::Outcome) -> HttpResponse {
    let mut headers = http::HeaderMap::new();
    if let Ok(media_type) = http::HeaderValue::from_str(&outcome.media_type)
        && !outcome.media_type.is_empty()
    {
        headers.insert(http::header::CONTENT_TYPE, media_type);
    }
    HttpResponse { status: outcome.status, headers, body: outcome.body.clone() }
}
