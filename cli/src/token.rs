//! `descant token`: prints a credential that a caller of a built-in mock has to make.

use clap::Subcommand;

use crate::exit::{self, Exit};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    of: Of,
}

#[derive(Subcommand)]
enum Of {
    /// Print the bearer for Timbr's `get_token`: a user and a password, encrypted with Fernet
    Timbr {
        /// The user
        #[arg(long)]
        user: String,
        /// The password
        #[arg(long)]
        password: String,
        /// The Fernet key, 32 bytes in base64url; without it `API_AUTH_SALT`, else the key of the mock
        #[arg(long)]
        key: Option<String>,
    },
}

/// Runs the subcommand.
pub(crate) fn run(args: &Args) -> Exit {
    let Of::Timbr { user, password, key } = &args.of;
    match descant_twins::token::timbr(user, password, key.as_deref()) {
        Ok(token) => {
            exit::print(&format!("{token}\n"));
            Exit::Ok
        }
        Err(reason) => exit::usage(reason),
    }
}
