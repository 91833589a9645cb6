//! Large batches (Hoffer, Hubara and Soudry 2017): a net that learns from large batches and as many epochs reads worse, because it
//! takes fewer steps. Three remedies, each by itself and all together.
//!
//! A step is 1024 examples. Each run trains with small batches first, then with large ones in eight ways.
use crate::{
    data::{Clusters, Split},
    lab::{
        Axis, Claim, Entry, Experiment, Figure, Figures, Live, Metric, Paper, Param, Place, Preset, Prose, Start,
        Status, Values, Wing, fill,
        study::{self, Study, Trial},
    },
    math::{decimal::percent, line::Line, rng::Rng, scalar},
    model::learning::{
        batch_norm::NormNet,
        clip::clip,
        rate::Course,
        training::{Recipe, Training},
    },
};
use std::rc::Rc;

static RATE: Param = Param::toggle(
    "rate",
    "Greater rate",
    false,
    "The learning rate grows with the square root of the batch. This looks at a training; all of them are done anyway.",
);
static GHOST: Param = Param::toggle(
    "ghost",
    "Ghost batch norm",
    false,
    "Batch norm takes its means and variances over small parts of a batch. This looks at a training too.",
);
static LONGER: Param = Param::toggle(
    "longer",
    "Trained longer",
    false,
    "As many steps as with small batches, and so more epochs. This looks at a training too.",
);
static BATCH: Param = Param::choice(
    "batch",
    "Large batch",
    &[("128", "128"), ("256", "256"), ("512", "512"), ("1024", "1024")],
    "Examples of a step. Small batches are of 32.",
)
.by_default("512");
static PART: Param = Param::choice(
    "part",
    "Examples of a ghost",
    &[("16", "16"), ("32", "32"), ("64", "64"), ("128", "128")],
    "Over how many examples ghost batch norm takes its means and variances.",
)
.by_default("32");
static NOISE: Param = Param::float(
    "noise",
    "Noise",
    (0.6, 1.8, 2.4),
    "How far examples lie about the centres of their classes. With little noise all is right either way.",
)
.ends("easy", "hard");
static RUNS: Param = study::runs(2);

pub static ENTRY: Entry = Entry {
    id: "train-longer",
    wing: Wing::Grokking,
    prose: Prose {
        title: "Large batches need longer",
        paper: Some(Paper {
            title: "Train longer, generalize better: closing the generalization gap in large batch training of neural networks",
            authors: "Hoffer, Hubara and Soudry",
            year: 2017,
            link: "https://arxiv.org/abs/1705.08741",
        }),
        card: "It is not the large batch, it is too few steps.",
        lead: "Let it train. Then turn one remedy on after the other, and see how near large batches come to small ones.",
        about: &[
            "A net that learns from large batches takes fewer steps in an epoch: here 32 instead of 512 in all. After as many epochs it is \
             much worse on new examples. It was long thought that large batches find worse nets. The paper says that \
             they only have not come far enough.",
            "While the rate stays high, weights move away from their start as the logarithm of the number of steps: fast at first, then ever \
             more slowly. This is how something walks at random over a rough landscape. To come as far, one has to take as many steps, \
             whatever the batch.",
            "There are three remedies. The rate can grow with the square root of the batch, since the noise of a mean over a batch shrinks \
             with it. Batch norm can take its means and variances over ghosts, parts as small as a small batch. And \
             training can go on for as many steps as with small batches. All together close nearly the whole gap.",
            "Ghosts alone do nothing here as long as training is short: with so few steps the net has not even learnt its \
             examples. They help once it is trained longer. The task has to be hard: with little noise there is hardly a gap.",
            "This is a small variant, not a replication: made-up classes of four noisy clusters each, 2048 examples and two hidden layers. Over so \
             few steps a logarithm cannot be told from a small power for sure; it is held against a square root here. With large \
             batches the distance stops growing once the examples are learnt.",
        ],
        formulas: &[
            r"\eta_L = \eta_S \sqrt{B_L / B_S}",
            r"\|w_t - w_0\| \sim \log t",
            r"\hat z = \frac{z - \mu_g}{\sqrt{\sigma_g^2 + \epsilon}}",
        ],
        symbols: &[
            ("\\eta_S,\\ \\eta_L", "the learning rates with small and with large batches"),
            ("B_S,\\ B_L", "how many examples a small and a large batch have"),
            ("w_t", "the weights after $t$ steps"),
            ("\\mu_g,\\ \\sigma_g^2", "mean and variance of what comes into a unit, over the ghost of the example"),
        ],
        words: "large batch small batch ghost batch norm normalization normalisation generalization gap learning rate square root scaling regime adaptation diffusion random walk log ultra-slow hoffer hubara soudry",
    }
    .told(),
    params: &[&RATE, &GHOST, &LONGER, &BATCH, &PART, &NOISE, &RUNS],
    metrics: &[
        study::RIGHT,
        study::LOSS,
        Metric::new("distance", "distance", "How far the weights of the net in training are from their start."),
        Metric::new("updates", "training steps", "How many steps the net in training has taken."),
        study::TRAINED,
    ],
    presets: &[
        Preset::new("Default", "Large batches and nothing else, beside small ones.", &[]),
        Preset::new("Greater rate", "The rate grows with the root of the batch: half of the gap is closed.", &[("rate", "on")]),
        Preset::new("Longer", "As many steps: most of the gap is closed.", &[("longer", "on")]),
        Preset::new("All three", "With ghosts too, large batches are as good.", &[("rate", "on"), ("ghost", "on"), ("longer", "on")]),
        Preset::new("Easy", "Little noise: there is hardly a gap to close.", &[("noise", "0.6"), ("runs", "1")]),
    ],
    steps: MOST_STEPS,
    log_steps: false,
    pace: 0.0,
    thumbnail: RACE,
    files: |_| Vec::new(),
    start: |start| Ok(Box::new(TrainLonger::new(start))),
};

const RACE: usize = 0;

/// Examples in a step.
const EACH: usize = 1024;
/// Of five runs with batches of 1024.
const MOST_STEPS: u64 = 10_640;
const SMALL_BATCH: usize = 32;
/// Steps of a training with small batches, and of large ones that are trained longer.
const UPDATES: usize = 512;
const SPLIT: (usize, usize) = (2048, 4000);
const WIDTHS: [usize; 4] = [64, 64, 64, 10];
const SLOW: f64 = 0.1;
/// The greatest length of a gradient.
const LENGTH: f64 = 5.0;

const ARMS: [&str; 5] = ["small batches", "large batches", "greater rate", "ghosts", "rate and ghosts"];
const SMALL: usize = 0;
const PLAIN: usize = 1;
const FASTER: usize = 2;
const BOTH: usize = 4;
/// Places: as many epochs as with small batches, and as many steps.
const SHORT: usize = 0;
const LONG: usize = 1;

const CELLS: [(usize, usize); 9] = [
    (SMALL, LONG),
    (PLAIN, SHORT),
    (FASTER, SHORT),
    (3, SHORT),
    (BOTH, SHORT),
    (BOTH, LONG),
    (PLAIN, LONG),
    (FASTER, LONG),
    (3, LONG),
];

/// Room for the moments of a training: two to a factor of 2, and the end.
const ROOM: usize = 2 * UPDATES.ilog2() as usize + 2;

/// From which training step on distances are held against laws.
const SETTLED: usize = 16;

/// What no step changes.
struct Whole {
    split: Split,
    rng: Rng,
    batch: usize,
    part: usize,
    noise: f64,
}

/// How a training stood after so many of its steps.
#[derive(Clone, Copy)]
struct Moment {
    updates: usize,
    right: f64,
    loss: f64,
    distance: f64,
}

#[derive(Clone)]
struct TrainLonger {
    whole: Rc<Whole>,
    net: NormNet,
    training: Training,
    begun: Rc<Vec<f32>>,
    study: Study,
    trial: Trial,
    right: f64,
    loss: f64,
    /// Of each training of the first run, at steps that grow by a factor.
    lines: [Rc<Vec<Moment>>; CELLS.len()],
    /// The line of the training that goes on.
    line: Vec<Moment>,
    /// For small batches of each run: how far the distance is a line in the logarithm of the steps, and in their root.
    straight: Vec<[f64; 2]>,
    /// Which training is looked at.
    shown: (usize, usize),
}

impl TrainLonger {
    fn new(start: &Start) -> Self {
        let values = start.values;
        let number = |word: &str| word.parse().unwrap_or(SMALL_BATCH);
        let (batch, part) = (number(values.choice(&BATCH)), number(values.choice(&PART)));
        let noise = values.float(&NOISE);
        let clusters = Clusters { classes: 10, centres: 4, dimensions: WIDTHS[0], spread: 0.9, noise };
        let short = UPDATES * SMALL_BATCH / batch;
        let study = Study::new(&ARMS, &[short as f64, UPDATES as f64], CELLS, values.int(&RUNS));
        let nothing = Training::new(Vec::new(), Recipe::usual(0), start.rng.stream("none"));
        let mut run = Self {
            whole: Rc::new(Whole {
                split: clusters.samples(SPLIT, &mut start.rng.stream("examples")),
                rng: start.rng.clone(),
                batch,
                part,
                noise,
            }),
            net: NormNet::new(&WIDTHS),
            training: nothing,
            begun: Rc::default(),
            trial: study.now(),
            study,
            right: 0.0,
            loss: 0.0,
            lines: Default::default(),
            line: Vec::new(),
            straight: Vec::new(),
            shown: (0, 0),
        };
        run.choose(values);
        run.take_up();
        run
    }

    /// Takes up which training is looked at.
    fn choose(&mut self, values: &Values) {
        let arm = PLAIN + usize::from(values.toggle(&RATE)) + 2 * usize::from(values.toggle(&GHOST));
        self.shown = (arm, usize::from(values.toggle(&LONGER)));
    }

    /// Begins the training whose turn it is.
    fn take_up(&mut self) {
        self.trial = self.study.now();
        let Trial { run, arm, place } = self.trial;
        let whole = &self.whole;
        let chance = whole.rng.child(&format!("run {run}"));
        let batch = if arm == SMALL { SMALL_BATCH } else { whole.batch };
        let root = (batch as f64 / SMALL_BATCH as f64).sqrt();
        let updates = self.study.places()[place] as usize;
        let recipe = Recipe {
            batch,
            epochs: updates * batch / SPLIT.0,
            rate: if arm == FASTER || arm == BOTH { SLOW * root } else { SLOW },
            course: Course::Drops,
            momentum: 0.9,
            decay: 1e-4,
        };
        let drawn = self.net.draw(&mut chance.stream("weights"));
        self.begun = Rc::new(drawn.clone());
        self.training = Training::new(drawn, recipe, chance.stream("order"));
        self.line.clear();
        self.loss = 0.0;
        self.note();
    }

    /// Over how many examples batch norm goes.
    fn ghost(&self) -> usize {
        let batch = self.training.recipe().batch;
        if self.trial.arm > FASTER { self.whole.part.min(batch) } else { batch }
    }

    /// Asks the net and writes it down.
    fn note(&mut self) {
        let (inputs, labels) = self.whole.split.test.both();
        let score = self.net.grade(&self.training.numbers, inputs, labels);
        self.right = score.right as f64 / labels.len() as f64;
        let (updates, distance) = (self.training.steps(), self.distance());
        self.line.push(Moment { updates, right: self.right, loss: self.loss, distance });
    }

    /// How far the weights are from their start.
    fn distance(&self) -> f64 {
        let moved = self.training.numbers.iter().zip(&*self.begun).map(|(w, begun)| f64::from(w - begun));
        moved.map(|by| by * by).sum::<f64>().sqrt()
    }

    fn line(&self, cell: (usize, usize)) -> &[Moment] {
        let now = (self.trial.arm, self.trial.place);
        match CELLS.iter().position(|known| *known == cell) {
            _ if self.trial.run == 0 && cell == now && !self.study.is_over() => &self.line,
            Some(at) => &self.lines[at],
            None => &[],
        }
    }

    /// The training with large batches that is looked at, small batches, and large ones without a remedy.
    fn compared(&self) -> [(usize, usize); 3] {
        [self.shown, (SMALL, LONG), (PLAIN, SHORT)]
    }

    /// Their curves in a chart, up to a step that depends on the place.
    fn race<'f>(
        &self,
        chart: Figure<'f>,
        last: impl Fn(usize) -> usize,
        height: impl Fn(&Moment) -> f64,
    ) -> Figure<'f> {
        let [yours, small, large] = self.compared().map(|cell| {
            let known = self.line(cell).iter().filter(|moment| (1..=last(cell.1)).contains(&moment.updates));
            known.map(|moment| (moment.updates, height(moment) as f32)).collect::<Vec<_>>()
        });
        chart.curve("as you say", ROOM, yours).curve("small batches", ROOM, small).reference(
            "large batches",
            ROOM,
            large,
        )
    }

    /// The part of a line with the high rate, after its very start.
    fn walk(line: &[Moment], updates: usize) -> impl Iterator<Item = (f64, f64)> {
        let walk = line.iter().filter(move |moment| (SETTLED..=updates / 2).contains(&moment.updates));
        walk.map(|moment| (moment.updates as f64, moment.distance))
    }
}

fn ln_of((x, y): (f64, f64)) -> (f64, f64) {
    (scalar::ln(x), y)
}

impl Experiment for TrainLonger {
    fn figures(&self, figures: &mut Figures) {
        let (whole, study) = (&self.whole, &self.study);
        let updates = |place: usize| study.places()[place] as usize;
        let steps = || Axis::log("training steps, log scale", 1.0, UPDATES as f64);
        let right = |least, most| Axis::linear("share right", least, most);
        let end = |cell| self.line(cell).last().map_or("not trained yet".into(), |moment| percent(moment.right, 1));

        let learning = figures.chart("Test examples right while they learn", Place::Main, steps(), right(0.0, 1.0));
        self.race(learning, |_| UPDATES, |moment| moment.right).caption(|| {
            let [yours, small, large] = self.compared().map(end);
            let (batch, taken, few) = (whole.batch, updates(self.shown.1), updates(SHORT));
            format!(
                "Batches of {batch} as you say, {taken} steps: {yours}. Batches of {SMALL_BATCH}, {UPDATES} steps: {small}. Batches of \
                 {batch} alone, {few} steps: {large}."
            )
        });

        figures
            .chart(
                "Right in the end, after few and many steps",
                Place::Side,
                Axis::log("training steps in all, log scale", 16.0, UPDATES as f64),
                right(0.3, 0.7),
            )
            .at(study.places()[self.shown.1])
            .study(study)
            .caption(|| study.caption(|place| format!("{} steps", updates(place))));

        let walk: Vec<(f64, f64)> = Self::walk(self.line((SMALL, LONG)), UPDATES).map(ln_of).collect();
        let law = Line::through(&walk);
        let ends = walk.first().zip(walk.last()).filter(|_| walk.len() > 1);
        let ends = ends.into_iter().flat_map(|(first, last)| [first.0, last.0]);
        let title = "How far the weights have come while the rate is high";
        let walking = figures.chart(title, Place::Main, steps(), Axis::linear("distance", 0.0, 30.0));
        self.race(walking, |place| updates(place) / 2, |moment| moment.distance)
            .reference("a logarithm", 2, ends.map(|x| (scalar::exp(x), law.at(x))))
            .caption(|| match self.straight.first() {
                Some(explained) => {
                    let [log, root] = explained.map(|share| percent(share, 1));
                    format!(
                        "With small batches a logarithm explains {log} of it, a square root {root}. The first run, and only as long as \
                         the rate is high."
                    )
                }
                None => "Small batches come first.".into(),
            });

        let losses = figures.chart("The loss on their batches", Place::Side, steps(), Axis::log("loss", 0.001, 4.0));
        self.race(losses, |_| UPDATES, |moment| moment.loss.max(0.001)).caption(|| {
            "Of the last batch, before the step that is made of it. Where it stays high, the net has not even learnt its own \
             examples."
                .into()
        });
    }

    fn step(&mut self) -> Status {
        let whole = Rc::clone(&self.whole);
        let train = whole.split.train.both();
        if self.training.is_over(train.1.len()) {
            self.take_up();
        }
        let ghost = self.ghost();
        for _ in 0..EACH / self.training.recipe().batch {
            if self.training.is_over(train.1.len()) {
                break;
            }
            let numbers = std::mem::take(&mut self.training.numbers);
            let net = &mut self.net;
            let score = self.training.learn_by(train, |batch, gradient| net.learn(&numbers, batch, ghost, gradient));
            self.training.numbers = numbers;
            self.loss = score.loss;
            clip(&mut self.training.gradient, LENGTH);
            self.training.descend(train.1.len());
            // Two points to a factor of 2.
            let (steps, last) = (self.training.steps(), self.line.last().map_or(0, |moment| moment.updates));
            if steps * steps >= 2 * last * last && steps > last || self.training.is_over(train.1.len()) {
                self.note();
            }
        }
        if !self.training.is_over(train.1.len()) {
            return Status::Running;
        }
        let Trial { run, arm, place } = self.trial;
        if arm == SMALL {
            let walk: Vec<(f64, f64)> = Self::walk(&self.line, UPDATES).collect();
            let law = |of: fn((f64, f64)) -> (f64, f64)| {
                Line::through(&walk.iter().copied().map(of).collect::<Vec<_>>()).explained
            };
            self.straight.push([law(ln_of), law(|(x, y)| (x.sqrt(), y))]);
        }
        let at = CELLS.iter().position(|cell| *cell == (arm, place));
        if let (0, Some(at)) = (run, at) {
            self.lines[at] = Rc::new(self.line.clone());
        }
        self.study.add(self.right)
    }

    fn due(&self) -> Option<u64> {
        let each = |(arm, place): &(usize, usize)| {
            let batch = if *arm == SMALL { SMALL_BATCH } else { self.whole.batch };
            self.study.places()[*place] as usize * batch / EACH
        };
        let runs = self.study.trials() / CELLS.len();
        Some((runs * CELLS.iter().map(each).sum::<usize>()) as u64)
    }

    fn measure(&self, out: &mut [f32]) {
        let row = [self.right, self.loss, self.distance(), self.training.steps() as f64, self.study.done() as f64];
        fill(out, row);
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        if param.is(&RATE) || param.is(&GHOST) || param.is(&LONGER) {
            self.choose(values);
            return Live::Now;
        }
        Live::Restart
    }

    fn claims(&self) -> Vec<Claim> {
        let (whole, study) = (&self.whole, &self.study);
        let gap = |says: &str, a, b, least| study.gap(says, SOURCE, a, b, least);
        let closed = Claim::new("All three close most of the gap.", SOURCE)
            .expect(0.75, f64::INFINITY, "at least 75 % of it")
            .on((0.0, "0 %"), (1.25, "125 %"));
        let ends = [(SMALL, LONG), (PLAIN, SHORT), (BOTH, LONG)].map(|cell| study.mean(cell));
        let closed = match ends {
            [Some(small), Some(plain), Some(all)] => {
                let share = (all - plain) / (small - plain);
                closed.measured(share, percent(share, 0))
            }
            _ => closed.because("Not all runs have come so far."),
        };
        let says = "Weights move away as the logarithm of the steps, more than as their root.";
        let walk = Claim::new(says, SOURCE)
            .expect(0.98, 1.0, "a logarithm explains at least 98 %, and more than a root")
            .on((0.9, "90 %"), (1.0, "100 %"));
        let walk = if self.straight.len() == study.trials() / CELLS.len() {
            let mean =
                |side: usize| self.straight.iter().map(|both| both[side]).sum::<f64>() / self.straight.len() as f64;
            let (log, root) = (mean(0), mean(1));
            let value = if log > root { log } else { 0.0 };
            walk.measured(value, format!("{} against {}", percent(log, 1), percent(root, 1)))
        } else {
            walk.because("Not all runs have come so far.")
        };
        let claims = [
            gap("After as many epochs large batches are worse.", (SMALL, LONG), (PLAIN, SHORT), 0.1),
            gap("A greater rate alone closes part of the gap.", (FASTER, SHORT), (PLAIN, SHORT), 0.05),
            gap("So does training longer alone.", (PLAIN, LONG), (PLAIN, SHORT), 0.05),
            gap("Together they are better than the rate alone.", (FASTER, LONG), (FASTER, SHORT), 0.02),
            gap("And at least as good as training longer alone.", (FASTER, LONG), (PLAIN, LONG), 0.0),
            gap("Ghosts do no harm to those that are trained longer.", (BOTH, LONG), (FASTER, LONG), 0.0),
            closed,
            walk,
        ];
        let usual = whole.batch == 512 && whole.part == 32 && (1.6..=2.0).contains(&whole.noise);
        let here =
            |claim: Claim| claim.only_if(usual, "This is about batches of 512, ghosts of 32 and a noise of 1.8.");
        claims.map(here).into()
    }
}

const SOURCE: &str = "Hoffer et al. 2017";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lab::Verdict,
        session::{Session, follow},
    };

    fn accuracy(session: &Session) -> f32 {
        session.metrics()[0]
    }

    #[test]
    #[ignore = "long: ./build.sh test --long"]
    fn all_three_close_the_gap_and_each_closes_a_part() {
        let mut session = follow("id=train-longer&seed=1&runs=1", 0);
        session.seek(MOST_STEPS);
        assert_eq!((session.step(), session.ended().is_some()), (1104, true));
        for claim in session.claims() {
            assert_eq!(claim.verdict(), Verdict::Agrees, "{claim:?}");
        }
        let plain = session.captions()[RACE].clone();
        session.set(&[("rate".into(), "on".into()), ("longer".into(), "on".into())]).unwrap();
        assert_eq!(session.step(), 1104);
        assert!(session.captions()[RACE] != plain, "{plain}");
    }

    #[test]
    fn a_ghost_as_large_as_the_batch_is_none() {
        let mut session = follow("id=train-longer&seed=2&batch=128&part=128&runs=1", 32);
        let plain = accuracy(&session);
        session.advance(16);
        assert!(accuracy(&session).to_bits() != plain.to_bits());
        session.advance(16);
        assert_eq!(accuracy(&session).to_bits(), plain.to_bits());
    }
}
