//! Floor 5: a run. It starts, advances, steps back, takes gestures and live settings, and knows its digest.
use crate::{
    data::File,
    lab::{Begun, Claim, Entry, Experiment, Fault, Gesture, Hand, Inputs, Kind, Live, Start, Status, View},
    link::{Act, Request},
    math::rng::Rng,
};

/// Snapshots kept for stepping back; when there are more, every second one goes.
const SNAPSHOTS: usize = 64;

/// Why a run is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The experiment said so, with a word for the scrubber.
    Finished(&'static str),
    /// It reached the last step that the experiment's entry allows.
    LastStep,
    /// A metric was no longer a finite number.
    Diverged {
        /// Which one.
        metric: &'static str,
    },
}

impl Ended {
    /// The word for the scrubber and for scripts.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Finished(word) => word,
            Self::LastStep => "ended",
            Self::Diverged { .. } => "diverged",
        }
    }
}

/// A place in a run that can be gone back to.
struct Past {
    step: u64,
    experiment: Box<dyn Experiment>,
    chain: Digest,
    ended: Option<Ended>,
    /// How many of the acts had been done.
    acts: usize,
}

/// One run of one experiment.
pub struct Session {
    request: Request,
    inputs: Inputs,
    experiment: Box<dyn Experiment>,
    layout: Vec<View>,
    step: u64,
    ended: Option<Ended>,
    /// How many of `request.acts` have been done.
    acts: usize,
    past: Vec<Past>,
    /// Distance in steps between snapshots.
    stride: u64,
    events: Vec<(u64, &'static str)>,
    rows_from: u64,
    rows: Vec<f32>,
    chain: Digest,
}

impl Session {
    /// Begins a run and goes to the step that was asked for.
    ///
    /// # Errors
    /// What the experiment finds wrong with values and inputs together, and files that were not handed in.
    pub fn start(request: Request, inputs: Inputs) -> Result<Self, Vec<Fault>> {
        let experiment = begin(&request, &inputs)?;
        let layout = experiment.views();
        for (step, act) in &request.acts {
            if let Act::Touch(gesture) = act {
                let hand = layout.get(gesture.view()).map_or(Hand::None, |view| view.hand);
                if hand == Hand::None || (hand == Hand::Start && *step > 0) {
                    let given = format!("{step}, view {}", gesture.view());
                    return Err(vec![Fault::new(
                        "do",
                        &given,
                        "must touch views that are for touching, at their step",
                    )]);
                }
            }
        }
        let at = request.at;
        let mut session = Self {
            request: Request { at: 0, ..request },
            inputs,
            experiment,
            layout,
            step: 0,
            ended: None,
            acts: 0,
            past: Vec::new(),
            stride: 1,
            events: Vec::new(),
            rows_from: 0,
            rows: Vec::new(),
            chain: Digest::new(),
        };
        session.arrive();
        session.seek(at);
        Ok(session)
    }

    /// The experiment that runs.
    pub fn entry(&self) -> &'static Entry {
        self.request.entry
    }

    /// The views of this run.
    pub fn layout(&self) -> &[View] {
        &self.layout
    }

    /// The step on screen.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// Why the run is over, if it is.
    pub fn ended(&self) -> Option<&Ended> {
        self.ended.as_ref()
    }

    /// Steps with a word for the scrubber, as far as the run has been.
    pub fn events(&self) -> &[(u64, &'static str)] {
        &self.events
    }

    /// Takes up to `n` steps; fewer where the run ends. Returns how many it took.
    pub fn advance(&mut self, n: u64) -> u64 {
        let before = self.step;
        while self.step - before < n && self.ended.is_none() {
            let status = self.experiment.step();
            self.step += 1;
            if let Status::Passed(word) | Status::Ended(word) = status
                && !self.events.contains(&(self.step, word))
            {
                self.events.push((self.step, word));
            }
            if let Status::Ended(word) = status {
                self.ended = Some(Ended::Finished(word));
            } else if self.step >= self.entry().steps {
                self.ended = Some(Ended::LastStep);
            }
            self.arrive();
        }
        self.step - before
    }

    /// Goes to a step, back or ahead, and stops earlier where the run ends.
    pub fn seek(&mut self, step: u64) {
        if step < self.step {
            self.restore(step);
        }
        self.advance(step - self.step);
    }

    /// A hand touched a view. What had been done after the step on screen is forgotten: the run branches here.
    ///
    /// # Errors
    /// If there is no such view or it is not for touching.
    pub fn touch(&mut self, gesture: Gesture) -> Result<(), Fault> {
        let number = gesture.view().to_string();
        let Some(view) = self.layout.get(gesture.view()) else {
            return Err(Fault::new("view", &number, "is not there"));
        };
        match view.hand {
            Hand::None => return Err(Fault::new("view", &number, "is not for touching")),
            Hand::Start => self.seek(0),
            Hand::Now => {}
        }
        self.branch();
        let here = self.step;
        let acts = &mut self.request.acts;
        let before = acts.len();
        acts.retain(|(step, act)| !matches!(act, Act::Touch(old) if *step == here && gesture.covers(old)));
        let covered = acts.len() < before;
        acts.push((here, Act::Touch(gesture)));
        if covered {
            // As if the covered touches had never been: the digest of a link must be the digest on screen.
            self.restore(here);
            self.advance(here - self.step);
        } else {
            self.act();
        }
        Ok(())
    }

    /// Moves settings of the run. They are taken live where the experiment can, else the run begins again under them;
    /// either way the run keeps its acts. After a new beginning the step is 0.
    ///
    /// # Errors
    /// All faults of the names and texts at once; the run then stays as it was.
    pub fn set(&mut self, pairs: &[(String, String)]) -> Result<Live, Vec<Fault>> {
        let entry = self.entry();
        let mut faults = Vec::new();
        let mut moved = Vec::new();
        for (name, text) in pairs {
            match entry.param(name) {
                None => faults.push(Fault::unknown(name, text, entry.params)),
                Some(param) => match param.parse(text) {
                    Ok(value) => moved.push((param, value)),
                    Err(fault) => faults.push(fault),
                },
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let before = self.request.values.clone();
        let mut done = Live::Now;
        for (param, value) in moved {
            let mut values = self.request.values.clone();
            values.set(param, value.clone());
            // Several settings at once are a new start; one by one they may be taken live.
            let live = if pairs.len() == 1 { self.experiment.set(param, &values) } else { Live::Restart };
            self.request.values = values;
            match live {
                Live::Now => {
                    // The link carries the value at the start; the change is one of the acts.
                    self.request.values = before.clone();
                    self.branch();
                    self.request.acts.push((self.step, Act::Set(param, value)));
                    self.acts = self.request.acts.len();
                    self.measure();
                }
                Live::Again if done == Live::Now => done = Live::Again,
                Live::Again => {}
                Live::Restart => done = Live::Restart,
            }
        }
        if done == Live::Restart {
            match begin(&self.request, &self.inputs) {
                Ok(experiment) => self.experiment = experiment,
                Err(faults) => {
                    self.request.values = before;
                    return Err(faults);
                }
            }
        }
        if done != Live::Now {
            self.layout = self.experiment.views();
            self.step = 0;
            self.ended = None;
            self.acts = 0;
            self.past.clear();
            self.stride = 1;
            self.events.clear();
            self.rows.clear();
            self.rows_from = 0;
            self.chain = Digest::new();
            self.arrive();
        }
        Ok(done)
    }

    /// The files that a run under these settings would read and that were not handed in yet.
    pub fn missing(&self, pairs: &[(String, String)]) -> Vec<&'static File> {
        let mut values = self.request.values.clone();
        for (name, text) in pairs {
            if let Some(param) = self.entry().param(name)
                && let Ok(value) = param.parse(text)
            {
                values.set(param, value);
            }
        }
        (self.entry().files)(&values).into_iter().filter(|file| !self.inputs.has(file)).collect()
    }

    /// Hands in a bundled file, for settings to come.
    pub fn hand_in(&mut self, file: &'static File, bytes: Vec<u8>) {
        self.inputs.push_file(file, bytes);
    }

    /// The still part of every view, back to back.
    pub fn ground(&self) -> Vec<f32> {
        let mut out = vec![0.0; self.layout.iter().map(View::still_floats).sum()];
        let mut rest = out.as_mut_slice();
        for (i, view) in self.layout.iter().enumerate() {
            let (slot, after) = rest.split_at_mut(view.still_floats());
            if view.still {
                self.experiment.ground(i, slot);
            }
            rest = after;
        }
        out
    }

    /// Floats of one frame.
    pub fn floats(&self) -> usize {
        self.layout.iter().map(View::floats).sum()
    }

    /// Draws every view, back to back.
    ///
    /// # Panics
    /// If `frame` does not hold exactly [`Session::floats`].
    pub fn draw(&self, frame: &mut [f32]) {
        assert_eq!(frame.len(), self.floats(), "a frame of this run holds {} floats", self.floats());
        let mut rest = frame;
        for (i, view) in self.layout.iter().enumerate() {
            let (slot, after) = rest.split_at_mut(view.floats());
            self.experiment.draw(i, slot);
            rest = after;
        }
    }

    /// The caption of each view, as of now.
    pub fn captions(&self) -> Vec<String> {
        (0..self.layout.len()).map(|i| self.experiment.caption(i)).collect()
    }

    /// The claims, as of now.
    pub fn claims(&self) -> Vec<Claim> {
        self.experiment.claims()
    }

    /// The metrics of the step on screen.
    pub fn metrics(&self) -> Vec<f32> {
        let mut row = vec![0.0; self.entry().metrics.len()];
        self.experiment.measure(&mut row);
        row
    }

    /// The rows of metrics since they were last taken, one a step, and the step of the first.
    pub fn take_rows(&mut self) -> (u64, Vec<f32>) {
        let taken = (self.rows_from, std::mem::take(&mut self.rows));
        self.rows_from = self.step + 1;
        taken
    }

    /// What this run is, and where it stands.
    pub fn request(&self) -> Request {
        Request { at: self.step, ..self.request.clone() }
    }

    /// Sixteen hexadecimal digits over every metric so far and every number on screen.
    pub fn digest(&self) -> String {
        let mut digest = self.chain;
        let mut frame = vec![0.0; self.floats()];
        self.draw(&mut frame);
        digest.take(&self.ground());
        digest.take(&frame);
        format!("{:016x}", digest.0)
    }

    /// Acts beyond the step on screen belong to a future that will not come.
    fn branch(&mut self) {
        let here = self.step;
        self.request.acts.truncate(self.acts);
        self.past.retain(|past| past.step <= here);
        self.events.retain(|(step, _)| *step <= here);
    }

    /// Puts the run back to the last place remembered at or before `step`.
    fn restore(&mut self, step: u64) {
        let past = self.past.iter().rfind(|past| past.step <= step).unwrap_or(&self.past[0]);
        self.experiment = past.experiment.snapshot();
        self.step = past.step;
        self.chain = past.chain;
        self.ended = past.ended.clone();
        self.acts = past.acts;
        self.rows.clear();
        self.rows_from = self.step;
        self.measure();
        self.act();
    }

    /// A step was reached: remember it, then do what was done at it.
    fn arrive(&mut self) {
        if self.step.is_multiple_of(self.stride) && self.past.last().is_none_or(|past| past.step < self.step) {
            self.past.push(Past {
                step: self.step,
                experiment: self.experiment.snapshot(),
                chain: self.chain,
                ended: self.ended.clone(),
                acts: self.acts,
            });
            if self.past.len() > SNAPSHOTS {
                self.stride *= 2;
                let stride = self.stride;
                self.past.retain(|past| past.step.is_multiple_of(stride));
            }
        }
        self.measure();
        self.act();
    }

    /// Does what the record holds for the step on screen, and measures it again after each act.
    fn act(&mut self) {
        while let Some((step, act)) = self.request.acts.get(self.acts).cloned() {
            if step != self.step {
                break;
            }
            self.acts += 1;
            match act {
                Act::Touch(gesture) => self.experiment.touch(&gesture),
                Act::Set(param, value) => {
                    let mut values = self.request.values.clone();
                    values.set(param, value);
                    self.experiment.set(param, &values);
                }
            }
            self.measure();
        }
    }

    /// Puts the metrics of the step on screen in the rows (over those of before an act) and in the digest.
    fn measure(&mut self) {
        let row = self.metrics();
        let metrics = self.entry().metrics;
        if let Some(i) = row.iter().position(|x| !x.is_finite()) {
            self.ended = Some(Ended::Diverged { metric: metrics[i].name });
        }
        self.chain.take(&row);
        let done = self.rows.len() / metrics.len().max(1);
        match (self.step + 1).checked_sub(self.rows_from) {
            // Taken already: the row is sent once more.
            Some(0) => self.rows_from = self.step,
            Some(wanted) => self.rows.truncate((wanted as usize - 1).min(done) * metrics.len()),
            None => {
                self.rows.clear();
                self.rows_from = self.step;
            }
        }
        self.rows.extend(row);
    }
}

fn begin(request: &Request, inputs: &Inputs) -> Begun {
    let files = (request.entry.files)(&request.values).into_iter();
    let mut faults: Vec<Fault> =
        files.filter(|file| !inputs.has(file)).map(|file| Fault::new(file.name, "", "was not handed in")).collect();
    for param in request.entry.params {
        let count = inputs.images(param).len();
        if let Kind::Images { most } = param.kind
            && count > most
        {
            faults.push(Fault::new(param.name, &count.to_string(), &format!("must be at most {most} pictures")));
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let rng = Rng::new(request.seed);
    (request.entry.start)(&Start { values: &request.values, inputs, rng: &rng })
}

/// FNV-1a over the bits of numbers: small, the same everywhere, and enough to tell two runs apart.
#[derive(Clone, Copy)]
struct Digest(u64);

impl Digest {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn take(&mut self, numbers: &[f32]) {
        for byte in numbers.iter().flat_map(|x| x.to_bits().to_le_bytes()) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{Metric, Preset, Prose, Values, Wing};

    /// Counts to three and then is no number.
    #[derive(Clone)]
    struct Overflow(f32);

    impl Experiment for Overflow {
        fn views(&self) -> Vec<View> {
            Vec::new()
        }
        fn draw(&self, _: usize, _: &mut [f32]) {}
        fn caption(&self, _: usize) -> String {
            String::new()
        }
        fn step(&mut self) -> Status {
            self.0 = if self.0 < 3.0 { self.0 + 1.0 } else { f32::INFINITY };
            Status::Running
        }
        fn measure(&self, out: &mut [f32]) {
            out[0] = self.0;
        }
        fn claims(&self) -> Vec<Claim> {
            Vec::new()
        }
        fn snapshot(&self) -> Box<dyn Experiment> {
            Box::new(self.clone())
        }
    }

    static OVERFLOW: Entry = Entry {
        id: "overflow",
        wing: Wing::Memory,
        prose: Prose { title: "", paper: None, card: "", lead: "", about: &[], formulas: &[], symbols: &[], words: "" }
            .told(),
        params: &[],
        metrics: &[Metric { name: "count", label: "", unit: "", help: "" }],
        presets: &[Preset { name: "", story: "", set: &[] }],
        steps: 100,
        log_steps: false,
        pace: 0.0,
        thumbnail: 0,
        files: |_| Vec::new(),
        start: |_| Ok(Box::new(Overflow(0.0))),
    };

    #[test]
    fn a_metric_that_is_not_finite_ends_the_run_and_one_can_go_back() {
        let request = Request { entry: &OVERFLOW, seed: 1, values: Values::defaults(&[]), at: 0, acts: Vec::new() };
        let mut session = Session::start(request, Inputs::default()).unwrap();
        assert_eq!(session.advance(50), 4);
        assert_eq!(session.ended(), Some(&Ended::Diverged { metric: "count" }));
        assert_eq!(session.advance(50), 0);
        session.seek(2);
        assert_eq!((session.ended(), session.metrics()), (None, vec![2.0]));
        assert_eq!(session.take_rows(), (2, vec![2.0]));
    }

    #[test]
    fn snapshots_thin_out_and_every_step_stays_within_reach() {
        let request =
            crate::link::Request::parse(&crate::link::split_query("id=hebb-letters&letters=6&flipped=0.5")).unwrap();
        let mut session = Session::start(request, Inputs::default()).unwrap();
        session.seek(700);
        assert!(session.past.len() <= SNAPSHOTS + 1);
        let last = session.step();
        for step in [last - 1, last / 2, 1, 0] {
            session.seek(step);
            assert_eq!(session.step(), step);
        }
    }
}
