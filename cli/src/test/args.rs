//! The command line of `descant test`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use descant_contract::case::CaseKind;
use descant_contract::{Assumptions, Selection, Settings};
use descant_model::api::Api;
use serde_json::Value;

use super::client;
use super::output::{Format, Output};
use crate::load;

#[derive(clap::Args)]
#[command(args_override_self = true)]
pub(crate) struct Args {
    /// The OpenAPI document
    pub(super) document: PathBuf,
    /// The base URL of the service, to which the document's paths are appended
    #[arg(long)]
    pub(super) url: Option<String>,
    /// The file whose table `test` has options by their names; the command line overrides it [default: `descant.toml`
    /// beside the document]
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// A credential for a security scheme; without `=VALUE` it is read from the environment variable SCHEME (upper
    /// case, `_` for characters other than letters and digits) [default: those of the document's `x-descant`]
    #[arg(long, value_name = "SCHEME[=VALUE]")]
    pub(super) credential: Vec<String>,
    /// A credential of somebody else, who may not see what the first one owns, given as with `--credential` (the
    /// environment variable is OTHER_SCHEME)
    #[arg(long, value_name = "SCHEME[=VALUE]")]
    pub(super) other_credential: Vec<String>,
    /// Run this command of the shell before the requests; may be repeated
    #[arg(long, value_name = "COMMAND")]
    pub(super) setup: Vec<String>,
    /// Run this command of the shell after the requests, whatever they found; may be repeated
    #[arg(long, value_name = "COMMAND")]
    pub(super) teardown: Vec<String>,
    /// Write the verdict of every case as JUnit XML
    #[arg(long, value_name = "FILE")]
    pub(super) junit: Option<PathBuf>,
    /// Write a Rust test for each cause, which makes its calls again with `descant_contract::replay`
    #[arg(long, value_name = "FILE")]
    pub(super) emit_rust: Option<PathBuf>,
    /// Write a report in another format: `junit`, `sarif`, `jsonl`, `har`, `html`, `markdown` or `rust`; may be repeated
    #[arg(long, value_name = "FORMAT=FILE")]
    pub(super) report: Vec<Output>,
    /// Print annotations for GitHub, and add to the summary of the step (GITHUB_STEP_SUMMARY)
    #[arg(long)]
    pub(super) github: bool,
    /// Causes that this file lists with a reason are no errors; an entry that is over, or whose cause is gone, is an error
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Write all causes to the baseline file; those that it lists keep their reasons
    #[arg(long, requires = "baseline")]
    pub(super) write_baseline: bool,
    /// Print what would be run, and send nothing
    #[arg(long)]
    pub(super) plan: bool,
    /// Fail on warnings, too
    #[arg(long, value_name = "LEVEL", value_parser = ["warnings"])]
    deny: Option<String>,
    /// Fail if a smaller percentage of the operations answered a valid request with a success
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(super) min_coverage: Option<u8>,
    /// Call only operations that read
    #[arg(long)]
    read_only: bool,
    /// Call operations that look destructive, send undeclared methods that write, and write to resources that the run did
    /// not create
    #[arg(long, conflicts_with = "read_only")]
    destructive: bool,
    /// Expect calls with the document's examples to succeed: the resources that they name exist, and may be changed
    #[arg(long)]
    examples_exist: bool,
    /// Expect refusals of malformed optional query parameters, too
    #[arg(long)]
    strict: bool,
    /// Run operations that match: an operationId, `GET /pets` or a path, with `*` for any text; may be repeated
    #[arg(long, value_name = "PATTERN")]
    operation: Vec<String>,
    /// Do not run operations that match; may be repeated
    #[arg(long, value_name = "PATTERN")]
    exclude: Vec<String>,
    /// Run operations with this tag; may be repeated
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
    /// Run cases of this kind: `example`, `state`, `link`, `boundary`, `parameter`, `body`, `method`, `no credential`,
    /// `wrong credential`, `robustness`; may be repeated
    #[arg(long, value_name = "KIND", value_parser = kind)]
    phase: Vec<CaseKind>,
    /// Run one case, by the identifier that a report gives
    #[arg(long, value_name = "CASE")]
    replay: Option<String>,
    /// Run a part of the operations: `2/4` is the second of four
    #[arg(long, value_name = "PART/PARTS", value_parser = shard)]
    shard: Option<(usize, usize)>,
    /// A fixed value of every parameter of this name; may be repeated
    #[arg(long, value_name = "PARAMETER=VALUE")]
    set: Vec<String>,
    /// A header of every request; may be repeated
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    header: Vec<String>,
    /// The number of concurrent calls that change nothing, and of deletions at the end
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256))]
    workers: u16,
    /// The most requests per second
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rate: Option<u32>,
    /// The most seconds of one call
    #[arg(long, value_name = "SECONDS", default_value_t = 20.0, value_parser = seconds)]
    timeout: f64,
    /// The most seconds of the run
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    max_time: Option<f64>,
    /// The most seconds for the deletion of what the run created [default: a tenth of --max-time, else as long as the run
    /// took; at least 10]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    max_clean_up: Option<f64>,
    /// Report calls that take longer, in milliseconds
    #[arg(long, value_name = "MS")]
    max_latency: Option<u64>,
    /// End with the first error
    #[arg(long)]
    fail_fast: bool,
    /// The seed of values sampled where there is no example
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    client: client::Args,
    #[command(flatten)]
    pub(super) load: load::Args,
}

impl Args {
    pub(super) fn deny_warnings(&self) -> bool {
        self.deny.is_some()
    }

    /// Returns the settings of the run.
    pub(super) fn settings(&self, api: &Api) -> Result<Settings, String> {
        let header = |text: &String| {
            let (name, value) =
                text.split_once(':').ok_or_else(|| format!("`{text}` is not `NAME: VALUE`"))?;
            let is_valid = http::HeaderName::try_from(name.trim()).is_ok()
                && http::HeaderValue::try_from(value.trim()).is_ok();
            let pair = (name.trim().to_owned(), value.trim().to_owned());
            is_valid.then_some(pair).ok_or_else(|| format!("`{text}` is not a header"))
        };
        let select = Selection {
            operations: self.operation.clone(),
            exclude: self.exclude.clone(),
            tags: self.tag.clone(),
            kinds: self.phase.clone(),
            case: self.replay.clone(),
            shard: self.shard,
        };
        if let Some(tag) = self.tag.iter().find(|tag| !api.tags.iter().any(|known| known.name == **tag)) {
            return Err(format!("the document has no tag `{tag}`"));
        }
        Ok(Settings {
            assume: Assumptions {
                seed: self.seed,
                examples_exist: self.examples_exist,
                strict: self.strict,
                read_only: self.read_only,
                destructive: self.destructive,
                fixed: fixed(api, &self.set)?.into_iter().collect(),
            },
            select,
            workers: usize::from(self.workers),
            timeout: Duration::from_secs_f64(self.timeout),
            max_time: self.max_time.map(Duration::from_secs_f64),
            max_clean_up: self.max_clean_up.map(Duration::from_secs_f64),
            max_latency: self.max_latency.map(Duration::from_millis),
            rate: self.rate,
            fail_fast: self.fail_fast,
            headers: self.header.iter().map(header).collect::<Result<_, _>>()?,
            progress: Arc::default(),
            client: self.client.client()?,
            keep: self.report.iter().any(|output| output.format == Format::Har),
        })
    }
}

/// Returns the values of `--set`: JSON, else text.
fn fixed(api: &Api, given: &[String]) -> Result<Vec<(String, Value)>, String> {
    let mut all = Vec::new();
    for text in given {
        let (name, value) =
            text.split_once('=').ok_or_else(|| format!("`{text}` is not `PARAMETER=VALUE`"))?;
        let has = api.operations.iter().flat_map(|it| &it.parameters).any(|parameter| parameter.name == name);
        if !has {
            return Err(format!("the document has no parameter `{name}`"));
        }
        all.push((name.to_owned(), serde_json::from_str(value).unwrap_or_else(|_| Value::from(value))));
    }
    Ok(all)
}

fn kind(name: &str) -> Result<CaseKind, String> {
    CaseKind::named(name)
        .ok_or_else(|| format!("the kinds are {}", CaseKind::ALL.map(CaseKind::as_str).join(", ")))
}

fn shard(text: &str) -> Result<(usize, usize), String> {
    let parts =
        text.split_once('/').and_then(|(part, parts)| Some((part.parse().ok()?, parts.parse().ok()?)));
    match parts {
        Some((part, parts)) if (1..=parts).contains(&part) => Ok((part - 1, parts)),
        _ => Err("a part is `2/4`: the second of four".to_owned()),
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds = text.parse::<f64>().map_err(|error| error.to_string())?;
    if seconds > 0.0 && seconds <= 86_400.0 {
        Ok(seconds)
    } else {
        Err("more than 0, at most 86400".to_owned())
    }
}
