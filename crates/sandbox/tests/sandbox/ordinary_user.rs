//! All of it again as a user who is nobody.

use std::process::Command;

#[test]
fn everything_holds_for_an_ordinary_user_too() {
    if !rustix::process::geteuid().is_root() {
        // Then everything else here ran as an ordinary user already.
        return;
    }
    let own = std::env::current_exe().unwrap();
    let output = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(own)
        .args(["--skip", "ordinary_user", "--test-threads", "2"])
        // How fast a watch is does not depend on whose it is.
        .args(["--skip", "slow_watches"])
        .env("TMPDIR", "/tmp")
        .current_dir("/")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    // The skipped ones aside, all ran.
    assert!(said.contains("4 filtered out"), "{said}");
}
