//! The system calls a command may not make.
//!
//! Each group says why. The namespaces already make most of these calls fail; the filter takes
//! away the kernel code behind them, where the faults that broke other sandboxes were.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, sock_filter,
};

use crate::MemoryBy;

/// Answered with `EPERM`: the call exists, and is not for you.
const REFUSED: &[libc::c_long] = &[
    // Mounts: the file system is as it was built. The new mount interface (`open_tree` and on)
    // does not need the old calls.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    // Namespaces: a new user namespace hands its maker every capability inside, and with them
    // most of the kernel's privileged code (`clone` is filtered by its flags below).
    libc::SYS_unshare,
    libc::SYS_setns,
    // Other processes' memory and descriptors: a command has no business in its neighbour's.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    // Keyrings are not wholly divided by namespaces.
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    // Code loaded into the kernel, and page faults handed to user code: the usual tools of exploits.
    libc::SYS_bpf,
    libc::SYS_userfaultfd,
    libc::SYS_perf_event_open,
    // The machine itself.
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_vhangup,
    libc::SYS_syslog,
    // Clocks belong to the host (time namespaces are not used).
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    // File handles open files by inode number, past every mount.
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    // Watching whole file systems; moving pages between nodes of memory.
    libc::SYS_fanotify_init,
    libc::SYS_move_pages,
    libc::SYS_migrate_pages,
    // Pages hidden from the kernel, and so from a watchdog.
    libc::SYS_memfd_secret,
    // Old calls nobody misses.
    libc::SYS_lookup_dcookie,
    libc::SYS_nfsservctl,
    // Pages given to a pipe while still writable: a rare call with a long list of faults.
    libc::SYS_vmsplice,
];

/// Refused where they exist: x86-64 kept calls that later architectures left out.
#[cfg(target_arch = "x86_64")]
const REFUSED_HERE: &[libc::c_long] = &[
    // Ports and segments of the processor.
    libc::SYS_iopl,
    libc::SYS_ioperm,
    libc::SYS_modify_ldt,
    // Replaced long ago.
    libc::SYS_uselib,
    libc::SYS_ustat,
    libc::SYS_sysfs,
    libc::SYS__sysctl,
];
#[cfg(not(target_arch = "x86_64"))]
const REFUSED_HERE: &[libc::c_long] = &[];

/// Answered with `ENOSYS`: programs then use the older way, which is filtered or harmless.
const ABSENT: &[libc::c_long] = &[
    // Its flags are in memory, where a filter cannot look; libc falls back to `clone`.
    libc::SYS_clone3,
    // System calls that this filter would never see, in the kernel's most exploited part of late.
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
];

/// Refused where a watchdog holds memory: what these make belongs to no process, so nothing that
/// is measured of the processes shows it. A control group counts it, and then they are allowed.
const UNCOUNTED_REFUSED: &[libc::c_long] = &[
    libc::SYS_shmget,
    // The kernel keeps a queue's messages: half a gigabyte of them by its own default limits.
    libc::SYS_msgget,
];

/// Absent for the same reason; programs then use a file in `/dev/shm` or `/tmp`, which counts.
const UNCOUNTED_ABSENT: &[libc::c_long] = &[libc::SYS_memfd_create];

/// The newest call that was judged for this list (`removexattrat`, Linux 6.13). Newer ones are
/// absent, and so is the whole x32 interface, whose numbers begin at `0x4000_0000`: there every
/// call of the lists above has a second number.
const NEWEST_JUDGED: u32 = 466;

/// `TIOCSTI` types into the terminal that started us, `TIOCLINUX` pastes into a console.
const TERMINAL_INJECTION: [u64; 2] = [0x5412, 0x541C];

/// Why a filter could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FilterError {
    #[error("there is no system call filter for {}", std::env::consts::ARCH)]
    Architecture,
    #[error("the system call filter could not be compiled: {0}")]
    Compile(#[from] seccompiler::BackendError),
}

/// The filters as bubblewrap takes them: arrays of the kernel's `struct sock_filter`. The kernel
/// runs all of them and the strictest answer counts. Which calls they stop depends on what holds
/// `memory` to its limit.
pub(crate) fn filters(memory: MemoryBy) -> Result<Vec<Vec<u8>>, FilterError> {
    let arch =
        TargetArch::try_from(std::env::consts::ARCH).map_err(|_| FilterError::Architecture)?;
    let (more_refused, more_absent) = match memory {
        MemoryBy::Cgroup => (&[][..], &[][..]),
        MemoryBy::Watchdog => (UNCOUNTED_REFUSED, UNCOUNTED_ABSENT),
    };
    let mut refused = refused_rules()?;
    refused.extend(always(more_refused));
    let refused = compile(refused, libc::EPERM, arch)?;
    let absent = always(ABSENT).chain(always(more_absent)).collect();
    let mut program = unknown_calls_are_absent();
    program.extend(compile(absent, libc::ENOSYS, arch)?);
    Ok(vec![to_bytes(&refused), to_bytes(&program)])
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Rules that hold whatever a call's arguments are.
fn always(calls: &[libc::c_long]) -> impl Iterator<Item = (i64, Vec<SeccompRule>)> {
    calls.iter().map(|call| (*call, vec![]))
}

fn compile(rules: Rules, errno: i32, arch: TargetArch) -> Result<BpfProgram, FilterError> {
    let answer = SeccompAction::Errno(errno.unsigned_abs());
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, answer, arch)?;
    Ok(filter.try_into()?)
}

fn refused_rules() -> Result<Rules, FilterError> {
    let mut rules: Rules = always(REFUSED).chain(always(REFUSED_HERE)).collect();

    // New namespaces by `clone`, any of them.
    let new_namespace = [
        libc::CLONE_NEWUSER,
        libc::CLONE_NEWNS,
        libc::CLONE_NEWPID,
        libc::CLONE_NEWNET,
        libc::CLONE_NEWIPC,
        libc::CLONE_NEWUTS,
        libc::CLONE_NEWCGROUP,
    ];
    // Not CLONE_NEWTIME: `clone` reads that bit as part of the exit signal, and only `clone3` and
    // `unshare` know it.
    let clone = new_namespace
        .into_iter()
        .map(|flag| {
            let flag = u64::from(flag.unsigned_abs());
            rule(&[(0, SeccompCmpOp::MaskedEq(flag), flag)])
        })
        .collect::<Result<_, _>>()?;
    rules.insert(libc::SYS_clone, clone);

    // Sockets: local ones, and TCP and UDP for the private loopback interface (R's clusters talk
    // over it). Other families (vsock reaches the hypervisor; alg, packet, bluetooth, can …) and
    // protocols would have the kernel load their modules.
    let family = |value: libc::c_int| u64::from(value.unsigned_abs());
    let (unix, inet, inet6, netlink) = (
        family(libc::AF_UNIX),
        family(libc::AF_INET),
        family(libc::AF_INET6),
        family(libc::AF_NETLINK),
    );
    let not_tcp_or_udp = |domain| {
        rule(&[
            (0, SeccompCmpOp::Eq, domain),
            (2, SeccompCmpOp::Ne, 0),
            (2, SeccompCmpOp::Ne, family(libc::IPPROTO_TCP)),
            (2, SeccompCmpOp::Ne, family(libc::IPPROTO_UDP)),
        ])
    };
    let socket = vec![
        rule(&[
            (0, SeccompCmpOp::Ne, unix),
            (0, SeccompCmpOp::Ne, inet),
            (0, SeccompCmpOp::Ne, inet6),
            (0, SeccompCmpOp::Ne, netlink),
        ])?,
        not_tcp_or_udp(inet)?,
        not_tcp_or_udp(inet6)?,
        // Netlink only to ask for interfaces, as libc does.
        rule(&[
            (0, SeccompCmpOp::Eq, netlink),
            (2, SeccompCmpOp::Ne, family(libc::NETLINK_ROUTE)),
        ])?,
    ];
    rules.insert(libc::SYS_socket, socket);
    rules.insert(
        libc::SYS_socketpair,
        vec![rule(&[(0, SeccompCmpOp::Ne, unix)])?],
    );

    // The personality may be asked for, not changed: it can turn off address randomisation.
    let personality = rule(&[
        (0, SeccompCmpOp::Ne, 0),
        (0, SeccompCmpOp::Ne, u64::from(u32::MAX)),
    ])?;
    rules.insert(libc::SYS_personality, vec![personality]);

    let ioctl = TERMINAL_INJECTION
        .into_iter()
        .map(|request| rule(&[(1, SeccompCmpOp::Eq, request)]))
        .collect::<Result<_, _>>()?;
    rules.insert(libc::SYS_ioctl, ioctl);
    Ok(rules)
}

/// All conditions of one rule must hold. Arguments are compared as the 32 bits the kernel reads
/// of them: comparing 64 would let a set upper bit hide the value.
fn rule(conditions: &[(u8, SeccompCmpOp, u64)]) -> Result<SeccompRule, FilterError> {
    let conditions = conditions
        .iter()
        .map(|(argument, compare, value)| {
            SeccompCondition::new(*argument, SeccompCmpArgLen::Dword, compare.clone(), *value)
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(SeccompRule::new(conditions)?)
}

/// The prologue `if number > NEWEST_JUDGED { return ENOSYS }`. It stands before the check of the
/// architecture, which is harmless: a call that passes here is checked there.
fn unknown_calls_are_absent() -> BpfProgram {
    const LOAD_WORD: u16 = 0x20; // BPF_LD | BPF_W | BPF_ABS; offset 0 is the call's number
    const JUMP_IF_GREATER: u16 = 0x25; // BPF_JMP | BPF_JGT | BPF_K
    const RETURN: u16 = 0x06; // BPF_RET | BPF_K
    const SECCOMP_RET_ERRNO: u32 = 0x0005_0000;
    let instruction = |code, jf, k| sock_filter { code, jt: 0, jf, k };
    vec![
        instruction(LOAD_WORD, 0, 0),
        instruction(JUMP_IF_GREATER, 1, NEWEST_JUDGED),
        instruction(RETURN, 0, SECCOMP_RET_ERRNO | libc::ENOSYS.unsigned_abs()),
    ]
}

fn to_bytes(program: &BpfProgram) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(program.len() * 8);
    for instruction in program {
        bytes.extend(instruction.code.to_ne_bytes());
        bytes.extend([instruction.jt, instruction.jf]);
        bytes.extend(instruction.k.to_ne_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filters_are_whole_and_within_the_kernels_length() {
        for memory in [MemoryBy::Cgroup, MemoryBy::Watchdog] {
            for filter in filters(memory).unwrap() {
                assert_eq!(filter.len() % 8, 0);
                assert!((8..4096 * 8).contains(&filter.len()));
            }
        }
    }
}
