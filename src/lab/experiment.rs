//! What an experiment is: an [`Entry`] as data and an [`Experiment`] as a run in progress.
use super::{Claim, Fault, Figures, Gesture, Inputs, Kind, Param, Prose, Values, View, prose::told};
use crate::{data::File, math::rng::Rng};
use serde::Serialize;

/// One experiment as the catalogue knows it: a `static` at the top of its own file.
#[derive(Serialize)]
pub struct Entry {
    /// kebab-case; equals the file's name.
    pub id: &'static str,
    /// Its part of the gallery.
    pub wing: Wing,
    /// What it says of itself.
    #[serde(flatten)]
    pub prose: Prose,
    /// The form, in order.
    pub params: &'static [&'static Param],
    /// What each step reports.
    pub metrics: &'static [Metric],
    /// Settings that tell a story; the first is the default.
    pub presets: &'static [Preset],
    /// A run ends here at the latest; also the right end of the scrubber.
    pub steps: u64,
    /// Whether the scrubber and step axes are logarithmic.
    pub log_steps: bool,
    /// Steps a second at speed 1; 0 runs as fast as the page can draw.
    pub pace: f32,
    /// Which view makes the thumbnail in the gallery.
    pub thumbnail: usize,
    /// The bundled files that a run with these values reads.
    #[serde(skip)]
    pub files: fn(&Values) -> Vec<&'static File>,
    /// Begins a run. Faults are those that only show when values meet each other or the inputs.
    #[serde(skip)]
    pub start: fn(&Start) -> Begun,
}

impl Entry {
    /// The parameter of that name.
    pub fn param(&self, name: &str) -> Option<&'static Param> {
        self.params.iter().copied().find(|param| param.name == name)
    }

    /// The parameter of that name that pictures are brought under.
    ///
    /// # Errors
    /// If there is none, or it takes no pictures.
    pub fn picture_param(&self, name: &str) -> Result<&'static Param, Fault> {
        let param = self.param(name).filter(|param| matches!(param.kind, Kind::Images { .. }));
        param.ok_or_else(|| Fault::new(name, "a picture", "takes no pictures"))
    }
}

/// A run that began, or all that is wrong with what it was to begin from.
pub type Begun = Result<Box<dyn Experiment>, Vec<Fault>>;

/// What a run begins from.
pub struct Start<'a> {
    /// A value for each parameter.
    pub values: &'a Values,
    /// Pictures and files.
    pub inputs: &'a Inputs,
    /// All chance of the run.
    pub rng: &'a Rng,
}

/// The part of the gallery an experiment hangs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wing {
    /// How a network stores things and finds them again.
    Memory,
    /// Networks that learn by heart first and understand later.
    Grokking,
    /// What is left when most weights are gone.
    Pruning,
    /// What a network is before it learns anything.
    Prior,
}

/// One number that a run reports at each step.
#[derive(Clone, Copy, Serialize)]
pub struct Metric {
    /// Short kebab-case name, the key in JSON and CSV.
    pub name: &'static str,
    /// How the page calls it.
    pub label: &'static str,
    /// Its unit, empty for a pure number.
    pub unit: &'static str,
    /// What it means, in one sentence.
    pub help: &'static str,
    /// Whether it tells of time as the host's clock does: then it is no part of the digest.
    #[serde(skip)]
    pub timed: bool,
    /// Whether 0 says that it has not happened: then no mean over runs counts it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub never: bool,
}

impl Metric {
    /// A pure number.
    pub const fn new(name: &'static str, label: &'static str, help: &'static str) -> Self {
        Self { name, label: told(label), unit: "", help: told(help), timed: false, never: false }
    }

    /// The same of a number that tells of time. It is 0 where there is no clock.
    #[must_use]
    pub const fn timed(self) -> Self {
        Self { timed: true, ..self }
    }

    /// The same of a number that is 0 until something happens, and stays so where it never does.
    #[must_use]
    pub const fn or_never(self) -> Self {
        Self { never: true, ..self }
    }
}

/// Named settings: a button on the page and a row of the golden file.
#[derive(Serialize)]
pub struct Preset {
    /// What the button says.
    pub name: &'static str,
    /// What the preset shows, in one sentence.
    pub story: &'static str,
    /// Parameter names and values as text, as in a link.
    pub set: &'static [(&'static str, &'static str)],
    /// Whether it is there to show where a claim ends, so that claims may differ under it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub beyond: bool,
}

impl Preset {
    /// A name for the button, a story in one sentence, and the settings that are not at their default.
    pub const fn new(name: &'static str, story: &'static str, set: &'static [(&'static str, &'static str)]) -> Self {
        let set = if cfg!(feature = "prose") { set } else { &[] };
        Self { name: told(name), story: told(story), set, beyond: false }
    }

    /// The preset as one that is there to show where a claim ends.
    #[must_use]
    pub const fn beyond(self) -> Self {
        Self { beyond: true, ..self }
    }
}

/// A run in progress. It sees no clock, no files, no globals and no chance but what it was started with.
///
/// With a clock ([`Inputs::clock`]) it takes the same steps as without: what it reads of time goes into metrics and views that
/// are marked as timed, captions and claims, and nowhere else.
pub trait Experiment: Snapshot {
    /// Tells its figures, one after another: views, what is drawn in them and what is said under them. What it tells here it need
    /// not tell by itself in [`Experiment::views`], [`Experiment::draw`] and [`Experiment::caption`].
    fn figures(&self, _figures: &mut Figures) {}

    /// What will be drawn; fixed for the run, so a frame is one flat run of `f32`.
    fn views(&self) -> Vec<View> {
        let mut figures = Figures::views();
        self.figures(&mut figures);
        figures.told()
    }

    /// Fills the part of view `view` that stays the same for the whole run: `Shape::ground` floats.
    /// Only asked for views that are marked still; others write it in front of their slot in [`Experiment::draw`].
    fn ground(&self, _view: usize, _out: &mut [f32]) {}

    /// Fills the slot of view `view`: exactly `View::floats` finite numbers.
    fn draw(&self, view: usize, slot: &mut [f32]) {
        self.figures(&mut Figures::drawing(view, slot));
    }

    /// The caption of view `view` in whole sentences; it changes with the run and is also the text alternative.
    fn caption(&self, view: usize) -> String {
        let mut figures = Figures::caption(view);
        self.figures(&mut figures);
        figures.said()
    }

    /// The smallest move worth watching: a few milliseconds at most.
    fn step(&mut self) -> Status;

    /// One number for each of `Entry::metrics`, as of the last step.
    fn measure(&self, out: &mut [f32]);

    /// The hand touched a view that is marked with a [`super::Hand`].
    fn touch(&mut self, _gesture: &Gesture) {}

    /// A setting moved while the run was going; `values` already hold the new value.
    fn set(&mut self, _param: &'static Param, _values: &Values) -> Live {
        Live::Restart
    }

    /// Settings that reach less far in this run than their parameter would let them.
    fn reaches(&self) -> Vec<(&'static Param, Reach)> {
        Vec::new()
    }

    /// The step at which this run will be over, where it is known and earlier than [`Entry::steps`].
    fn due(&self) -> Option<u64> {
        None
    }

    /// What the paper says, what this run measured, and whether they agree.
    fn claims(&self) -> Vec<Claim>;

    /// Lets go of what is soon made again, in a copy that is kept to go back to.
    fn slim(&mut self) {}
}

/// A run can be copied: to step back, and to try what a setting does. Each that is [`Clone`] can.
pub trait Snapshot {
    /// A copy that can be run on by itself.
    fn snapshot(&self) -> Box<dyn Experiment>;
}

impl<Run: Experiment + Clone + 'static> Snapshot for Run {
    fn snapshot(&self) -> Box<dyn Experiment> {
        let mut copy = self.clone();
        copy.slim();
        Box::new(copy)
    }
}

/// Writes down a row of numbers, as [`Experiment::measure`] does.
pub fn fill(out: &mut [f32], row: impl IntoIterator<Item = f64>) {
    out.iter_mut().zip(row).for_each(|(out, x)| *out = x as f32);
}

/// How far a setting reaches in a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// Greater values do what this one does.
    UpTo(f64),
    /// No value does anything, and why, in a sentence.
    Idle(&'static str),
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// On it goes.
    Running,
    /// Something worth a mark on the scrubber happened; the run goes on.
    Passed(&'static str),
    /// The run is over; the word stands on the scrubber.
    Ended(&'static str),
}

/// What became of a setting that was moved during a run, from what disturbs it least to what ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Live {
    /// It holds from this step on. The change becomes part of the run's record.
    Now,
    /// The same, but steps must pass until it shows: a run near its last step goes back to half of it to make room for them, and one
    /// whose work is done ([`Experiment::due`]) begins again.
    Soon,
    /// The run put itself back to its start under the new value, exactly as [`Entry::start`] would have made it,
    /// but keeping what does not depend on that value.
    Again,
    /// Only a new start can take it.
    Restart,
}

impl Live {
    /// That settings of these are taken at once, as what is only looked at is, and others need a new start.
    pub fn only(param: &'static Param, taken: &[&'static Param]) -> Self {
        if taken.iter().any(|known| param.is(known)) { Self::Now } else { Self::Restart }
    }
}
