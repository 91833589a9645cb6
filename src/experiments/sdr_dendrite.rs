//! How a few synapses recognise a large pattern (Ahmad and Hawkins 2016): false positives and false negatives of one
//! dendritic segment against its threshold, counted on random patterns and beside the formulas.
//!
//! Of n cells a pattern has a active. A segment has synapses on s cells of each of M patterns and fires when at least
//! `threshold` synapses are active. A step makes some new segments and shows each some hundred random patterns and as
//! many noisy versions of its first one. Each is counted at every threshold and for every M at once, so both can move while
//! the run goes on, and nothing that was counted is lost.
use crate::{
    lab::{
        Axis, Claim, Entry, Experiment, Live, Metric, Paper, Param, Place, Plot, Preset, Prose, Reach, Series, Shape,
        Status, Unmeasured, Values, View, Wing,
    },
    math::{
        decimal::{fixed, short},
        rng::{Rng, Stream},
        scalar,
    },
    model::memory::sparse_code::{self, MOST, Segment, Share, Tally, Union},
};
use std::rc::Rc;

static THRESHOLD: Param = Param::int(
    "threshold",
    "Threshold θ",
    (1, 8, 60),
    "The segment fires when at least this many of its synapses are active. More than a pattern's synapses make no sense.",
)
.ends("fires at anything", "fires at nothing");
static NOISE: Param = Param::share(
    "noise",
    "Noise",
    (0.0, 0.4, 0.8),
    "The share of a known pattern's active cells that is replaced by other cells before the segment sees it.",
)
.ends("as learnt", "hardly the same");
static PATTERNS: Param = Param::int(
    "patterns",
    "Patterns M",
    (1, 5, MOST as i64),
    "How many patterns have their synapses on the one segment. Nothing tells the segment which synapse is whose.",
);
static SYNAPSES: Param = Param::int(
    "synapses",
    "Synapses s",
    (5, 20, 60),
    "Synapses for each pattern. They are on some of its active cells, so there are at most as many as those.",
);
static ACTIVE: Param = Param::int(
    "active",
    "Active cells a",
    (5, 41, 200),
    "Cells that a pattern has active at a time. Half of all cells at most.",
);
static CELLS: Param = Param::int(
    "cells",
    "Cells n",
    (200, 2048, 10_000),
    "All cells that the segment could have synapses on. With more of them the same pattern is sparser.",
);

pub static ENTRY: Entry = Entry {
    id: "sdr-dendrite",
    wing: Wing::Memory,
    prose: Prose {
        title: "A few synapses are enough",
        paper: Some(Paper {
            title: "How do neurons operate on sparse distributed representations? A mathematical theory of sparsity, \
                    neurons and active dendrites",
            authors: "Ahmad and Hawkins",
            year: 2016,
            link: "https://arxiv.org/abs/1601.00720",
        }),
        card: "Twenty synapses know a pattern among thousands of cells.",
        lead: "Drag the threshold into the valley: below it the segment fires at anything, above it at nothing.",
        about: &[
            "A branch of a nerve cell listens to a few cells out of thousands, and fires when enough of them are active \
             together. Such a segment can make two mistakes. A false positive: it fires at a pattern that it never learnt. A \
             false negative: it misses its own pattern, because noise has replaced some of the cells.",
            "Only few cells are active at a time, so a random pattern rarely meets many synapses. With each step of the \
             threshold false positives become several times rarer. False negatives grow much later, so there is a valley between them, \
             where the segment makes almost no mistake. In pyramidal cells of the cortex about 8 to 20 synapses must be \
             active together. Here the valley lies there too.",
            "There is so much room that synapses of several patterns can share one segment without any order. Each new pattern \
             makes false positives more frequent. The union law says how much, and so how many patterns are too many. No landscape is drawn here: a segment adds up and compares, and nothing \
             falls.",
        ],
        formulas: &[
            r"P_{\text{fp}} = \sum_{b=\theta}^{\min(S, a)} \frac{\binom{S}{b} \binom{n-S}{a-b}}{\binom{n}{a}}",
            r"S = n \left(1 - \left(1 - \tfrac{s}{n}\right)^M\right)",
            r"P_{\text{fn}} = \sum_{b=0}^{\theta-1} \frac{\binom{s}{b} \binom{a-s}{k-b}}{\binom{a}{k}}",
        ],
        symbols: &[
            ("n", "cells"),
            ("a", "active cells of a pattern"),
            ("s", "synapses for each pattern"),
            ("S", "cells with a synapse, on average, when $M$ patterns share the segment"),
            (r"\theta", "the threshold"),
            ("k", "active cells that noise leaves in place"),
            (r"P_{\text{fp}}", "the chance that a random pattern makes the segment fire"),
            (r"P_{\text{fn}}", "the chance that it misses its own pattern, alone on the segment; lines and claims count the synapses of the others too"),
        ],
        words: "sparse distributed representation sdr dendrite segment nmda spike synapse union property htm numenta neuron hypergeometric",
    }
    .told(),
    params: &[&THRESHOLD, &NOISE, &PATTERNS, &SYNAPSES, &ACTIVE, &CELLS],
    metrics: &[
        Metric::new("false-positives", "false positives", "Share of all random patterns so far at which the segment fired."),
        Metric::new("false-negatives", "false negatives", "Share of all noisy versions of its pattern so far that it missed."),
        Metric::new("overlap", "overlap", "Active synapses at the noisy pattern that is shown."),
    ],
    presets: &[
        Preset::new("The valley", "Five patterns on one segment, and a threshold that knows them from all others.", &[]),
        Preset::new("Too low a threshold", "Four synapses meet by chance: one random pattern in eight passes.", &[("threshold", "4")]),
        Preset::new("Noisy", "Seven cells of ten are replaced. The valley moves down and fills up.", &[("noise", "0.7")]),
        Preset::new(
            "Too many on one segment",
            "Twenty patterns share it, and almost every second random pattern passes.",
            &[("patterns", "20")],
        ),
        Preset::new(
            "One alone",
            "One pattern on its segment: half of its cells may go, and a lower threshold does.",
            &[("threshold", "5"), ("noise", "0.5"), ("patterns", "1")],
        ),
    ],
    steps: STEPS,
    log_steps: false,
    pace: 20.0,
    thumbnail: 0,
    files: |_| Vec::new(),
    start: |start| Ok(Box::new(Dendrite::new(Rc::new(Ground::new(start.values)), start.rng, start.values))),
};

const VALLEY: usize = 0;
const UNION: usize = 1;
const KNOWN: usize = 2;

const STEPS: u64 = 200;
/// Random patterns of a step, unless they are large: then as many as have [`DRAWN_CELLS`] cells together.
const DRAWS: usize = 5000;
const DRAWN_CELLS: usize = 250_000;
/// Segments of a step. Those of a union differ, and only many of them show by how much.
const SEGMENTS: usize = 20;
/// Steps before a claim is held against the counts, and mistakes that a formula must foretell for it to be tested.
const ENOUGH: u64 = 40;
const FEW: f64 = 25.0;
/// The lower end of the axes. Formulas go on below.
const FOOT: f64 = 1e-8;
/// M of the markers of the union: each multiple of this.
const EVERY: usize = 5;

/// What does not change while threshold, noise and M move.
struct Ground {
    n: usize,
    a: usize,
    s: usize,
    union: Union,
    /// For M = 1, 2, … the chances of the overlaps of a random pattern.
    random: Vec<Vec<f64>>,
    /// Patterns of each kind that a segment is shown.
    draws: usize,
}

impl Ground {
    fn new(values: &Values) -> Self {
        let n = values.int(&CELLS);
        let a = values.int(&ACTIVE).min(n / 2);
        let s = values.int(&SYNAPSES).min(a);
        let union = Union::new(n, a, s);
        let random = on_segments(&union, union.add(&union.empty()));
        Self { n, a, s, union, random, draws: DRAWS.min(DRAWN_CELLS / a) / SEGMENTS }
    }

    /// Patterns of each kind in a step.
    fn a_step(&self) -> u64 {
        (self.draws * SEGMENTS) as u64
    }

    /// Cells down and across the pictures of all cells.
    fn grid(&self) -> (usize, usize) {
        let across = (2 * self.n).isqrt().max(1);
        (self.n.div_ceil(across), across)
    }
}

/// The chances of overlaps for M = 1, 2, …, from those with the first pattern.
fn on_segments(union: &Union, first: Vec<f64>) -> Vec<Vec<f64>> {
    std::iter::successors(Some(first), |overlaps| Some(union.add(overlaps))).take(MOST).collect()
}

#[derive(Clone)]
struct Dendrite {
    ground: Rc<Ground>,
    rng: Rng,
    threshold: usize,
    patterns: usize,
    kept: usize,
    /// For M = 1, 2, … the chances of the overlaps of the known pattern.
    known: Rc<Vec<Vec<f64>>>,
    step: u64,
    chance: Stream,
    segment: Segment,
    random: Tally,
    noisy: Tally,
    /// The last noisy and the last random pattern.
    shown: [Vec<u16>; 2],
}

impl Dendrite {
    fn new(ground: Rc<Ground>, rng: &Rng, values: &Values) -> Self {
        let Ground { n, a, s, .. } = *ground;
        let kept = sparse_code::kept(a, values.float(&NOISE));
        let known = on_segments(&ground.union, sparse_code::known(a, s, kept));
        let mut chance = rng.stream("patterns");
        let mut segment = Segment::new(n, a, s);
        segment.grow(&mut chance);
        let shown = [segment.noisy(kept, &mut chance).cells.to_vec(), segment.random(&mut chance).cells.to_vec()];
        Self {
            threshold: values.int(&THRESHOLD).min(s),
            patterns: values.int(&PATTERNS),
            kept,
            known: Rc::new(known),
            step: 0,
            chance,
            rng: rng.clone(),
            segment,
            random: Tally::new(s),
            noisy: Tally::new(s),
            shown,
            ground,
        }
    }

    fn false_positives(&self, threshold: usize, patterns: usize) -> f64 {
        sparse_code::at_least(&self.ground.random[patterns - 1], threshold)
    }

    fn false_negatives(&self, threshold: usize) -> f64 {
        sparse_code::below(&self.known[self.patterns - 1], threshold)
    }

    fn mistakes(&self, threshold: usize) -> f64 {
        self.false_positives(threshold, self.patterns) + self.false_negatives(threshold)
    }

    /// The threshold with the fewest mistakes by the formulas.
    fn valley(&self) -> usize {
        (1..=self.ground.s).min_by(|x, y| self.mistakes(*x).total_cmp(&self.mistakes(*y))).unwrap_or(1)
    }

    fn measured_positives(&self, threshold: usize, patterns: usize) -> Option<Share> {
        self.random.share(threshold, patterns)
    }

    fn measured_negatives(&self, threshold: usize) -> Option<Share> {
        self.noisy.share(threshold, self.patterns).map(Share::of_the_rest)
    }

    /// Why a chance cannot be held against the counts, if so.
    fn unmeasured(&self, law: f64) -> Option<Unmeasured> {
        let whole = (self.ground.a_step() * STEPS) as f64;
        if law <= 0.0 {
            return Some(Unmeasured::NotHere("So many synapses stay active that this never happens.".into()));
        }
        let rare = law.min(1.0 - law);
        if rare * whole < FEW {
            let often = if law < 0.5 { "Too rare" } else { "Almost always" };
            return Some(Unmeasured::NotHere(format!(
                "{often}: the formula says {}, and a run draws {}.",
                short(law),
                grouped(whole as u64)
            )));
        }
        let wanted = ((FEW / rare) as u64).max(ENOUGH * self.ground.a_step());
        let needs = || format!("Needs {} patterns.", grouped(wanted.div_ceil(10_000) * 10_000));
        (self.random.draws() < wanted).then(|| Unmeasured::NotYet(needs()))
    }

    /// That a measured share is what a formula says, give or take three standard errors.
    fn as_the_formula(&self, claim: Claim, law: f64, measured: Option<Share>) -> Claim {
        let claim = claim.expect(-3.0, 3.0, &format!("{} ± 3 standard errors", short(law)));
        let claim = claim.on((-6.0, "6 errors below"), (6.0, "6 above"));
        if let Some(why) = self.unmeasured(law) {
            return claim.unmeasured(why);
        }
        let Some(Share { rate, error }) = measured else { return claim.because("Nothing is drawn yet.") };
        let alone = (law * (1.0 - law) / self.random.draws() as f64).sqrt();
        let z = (rate - law) / error.max(alone);
        let claim = claim.measured(z, format!("{} ({} errors)", short(rate), fixed(z, 1)));
        if z.abs() <= 3.0 { claim } else { claim.because("By chance alone this happens once in 370 runs.") }
    }

    fn passes(&self) -> Claim {
        let claim = Claim::new(
            "Random patterns make the segment fire as rarely as the formula says.",
            "Ahmad and Hawkins 2016, false positives",
        );
        let law = self.false_positives(self.threshold, self.patterns);
        self.as_the_formula(claim, law, self.measured_positives(self.threshold, self.patterns))
    }

    fn misses(&self) -> Claim {
        let claim = Claim::new(
            "Under noise it misses its own pattern as rarely as the formula says.",
            "Ahmad and Hawkins 2016, false negatives",
        );
        self.as_the_formula(claim, self.false_negatives(self.threshold), self.measured_negatives(self.threshold))
    }

    fn union_law(&self, patterns: usize) -> f64 {
        let Ground { n, a, s, .. } = *self.ground;
        sparse_code::union_false_positive(n, a, s, patterns, self.threshold)
    }

    /// The law puts the mean size of unions in, hence a tolerance instead of standard errors. It is held against the M
    /// that is set where false positives are frequent, else against the M at which half of the patterns pass.
    fn shares_one_segment(&self) -> Claim {
        let half = |patterns: &usize| (self.union_law(*patterns) - 0.5).abs();
        let frequent = (0.01..0.99).contains(&self.union_law(self.patterns)) && self.patterns > 1;
        let full = (2..=MOST).min_by(|x, y| half(x).total_cmp(&half(y))).unwrap_or(MOST);
        let patterns = if frequent { self.patterns } else { full };
        let law = self.union_law(patterns);
        let claim =
            Claim::new("Patterns that share one segment follow the union law.", "Ahmad and Hawkins 2016, unions")
                .expect(0.9, 1.1, &format!("{} with {patterns} patterns, ± 10\u{a0}%", short(law)))
                .on((0.7, "0.7 of the law"), (1.3, "1.3"));
        if let Some(why) = (self.step < ENOUGH).then(|| self.unmeasured(0.5)).flatten() {
            return claim.unmeasured(why);
        }
        match self.measured_positives(self.threshold, patterns) {
            Some(Share { rate, error }) if error < 0.03 * law => {
                claim.measured(rate / law, format!("{} ({} of it)", short(rate), fixed(rate / law, 3)))
            }
            _ => claim.not_here("With this threshold too few random patterns pass, whatever is on the segment."),
        }
    }

    fn lies_in_the_valley(&self) -> Claim {
        let claim =
            Claim::new("The valley lies where the two formulas put it.", "Ahmad and Hawkins 2016, optimal thresholds");
        let s = self.ground.s;
        let least = self.mistakes(self.valley());
        let good = |threshold: &usize| self.mistakes(*threshold) <= 1.5 * least;
        let from = (1..=s).find(good).unwrap_or(1);
        let to = (1..=s).rev().find(good).unwrap_or(s);
        let text = if from == to { from.to_string() } else { format!("{from} to {to}") };
        let claim = claim.expect(from as f64, to as f64, &text).on((1.0, "1"), (s as f64, &s.to_string()));
        // A tenth of the mistakes, at most, is then what chance makes of them.
        if let Some(why) = self.unmeasured(0.2 * least) {
            return claim.unmeasured(why);
        }
        let mistakes = |threshold: usize| {
            let shares = self.measured_positives(threshold, self.patterns).zip(self.measured_negatives(threshold));
            shares.map_or(f64::INFINITY, |(positives, negatives)| positives.rate + negatives.rate)
        };
        let best = (1..=s).min_by(|x, y| mistakes(*x).total_cmp(&mistakes(*y))).unwrap_or(1);
        claim.measured(best as f64, format!("{best}, {} mistakes", short(mistakes(best))))
    }
}

/// Markers of measured shares. What was never counted has none.
fn markers(points: impl Iterator<Item = (usize, Option<Share>)>) -> impl Iterator<Item = [f32; 4]> {
    let seen = points.filter_map(|(at, share)| Some((at, share.filter(|share| share.rate >= FOOT)?)));
    seen.map(|(at, share)| {
        let (low, high) = share.within();
        [at as f32, share.rate as f32, low.max(FOOT) as f32, high.min(1.0) as f32]
    })
}

/// The part of a line that is above the foot of a logarithmic axis, up to where it crosses it.
fn above_the_foot(line: impl Iterator<Item = (usize, f64)>) -> Vec<[f32; 2]> {
    let foot = scalar::ln(FOOT);
    let mut kept: Vec<[f32; 2]> = Vec::new();
    let mut before: Option<(f64, f64)> = None;
    for (at, rate) in line {
        let (at, height) = (at as f64, scalar::ln(rate.max(1e-300)));
        if let Some((x, y)) = before.filter(|(_, y)| (*y < foot) != (height < foot)) {
            kept.push([(x + (at - x) * (foot - y) / (height - y)) as f32, FOOT as f32]);
        }
        if height >= foot {
            kept.push([at as f32, rate.min(1.0) as f32]);
        }
        before = Some((at, height));
    }
    kept
}

/// A number with its digits in groups of three.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    text
}

impl Experiment for Dendrite {
    fn views(&self) -> Vec<View> {
        let s = self.ground.s;
        let rates = || Axis::log("share of patterns", FOOT, 1.0);
        let valley = Shape::Lines {
            x: Axis::linear("threshold θ, in synapses", 1.0, s as f64).of(&THRESHOLD),
            y: rates(),
            series: vec![
                Series::spread("positives", s),
                Series::spread("negatives", s),
                Series::curve("sum", s + 1),
                Series::reference("positives, formula", s + 1),
                Series::reference("negatives, formula", s + 1),
                Series::curve("one of all", 2),
            ],
            marks: Vec::new(),
            field: None,
        };
        let union = Shape::Lines {
            x: Axis::linear("patterns M on the segment", 1.0, MOST as f64).of(&PATTERNS),
            y: rates(),
            series: vec![Series::spread("measured", MOST / EVERY), Series::reference("union law", MOST + 1)],
            marks: Vec::new(),
            field: None,
        };
        let (rows, cols) = self.ground.grid();
        let cells = || Shape::Heatmap {
            rows: rows as u32,
            cols: cols as u32,
            row_name: "cells",
            col_name: "cell in the row",
            ends: ("synapse, silent", "synapse, active"),
        };
        vec![
            View::new("False positives and negatives", Place::Main, valley),
            View::new("False positives of a shared segment", Place::Main, union),
            View::new("Noisy pattern", Place::Side, cells()).moving(),
            View::new("Random pattern", Place::Side, cells()).moving(),
        ]
    }

    fn draw(&self, view: usize, slot: &mut [f32]) {
        let s = self.ground.s;
        let once = 1.0 / self.random.draws().max(1) as f32;
        match view {
            VALLEY => {
                let mut plot = Plot::new(slot, self.threshold as f64);
                let line = |law: &dyn Fn(usize) -> f64| above_the_foot((1..=s).map(|t| (t, law(t))));
                plot.curve(s, markers((1..=s).map(|t| (t, self.measured_positives(t, self.patterns)))));
                plot.curve(s, markers((1..=s).map(|t| (t, self.measured_negatives(t)))));
                plot.curve(s + 1, line(&|threshold| self.mistakes(threshold)));
                plot.curve(s + 1, line(&|threshold| self.false_positives(threshold, self.patterns)));
                plot.curve(s + 1, line(&|threshold| self.false_negatives(threshold)));
                plot.curve(2, [[1.0, once], [s as f32, once]].into_iter().filter(|_| self.random.draws() > 0));
            }
            UNION => {
                let mut plot = Plot::new(slot, self.patterns as f64);
                let measured = (EVERY..=MOST).step_by(EVERY).map(|m| (m, self.measured_positives(self.threshold, m)));
                plot.curve(MOST / EVERY, markers(measured));
                plot.curve(MOST + 1, above_the_foot((1..=MOST).map(|m| (m, self.union_law(m)))));
            }
            _ => {
                slot.fill(0.0);
                let synapse = |cell: usize| self.segment.has_synapse(cell, self.patterns);
                slot.iter_mut().take(self.ground.n).enumerate().for_each(|(cell, x)| {
                    *x = if synapse(cell) { -1.0 } else { 0.0 };
                });
                for cell in self.shown[view - KNOWN].iter().map(|cell| usize::from(*cell)) {
                    slot[cell] = if synapse(cell) { 1.0 } else { 0.3 };
                }
            }
        }
    }

    fn caption(&self, view: usize) -> String {
        let Ground { n, a, .. } = *self.ground;
        let drawn = |share: Option<Share>| match share {
            None => "nothing drawn yet".into(),
            Some(share) if share.rate <= 0.0 => format!("none in {}", grouped(self.random.draws())),
            Some(share) => format!("{} measured", short(share.rate)),
        };
        match view {
            VALLEY => format!(
                "At a threshold of {}: false positives {} ({}), false negatives {} ({}). The valley is at {}. Whiskers \
                 hold the true share 95 times in 100. Below the grey line nothing can be seen.",
                self.threshold,
                short(self.false_positives(self.threshold, self.patterns)),
                drawn(self.measured_positives(self.threshold, self.patterns)),
                short(self.false_negatives(self.threshold)),
                drawn(self.measured_negatives(self.threshold)),
                self.valley(),
            ),
            UNION => format!(
                "With {} on it, {} of {n} cells have a synapse, and {} of all random patterns pass ({}).",
                if self.patterns == 1 { "one pattern".into() } else { format!("{} patterns", self.patterns) },
                self.segment.synapses(self.patterns),
                short(self.union_law(self.patterns)),
                drawn(self.measured_positives(self.threshold, self.patterns)),
            ),
            _ => {
                let pattern = &self.shown[view - KNOWN];
                let overlap = self.segment.overlap(pattern, self.patterns);
                let fires = if overlap >= self.threshold { "The segment fires" } else { "The segment stays silent" };
                let made = if view == KNOWN {
                    format!("{} of its {a} cells stayed.", self.kept)
                } else {
                    format!("{a} of {n} cells are active.")
                };
                format!(
                    "{made} Active cells are blue, and {overlap} with a synapse are strongly blue. {fires}. Synapses on silent cells are magenta."
                )
            }
        }
    }

    fn step(&mut self) -> Status {
        let draws = self.ground.draws;
        for _ in 0..SEGMENTS {
            self.segment.grow(&mut self.chance);
            for _ in 0..draws {
                self.noisy.count(self.segment.noisy(self.kept, &mut self.chance));
            }
            self.shown[0].copy_from_slice(self.segment.noisy(self.kept, &mut self.chance).cells);
            for _ in 0..draws {
                self.random.count(self.segment.random(&mut self.chance));
            }
            self.noisy.end_segment(draws);
            self.random.end_segment(draws);
        }
        self.shown[1].copy_from_slice(self.segment.random(&mut self.chance).cells);
        self.step += 1;
        match self.step {
            ENOUGH => Status::Passed("enough to test"),
            STEPS => Status::Ended("counted"),
            _ => Status::Running,
        }
    }

    fn measure(&self, out: &mut [f32]) {
        let rate = |share: Option<Share>| share.map_or(0.0, |share| share.rate as f32);
        out[0] = rate(self.measured_positives(self.threshold, self.patterns));
        out[1] = rate(self.measured_negatives(self.threshold));
        out[2] = self.segment.overlap(&self.shown[0], self.patterns) as f32;
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        if param.is(&THRESHOLD) || param.is(&PATTERNS) {
            self.threshold = values.int(&THRESHOLD).min(self.ground.s);
            self.patterns = values.int(&PATTERNS);
            return Live::Now;
        }
        if param.is(&NOISE) {
            *self = Self::new(Rc::clone(&self.ground), &self.rng, values);
            return Live::Again;
        }
        Live::Restart
    }

    fn reaches(&self) -> Vec<(&'static Param, Reach)> {
        let Ground { n, a, s, .. } = *self.ground;
        let most = [(&THRESHOLD, s), (&SYNAPSES, a), (&ACTIVE, n / 2)];
        most.into_iter().map(|(param, most): (&'static Param, usize)| (param, Reach::UpTo(most as f64))).collect()
    }

    fn claims(&self) -> Vec<Claim> {
        vec![self.passes(), self.misses(), self.shares_one_segment(), self.lies_in_the_valley()]
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        lab::{Claim, Verdict},
        session::{Session, follow},
    };

    fn run(query: &str) -> Session {
        follow(&format!("id=sdr-dendrite&{query}"), 200)
    }

    fn verdicts(claims: &[Claim]) -> Vec<Verdict> {
        claims.iter().map(Claim::verdict).collect()
    }

    #[test]
    #[ignore = "long: ./build.sh test --long"]
    fn what_is_drawn_agrees_with_the_formulas() {
        for query in ["", "noise=0.7", "patterns=1&threshold=5&noise=0.5", "patterns=10&threshold=10&noise=0.3"] {
            let claims = run(&format!("seed=1&{query}")).claims();
            assert_eq!(verdicts(&claims), [Verdict::Agrees; 4], "{query}: {claims:?}");
        }
    }

    #[test]
    fn what_is_too_rare_to_draw_is_not_tested() {
        let claims = run("patterns=1&threshold=8&noise=0.3").claims();
        assert_eq!(
            verdicts(&claims),
            [Verdict::NotHere, Verdict::NotHere, Verdict::Agrees, Verdict::NotHere],
            "{claims:?}"
        );
        assert_eq!(claims[0].why, "Too rare: the formula says 1.3e-9, and a run draws 1\u{a0}000\u{a0}000.");
    }

    #[test]
    fn the_handles_move_without_losing_what_was_counted() {
        let mut session = run("seed=2");
        for (name, value) in [("threshold", "7"), ("patterns", "4")] {
            session.set(&[(name.into(), value.into())]).unwrap();
        }
        assert_eq!(session.step(), 200);
        let (moved, there) = (session.claims(), run("seed=2&threshold=7&patterns=4").claims());
        assert_eq!(moved, there);
    }
}
