//! Floor 5: a run. It starts, advances, steps back, takes gestures and live settings, and knows its digest.
use crate::{
    data::File,
    lab::{
        Begun, Claim, Entry, Experiment, Fault, Gesture, Hand, Inputs, Kind, Live, Param, Reach, Start, Status, Values,
        View,
    },
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
        /// What it was instead.
        value: &'static str,
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

/// A run at one step.
struct Moment {
    step: u64,
    experiment: Box<dyn Experiment>,
    /// A value for each parameter, with the live settings so far.
    values: Values,
    chain: Digest,
    ended: Option<Ended>,
    /// How many of the request's acts have been done.
    acts: usize,
}

impl Moment {
    fn copy(&self) -> Self {
        let experiment = self.experiment.snapshot();
        Self { experiment, values: self.values.clone(), ended: self.ended.clone(), ..*self }
    }
}

/// One run of one experiment.
pub struct Session {
    request: Request,
    inputs: Inputs,
    layout: Vec<View>,
    /// The step on screen.
    now: Moment,
    /// Moments before it that can be gone back to, each as it was before the acts at its step.
    past: Vec<Moment>,
    /// Distance in steps between them.
    stride: u64,
    events: Vec<(u64, &'static str)>,
    rows_from: u64,
    rows: Vec<f32>,
    /// The run before its last act, where that was a live setting: the next place of a slider begins there.
    before: Option<Moment>,
}

impl Session {
    /// Begins a run and goes to the step that was asked for.
    ///
    /// # Errors
    /// What the experiment finds wrong with values and inputs together, and files that were not handed in.
    pub fn start(request: Request, inputs: Inputs) -> Result<Self, Vec<Fault>> {
        let experiment = begin(&request, &inputs)?;
        check_touches(&request.acts, &experiment.views())?;
        let at = request.at;
        let mut session = Self::at_start(Request { at: 0, ..request }, inputs, experiment);
        session.seek(at);
        Ok(session)
    }

    /// A run at step 0.
    fn at_start(request: Request, inputs: Inputs, experiment: Box<dyn Experiment>) -> Self {
        let layout = experiment.views();
        let values = request.values.clone();
        let now = Moment { step: 0, experiment, values, chain: Digest::new(), ended: None, acts: 0 };
        let (past, events, rows) = (Vec::new(), Vec::new(), Vec::new());
        let mut session =
            Self { request, inputs, layout, now, past, stride: 1, events, rows_from: 0, rows, before: None };
        session.arrive();
        session
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
        self.now.step
    }

    /// Why the run is over, if it is.
    pub fn ended(&self) -> Option<&Ended> {
        self.now.ended.as_ref()
    }

    /// Steps with a word for the scrubber, as far as the run has been.
    pub fn events(&self) -> &[(u64, &'static str)] {
        &self.events
    }

    /// Takes up to `n` steps; fewer where the run ends. Returns how many it took.
    pub fn advance(&mut self, n: u64) -> u64 {
        let before = self.now.step;
        while self.now.step - before < n && self.now.ended.is_none() {
            let status = self.now.experiment.step();
            self.now.step += 1;
            if let Status::Passed(word) | Status::Ended(word) = status
                && !self.events.contains(&(self.now.step, word))
            {
                self.events.push((self.now.step, word));
            }
            if let Status::Ended(word) = status {
                self.now.ended = Some(Ended::Finished(word));
            } else if self.now.step >= self.entry().steps {
                self.now.ended = Some(Ended::LastStep);
            }
            self.arrive();
        }
        self.now.step - before
    }

    /// Goes to a step, back or ahead, and stops earlier where the run ends.
    pub fn seek(&mut self, step: u64) {
        if step < self.now.step {
            self.restore(step);
        }
        self.advance(step - self.now.step);
    }

    /// Whether a hand touches a view somewhere along this run: settings alone do not make it.
    pub fn touched(&self) -> bool {
        self.request.acts.iter().any(|(_, act)| matches!(act, Act::Touch(_)))
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
            // What is dragged on a picture has to be seen to move.
            Hand::Now if matches!(gesture, Gesture::Drag { .. }) => {
                self.make_room();
            }
            Hand::Now => {}
        }
        self.record(Act::Touch(gesture));
        Ok(())
    }

    /// Moves settings of the run. They are taken live where the experiment can, else the run begins again under them;
    /// either way the run keeps its acts. After a new beginning the step is 0. For a setting that needs steps to show
    /// ([`Live::Soon`]) a run that has none left begins again, and one that has few goes back to half of its way.
    ///
    /// # Errors
    /// All faults of the names and texts at once; the run then stays as it was.
    pub fn set(&mut self, pairs: &[(String, String)]) -> Result<Live, Vec<Fault>> {
        let entry = self.entry();
        let mut request = self.request.clone();
        let mut moved = Vec::new();
        let mut faults = Vec::new();
        for (name, text) in pairs {
            match entry.param(name).map(|param| (param, param.parse(text))) {
                None => faults.push(Fault::unknown(name, text, entry.params)),
                Some((_, Err(fault))) => faults.push(fault),
                Some((param, Ok(value))) => {
                    request.values.set(param, value.clone());
                    moved.push((param, value));
                }
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        // They are done where they will stand, and undone if they cannot be taken live.
        let alone = moved.len() == 1;
        let (mut live, mut before) = (Live::Now, None);
        for (param, value) in &moved {
            // Of several, as of a preset, those that stand already are left alone.
            if !alone && value == self.now.values.get(param) {
                continue;
            }
            let act = Act::Set(param, value.clone());
            self.branch(&act);
            before.get_or_insert_with(|| self.now.copy());
            live = live.max(self.record(act));
        }
        let Some(before) = before else { return Ok(live) };
        if live == Live::Soon && self.now.experiment.due().is_some_and(|due| due <= self.now.step) {
            live = Live::Restart;
        }
        // Where settings were taken live before, the experiment went back to a start that knew them.
        let knew = || self.request.acts[..before.acts].iter().any(|(_, act)| matches!(act, Act::Set(..)));
        if live == Live::Again && (!alone || knew()) {
            live = Live::Restart;
        }
        if live == Live::Now {
            self.before = alone.then_some(before);
            return Ok(live);
        }
        if live == Live::Soon {
            // What was set since then still holds.
            let values = self.now.values.clone();
            if self.make_room() {
                for param in entry.params {
                    let value = values.get(param);
                    if (alone && moved[0].0.is(param)) || value != self.now.values.get(param) {
                        self.record(Act::Set(param, value.clone()));
                    }
                }
            }
            return Ok(Live::Now);
        }
        self.request.acts.truncate(before.acts);
        let tried = std::mem::replace(&mut self.now, before).experiment;
        let begun = if live == Live::Again { Ok(tried) } else { begin(&request, &self.inputs) };
        let experiment = begun.inspect_err(|_| {
            self.request.acts.clone_from(&request.acts);
            self.again();
        })?;
        // What was last asked of a setting holds, not what it was moved to on the way.
        request
            .acts
            .retain(|(_, act)| !matches!(act, Act::Set(param, _) if moved.iter().any(|(new, _)| new.is(param))));
        *self = Self::at_start(request, std::mem::take(&mut self.inputs), experiment);
        Ok(live)
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
                self.now.experiment.ground(i, slot);
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
            self.now.experiment.draw(i, slot);
            rest = after;
        }
    }

    /// The caption of each view, as of now.
    pub fn captions(&self) -> Vec<String> {
        (0..self.layout.len()).map(|i| self.now.experiment.caption(i)).collect()
    }

    /// The last step of this run, as far as is known.
    pub fn last(&self) -> u64 {
        let steps = self.entry().steps;
        self.now.experiment.due().map_or(steps, |due| due.min(steps))
    }

    /// Settings that reach less far in this run than their parameter would let them.
    pub fn reaches(&self) -> Vec<(&'static Param, Reach)> {
        self.now.experiment.reaches()
    }

    /// The claims, as of now.
    pub fn claims(&self) -> Vec<Claim> {
        self.now.experiment.claims()
    }

    /// The metrics of the step on screen.
    pub fn metrics(&self) -> Vec<f32> {
        let mut row = vec![0.0; self.entry().metrics.len()];
        self.now.experiment.measure(&mut row);
        row
    }

    /// The rows of metrics since they were last taken, one a step, and the step of the first.
    pub fn take_rows(&mut self) -> (u64, Vec<f32>) {
        let taken = (self.rows_from, std::mem::take(&mut self.rows));
        self.rows_from = self.now.step + 1;
        taken
    }

    /// The value of each parameter at the step on screen: those of the start and the live settings since.
    pub fn values(&self) -> &Values {
        &self.now.values
    }

    /// What this run is, and where it stands; the values are those of the start.
    pub fn request(&self) -> Request {
        Request { at: self.now.step, ..self.request.clone() }
    }

    /// Sixteen hexadecimal digits over every metric so far and every number on screen, but for those that tell of time.
    pub fn digest(&self) -> String {
        let mut digest = self.now.chain;
        let mut frame = vec![0.0; self.floats()];
        self.draw(&mut frame);
        digest.take(&self.ground());
        let mut rest = frame.as_slice();
        for view in &self.layout {
            let (slot, after) = rest.split_at(view.floats());
            if !view.timed {
                digest.take(slot);
            }
            rest = after;
        }
        format!("{:016x}", digest.0)
    }

    /// With less than a quarter of its steps left a run goes back to half of its way, so that there are steps for what a hand
    /// asks for. Answers whether it did.
    fn make_room(&mut self) -> bool {
        let steps = self.entry().steps;
        let is_near_its_end = 4 * steps.saturating_sub(self.now.step) < steps;
        if is_near_its_end {
            self.seek(self.now.step / 2);
        }
        is_near_its_end
    }

    /// Does something at the step on screen and keeps it in the record.
    fn record(&mut self, act: Act) -> Live {
        self.branch(&act);
        self.request.acts.push((self.now.step, act));
        self.act()
    }

    /// Makes way for an act at the step on screen: what had been done later is forgotten, and what it covers has never been.
    fn branch(&mut self, act: &Act) {
        let here = self.now.step;
        let acts = &mut self.request.acts;
        acts.truncate(self.now.acts);
        self.past.retain(|past| past.step <= here);
        self.events.retain(|(step, _)| *step <= here);
        // Only what came last: a hand may have worked with an earlier setting, such as a brush.
        while acts.last().is_some_and(|(step, old)| *step == here && act.covers(old)) {
            acts.pop();
        }
        let left = acts.len();
        let before = self.before.take();
        if left < self.now.acts {
            match before.filter(|before| before.acts == left) {
                Some(before) => self.now = before,
                None => self.again(),
            }
        }
    }

    /// Comes to the step on screen anew, for the digest of a link must be the digest on screen.
    fn again(&mut self) {
        let here = self.now.step;
        self.restore(here);
        self.advance(here - self.now.step);
    }

    /// Puts the run back to the last moment kept at or before `step`.
    fn restore(&mut self, step: u64) {
        self.now = self.past.iter().rfind(|past| past.step <= step).unwrap_or(&self.past[0]).copy();
        self.before = None;
        self.rows.clear();
        self.rows_from = self.now.step;
        self.measure();
        self.act();
    }

    /// A step was reached: remember it, then do what was done at it.
    fn arrive(&mut self) {
        if self.now.step.is_multiple_of(self.stride) && self.past.last().is_none_or(|past| past.step < self.now.step) {
            self.past.push(self.now.copy());
            if self.past.len() > SNAPSHOTS {
                self.stride *= 2;
                let stride = self.stride;
                self.past.retain(|past| past.step.is_multiple_of(stride));
            }
        }
        self.measure();
        self.act();
    }

    /// Does what the record holds for the step on screen, and measures it again after each act. Answers what became of its settings.
    fn act(&mut self) -> Live {
        let mut live = Live::Now;
        while let Some((step, act)) = self.request.acts.get(self.now.acts).cloned()
            && step == self.now.step
        {
            self.now.acts += 1;
            match act {
                Act::Touch(gesture) => self.now.experiment.touch(&gesture),
                Act::Set(param, value) => {
                    self.now.values.set(param, value);
                    live = live.max(self.now.experiment.set(param, &self.now.values));
                }
            }
            // What had come to rest may have somewhere to go again.
            if matches!(self.now.ended, Some(Ended::Finished(_))) && step < self.last() {
                self.now.ended = None;
            }
            self.measure();
        }
        live
    }

    /// Puts the metrics of the step on screen in the rows (over those of before an act) and in the digest.
    fn measure(&mut self) {
        let row = self.metrics();
        let metrics = self.entry().metrics;
        if let Some(i) = row.iter().position(|x| !x.is_finite()) {
            let value = match row[i] {
                x if x.is_nan() => "not a number",
                x if x > 0.0 => "infinity",
                _ => "minus infinity",
            };
            self.now.ended = Some(Ended::Diverged { metric: metrics[i].name, value });
        }
        for (x, _) in row.iter().zip(metrics).filter(|(_, metric)| !metric.timed) {
            self.now.chain.take(&[*x]);
        }
        let done = self.rows.len() / metrics.len().max(1);
        match (self.now.step + 1).checked_sub(self.rows_from) {
            // Taken already: the row is sent once more.
            Some(0) => self.rows_from = self.now.step,
            Some(wanted) => self.rows.truncate((wanted as usize - 1).min(done) * metrics.len()),
            None => {
                self.rows.clear();
                self.rows_from = self.now.step;
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

/// Holds a record against the views that it touches.
fn check_touches(acts: &[(u64, Act)], layout: &[View]) -> Result<(), Fault> {
    for (step, act) in acts {
        let Act::Touch(gesture) = act else { continue };
        let hand = layout.get(gesture.view()).map_or(Hand::None, |view| view.hand);
        if hand == Hand::None || (hand == Hand::Start && *step > 0) {
            let given = format!("{step}, view {}", gesture.view());
            return Err(Fault::new("do", &given, "must touch views that are for touching, at their step"));
        }
    }
    Ok(())
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

/// The run that the query of a link asks for, after so many steps: for the tests of experiments.
#[cfg(test)]
pub(crate) fn follow(query: &str, steps: u64) -> Session {
    let request = Request::parse(&crate::link::split_query(query)).unwrap();
    let mut inputs = Inputs::default();
    (request.entry.files)(&request.values).into_iter().for_each(|file| inputs.push_file(file, file.read()));
    let mut session = Session::start(request, inputs).unwrap();
    session.advance(steps);
    session
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{Metric, Preset, Prose, Value, Wing};

    static FROM: Param = Param::float("from", "", (0.0, 0.0, 100.0), "");
    static RISE: Param = Param::float("rise", "", (0.0, 1.0, 1e38), "");
    static WIND: Param = Param::float("wind", "", (0.0, 0.0, 100.0), "");

    /// Climbs by rise and wind at each step; both are taken live.
    #[derive(Clone)]
    struct Climb {
        height: f32,
        by: f32,
    }

    impl Climb {
        fn start(values: &Values) -> Self {
            let by = (values.float(&RISE) + values.float(&WIND)) as f32;
            Self { height: values.float(&FROM) as f32, by }
        }
    }

    impl Experiment for Climb {
        fn views(&self) -> Vec<View> {
            Vec::new()
        }
        fn draw(&self, _: usize, _: &mut [f32]) {}
        fn caption(&self, _: usize) -> String {
            String::new()
        }
        fn step(&mut self) -> Status {
            self.height += self.by;
            Status::Running
        }
        fn measure(&self, out: &mut [f32]) {
            out[0] = self.height;
        }
        fn set(&mut self, param: &'static Param, values: &Values) -> Live {
            let new = Self::start(values);
            if param.name == FROM.name {
                *self = new;
                return Live::Again;
            }
            self.by = new.by;
            if param.name == WIND.name { Live::Soon } else { Live::Now }
        }
        fn claims(&self) -> Vec<Claim> {
            Vec::new()
        }
    }

    static CLIMB: Entry = Entry {
        id: "climb",
        wing: Wing::Memory,
        prose: Prose { title: "", paper: None, card: "", lead: "", about: &[], formulas: &[], symbols: &[], words: "" }
            .told(),
        params: &[&FROM, &RISE, &WIND],
        metrics: &[Metric::new("height", "", "")],
        presets: &[Preset::new("", "", &[])],
        steps: 100,
        log_steps: false,
        pace: 0.0,
        thumbnail: 0,
        files: |_| Vec::new(),
        start: |start| Ok(Box::new(Climb::start(start.values))),
    };

    fn climb(rise: f64) -> Session {
        let mut values = Values::defaults(CLIMB.params);
        values.set(&RISE, Value::Float(rise));
        Session::start(Request { entry: &CLIMB, seed: 1, values, at: 0, acts: Vec::new() }, Inputs::default()).unwrap()
    }

    fn set(session: &mut Session, name: &str, text: &str) -> Live {
        session.set(&[(name.into(), text.into())]).unwrap()
    }

    #[test]
    fn a_metric_that_is_not_finite_ends_the_run_and_one_can_go_back() {
        let mut session = climb(1e38);
        assert_eq!(session.advance(50), 4);
        assert_eq!(session.ended(), Some(&Ended::Diverged { metric: "height", value: "infinity" }));
        assert_eq!(session.advance(50), 0);
        session.seek(2);
        assert_eq!((session.ended(), session.metrics()), (None, vec![2e38]));
        assert_eq!(session.take_rows(), (2, vec![2e38]));
    }

    #[test]
    fn live_settings_are_part_of_the_run_and_values_are_those_of_the_step() {
        let mut session = climb(1.0);
        session.advance(3);
        assert_eq!(set(&mut session, "rise", "2"), Live::Now);
        session.advance(1);
        // The first of two settings at one step is as if it had never been.
        set(&mut session, "wind", "7");
        assert_eq!(set(&mut session, "wind", "4"), Live::Now);
        session.advance(1);
        assert_eq!(session.metrics(), [11.0]);
        assert_eq!(session.request().acts.len(), 2);
        for (step, rise, wind, height) in
            [(2, "1", "0", 2.0), (4, "2", "4", 5.0), (3, "2", "0", 3.0), (5, "2", "4", 11.0)]
        {
            session.seek(step);
            let values = [("from", "0".into()), ("rise", rise.into()), ("wind", wind.into())];
            assert_eq!((session.values().all(), session.metrics()), (values.to_vec(), vec![height]), "step {step}");
        }
        let again = Session::start(session.request(), Inputs::default()).unwrap();
        assert_eq!((again.digest(), again.values().all()), (session.digest(), session.values().all()));
    }

    #[test]
    fn a_run_at_its_last_step_makes_room_for_a_setting_that_needs_steps() {
        let mut session = climb(1.0);
        session.advance(80);
        set(&mut session, "rise", "2");
        session.advance(100);
        assert_eq!((session.ended(), session.metrics()), (Some(&Ended::LastStep), vec![120.0]));
        assert_eq!(set(&mut session, "rise", "3"), Live::Now);
        assert_eq!(session.step(), 100);
        assert_eq!(set(&mut session, "wind", "4"), Live::Now);
        assert_eq!((session.step(), session.ended(), session.metrics()), (50, None, vec![50.0]));
        assert_eq!(session.advance(100), 50);
        assert_eq!(session.metrics(), [400.0]);
        let again = Session::start(session.request(), Inputs::default()).unwrap();
        assert_eq!((again.digest(), again.values().all()), (session.digest(), session.values().all()));
    }

    #[test]
    fn several_settings_at_once_are_taken_live_where_each_can_be() {
        let mut session = climb(1.0);
        session.advance(3);
        let both = [("rise".to_owned(), "2".to_owned()), ("wind".to_owned(), "4".to_owned())];
        assert_eq!((session.set(&both), session.step()), (Ok(Live::Now), 3));
        session.advance(1);
        assert_eq!(session.metrics(), [9.0]);
        // Those that stand already are left alone, and belong to a new beginning all the same.
        let three = ["rise", "wind"].map(|name| (name.to_owned(), "2".to_owned()));
        assert_eq!((session.set(&three), session.request().acts.len()), (Ok(Live::Now), 3));
        let from = [("rise".to_owned(), "2".to_owned()), ("from".to_owned(), "9".to_owned())];
        let mut anew = Session::start(session.request(), Inputs::default()).unwrap();
        anew.seek(4);
        assert_eq!((anew.set(&from), anew.values().float(&RISE)), (Ok(Live::Restart), 2.0));
        assert!(anew.request().acts.iter().all(|(_, act)| !matches!(act, Act::Set(param, _) if param.is(&RISE))));
        let from = [("rise".to_owned(), "3".to_owned()), ("from".to_owned(), "9".to_owned())];
        assert_eq!((session.set(&from), session.step()), (Ok(Live::Restart), 0));
    }

    #[test]
    fn a_new_beginning_does_not_know_the_live_settings_to_come() {
        let mut session = climb(1.0);
        assert_eq!(set(&mut session, "from", "20"), Live::Again);
        session.advance(2);
        set(&mut session, "rise", "5");
        session.advance(1);
        assert_eq!(session.metrics(), [27.0]);
        assert_eq!(set(&mut session, "from", "10"), Live::Restart);
        assert_eq!((session.step(), session.metrics()), (0, vec![10.0]));
        session.advance(3);
        assert_eq!(session.metrics(), [17.0]);
        let again = Session::start(session.request(), Inputs::default()).unwrap();
        assert_eq!(again.digest(), session.digest());
    }

    #[test]
    fn a_setting_that_is_asked_for_anew_forgets_where_it_was_moved() {
        let mut session = climb(1.0);
        session.advance(2);
        session.set(&[("rise".into(), "5".into())]).unwrap();
        session.advance(1);
        // Where one of several begins anew they all do, under what they ask for and nothing else.
        session.set(&[("rise".into(), "2".into()), ("from".into(), "4".into())]).unwrap();
        assert_eq!((session.step(), session.values().float(&RISE)), (0, 2.0));
        session.advance(4);
        assert_eq!(session.metrics(), [12.0]);
    }

    #[test]
    fn a_hand_wakes_a_run_that_had_come_to_rest() {
        let request =
            crate::link::Request::parse(&crate::link::split_query("id=energy-dial&points=16&memories=3")).unwrap();
        let mut session = Session::start(request, Inputs::default()).unwrap();
        session.advance(1000);
        let (rest, word) = (session.step(), session.ended().map(Ended::word));
        assert_eq!(word, Some("settled"));
        session.touch(Gesture::Drag { view: 1, x: 2048, y: 2048 }).unwrap();
        assert_eq!(session.ended(), None);
        session.advance(1000);
        assert!(session.step() > rest && session.ended().is_some());
        // As often as a hand likes: near the last step a run goes back for it.
        for x in [0, 1000, 3000] {
            session.touch(Gesture::Drag { view: 1, x, y: 2048 }).unwrap();
            assert!(4 * session.step() <= 3 * session.entry().steps, "{}", session.step());
            session.advance(1000);
        }
        let link = Request { at: session.step(), ..session.request() };
        let again = Session::start(link, Inputs::default()).unwrap();
        assert_eq!((again.step(), again.digest()), (session.step(), session.digest()));
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
