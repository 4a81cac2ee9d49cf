//! Which step runs next, and where. Bookkeeping only, so that it can be held against every plan without running a step.

/// What a step needs.
#[derive(Debug, Clone)]
pub(super) struct Need {
    /// Steps that must be done before it.
    pub inputs: Vec<usize>,
    /// Cost of the longest way from it to an end: what lies on the longest way goes first.
    pub urgency: f64,
    /// Memory of this machine, in bytes, by its forecast.
    pub memory_bytes: u64,
    /// Whether it computes on a GPU.
    pub gpu: bool,
}

/// What there is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Steps that compute on the processor at once. Those on GPUs come on top.
    pub jobs: usize,
    /// Memory of all steps that run at once. One that needs more runs alone.
    pub memory_bytes: u64,
    /// GPUs, each for one step at a time.
    pub gpus: usize,
}

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Done,
    Waiting,
    /// On the GPU of this position, or on the processor.
    Running(Option<usize>),
    Failed,
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Done,
    Failed,
    /// It failed and is to be tried again.
    Again,
}

/// What is to be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// This step, on the GPU of this position or on the processor.
    Step { index: usize, gpu: Option<usize> },
    /// Nothing, before another step ends.
    Wait,
    /// Nothing more.
    Nothing,
}

/// The steps of a plan and where each stands.
#[derive(Debug)]
pub(super) struct Board {
    needs: Vec<Need>,
    states: Vec<State>,
    room: Room,
}

impl Board {
    /// The steps, of which some are done.
    pub fn new(needs: Vec<Need>, done: &[bool], room: Room) -> Board {
        let states = done.iter().map(|done| if *done { State::Done } else { State::Waiting }).collect();
        Board { needs, states, room: Room { jobs: room.jobs.max(1), ..room } }
    }

    /// Begins the most urgent step whose inputs are done and that there is room for. Steps that need a failed one fail
    /// with it.
    pub fn next(&mut self) -> Next {
        for i in 0..self.needs.len() {
            if self.states[i] == State::Waiting && self.needs[i].inputs.iter().any(|&j| self.states[j] == State::Failed)
            {
                self.states[i] = State::Failed;
            }
        }
        let (mut computing, mut in_use, mut taken) = (0, 0, vec![false; self.room.gpus]);
        for (need, state) in self.needs.iter().zip(&self.states) {
            let State::Running(gpu) = state else { continue };
            in_use += need.memory_bytes;
            match gpu {
                Some(gpu) => taken[*gpu] = true,
                None => computing += 1,
            }
        }
        let free = taken.iter().position(|taken| !taken);
        let waiting = |i: &usize| self.states[*i] == State::Waiting;
        let ready = |i: &usize| waiting(i) && self.needs[*i].inputs.iter().all(|&j| self.states[j] == State::Done);
        let fits = |i: &usize| {
            let need = &self.needs[*i];
            let has_place = if need.gpu { free.is_some() } else { computing < self.room.jobs };
            has_place && (in_use == 0 || in_use + need.memory_bytes <= self.room.memory_bytes)
        };
        let most_urgent =
            |a: &usize, b: &usize| self.needs[*a].urgency.total_cmp(&self.needs[*b].urgency).then(b.cmp(a));
        let all = 0..self.needs.len();
        match all.clone().filter(ready).filter(fits).max_by(most_urgent) {
            Some(index) => {
                let gpu = free.filter(|_| self.needs[index].gpu);
                self.states[index] = State::Running(gpu);
                Next::Step { index, gpu }
            }
            None if all.clone().any(|i| waiting(&i)) => Next::Wait,
            None => Next::Nothing,
        }
    }

    /// A running step no longer needs its GPU, and goes on on the processor.
    pub fn give_gpu_back(&mut self, index: usize) {
        self.states[index] = State::Running(None);
    }

    /// A running step has ended.
    pub fn end(&mut self, index: usize, end: End) {
        self.states[index] = match end {
            End::Done => State::Done,
            End::Failed => State::Failed,
            End::Again => State::Waiting,
        };
    }

    /// Which steps are done.
    pub fn done(&self) -> Vec<bool> {
        self.states.iter().map(|state| *state == State::Done).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// A step of a made-up plan: what it needs, how long it takes, how it ends.
    #[derive(Debug, Clone)]
    struct Made {
        need: Need,
        ticks: u32,
        /// When it gives its GPU back, if it does so early.
        early: Option<u32>,
        /// Attempts that fail before one succeeds, and how many are allowed.
        failures: u32,
        retries: u32,
    }

    fn plans() -> impl Strategy<Value = (Vec<Made>, Room)> {
        let step = (any::<[prop::sample::Index; 2]>(), 0.0..9.0, 0..90u64, any::<bool>(), 1..6u32, 0..4u32, 0..3u32);
        let steps = prop::collection::vec(step, 1..40).prop_map(|steps| {
            let made =
                steps.into_iter().enumerate().map(|(i, (inputs, urgency, memory_bytes, gpu, ticks, at, fails))| {
                    // The first few have no inputs, so that many are ready at once.
                    let inputs = if i < 6 { Vec::new() } else { inputs.iter().map(|at| at.index(i)).collect() };
                    let need = Need { inputs, urgency, memory_bytes, gpu };
                    let (failures, retries) = (fails.saturating_sub(1), fails % 2);
                    Made { need, ticks, early: (gpu && at < ticks).then_some(at), failures, retries }
                });
            made.collect()
        });
        (steps, 1..4usize, 40..200u64, 1..5usize)
            .prop_map(|(steps, jobs, memory_bytes, gpus)| (steps, Room { jobs, memory_bytes, gpus }))
    }

    struct Now {
        since: u32,
        gpu: Option<usize>,
    }

    proptest! {
        #[test]
        fn no_two_steps_share_a_gpu_none_starves_and_no_gpu_idles_while_a_step_could_use_it((steps, room) in plans()) {
            let needs = steps.iter().map(|it| it.need.clone()).collect();
            let mut board = Board::new(needs, &vec![false; steps.len()], room);
            let mut attempts = vec![0; steps.len()];
            let mut running: BTreeMap<usize, Now> = BTreeMap::new();
            // Long enough for all steps one after the other, each as often as it may be tried.
            for tick in 0..=40 * 6 * 3 {
                let last = loop {
                    match board.next() {
                        Next::Step { index, gpu } => {
                            attempts[index] += 1;
                            prop_assert_eq!(gpu.is_some(), steps[index].need.gpu);
                            let shared = gpu.is_some() && running.values().any(|now| now.gpu == gpu);
                            prop_assert!(!shared, "a GPU has two steps");
                            prop_assert!(gpu.is_none_or(|gpu| gpu < room.gpus));
                            prop_assert!(steps[index].need.inputs.iter().all(|&i| board.done()[i]));
                            if gpu.is_none() {
                                let computing = running.values().filter(|now| now.gpu.is_none()).count();
                                prop_assert!(computing < room.jobs);
                            }
                            let in_use: u64 = running.keys().map(|&i| steps[i].need.memory_bytes).sum();
                            let fits = in_use + steps[index].need.memory_bytes <= room.memory_bytes;
                            prop_assert!(in_use == 0 || fits, "memory");
                            running.insert(index, Now { since: tick, gpu });
                        }
                        other => break other,
                    }
                };
                let in_use: u64 = running.keys().map(|&i| steps[i].need.memory_bytes).sum();
                let on_gpus = running.values().filter(|now| now.gpu.is_some()).count();
                if last == Next::Wait && on_gpus < room.gpus {
                    let idles_for = (0..steps.len()).find(|&i| {
                        let need = &steps[i].need;
                        board.states[i] == State::Waiting && need.gpu && in_use + need.memory_bytes <= room.memory_bytes
                            && need.inputs.iter().all(|&j| board.states[j] == State::Done)
                    });
                    prop_assert_eq!(idles_for, None, "a GPU idles");
                }
                if last == Next::Nothing && running.is_empty() {
                    break;
                }
                prop_assert!(!running.is_empty(), "everything waits for nothing");
                for index in running.keys().copied().collect::<Vec<_>>() {
                    let (made, now) = (&steps[index], running.get_mut(&index).expect("it runs"));
                    if made.early.is_some_and(|early| tick - now.since >= early) && now.gpu.take().is_some() {
                        board.give_gpu_back(index);
                    }
                    if tick + 1 - now.since >= made.ticks {
                        running.remove(&index);
                        let end = match attempts[index] {
                            n if n > made.failures => End::Done,
                            n if n <= made.retries => End::Again,
                            _ => End::Failed,
                        };
                        board.end(index, end);
                    }
                }
            }
            prop_assert_eq!(board.next(), Next::Nothing, "a step never had its turn");
            for (i, made) in steps.iter().enumerate() {
                let has_inputs = made.need.inputs.iter().all(|&j| board.done()[j]);
                let succeeds = made.failures <= made.retries;
                prop_assert_eq!(board.done()[i], has_inputs && succeeds);
                let expected = if has_inputs { made.failures.min(made.retries) + 1 } else { 0 };
                prop_assert_eq!(attempts[i], expected);
            }
        }
    }

    #[test]
    fn steps_enough_take_all_gpus_beside_the_jobs_of_the_processor() {
        let need = |gpu| Need { inputs: vec![], urgency: 1.0, memory_bytes: 1, gpu };
        let needs = [[need(false), need(false), need(false)], [need(true), need(true), need(true)]].concat();
        let mut board = Board::new(needs, &[false; 6], Room { jobs: 1, memory_bytes: 100, gpus: 2 });
        let begun: Vec<Next> = (0..4).map(|_| board.next()).collect();
        let step = |index, gpu| Next::Step { index, gpu };
        assert_eq!(begun, [step(0, None), step(3, Some(0)), step(4, Some(1)), Next::Wait]);
        board.end(3, End::Failed);
        assert_eq!(board.next(), step(5, Some(0)), "a step that fails gives its GPU back");
        board.give_gpu_back(4);
        assert_eq!(board.next(), Next::Wait, "what goes on without its GPU takes a job of the processor");
    }
}
