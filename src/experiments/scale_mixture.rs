//! Networks that each draw a scale of their own (Lee, Yun, Yang and Lee 2022): wide ones are processes of Student's t instead
//! of Gaussian ones, and what such a process says of its data knows how surprising they are.
//!
//! A step draws some networks at two inputs, and some whole functions of which eight values are told and the others must be
//! foretold. Both are kept without their scale, so that the prior of the scale can move while the run goes on. The data
//! whose bands are drawn stand by themselves: one of them is moved by hand.
use crate::{
    lab::{
        Axis, Claim, Entry, Experiment, Live, Metric, Paper, Param, Place, Plot, Preset, Prose, Series, Shape, Start,
        Status, Values, View, Wing,
    },
    math::{
        decimal::{fixed, short},
        mean::Mean,
        rng::Rng,
        scalar::{erf, exp},
    },
    model::prior::{
        bands::{Band, Bands},
        kolmogorov::Cells,
        network_kernel::draw,
        scale_mixture::InverseGamma,
        scale_trial::{BAR, BARS, Batch, CLASS, CLASSES, FAR, NOISE, NORMAL, Networks, TOLD, Tally},
        student,
    },
};
use std::{
    f64::consts::{FRAC_1_SQRT_2, TAU},
    rc::Rc,
};

static OUTLIER_X: Param = Param::float(
    "outlier-x",
    "Orange point, x",
    (-EDGE, 0.75, EDGE),
    "Where along the line the point lies that your hand moves.",
);
static OUTLIER_Y: Param = Param::float(
    "outlier-y",
    "Orange point, y",
    (-HIGH, 4.0, HIGH),
    "Its value. Far from what the other points say, it is an outlier.",
);
static A: Param = Param::float(
    "a",
    "Shape a",
    (0.6, 2.0, 10.0),
    "How well the scale is known beforehand: 1/σ² has a gamma distribution of this shape. Outputs have t tails with 2a degrees of freedom.",
)
.ends("anything goes", "nearly normal");
static B: Param = Param::float(
    "b",
    "Rate b",
    (0.2, 2.0, 10.0),
    "The rate of the same gamma distribution: σ² is near b/a. Not a scale, as some libraries have it.",
)
.ends("small outputs", "large outputs");
static POINTS: Param = Param::int("points", "Other points", (1, 7, MOST as i64), "Data beside the orange point.");
static DEPTH: Param = Param::int("depth", "Hidden layers", (1, 1, 3), "Layers of every network here.");
static WIDTH: Param = Param::int(
    "width",
    "Units in a layer",
    (8, 256, 1024),
    "The laws are for wide layers. Narrow networks have heavier tails of their own.",
);

pub static ENTRY: Entry = Entry {
    id: "scale-mixture",
    wing: Wing::Prior,
    prose: Prose {
        title: "A band that feels surprise",
        paper: Some(Paper {
            title: "Scale Mixtures of Neural Network Gaussian Processes",
            authors: "Lee, Yun, Yang and Lee",
            year: 2022,
            link: "https://arxiv.org/abs/2107.01408",
        }),
        card: "Drag one point away: one band widens everywhere, the other stays.",
        lead: "Drag the orange point away: one band widens everywhere, the other does not stir.",
        about: &[
            "A very wide network with random weights is a Gaussian process: its outputs are normal numbers, and how they hang \
             together is the kernel of the architecture. Given data, it foretells a mean and a band. But the width of that band \
             depends only on where the data are. Their values could be anything.",
            "Now let each network draw one number more, a scale for all weights of its last layer. Most networks get a common \
             scale and a few a huge one. All outputs of a network share it, so what comes out is a mixture of Gaussian \
             processes. With an inverse-gamma scale it is a process of Student's t, and all formulas stay closed.",
            "The mean does not change. The band does: data that are larger than the kernel expects, or one point that fits badly, say that \
             the scale is large, and the band widens by the same factor at every place. Where the scale is known well beforehand, both \
             agree.",
            "On average both bands of 95 % hold about 95 % of all values, so an average does not tell them apart. The Gaussian one \
             is too wide for small functions and too narrow for large ones. Look at single functions, or at how surprised each \
             answer is by what comes.",
            "Here networks have one input, and regression is all that is shown. The paper also classifies pictures, and tries another \
             prior of the scale.",
        ],
        formulas: &[
            r"f = \frac{1}{\sqrt n} \sum_{j=1}^{n} v_j h_j",
            r"v_j \sim N(0, \sigma^2)",
            r"1/\sigma^2 \sim \operatorname{Gamma}(a, b)",
            r"m = K_* \tilde K^{-1} y, \quad \tilde K = K + \varepsilon I",
            r"V = K_{**} - K_* \tilde K^{-1} K_*^\top",
            r"f_* | y \sim t_{2a+N}\!\left(m, V \frac{2b + y^\top \tilde K^{-1} y}{2a + N}\right)",
            r"\text{instead of} \ f_* \mid y \sim N\!\left(m, V \, \frac{b}{a-1}\right)",
        ],
        symbols: &[
            ("h_j", "what a unit of the last hidden layer puts out"),
            (r"\sigma^2", "the scale of a network, drawn once for all its outputs"),
            ("a, b", "shape and rate of the prior of $1/\\sigma^2$"),
            ("K", "the arc-cosine kernel of wide networks with ReLU, for a scale of 1"),
            (r"\varepsilon", "noise on the data, here 0.04, which shares the scale"),
            ("N", "how many data there are"),
            ("t_{\\nu}", "Student's t with $\\nu$ degrees of freedom: heavier tails than normal"),
        ],
        words: "student t process inverse gamma nngp neural network gaussian process heavy tail outlier uncertainty calibration \
                bayesian regression arc cosine kernel infinite width posterior",
    }
    .told(),
    params: &[&OUTLIER_X, &OUTLIER_Y, &A, &B, &POINTS, &DEPTH, &WIDTH],
    metrics: &[
        Metric::new("distance", "distance to t", "Kolmogorov-Smirnov distance of the outputs so far from Student's t."),
        Metric::new("gain", "gain", "How much less surprised the mixture is by a value than the Gaussian process: a mean, in nats."),
        Metric::new("band", "half width", "Half the mixture's band of 95 % at the orange point."),
    ],
    presets: &[
        Preset::new("One outlier", "Seven points agree and one does not.", &[]),
        Preset::new("No outlier", "The orange point lies low, near what the others say.", &[("outlier-y", "0.5")]),
        Preset::new("Scale well known", "With a = 10 the tails are nearly normal, and both bands agree more.", &[("a", "10"), ("b", "9")]),
        Preset::new("Heavier tails", "With a = 1.5 one output in 36 lies beyond four scales.", &[("a", "1.5"), ("b", "1")]),
        Preset::new("No variance at all", "Below a = 1 the mean of σ² is infinite, and the Gaussian answer is gone.", &[("a", "0.8"), ("b", "0.8")]),
        Preset::new("Eight units", "Too narrow for the law: tails are heavier than the scale alone makes them.", &[("width", "8")]).beyond(),
        Preset::new("Three layers", "Another kernel, and the same law.", &[("depth", "3")]),
    ],
    steps: STEPS,
    log_steps: false,
    pace: 20.0,
    thumbnail: BANDS,
    files: |_| Vec::new(),
    start: |start| Ok(Box::new(Mixture::new(start))),
};

const BANDS: usize = 0;
const ONE: usize = 1;
const OWN: usize = 2;
const TAILS: usize = 3;
const COVERED: usize = 4;

/// The line from -EDGE to EDGE, and values that the orange point can have.
const EDGE: f64 = 2.0;
const HIGH: f64 = 6.0;
/// Most of the other points.
const MOST: usize = 24;
/// Places along the line where bands are drawn, and where functions are: an odd number of each.
const PLACES: usize = 129;
const GRID: usize = 41;

const STEPS: u64 = 200;
/// Before this step claims about networks and functions wait.
const ENOUGH: u64 = 40;
/// The least density of outputs that is drawn, and the functions that make a marker.
const FOOT: f64 = 1e-5;
const FEW: usize = 12;
/// Functions that are drawn as a fan.
const FAN: usize = 8;
const NAMES: [&str; FAN] = ["1", "2", "3", "4", "5", "6", "7", "8"];
/// How much of the mean gain that the formula foretells must be there: large functions are rare, and the mean waits for
/// them. At a = 2 that is a gain of 0.1.
const OF_THE_GAIN: f64 = 0.6;
/// Points of the curve of gains.
const GAINS: usize = 90;

/// What neither steps nor live settings change.
struct Ground {
    depth: usize,
    rng: Rng,
    networks: Networks,
    /// Functions of scale 1 on the grid.
    fan: Vec<Vec<f64>>,
    /// The function that the data are from, at the places of the bands.
    truth: Vec<f64>,
    data: Vec<(f64, f64)>,
}

fn along(i: usize, places: usize) -> f64 {
    EDGE * (2.0 * i as f64 / (places - 1) as f64 - 1.0)
}

impl Ground {
    fn new(values: &Values, rng: &Rng) -> Self {
        let (depth, width) = (values.int(&DEPTH), values.int(&WIDTH));
        let networks = Networks::new(depth, width, (0..GRID).map(|i| along(i, GRID)).collect());
        let mut stream = rng.stream("fan");
        let fan = (0..FAN).map(|_| draw(depth, width, &networks.grid, &mut stream)).collect();
        // The golden section spreads any number of places evenly.
        let mut stream = rng.stream("data");
        let first = stream.uniform();
        let place = |i: usize| EDGE * (2.0 * ((first + 0.618_033_988_749_895 * i as f64) % 1.0) - 1.0);
        let inputs: Vec<f64> = (0..PLACES).map(|i| along(i, PLACES)).chain((0..MOST).map(place)).collect();
        let mut truth = draw(depth, width, &inputs, &mut stream);
        let values = truth.split_off(PLACES);
        let noisy = values.into_iter().map(|y| y + NOISE.sqrt() * stream.normal());
        let data = inputs[PLACES..].iter().copied().zip(noisy).collect();
        Self { networks, rng: rng.clone(), depth, fan, truth, data }
    }

    /// What the data that are shown and the point of the hand say of the line.
    fn bands(&self, prior: InverseGamma, points: usize, outlier: (f64, f64)) -> Bands {
        let places: Vec<f64> = (0..PLACES).map(|i| along(i, PLACES)).collect();
        Bands::new(self.depth, prior, &self.data[..points], outlier, &places)
    }

    /// All chance of a step.
    fn chance(&self, step: usize) -> Rng {
        self.rng.child(&format!("step {step}"))
    }
}

#[derive(Clone)]
struct Mixture {
    ground: Rc<Ground>,
    batches: Vec<Rc<Batch>>,
    tally: Tally,
    bands: Rc<Bands>,
    outlier: (f64, f64),
    points: usize,
    /// Scales of the functions of the fan.
    scales: Vec<f64>,
}

/// A mean with whiskers of two standard errors.
fn marker(mean: &Mean, x: f64, (least, most): (f64, f64)) -> [f32; 4] {
    let within = |y: f64| y.max(least).min(most);
    let (mean, error) = (mean.mean(), 2.0 * mean.error());
    [x, mean, within(mean - error), within(mean + error)].map(|x| x as f32)
}

fn prior(values: &Values) -> InverseGamma {
    InverseGamma { a: values.float(&A), b: values.float(&B) }
}

impl Mixture {
    fn new(start: &Start) -> Self {
        let ground = Rc::new(Ground::new(start.values, start.rng));
        Self::of(ground, start.values, Vec::new())
    }

    fn of(ground: Rc<Ground>, values: &Values, batches: Vec<Rc<Batch>>) -> Self {
        let prior = prior(values);
        let mut tally = Tally::new(prior);
        batches
            .iter()
            .enumerate()
            .for_each(|(step, batch)| tally.count(batch, &mut ground.chance(step).stream("scales")));
        let outlier = (values.float(&OUTLIER_X), values.float(&OUTLIER_Y));
        let points = values.int(&POINTS);
        let mut stream = ground.rng.stream("scales of the fan");
        Self {
            bands: Rc::new(ground.bands(prior, points, outlier)),
            scales: (0..FAN).map(|_| prior.draw(&mut stream).sqrt()).collect(),
            tally,
            outlier,
            points,
            batches,
            ground,
        }
    }

    fn step_now(&self) -> u64 {
        self.batches.len() as u64
    }

    fn not_yet(&self) -> Option<String> {
        (self.step_now() < ENOUGH).then(|| format!("Wait for step {ENOUGH}."))
    }

    /// That numbers are no further from their law than chance puts them.
    fn follows(&self, claim: Claim, cells: &Cells, distance: f64, text: &str) -> Claim {
        if let Some(why) = self.not_yet() {
            return claim.expect(0.0, 0.01, "a small distance").on((0.0, "0"), (0.1, "0.1")).because(why);
        }
        let limit = cells.limit();
        let claim = claim
            .expect(0.0, limit, &format!("a distance of at most {}", short(limit)))
            .on((0.0, "0"), (3.0 * limit, &short(3.0 * limit)))
            .measured(distance, format!("{}{text}", short(distance)));
        if distance <= limit { claim } else { claim.because(self.too_narrow()) }
    }

    fn has_t_tails(&self) -> Claim {
        let (distance, normal) = self.tally.distances();
        let beside = normal.map_or_else(String::new, |normal| format!(", {} to a normal law", short(normal)));
        let claim = Claim::new("Outputs of wide networks follow Student's t.", "Lee et al. 2022, inverse-gamma prior");
        self.follows(claim, &self.tally.outputs, distance, &beside)
    }

    fn too_narrow(&self) -> &'static str {
        if self.ground.networks.width < 100 {
            "The law is for wide layers, and these are narrow."
        } else {
            "By chance alone this happens once in a hundred runs."
        }
    }

    fn goes_far(&self) -> Claim {
        let law = student::beyond(self.tally.prior.degrees(), FAR);
        let networks = f64::from(self.tally.networks);
        let claim = Claim::new("Far outputs are as frequent as t says.", "Lee et al. 2022, inverse-gamma prior")
            .expect(-3.0, 3.0, &format!("{} beyond four scales ± 3 standard errors", short(law)))
            .on((-6.0, "6 errors below"), (6.0, "6 above"));
        if let Some(why) = self.not_yet() {
            return claim.because(why);
        }
        if law * networks < 4.0 {
            return claim.not_here("Too rare to be counted among so few networks.");
        }
        let share = f64::from(self.tally.far) / networks;
        let z = (share - law) / (law * (1.0 - law) / networks).sqrt();
        let claim = claim.measured(z, format!("{} ({} errors)", short(share), fixed(z, 1)));
        if z.abs() <= 3.0 { claim } else { claim.because(self.too_narrow()) }
    }

    fn shares_one_scale(&self) -> Claim {
        let distance = self.tally.distance_of_the_circle();
        let claim = Claim::new(
            "All outputs of a network are large together, even those without correlation.",
            "Lee et al. 2022, a process of t",
        );
        self.follows(claim, &self.tally.circle, distance, " for the radius of two")
    }

    fn has_the_kernel(&self) -> Claim {
        let law = self.ground.networks.correlation;
        let claim = Claim::new("Two outputs hang together as the kernel says.", "Cho and Saul 2009, arc-cosine kernel")
            .on((0.0, "0"), (1.0, "1"));
        if let Some(why) = self.not_yet() {
            return claim.expect(law, law, &fixed(law, 3)).because(why);
        }
        let (mean, error) = (self.tally.products.mean(), 3.0 * self.tally.products.error());
        let claim = Claim { tolerance: error, ..claim }.measured(mean, fixed(mean, 3));
        claim.expect(law, law, &format!("{} ± {}", fixed(law, 3), fixed(error, 3)))
    }

    fn is_less_surprised(&self) -> Claim {
        let prior = self.tally.prior;
        let claim = Claim::new("Data it has not seen surprise the mixture less.", "Lee et al. 2022, regression");
        let Some(fixed_loss) = prior.fixed_loss() else {
            return claim.not_here("With a up to 1 no Gaussian process has the same variance.");
        };
        let law = fixed_loss - prior.mixture_loss(TOLD);
        let claim = claim
            .expect(OF_THE_GAIN * law, f64::INFINITY, &format!("a gain of {} or not far below", fixed(law, 3)))
            .on((-law, &fixed(-law, 2)), (3.0 * law, &fixed(3.0 * law, 2)));
        if let Some(why) = self.not_yet() {
            return claim.because(why);
        }
        let [mixture, gaussian] = self.tally.losses.map(|loss| fixed(loss.mean(), 3));
        let gain = self.tally.gain.mean();
        let claim = claim.measured(gain, format!("{} ({mixture} after {gaussian})", fixed(gain, 3)));
        if gain >= OF_THE_GAIN * law {
            claim
        } else {
            claim.because("Few functions are huge, and the gain is with them.")
        }
    }

    fn holds_large_functions(&self) -> Claim {
        let claim = Claim::new("Of large functions its band holds more.", "Lee et al. 2022, regression");
        let Some(law) = self.tally.prior.advantage(TOLD, self.tally.half, NORMAL) else {
            return claim.not_here("With a up to 1 no Gaussian process has the same variance.");
        };
        let percent = |x: f64| fixed(100.0 * x, 1);
        let claim = claim.on((-0.05, "5 % less"), (0.2, "20 % more"));
        if let Some(why) = self.not_yet() {
            return claim.expect(law, law, &format!("{} % more", percent(law))).because(why);
        }
        let (more, error) = (self.tally.more.mean(), 3.0 * self.tally.more.error());
        Claim { tolerance: error, ..claim }
            .expect(law, law, &format!("{} ± {} % more", percent(law), percent(error)))
            .measured(more, format!("{} % more of {} functions", percent(more), self.tally.more.count()))
    }

    fn feels_the_outlier(&self) -> Claim {
        let claim = Claim::new("An outlier widens the mixture's band everywhere.", "Lee et al. 2022, posterior")
            .expect(1.0 + 1e-9, f64::INFINITY, "wider at every place")
            .on_log((0.5, "half as wide"), (8.0, "8 times"));
        match self.bands.wider {
            None => claim.not_here("The orange point fits the others. Drag it away."),
            Some((wider, gaussian)) => {
                let beside = gaussian.map_or_else(String::new, |x| format!(", the Gaussian one {}", fixed(x, 2)));
                claim.measured(wider, format!("{} times as wide{beside}", fixed(wider, 2)))
            }
        }
    }

    /// A band around the mean.
    fn band(&self, half: impl Fn(&Band) -> Option<f64>) -> impl Iterator<Item = (f64, [f64; 3])> {
        let around = |mean: f64, half: f64| [mean, mean - half, mean + half];
        let places = self.bands.line.iter().enumerate();
        places.filter_map(move |(i, here)| Some((along(i, PLACES), around(here.mean, half(here)?))))
    }
}

impl Experiment for Mixture {
    fn views(&self) -> Vec<View> {
        let lines =
            |x: Axis, y: Axis, series: Vec<Series>| Shape::Lines { x, y, series, marks: Vec::new(), field: None };
        let bands = lines(
            Axis::linear("x", -EDGE, EDGE).of(&OUTLIER_X),
            Axis::linear("y", -HIGH, HIGH).of(&OUTLIER_Y),
            vec![
                Series::band("mixture", PLACES),
                Series::band("Gaussian", PLACES),
                Series::curve("mean", PLACES),
                Series::spread("data", MOST),
                Series::reference("truth", PLACES),
            ],
        );
        let fan = || {
            let series = NAMES.map(|name| Series::curve(name, GRID)).into();
            lines(Axis::linear("x", -EDGE, EDGE), Axis::linear("f", -HIGH, HIGH), series)
        };
        let tails = lines(
            Axis::linear("size of an output, in scales", 0.0, BAR * BARS as f64),
            Axis::log("share per scale", FOOT, 1.0),
            vec![
                Series::spread("networks", BARS),
                Series::reference("Student's t", 2 * BARS),
                Series::reference("normal", 2 * BARS),
            ],
        );
        let covered = lines(
            Axis::linear("scale of the function", 0.0, CLASS * CLASSES as f64),
            Axis::linear("share of the values in the band", 0.0, 1.0),
            vec![
                Series::spread("mixture", CLASSES),
                Series::spread("Gaussian", CLASSES),
                Series::reference("formula, mixture", 4 * CLASSES),
                Series::reference("formula, Gaussian", 4 * CLASSES),
            ],
        );
        let gain = lines(
            Axis::linear("shape a", 0.6, 10.0).of(&A),
            Axis::linear("nats a value", 0.0, 0.6),
            vec![Series::spread("measured", 1), Series::reference("formula", GAINS)],
        );
        vec![
            View::new("Bands of 95 %", Place::Main, bands),
            View::new("Networks of one scale", Place::Side, fan()),
            View::new("The same, each with its own", Place::Side, fan()),
            View::new("How large outputs are", Place::Main, tails),
            View::new("What the bands hold", Place::Main, covered),
            View::new("Gain over the Gaussian answer", Place::Side, gain),
        ]
    }

    fn draw(&self, view: usize, slot: &mut [f32]) {
        let Tally { prior, .. } = self.tally;
        let at = |x: f64, y: f64| [x as f32, y as f32];
        match view {
            BANDS => {
                let mut plot = Plot::on_plane(slot, self.outlier.0, self.outlier.1);
                plot.spread(PLACES, self.band(|band| Some(band.half)));
                plot.spread(PLACES, self.band(|band| band.gaussian));
                plot.curve(PLACES, self.bands.line.iter().enumerate().map(|(i, here)| at(along(i, PLACES), here.mean)));
                let mut data = self.ground.data[..self.points].to_vec();
                data.sort_by(|a, b| a.0.total_cmp(&b.0));
                plot.curve(MOST, data.iter().map(|(x, y)| [*x, *y, *y, *y].map(|x| x as f32)));
                plot.curve(PLACES, self.ground.truth.iter().enumerate().map(|(i, y)| at(along(i, PLACES), *y)));
            }
            ONE | OWN => {
                let mut plot = Plot::new(slot, -2.0 * EDGE);
                for (f, own) in self.ground.fan.iter().zip(&self.scales) {
                    let scale = if view == OWN { Some(*own) } else { prior.mean().map(f64::sqrt) };
                    let points = self.ground.networks.grid.iter().zip(f);
                    plot.curve(GRID, points.filter_map(|(x, f)| scale.map(|scale| at(*x, scale * f))));
                }
            }
            TAILS => {
                let mut plot = Plot::new(slot, -1.0);
                let all = f64::from(self.tally.networks.max(1)) * BAR;
                let seen = self.tally.bars.iter().enumerate().filter(|(_, count)| **count > 0);
                plot.curve(
                    BARS,
                    seen.map(|(i, count)| {
                        let (count, error) = (f64::from(*count), 2.0 * f64::from(*count).sqrt());
                        let low = ((count - error) / all).max(FOOT);
                        [BAR * (i as f64 + 0.5), count / all, low, (count + error) / all].map(|x| x as f32)
                    }),
                );
                let half = |i: usize| 0.5 * BAR * (i as f64 + 0.5);
                let mut law = |density: &dyn Fn(f64) -> f64| {
                    let points = (0..2 * BARS).map(|i| (half(i), 2.0 * density(half(i))));
                    plot.curve(2 * BARS, points.take_while(|(_, y)| *y > FOOT).map(|(x, y)| at(x, y)));
                };
                law(&|z| exp(student::log_density(prior.degrees(), z)));
                let spread = self.tally.spread();
                law(&|z| spread.map_or(0.0, |spread| exp(-0.5 * z * z / (spread * spread)) / (TAU.sqrt() * spread)));
            }
            COVERED => {
                let mut plot = Plot::new(slot, -1.0);
                for which in 0..2 {
                    let classes =
                        self.tally.covered.iter().enumerate().filter(|(_, class)| class[which].count() >= FEW);
                    let markers = classes.map(|(i, class)| marker(&class[which], CLASS * (i as f64 + 0.5), (0.0, 1.0)));
                    plot.curve(CLASSES, markers);
                }
                let scales = || (1..=4 * CLASSES).map(|i| 0.25 * CLASS * i as f64);
                let mixture = |scale: f64| prior.coverage(TOLD, self.tally.half, scale * scale * prior.scale2());
                plot.curve(4 * CLASSES, scales().map(|scale| at(scale, mixture(scale))));
                let spread = self.tally.spread();
                let gaussian = |scale: f64| spread.map(|spread| erf(NORMAL * spread / scale * FRAC_1_SQRT_2));
                plot.curve(4 * CLASSES, scales().filter_map(|scale| gaussian(scale).map(|share| at(scale, share))));
            }
            _ => {
                let mut plot = Plot::new(slot, prior.a);
                let gain = self.tally.gain;
                let markers = [marker(&gain, prior.a, (-1e3, 1e3))].into_iter().filter(|_| gain.count() >= FEW);
                plot.curve(1, markers);
                let law = |i: usize| {
                    let a = 1.05 + 8.95 * i as f64 / (GAINS - 1) as f64;
                    let prior = InverseGamma { a, b: 1.0 };
                    let gain = prior.fixed_loss()? - prior.mixture_loss(TOLD);
                    (gain < 0.6).then(|| at(a, gain))
                };
                plot.curve(GAINS, (0..GAINS).filter_map(law));
            }
        }
    }

    fn caption(&self, view: usize) -> String {
        let Tally { prior, .. } = self.tally;
        let none = "With a up to 1 the mean of σ² is infinite, so there is no Gaussian process of equal variance";
        match view {
            BANDS => {
                let felt = match self.bands.wider {
                    None => "The orange point fits the others, so nothing is felt. Drag it up or down".into(),
                    Some((wider, gaussian)) => format!(
                        "Beside a point that fits, the orange one makes the mixture's band {} times as wide at every place{}",
                        fixed(wider, 2),
                        if gaussian.is_some() { ", and leaves the Gaussian one as it is" } else { "" }
                    ),
                };
                format!(
                    "{felt}. Both have one mean. {}",
                    if prior.mean().is_some() {
                        "Triangles are the other data."
                    } else {
                        "The Gaussian band is infinite here."
                    }
                )
            }
            ONE => match prior.mean() {
                Some(mean) => format!("Eight random networks, all with a scale of {}.", fixed(mean.sqrt(), 2)),
                None => format!("{none}."),
            },
            OWN => {
                let least = self.scales.iter().copied().fold(f64::INFINITY, f64::min);
                let most = self.scales.iter().copied().fold(0.0, f64::max);
                format!(
                    "Their own scales go from {} to {}. With a smaller shape a some are huge.",
                    fixed(least, 2),
                    fixed(most, 2)
                )
            }
            TAILS => {
                let (distance, normal) = self.tally.distances();
                let beside = normal.map_or_else(String::new, |normal| {
                    format!(", and {} from the normal law of equal variance", short(normal))
                });
                match self.tally.networks {
                    0 => "No network is drawn yet.".into(),
                    networks => format!(
                        "Outputs of {networks} networks at one input. Their distance is {} from t with {} degrees of freedom{beside}. Whiskers are two standard errors.",
                        short(distance),
                        fixed(prior.degrees(), 1)
                    ),
                }
            }
            COVERED => {
                let [mixture, gaussian] = self.tally.coverage.map(|share| fixed(100.0 * share.mean(), 1));
                match (self.tally.coverage[0].count(), prior.mean()) {
                    (0, _) => "No function is foretold yet.".into(),
                    (count, Some(_)) => format!(
                        "{count} functions foretold from {TOLD} values. On average the mixture's band holds {mixture} % and the Gaussian one {gaussian} %. For each size of function they differ."
                    ),
                    (count, None) => {
                        format!("{count} functions foretold from {TOLD} values: the band holds {mixture} %. {none}.")
                    }
                }
            }
            _ => match self.tally.losses.map(|loss| fixed(loss.mean(), 3)) {
                _ if prior.mean().is_none() => format!("{none}."),
                [mixture, gaussian] if self.tally.gain.count() > 0 => {
                    format!("A value costs the mixture {mixture} nats and the Gaussian process {gaussian}.")
                }
                _ => "No function is foretold yet.".into(),
            },
        }
    }

    fn step(&mut self) -> Status {
        let step = self.step_now();
        let chance = self.ground.chance(self.batches.len());
        let batch = Rc::new(self.ground.networks.draw(&chance));
        self.tally.count(&batch, &mut chance.stream("scales"));
        self.batches.push(batch);
        match step + 1 {
            ENOUGH => Status::Passed("enough to test"),
            STEPS => Status::Ended("drawn"),
            _ => Status::Running,
        }
    }

    fn measure(&self, out: &mut [f32]) {
        out[0] = self.tally.distances().0 as f32;
        out[1] = self.tally.gain.mean() as f32;
        out[2] = self.bands.here as f32;
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        if param.is(&DEPTH) || param.is(&WIDTH) {
            return Live::Restart;
        }
        if param.is(&A) || param.is(&B) {
            *self = Self::of(Rc::clone(&self.ground), values, std::mem::take(&mut self.batches));
        } else {
            self.outlier = (values.float(&OUTLIER_X), values.float(&OUTLIER_Y));
            self.points = values.int(&POINTS);
            self.bands = Rc::new(self.ground.bands(self.tally.prior, self.points, self.outlier));
        }
        Live::Now
    }

    fn claims(&self) -> Vec<Claim> {
        vec![
            self.feels_the_outlier(),
            self.has_t_tails(),
            self.goes_far(),
            self.shares_one_scale(),
            self.has_the_kernel(),
            self.is_less_surprised(),
            self.holds_large_functions(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        lab::{Claim, Verdict},
        session::{Session, follow},
    };

    fn run(query: &str, steps: u64) -> Session {
        follow(&format!("id=scale-mixture&{query}"), steps)
    }

    fn set(session: &mut Session, name: &str, value: &str) {
        session.set(&[(name.into(), value.into())]).unwrap();
    }

    fn verdicts(claims: &[Claim]) -> Vec<Verdict> {
        claims.iter().map(Claim::verdict).collect()
    }

    #[test]
    fn networks_and_functions_follow_the_laws() {
        for query in ["", "a=4&b=4", "a=1.5&b=1", "depth=2"] {
            let claims = run(&format!("seed=1&{query}"), 200).claims();
            assert_eq!(verdicts(&claims), [Verdict::Agrees; 7], "{query}: {claims:?}");
        }
    }

    #[test]
    fn only_the_mixture_feels_the_outlier_and_by_as_much_as_its_distance() {
        let mut session = run("seed=2", 0);
        let width = |session: &mut Session, y: &str| {
            set(session, "outlier-y", y);
            session.metrics()[2]
        };
        let widths = ["0", "2", "4", "6"].map(|y| width(&mut session, y));
        assert!(widths.windows(2).all(|pair| pair[1] > pair[0]), "{widths:?}");
        let claim = &session.claims()[0];
        assert!(claim.measured.as_ref().unwrap().1.ends_with("the Gaussian one 1.00"), "{claim:?}");
    }

    #[test]
    fn a_prior_that_moves_is_held_against_all_that_was_drawn() {
        let mut session = run("seed=3", 60);
        set(&mut session, "a", "4");
        set(&mut session, "b", "3");
        assert_eq!(session.step(), 60);
        assert_eq!(session.claims(), run("seed=3&a=4&b=3", 60).claims());
    }

    #[test]
    fn narrow_networks_have_tails_of_their_own() {
        assert_eq!(run("width=8", 200).claims()[1].verdict(), Verdict::Differs);
    }

    #[test]
    fn without_a_variance_there_is_no_gaussian_answer() {
        let claims = run("a=0.8&b=0.8", 100).claims();
        let wanted = [0, 1, 2, 3, 4].map(|_| Verdict::Agrees);
        assert_eq!(verdicts(&claims)[..5], wanted, "{claims:?}");
        assert_eq!(verdicts(&claims)[5..], [Verdict::NotHere; 2]);
    }
}
