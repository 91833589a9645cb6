//! Iterative soft shrinkage (Wang, Wang, Zhang, Fu and Tao 2023): a net that doubles pictures is made sparse while it learns, by small
//! weights that shrink a little after each step; beside hard thresholding, cutting after training, and places by lot.
//!
//! A step is three batches of one net. First the whole net is trained, then sparse ones one after another, and run after run
//! begins with other weights. Nets are asked after each epoch, cut as they would be.
use crate::{
    data::{SMALL_DIGITS, Zoom, small_ink},
    lab::{
        Axis, Begun, Claim, Dial, Entry, Experiment, Fault, Figures, Glyphs, Live, Metric, Paper, Param, Place, Preset,
        Prose, Shape, Start, Status, Values, Wing, fill,
        study::{self, Study, Trial},
    },
    math::{
        decimal::{fixed, percent},
        mat::Mat,
        rng::Rng,
    },
    model::{
        learning::regression::peak_ratio,
        pruning::{
            sparse_ways::{FOLLOWED, LEAST, SparseWays},
            sparsifying::{Sparsifying, WAYS, Way},
        },
    },
};
use std::rc::Rc;

static ALPHA: Param = Param::share(
    "alpha",
    "Left of a small weight",
    (0.0, 0.9, 1.0),
    "What a weight that is not among the largest keeps of its size after each step, under soft shrinkage. It holds from the step on at \
     which you move it.",
)
.ends("guillotine", "nothing happens");
static PICTURE: Param = Param::int("picture", "Picture", (1, 7, 500), "Which of the unseen digits is enlarged.");
static KEPT: Param = Param::choice(
    "kept",
    "Weights left",
    &[("0.1", "10 %"), ("0.05", "5 %"), ("0.01", "1 %"), ("each", "Each in turn")],
    "The share of the weights of each layer that are left in the end.",
)
.by_default("0.05");
static EPOCHS: Param = Param::int(
    "epochs",
    "Epochs",
    (5, 25, 50),
    "How often each net sees all digits. After two fifths of them the places of weights are fixed.",
);
static RUNS: Param = study::runs(2);

pub static ENTRY: Entry = Entry {
    id: "soft-shrinkage",
    wing: Wing::Pruning,
    prose: Prose {
        title: "Gently, not at once",
        paper: Some(Paper {
            title: "Iterative Soft Shrinkage Learning for Efficient Image Super-Resolution",
            authors: "Wang, Wang, Zhang, Fu and Tao",
            year: 2023,
            link: "https://arxiv.org/abs/2303.09650",
        }),
        card: "Small weights shrink a little each step, instead of going at once.",
        lead: "Watch blocks become strokes, then move the slider between guillotine and nothing.",
        about: &[
            "A net gets a digit of 4 x 4 pixels and says what to add to its plain enlargement, so that it becomes the digit of 8 x 8. It is \
             to do so with a twentieth of its weights.",
            "After each step all but the largest weights of a layer lose a tenth of their size, and which those are is decided anew. So a \
             weight goes down slowly, and may come back if the net pulls it up again. Few do, as the chart shows. After two fifths of the \
             training the places are fixed, and what is left learns on.",
            "Hard thresholding sets small weights to nothing at once: hardly any comes back. Cutting after \
             training takes the large weights of a net that did not know that it would be cut. Places by lot take any. All learn \
             equally long, and quality is the peak signal-to-noise ratio on unseen digits.",
            "What the toy shows clearly is that shrinking while learning beats cutting after it. That gentle beats hard is a matter of \
             a few tenths of a decibel or less: look at several runs. The paper has convolutional nets and photographs, and also a more even flow of \
             gradients under soft shrinkage. At this size that cannot be told apart, and it is not shown. \
             That a small weight keeps 0.9 is the best of three values, judged on these unseen digits.",
        ],
        formulas: &[
            r"w_i \leftarrow \alpha\, w_i",
            r"\text{for the } s\,n \text{ smallest } |w_i|",
            r"\mathrm{PSNR} = -10 \log_{10} \langle (x - \hat x)^2 \rangle",
        ],
        symbols: &[
            (r"\alpha", "what a small weight keeps of its size"),
            ("s", "the share of the weights of a layer that will go"),
            ("n", "the weights of the layer"),
            (r"\hat x", "the net's answer to a small picture of $x$, ink from 0 to 1"),
        ],
        words: "iss-p iterative soft shrinkage percentage super-resolution upscaling image iterative hard thresholding iht sparse training from scratch psnr decibel wang",
    }
    .told(),
    params: &[&ALPHA, &PICTURE, &KEPT, &EPOCHS, &RUNS],
    metrics: &[
        Metric::new("psnr", "signal to noise (dB)", "How like the truth the answers of the net in training are, cut as it would be."),
        study::LOSS,
        study::LEFT,
        Metric::new("back", "weights come back", "How many weights came back among the largest in the last epoch, as a share of these."),
        study::TRAINED,
    ],
    presets: &[
        Preset::new("Default", "A twentieth of the weights, found gently.", &[]),
        Preset::new("A tenth", "With more weights all are better, and closer to each other.", &[("kept", "0.1")]),
        Preset::new("Guillotine", "Soft shrinkage that leaves nothing is hard thresholding.", &[("alpha", "0")]),
        Preset::new("Too gentle", "If small weights keep nearly all, the cut comes as a shock.", &[("alpha", "0.99")]),
        Preset::new("All", "From a tenth to a hundredth of the weights, once each.", &[("kept", "each")]),
    ],
    steps: MOST_STEPS,
    log_steps: false,
    pace: 0.0,
    thumbnail: STRIP,
    files: |_| vec![&SMALL_DIGITS],
    start: begin,
};

const STRIP: usize = 0;

/// Descents in a step.
const BATCHES: usize = 3;
/// Of five runs at three shares.
const MOST_STEPS: u64 = 20_650;
const WIDTHS: [usize; 4] = [16, 256, 256, 64];
/// Pixels of a side.
const SIDE: usize = 8;
/// Digits of the strip.
const DRAWN: usize = 5;

/// Shares of weights that are left.
const SHARES: [f64; 4] = [0.1, 0.05, 0.01, 1.0];
const TENTH: usize = 0;
const TWENTIETH: usize = 1;
const ALL: usize = 3;

/// In the order of [`WAYS`].
const ARMS: [&str; WAYS.len()] =
    ["soft shrinkage", "hard thresholding", "cut after training", "places by lot", "whole net"];
const SOFT: usize = Way::Soft as usize;
const HARD: usize = Way::Hard as usize;
const AFTER: usize = Way::After as usize;
const LOT: usize = Way::Lot as usize;
const WHOLE: usize = Way::Whole as usize;

/// What no step changes.
struct Setting {
    train: Zoom,
    test: Zoom,
    /// What is to be added to the plain enlargements of the former.
    missing: Mat,
    rng: Rng,
    epochs: usize,
    /// The signal-to-noise ratio of the plain enlargement.
    plain: f64,
}

#[derive(Clone)]
struct SoftShrinkage {
    setting: Rc<Setting>,
    ways: SparseWays,
    /// A place is a share of the weights.
    study: Study,
    trial: Trial,
    psnr: f64,
    /// The digits of the strip and then the one that is picked, and answers of the net in training to them.
    drawn: Rc<Zoom>,
    answers: Vec<f32>,
    /// Answers of nets that are trained to the one that is picked.
    rivals: Vec<f32>,
    alpha: Dial<f64>,
    picture: usize,
}

fn begin(start: &Start) -> Begun {
    let values = start.values;
    let split = small_ink(start.inputs.file(&SMALL_DIGITS), &mut start.rng.stream("split"))
        .map_err(|error| vec![Fault::new(SMALL_DIGITS.name, "", &error.to_string())])?;
    let (train, test) = (Zoom::new(split.train.inputs), Zoom::new(split.test.inputs));
    let chosen = values.option(&KEPT);
    let places = (0..ALL).filter(|place| chosen == ALL || chosen == *place);
    let cells = places.enumerate().flat_map(|(i, place)| {
        // The whole net comes first: one of the others is cut from it.
        let whole = (i == 0).then_some((WHOLE, ALL));
        whole.into_iter().chain([SOFT, AFTER, LOT, HARD].map(|arm| (arm, place)))
    });
    let study = Study::new(&ARMS, &SHARES, cells, values.int(&RUNS));
    let epochs = values.int(&EPOCHS);
    let mut run = SoftShrinkage {
        ways: SparseWays::new(Sparsifying::new(&WIDTHS, train.small.rows, epochs, start.rng.stream("none"))),
        trial: study.now(),
        study,
        psnr: 0.0,
        drawn: Rc::new(test.some([])),
        answers: Vec::new(),
        rivals: Vec::new(),
        alpha: Dial::new(values.float(&ALPHA)),
        picture: 0,
        setting: Rc::new(Setting {
            missing: train.missing(),
            plain: peak_ratio(&test.plain.data, &test.large.data),
            train,
            test,
            rng: start.rng.clone(),
            epochs,
        }),
    };
    run.take_up();
    run.pick(values.int(&PICTURE) - 1);
    Ok(Box::new(run))
}

impl SoftShrinkage {
    /// Begins the training whose turn it is.
    fn take_up(&mut self) {
        self.trial = self.study.now();
        let Trial { run, arm, place } = self.trial;
        let chance = self.setting.rng.child(&format!("run {run}"));
        self.ways.begin(WAYS[arm], SHARES[place], (&chance, place));
        self.ask();
    }

    /// Asks the net in training all that it has not seen, cut as it would be.
    fn ask(&mut self) {
        let test = &self.setting.test;
        let answers = test.with(self.ways.net.pupil.outputs(test.small.as_ref()));
        self.psnr = peak_ratio(&answers, &test.large.data);
    }

    /// Asks it what is drawn.
    fn look(&mut self) {
        self.answers = self.drawn.with(self.ways.net.pupil.outputs(self.drawn.small.as_ref()));
    }

    /// Asks nets that are trained for the digit that is picked; of those that are not yet there stands the plain enlargement.
    fn compare(&mut self) {
        let picked = self.drawn.some([DRAWN]);
        let answer = |arm| match self.ways.answers(arm, picked.small.as_ref()) {
            Some(added) => picked.with(added),
            None => picked.plain.data.clone(),
        };
        self.rivals = [LOT, AFTER, HARD, SOFT].map(answer).concat();
    }

    /// Picks a digit.
    fn pick(&mut self, picture: usize) {
        let test = &self.setting.test;
        self.picture = picture.min(test.small.rows.saturating_sub(1));
        self.drawn = Rc::new(test.some((0..DRAWN).chain([self.picture])));
        self.look();
        self.compare();
    }

    fn decibels(&self, arm: usize) -> String {
        self.ways.lines[arm].last().map_or("not yet".into(), |[_, psnr]| format!("{} dB", fixed(f64::from(*psnr), 2)))
    }
}

/// The name of a share of the weights.
fn name(place: usize) -> String {
    format!("{} of the weights", percent(SHARES[place], 0))
}

/// Pictures side by side; what has none stays empty.
fn paste<'a>(slot: &mut [f32], pictures: impl IntoIterator<Item = &'a [f32]>) {
    slot.fill(-1.0);
    slot.chunks_exact_mut(SIDE * SIDE).zip(pictures).for_each(|(place, picture)| place.copy_from_slice(picture));
}

impl Experiment for SoftShrinkage {
    fn figures(&self, figures: &mut Figures) {
        let (setting, ways, Trial { run, arm, place }) = (&self.setting, &self.ways, self.trial);
        let (pixels, epochs) = (SIDE * SIDE, setting.epochs);
        let pictures = |names: Vec<String>| Shape::Glyphs(Glyphs::new(SIDE, SIDE, names));
        let three =
            |i: usize| [self.drawn.plain.row(i), &self.answers[i * pixels..][..pixels], self.drawn.large.row(i)];
        let along = || Axis::linear("epochs of the training", 0.0, epochs as f64);
        let ratio = || Axis::linear("decibels", 12.0, 18.0);

        let strip =
            (0..DRAWN).flat_map(|i| ["small", "answer", "truth"].map(|what| format!("digit {}, {what}", i + 1)));
        let title = "Small picture, answer of the net in training, truth";
        figures
            .picture(title, Place::Full, pictures(strip.collect()), |slot| paste(slot, (0..DRAWN).flat_map(three)))
            .caption(|| {
                let (run, name, psnr) = (self.study.run(run), name(place), fixed(self.psnr, 2));
                format!("{run}: {} with {name}, {psnr} dB on all unseen digits.", ARMS[arm])
            });

        let line = |arm: usize| ways.lines[arm].iter().copied();
        figures
            .chart("Signal to noise on unseen digits, in decibels", Place::Main, along(), ratio())
            .curves(&ARMS[..WHOLE], epochs, line)
            .reference(ARMS[WHOLE], epochs, line(WHOLE))
            .level("plain enlargement", (0.0, epochs as f64), setting.plain)
            .caption(|| {
                let [soft, hard, after] = [SOFT, HARD, AFTER].map(|arm| self.decibels(arm));
                let plain = fixed(setting.plain, 2);
                format!("Soft {soft}, hard {hard}, cut after training {after}. The plain enlargement has {plain} dB.")
            });

        let names = ["Small", "Answer", "Truth"].map(str::to_owned);
        figures
            .picture("The digit you picked", Place::Side, pictures(names.into()), |slot| paste(slot, three(DRAWN)))
            .caption(|| {
                let [plain, answer, truth] = three(DRAWN);
                let [plain, answer] = [plain, answer].map(|picture| fixed(peak_ratio(picture, truth), 1));
                format!("Digit {}: the plain enlargement has {plain} dB, the answer {answer} dB.", self.picture + 1)
            });

        let share = Axis::log("share of those left, log scale", 1e-4, 0.5);
        let back = |arm: usize| ways.came_back(arm).filter(|[_, back]| *back > 0.0);
        figures
            .chart("Weights that have come back", Place::Main, along(), share)
            .curves(&ARMS[..=HARD], epochs, back)
            .caption(|| {
                let said = |arm: usize| {
                    let all = ways.came_back(arm).last();
                    all.map_or("not yet".into(), |[_, back]| percent(f64::from(back), 1))
                };
                let [soft, hard] = [SOFT, HARD].map(said);
                format!("Soft shrinkage {soft}, hard thresholding {hard}, as a share of the weights left.")
            });

        let names = ["By lot", "Cut after", "Hard", "Soft"].map(str::to_owned);
        figures
            .picture("The same digit by rivals", Place::Side, pictures(names.into()), |slot| {
                paste(slot, self.rivals.chunks_exact(pixels));
            })
            .caption(|| match (0..WHOLE).filter(|arm| ways.has_ended(*arm)).count() {
                WHOLE => "Answers of nets whose training is over.".into(),
                known => format!("Of four nets {known} are trained; the others show the plain enlargement."),
            });

        let size = |name| Axis::log(name, f64::from(LEAST), 1.0);
        let sizes = || ways.moved().into_iter();
        figures
            .chart(
                "Sizes of weights now, by what they were five epochs ago",
                Place::Main,
                size("size then, log scale"),
                size("size now, log scale"),
            )
            .clouds(&["large", "went", "came back", "small"], FOLLOWED, |i| ways.crossing(i < 2, i % 2 == 0))
            .reference("line now", 2, sizes().flat_map(|[_, now]| [[LEAST, now.limit], [1.0, now.limit]]))
            .reference("line then", 2, sizes().flat_map(|[then, _]| [[then.limit, LEAST], [then.limit, 1.0]]))
            .caption(|| match ways.moved() {
                Some([then, _]) => {
                    let (count, [went, back]) =
                        (then.some.len(), [(true, false), (false, true)].map(|(was, is)| ways.crossing(was, is).count()));
                    let when = if ways.has_shrunk() { ", when places were fixed" } else { "" };
                    format!("{count} weights of the middle layer{when}. What is above its line would stay: {went} went below, {back} came back.")
                }
                None => "Weights of the middle layer, once two epochs are over.".into(),
            });

        let shares = Axis::log("share of the weights left, log scale", 0.01, 1.0);
        figures.chart("After training, over all runs", Place::Side, shares, ratio()).studied(&self.study, name);
    }

    fn step(&mut self) -> Status {
        let setting = Rc::clone(&self.setting);
        if self.ways.net.is_over() {
            self.take_up();
        }
        for _ in 0..BATCHES {
            if !self.ways.net.is_over() {
                self.ways.net.descend(setting.train.small.as_ref(), setting.missing.as_ref(), self.alpha.now);
                if let Some(epoch) = self.ways.net.ended() {
                    self.ask();
                    self.ways.note(epoch, self.psnr);
                }
            }
        }
        let mut status = Status::Running;
        if self.ways.net.is_over() {
            self.ways.end();
            self.compare();
            status = self.study.add(self.psnr);
        }
        self.look();
        status
    }

    fn due(&self) -> Option<u64> {
        Some(self.study.steps(|arm, _| self.ways.net.takes(WAYS[arm]).div_ceil(BATCHES).max(1)))
    }

    fn measure(&self, out: &mut [f32]) {
        let Sparsifying { pupil, .. } = &self.ways.net;
        let left = pupil.mask.density(&pupil.net);
        fill(out, [self.psnr, pupil.loss, left, self.ways.back(), self.study.done() as f64]);
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        if param.is(&ALPHA) {
            return self.alpha.turn(values.float(&ALPHA));
        }
        self.pick(values.int(&PICTURE) - 1);
        Live::only(param, &[&PICTURE])
    }

    fn claims(&self) -> Vec<Claim> {
        let usual = self.alpha.steady && (self.alpha.now - 0.9).abs() < 1e-6 && self.setting.epochs >= 20;
        let gap = |says: &str, place: usize, than: usize, least: f64, tolerance: f64, text: &str| {
            let claim =
                Claim::new(says, SOURCE).expect(least, f64::INFINITY, text).on((-0.5, "−0.5 dB"), (1.5, "1.5 dB"));
            let both = self.study.mean((SOFT, place)).zip(self.study.mean((than, place)));
            let ahead =
                both.map(|(soft, other)| (soft - other, format!("{} against {} dB", fixed(soft, 2), fixed(other, 2))));
            Claim { tolerance, ..claim.found(ahead, study::NOT_YET) }
                .only_if(usual, "This is about small weights that keep 0.9 of their size, in 20 epochs or more.")
                .press_unless(
                    self.study.cells().contains(&(SOFT, place)),
                    if place == TENTH { "A tenth" } else { "Default" },
                    &format!("this is about {}.", name(place)),
                )
        };
        let better = "at least 0.2 dB better";
        // A mean of a few runs on 500 digits is known to a few hundredths.
        let no_worse = "no worse, but for 0.02 dB";
        vec![
            gap("At 5 % shrinking while learning beats cutting after it.", TWENTIETH, AFTER, 0.2, 0.0, better),
            gap("At 5 % gently is no worse than at once.", TWENTIETH, HARD, 0.0, 0.02, no_worse),
            gap("At 10 % shrinking while learning beats cutting after it.", TENTH, AFTER, 0.2, 0.0, better),
            gap("At 10 % gently is no worse than at once.", TENTH, HARD, 0.0, 0.02, no_worse),
        ]
    }
}

const SOURCE: &str = "Wang et al. 2023";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{lab::Verdict, session::follow};

    #[test]
    fn without_the_gentle_part_soft_is_hard() {
        let session = follow("id=soft-shrinkage&seed=1&runs=1&epochs=5&alpha=0", MOST_STEPS);
        assert!(session.ended().is_some());
        assert!(session.claims().iter().all(|claim| claim.verdict() == Verdict::NotHere));
        assert!(session.metrics()[0] > 13.0 && session.metrics()[3] < 1e-3, "{:?}", session.metrics());
    }
}
