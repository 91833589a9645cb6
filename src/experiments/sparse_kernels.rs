//! Sparse kernels (Elsen, Dukhan, Gale and Simonyan 2020; Xu et al. 2023): what a cut saves, timed on this very device against the
//! best dense kernel, and what it costs in examples right.
//!
//! A step times one kernel at one cut, in turns with the dense one; all of that in several passes, of which the least counts.
//! Then nets are trained, cut in each pattern, and trained on: seven batches a step. Without a clock the steps are the same and
//! nothing is timed.
use crate::{
    data::SMALL_DIGITS,
    lab::{
        Axis, Begun, Claim, Clock, Entry, Experiment, Figures, Live, Metric, NO_THIRD_SET, Paper, Param, Place, Preset,
        Prose, Setup, Shape, Start, Status, Values, Wing, clock, fill,
        study::{self, Study},
    },
    math::decimal::{fixed, percent, scientific},
    model::{
        learning::training::Recipe,
        pruning::{
            group::Pattern,
            lineup::{self, CUTS, DENSE, FOURS, Lineup, N_OF_M, PAIRS, PATTERNS, SINGLE, TIMED, Works, cut_of, timed},
            operands::Operands,
            trainee::Trainee,
        },
    },
};
use std::rc::Rc;

static CUT: Param = Param::share(
    "cut",
    "Cut",
    (0.0, 0.8, 0.98),
    "The share of the weights that is cut: in the picture, and for the kernel that is timed anew when you move it. Drag it along \
     the charts.",
)
.ends("nothing", "nearly all");
static PATTERN: Param = Param::choice(
    "pattern",
    "Pattern",
    &[("single", "Single weights"), ("pairs", "Pairs of rows"), ("fours", "Fours of rows"), ("n-of-m", "N of M")],
    "Which weights may be cut: any, or those of two or four rows together, or so many of each group in a row. Of N of M it is the \
     pattern that is nearest to the cut.",
)
.by_default("fours");
static SHAPE: Param = Param::choice(
    "shape",
    "Shape",
    &[
        ("256x256x768", "256 x 256, 768 columns"),
        ("512x512x64", "512 x 512, 64 columns"),
        ("512x512x192", "512 x 512, 192 columns"),
        ("128x128x3136", "128 x 128, 3136 columns"),
        ("512x512x1", "512 x 512, one vector"),
    ],
    "Rows and columns of the weights, and how many columns they are multiplied with: pixels of a picture, or examples of a batch.",
);
static PASSES: Param =
    Param::int("passes", "Passes", (1, 8, 20), "How often each kernel is timed. The fastest time counts.");
static FINE: Param =
    Param::int("fine-tune", "Epochs after the cut", (0, 3, 10), "How often a net sees all examples after it was cut.");
static EPOCHS: Param = study::epochs(20);
static RUNS: Param = study::runs(2);

pub static ENTRY: Entry = Entry {
    id: "sparse-kernels",
    wing: Wing::Pruning,
    prose: Prose {
        title: "What a cut saves",
        paper: Some(Paper {
            title: "Fast Sparse ConvNets",
            authors: "Elsen, Dukhan, Gale and Simonyan",
            year: 2020,
            link: "https://arxiv.org/abs/1911.09723",
        }),
        card: "Sparse kernels timed on your own device, against the best dense one.",
        lead: "Move the cut along the chart: where does each kernel pass the dense one?",
        about: &[
            "A net with a tenth of its weights needs a tenth of the operations. But a kernel that skips weights has to look up \
             where those are that stay, and a dense one does not. This page times both, here and now. What is above 1 is a gain; \
             the dashed line is what the operations alone would save.",
            "Elsen and others write such kernels for phones and for WebAssembly: whole networks with 70 to 95 % of their weights \
             cut ran 1.3 to 2.4 times as fast as dense ones that are as accurate. The trick is to take many columns at once, so that they share the \
             looking up. Xu and others (SparseByteNN, 2023) cut weights of several rows together. Each column is then read once for \
             all of these rows, and it pays already when 30 % are cut: 1.27 times, for 0.2 points of accuracy.",
            "With one vector nothing is shared. Choose that shape: single weights then win only where nearly all are cut, \
             and rows in fours much sooner. N of M is what some chips have units for. Here it is software, \
             and worth no more than single weights of the same number.",
            "The price are examples that are wrong. A net for small digits is cut in each pattern, the largest of what may stay stays, and \
             it trains on for a few epochs. The last layer stays whole. The freer the pattern, the less is lost; for so easy a task \
             differences are small up to a cut of 80 %, and large beyond: at 95 % fours of rows are a good way behind single weights.",
            "What cannot be shown: phones, whole networks, and rows that are put in a better order first, which makes blocks cheaper. \
             The matrices that are timed are drawn at random. Times are of one core, with four lanes, and other programs may \
             spoil them: each kernel takes turns with the dense one, and the fastest of all turns counts. Times are no part of a \
             run's fingerprint.",
            NO_THIRD_SET,
        ],
        formulas: &[r"C = W X,\quad W \in \mathbb R^{m \times k}", r"\text{speed-up} = t_\text{dense} / t_\text{sparse}", r"\le 1 / (1 - s)"],
        symbols: &[
            ("W", "the weights, of which most are cut"),
            ("X", "what they are multiplied with, dense"),
            ("s", "the share of the weights that is cut"),
        ],
        words: "spmm csr compressed sparse row block kernel wasm simd xnnpack speedup benchmark latency gflops break-even sparsebytenn group sparsity n:m mobile inference roofline",
    }
    .told(),
    params: &[&CUT, &PATTERN, &SHAPE, &PASSES, &FINE, &EPOCHS, &RUNS],
    metrics: &[
        Metric::new("speed-up", "times as fast", "How many times as fast as dense the kernel that is shown is, at this cut.").timed(),
        Metric::new("useful", "useful GFLOP/s", "Its operations with weights that are there, in billions a second.").timed(),
        Metric::new("dense", "dense GFLOP/s", "Operations of the fastest dense kernel, in billions a second.").timed(),
        Metric::new("left", "weights left", "The share of the weights that the pattern that is shown leaves, at this cut."),
        Metric::new("difference", "greatest difference", "How far sparse results are from dense ones at most, against the greatest number."),
        study::RIGHT,
        study::LOSS,
        study::TRAINED,
    ],
    presets: &[
        Preset::new("Default", "Nets of 256 by 256, a picture of 768 pixels.", &[]),
        Preset::new("Wide and few", "Many weights and few columns: nine times as fast at 90 %.", &[("shape", "512x512x64"), ("cut", "0.9")]),
        Preset::new("One vector", "Single weights hardly ever win here.", &[("shape", "512x512x1"), ("pattern", "single"), ("runs", "1")]),
        Preset::new("Large pictures", "Few weights and very many columns.", &[("shape", "128x128x3136"), ("pattern", "single"), ("runs", "1")]),
        Preset::new("Cut only", "Without training afterwards the pattern decides.", &[("fine-tune", "0"), ("cut", "0.5")]),
    ],
    steps: MOST_STEPS,
    log_steps: false,
    pace: 0.0,
    thumbnail: PICTURE,
    files: |_| vec![&SMALL_DIGITS],
    start: begin,
};

const PICTURE: usize = 1;

/// Rows, columns, and columns of what they are multiplied with.
const SHAPES: [[usize; 3]; 5] = [[256, 256, 768], [512, 512, 64], [512, 512, 192], [128, 128, 3136], [512, 512, 1]];
const PICTURES: usize = 0;
const WIDE: usize = 1;

const ARMS: [&str; 5] = ["single weights", "pairs of rows", "fours of rows", "N of M", "dense"];
/// Turns of a kernel in a step.
const TURNS: usize = 2;

/// How many times the operations that are saved a speed-up may seem to save before it is not believed: then the dense kernel never
/// had the machine to itself.
const SPOILT: f64 = 1.2;

/// Descents in a step.
const BATCHES: usize = 7;
/// Of 20 passes, and of five runs with 30 epochs and 26 cuts with 10 epochs each.
const MOST_STEPS: u64 = 20 * TIMED as u64 + 5 * (90 + 26 * 30);
/// Trained on at less than the usual rate.
const RATE: f64 = 0.02;
/// Rows and columns of the picture.
const SIDE: usize = 48;

/// What no step changes.
struct Setting {
    setup: Setup,
    recipe: Recipe,
    fine: Recipe,
    passes: usize,
    shape: usize,
    clock: Option<Clock>,
}

#[derive(Clone)]
struct SparseKernels {
    setting: Rc<Setting>,
    /// Steps of timing that are over.
    timed: usize,
    line: Lineup,
    arm: usize,
    cut: f64,
    trainee: Trainee,
    /// What the net of this run had learnt before it was cut.
    whole: Rc<Vec<f32>>,
    right: Study,
}

fn begin(start: &Start) -> Begun {
    let values = start.values;
    let shape = values.option(&SHAPE);
    let operands = Operands::draw(SHAPES[shape], &mut start.rng.stream("matrices"));
    // All cuts, in their order; nets are not cut by nothing.
    let mut places: Vec<f64> = CUTS[1..].iter().copied().chain(PATTERNS.map(|pattern| pattern.cut())).collect();
    places.sort_by(f64::total_cmp);
    places.dedup();
    let at = |cut: f64| places.iter().position(|place| (place - cut).abs() < 1e-9).unwrap_or(0);
    let whole = CUTS[1..].iter().map(|cut| (DENSE, at(*cut)));
    let cut = timed().filter(|(arm, cut)| *arm != DENSE && *cut > 0.0).map(|(arm, cut)| (arm, at(cut)));
    let right = Study::new(&ARMS, &places, whole.chain(cut), values.int(&RUNS));
    let trainee = Trainee::new(&[64, 256, 128, 10], start.rng.stream("none"));
    let (arm, cut) = (values.option(&PATTERN), values.float(&CUT));
    let mut run = SparseKernels {
        timed: 0,
        line: Lineup::new(operands, arm, cut),
        arm,
        cut,
        trainee,
        whole: Rc::default(),
        right,
        setting: Rc::new(Setting {
            setup: Setup::of_digits(start)?,
            recipe: Recipe::usual(values.int(&EPOCHS)),
            fine: Recipe { rate: RATE, ..Recipe::usual(values.int(&FINE)) },
            passes: values.int(&PASSES),
            shape,
            clock: start.inputs.clock,
        }),
    };
    run.take_up();
    Ok(Box::new(run))
}

impl SparseKernels {
    fn timings(&self) -> usize {
        self.setting.passes * TIMED
    }

    /// How two pieces of work race, if there is a clock.
    fn race(&self) -> Option<impl FnOnce(Works) -> [f64; 2] + use<>> {
        self.setting.clock.map(|clock| move |works: Works| clock::race(clock, TURNS, works))
    }

    /// Times the kernel that is shown.
    fn time_shown(&mut self) {
        if let Some(race) = self.race() {
            self.line.time_shown(race);
        }
    }

    /// The cut from which on an arm is faster than dense, where it passes it.
    fn break_even(&self, arm: usize) -> Option<f64> {
        clock::break_even(&self.line.curve(arm))
    }

    /// Begins the training whose turn it is.
    fn take_up(&mut self) {
        let setting = Rc::clone(&self.setting);
        let now = self.right.now();
        let chance = setting.setup.chance(now.run);
        if now.arm == DENSE {
            self.trainee.begin_whole(setting.recipe, &chance);
        } else {
            let mask = cut_of(now.arm, self.right.places()[now.place]).mask(&self.trainee.net, &self.whole);
            let order = chance.stream(&format!("order {} {}", now.arm, now.place));
            self.trainee.begin(self.whole.to_vec(), Rc::new(mask), setting.fine, order);
        }
    }

    /// Seven batches, and what comes of a training that is over.
    fn train(&mut self) -> Status {
        let setting = Rc::clone(&self.setting);
        if !self.trainee.learn(setting.setup.train(), BATCHES) {
            return Status::Running;
        }
        let right = self.trainee.ask(setting.setup.test());
        let was_dense = self.right.now().arm == DENSE;
        let mut status = self.right.add(right);
        if was_dense {
            self.whole = Rc::new(self.trainee.training.numbers.clone());
            // It is the same wherever others are cut.
            while self.right.now().arm == DENSE {
                status = self.right.add(right);
            }
        }
        if !self.right.is_over() {
            self.take_up();
        }
        status
    }

    /// Steps of a training.
    fn steps(&self, recipe: &Recipe) -> usize {
        recipe.all_steps(self.setting.setup.examples()).div_ceil(BATCHES).max(1)
    }

    /// The claim that an arm is so many times as fast as dense at a cut, for one shape.
    fn faster(
        &self,
        says: &str,
        source: &'static str,
        shape: usize,
        (arms, cut): (&[usize], f64),
        least: f64,
    ) -> Claim {
        let claim =
            Claim::new(says, source).expect(least, f64::INFINITY, &format!("at least {} times", fixed(least, 1)));
        let most = if least > 4.0 { (16.0, "16 times") } else { (4.0, "4 times") };
        let claim = claim.on((0.0, "0"), most);
        let best = arms.iter().filter_map(|arm| self.line.speed(*arm, cut)).fold(0.0, f64::max);
        let claim = if self.timed < self.timings() || best == 0.0 {
            claim.because("Not all passes are over.")
        } else if best > SPOILT / (1.0 - cut) {
            claim.because(
                "Other programs spoilt the times: it seems to save more than its operations. Close them and try again.",
            )
        } else {
            // Not rounded up: what is short of the claim is not to look as if it reached it.
            claim.measured(best, format!("{} times", fixed((100.0 * best).floor() / 100.0, 2)))
        };
        let [rows, cols, columns] = SHAPES[shape];
        let preset = if shape == WIDE { "Wide and few" } else { "Default" };
        let about = format!("this is about {rows} x {cols} weights and {columns} columns.");
        claim.only_if(self.setting.clock.is_some(), NO_CLOCK).press_unless(self.setting.shape == shape, preset, &about)
    }
}

impl Experiment for SparseKernels {
    fn figures(&self, figures: &mut Figures) {
        let (line, arm, clock) = (&self.line, ARMS[self.arm], self.setting.clock);
        let cut = || Axis::linear("share of the weights that is cut", 0.0, 1.0).of(&CUT);

        let breaks = (0..DENSE).filter_map(|arm| Some((self.break_even(arm)?, 1.0)));
        figures
            .chart("Times as fast as dense, by how much is cut", Place::Main, cut(), Axis::log("times", 0.25, 20.0))
            .timed()
            .at(self.cut)
            .curves(&ARMS[..DENSE], CUTS.len(), |arm| line.curve(arm))
            .reference("operations saved", CUTS.len(), CUTS.map(|cut| (cut, 1.0 / (1.0 - cut))))
            .level("dense", (0.0, 1.0), 1.0)
            .dots("break-even", DENSE, breaks)
            .caption(|| {
                if clock.is_none() {
                    return NOT_TIMED.into();
                }
                let made = line.made();
                let said = match line.speed_shown() {
                    Some(speed) => {
                        let (gone, speed) = (percent(1.0 - line.left(), 0), fixed(speed, 2));
                        format!("With {gone} cut, {arm}: {speed} times as fast.")
                    }
                    None => format!("{made} of {TIMED} kernels have been timed once."),
                };
                let slower = || line.curve(self.arm).iter().all(|(_, speed)| *speed < 1.0);
                let passes = match self.break_even(self.arm) {
                    _ if made < TIMED => String::new(),
                    Some(cut) => format!(" They pass dense at {}.", percent(cut, 0)),
                    None if slower() => " They do not pass dense.".into(),
                    None => " They are as fast as dense from the start.".into(),
                };
                said + &passes
            });

        let names = ["row, an output", "column, an input"];
        let picture = Shape::heatmap((SIDE, SIDE), names, ("takes away", "adds"));
        figures
            .picture("Which weights are left, in a corner", Place::Side, picture, |slot| {
                for (i, row) in slot.chunks_exact_mut(SIDE).enumerate() {
                    row.copy_from_slice(&line.thinned.row(i)[..SIDE]);
                }
            })
            .caption(|| {
                let Pattern { kept, group } = lineup::nearest(self.cut);
                let of_groups = format!("{kept} of each {group} in a row");
                let what = if self.arm == N_OF_M { &of_groups } else { arm };
                format!("Cut as {what}: {} of the weights are left.", percent(line.left(), 1))
            });

        let right = Axis::linear("share right", 0.7, 1.0);
        figures
            .chart("Test examples right, by how much is cut", Place::Main, cut(), right)
            .at(self.cut)
            .study(&self.right)
            .caption(|| {
                if self.timed < self.timings() {
                    return "Nets are trained when all kernels have been timed.".into();
                }
                self.right.caption(|place| format!("a cut of {}", percent(self.right.places()[place], 0)))
            });

        let dense = line.useful(1.0, line.dense);
        let useful = |(cut, speed): (f64, f64)| (cut, line.useful(1.0 - cut, line.dense / speed));
        let title = "Useful operations a second, in billions";
        figures
            .chart(title, Place::Side, cut(), Axis::linear("GFLOP/s", 0.0, 10.0))
            .timed()
            .at(self.cut)
            .curves(&ARMS[..DENSE], CUTS.len(), |arm| line.curve(arm).into_iter().map(useful))
            .level("dense", (0.0, 1.0), Some(dense).filter(|dense| *dense > 0.0))
            .caption(|| match clock {
                None => NOT_TIMED.into(),
                Some(_) if line.dense.is_finite() => {
                    format!("Of weights that are there. The fastest dense kernel does {}.", fixed(dense, 1))
                }
                Some(_) => "Of weights that are there.".into(),
            });
    }

    fn step(&mut self) -> Status {
        if self.timed == self.timings() {
            return self.train();
        }
        let place = self.timed % TIMED;
        self.line.prepare(place);
        if let Some(race) = self.race() {
            self.line.time(place, race);
        }
        self.timed += 1;
        if self.timed.is_multiple_of(TIMED) {
            self.time_shown();
        }
        if self.timed == self.timings() { Status::Passed("all timed") } else { Status::Running }
    }

    fn due(&self) -> Option<u64> {
        let cuts = self.right.cells().iter().filter(|(arm, _)| *arm != DENSE).count();
        let run = self.steps(&self.setting.recipe) + cuts * self.steps(&self.setting.fine);
        Some((self.timings() + self.right.runs() * run) as u64)
    }

    fn measure(&self, out: &mut [f32]) {
        let line = &self.line;
        let speed = line.speed_shown().unwrap_or(0.0);
        let [useful, dense] = [line.useful_shown(), line.useful(1.0, line.dense)];
        let [right, loss, _] = self.trainee.report();
        fill(out, [speed, useful, dense, line.left(), line.difference, right, loss, self.right.done() as f64]);
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        let live = Live::only(param, &[&CUT, &PATTERN]);
        if live == Live::Restart {
            return live;
        }
        (self.arm, self.cut) = (values.option(&PATTERN), values.float(&CUT));
        self.line.show(self.arm, self.cut);
        // Before all were timed once, its turn comes by itself.
        if self.line.made() == TIMED {
            self.time_shown();
        }
        live
    }

    fn claims(&self) -> Vec<Claim> {
        let same = Claim::new("Sparse products are the dense ones, but for rounding.", ELSEN)
            .expect(0.0, 1e-5, "at most 1e-5 of the greatest number")
            .on((0.0, "0"), (2e-5, "2e-5"));
        let said = if self.line.difference > 0.0 { scientific(self.line.difference, 1) } else { "0".into() };
        let all = (self.line.made() >= TIMED).then_some((self.line.difference, said));
        let same = same.found(all, "Not all kernels have been compared.");
        let cell = |arm: usize, cut: f64| {
            let place = self.right.places().iter().position(|place| (place - cut).abs() < 1e-9).unwrap_or(0);
            (arm, place)
        };
        let gap = |says: &str, source, a, b, least| {
            let claim = self.right.gap(says, source, a, b, least);
            claim.only_if(self.setting.fine.epochs >= 3, "This is about nets that train on for three epochs at least.")
        };
        vec![
            self.faster("Single weights pay from 70 % on.", ELSEN, PICTURES, (&[SINGLE], 0.7), 1.3),
            self.faster(
                "With 80 % of single weights cut it is 2.3 times as fast.",
                ELSEN,
                PICTURES,
                (&[SINGLE], 0.8),
                2.3,
            ),
            self.faster("Fours of rows pay at 30 % already.", XU, PICTURES, (&[FOURS], 0.3), 1.2),
            self.faster("With half of the fours cut it is 1.6 times as fast.", XU, PICTURES, (&[FOURS], 0.5), 1.6),
            self.faster("With 90 % of single weights cut it is 8 times as fast.", ELSEN, WIDE, (&[SINGLE], 0.9), 8.0),
            self.faster(
                "With 90 % of blocks of rows cut it is 9 times as fast.",
                ELSEN,
                WIDE,
                (&[PAIRS, FOURS], 0.9),
                9.0,
            ),
            same,
            gap("At 30 % fours of rows cost next to nothing.", XU, cell(FOURS, 0.3), cell(DENSE, 0.3), -0.01),
            gap("At 90 % single weights cost less than fours of rows.", XU, cell(SINGLE, 0.9), cell(FOURS, 0.9), 0.01),
        ]
    }
}

const ELSEN: &str = "Elsen et al. 2020";
const XU: &str = "Xu et al. 2023";
const NOT_TIMED: &str = "There is no clock here, so nothing is timed.";
const NO_CLOCK: &str = "No clock was handed in, so nothing is timed.";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lab::{Inputs, Verdict},
        link::{Request, split_query},
        session::Session,
    };
    use std::time::{SystemTime, UNIX_EPOCH};

    fn now() -> f64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| 1e3 * time.as_secs_f64())
    }

    fn follow(query: &str, clock: Option<Clock>, steps: u64) -> Session {
        let mut inputs = Inputs::default();
        inputs.clock = clock;
        inputs.push_file(&SMALL_DIGITS, SMALL_DIGITS.read());
        let request = Request::parse(&split_query(query)).unwrap();
        let mut session = Session::start(request, inputs).unwrap();
        session.advance(steps);
        session
    }

    #[test]
    fn without_a_clock_nothing_is_timed_and_products_and_nets_are_compared() {
        let session = follow("id=sparse-kernels&seed=1&passes=1&runs=1&epochs=5", None, MOST_STEPS);
        assert!(session.ended().is_some());
        assert_eq!(session.step(), session.last());
        assert!(session.metrics()[..3].iter().all(|x| x.to_bits() == 0));
        let verdicts: Vec<Verdict> = session.claims().iter().map(Claim::verdict).collect();
        assert_eq!(verdicts[..6], [Verdict::NotHere; 6]);
        assert_eq!(verdicts[6..], [Verdict::Agrees; 3], "{:?}", session.claims());
        // In the order of the sums, too.
        assert_eq!(session.metrics()[4].to_bits(), 0);
    }

    #[test]
    fn a_clock_moves_no_digest_and_a_cut_is_timed_at_once() {
        let query = "id=sparse-kernels&seed=2&passes=1&runs=1&epochs=2&fine-tune=0&shape=512x512x64&pattern=single";
        let steps = TIMED as u64 + 3;
        let (mut timed, untimed) = (follow(query, Some(now), steps), follow(query, None, steps));
        assert_eq!(timed.digest(), untimed.digest());
        // On a busy machine any number may come out, but for none.
        assert!(timed.metrics()[..3].iter().all(|x| *x > 0.0), "{:?}", timed.metrics());
        timed.set(&[("cut".into(), "0.5".into())]).unwrap();
        assert!(timed.metrics()[0] > 0.0 && (timed.metrics()[3] - 0.5).abs() < 1e-3);
        assert_eq!(timed.step(), steps);
        // Whether it is measured depends on how busy the machine is.
        assert!(timed.claims()[4].applies && !timed.claims()[0].applies);
    }

    #[test]
    fn with_a_vector_sparse_products_are_the_dense_ones_but_for_rounding() {
        let session = follow("id=sparse-kernels&seed=1&passes=1&shape=512x512x1", None, TIMED as u64);
        let difference = session.metrics()[4];
        assert!(difference > 0.0 && difference < 1e-5, "{difference}");
    }
}
