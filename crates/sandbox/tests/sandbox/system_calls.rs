//! The system call filter, tried from inside.

use glovebox_sandbox::MemoryBy;

use crate::machine::{BOTH, Bench, Ran};

/// Calls by number need no compiler: Python can make any.
const CALL: &str = r#"
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    ctypes.set_errno(0)
    result = libc.syscall(number, *[ctypes.c_long(a) for a in arguments])
    if result == 0 and number in (56, 220):
        os._exit(0)
    return "allowed" if result >= 0 else os.strerror(ctypes.get_errno())
"#;

fn answers(calls: &[(&str, i64, &str)]) -> Vec<(String, String)> {
    answers_in(&Bench::new(), calls).1
}

fn answers_in(bench: &Bench, calls: &[(&str, i64, &str)]) -> (Ran, Vec<(String, String)>) {
    let lines: Vec<String> = calls
        .iter()
        .map(|(name, number, arguments)| {
            format!("print({name:?}, call({number}, {arguments}), sep='\\t')")
        })
        .collect();
    let list = lines.join("\n");
    let ran = bench.run(&bench.python(&format!("{CALL}{list}")));
    assert_eq!(ran.stdout.lines().count(), calls.len(), "{ran:?}");
    let answers = ran
        .stdout
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(name, answer)| (name.to_owned(), answer.to_owned()))
        .collect();
    (ran, answers)
}

#[test]
fn dangerous_calls_are_refused() {
    const SIGCHLD: i64 = 17;
    let clone_with = |flag: i64| format!("{}, 0, 0, 0, 0", flag | SIGCHLD);
    let (user, mount, pid, net, cgroup) = (
        clone_with(libc::CLONE_NEWUSER.into()),
        clone_with(libc::CLONE_NEWNS.into()),
        clone_with(libc::CLONE_NEWPID.into()),
        clone_with(libc::CLONE_NEWNET.into()),
        clone_with(libc::CLONE_NEWCGROUP.into()),
    );
    let refused = [
        ("mount", libc::SYS_mount, "0, 0, 0, 0, 0"),
        ("umount2", libc::SYS_umount2, "0, 0"),
        ("pivot_root", libc::SYS_pivot_root, "0, 0"),
        ("open_tree", libc::SYS_open_tree, "-100, 0, 0"),
        ("fsopen", libc::SYS_fsopen, "0, 0"),
        ("move_mount", libc::SYS_move_mount, "0, 0, 0, 0, 0"),
        ("mount_setattr", libc::SYS_mount_setattr, "0, 0, 0, 0, 0"),
        ("unshare nothing", libc::SYS_unshare, "0"),
        ("unshare user", libc::SYS_unshare, "0x10000000"),
        ("setns", libc::SYS_setns, "0, 0"),
        ("clone user", libc::SYS_clone, &user),
        ("clone mount", libc::SYS_clone, &mount),
        ("clone pid", libc::SYS_clone, &pid),
        ("clone net", libc::SYS_clone, &net),
        ("clone cgroup", libc::SYS_clone, &cgroup),
        ("ptrace", libc::SYS_ptrace, "0, 0, 0, 0"),
        (
            "process_vm_readv",
            libc::SYS_process_vm_readv,
            "1, 0, 0, 0, 0, 0",
        ),
        ("pidfd_getfd", libc::SYS_pidfd_getfd, "0, 0, 0"),
        ("keyctl", libc::SYS_keyctl, "0, -3, 0"),
        ("add_key", libc::SYS_add_key, "0, 0, 0, 0, 0"),
        ("bpf", libc::SYS_bpf, "0, 0, 0"),
        ("userfaultfd", libc::SYS_userfaultfd, "1"),
        (
            "perf_event_open",
            libc::SYS_perf_event_open,
            "0, 0, 0, 0, 0",
        ),
        ("reboot", libc::SYS_reboot, "0, 0, 0, 0"),
        ("syslog", libc::SYS_syslog, "3, 0, 0"),
        (
            "name_to_handle_at",
            libc::SYS_name_to_handle_at,
            "0, 0, 0, 0, 0",
        ),
        (
            "personality no randomisation",
            libc::SYS_personality,
            "0x40000",
        ),
        ("vsock", libc::SYS_socket, "40, 1, 0"),
        ("alg", libc::SYS_socket, "38, 5, 0"),
        ("packet", libc::SYS_socket, "17, 3, 0"),
        ("bluetooth", libc::SYS_socket, "31, 3, 0"),
        ("sctp", libc::SYS_socket, "2, 1, 132"),
        ("netfilter", libc::SYS_socket, "16, 3, 12"),
        (
            "family hidden in the upper half",
            libc::SYS_socket,
            "(1 << 32) | 40, 1, 0",
        ),
        ("TIOCSTI", libc::SYS_ioctl, "0, 0x5412, 0"),
        (
            "TIOCSTI with an upper half",
            libc::SYS_ioctl,
            "0, (1 << 32) | 0x5412, 0",
        ),
        ("TIOCLINUX", libc::SYS_ioctl, "0, 0x541C, 0"),
    ];
    for (name, answer) in answers(&refused) {
        assert_eq!(answer, "Operation not permitted", "{name}");
    }
}

#[test]
fn calls_with_an_older_way_and_calls_unknown_to_us_are_absent() {
    let absent = [
        ("clone3", libc::SYS_clone3, "0, 0"),
        ("io_uring_setup", libc::SYS_io_uring_setup, "1, 0"),
        (
            "io_uring_enter",
            libc::SYS_io_uring_enter,
            "0, 0, 0, 0, 0, 0",
        ),
        (
            "io_uring_register",
            libc::SYS_io_uring_register,
            "0, 0, 0, 0",
        ),
        ("newer than judged", 467, "0, 0, 0, 0, 0"),
        ("much newer", 4000, "0"),
        (
            "getpid by its x32 number",
            0x4000_0000 | libc::SYS_getpid,
            "0",
        ),
        (
            "mount by its x32 number",
            0x4000_0000 | libc::SYS_mount,
            "0, 0, 0, 0, 0",
        ),
    ];
    for (name, answer) in answers(&absent) {
        assert_eq!(answer, "Function not implemented", "{name}");
    }
}

#[test]
fn ordinary_calls_are_allowed() {
    let allowed = [
        ("clone", libc::SYS_clone, "17, 0, 0, 0, 0"),
        ("unix", libc::SYS_socket, "1, 1, 0"),
        ("tcp", libc::SYS_socket, "2, 1, 6"),
        ("udp over 6", libc::SYS_socket, "10, 2, 17"),
        ("interfaces", libc::SYS_socket, "16, 3, 0"),
        ("ask personality", libc::SYS_personality, "0xffffffff"),
        ("getrandom", libc::SYS_getrandom, "0, 0, 0"),
    ];
    for (name, answer) in answers(&allowed) {
        assert_eq!(answer, "allowed", "{name}");
    }
}

#[test]
fn memory_outside_every_process_can_be_had_only_where_it_is_counted() {
    let calls = [
        ("memfd_create", libc::SYS_memfd_create, "id(b'') + 32, 0"),
        ("shmget", libc::SYS_shmget, "0, 4096, 0o1600"),
        ("msgget", libc::SYS_msgget, "0, 0o1600"),
    ];
    let (absent, refused) = ("Function not implemented", "Operation not permitted");
    for controls in BOTH {
        let (ran, answers) = answers_in(&Bench::with(controls), &calls);
        let expected = match ran.outcome.enforcement.memory {
            MemoryBy::Cgroup => ["allowed"; 3],
            MemoryBy::Watchdog => [absent, refused, refused],
        };
        let got: Vec<&str> = answers.iter().map(|(_, answer)| answer.as_str()).collect();
        assert_eq!(got, expected, "{controls:?}");
    }
}

/// 32-bit calls have other numbers altogether; the filter kills what makes one.
#[cfg(target_arch = "x86_64")]
#[test]
fn calls_of_the_32_bit_interface_are_fatal() {
    let bench = Bench::new();
    // mov eax, 20 (getpid); int 0x80; ret
    let script = r#"
import ctypes, mmap
code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code.write(bytes([0xB8, 20, 0, 0, 0, 0xCD, 0x80, 0xC3]))
address = ctypes.addressof(ctypes.c_char.from_buffer(code))
print("returned", ctypes.CFUNCTYPE(ctypes.c_int)(address)())
"#;
    let ran = bench.run(&bench.python(script));
    assert!(!ran.outcome.ending.is_success(), "{ran:?}");
    assert_eq!(ran.stdout, "");
}
