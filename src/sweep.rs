//! Floor 5: a sweep: one run for each point of a grid of parameters and for each seed, and the row that it ends as.
//!
//! The grid says which runs there are and in which order; who runs them, how many at once and where the rows go is the
//! face's business.
use crate::{
    lab::{Claim, Entry, Fault, Kind, Param, Value, Values, Verdict},
    link::Request,
    math::{
        decimal,
        scalar::{exp, ln},
    },
    session::{Ended, Session},
};
use serde::Serialize;
use std::ops::RangeInclusive;

/// The most runs that a sweep may have; a larger one is a slip of the hand.
pub const MOST: usize = 1_000_000;

/// The word for how a run ended that never began: its values do not go together. Its link says why.
const REFUSED: &str = "refused";

/// The word for how a run ended that was still going at the sweep's last step.
pub const STOPPED: &str = "stopped";

/// The version of this program, on which the bits of a run depend.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The values that one parameter takes.
struct Axis {
    param: &'static Param,
    /// All different, in the order they were asked for.
    values: Vec<Value>,
    /// As it was asked for, and how many values that asks for.
    text: String,
    asked: usize,
}

/// All runs of a sweep, numbered from 0: the seed changes first, then the last axis.
pub struct Grid {
    entry: &'static Entry,
    axes: Vec<Axis>,
    /// What is the same in every run. Parameters of axes are at their default here.
    rest: Values,
    seeds: RangeInclusive<u32>,
    steps: u64,
    columns: Vec<String>,
}

/// One cell of the table of a sweep.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Cell {
    /// A whole number: a value, a seed, a step.
    Whole(i64),
    /// A value of a real parameter.
    Real(f64),
    /// A metric, which may have diverged.
    Metric(f32),
    /// Any other value, the end, the digest, a verdict, the link.
    Word(String),
    /// What a run that was refused has no number or word for.
    Nothing,
}

impl Grid {
    /// Reads the axes and the settings that are the same in every run, names and texts. An axis is `1..8:4`, so many
    /// values evenly from end to end, `1..8:4,log` with even ratios, or values with commas between. Whole numbers are
    /// rounded, and what is then the same is one value.
    ///
    /// A run makes as many `claims` whatever its values, and goes to the end or to `steps`.
    ///
    /// # Errors
    /// All faults at once.
    pub fn parse(
        entry: &'static Entry,
        claims: usize,
        axes: &[(String, String)],
        settings: &[(String, String)],
        seeds: RangeInclusive<u32>,
        steps: Option<u64>,
    ) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        if let Some(steps) = steps.filter(|steps| *steps > entry.steps) {
            faults.push(Fault::new("steps", &steps.to_string(), &format!("must be at most {}", entry.steps)));
        }
        let mut read: Vec<Axis> = Vec::new();
        for (name, text) in axes {
            match Axis::parse(entry.params, name, text) {
                Ok(axis) if read.iter().any(|known| known.param.is(axis.param)) => {
                    faults.push(Fault::new(name, text, "was already given"));
                }
                Ok(axis) => read.push(axis),
                Err(more) => faults.extend(more),
            }
        }
        for (name, text) in settings.iter().filter(|(name, _)| axes.iter().any(|(axis, _)| axis == name)) {
            faults.push(Fault::new(name, text, "is an axis, and has its values from there"));
        }
        let rest = Values::parse(entry.params, settings.iter().map(|(name, text)| (name.as_str(), text.as_str())));
        let rest = rest.unwrap_or_else(|more| {
            faults.extend(more);
            Values::defaults(entry.params)
        });
        let sizes = read.iter().map(|axis| axis.values.len()).chain([seeds.clone().count()]);
        let runs = sizes.fold(1, usize::saturating_mul);
        if runs > MOST {
            let wanted = format!("must be at most {MOST}, the values of every axis times the seeds");
            faults.push(Fault::new("runs", &runs.to_string(), &wanted));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let columns = columns(entry, &read, claims);
        Ok(Self { entry, axes: read, rest, seeds, steps: steps.unwrap_or(entry.steps), columns })
    }

    /// How many runs there are.
    pub fn runs(&self) -> usize {
        self.axes.iter().map(|axis| axis.values.len()).product::<usize>() * self.seeds.clone().count()
    }

    /// What is worth a word of the axes: where values were rounded to whole numbers and fewer are left.
    pub fn notes(&self) -> Vec<String> {
        let rounded = self.axes.iter().filter(|axis| axis.values.len() < axis.asked);
        let note = |axis: &Axis| {
            let (name, text, asked, left) = (axis.param.name, &axis.text, axis.asked, axis.values.len());
            format!("{name}={text} asks for {asked} values; rounding to whole numbers leaves {left}")
        };
        rounded.map(note).collect()
    }

    /// The step that a run goes to, unless it ends before.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// A run, from its number, at its start.
    pub fn request(&self, run: usize) -> Request {
        let seeds = self.seeds.clone().count().max(1);
        let mut point = run / seeds;
        let mut values = self.rest.clone();
        for axis in self.axes.iter().rev() {
            values.set(axis.param, axis.values[point % axis.values.len()].clone());
            point /= axis.values.len();
        }
        let seed = self.seeds.start() + (run % seeds) as u32;
        Request { entry: self.entry, seed, values, at: 0, acts: Vec::new() }
    }

    /// The names of the columns: the axes, `seed`, `steps`, `ended`, `digest`, the metrics, `claim-1` and so on, `version`, `link`.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The first cells of a run's row, which no other run has: the values of the axes and the seed.
    pub fn place(&self, run: usize) -> Vec<Cell> {
        let request = self.request(run);
        let cell = |axis: &Axis| match request.values.get(axis.param) {
            Value::Int(n) => Cell::Whole(*n),
            Value::Float(x) => Cell::Real(*x),
            other => Cell::Word(axis.param.write(other)),
        };
        self.axes.iter().map(cell).chain([Cell::Whole(request.seed.into())]).collect()
    }

    /// The row of a run as its session stands, or of one that did not begin: a cell for each column.
    pub fn row(&self, run: usize, session: Option<&Session>) -> Vec<Cell> {
        let step = session.map_or(0, Session::step);
        let word = |word: &str| Cell::Word(word.to_owned());
        let mut row = self.place(run);
        row.push(Cell::Whole(step as i64));
        match session {
            Some(session) => {
                row.push(word(session.ended().map_or(STOPPED, Ended::word)));
                row.push(Cell::Word(session.digest()));
                row.extend(session.metrics().into_iter().map(Cell::Metric));
                row.extend(session.claims().iter().map(|claim| word(verdict(claim))));
            }
            None => row.push(word(REFUSED)),
        }
        row.resize(self.columns.len() - 2, Cell::Nothing);
        row.push(word(VERSION));
        row.push(Cell::Word(self.link(run, step)));
        row
    }

    /// The link of a run at a step.
    pub fn link(&self, run: usize, step: u64) -> String {
        Request { at: step, ..self.request(run) }.query()
    }
}

fn columns(entry: &Entry, axes: &[Axis], claims: usize) -> Vec<String> {
    let axes = axes.iter().map(|axis| axis.param.name);
    let metrics = entry.metrics.iter().map(|metric| metric.name);
    let names = axes.chain(["seed", "steps", "ended", "digest"]).chain(metrics).map(str::to_owned);
    names.chain((1..=claims).map(|i| format!("claim-{i}"))).chain(["version", "link"].map(str::to_owned)).collect()
}

fn verdict(claim: &Claim) -> &'static str {
    match claim.verdict() {
        Verdict::Agrees => "agrees",
        Verdict::Differs => "differs",
        Verdict::NotYet => "not-yet",
        Verdict::NotHere => "not-here",
    }
}

impl Axis {
    fn parse(params: &[&'static Param], name: &str, text: &str) -> Result<Self, Vec<Fault>> {
        let known = params.iter().copied().find(|param| param.name == name);
        let param = known.ok_or_else(|| Fault::unknown(name, text, params))?;
        let is_number = matches!(param.kind, Kind::Int { .. } | Kind::Float { .. } | Kind::Share { .. });
        let (values, asked) = match text.split_once("..") {
            Some((from, rest)) if is_number => range(param, text, from, rest)?,
            _ => list(param, text).map(|values| (values.clone(), values.len()))?,
        };
        Ok(Self { param, values, text: text.to_owned(), asked })
    }
}

/// Values with commas between.
fn list(param: &Param, text: &str) -> Result<Vec<Value>, Vec<Fault>> {
    let (mut values, mut faults) = (Vec::new(), Vec::new());
    for part in text.split(',') {
        match param.parse(part) {
            Ok(value) if values.contains(&value) => faults.push(Fault::new(param.name, part, "was already given")),
            Ok(value) => values.push(value),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(values) } else { Err(faults) }
}

/// Values from end to end, and how many were asked for, where `rest` is what stands behind the two dots of `text`. The page has the same rule in
/// `sweep-axis.js`, and a test holds the two together.
fn range(param: &Param, text: &str, from: &str, rest: &str) -> Result<(Vec<Value>, usize), Vec<Fault>> {
    let fault = |wanted: &str| Fault::new(param.name, text, wanted);
    let (to, count) = rest
        .split_once(':')
        .ok_or_else(|| fault("must be a range such as 1..8:4 or 1..8:4,log, or values with commas between"))?;
    let (count, log) = count.strip_suffix(",log").map_or((count, false), |count| (count, true));
    let (from, to) = match (param.parse(from), param.parse(to)) {
        (Ok(from), Ok(to)) => (from, to),
        (from, to) => return Err([from.err(), to.err()].into_iter().flatten().collect()),
    };
    let count = count.parse().ok().filter(|count| (1..=MOST).contains(count));
    let count: usize = count.ok_or_else(|| {
        fault(&format!("must have from 1 to {MOST} values: a whole number behind the colon, then nothing or ,log"))
    })?;
    let (low, high) = (number(&from), number(&to));
    if log && low.min(high) <= 0.0 {
        return Err(fault("must lie above 0 to have even ratios").into());
    }
    let between = |i: usize| {
        let share = i as f64 / (count - 1) as f64;
        let x = if log { exp(ln(low) + (ln(high) - ln(low)) * share) } else { low + (high - low) * share };
        if let Value::Int(_) = from {
            return Ok(Value::Int(x.round() as i64));
        }
        // Ten digits keep links short, and the steps from -0.1 to 0.2 meet 0.
        let x = if x.abs() < 1e-10 * low.abs().max(high.abs()) { 0.0 } else { x };
        param.parse(&decimal::scientific(x, 9))
    };
    let inner = (1..count - 1).map(between);
    let last = (count > 1).then_some(Ok(to));
    let mut values = [Ok(from.clone())].into_iter().chain(inner).chain(last).collect::<Result<Vec<_>, Fault>>()?;
    values.dedup();
    Ok((values, count))
}

fn number(value: &Value) -> f64 {
    match value {
        Value::Int(n) => *n as f64,
        Value::Float(x) => *x,
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{catalogue, lab::Inputs};

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    fn grid(id: &str, axes: &[(&str, &str)], settings: &[(&str, &str)], last_seed: u32) -> Result<Grid, Vec<Fault>> {
        let entry = catalogue::find(id).unwrap();
        Grid::parse(entry, 2, &pairs(axes), &pairs(settings), 1..=last_seed, Some(30))
    }

    /// What an axis goes through, as text.
    fn values(id: &str, name: &str, text: &str) -> Vec<String> {
        let axis =
            Axis::parse(catalogue::find(id).unwrap().params, name, text).unwrap_or_else(|faults| panic!("{faults:?}"));
        axis.values.iter().map(|value| axis.param.write(value)).collect()
    }

    #[test]
    fn an_axis_goes_from_end_to_end() {
        assert_eq!(values("modern-hopfield", "beta", "1..2:3"), ["1", "1.5", "2"]);
        assert_eq!(values("modern-hopfield", "beta", "100..0.1:4,log"), ["100", "10", "1", "0.1"]);
        assert_eq!(values("modern-hopfield", "beta", "1..2:4"), ["1", "1.333333333", "1.666666667", "2"]);
        assert_eq!(values("modern-hopfield", "beta", "8..9:1"), ["8"]);
        assert_eq!(values("modern-hopfield", "beta", "8..8:3"), ["8"]);
        assert_eq!(values("modern-hopfield", "beta", "0.123456789012..2:2"), ["0.123456789012", "2"]);
        assert_eq!(values("scale-mixture", "outlier-x", "-0.1..0.2:4"), ["-0.1", "0", "0.1", "0.2"]);
    }

    #[test]
    fn whole_numbers_are_rounded_and_come_once() {
        assert_eq!(values("hebb-letters", "letters", "1..6:4"), ["1", "3", "4", "6"]);
        assert_eq!(values("hebb-letters", "letters", "1..3:100"), ["1", "2", "3"]);
        assert_eq!(values("sparsey", "memories", "2..200:3,log"), ["2", "20", "200"]);
        let notes = |text: &str| grid("hebb-letters", &[("letters", text)], &[], 1).unwrap().notes();
        assert_eq!(notes("2..3:5"), ["letters=2..3:5 asks for 5 values; rounding to whole numbers leaves 2"]);
        assert!(notes("2..6:5").is_empty() && notes("2,3").is_empty());
    }

    #[test]
    fn words_and_numbers_are_listed() {
        assert_eq!(values("capacity", "rule", "storkey,hebb"), ["storkey", "hebb"]);
        assert_eq!(values("modern-hopfield", "beta", "7,0.5"), ["7", "0.5"]);
        assert_eq!(values("modern-hopfield", "plane", "1.2.3,cue"), ["1.2.3", "cue"]);
    }

    #[test]
    fn all_faults_come_at_once() {
        let axes = [
            ("letters", "0..6:3"),
            ("letter", "1..2:2"),
            ("cue", "1..2"),
            ("cue", "1..2:0"),
            ("cue", "1..2:2,lin"),
            ("flipped", "0..0.5:3,log"),
            ("flipped", "0.1,0.1,x"),
        ];
        let faults = grid("hebb-letters", &axes, &[("cue", "1"), ("flip", "1")], 1).err().unwrap();
        let texts: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "letters must be a whole number between 1 and 6; got \"0\"",
                "letter is not a parameter here; got \"1..2:2\"; did you mean letters?",
                "cue must be a range such as 1..8:4 or 1..8:4,log, or values with commas between; got \"1..2\"",
                "cue must have from 1 to 1000000 values: a whole number behind the colon, then nothing or ,log; got \"1..2:0\"",
                "cue must have from 1 to 1000000 values: a whole number behind the colon, then nothing or ,log; got \"1..2:2,lin\"",
                "flipped must lie above 0 to have even ratios; got \"0..0.5:3,log\"",
                "flipped was already given; got \"0.1\"",
                "flipped must be between 0 and 0.5; got \"x\"",
                "cue is an axis, and has its values from there; got \"1\"",
                "flip is not a parameter here; got \"1\"; did you mean flipped?",
            ]
        );
        let twice = grid("hebb-letters", &[("cue", "1,2"), ("cue", "3")], &[], 1).err().unwrap();
        assert_eq!(twice[0].to_string(), "cue was already given; got \"3\"");
        let huge = grid("hebb-letters", &[("flipped", "0..0.5:1000000")], &[], u32::MAX).err().unwrap();
        assert_eq!(huge[0].name, "runs");
    }

    #[test]
    fn runs_are_numbered_with_the_seed_first_and_then_the_last_axis() {
        let grid = grid("hebb-letters", &[("letters", "2,5"), ("flipped", "0.1,0.2,0.3")], &[("cue", "2")], 2).unwrap();
        assert_eq!(grid.runs(), 12);
        let link = |run| grid.request(run).query();
        assert_eq!(link(0), "v=1&id=hebb-letters&seed=1&letters=2&cue=2&flipped=0.1");
        assert_eq!(link(1), "v=1&id=hebb-letters&seed=2&letters=2&cue=2&flipped=0.1");
        assert_eq!(link(2), "v=1&id=hebb-letters&seed=1&letters=2&cue=2&flipped=0.2");
        assert_eq!(link(11), "v=1&id=hebb-letters&seed=2&letters=5&cue=2&flipped=0.3");
    }

    #[test]
    fn a_row_has_a_cell_for_each_column_and_its_link_leads_to_the_same_digest() {
        let grid = grid("hebb-letters", &[("letters", "2,5")], &[], 1).unwrap();
        let mut session = Session::start(grid.request(1), Inputs::default()).unwrap();
        session.advance(grid.steps());
        let row = grid.row(1, Some(&session));
        let columns = [
            "letters", "seed", "steps", "ended", "digest", "energy", "overlap", "claim-1", "claim-2", "version", "link",
        ];
        assert_eq!(grid.columns(), columns);
        assert_eq!(row[..3], [Cell::Whole(5), Cell::Whole(1), Cell::Whole(30)]);
        assert_eq!(row[3], Cell::Word(STOPPED.into()));
        let link = "v=1&id=hebb-letters&seed=1&letters=5&at=30";
        assert_eq!(row[9..], [VERSION, link].map(|text| Cell::Word(text.into())));
        let request = Request::parse(&crate::link::split_query(link)).unwrap();
        let again = Session::start(request, Inputs::default()).unwrap();
        assert_eq!(row[4], Cell::Word(again.digest()));
        // A run that did not begin has a row of the same length.
        let refused = grid.row(1, None);
        assert_eq!(refused.len(), columns.len());
        assert_eq!((&refused[3], &refused[4]), (&Cell::Word(REFUSED.into()), &Cell::Nothing));
        assert_eq!(refused[10], Cell::Word("v=1&id=hebb-letters&seed=1&letters=5".into()));
    }
}
