//! Dynamic sparse learning (Wang, Sui, Wu, Zheng and Xiong 2024): a recommender of two tables of which only some entries are there.
//! Now and then the smallest go and others come where the gradient is steepest; beside RigL, SET, places that stay, tables with
//! fewer columns and whole ones.
//!
//! A step is an epoch of each of up to six pairs of tables. Each is asked every third epoch, in turn. They are trained at one
//! budget after another, and run after run begins with other entries.
use crate::{
    data::Crowd,
    lab::{
        Axis, Begun, Claim, Dial, Entry, Experiment, Figures, Live, Metric, Paper, Param, Place, Preset, Prose, Shape,
        Start, Status, Values, View, Wing, fill,
        study::{self, Study, Trial},
    },
    math::{
        decimal::{fixed, percent},
        rng::Rng,
    },
    model::pruning::recommending::{ASKED, COLUMNS, DSL, FEWER, FIRST, Market, RIVALS, Recommenders, SET, STAY, WHOLE},
};
use std::array;

static USER: Param = Param::int(
    "person",
    "Person",
    (1, 30, USERS as i64),
    "Whose recommendations are shown: the most active is the first. Drag it along the chart of people.",
);
static SHOWN: Param = Param::choice(
    "shown",
    "Show",
    &[
        ("dsl", "DSL"),
        ("rigl", "RigL"),
        ("set", "SET"),
        ("stay", "Places stay"),
        ("fewer", "Fewer columns"),
        ("whole", "Whole table"),
    ],
    "Whose entries are drawn.",
);
static MOVED: Param = Param::share(
    "moved",
    "Moved at a time",
    (0.0, 0.5, 0.9),
    "The share of entries that move at first under DSL and SET. It falls to nearly nothing at the end. It holds from the step on at \
     which you move it.",
)
.ends("none", "most");
static DENSITY: Param = Param::choice(
    "budget",
    "Budget",
    &[("each", "Each in turn"), ("0.1", "A tenth"), ("0.25", "A quarter"), ("0.5", "A half")],
    "The share of all entries that sparse tables have, from first to last.",
);
static SKEW: Param = Param::float(
    "skew",
    "Skew",
    (0.0, 0.5, 2.0),
    "How much more popular some things are than others. With a great skew it is hard to beat what is popular.",
);
static EPOCHS: Param = Param::int("epochs", "Epochs", (9, 45, 90), "How often each training sees all choices.");
static RUNS: Param = study::runs(2);

pub static ENTRY: Entry = Entry {
    id: "sparse-recommender",
    wing: Wing::Pruning,
    prose: Prose {
        title: "Room where it is needed",
        paper: Some(Paper {
            title: "Dynamic Sparse Learning: A Novel Paradigm for Efficient Recommendation",
            authors: "Wang, Sui, Wu, Zheng and Xiong",
            year: 2024,
            link: "https://arxiv.org/abs/2402.02855",
        }),
        card: "A recommender with a quarter of its entries, which move while learning.",
        lead: "Watch entries move to where they help, then pick a person and read the list.",
        about: &[
            "Four hundred made-up people choose among three hundred things. Each person and each thing has a row of 32 numbers, and the \
             product of two rows says how well they go together. Most of what a recommender stores is such rows. Here only a \
             quarter of the entries may be there, or a tenth.",
            "If their places stay, two rows have few columns in common, and their product says little. DSL lets the smallest entries of \
             a table go, many at first and few at the end, and puts as many where the gradient is steepest. RigL does the same \
             with other numbers. One batch knows little of people who are not in it: RigL asks the last one alone, DSL here a running mean, \
             about ten batches, which the paper's code offers, too. SET puts them anywhere. The budget never changes.",
            "What counts is recall: of the things that somebody also chose, but that were kept from the training, how many are among the \
             twenty that are recommended. Recommending what is popular is a strong rival, and it is always drawn. Where all choose the same \
             few things it is hard to beat: try the preset with hits.",
            "The paper trains large models on real data and finds sparse ones about as good as whole ones. That is not reproduced here: \
             DSL beats places that stay by far, but stays below the whole table. And at the same budget a whole table with fewer columns is \
             better still. The toy has no layers between rows and answer, and what it was made of was chosen by looking at results.",
        ],
        formulas: &[
            r"L = -\ln \sigma(e_u \cdot (e_i - e_j)) + \tfrac{\lambda}{2} |e|^2",
            r"\zeta(t) = \zeta_1 + \frac{\zeta_0 - \zeta_1}{2} \left(1 + \cos \frac{\pi t}{T}\right)",
        ],
        symbols: &[
            ("e_u", "the row of a person"),
            ("e_i", "the row of a thing that was chosen"),
            ("e_j", "the row of one that was not"),
            (r"\zeta", "the share of entries that move at step $t$"),
            ("T", "all steps"),
        ],
        words: "dynamic sparse learning dsl recommender recommendation embedding table matrix factorization bpr collaborative filtering prune and grow set rigl wang",
    }
    .told(),
    params: &[&USER, &SHOWN, &MOVED, &DENSITY, &SKEW, &EPOCHS, &RUNS],
    metrics: &[
        Metric::new("dsl", "DSL recall", "Of what people chose and no training saw, the share among the first twenty under DSL."),
        Metric::new("rigl", "RigL recall", "The same under RigL."),
        Metric::new("set", "SET recall", "The same under SET."),
        Metric::new("stay", "places stay recall", "The same where places stay."),
        Metric::new("fewer", "fewer columns recall", "The same for a whole table of as many entries."),
        Metric::new("whole", "whole table recall", "The same for the whole table."),
        Metric::new("loss", "loss", "The loss of DSL on the last batch."),
        study::TRAINED,
    ],
    presets: &[
        Preset::new("Default", "A quarter, a half and a tenth of the entries.", &[]),
        Preset::new("A tenth", "The fewer entries, the more their places matter.", &[("budget", "0.1")]),
        Preset::new("Without moves", "DSL and SET are then tables whose places stay.", &[("moved", "0"), ("budget", "0.25"), ("runs", "1")]),
        Preset::new("Hits", "Where all choose the same few things, popularity is hard to beat.", &[("skew", "2"), ("budget", "0.25"), ("runs", "1")]),
    ],
    steps: MOST_STEPS,
    log_steps: false,
    pace: 0.0,
    thumbnail: RACE,
    files: |_| Vec::new(),
    start: begin,
};

const RACE: usize = 0;

const USERS: usize = 400;
const ITEMS: usize = 300;
/// People, or things, whose entries are counted together.
const WINDOW: usize = 20;
/// Of five runs at three budgets for 90 epochs.
const MOST_STEPS: u64 = 1350;

/// Budgets, and the order in which they come.
const BUDGETS: [f64; 4] = [0.1, 0.25, 0.5, 1.0];
const ORDER: [usize; 3] = [1, 2, 0];
const TENTH: usize = 0;
const QUARTER: usize = 1;
const ALL: usize = 3;

#[derive(Clone)]
struct SparseRecommender {
    rng: Rng,
    skew: f64,
    rivals: Recommenders,
    /// A place is a budget.
    study: Study,
    moved: Dial<f64>,
    user: usize,
    shown: usize,
}

#[expect(clippy::unnecessary_wraps, reason = "an entry's start may fail")]
fn begin(start: &Start) -> Begun {
    let values = start.values;
    let skew = values.float(&SKEW);
    let crowd = Crowd { users: USERS, items: ITEMS, interests: 16, evenness: 0.09, skew, chosen: (15, 35) };
    let choices = crowd.choose(&mut start.rng.stream("crowd"));
    let only = values.option(&DENSITY).checked_sub(1);
    let places = ORDER.into_iter().filter(|place| only.is_none_or(|only| only == *place));
    // Whole tables are trained once a run, beside the first budget.
    let cells = places.enumerate().flat_map(|(i, place)| {
        let whole = (i == 0).then_some((WHOLE, ALL));
        (0..WHOLE).map(move |arm| (arm, place)).chain(whole)
    });
    let mut run = SparseRecommender {
        rng: start.rng.clone(),
        skew,
        rivals: Recommenders::new(Market::new(ITEMS, choices.learnt, choices.asked, values.int(&EPOCHS))),
        study: Study::new(&RIVALS, &BUDGETS, cells, values.int(&RUNS)),
        moved: Dial::new(values.float(&MOVED)),
        user: values.int(&USER) - 1,
        shown: values.option(&SHOWN),
    };
    run.take_up();
    Ok(Box::new(run))
}

impl SparseRecommender {
    /// Begins the tables of the next budget.
    fn take_up(&mut self) {
        let Trial { run, place, .. } = self.study.now();
        let chance = self.rng.child(&format!("run {run}"));
        self.rivals.begin(BUDGETS[place], place == self.first(), (&chance, place));
    }

    /// The budget beside which whole tables are trained.
    fn first(&self) -> usize {
        self.study.cells()[0].1
    }

    /// The budget that is in training.
    fn place(&self) -> usize {
        let now = self.study.now();
        if now.arm == WHOLE { self.first() } else { now.place }
    }

    /// The person that is shown.
    fn person(&self) -> usize {
        self.rivals.market.order[0][self.user]
    }
}

impl Experiment for SparseRecommender {
    fn figures(&self, figures: &mut Figures) {
        let Recommenders { market, all, .. } = &self.rivals;
        let (person, number, budget) = (self.person(), self.user + 1, percent(BUDGETS[self.place()], 0));
        let recall = || Axis::linear("recall", 0.0, 0.25);

        let (epochs, room) = (market.epochs() as f64, market.epochs() / ASKED + 2);
        let line = |arm: usize| all[arm].line.iter().copied();
        let along = Axis::linear("epochs of this training", 0.0, epochs);
        figures
            .chart("Of what is yet unseen, the share in the first twenty", Place::Main, along, recall())
            .curves(&RIVALS[..WHOLE], room, line)
            .reference(RIVALS[WHOLE], room, line(WHOLE))
            .level("popularity", (0.0, epochs), market.recall)
            .caption(|| {
                let [dsl, stay, whole] = [DSL, STAY, WHOLE].map(|arm| percent(all[arm].recall, 1));
                let popular = percent(market.recall, 1);
                format!(
                    "With {budget} of the entries DSL finds {dsl}; where places stay it is {stay}. The whole table finds {whole}, popularity {popular}."
                )
            });

        let list = (RIVALS.len() + 1, FIRST);
        let list = Shape::heatmap(list, ["recommender", "place in the list"], ("not chosen", "chosen"));
        figures
            .picture("Twenty recommendations for one person", Place::Side, list, |slot| {
                for (arm, row) in slot.chunks_exact_mut(FIRST).enumerate() {
                    let hits = self.rivals.hits(arm, person);
                    row.iter_mut().zip(hits).for_each(|(cell, hit)| *cell = if hit { 1.0 } else { -0.25 });
                }
            })
            .caption(|| {
                let found = |arm: usize| self.rivals.hits(arm, person).into_iter().filter(|hit| *hit).count();
                let [dsl, rigl, set, stay, fewer, whole, popular] = array::from_fn(found);
                let more = market.asked[person].len();
                format!(
                    "Person {number} chose {more} more. Found by row, from the top: DSL {dsl}, RigL {rigl}, SET {set}, places that stay {stay}, \
                     fewer columns {fewer}, whole table {whole}, popularity {popular}. One person says little: the means of all are in the chart."
                )
            });

        let names = ["the 32 numbers of a person, then of a thing", "people, and things"];
        let entries = Shape::heatmap((2 * COLUMNS + 1, USERS), names, ("below 0", "above 0"));
        let entries = View::new("Entries of both tables", Place::Full, entries).moving().tiled(COLUMNS, USERS);
        let tables = &all[self.shown].tables;
        figures
            .view(entries, |slot| {
                slot.fill(0.0);
                let (columns, [people, things]) = (tables.factors.columns, &market.order);
                let rows = people.iter().copied().enumerate();
                let below = (COLUMNS + 1) * USERS;
                let rows = rows.chain(things.iter().enumerate().map(|(i, item)| (below + i, USERS + item)));
                for (at, row) in rows {
                    for (column, w) in tables.numbers[row * columns..][..columns].iter().enumerate() {
                        slot[at + column * USERS] = *w;
                    }
                }
            })
            .caption(|| {
                let (name, count) = (RIVALS[self.shown], tables.count());
                format!(
                    "{name}: {count} entries. Columns are people above and things below, the most active and popular first. \
                     Rows are their {COLUMNS} numbers."
                )
            });

        let columns = || Axis::linear("share of the columns", 0.0, 0.5);
        let windows = |table: usize, arm: usize| {
            let entries = self.rivals.entries(arm, table, WINDOW).into_iter().enumerate();
            entries.map(|(i, entries)| ((WINDOW * i + WINDOW / 2) as f64, entries / COLUMNS as f64))
        };
        let people = Axis::linear("people, the most active first", 0.0, USERS as f64).of(&USER);
        figures
            .chart("Entries of a person's row", Place::Main, people, columns())
            .at(number as f64)
            .curves(&RIVALS[..FEWER], USERS / WINDOW, |arm| windows(0, arm))
            .caption(|| {
                let entries = all[DSL].tables.rows(0)[person];
                format!(
                    "Under DSL the row of person {number} has {entries} of {COLUMNS} entries. Means of {WINDOW} people."
                )
            });

        let budgets = Axis::log("share of the entries, log scale", 0.08, 1.0);
        figures
            .chart("After training, over all runs", Place::Side, budgets, recall())
            .studied(&self.study, |place| format!("{} of the entries", percent(BUDGETS[place], 0)));

        let things = Axis::linear("things, the most popular first", 0.0, ITEMS as f64);
        figures
            .chart("Entries of a thing's row", Place::Main, things, columns())
            .curves(&RIVALS[..FEWER], ITEMS / WINDOW, |arm| windows(1, arm))
            .caption(|| {
                let entries = self.rivals.entries(DSL, 1, WINDOW);
                let [most, least] = [entries[0], entries[entries.len() - 1]].map(|mean| fixed(mean, 1));
                format!(
                    "Under DSL the {WINDOW} most popular things have {most} entries each, the {WINDOW} least popular {least}."
                )
            });
    }

    fn step(&mut self) -> Status {
        self.rivals.step(self.moved.now);
        if !self.rivals.is_over() {
            return Status::Running;
        }
        let beside = if self.place() == self.first() { RIVALS.len() } else { WHOLE };
        let status = self.study.add_all(self.rivals.all[..beside].iter().map(|rival| rival.recall));
        if !self.study.is_over() {
            self.take_up();
        }
        status
    }

    fn due(&self) -> Option<u64> {
        let epochs = self.rivals.market.epochs();
        Some(self.study.steps(|arm, _| if arm == DSL { epochs } else { 0 }))
    }

    fn measure(&self, out: &mut [f32]) {
        let all = &self.rivals.all;
        fill(out, all.iter().map(|rival| rival.recall).chain([all[DSL].tables.loss, self.study.done() as f64]));
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        if param.is(&MOVED) {
            return self.moved.turn(values.float(&MOVED));
        }
        self.user = values.int(&USER) - 1;
        self.shown = values.option(&SHOWN);
        Live::only(param, &[&USER, &SHOWN])
    }

    fn claims(&self) -> Vec<Claim> {
        let rivals = &self.rivals;
        let usual = self.moved.steady && (self.moved.now - 0.5).abs() < 1e-6 && rivals.market.epochs() >= 45;
        let here = |claim: Claim, place: usize| {
            claim
                .only_if(
                    self.study.cells().contains(&(DSL, place)),
                    &format!("This is about {} of the entries.", percent(BUDGETS[place], 0)),
                )
                .only_at(self.skew, 0.5, "This is about things of nearly equal popularity.")
                .only_if(usual, "This is about half of the entries moved at first, in 45 epochs or more.")
        };
        let gap = |says: &str, place, than, least| {
            here(self.study.gap(says, SOURCE, (DSL, place), (than, place), least), place)
        };
        let most = Claim::new("With a quarter of its entries it finds most of what the whole table finds.", SOURCE)
            .expect(0.7, f64::INFINITY, "at least 0.7 times as much")
            .on((0.0, "0"), (1.2, "1.2 times"))
            .found(self.study.ratio((DSL, QUARTER), (WHOLE, ALL)), study::NOT_YET);
        let budget = Claim::new("The budget is the same all along, to the entry.", SOURCE)
            .expect(0.0, 0.0, "no entry more or fewer")
            .on((0.0, "0"), (10.0, "10 entries"));
        let stepped = rivals.all[DSL].tables.steps() > 0 || self.study.done() > 0;
        let off = stepped.then(|| (rivals.off as f64, format!("{} more or fewer", rivals.off)));
        let budget = budget.found(off, "Take a step to test this.");
        vec![
            gap("With a quarter of the entries, moving them beats places that stay.", QUARTER, STAY, 0.03),
            gap("So it does with a tenth.", TENTH, STAY, 0.03),
            gap("The gradient knows better than chance where entries help.", QUARTER, SET, 0.01),
            here(most, QUARTER),
            budget,
        ]
    }
}

const SOURCE: &str = "Wang et al. 2024";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{lab::Verdict, session::follow};

    #[test]
    fn entries_that_move_beat_entries_that_stay() {
        let session = follow("id=sparse-recommender&seed=1&runs=1&budget=0.25", MOST_STEPS);
        assert!(session.ended().is_some());
        for (i, claim) in session.claims().iter().enumerate() {
            // One of them is about a tenth.
            let expected = if i == 1 { Verdict::NotHere } else { Verdict::Agrees };
            assert_eq!(claim.verdict(), expected, "{claim:?}");
        }
    }

    #[test]
    fn without_moves_they_are_the_same() {
        let metrics = follow("id=sparse-recommender&seed=2&budget=0.1&moved=0", 4).metrics();
        // Both were asked last after three epochs.
        assert_eq!(metrics[0].to_bits(), metrics[3].to_bits());
        assert!(metrics[..6].iter().all(|recall| (0.0..1.0).contains(recall)), "{metrics:?}");
    }
}
