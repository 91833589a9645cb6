//! Lottery jackpots (Zhang, Lin, Xu, Chao and Ji 2021): in a trained net whose weights are frozen, a mask is searched for, beside
//! training the weights that are left.
//!
//! A step is an epoch of the small digits. First the whole net is trained; then, for more and more epochs, masks are searched from two
//! starts and weights are tuned, each from the beginning.
use crate::{
    lab::{
        Axis, Begun, Claim, DATA, Entry, Experiment, Fields, Figures, Live, Metric, NO_THIRD_SET, Paper, Param, Place,
        Preset, Prose, Setup, Start, Status, Values, Wing, fill, sample_files,
        study::{self, Study, Trial},
    },
    math::decimal::percent,
    model::{
        learning::training::{Recipe, Training},
        pruning::{mask::Mask, score, search, select, trainee::Trainee},
    },
};
use std::rc::Rc;

static DENSITY: Param = Param::share(
    "density",
    "Weights left",
    (0.02, 0.1, 0.5),
    "The share of all weights that a mask has. Each layer gets what the largest weights of all would give it.",
)
.ends("few", "half");
static SHOWN: Param = Param::choice(
    "shown",
    "Show",
    &[("found", "The mask"), ("moved", "What the search changed")],
    "The weights of the first layer that are left, or where the search put weights in (above 0) and took them out (below).",
);
static RUNS: Param = study::runs(2);

pub static ENTRY: Entry = Entry {
    id: "lottery-jackpots",
    wing: Wing::Pruning,
    prose: Prose {
        title: "The jackpot in a frozen net",
        paper: Some(Paper {
            title: "Lottery Jackpots Exist in Pre-trained Models",
            authors: "Zhang, Lin, Xu, Chao and Ji",
            year: 2021,
            link: "https://arxiv.org/abs/2104.08700",
        }),
        card: "Nine tenths gone, no weight changed, and it reads again.",
        lead: "Watch the curve jump within one epoch of search: no weight is trained, only chosen.",
        about: &[
            "A trained net is cut to a tenth of its weights and reads badly. The usual cure is to train what is left. Here the \
             weights are frozen for good, and only the choice is learnt: a weight that would help comes in, and one that helps \
             least goes out. After one epoch the net reads nearly as well as before.",
            "So the trained net held a small net that works, and it can be found without changing a single weight. Each weight has \
             a worth. It is learnt like a weight, as if the weight were there in proportion to it; those that are worth most are there.",
            "Where the search begins matters. The largest weights are a good guess, and most of them stay. From random places the \
             search needs many epochs for what the guess has after one. The mask that it finds has more of the largest weights in it \
             than it began with.",
            "The fewer weights are left, the more must be trained. With a twentieth of them the search still helps a lot, but \
             training the weights is better: set 5 % and see.",
            NO_THIRD_SET,
        ],
        formulas: &[
            r"\tilde W = W \odot M, \qquad M_i = 1 \text{ where } s_i \text{ is among the largest}",
            r"s_i \leftarrow s_i - \eta\, W_i \frac{\partial L}{\partial \tilde W_i}",
        ],
        symbols: &[
            ("W", "the weights, which stay as they are"),
            ("M", "the mask, with as many weights in each layer all along"),
            ("s", "what each weight is worth"),
            ("L", "the loss"),
        ],
        words: "lottery jackpots frozen weights mask search straight-through supermask pre-trained scores edge popup pruning fine-tuning",
    }
    .told(),
    params: &[&DENSITY, &SHOWN, &RUNS, &DATA],
    metrics: &[
        study::RIGHT,
        study::LOSS,
        Metric::new("same", "largest weights", "The share of the mask that is among the largest weights."),
        Metric::new("swapped", "weights swapped", "How many weights came in for others in this epoch of the search."),
        study::TRAINED,
    ],
    presets: &[
        Preset::new("Default", "A tenth of the weights: choosing does what training does.", &[]),
        Preset::new("A twentieth", "With fewer weights left, training them is better.", &[("density", "0.05"), ("runs", "1")]),
        Preset::new("What moved", "Where the search put weights in and took them out.", &[("shown", "moved"), ("runs", "1")]),
        Preset::new("Signals", "A task that is hard.", &[("data", "signals"), ("density", "0.2"), ("runs", "1")]),
    ],
    steps: MOST_STEPS,
    log_steps: false,
    pace: 0.0,
    thumbnail: RACE,
    files: sample_files,
    start: begin,
};

const RACE: usize = 0;

/// Descents in a step.
const BATCHES: usize = 21;
/// Of five runs of signals.
const MOST_STEPS: u64 = 2070;
/// Epochs of the first training, and those of searches and tunings.
const WHOLE_EPOCHS: usize = 30;
const EPOCHS: [usize; 4] = [0, 1, 5, 20];

const ARMS: [&str; 4] = ["search from the largest", "search from chance", "weights trained", "whole net"];
const LARGEST: usize = 0;
const CHANCE: usize = 1;
const TUNED: usize = 2;
const WHOLE: usize = 3;

/// The whole net first, then each arm for more and more epochs.
const CELLS: [(usize, usize); 13] = [
    (WHOLE, 3),
    (LARGEST, 0),
    (CHANCE, 0),
    (TUNED, 0),
    (LARGEST, 1),
    (CHANCE, 1),
    (TUNED, 1),
    (LARGEST, 2),
    (CHANCE, 2),
    (TUNED, 2),
    (LARGEST, 3),
    (CHANCE, 3),
    (TUNED, 3),
];

/// What no step changes.
struct Setting {
    setup: Setup,
    density: f64,
}

#[derive(Clone)]
struct LotteryJackpots {
    setting: Rc<Setting>,
    /// The net and its mask. Its training is of the weights, or of what they are worth.
    trainee: Trainee,
    /// A place is a number of epochs.
    study: Study,
    /// What is in training.
    trial: Trial,
    /// The weights after the first training of this run, and the mask of the largest.
    frozen: Rc<Vec<f32>>,
    largest: Rc<Mask>,
    swapped: usize,
    /// What the searches have of the largest weights, at each epoch of the longest one in this run.
    same: [Vec<f32>; 2],
    shown: usize,
}

fn begin(start: &Start) -> Begun {
    let values = start.values;
    let setup = Setup::new(start)?;
    let trainee = Trainee::new(&[setup.inputs(), 256, 128, 10], start.rng.stream("none"));
    let study = Study::new(&ARMS, &EPOCHS.map(|epochs| epochs as f64), CELLS, values.int(&RUNS));
    let mut run = LotteryJackpots {
        setting: Rc::new(Setting { setup, density: values.float(&DENSITY) }),
        trial: study.now(),
        study,
        frozen: Rc::default(),
        largest: Rc::clone(&trainee.mask),
        trainee,
        swapped: 0,
        same: [Vec::new(), Vec::new()],
        shown: values.option(&SHOWN),
    };
    run.take_up();
    Ok(Box::new(run))
}

impl LotteryJackpots {
    /// Begins the training whose turn it is.
    fn take_up(&mut self) {
        self.trial = self.study.now();
        let Trial { run, arm, place } = self.trial;
        let chance = self.setting.setup.chance(run);
        let net = &self.trainee.net;
        let full = Rc::new(Mask::full(net));
        let order = chance.stream(&format!("order {} {place}", ARMS[arm]));
        self.swapped = 0;
        match arm {
            WHOLE => {
                let drawn = net.draw(&mut chance.stream("weights"));
                self.largest = Rc::clone(&full);
                self.trainee.begin(drawn, full, Recipe::usual(WHOLE_EPOCHS), order);
                self.same = [Vec::new(), Vec::new()];
            }
            TUNED => {
                self.trainee.begin(self.frozen.to_vec(), Rc::clone(&self.largest), Recipe::usual(EPOCHS[place]), order);
            }
            _ => {
                let mask = if arm == LARGEST {
                    Rc::clone(&self.largest)
                } else {
                    Rc::new(select::by_lot(net, &self.largest.counts(net), &mut chance.stream("places")))
                };
                self.trainee.training = Training::new(search::worths(net, &mask), search::recipe(EPOCHS[place]), order);
                self.trainee.mask = mask;
            }
        }
    }

    fn searches(&self) -> bool {
        matches!(self.trial.arm, LARGEST | CHANCE)
    }

    /// The weights as the net that is in training uses them.
    fn used(&self) -> Vec<f32> {
        let mut used = if self.searches() { self.frozen.to_vec() } else { self.trainee.training.numbers.clone() };
        self.trainee.mask.cut(&mut used);
        used
    }

    /// The share of the mask that is among the largest weights.
    fn same(&self) -> f64 {
        let net = &self.trainee.net;
        let all: usize = self.trainee.mask.counts(net).iter().sum();
        self.trainee.mask.shared(&self.largest, net) as f64 / all.max(1) as f64
    }

    /// What it would be if as many weights in each layer were at random places.
    fn by_chance(&self) -> f64 {
        let net = &self.trainee.net;
        let shares = net.layers().iter().map(|layer| {
            let count = self.largest.count(layer) as f64;
            (count * count / (layer.inputs * layer.units) as f64, count)
        });
        let (same, all) = shares.fold((0.0, 0.0), |sum, share| (sum.0 + share.0, sum.1 + share.1));
        same / f64::max(all, 1.0)
    }
}

impl Experiment for LotteryJackpots {
    fn figures(&self, figures: &mut Figures) {
        let Trainee { net, mask, .. } = &self.trainee;
        let (layer, longest) = (net.layers()[0], EPOCHS[3]);
        let (density, fields) = (percent(mask.density(net), 1), Fields::of(layer.inputs, layer.units));
        let along = || Axis::linear("epochs of search or training", 0.0, longest as f64);

        let title = "Test examples right, by how long it was searched or trained";
        figures
            .chart(title, Place::Main, along(), study::share_right())
            .studied(&self.study, |place| format!("{} epochs", EPOCHS[place]));

        figures
            .fields("The first layer", fields, || {
                let mut numbers = self.used();
                if self.shown == 1 {
                    let side = |there: bool| if there { 1.0 } else { 0.0 };
                    let moved = |place: usize| side(mask.keeps(place)) - side(self.largest.keeps(place));
                    numbers.iter_mut().enumerate().for_each(|(place, x)| *x = moved(place));
                }
                numbers[layer.weights()].to_vec()
            })
            .caption(|| match self.shown {
                1 => "A tile is a unit, a cell a weight: it came in (adds) or went out (takes away) since the largest were chosen."
                    .into(),
                _ => format!("A tile is a unit, a cell its weight to one input: {density} of all weights are there."),
            });

        let line = |side: usize| (0_usize..).zip(self.same[side].iter().copied());
        figures
            .chart(
                "How much of the mask is among the largest weights",
                Place::Main,
                along(),
                Axis::linear("share of the mask", 0.0, 1.0),
            )
            .curves(&ARMS[..TUNED], longest + 1, line)
            .level("by chance", (0.0, longest as f64), self.same[0].first().map(|_| self.by_chance()))
            .caption(|| match self.same.each_ref().map(|line| line.last()) {
                [Some(largest), Some(chance)] => {
                    let [largest, chance] = [largest, chance].map(|same| percent(f64::from(*same), 1));
                    let alone = percent(self.by_chance(), 1);
                    format!(
                        "From the largest {largest} stay. From chance it comes to {chance}; chance alone has {alone}."
                    )
                }
                _ => "It is followed in the longest search.".into(),
            });

        figures
            .view(fields.uses("Which inputs are used"), |slot| mask.count_inputs(&layer, slot))
            .caption(|| format!("How many of its weights each input has, with {density} of all."));
    }

    fn step(&mut self) -> Status {
        let setting = Rc::clone(&self.setting);
        let (train, test) = (setting.setup.train(), setting.setup.test());
        if self.trainee.training.is_over(train.1.len()) {
            self.take_up();
        }
        let Trial { arm, place, .. } = self.trial;
        self.swapped = 0;
        if self.searches() {
            let Trainee { net, mask, training, loss, .. } = &mut self.trainee;
            let mask = Rc::make_mut(mask);
            for _ in 0..BATCHES {
                if !training.is_over(train.1.len()) {
                    let (swapped, now) = search::step(net, &self.frozen, mask, training, train);
                    (self.swapped, *loss) = (self.swapped + swapped, now);
                }
            }
        } else {
            self.trainee.learn(train, BATCHES);
        }
        let used = self.used();
        self.trainee.ask_as(&used, test);
        let longest = place == EPOCHS.len() - 1;
        if longest && self.searches() {
            let at = self.trainee.training.progress(train.1.len()) * EPOCHS[place] as f64;
            let same = self.same() as f32;
            let line = &mut self.same[arm];
            if at + 1e-9 >= line.len() as f64 {
                line.push(same);
            }
        }
        if !self.trainee.training.is_over(train.1.len()) {
            return Status::Running;
        }
        if arm == WHOLE {
            self.frozen = Rc::new(self.trainee.training.numbers.clone());
            let sizes = score::magnitude(&self.frozen);
            self.largest = Rc::new(select::share(&self.trainee.net, &sizes, setting.density));
        }
        self.study.add(self.trainee.accuracy)
    }

    fn due(&self) -> Option<u64> {
        let examples = self.setting.setup.examples();
        let steps = |epochs: usize| Recipe::usual(epochs).all_steps(examples).div_ceil(BATCHES).max(1);
        Some(self.study.steps(|arm, place| steps(if arm == WHOLE { WHOLE_EPOCHS } else { EPOCHS[place] })))
    }

    fn measure(&self, out: &mut [f32]) {
        fill(
            out,
            [self.trainee.accuracy, self.trainee.loss, self.same(), self.swapped as f64, self.study.done() as f64],
        );
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        self.shown = values.option(&SHOWN);
        Live::only(param, &[&SHOWN])
    }

    fn claims(&self) -> Vec<Claim> {
        let gap = |says: &str, a, b, least, density: f64| {
            let gap = self.study.gap(says, SOURCE, a, b, least).only_if(self.setting.setup.digits, study::OF_DIGITS);
            let preset = if density < 0.1 { "A twentieth" } else { "Default" };
            study::at_density(gap, self.setting.density, density, preset)
        };
        vec![
            gap("One epoch of choosing makes a cut net read again.", (LARGEST, 1), (LARGEST, 0), 0.1, 0.1),
            gap("Twenty epochs bring it to the whole net.", (LARGEST, 3), (WHOLE, 3), -0.02, 0.1),
            gap("Choosing does as well as training the weights that are left.", (LARGEST, 3), (TUNED, 3), -0.02, 0.1),
            gap(
                "The largest weights are a better start than chance: after an epoch.",
                (LARGEST, 1),
                (CHANCE, 1),
                0.0,
                0.1,
            ),
            gap("And after five.", (LARGEST, 2), (CHANCE, 2), 0.0, 0.1),
            gap("At 5 % an epoch of choosing helps even more.", (LARGEST, 1), (LARGEST, 0), 0.3, 0.05),
        ]
    }
}

const SOURCE: &str = "Zhang et al. 2021";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{lab::Verdict, session::follow};

    #[test]
    #[ignore = "long: ./build.sh test --long"]
    fn choosing_does_what_training_does() {
        let session = follow("id=lottery-jackpots&seed=1&runs=1", MOST_STEPS);
        assert!(session.ended().is_some());
        for claim in &session.claims()[..5] {
            assert_eq!(claim.verdict(), Verdict::Agrees, "{claim:?}");
        }
    }

    #[test]
    fn a_search_changes_no_weight_and_no_layer_s_number() {
        let mut session = follow("id=lottery-jackpots&seed=2&runs=1&density=0.05", 31);
        let start = session.metrics();
        session.advance(4);
        let later = session.metrics();
        assert!((start[2] - 1.0).abs() < 1e-6 && later[2] < 1.0, "{start:?} {later:?}");
    }
}
