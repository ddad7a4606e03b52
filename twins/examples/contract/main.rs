//! `cargo xtask contract`: the three mocks keep what their documents promise; prints a table of operation × case.

use std::process::ExitCode;

use descant_contract::Credentials;

mod run;

#[tokio::main]
async fn main() -> ExitCode {
    let mut failed = false;
    for twin in descant_twins::registry() {
        let Some(api) = twin.load().api else {
            eprintln!("{} cannot be loaded", twin.file);
            failed = true;
            continue;
        };
        let credentials = Credentials::of_document(&api);
        match run::run(&twin, &api, &credentials).await {
            Ok(report) => {
                println!("{} ({})\n\n{}", api.info.title, twin.file, report.human());
                failed |= report.counts().broken > 0;
            }
            Err(error) => {
                eprintln!("{}: {error}", twin.file);
                failed = true;
            }
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
