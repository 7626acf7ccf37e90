//! In which order actions run, side by side where they do not need each other.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;

/// How a run goes on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Policy {
    /// Most actions at once; at least one.
    pub(crate) jobs: usize,
    /// Whether actions that do not need a failed one still start.
    pub(crate) continue_on_error: bool,
}

/// Why an action did not start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotRun {
    /// The action of this index did not succeed.
    Needs(usize),
    /// Another action failed, and the run stops at the first failure.
    Stopped,
    /// Somebody stopped the run.
    Cancelled,
}

/// What became of one action.
#[derive(Debug)]
pub(crate) enum Outcome<T> {
    /// It ran to its end.
    Ran(T),
    /// It did not start.
    NotRun(NotRun),
}

/// Runs `perform` for every action, each after all that it needs succeeded.
///
/// `needs[i]` lists the indices that action `i` needs; the graph has no cycle. Among actions that
/// could start, the one first in order does. `perform` runs on a thread of its own that lives until
/// the action ends. A panic in it is one action's failure, made into a result by `panicked`.
pub(crate) fn run<T: Send>(
    needs: &[Vec<usize>],
    policy: Policy,
    cancelled: &(dyn Fn() -> bool + Sync),
    perform: &(dyn Fn(usize) -> T + Sync),
    panicked: &(dyn Fn(usize) -> T + Sync),
    succeeded: &dyn Fn(&T) -> bool,
    settled: &mut dyn FnMut(usize, &Outcome<T>),
) -> Vec<Outcome<T>> {
    let mut state = Graph::new(needs);
    let mut outcomes: Vec<Option<Outcome<T>>> = needs.iter().map(|_| None).collect();
    let (sender, results) = mpsc::channel();
    let mut running = 0;
    let mut failed = false;
    thread::scope(|scope| {
        loop {
            while running < policy.jobs.max(1)
                && !cancelled()
                && (policy.continue_on_error || !failed)
            {
                let Some(next) = state.take_ready() else {
                    break;
                };
                let sender = sender.clone();
                running += 1;
                scope.spawn(move || {
                    let result = catch_unwind(AssertUnwindSafe(|| perform(next)));
                    // The receiver outlives every thread of the scope.
                    let _ = sender.send((next, result.unwrap_or_else(|_| panicked(next))));
                });
            }
            if running == 0 {
                break;
            }
            let Ok((index, result)) = results.recv() else {
                break;
            };
            running -= 1;
            let success = succeeded(&result);
            let outcome = Outcome::Ran(result);
            settled(index, &outcome);
            outcomes[index] = Some(outcome);
            if success {
                state.done(index);
            } else {
                failed = true;
                for blocked in state.fail(index) {
                    let outcome = Outcome::NotRun(NotRun::Needs(index));
                    settled(blocked, &outcome);
                    outcomes[blocked] = Some(outcome);
                }
            }
        }
    });
    let why = if cancelled() {
        NotRun::Cancelled
    } else {
        NotRun::Stopped
    };
    outcomes
        .into_iter()
        .enumerate()
        .map(|(index, outcome)| {
            outcome.unwrap_or_else(|| {
                let outcome = Outcome::NotRun(why);
                settled(index, &outcome);
                outcome
            })
        })
        .collect()
}

/// Which actions may start; every step costs the edges it touches.
struct Graph {
    waiting_for: Vec<usize>,
    needed_by: Vec<Vec<usize>>,
    ready: std::collections::BTreeSet<usize>,
    blocked: Vec<bool>,
}

impl Graph {
    fn new(needs: &[Vec<usize>]) -> Self {
        let mut needed_by = vec![Vec::new(); needs.len()];
        for (index, needs) in needs.iter().enumerate() {
            for &need in needs {
                needed_by[need].push(index);
            }
        }
        let waiting_for: Vec<usize> = needs.iter().map(Vec::len).collect();
        let ready = (0..needs.len())
            .filter(|&index| waiting_for[index] == 0)
            .collect();
        Self {
            blocked: vec![false; needs.len()],
            waiting_for,
            needed_by,
            ready,
        }
    }

    fn take_ready(&mut self) -> Option<usize> {
        self.ready.pop_first()
    }

    fn done(&mut self, index: usize) {
        for &next in &self.needed_by[index] {
            self.waiting_for[next] -= 1;
            if self.waiting_for[next] == 0 && !self.blocked[next] {
                self.ready.insert(next);
            }
        }
    }

    /// Everything that can no longer start, in order.
    fn fail(&mut self, index: usize) -> Vec<usize> {
        let mut newly = Vec::new();
        let mut todo = vec![index];
        while let Some(from) = todo.pop() {
            for &next in &self.needed_by[from] {
                if !self.blocked[next] {
                    self.blocked[next] = true;
                    newly.push(next);
                    todo.push(next);
                }
            }
        }
        newly.sort_unstable();
        newly
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use proptest::prelude::*;

    use super::*;

    /// A graph without cycles: every action needs only earlier ones; some fail, some panic.
    fn graphs() -> impl Strategy<Value = (Vec<Vec<usize>>, Vec<u8>)> {
        (1usize..30).prop_flat_map(|size| {
            let needs = (0..size)
                .map(|index| proptest::collection::vec(0..index.max(1), 0..=index.min(3)))
                .collect::<Vec<_>>()
                .prop_map(|needs| {
                    needs
                        .into_iter()
                        .enumerate()
                        .map(|(index, mut needs)| {
                            needs.retain(|&need| need < index);
                            needs.sort_unstable();
                            needs.dedup();
                            needs
                        })
                        .collect()
                });
            (needs, proptest::collection::vec(0u8..8, size))
        })
    }

    proptest! {
        #[test]
        fn every_action_settles_once_and_only_after_its_needs(
            (needs, fates) in graphs(), jobs in 1usize..5, continue_on_error: bool
        ) {
            let finished = Mutex::new(vec![false; needs.len()]);
            let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let perform = |index: usize| {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                let ready = needs[index].iter().all(|&need| finished.lock().unwrap()[need]);
                assert!(ready, "started before its needs");
                now.fetch_sub(1, Ordering::SeqCst);
                let good = fates[index] != 0;
                finished.lock().unwrap()[index] = good;
                good
            };
            let mut settled = vec![0; needs.len()];
            let outcomes = run(
                &needs,
                Policy { jobs, continue_on_error },
                &|| false,
                &perform,
                &|_| false,
                &|&good| good,
                &mut |index, _| settled[index] += 1,
            );
            prop_assert!(settled.iter().all(|&times| times == 1));
            prop_assert!(most.load(Ordering::SeqCst) <= jobs);
            for (index, outcome) in outcomes.iter().enumerate() {
                let needs_succeeded =
                    needs[index].iter().all(|&need| matches!(outcomes[need], Outcome::Ran(true)));
                match outcome {
                    Outcome::Ran(good) => prop_assert_eq!(*good, fates[index] != 0),
                    Outcome::NotRun(NotRun::Needs(_)) => prop_assert!(!needs_succeeded),
                    Outcome::NotRun(NotRun::Stopped) => prop_assert!(!continue_on_error),
                    Outcome::NotRun(NotRun::Cancelled) => prop_assert!(false),
                }
                if continue_on_error && needs_succeeded {
                    prop_assert!(matches!(outcome, Outcome::Ran(_)));
                }
            }
        }
    }

    #[test]
    fn a_panic_is_one_actions_failure() {
        let outcomes = run(
            &[vec![], vec![], vec![0]],
            Policy {
                jobs: 2,
                continue_on_error: true,
            },
            &|| false,
            &|index| {
                assert!(index != 0, "the first goes wrong");
                "fine"
            },
            &|_| "panicked",
            &|&said| said == "fine",
            &mut |_, _| {},
        );
        assert!(matches!(outcomes[0], Outcome::Ran("panicked")));
        assert!(matches!(outcomes[1], Outcome::Ran("fine")));
        assert!(matches!(outcomes[2], Outcome::NotRun(NotRun::Needs(0))));
    }

    #[test]
    fn nothing_starts_after_a_cancel() {
        let cancelled = AtomicBool::new(false);
        let outcomes = run(
            &[vec![], vec![0], vec![1]],
            Policy {
                jobs: 1,
                continue_on_error: true,
            },
            &|| cancelled.load(Ordering::SeqCst),
            &|_| cancelled.store(true, Ordering::SeqCst),
            &|_| (),
            &|()| true,
            &mut |_, _| {},
        );
        assert!(matches!(outcomes[0], Outcome::Ran(())));
        assert!(matches!(outcomes[1], Outcome::NotRun(NotRun::Cancelled)));
        assert!(matches!(outcomes[2], Outcome::NotRun(NotRun::Cancelled)));
    }
}
