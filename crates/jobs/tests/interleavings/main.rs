//! Whatever happens in whatever order, no job is lost, run by two agents at once, or left where
//! nothing can move it.

#![expect(clippy::panic, reason = "a test that says what is stuck")]

mod world;

use glovebox_jobs::{Event, Stage, State, StatusCode, TaskResult};
use proptest::prelude::*;

use crate::world::{HEAVY, TOO_HEAVY, World, job};

#[derive(Debug, Clone)]
enum Deed {
    Add {
        workspace: usize,
        action: usize,
        db: bool,
        awaits: Vec<usize>,
    },
    Wait(i64),
    Watch(u32),
    Post {
        agent: usize,
        under: usize,
    },
    Deliver(usize),
    Jump(i64),
    Step,
    Ask {
        agent: usize,
        slots: u32,
        answer_lost: bool,
    },
    Talk {
        agent: usize,
        answer_lost: bool,
    },
    Progress {
        agent: usize,
        stage: Stage,
    },
    End {
        agent: usize,
        which: usize,
        result: TaskResult,
    },
    FallOver {
        agent: usize,
        forgets: bool,
    },
    Rise(usize),
    Cancel(usize),
    Flag(Event),
    RestartServer,
}

const AGENTS: usize = 3;

fn deeds() -> impl Strategy<Value = Deed> {
    let exited = |exit_code, unmatched_patterns| TaskResult::Exited {
        exit_code,
        unmatched_patterns,
        withheld: false,
    };
    let result = prop_oneof![
        4 => Just(exited(0, false)),
        1 => Just(exited(1, false)),
        1 => Just(exited(0, true)),
        4 => Just(TaskResult::MayPass),
        1 => Just(TaskResult::WillNotPass),
        1 => Just(TaskResult::TimedOut),
    ];
    let stage = prop::sample::select(vec![
        Stage::Preparing,
        Stage::Prepared,
        Stage::Executing,
        Stage::Executed,
        Stage::Finalizing,
        Stage::Finalized,
    ]);
    let flag = prop::sample::select(vec![
        Event::Pause,
        Event::Resume,
        Event::Resume,
        Event::MaintenanceBegan,
        Event::MaintenanceEnded,
        Event::MaintenanceEnded,
        Event::PrepareForReboot,
    ]);
    let lost = || prop::bool::weighted(0.2);
    prop_oneof![
        6 => (0..3_usize, 0..8_usize, any::<bool>(), prop::collection::vec(0..40_usize, 0..3))
            .prop_map(|(workspace, action, db, awaits)| Deed::Add { workspace, action, db, awaits }),
        6 => prop_oneof![0..1_000_i64, 0..30_000_i64].prop_map(Deed::Wait),
        3 => (0..50_u32).prop_map(Deed::Watch),
        3 => (0..AGENTS, 0..AGENTS).prop_map(|(agent, under)| Deed::Post { agent, under }),
        3 => any::<usize>().prop_map(Deed::Deliver),
        2 => (-3_600_000..3_600_000_i64).prop_map(Deed::Jump),
        2 => Just(Deed::Step),
        8 => (0..AGENTS, 0..4_u32, lost())
            .prop_map(|(agent, slots, answer_lost)| Deed::Ask { agent, slots, answer_lost }),
        8 => (0..AGENTS, lost()).prop_map(|(agent, answer_lost)| Deed::Talk { agent, answer_lost }),
        2 => (0..AGENTS, stage).prop_map(|(agent, stage)| Deed::Progress { agent, stage }),
        4 => (0..AGENTS, 0..8_usize, result)
            .prop_map(|(agent, which, result)| Deed::End { agent, which, result }),
        1 => (0..AGENTS, any::<bool>()).prop_map(|(agent, forgets)| Deed::FallOver { agent, forgets }),
        2 => (0..AGENTS).prop_map(Deed::Rise),
        1 => (0..40_usize).prop_map(Deed::Cancel),
        1 => flag.prop_map(Deed::Flag),
        1 => Just(Deed::RestartServer),
    ]
}

fn perform(world: &mut World, deed: Deed) {
    match deed {
        Deed::Add {
            workspace,
            action,
            db,
            awaits,
        } => {
            let count = world.order.len();
            let action = match action {
                0 => TOO_HEAVY,
                1 | 2 => HEAVY,
                _ => "light",
            };
            // Weights are for the first workspace only.
            let workspace = if action == "light" { workspace } else { 0 };
            let awaits: Vec<_> = awaits
                .iter()
                .filter(|_| count > 0)
                .map(|place| &world.order[place % count])
                .collect();
            let number = u32::try_from(count).expect("few");
            let job = job(number, workspace, action, db, &awaits);
            world.add(job);
        }
        Deed::Wait(ms) => world.wait(ms),
        Deed::Watch(ticks) => world.watch(ticks),
        Deed::Post { agent, under } => world.post(agent, under),
        Deed::Deliver(which) => world.deliver(which),
        Deed::Jump(ms) => world.jump(ms),
        Deed::Step => drop(world.step(Vec::new(), &[])),
        Deed::Ask {
            agent,
            slots,
            answer_lost,
        } => world.ask(agent, slots, answer_lost),
        Deed::Talk { agent, answer_lost } => world.talk(agent, answer_lost),
        Deed::Progress { agent, stage } => world.agents[agent].progress(stage),
        Deed::End {
            agent,
            which,
            result,
        } => world.agents[agent].end_one(which, result),
        Deed::FallOver { agent, forgets } => world.agents[agent].fall_over(forgets),
        Deed::Rise(agent) => world.agents[agent].alive = true,
        Deed::Cancel(which) => {
            if let Some(job) = world.order.get(which).cloned() {
                world.cancel(&job);
            }
        }
        Deed::Flag(flag) => drop(world.step(vec![flag], &[])),
        Deed::RestartServer => world.restart_server(),
    }
    world.inspect_machines();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn no_job_is_lost_or_doubled_or_stuck(deeds in prop::collection::vec(deeds(), 1..120)) {
        let mut world = World::new(AGENTS);
        for deed in deeds {
            perform(&mut world, deed);
        }
        world.settle();
        for job in world.kept.values() {
            match job.code {
                StatusCode::TooHeavy => prop_assert_eq!(&job.action, TOO_HEAVY),
                StatusCode::DependencyFailed => {
                    let failed = |id| world.kept[id].state() == State::Failed;
                    prop_assert!(job.wait_for.iter().any(failed), "{} failed for nothing", job.id);
                }
                StatusCode::InternalError => prop_assert_eq!(job.faults, 4),
                StatusCode::CancelledByUser => prop_assert!(job.cancelled.is_some()),
                StatusCode::Succeeded => prop_assert!(job.tasks > 0 && job.exit_code == Some(0)),
                _ => prop_assert!(job.tasks > 0, "{} ended as {} before it began", job.id, job.code),
            }
        }
    }
}
