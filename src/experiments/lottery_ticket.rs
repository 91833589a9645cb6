//! The lottery ticket (Frankle and Carbin 2019): a net is trained, its smallest weights are cut, what is left goes back to
//! where it began and is trained again, round after round; and at some rounds the controls that tell what of it matters.
//!
//! A step is 21 batches: an epoch of the small digits. One net after another is trained, run by run and round by round.
use crate::{
    lab::{
        Axis, Begun, Claim, DATA, Entry, Experiment, Fields, Figures, Live, NO_THIRD_SET, Paper, Param, Place, Preset,
        Prose, Setup, Start, Status, Values, Wing, fill, sample_files,
        study::{self, STARTS, Study, Trial},
    },
    math::decimal::percent,
    model::{
        learning::training::Recipe,
        pruning::{
            ratio, schedule, select, start,
            tickets::{Cutting, Tickets},
            trainee::Trainee,
        },
    },
};
use std::rc::Rc;

static FEWER: Param = Param::float(
    "fewer",
    "Look at",
    (1.0, 17.0, 150.0),
    "How many times fewer weights than at first: the round whose ticket is shown. Drag it along the chart.",
)
.ends("all weights", "hardly any");
static SCOPE: Param = Param::choice(
    "scope",
    "Cut the smallest",
    &[("net", "Of the net"), ("layer", "Of each layer")],
    "The smallest weights of all, or as large a share of every layer.",
);
static REMOVED: Param = Param::share(
    "removed",
    "Cut at a round",
    (0.1, 0.3, 0.6),
    "The share of the weights left that goes at each round.",
)
.ends("few", "most");
static ROUNDS: Param = Param::int("rounds", "Rounds", (1, 12, 14), "How often it is cut and trained again.");
static REWIND: Param = Param::int(
    "rewind",
    "Rewind to epoch",
    (0, 0, 5),
    "Where the weights that are left go back to: their start, or where they were after some epochs.",
);
static EPOCHS: Param = study::epochs(12);
static RUNS: Param = study::runs(3);

pub static ENTRY: Entry = Entry {
    id: "lottery-ticket",
    wing: Wing::Pruning,
    prose: Prose {
        title: "The winning ticket",
        paper: Some(Paper {
            title: "The Lottery Ticket Hypothesis: Finding Sparse, Trainable Neural Networks",
            authors: "Frankle and Carbin",
            year: 2019,
            link: "https://arxiv.org/abs/1803.03635",
        }),
        card: "A seventeenth of the weights learns nearly as well: the right ones.",
        lead: "Watch the rounds go by. Then drag along the chart to see which weights are left.",
        about: &[
            "A net learns to read digits. Its smallest weights are cut, the others go back to the values they began with, and it \
             learns again. After eight rounds a seventeenth of the weights is left, and it reads nearly as well as the whole: a \
             winning ticket, which was in the net from the start.",
            "What makes it win: the choice of weights, or their values? The controls tell. The same mask with newly drawn values \
             learns a little worse. As many weights at random places, with as many in each layer, learn much worse, and so do as many with the same share of each. Cut all \
             at once instead of in rounds, the choice is worse too. So most of a ticket is its mask, and the values \
             matter more the fewer they are.",
            "The controls must be fair. A unit that has lost most of its inputs begins with too weak a sum, and a net of such \
             units does not learn at all. Here newly drawn weights under a mask are made stronger to make up for that. With plain \
             starts the gap looks several times as large, and it is not the ticket's doing.",
            "The receptive fields show what the net has no use for: pixels at the border, which are blank in every digit, are \
             cut first.",
            "This is a small net on small digits. In large nets the weights have to go back to a little after their start, not \
             to the start itself; here it makes no difference.",
            NO_THIRD_SET,
        ],
        formulas: &[
            r"d_r = (1 - p)^r, \qquad W \leftarrow M \odot W_0",
            r"\text{fair: } W_{ij} \leftarrow W_{ij} \sqrt{n / n_i}",
        ],
        symbols: &[
            ("d_r", "the share of weights that is left after round $r$"),
            ("p", "the share of those left that is cut at a round"),
            ("M", "the mask: 1 where a weight is left, 0 where not"),
            ("W_0", "the weights at the start"),
            ("n, n_i", "inputs of a layer, and those that its unit $i$ has left"),
        ],
        words: "lottery ticket hypothesis iterative magnitude pruning imp rewinding sparse mask reinitialization random mask one-shot frankle carbin winning ticket controls digits",
    }
    .told(),
    params: &[&FEWER, &STARTS, &REMOVED, &ROUNDS, &SCOPE, &REWIND, &EPOCHS, &RUNS, &DATA],
    metrics: &study::IN_TRAINING,
    presets: &[
        Preset::new("Default", "A ticket, its mask with other values, and masks at random.", &[]),
        Preset::new("Plain starts", "Controls that cannot learn make any ticket look good.", &[("starts", "plain")]),
        Preset::new("Cut hard", "Six in ten go at a round: quick, and the tickets are worse.", &[("removed", "0.6"), ("rounds", "5")]),
        Preset::new("Layer by layer", "Every layer loses as much, also the one that cannot spare it.", &[("scope", "layer")]),
        Preset::new("Signals", "On a task that is hard, sparse nets do better than the whole.", &[("data", "signals"), ("rounds", "8"), ("runs", "1")]),
    ],
    steps: MOST_STEPS,
    log_steps: false,
    pace: 0.0,
    thumbnail: RACE,
    files: sample_files,
    start: begin,
};

const RACE: usize = 0;

/// Descents in a step: an epoch of the small digits.
const BATCHES: usize = 21;
/// Of five runs, 14 rounds and 30 epochs of signals, with all controls.
const MOST_STEPS: u64 = 15_750;
/// Rounds at which the controls are trained too.
const CONTROLLED: [usize; 5] = [5, 8, 10, 12, 14];

const ARMS: [&str; 5] = ["ticket", "its mask, new values", "cut at once", "random places", "random, layers alike"];
/// What is left after the rounds, from where it began.
const TICKET: usize = 0;
/// The same mask with newly drawn weights.
const REDRAWN: usize = 1;
/// As many weights as the ticket, cut at once after the first training.
const ONCE: usize = 2;
/// As many in each layer as the ticket, at random places. The last arm has as many in all, and the same share of each layer.
const RANDOM: usize = 3;

/// What no step changes.
struct Whole {
    setup: Setup,
    recipe: Recipe,
    cutting: Cutting,
    rounds: usize,
    rewind: usize,
    fair: bool,
}

#[derive(Clone)]
struct LotteryTicket {
    whole: Rc<Whole>,
    trainee: Trainee,
    runs: Vec<Tickets>,
    /// A place is a round: how many times fewer weights there are.
    study: Study,
    /// At each round, what tickets have in common so far: a frame asks for all of it.
    overlaps: Vec<Option<(f64, f64)>>,
    fewer: f64,
}

fn begin(start: &Start) -> Begun {
    let values = start.values;
    let setup = Setup::new(start)?;
    let (rounds, removed) = (values.int(&ROUNDS), values.float(&REMOVED));
    let fewer: Vec<f64> = (0..=rounds).map(|round| 1.0 / schedule::after_rounds(removed, round as u32)).collect();
    let arms = |round: usize| 0..if CONTROLLED.contains(&round) { ARMS.len() } else { 1 };
    let cells = (0..=rounds).flat_map(|round| arms(round).map(move |arm| (arm, round)));
    let widths = if setup.digits { [64, 128, 64, 10] } else { [40, 128, 128, 10] };
    let mut run = LotteryTicket {
        study: Study::new(&ARMS, &fewer, cells, values.int(&RUNS)),
        runs: vec![Tickets::default(); values.int(&RUNS)],
        whole: Rc::new(Whole {
            setup,
            recipe: Recipe::usual(values.int(&EPOCHS)),
            cutting: Cutting { removed, by_layer: values.choice(&SCOPE) == "layer" },
            rounds,
            rewind: values.int(&REWIND),
            fair: values.choice(&STARTS) == "fair",
        }),
        trainee: Trainee::new(&widths, start.rng.stream("none")),
        overlaps: vec![None; rounds + 1],
        fewer: values.float(&FEWER),
    };
    run.take_up();
    Ok(Box::new(run))
}

impl LotteryTicket {
    /// Begins the training whose turn it is.
    fn take_up(&mut self) {
        let Trial { run, arm, place: round } = self.study.now();
        let (net, whole) = (&self.trainee.net, Rc::clone(&self.whole));
        let chance = whole.setup.chance(run);
        if round == 0 {
            self.runs[run] = Tickets::new(net, net.draw(&mut chance.stream("weights")));
            self.overlaps[0] = Tickets::in_common(net, &self.runs, 0);
        }
        let mine = &self.runs[run];
        let ticket = &mine.masks[round];
        let counts = ticket.counts(net);
        let at_random =
            |counts: &[usize]| Rc::new(select::by_lot(net, counts, &mut chance.stream(&format!("places {round}"))));
        let mask = match arm {
            TICKET | REDRAWN => Rc::clone(ticket),
            ONCE => Rc::new(mine.at_once(net, round, whole.cutting.by_layer)),
            RANDOM => at_random(&counts),
            _ => at_random(&ratio::uniform(net, ticket.density(net))),
        };
        let rewinds = matches!(arm, TICKET | ONCE);
        let mut numbers =
            if rewinds { mine.rewound.to_vec() } else { net.draw(&mut chance.stream(&format!("weights {round}"))) };
        if whole.fair && !rewinds {
            start::make_up(net, &mut numbers, &mask);
        }
        let order = chance.stream(&format!("order {round} {}", ARMS[arm]));
        self.trainee.begin(numbers, mask, whole.recipe, order);
    }

    /// Cuts the ticket after a training.
    fn put_down(&mut self) {
        let Trial { run, arm, place: round } = self.study.now();
        if arm != TICKET {
            return;
        }
        let (net, numbers) = (&self.trainee.net, &self.trainee.training.numbers);
        self.runs[run].cut(net, numbers, self.whole.cutting);
        if round < self.whole.rounds {
            self.overlaps[round + 1] = Tickets::in_common(net, &self.runs, round + 1);
        }
    }

    /// The round that is looked at, as far as the first run has come.
    fn round(&self) -> usize {
        self.study.nearest(self.fewer).min(self.runs[0].fields.len().saturating_sub(1))
    }

    /// The share of all weights that is left at a round.
    fn density(&self, round: usize) -> String {
        percent(1.0 / self.study.places()[round], 1)
    }
}

impl Experiment for LotteryTicket {
    fn figures(&self, figures: &mut Figures) {
        let (first, round, net) = (&self.runs[0], self.round(), &self.trainee.net);
        let (fewer, density, layer) = (self.study.places(), self.density(round), net.layers()[0]);
        let (rounds, fields) = (fewer.len(), Fields::of(layer.inputs, layer.units));
        let along = || Axis::log("times fewer weights, log scale", 1.0, fewer[rounds - 1].max(2.0)).of(&FEWER);
        let share = |name| Axis::linear(name, 0.0, 1.0);

        figures
            .chart("Test examples right, by how few weights are left", Place::Main, along(), study::share_right())
            .at(self.fewer)
            .studied(&self.study, |round| format!("{} of the weights", self.density(round)));

        // Until the first training is over, those in training.
        let in_training = || &self.trainee.training.numbers[layer.weights()];
        let shown = first.fields.get(round);
        figures
            .fields("What each unit looks for", fields, || shown.map_or_else(in_training, |weights| &weights[..]))
            .caption(|| match shown {
                None => "A tile is a unit of the first layer, a cell its weight to one input, in the first training.".into(),
                Some(_) => format!(
                    "A tile is a unit of the first layer, a cell its weight to one input, after round {round}: {density} of all weights are left."
                ),
            });

        figures
            .chart("The share of each layer that is left", Place::Main, along(), share("share left"))
            .at(self.fewer)
            .curves(&["first layer", "second layer", "last layer"], rounds, |at| {
                fewer.iter().zip(&first.masks).map(move |(x, mask)| (*x, mask.share_of(&net.layers()[at])))
            })
            .caption(|| "The last layer is small and needed, so it is spared. All by the first run.".into());

        figures
            .view(fields.uses("Which inputs are still used"), |slot| first.masks[round].count_inputs(&layer, slot))
            .caption(|| {
                format!("How many weights each input still has after round {round}, of {} at first.", layer.units)
            });

        let overlaps = || fewer.iter().zip(&self.overlaps).filter_map(|(x, found)| Some((*x, (*found)?)));
        figures
            .chart("Do two runs choose the same weights?", Place::Main, along(), share("share in common"))
            .at(self.fewer)
            .curve("tickets of two runs", rounds, overlaps().map(|(x, (shared, _))| (x, shared)))
            .reference("by chance", rounds, overlaps().map(|(x, (_, chance))| (x, chance)))
            .caption(|| match self.overlaps[round] {
                _ if self.runs.len() < 2 => "One run alone cannot be compared.".into(),
                Some((shared, chance)) => format!(
                    "At round {round} two tickets share {} of their weights; with as many in each layer it would be {} by chance.",
                    percent(shared, 1),
                    percent(chance, 1)
                ),
                None => "The second run has not begun yet.".into(),
            });
    }

    fn step(&mut self) -> Status {
        let whole = Rc::clone(&self.whole);
        let Trial { run, place: round, .. } = self.study.now();
        let train = whole.setup.train();
        if self.trainee.training.is_over(train.1.len()) {
            self.take_up();
        }
        let epoch = whole.recipe.steps(train.1.len());
        let mut over = false;
        for _ in 0..BATCHES {
            over = self.trainee.learn(train, 1);
            let training = &self.trainee.training;
            if round == 0 && training.steps() == whole.rewind * epoch {
                self.runs[run].rewound = Rc::new(training.numbers.clone());
            }
        }
        self.trainee.ask(whole.setup.test());
        if !over {
            return Status::Running;
        }
        self.put_down();
        self.study.add(self.trainee.accuracy)
    }

    fn due(&self) -> Option<u64> {
        let steps = self.whole.recipe.all_steps(self.whole.setup.examples());
        Some((self.study.trials() * steps.div_ceil(BATCHES)) as u64)
    }

    fn measure(&self, out: &mut [f32]) {
        fill(out, self.trainee.report().into_iter().chain([self.study.done() as f64]));
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        self.fewer = values.float(&FEWER);
        Live::only(param, &[&FEWER])
    }

    fn claims(&self) -> Vec<Claim> {
        let whole = &self.whole;
        let gap = |says: &str, arm: usize, round: usize, least: f64| {
            let other = if arm == TICKET { (TICKET, 0) } else { (arm, round) };
            self.study
                .gap(says, SOURCE, (TICKET, round), other, least)
                .only_if(whole.setup.digits, study::OF_DIGITS)
                .only_if(
                    (whole.cutting.removed - 0.3).abs() < 1e-6 && !whole.cutting.by_layer,
                    "The numbers are those of 30 % cut at a round, of the whole net.",
                )
                .only_if(whole.recipe.epochs >= 12, study::FEW_EPOCHS)
                .only_if(
                    whole.fair || !matches!(arm, REDRAWN | RANDOM),
                    "Controls that start plain cannot learn: the gap is not the ticket's.",
                )
                .only_if(round <= whole.rounds, "It takes more rounds.")
        };
        vec![
            gap("With half of its weights the net learns as well as with all.", TICKET, 2, -0.01),
            gap("With 5.8 % of them the ticket is nearly as good.", TICKET, 8, -0.03),
            gap("Newly drawn weights under the same mask learn a little worse.", REDRAWN, 8, 0.02),
            gap("The fewer there are, the more their values matter: at 1.4 % too.", REDRAWN, 12, 0.06),
            gap("As many weights at random places learn much worse.", RANDOM, 8, 0.08),
            gap("At 2.8 % they fall far behind.", RANDOM, 10, 0.25),
            gap("Cut in rounds the choice is better than cut at once.", ONCE, 8, 0.01),
        ]
    }
}

const SOURCE: &str = "Frankle and Carbin 2019";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lab::Verdict,
        session::{Session, follow},
    };

    fn run(query: &str) -> Session {
        follow(&format!("id=lottery-ticket&{query}"), 0)
    }

    #[test]
    fn the_ticket_wins_over_fair_controls() {
        let mut session = run("seed=1&runs=1");
        session.seek(MOST_STEPS);
        assert!(session.ended().is_some());
        for claim in session.claims() {
            assert_eq!(claim.verdict(), Verdict::Agrees, "{claim:?}");
        }
    }

    #[test]
    fn budgets_are_exact_and_a_look_elsewhere_moves_nothing() {
        let mut session = run("seed=2&runs=1&epochs=2&rounds=3");
        session.advance(5);
        let density = session.metrics()[2];
        assert!((density - 0.49).abs() < 1e-4, "{density}");
        let before = session.metrics();
        session.set(&[("fewer".into(), "2".into())]).unwrap();
        assert_eq!((session.step(), session.metrics()), (5, before));
    }
}
