//! `cargo xtask corpus FOLDER --loop`: builds a program from each document's generated code, which calls its own mock and
//! its own server, and runs the programs one after the other.

use std::io;
use std::path::PathBuf;

use crate::programs::Programs;

/// Closes the loop of every document; whether all of them agree.
pub(crate) fn run(documents: &[PathBuf]) -> io::Result<bool> {
    let programs = Programs::new("loop", "xtask::closed_loop::run").one_each(documents)?;
    let (mut agree, mut all) = (true, [0; 4]);
    for done in programs.run() {
        let (package, output, status) = done?;
        print!("{output}");
        if !status.success() {
            println!("{package}: {status}");
        }
        all.iter_mut().zip(counts(&output)).for_each(|(all, count)| *all += count);
        agree &= status.success();
    }
    let [agreed, count, impossible, broken] = all;
    println!("{:40} {agreed:5} of {count:5} agree, {impossible:3} impossible, {broken:3} disagree", "all");
    Ok(agree)
}

/// The numbers in the first line that a program prints.
fn counts(output: &str) -> impl Iterator<Item = usize> {
    output.lines().next().unwrap_or_default().split_whitespace().filter_map(|word| word.parse().ok())
}

#[cfg(test)]
mod tests {
    /// One document is compiled here; `cargo xtask corpus FOLDER --loop` takes them all.
    #[test]
    fn client_mock_and_server_of_a_document_agree() {
        assert!(super::run(&[crate::root().join("spec/timbre.yaml")]).unwrap());
    }
}
