//! A command line for Timbr, on the generated client.
//!
//! ```sh
//! TIMBR_TOKEN=tk_… timbr --url http://127.0.0.1:4010 query coffee_trade 'SELECT Customer_Name FROM dtimbr.customer'
//! ```

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use descant_runtime::client::{Config, Error, Retry};
use descant_timbr::client::{Client, Credentials};
use descant_timbr::types::QueryRequest;

/// Credentials come from the environment, and each call sends those that its operation requires: TIMBR_TOKEN (an API
/// token), TIMBR_JWT (a JSON Web Token), TIMBR_BEARER (a Fernet token, for `token`)
#[derive(Parser)]
#[command(name = "timbr")]
struct Args {
    /// The URL of the environment
    #[arg(long, default_value = "http://127.0.0.1:4010")]
    url: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print the API token of the user in the Fernet token
    Token,
    /// Print the names of the ontologies
    Ontologies,
    /// Print the rows of a query, each a line of JSON
    Query {
        /// The name of the ontology
        ontology: String,
        /// The query
        sql: String,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(lines) => {
            lines.iter().for_each(|line| println!("{line}"));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("timbr: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns what a command prints.
async fn run(Args { url, command }: Args) -> Result<Vec<String>, Error> {
    let secret = |name: &str| std::env::var(name).ok().map(Into::into);
    let credentials = Credentials {
        x_api_key: secret("TIMBR_TOKEN"),
        x_jwt_token: secret("TIMBR_JWT"),
        bearer_fernet: secret("TIMBR_BEARER"),
        ..Credentials::default()
    };
    let config = Config::new(url).timeout(Some(Duration::from_secs(60))).middleware(Retry::default());
    let client = Client::with(config, &credentials)?;
    Ok(match command {
        Command::Token => client.get_token().await?.data.into_iter().map(|token| token.0).collect(),
        Command::Ontologies => client.list_ontologies().await?.data,
        Command::Query { ontology, sql } => {
            let request = QueryRequest { ontology_name: ontology, query: sql.into() };
            let rows = client.query(&request).await?.data;
            rows.iter().filter_map(|row| serde_json::to_string(row).ok()).collect()
        }
    })
}
