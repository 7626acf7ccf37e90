//! How long `true` takes in a sandbox: `cargo run --release -p glovebox-sandbox --example start_up LAUNCHER`.

#![expect(clippy::print_stdout, reason = "the figures are the point")]

use std::io;
use std::time::{Duration, Instant};

use glovebox_sandbox::{Cancel, Controls, Sandbox, Spec};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let launcher = std::env::args_os()
        .nth(1)
        .ok_or("give the path of a launcher")?;
    let workspace = tempfile::tempdir()?;
    for controls in [Controls::Best, Controls::NoCgroups] {
        let sandbox = Sandbox::new(&launcher).with_controls(controls);
        let spec = Spec::new("true", workspace.path());
        let mut times: Vec<Duration> = Vec::new();
        let mut enforcement = String::new();
        for _ in 0..40 {
            let start = Instant::now();
            let outcome = sandbox.run(&spec, &mut io::sink(), &mut io::sink(), &Cancel::new())?;
            times.push(start.elapsed());
            enforcement = outcome.enforcement.in_words();
        }
        times.sort_unstable();
        println!(
            "median {:?}, worst {:?}: {enforcement}",
            times[20], times[39]
        );
    }
    Ok(())
}
