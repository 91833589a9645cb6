//! Grokking tickets (Minegishi, Iwasawa and Matsuo): the weights that a net needs once it understands, taken back to the start,
//! understand much sooner than the whole net.
//!
//! First the whole net is trained until it understands, and its weights are kept at three moments. Then nets that are masked or
//! rescaled race from the same start. Further runs, with other pairs and other weights, do the same after the first.
use crate::{
    lab::{
        Axis, Claim, Entry, Experiment, Live, Metric, Paper, Param, Place, Plot, Preset, Prose, Series, Shape, Status,
        Unmeasured, Values, View, Wing, fill, study::spread,
    },
    math::{
        decimal::{fixed, percent},
        rng::Rng,
    },
    model::pruning::{
        mask::Mask,
        ticket_race::{
            Arm, BAR, Contest, ENOUGH, EVERY, HIDDEN, Moment, PATIENCE, RANK, Race, Racer, Rules, SHARES, WHOLE_DECAY,
            Whole, band,
        },
    },
};
use std::ops::RangeInclusive;

static KEEP: Param = Param::share(
    "keep",
    "Kept",
    (0.1, 0.6, 0.95),
    "The share of all weights that a mask keeps. Masks are cut anew, and the race begins again.",
)
.ends("sparse", "nearly all");
static SOURCE: Param = Param::choice(
    "source",
    "Ticket cut",
    &[("understood", "when understood"), ("transition", "in the transition"), ("by-heart", "when by heart")],
    "From which weights of the whole net the ticket is cut. The race begins again.",
);
static DECAY: Param = Param::float(
    "decay",
    "Weight decay in the race",
    (0.0, 1.0, 4.0),
    "How fast weights shrink by themselves while they race. The whole net that masks are cut from had 1. The race begins again.",
)
.ends("none", "strong");
static RUNS: Param = Param::int(
    "runs",
    "Runs",
    (1, 1, MOST_RUNS as i64),
    "How many times all of it is done, with other pairs and other weights. Those after the first are for the comparison of steps.",
);

pub static ENTRY: Entry = Entry {
    id: "grokking-tickets",
    wing: Wing::Grokking,
    prose: Prose {
        title: "The winning ticket to understanding",
        paper: Some(Paper {
            title: "Grokking Tickets: Lottery Tickets Accelerate Grokking",
            authors: "Minegishi, Iwasawa and Matsuo",
            year: 2023,
            link: "https://arxiv.org/abs/2310.19470",
        }),
        card: "Some of its first weights understand in a third of the steps.",
        lead: "Play until the race begins. Then cut the ticket from an earlier moment, and race again.",
        about: &[
            "A net learns a + b on a dial of 67 numbers from half of all pairs. It has them by heart after thirty steps, and \
             hundreds of steps later it understands. Then its smallest weights are cut away, all matrices together, and the \
             others are put back to where they were before the first step. This subnet is a ticket. Trained like the whole \
             net, it understands sooner.",
            "What makes it quicker? Not that it is smaller: a mask with as many weights in each matrix at random places is far \
             slower, so is one with as many weights in all that was drawn without the ticket, and so is one that was cut when all was known by heart. Not that its weights are less in sum: \
             the whole net, scaled down to the ticket's length (L2) or to its sum of sizes (L1), is slower than the ticket, too. \
             What counts is which weights are there, and that is told by a net that has understood.",
            "When all is known by heart the largest weights are mostly those that were large at the start. \
             With the ticket they share a few points more than chance gives. The picture of two masks shows one of the four matrices; \
             a row is a hidden neuron.",
            "Two things are not as in the paper. There a mask that is cut in the transition does not help. Here it did in two runs \
             of three, less than the ticket. \
             And the moment matters at the other end: a ticket that we cut a hundred steps later was slower in three runs of three.",
            "The moments are chosen with the test pairs: the ticket is cut when 95 % of the unseen pairs are right, and the \
             race is won at 95 %. So a ticket is no way to save time. It shows where the delay comes from. And masks \
             save no time at a step: what is cut is multiplied all the same. The nets race one after the other, from the same start.",
            "Runs differ by a factor of two and more, and in one of several a control comes close to the ticket. Compare within a \
             run, and do several. This is a small variant with fewer steps and a larger rate than in the paper. Without decay in \
             the race the ticket gets only part of the way in so few steps. Where neurons take squares, \
             we found no tickets by magnitude at all.",
        ],
        formulas: &[
            r"h = \max(0, (AB)_a + (AB)_b)",
            r"z = h\, CU",
            r"m_i = \begin{cases} 1 & |w_i(t)| \text{ is large} \\ 0 & \text{else} \end{cases}",
            r"w_i \leftarrow m_i\, w_i(0)",
        ],
        symbols: &[
            ("A, B, C, U", "the four matrices, with 500 numbers between those of a product"),
            ("z", "the outputs, one for each answer"),
            ("m", "the mask"),
            ("w(t), w(0)", "the weights when the mask is cut, and at the start"),
        ],
        words: "grok lottery ticket hypothesis sparse subnetwork pruning magnitude mask rewind winning norm weight decay delayed generalisation generalization modular addition",
    }
    .told(),
    params: &[&KEEP, &SOURCE, &DECAY, &RUNS],
    metrics: &[
        Metric::new("whole", "whole net: unseen right", "The share of unseen pairs that the whole net has right while it is trained first."),
        Metric::new("train", "whole net: training right", "The same of its training pairs."),
        Metric::new("ticket", "ticket: unseen right", "The share of unseen pairs that the ticket has right in the race of the first run."),
        Metric::new("early", "mask by heart: unseen right", "The same of the mask that was cut when all was known by heart."),
        Metric::new("shuffled", "shuffled mask: unseen right", "The same of the ticket's mask, shuffled inside each matrix."),
        Metric::new("random", "random mask: unseen right", "The same of a mask of the same size that was drawn at random."),
        Metric::new("ticket-steps", "ticket: steps", "Steps of the ticket to 95 % in the first run; 0 before that, and if it is out.").or_never(),
        Metric::new("whole-steps", "whole net: steps", "Steps of the whole net to 95 % in the first run; 0 before that.").or_never(),
        Metric::new("midway", "mask in transition: unseen right", "The same of the mask that was cut in the transition."),
        Metric::new("midway-steps", "mask in transition: steps", "Its steps to 95 % in the first run; 0 before that, and if it is out.").or_never(),
        Metric::new("overlap", "overlap", "The share of the ticket's weights that the mask by heart has, too."),
    ],
    presets: &[
        Preset::new("Default", "One net, cut when it understood, against seven others from the same start.", &[]),
        Preset::new("Three runs", "The same with other pairs and weights: curves become bands. Takes three times as long.", &[("runs", "3")]),
        Preset::new("Without decay", "The race without weight decay: what the mask does alone.", &[("decay", "0")]),
        Preset::new("Cut too early", "Cut when it knows all by heart, a mask is no ticket.", &[("source", "by-heart")]),
        Preset::new("In the transition", "Cut when half of the unseen pairs are right.", &[("source", "transition")]),
        Preset::new(
            "Norm is not enough",
            "With half of its weights the ticket is far shorter than the whole net. Watch the nets of the same norm.",
            &[("keep", "0.5")],
        ),
        Preset::new("Too sparse", "A tenth of the weights is too few to come to the bar in time.", &[("keep", "0.1")]),
    ],
    steps: 3500,
    log_steps: true,
    pace: 0.0,
    thumbnail: RACE,
    files: |_| Vec::new(),
    start: |start| Ok(Box::new(Tickets::new(start.values, start.rng))),
};

const RACE: usize = 0;
const WHOLE: usize = 1;
const STEPS: usize = 2;
const OVERLAPS: usize = 3;
const MASKS: usize = 4;

/// Room for the points of a curve, as far as a race may go.
const ROOM: usize = 12 * PATIENCE / 10 / EVERY;
const MOST_RUNS: usize = 5;
/// How far beside the mark of a net that is out its dot stands.
const BESIDE: f32 = 0.25;
/// Kept shares that the claims speak of.
const MEANT: RangeInclusive<f64> = 0.55..=0.8;
/// Empty rows between the two masks.
const GAP: usize = 4;
/// What the nets that race are called.
const ARMS: [&str; Arm::ALL.len()] =
    ["ticket", "whole net", "cut by heart", "in transition", "shuffled", "random", "whole, same L2", "whole, same L1"];
const SOURCE_TEXT: &str = "Minegishi et al. 2023";

fn rules(values: &Values) -> Rules {
    let source = match values.choice(&SOURCE) {
        "by-heart" => Moment::ByHeart,
        "transition" => Moment::Transition,
        _ => Moment::Understood,
    };
    Rules { keep: values.float(&KEEP), source, decay: values.float(&DECAY) as f32 }
}

#[derive(Clone)]
struct Tickets {
    rules: Rules,
    runs: usize,
    contests: Vec<Contest>,
    rng: Rng,
}

impl Tickets {
    fn new(values: &Values, rng: &Rng) -> Self {
        let contests = vec![Contest::new(rng.child("run 1"))];
        Self { rules: rules(values), runs: values.int(&RUNS), contests, rng: rng.clone() }
    }

    fn first(&self) -> &Contest {
        &self.contests[0]
    }

    /// The runs that are asked for, as far as there are any.
    fn shown(&self) -> &[Contest] {
        &self.contests[..self.runs.min(self.contests.len())]
    }

    /// Whether all runs that are asked for are done.
    fn is_over(&self) -> bool {
        self.shown().len() == self.runs && self.shown().iter().all(Contest::is_over)
    }

    /// Steps of an arm, one number a run in which it is done.
    fn steps(&self, arm: Arm) -> Vec<f64> {
        self.shown().iter().filter_map(|contest| contest.outcome(arm)).map(|(steps, _)| steps).collect()
    }

    /// In the middle of all runs, how many times the ticket's steps an arm takes.
    fn ratio(&self, arm: Arm) -> Option<f64> {
        let ratio = |contest: &Contest| Some(contest.outcome(arm)?.0 / contest.outcome(Arm::Ticket)?.0);
        let mut ratios: Vec<f64> = self.shown().iter().filter_map(ratio).collect();
        ratios.sort_unstable_by(f64::total_cmp);
        let middle = [ratios.get((ratios.len().max(1) - 1) / 2)?, ratios.get(ratios.len() / 2)?];
        Some(0.5 * (middle[0] + middle[1]))
    }

    fn unlike(&self) -> Option<&'static str> {
        if self.rules.source != Moment::Understood {
            Some("Of a ticket that is cut when the net has understood.")
        } else if self.rules.decay != WHOLE_DECAY {
            Some("Of a race with the weight decay of the whole net, 1.")
        } else if !MEANT.contains(&self.rules.keep) {
            Some("Of masks that keep from 55 to 80 %.")
        } else {
            None
        }
    }

    /// The claim, once there is a whole net that understood.
    fn trained(&self, claim: Claim, measure: impl Fn(&Whole, &Race, Claim) -> Result<Claim, Unmeasured>) -> Claim {
        let contest = self.first();
        match (&contest.whole, &contest.race) {
            _ if self.unlike().is_some() => claim.not_here(self.unlike().unwrap_or_default()),
            (Some(whole), _) if whole.reached.is_none() => claim.not_here("The whole net did not understand in time."),
            (Some(whole), Some(race)) => {
                let plain = claim.clone();
                measure(whole, race, claim).unwrap_or_else(|why| plain.unmeasured(why))
            }
            _ => claim.because(format!("The whole net is in training: step {}.", contest.trained().0)),
        }
    }

    fn needs_no_decay(&self) -> Claim {
        let claim =
            Claim::new("Without decay the ticket comes some way where the whole net stays with its list.", SOURCE_TEXT)
                .expect(0.2, 1.0, "at least 20 points more of the unseen pairs")
                .on((-0.2, "−20 points"), (1.0, "100 points"));
        if self.rules.decay != 0.0 || self.rules.source != Moment::Understood || !MEANT.contains(&self.rules.keep) {
            let about = "this is about a race without, and a ticket cut when the net has understood.";
            return claim.press("Without decay", about);
        }
        let last = |arm: Arm| self.first().outcome(arm).and(self.first().arm(arm)).map(Racer::now);
        match [Arm::Ticket, Arm::Whole].map(last) {
            [Some(ticket), Some(whole)] => {
                let [a, b] = [ticket, whole].map(|share| fixed(100.0 * share, 1));
                claim.measured(ticket - whole, format!("{a} % against {b} %"))
            }
            _ => claim.because("Both must have raced."),
        }
    }

    fn takes_longer(&self, arm: Arm, says: &str, least: f64) -> Claim {
        let claim = Claim::new(says, SOURCE_TEXT)
            .expect(least, f64::INFINITY, &format!("at least {} times the ticket's steps", fixed(least, 1)))
            .on_log((0.25, "a quarter"), (16.0, "16 times"));
        self.trained(claim, |_, _, claim| {
            let (Some(ratio), [Some((steps, reached)), Some((ticket, true))]) =
                (self.ratio(arm), [arm, Arm::Ticket].map(|arm| self.first().outcome(arm)))
            else {
                let out = self.first().outcome(Arm::Ticket).is_some_and(|(_, reached)| !reached);
                return Err(if out {
                    Unmeasured::NotHere("The ticket did not come to 95 %.".into())
                } else {
                    Unmeasured::NotYet("It has not raced yet.".into())
                });
            };
            let not = if reached { "" } else { "not in " };
            let runs = self.steps(arm).len();
            let many = if runs > 1 { format!(" in the first of {runs} runs") } else { String::new() };
            let text =
                format!("{} times: {not}{} against {}{many}", fixed(ratio, 1), fixed(steps, 0), fixed(ticket, 0));
            Ok(claim.measured(ratio, text))
        })
    }
}

impl Experiment for Tickets {
    fn views(&self) -> Vec<View> {
        let steps = || Axis::linear("training steps from the start", 0.0, 600.0);
        let share = || Axis::linear("share of unseen pairs", 0.0, 1.0);
        let each = MOST_RUNS * ARMS.len();
        let bands = ARMS.iter().map(|arm| Series::band(arm, ROOM));
        let race = Shape::lines(steps(), share(), bands.chain([Series::dots("at 95 %", each)]));
        let marks = ARMS.iter().map(|arm| Series::spread(arm, 1));
        let bars = Shape::lines(
            Axis::linear("nets, in the order in which they race", 0.0, ARMS.len() as f64 + 1.0),
            Axis::linear("steps", 0.0, 600.0),
            marks.chain([Series::dots("out before 95 %", each)]),
        );
        let masks = Shape::heatmap(
            (2 * HIDDEN + GAP, RANK),
            ["hidden neuron, of the ticket and of the mask by heart", "inner number"],
            ("kept, by heart", "kept, ticket"),
        );
        let overlaps = Shape::lines(
            Axis::linear("kept", 0.0, 1.0).of(&KEEP),
            Axis::linear("share of weights", 0.0, 1.0),
            [
                Series::curve("in transition", SHARES.len()),
                Series::curve("by heart", SHARES.len()),
                Series::reference("chance", 2),
            ],
        );
        let whole = Shape::lines(
            steps(),
            share(),
            [
                Series::curve("whole net", ROOM),
                Series::dots("by heart", 1),
                Series::dots("transition", 1),
                Series::dots("cut", 1),
            ],
        );
        vec![
            View::new("The race", Place::Main, race),
            View::new("The whole net, and when masks are cut", Place::Side, whole),
            View::new("Steps to 95 % of unseen pairs", Place::Main, bars),
            View::new("What masks share with the last", Place::Side, overlaps),
            View::new("What two masks keep of one matrix", Place::Main, masks).moving(),
        ]
    }

    fn draw(&self, view: usize, slot: &mut [f32]) {
        let contest = self.first();
        match view {
            RACE => {
                let mut plot = Plot::new(slot, -1.0);
                for arm in Arm::ALL {
                    let racers: Vec<&Racer> = self.shown().iter().filter_map(|contest| contest.arm(arm)).collect();
                    let tested = (1_usize..).map(|i| (i * EVERY) as f64).zip(band(&racers));
                    plot.spread(ROOM, tested);
                }
                let reached = Arm::ALL
                    .into_iter()
                    .flat_map(|arm| self.shown().iter().filter_map(move |contest| contest.arm(arm)?.reached));
                plot.curve(MOST_RUNS * ARMS.len(), reached.map(|at| [at as f32, BAR as f32]));
            }
            STEPS => {
                let mut plot = Plot::new(slot, -1.0);
                for (arm, x) in Arm::ALL.into_iter().zip(1..) {
                    plot.spread(1, spread(&self.steps(arm)).map(|steps| (f64::from(x), steps)));
                }
                // Beside the mark, which would cover it.
                let out = Arm::ALL.into_iter().zip(1_u8..).flat_map(|(arm, x)| {
                    let outcomes = self.shown().iter().filter_map(move |contest| contest.outcome(arm));
                    let out = outcomes.filter(|(_, reached)| !reached);
                    out.map(move |(steps, _)| [f32::from(x) + BESIDE, steps as f32])
                });
                plot.curve(MOST_RUNS * ARMS.len(), out);
            }
            OVERLAPS => {
                let mut plot = Plot::new(slot, self.rules.keep);
                for moment in [Moment::Transition, Moment::ByHeart] {
                    let overlaps = contest.whole.iter().map(|whole| &whole.overlaps[moment as usize]);
                    let curve = overlaps.flat_map(|overlaps| SHARES.iter().zip(overlaps));
                    plot.curve(SHARES.len(), curve.map(|(share, overlap)| [*share as f32, *overlap]));
                }
                plot.curve(2, [[0.0, 0.0], [1.0, 1.0]]);
            }
            WHOLE => {
                let mut plot = Plot::new(slot, -1.0);
                let tested = contest.tested();
                let points = tested.iter().enumerate().map(|(i, share)| [((i + 1) * EVERY) as f32, *share]);
                plot.curve(ROOM, points);
                let at = |step: usize| tested[..(step / EVERY).min(tested.len())].last().copied().unwrap_or_default();
                for moment in [Moment::ByHeart, Moment::Transition, Moment::Understood] {
                    plot.curve(1, contest.when(moment).map(|step| [step as f32, at(step)]));
                }
            }
            _ => {
                let size = HIDDEN * RANK;
                // Until something is cut, both masks keep all.
                slot.fill(0.0);
                slot[..size].fill(1.0);
                slot[size + GAP * RANK..].fill(-1.0);
                if let Some(race) = &contest.race {
                    let draw = |cells: &mut [f32], mask: &Mask, there: f32| {
                        let kept = Race::kept_of_third(mask);
                        cells.iter_mut().zip(kept).for_each(|(cell, kept)| *cell = there * f32::from(u8::from(*kept)));
                    };
                    draw(&mut slot[..size], &race.ticket, 1.0);
                    draw(&mut slot[size + GAP * RANK..], &race.early, -1.0);
                }
            }
        }
    }

    fn caption(&self, view: usize) -> String {
        let contest = self.first();
        match (view, &contest.whole, &contest.race) {
            (STEPS, ..) => {
                let done = self.shown().iter().filter(|contest| contest.is_over()).count();
                format!(
                    "{done} of {} runs are done. Whiskers go from the least to the greatest of them. A net that is not at 95 % after {} times the steps of the whole net is out: it \
                     counts with these, and has a dot beside its mark.",
                    self.runs,
                    fixed(ENOUGH, 1)
                )
            }
            (RACE, _, Some(race)) => {
                let racer = race.arms.last();
                let now = if race.is_over() {
                    let over = if self.is_over() { "The race" } else { "The race of the first run" };
                    format!("{over} is over.")
                } else {
                    let name = ARMS[race.arms.len().max(1) - 1];
                    format!("Now: {name}, step {}.", racer.map_or(0, |racer| racer.steps))
                };
                let ticket = match contest.arm(Arm::Ticket).and_then(|ticket| ticket.reached) {
                    Some(at) => format!(" The ticket is at 95 % after {at} steps."),
                    None => String::new(),
                };
                let bands = match self.shown().len() {
                    1 => String::new(),
                    runs => format!(" Lines are means of {runs} runs, bands go from the least to the greatest."),
                };
                now + &ticket + &bands
            }
            (MASKS, _, Some(race)) => format!(
                "Above the ticket, below the mask by heart. Each keeps {} of all weights, and they share {} of these; chance \
                 would give {}.",
                percent(race.ticket.share(), 0),
                percent(race.ticket.share_in(&race.early), 0),
                percent(race.early.share(), 0)
            ),
            (OVERLAPS, Some(whole), _) => format!(
                "Of the weights in the mask at step {}, the share that is also in the mask of an earlier moment, steps {} and {}.",
                whole.when[2], whole.when[1], whole.when[0]
            ),
            (RACE | MASKS | OVERLAPS, ..) => "The whole net is trained first.".into(),
            (_, None, _) => {
                let (steps, right, pairs) = contest.trained();
                let others = percent(contest.tested().last().copied().unwrap_or_default().into(), 0);
                format!("Step {steps}: {right} of {pairs} training pairs right, and {others} of the others.")
            }
            (_, Some(whole), _) => match whole.reached {
                Some(at) => format!(
                    "By heart at step {}, in the transition at {}, at 95 % at {at}, and cut at {}.",
                    whole.when[0], whole.when[1], whole.when[2]
                ),
                None => format!("It did not come to 95 % in {PATIENCE} steps, and is cut as it is."),
            },
        }
    }

    fn step(&mut self) -> Status {
        let next = self.shown().iter().position(|contest| !contest.is_over()).unwrap_or(self.shown().len());
        if next == self.contests.len() && next < self.runs {
            self.contests.push(Contest::new(self.rng.child(&format!("run {}", next + 1))));
        }
        let rules = self.rules;
        let passed = match self.contests.get_mut(next) {
            Some(contest) if next < self.runs => contest.step(rules),
            _ => None,
        };
        match passed {
            _ if self.is_over() => Status::Ended("end"),
            // Only the first run is told step by step.
            Some(word) if next == 0 => Status::Passed(word),
            _ => Status::Running,
        }
    }

    fn measure(&self, out: &mut [f32]) {
        let contest = self.first();
        let (_, right, pairs) = contest.trained();
        let now = |arm: Arm| contest.arm(arm).map_or(0.0, Racer::now);
        let steps = |arm: Arm| contest.outcome(arm).map_or(0.0, |(steps, reached)| if reached { steps } else { 0.0 });
        let row = [
            contest.tested().last().copied().unwrap_or_default().into(),
            right as f64 / pairs as f64,
            now(Arm::Ticket),
            now(Arm::Early),
            now(Arm::Shuffled),
            now(Arm::Random),
            steps(Arm::Ticket),
            contest.reached().unwrap_or(0) as f64,
            now(Arm::Midway),
            steps(Arm::Midway),
            contest.race.as_ref().map_or(0.0, |race| race.ticket.share_in(&race.early)),
        ];
        fill(out, row);
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        if param.is(&RUNS) {
            self.runs = values.int(&RUNS);
            return Live::Soon;
        }
        let rules = rules(values);
        if rules != self.rules {
            self.rules = rules;
            self.contests.iter_mut().for_each(|contest| contest.again(rules));
        }
        Live::Soon
    }

    fn claims(&self) -> Vec<Claim> {
        let share = |x: f64| percent(x, 1);
        let pruned =
            Claim::new("Without its small weights, and without more training, the net still understands.", SOURCE_TEXT)
                .expect(0.9, 1.0, "at least 90 % of unseen pairs right")
                .on((0.0, "0 %"), (1.0, "100 %"));
        vec![
            self.takes_longer(Arm::Whole, "The ticket understands sooner than the whole net.", 1.4),
            self.takes_longer(Arm::Early, "A mask that is cut when all is known by heart is slower.", 1.5),
            self.takes_longer(Arm::Midway, "So is one that is cut in the transition.", 1.2),
            self.takes_longer(Arm::Shuffled, "A mask with as many weights in each matrix, elsewhere, is slower.", 1.4),
            self.takes_longer(Arm::Random, "And so is a mask of the same size that was drawn at random.", 1.4),
            self.takes_longer(
                Arm::SameL2,
                "It is not its length: the whole net scaled to the ticket's L2 norm is slower.",
                1.2,
            ),
            self.takes_longer(Arm::SameL1, "Nor the sum of sizes: scaled to the ticket's L1 norm it is slower.", 1.2),
            self.trained(pruned, |_, race, claim| Ok(claim.measured(race.pruned, share(race.pruned)))),
            self.needs_no_decay(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lab::Verdict,
        model::pruning::ticket_race::EACH,
        session::{Session, follow},
    };

    fn run(query: &str, steps: u64) -> Session {
        follow(&format!("id=grokking-tickets&{query}"), steps)
    }

    fn metric(session: &Session, name: &str) -> f32 {
        session.metrics()[ENTRY.metrics.iter().position(|metric| metric.name == name).unwrap()]
    }

    fn set(session: &mut Session, name: &str, value: &str) {
        session.set(&[(name.into(), value.into())]).unwrap();
    }

    #[test]
    fn the_ticket_is_sooner_than_the_whole_net_and_a_race_begins_again_under_the_hand() {
        let mut session = run("seed=1", 60);
        let until = |session: &mut Session, word: &str| {
            while !session.events().iter().any(|(_, event)| *event == word) && session.step() < 250 {
                session.advance(1);
            }
        };
        until(&mut session, "ticket done");
        session.advance(1);
        let (ticket, whole) = (metric(&session, "ticket-steps"), metric(&session, "whole-steps"));
        assert!(ticket > 0.0 && whole > 1.4 * ticket, "{ticket} {whole}");
        let claims = session.claims();
        let verdicts: Vec<Verdict> = claims.iter().map(Claim::verdict).collect();
        let (agrees, not_yet) = (Verdict::Agrees, Verdict::NotYet);
        let expected = [&[agrees][..], &[not_yet; 6], &[agrees, Verdict::NotHere]].concat();
        assert_eq!(verdicts, expected, "{claims:?}");

        // The same net, cut when it knew all by heart, in as many steps: nothing.
        set(&mut session, "source", "by-heart");
        assert_eq!((metric(&session, "overlap"), metric(&session, "ticket")), (1.0, 0.0));
        session.advance(ticket as u64 / EACH as u64);
        assert!(metric(&session, "ticket") < 0.5, "{:?}", session.metrics());
        assert!(session.claims().iter().all(|claim| claim.verdict() == Verdict::NotHere));
        set(&mut session, "keep", "0.4");
        assert_eq!((metric(&session, "ticket"), metric(&session, "overlap")), (0.0, 1.0));
    }
}
