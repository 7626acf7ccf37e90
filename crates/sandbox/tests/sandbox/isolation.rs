//! What a command can see and reach.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};

use crate::machine::Bench;

#[test]
fn nothing_of_the_host_is_in_sight() {
    let bench = Bench::new();
    let marker = tempfile::NamedTempFile::new().unwrap();
    let script = format!(
        "for path in /etc/shadow /etc/ssh /root /home /var/lib /var/log /run/user /sys /boot /opt /srv /mnt /media {}; do
           if [ -e \"$path\" ]; then echo \"$path\"; fi
         done",
        marker.path().display()
    );
    assert_eq!(bench.answer(&script), "");
    assert_eq!(
        bench.answer("ls /"),
        "bin\ndev\netc\nlib\nlib64\nproc\nrun\nsbin\ntmp\nusr\nvar\nworkspace\n".replace(
            "lib64\n",
            if std::path::Path::new("/lib64").exists() {
                "lib64\n"
            } else {
                ""
            },
        )
    );
    assert_eq!(
        bench.answer("ls -A /tmp /dev/shm /run /run/glovebox"),
        "/dev/shm:\n\n/run:\nglovebox\n\n/run/glovebox:\nglovebox\n\n/tmp:\n"
    );
}

#[test]
fn the_accounts_are_the_sandboxs_own() {
    let bench = Bench::new();
    assert_eq!(
        bench.answer("id; hostname; cat /etc/passwd /etc/group; date +%Z"),
        "\
uid=1000(glovebox) gid=1000(glovebox) groups=1000(glovebox)
glovebox
glovebox:x:1000:1000:glovebox:/tmp:/bin/sh
glovebox:x:1000:
UTC
"
    );
}

#[test]
fn the_environment_is_what_was_given_and_nothing_else() {
    let bench = Bench::new();
    let mut spec = bench.spec(&["/usr/bin/env", "-0"]);
    let given = [
        ("A", "1"),
        ("EMPTY", ""),
        ("ODD name", "two\nlines = $HOME"),
    ];
    spec.environment = given.iter().map(|(k, v)| (k.into(), v.into())).collect();
    let ran = bench.run(&spec);
    let got: BTreeMap<_, _> = ran
        .stdout
        .split_terminator('\0')
        .filter_map(|pair| pair.split_once('='))
        .collect();
    assert_eq!(got, given.into_iter().collect());
}

#[test]
fn only_its_own_processes_are_visible() {
    let bench = Bench::new();
    let names = bench.answer("cat /proc/[0-9]*/comm; true");
    let names: Vec<_> = names.lines().collect();
    // The reaper, the launcher, and the shell that listed them.
    assert_eq!(names, ["bwrap", "glovebox", "sh"]);
}

#[test]
fn the_launcher_beside_it_is_closed() {
    let bench = Bench::new();
    let script = r#"
import os
for id in filter(str.isdigit, os.listdir("/proc")):
    name = open(f"/proc/{id}/comm").read().strip()
    if name not in ("glovebox", "bwrap"):
        continue
    print(name)
    for part, flags in (("mem", os.O_RDONLY), ("mem", os.O_RDWR), ("environ", os.O_RDONLY), ("fd/0", os.O_RDWR)):
        try:
            os.open(f"/proc/{id}/{part}", flags)
            print(" open:", part, flags)
        except OSError:
            pass
"#;
    let ran = bench.run(&bench.python(script));
    // The reaper's memory may be read: it holds nothing, and runs under the same filter.
    let of_the_reaper = " open: mem 0\n open: environ 0\n";
    assert_eq!(
        ran.stdout.replace(of_the_reaper, ""),
        "bwrap\nglovebox\n",
        "{ran:?}"
    );
}

#[test]
fn it_has_no_privileges() {
    let bench = Bench::new();
    let status = bench.answer("grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status");
    let expected: BTreeMap<_, _> = [
        ("CapInh", "0000000000000000"),
        ("CapPrm", "0000000000000000"),
        ("CapEff", "0000000000000000"),
        ("CapBnd", "0000000000000000"),
        ("CapAmb", "0000000000000000"),
        ("NoNewPrivs", "1"),
        ("Seccomp", "2"),
    ]
    .into();
    let got: BTreeMap<_, _> = status
        .lines()
        .filter_map(|line| line.split_once(":\t"))
        .collect();
    assert_eq!(got, expected);
}

#[test]
fn nothing_of_the_kernel_can_be_written() {
    let bench = Bench::new();
    // As root's own user id, though without capabilities, some of these would open.
    let script = "
find /proc -type f -writable -exec test -f {} \\; -print 2>/dev/null
for path in /proc/sys/kernel/core_pattern /proc/sysrq-trigger /proc/sys/vm/drop_caches /proc/self/mem; do
  if (exec 3>>$path) 2>/dev/null; then echo writable $path; fi
done
for path in /proc/kcore /proc/keys /proc/timer_list /proc/kallsyms; do
  if [ -n \"$(head -c 1 $path 2>/dev/null | tr '\\0' x)\" ]; then echo readable $path; fi
done
true";
    assert_eq!(bench.answer(script), "");
}

#[test]
fn descriptors_are_the_standard_three() {
    let bench = Bench::new();
    // A pipe without close-on-exec, as a careless parent would leave.
    let (_reader, writer) = std::io::pipe().unwrap();
    rustix_leak(&writer);
    assert_eq!(
        bench.answer("exec ls /proc/self/fd"),
        "0\n1\n2\n3\n",
        "3 is the folder being listed"
    );
    assert_eq!(bench.answer("readlink /proc/self/fd/0"), "/dev/null\n");
}

fn rustix_leak(descriptor: &impl std::os::fd::AsFd) {
    rustix::io::fcntl_setfd(descriptor, rustix::io::FdFlags::empty()).unwrap();
}

#[test]
fn the_hosts_network_and_sockets_are_out_of_reach() {
    let bench = Bench::new();
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = tcp.local_addr().unwrap().port();
    let name = format!("glovebox-test-{}", std::process::id());
    let _abstract =
        UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
    let script = format!(
        r#"
import socket
def reach(family, address):
    s = socket.socket(family, socket.SOCK_STREAM)
    s.settimeout(2)
    try:
        s.connect(address)
        print("reached", address)
    except OSError as error:
        print(type(error).__name__)
reach(socket.AF_INET, ("127.0.0.1", {port}))
reach(socket.AF_INET, ("192.0.2.1", 80))
reach(socket.AF_UNIX, "\0{name}")
print([name for _, name in socket.if_nameindex()])
"#
    );
    let ran = bench.run(&bench.python(&script));
    assert_eq!(
        ran.stdout, "ConnectionRefusedError\nOSError\nConnectionRefusedError\n['lo']\n",
        "{ran:?}"
    );
}

#[test]
fn its_own_loopback_works() {
    let bench = Bench::new();
    let script = r#"
import socket
for family, host in ((socket.AF_INET, "localhost"), (socket.AF_INET6, "::1")):
    server = socket.create_server((host, 0), family=family)
    client = socket.create_connection(server.getsockname()[:2])
    peer, _ = server.accept()
    client.sendall(b"x")
    print(peer.recv(1))
"#;
    let ran = bench.run(&bench.python(script));
    assert_eq!(ran.stdout, "b'x'\nb'x'\n", "{ran:?}");
}

#[test]
fn mounts_are_read_only_and_where_they_were_asked_for() {
    let bench = Bench::new();
    let extra = tempfile::tempdir().unwrap();
    std::fs::File::create(extra.path().join("file"))
        .unwrap()
        .write_all(b"inside")
        .unwrap();
    let mut spec = bench.shell("cat /opt/'a b'/file; echo x > /opt/'a b'/file || echo refused");
    spec.mounts.push(glovebox_sandbox::Mount {
        source: extra.path().into(),
        target: "/opt/a b".into(),
    });
    let ran = bench.run(&spec);
    assert_eq!(ran.stdout, "insiderefused\n", "{ran:?}");

    spec.mounts[0].source = "/nonexistent-source".into();
    let error = bench.try_run(&spec).unwrap_err().to_string();
    assert!(error.contains("/nonexistent-source"), "{error}");
}

#[test]
fn the_launcher_is_inside_under_its_documented_name() {
    let bench = Bench::new();
    // Without a plan it says what it is for, and does nothing.
    let ran = bench.run(&bench.spec(&[glovebox_sandbox::GLOVEBOX_BIN, "confine", "inner"]));
    assert_eq!(ran.outcome.ending, glovebox_sandbox::Ending::Exited(125));
}
