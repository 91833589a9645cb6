//! Work that the command does on several threads.
use super::{Stop, counted};
use attractor::lab::Fault;
use clap::Args;
use std::{
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

/// How much is done side by side.
#[derive(Args)]
pub struct Jobs {
    /// Runs at a time: one a core, unless given.
    #[arg(long, value_name = "J", value_parser = counted::<u16>, allow_negative_numbers = true)]
    jobs: Option<u16>,
}

impl Jobs {
    /// Does each work on a thread of its own, so many at a time, and hands each result over on this thread when it is there.
    ///
    /// # Errors
    /// Where the system does not give so many threads, or `keep` fails: then no further work is begun.
    pub fn take_all<Work: Sync, Found: Send>(
        &self,
        works: &[Work],
        take: impl Fn(&Work) -> Found + Sync,
        mut keep: impl FnMut(usize, Found) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let cores = || thread::available_parallelism().map_or(1, usize::from);
        let jobs = self.jobs.map_or_else(cores, usize::from);
        let next = AtomicUsize::new(0);
        let (sender, found) = mpsc::channel();
        thread::scope(|scope| {
            for _ in 0..jobs.min(works.len()) {
                let (next, take, sender) = (&next, &take, sender.clone());
                let worker = move || {
                    let turn = || {
                        let i = next.fetch_add(1, Ordering::Relaxed);
                        works.get(i).map(|work| (i, work))
                    };
                    // Nobody receives any more where a result could not be kept.
                    while let Some((i, work)) = turn()
                        && sender.send((i, take(work))).is_ok()
                    {}
                };
                if let Err(error) = thread::Builder::new().spawn_scoped(scope, worker) {
                    let wanted = "must be no more than the threads that the system gives";
                    return Err(Fault::new("jobs", &format!("{jobs}: {error}"), wanted).into());
                }
            }
            drop(sender);
            found.into_iter().try_for_each(|(i, found)| keep(i, found))
        })
    }
}
