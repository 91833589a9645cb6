//! The smallest memory: letters of 5 x 7 points in one matrix of Hebb's rule (Hopfield 1982).
//!
//! `W = (1/N) Σ x xᵀ` with an empty diagonal, `E(s) = -½ sᵀ W s`, and one unit a step, drawn by chance, takes the sign of
//! its field `h = W s`. A unit whose field is zero keeps its state.
use crate::{
    lab::{
        Axis, Claim, Descent, Entry, Experiment, GRAIN, Gesture, Glyphs, Hand, Metric, Paper, Param, Place, Preset,
        Prose, Reach, Shape, Start, Status, View, Wing,
    },
    math::{decimal, rng::Stream},
};

static LETTERS: Param = Param::int(
    "letters",
    "Letters stored",
    (1, 4, 6),
    "How many letters the matrix holds. The sixth, a G, looks much like the C.",
);
static CUE: Param = Param::int(
    "cue",
    "Letter to recall",
    (1, 1, 6),
    "Counted from the left; a number past the last letter takes the last.",
);
static FLIPPED: Param = Param::share(
    "flipped",
    "Points flipped",
    (0.0, 0.15, 0.5),
    "The share of points that are turned over in the cue, chosen by chance.",
)
.ends("clean", "noise");

pub static ENTRY: Entry = Entry {
    id: "hebb-letters",
    wing: Wing::Memory,
    prose: Prose {
        title: "Letters in one matrix",
        paper: Some(Paper {
            title: "Neural networks and physical systems with emergent collective computational abilities",
            authors: "Hopfield",
            year: 1982,
            link: "https://doi.org/10.1073/pnas.79.8.2554",
        }),
        card: "Four letters share 595 weights, and each comes back from a smudge.",
        lead: "Turn points over in a letter. One unit after another asks all the others, and the letter comes back.",
        about: &[
            "Every pair of points has one weight. It is raised by each letter in which the two points agree and lowered by \
             each in which they differ. All letters lie on top of each other in the same weights.",
            "To recall, a unit adds up what the others say through the weights and takes the sign of the sum. Such a move can \
             never raise the energy, so the state runs downhill until no unit wants to change.",
            "Store the G beside the C and the matrix confuses them: two letters that look alike share one valley.",
        ],
        formulas: &[
            r"W = \frac{1}{N} \sum_{\mu} x^\mu {x^\mu}^{\!\top}, \qquad W_{ii} = 0",
            r"E(s) = -\tfrac12 \, s^\top W s",
        ],
        symbols: &[
            ("s", "the state, one of +1 (ink) and -1 (page) for each of 35 points"),
            (r"x^\mu", "a stored letter"),
            ("W", "the weights, one for each pair of points"),
        ],
        words: "hebb hopfield outer product matrix binary spin",
    }
    .told(),
    params: &[&LETTERS, &CUE, &FLIPPED],
    metrics: &[
        Metric::new("energy", "energy", "The energy of the state, E(s)."),
        Metric::new(
            "overlap",
            "overlap",
            "Overlap of the state with the letter the cue was made of: 1 is equal, 0 is unrelated.",
        ),
    ],
    presets: &[
        Preset::new("Smudge", "A smudged letter comes back whole.", &[]),
        Preset::new(
            "One too many",
            "A G beside a C: two letters that look alike share one valley.",
            &[("letters", "6"), ("cue", "6")],
        )
        .beyond(),
    ],
    steps: 700,
    log_steps: false,
    pace: 24.0,
    thumbnail: 2,
    files: |_| Vec::new(),
    start: |start| Ok(Box::new(Letters::new(start))),
};

const ROWS: usize = 7;
const COLS: usize = 5;
const N: usize = ROWS * COLS;
const ALPHABET: [(char, &str); 6] = [
    ('J', "00111 00010 00010 00010 00010 10010 01100"),
    ('X', "10001 10001 01010 00100 01010 10001 10001"),
    ('T', "11111 00100 00100 00100 00100 00100 00100"),
    ('K', "10001 10010 10100 11000 10100 10010 10001"),
    ('C', "01110 10001 10000 10000 10000 10001 01110"),
    ('G', "01110 10001 10000 10111 10001 10001 01110"),
];

const STORED: usize = 0;
const STATE: usize = 1;
const WEIGHTS: usize = 2;

#[derive(Clone)]
struct Letters {
    /// Stored letters, +1 or -1, N each.
    stored: Vec<[f32; N]>,
    /// (N, N), symmetric, row-major.
    weights: Vec<f32>,
    cue: [f32; N],
    /// Which letter the cue was made of.
    target: usize,
    state: [f32; N],
    /// Who is asked next.
    order: Stream,
    /// Who was asked since the last change and kept its state: the run has settled when it is everyone.
    content: [bool; N],
    /// How the energy fell.
    descent: Descent,
}

impl Letters {
    fn new(start: &Start) -> Self {
        let count = start.values.int(&LETTERS);
        let stored: Vec<[f32; N]> = ALPHABET[..count].iter().map(|(_, points)| read(points)).collect();
        let mut weights = vec![0.0; N * N];
        for letter in &stored {
            for (i, j) in (0..N).flat_map(|i| (0..N).map(move |j| (i, j))).filter(|(i, j)| i != j) {
                weights[i * N + j] += letter[i] * letter[j] / N as f32;
            }
        }
        let target = start.values.int(&CUE).min(count) - 1;
        let mut cue = stored[target];
        let mut places: Vec<usize> = (0..N).collect();
        start.rng.stream("flips").shuffle(&mut places);
        let flips = (start.values.float(&FLIPPED) * N as f64 + 0.5) as usize;
        for &i in &places[..flips.min(N)] {
            cue[i] = -cue[i];
        }
        let order = start.rng.stream("order");
        Self { stored, weights, cue, target, state: cue, order, content: [false; N], descent: Descent::default() }
    }
}

/// Points as `1` for ink, with spaces between the rows.
fn read(points: &str) -> [f32; N] {
    let mut letter = [-1.0; N];
    let ink = points.bytes().filter(|point| *point != b' ').enumerate().filter(|(_, point)| *point == b'1');
    ink.for_each(|(i, _)| letter[i] = 1.0);
    letter
}

impl Letters {
    /// `h_i = Σ_j W_ij s_j`
    fn field(&self, state: &[f32; N], i: usize) -> f32 {
        self.weights[i * N..(i + 1) * N].iter().zip(state).map(|(w, s)| w * s).sum()
    }

    fn energy(&self) -> f32 {
        -0.5 * (0..N).map(|i| self.state[i] * self.field(&self.state, i)).sum::<f32>()
    }

    fn overlap(&self, letter: &[f32; N]) -> f32 {
        self.state.iter().zip(letter).map(|(s, x)| s * x).sum::<f32>() / N as f32
    }

    /// The stored letter most like the state, or most unlike it: a state and its negative are the same memory.
    fn nearest(&self) -> usize {
        let size = |i: &usize| self.overlap(&self.stored[*i]).abs();
        (0..self.stored.len()).rev().max_by(|a, b| size(a).total_cmp(&size(b))).unwrap_or(0)
    }

    /// Letters that no unit wants to leave.
    fn fixed_points(&self) -> usize {
        let stable = |letter: &[f32; N]| (0..N).all(|i| self.field(letter, i) * letter[i] >= 0.0);
        self.stored.iter().filter(|letter| stable(letter)).count()
    }

    fn settled(&self) -> bool {
        self.content.iter().all(|content| *content)
    }
}

impl Experiment for Letters {
    fn views(&self) -> Vec<View> {
        let names = ALPHABET[..self.stored.len()].iter().map(|(name, _)| name.to_string()).collect();
        let stored = Glyphs { weighted: Some("overlap"), ringed: Some("nearest"), ..Glyphs::new(ROWS, COLS, names) };
        let pair = Glyphs { paint: Some(0), ..Glyphs::new(ROWS, COLS, vec!["Cue".into(), "State".into()]) };
        let weights = Shape::Heatmap {
            rows: N as u32,
            cols: N as u32,
            row_name: "to point",
            col_name: "from point",
            ends: ("differ", "agree"),
        };
        let way = Shape::over_steps(
            Axis::linear("unit asked", 0.0, 140.0),
            Axis::linear("energy", -40.0, 0.0),
            &[("energy", "energy")],
        );
        vec![
            View::new("Stored letters", Place::Full, Shape::Glyphs(stored)),
            View::new("Cue and state", Place::Side, Shape::Glyphs(pair)).hand(Hand::Start).moving(),
            View::new("All weights", Place::Main, weights),
            View::new("Energy on the way", Place::Side, way),
        ]
    }

    fn ground(&self, view: usize, out: &mut [f32]) {
        match view {
            STORED => {
                let points = self.stored.iter().flatten().map(|x| 0.5 + 0.5 * x);
                out.iter_mut().zip(points).for_each(|(o, p)| *o = p);
            }
            WEIGHTS => out.copy_from_slice(&self.weights),
            _ => {}
        }
    }

    fn draw(&self, view: usize, slot: &mut [f32]) {
        match view {
            STORED => {
                slot[0] = self.nearest() as f32;
                for (weight, letter) in slot[1..].iter_mut().zip(&self.stored) {
                    *weight = self.overlap(letter).abs();
                }
            }
            STATE => {
                let points = self.cue.iter().chain(&self.state).map(|x| 0.5 + 0.5 * x);
                slot.iter_mut().zip(points).for_each(|(o, p)| *o = p);
                slot[2 * N] = -1.0;
            }
            _ => {}
        }
    }

    fn caption(&self, view: usize) -> String {
        let nearest = self.nearest();
        let (name, overlap) = (ALPHABET[nearest].0, self.overlap(&self.stored[nearest]));
        match view {
            STORED => format!("The state is nearest to {name}, with overlap {}.", decimal::fixed(overlap.into(), 2)),
            STATE => {
                let changed = self.state.iter().zip(&self.cue).filter(|(s, c)| *s * *c < 0.0).count();
                format!("{changed} of {N} points differ from the cue. Paint on the cue to start from your own.")
            }
            WEIGHTS => {
                let pairs = N * (N - 1) / 2;
                format!(
                    "{pairs} weights hold {} letters. Blue pairs agree in most letters, magenta ones differ.",
                    self.stored.len()
                )
            }
            _ => format!(
                "Energy {} after {} units were asked.",
                decimal::fixed(self.energy().into(), 2),
                self.descent.steps
            ),
        }
    }

    fn step(&mut self) -> Status {
        let before = self.energy();
        let i = self.order.below(N);
        let field = self.field(&self.state, i);
        let flips = field * self.state[i] < 0.0;
        if flips {
            self.state[i] = -self.state[i];
            self.content = [false; N];
        }
        self.content[i] = true;
        // Energies are sums of 595 f32 terms.
        self.descent.step(before.into(), self.energy().into(), 1e-4);
        if self.settled() { Status::Ended("settled") } else { Status::Running }
    }

    fn measure(&self, out: &mut [f32]) {
        out[0] = self.energy();
        out[1] = self.overlap(&self.stored[self.target]);
    }

    fn touch(&mut self, gesture: &Gesture) {
        match *gesture {
            Gesture::Paint { item: 0, x, y, value, .. } => {
                let at = |part: u16, of: usize| (usize::from(part) * of / usize::from(GRAIN)).min(of - 1);
                self.cue[at(y, ROWS) * COLS + at(x, COLS)] = if value < 128 { -1.0 } else { 1.0 };
            }
            Gesture::Wipe { item: 0, .. } => self.cue = [-1.0; N],
            _ => return,
        }
        self.state = self.cue;
        self.content = [false; N];
    }

    fn reaches(&self) -> Vec<(&'static Param, Reach)> {
        vec![(&CUE, Reach::UpTo(self.stored.len() as f64))]
    }

    fn claims(&self) -> Vec<Claim> {
        let count = self.stored.len();
        let stable = self.fixed_points();
        let downhill =
            Claim::never_rises("No move raises the energy.", "Hopfield 1982, equations 7 and 8", &self.descent);
        let still = Claim::new("Every stored letter holds still.", "Hopfield 1982, section on information storage")
            .expect(count as f64, count as f64, &format!("{count} of {count}"))
            .on((0.0, "0"), (count as f64, &format!("{count} letters")))
            .measured(stable as f64, format!("{stable} of {count}"));
        let crowded = "The rule is made for letters that have little in common. C and G share most of their points.";
        vec![downhill, if stable == count { still } else { still.because(crowded) }]
    }
}

#[cfg(test)]
mod tests {
    use crate::session::{Session, follow};

    fn run(query: &str) -> Session {
        follow(&format!("id=hebb-letters&{query}"), 0)
    }

    #[test]
    fn four_letters_come_back_from_fifteen_percent_noise_in_nine_of_ten_runs() {
        let came_back = (1..=20).filter(|seed| {
            let mut session = run(&format!("seed={seed}"));
            session.seek(700);
            session.metrics()[1] > 0.99
        });
        assert!(came_back.count() >= 18);
    }

    #[test]
    fn a_g_beside_a_c_is_one_letter_too_many() {
        let differs = run("letters=6").claims()[1].verdict();
        assert_eq!(differs, crate::lab::Verdict::Differs);
    }
}
