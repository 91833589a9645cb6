//! Sparse codes: how often patterns of few active cells meet a few synapses by chance (Ahmad and Hawkins 2016, *How do
//! neurons operate on sparse distributed representations?*).
//!
//! Of `n` cells a pattern has `a` active. A segment has synapses on `s` cells and recognises a pattern when at least
//! `threshold` of them are active: that many is the overlap. All draws are without replacement, so overlaps are
//! hypergeometric. Rates can be as small as 1e-300, hence the logarithms.
use crate::math::{
    rng::Stream,
    scalar::{exp, lgamma, ln_1p, pow},
};

/// `ln C(n, k)`; minus infinity for `k > n`.
fn ln_choose(n: usize, k: usize) -> f64 {
    if k > n {
        return f64::NEG_INFINITY;
    }
    let ln_factorial = |n: usize| lgamma(n as f64 + 1.0);
    ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
}

/// The logarithm of the chance that exactly `b` of the `marked` cells among `n` are active, where `active` are, drawn at
/// random: `C(s, b) C(n - s, a - b) / C(n, a)`.
pub fn ln_overlap(n: usize, marked: usize, active: usize, b: usize) -> f64 {
    if b > active || marked > n {
        return f64::NEG_INFINITY;
    }
    ln_choose(marked, b) + ln_choose(n - marked, active - b) - ln_choose(n, active)
}

/// The logarithm of the chance that a random pattern is taken for a known one: its overlap reaches the threshold.
///
/// Summed from the far tail on, where the terms are least.
pub fn ln_false_positive(n: usize, a: usize, s: usize, threshold: usize) -> f64 {
    let terms = (threshold..=s.min(a)).rev().map(|b| ln_overlap(n, s, a, b));
    terms.filter(|term| term.is_finite()).fold(f64::NEG_INFINITY, |sum, term| {
        let (low, high) = if sum < term { (sum, term) } else { (term, sum) };
        high + ln_1p(exp(low - high))
    })
}

/// How many of `a` active cells stay where a share `noise` of them is replaced by others.
pub fn kept(a: usize, noise: f64) -> usize {
    (((1.0 - noise) * a as f64 + 0.5) as usize).min(a)
}

/// Overlaps of a known pattern of which `kept` cells stayed: the chance of 0, 1, … `a`. Its `s` synapses are on cells of
/// the pattern, and cells that take the place of others are none of it.
pub fn known(a: usize, s: usize, kept: usize) -> Vec<f64> {
    (0..=a).map(|b| exp(ln_overlap(a, s, kept, b))).collect()
}

/// The chance that an overlap reaches the threshold.
pub fn at_least(overlaps: &[f64], threshold: usize) -> f64 {
    overlaps.iter().skip(threshold).rev().sum()
}

/// The chance that an overlap stays below the threshold.
pub fn below(overlaps: &[f64], threshold: usize) -> f64 {
    overlaps.iter().take(threshold).sum()
}

/// Cells that have a synapse, on average, when `patterns` patterns put `s` synapses each on one segment.
pub fn union_size(n: usize, s: usize, patterns: usize) -> f64 {
    n as f64 * (1.0 - pow(1.0 - s as f64 / n as f64, patterns as f64))
}

/// The union law: false positives of a segment with the synapses of several patterns are those of one pattern with as
/// many synapses as the union has on average. [`Union`] counts exactly.
pub fn union_false_positive(n: usize, a: usize, s: usize, patterns: usize, threshold: usize) -> f64 {
    exp(ln_false_positive(n, a, (union_size(n, s, patterns) + 0.5) as usize, threshold))
}

/// The exact law of a union: how the overlap of a pattern grows with each pattern that is added to the segment.
///
/// Of the active cells that have no synapse yet, a further pattern's `s` random synapses reach a hypergeometric number.
#[derive(Clone, Debug)]
pub struct Union {
    /// Row k: the chance that 0, 1, … further active cells get a synapse, where k have one.
    rows: Vec<Vec<f64>>,
}

impl Union {
    /// For patterns of `a` active cells among `n`, with `s` synapses each.
    pub fn new(n: usize, a: usize, s: usize) -> Self {
        let row = |bare: usize| (0..=s.min(bare)).map(|j| exp(ln_overlap(n, bare, s, j))).collect();
        Self { rows: (0..=a).map(|covered| row(a - covered)).collect() }
    }

    /// The chances of overlaps with no synapses at all.
    pub fn empty(&self) -> Vec<f64> {
        (0..self.rows.len()).map(|b| if b == 0 { 1.0 } else { 0.0 }).collect()
    }

    /// The chances of overlaps with one pattern more on the segment.
    pub fn add(&self, overlaps: &[f64]) -> Vec<f64> {
        let mut more = vec![0.0; self.rows.len()];
        for (k, (chance, row)) in overlaps.iter().zip(&self.rows).enumerate() {
            more[k..].iter_mut().zip(row).for_each(|(sum, step)| *sum += chance * step);
        }
        more
    }
}

/// Patterns that can share a [`Segment`]; as many as bits in the mask of [`Tally::count`].
pub const MOST: usize = 100;

/// One segment with synapses for [`MOST`] patterns, of which the first so many are taken to be there.
#[derive(Clone, Debug)]
pub struct Segment {
    a: usize,
    s: usize,
    /// All cells, in a random order.
    cells: Vec<u16>,
    /// For each cell the first pattern with a synapse there, or [`MOST`].
    first: Vec<u8>,
}

/// A pattern that was drawn, and the segment that it meets.
#[derive(Clone, Copy, Debug)]
pub struct Drawn<'a> {
    /// The active cells.
    pub cells: &'a [u16],
    first: &'a [u8],
}

impl Segment {
    /// Without synapses; they [`grow`](Self::grow). At most 65536 cells.
    pub fn new(n: usize, a: usize, s: usize) -> Self {
        Self { a, s, cells: (0..n).map(|cell| cell as u16).collect(), first: vec![MOST as u8; n] }
    }

    /// Puts a random choice of the cells at `from..to` in front of the others there: a shuffle that goes no further.
    fn shuffle(&mut self, from: usize, count: usize, to: usize, stream: &mut Stream) {
        for i in from..from + count {
            self.cells.swap(i, i + stream.below(to - i));
        }
    }

    /// New synapses for new patterns.
    pub fn grow(&mut self, stream: &mut Stream) {
        self.first.fill(MOST as u8);
        // Backwards, so that the first pattern with a synapse stays, and the cells of the first pattern end in front.
        for pattern in (0..MOST).rev() {
            self.shuffle(0, if pattern == 0 { self.a } else { self.s }, self.cells.len(), stream);
            self.cells[..self.s].iter().for_each(|cell| self.first[usize::from(*cell)] = pattern as u8);
        }
    }

    /// The first pattern, `kept` of its cells and others for the rest. Only before the first [`random`](Self::random)
    /// pattern: the first one is not remembered elsewhere.
    pub fn noisy(&mut self, kept: usize, stream: &mut Stream) -> Drawn<'_> {
        let lost = self.a - kept;
        self.shuffle(0, lost, self.a, stream);
        self.shuffle(self.a, lost, self.cells.len(), stream);
        Drawn { cells: &self.cells[lost..self.a + lost], first: &self.first }
    }

    /// A pattern of random cells.
    pub fn random(&mut self, stream: &mut Stream) -> Drawn<'_> {
        self.shuffle(0, self.a, self.cells.len(), stream);
        Drawn { cells: &self.cells[..self.a], first: &self.first }
    }

    /// Whether a cell has a synapse with that many patterns on the segment.
    pub fn has_synapse(&self, cell: usize, patterns: usize) -> bool {
        usize::from(self.first[cell]) < patterns
    }

    /// Cells that have a synapse.
    pub fn synapses(&self, patterns: usize) -> usize {
        (0..self.first.len()).filter(|cell| self.has_synapse(*cell, patterns)).count()
    }

    /// Cells of a pattern that have a synapse.
    pub fn overlap(&self, cells: &[u16], patterns: usize) -> usize {
        cells.iter().filter(|cell| self.has_synapse(usize::from(**cell), patterns)).count()
    }
}

/// How often patterns reached each threshold, for each M.
#[derive(Clone, Debug)]
pub struct Tally {
    segments: u64,
    draws: u64,
    /// Rows of [`MOST`] for each threshold from 1: on this segment, those that need exactly that many patterns on the segment.
    fresh: Vec<u32>,
    /// On all segments, those that need at most that many; and the squares of each segment's number.
    passed: Vec<u64>,
    squares: Vec<u64>,
}

/// A measured share.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    /// Of all draws.
    pub rate: f64,
    /// Its standard error.
    pub error: f64,
}

impl Tally {
    /// For thresholds from 1 to `s`.
    pub fn new(s: usize) -> Self {
        let cells = s * MOST;
        Self { segments: 0, draws: 0, fresh: vec![0; cells], passed: vec![0; cells], squares: vec![0; cells] }
    }

    /// Counts a pattern, at every threshold and for every number of patterns on its segment.
    pub fn count(&mut self, Drawn { cells, first }: Drawn) {
        let mut hits = [0_u16; MOST + 1];
        let mut seen = 0_u128;
        for &cell in cells {
            let pattern = usize::from(first[usize::from(cell)]);
            hits[pattern] += 1;
            seen |= 1 << pattern;
        }
        // The last place is of cells without a synapse.
        seen &= (1 << MOST) - 1;
        let mut places = self.fresh.chunks_exact_mut(MOST);
        while seen != 0 {
            let pattern = seen.trailing_zeros() as usize;
            places.by_ref().take(hits[pattern].into()).for_each(|row| row[pattern] += 1);
            seen &= seen - 1;
        }
    }

    /// That many draws have met one segment: the next ones meet another.
    pub fn end_segment(&mut self, draws: usize) {
        self.segments += 1;
        self.draws += draws as u64;
        let totals = self.passed.chunks_exact_mut(MOST).zip(self.squares.chunks_exact_mut(MOST));
        for (fresh, (passed, squares)) in self.fresh.chunks_exact_mut(MOST).zip(totals) {
            let mut sum = 0;
            for ((fresh, passed), squares) in fresh.iter_mut().zip(passed).zip(squares) {
                sum += u64::from(std::mem::take(fresh));
                *passed += sum;
                *squares += sum * sum;
            }
        }
    }

    /// The share that reached the threshold, once there was a segment. The error comes from how segments
    /// differ; it is no less than that of as many draws by themselves.
    pub fn share(&self, threshold: usize, patterns: usize) -> Option<Share> {
        if self.segments == 0 {
            return None;
        }
        let place = (threshold - 1) * MOST + patterns - 1;
        let (segments, draws) = (self.segments as f64, self.draws as f64);
        let (passed, squares) = (self.passed[place] as f64, self.squares[place] as f64);
        let rate = passed / draws;
        let between = (squares - passed * passed / segments).max(0.0) * segments / (segments - 1.0).max(1.0);
        Some(Share { rate, error: between.sqrt().max((draws * rate * (1.0 - rate)).sqrt()) / draws })
    }

    /// Draws so far.
    pub fn draws(&self) -> u64 {
        self.draws
    }
}

impl Share {
    /// The share of all others.
    #[must_use]
    pub fn of_the_rest(self) -> Self {
        Self { rate: 1.0 - self.rate, ..self }
    }

    /// Between what the true share lies, 95 times in 100: two standard errors to each side, by Wilson's formula (1927),
    /// which is right for a handful of counts too.
    pub fn within(&self) -> (f64, f64) {
        let Self { rate, error } = *self;
        let spread = rate * (1.0 - rate);
        if error <= 0.0 || spread <= 0.0 {
            return (rate, rate);
        }
        // 4 over the number of single draws that would have this error.
        let share = 4.0 * error * error / spread;
        let middle = (rate + 0.5 * share) / (1.0 + share);
        let length = (spread * share + 0.25 * share * share).sqrt() / (1.0 + share);
        (middle - length, middle + length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    fn close(got: f64, wanted: f64, relative: f64) {
        assert!((got / wanted - 1.0).abs() < relative, "got {got}, wanted {wanted}");
    }

    #[test]
    fn false_positives_are_those_published_with_the_neuron_paper() {
        for ((n, a, s, threshold), published) in [
            ((100_000, 2000, 6, 6), 6.353_09e-11),
            ((100_000, 2000, 12, 6), 5.2939e-8),
            ((100_000, 2000, 40, 10), 4.9154e-9),
            ((10_000, 300, 24, 12), 8.3758e-13),
        ] {
            close(exp(ln_false_positive(n, a, s, threshold)), published, 2e-5);
        }
    }

    #[test]
    fn all_overlaps_together_are_certain() {
        for (n, a, s) in [(200, 20, 10), (2048, 41, 20), (50, 40, 30), (60, 10, 25)] {
            close(exp(ln_false_positive(n, a, s, 0)), 1.0, 1e-10);
            close(known(a, s.min(a), a / 2).iter().sum(), 1.0, 1e-10);
        }
        assert!(ln_false_positive(200, 20, 10, 11) < -1e300);
    }

    #[test]
    fn at_a_threshold_of_all_synapses_only_the_share_of_active_cells_counts() {
        // ln FP is near s ln(a / n) where s is far below a.
        let ln = ln_false_positive(1_000_000, 20_000, 10, 10);
        assert!((ln / (10.0 * crate::math::scalar::ln(0.02)) - 1.0).abs() < 1e-3, "{ln}");
    }

    #[test]
    fn a_known_pattern_is_missed_as_often_as_a_drawn_one() {
        // Counted over all 10 ways to keep 3 of 5 cells, of which the first 3 have synapses.
        let overlaps = known(5, 3, 3);
        for (b, wanted) in [(0, 0.0), (1, 0.3), (2, 0.6), (3, 0.1)] {
            assert!((overlaps[b] - wanted).abs() < 1e-12, "{b}: {}", overlaps[b]);
        }
        assert!((below(&overlaps, 2) - 0.3).abs() < 1e-12 && (at_least(&overlaps, 2) - 0.7).abs() < 1e-12);
        assert_eq!([kept(41, 0.5), kept(41, 0.4), kept(41, 0.0)], [21, 25, 41]);
    }

    #[test]
    fn one_pattern_alone_is_no_union() {
        let union = Union::new(2048, 41, 20);
        let one = union.add(&union.empty());
        for threshold in 1..=20 {
            close(at_least(&one, threshold), exp(ln_false_positive(2048, 41, 20, threshold)), 1e-9);
        }
    }

    #[test]
    fn the_law_with_the_mean_size_comes_near_the_exact_one() {
        let union = Union::new(2048, 41, 20);
        let mut overlaps = union.empty();
        for patterns in 1..=40 {
            overlaps = union.add(&overlaps);
            if [10, 20, 40].contains(&patterns) {
                close(union_false_positive(2048, 41, 20, patterns, 8), at_least(&overlaps, 8), 0.03);
            }
        }
        close(union_false_positive(2048, 41, 20, 20, 8), 0.451, 2e-3);
        close(union_size(2048, 20, 10), 191.436, 1e-5);
    }

    /// 200 000 random and as many noisy patterns, on 200 segments.
    fn drawn(n: usize, a: usize, s: usize, kept: usize) -> [Tally; 2] {
        let mut stream = Rng::new(1).stream("patterns");
        let mut segment = Segment::new(n, a, s);
        let [mut random, mut noisy] = [Tally::new(s), Tally::new(s)];
        for _ in 0..200 {
            segment.grow(&mut stream);
            (0..1000).for_each(|_| noisy.count(segment.noisy(kept, &mut stream)));
            (0..1000).for_each(|_| random.count(segment.random(&mut stream)));
            noisy.end_segment(1000);
            random.end_segment(1000);
        }
        [random, noisy]
    }

    fn share(tally: &Tally, threshold: usize, patterns: usize) -> Share {
        tally.share(threshold, patterns).expect("there were segments")
    }

    /// `cargo test --lib sparse_code -- --nocapture` prints the lines.
    fn within_three_errors(what: &str, Share { rate, error }: Share, law: f64) {
        let z = (rate - law) / error;
        println!("{what}: {rate:.6} against {law:.6}, z {z:.1}");
        assert!(z.abs() < 3.0, "{what}: {rate} against {law}, z {z}");
    }

    #[test]
    fn random_patterns_pass_as_often_as_the_formula_says() {
        for (n, a, s, threshold) in [
            (200, 20, 10, 4),
            (500, 50, 20, 6),
            (1000, 50, 20, 4),
            (2048, 41, 20, 3),
            (2048, 41, 20, 4),
            (1024, 128, 24, 8),
        ] {
            let [random, _] = drawn(n, a, s, a);
            let law = exp(ln_false_positive(n, a, s, threshold));
            within_three_errors(&format!("fp {:?}", (n, a, s, threshold)), share(&random, threshold, 1), law);
        }
    }

    #[test]
    fn noisy_patterns_are_missed_as_often_as_the_formula_says() {
        for (threshold, noise) in [(8, 0.4), (8, 0.5), (8, 0.6), (12, 0.3), (12, 0.4), (12, 0.5)] {
            let kept = kept(41, noise);
            let [_, noisy] = drawn(2048, 41, 20, kept);
            let law = below(&known(41, 20, kept), threshold);
            let missed = share(&noisy, threshold, 1).of_the_rest();
            within_three_errors(&format!("fn threshold {threshold} noise {noise}"), missed, law);
        }
    }

    #[test]
    fn unions_follow_the_exact_law_and_come_within_a_tenth_of_the_one_with_the_mean_size() {
        let union = Union::new(2048, 41, 20);
        let [random, noisy] = drawn(2048, 41, 20, 16);
        let mut overlaps = [union.empty(), known(41, 20, 16)];
        for patterns in 1..=40 {
            overlaps[0] = union.add(&overlaps[0]);
            if patterns > 1 {
                overlaps[1] = union.add(&overlaps[1]);
            }
            if [2, 10, 20, 40].contains(&patterns) {
                let passed = share(&random, 8, patterns);
                let missed = share(&noisy, 8, patterns).of_the_rest();
                if patterns > 2 {
                    within_three_errors(&format!("union of {patterns}"), passed, at_least(&overlaps[0], 8));
                    close(passed.rate, union_false_positive(2048, 41, 20, patterns, 8), 0.1);
                }
                if patterns < 20 {
                    within_three_errors(&format!("misses of {patterns}"), missed, below(&overlaps[1], 8));
                }
            }
        }
    }

    #[test]
    fn few_counts_have_a_wide_range_that_holds_no_share_below_0() {
        let (low, high) = Share { rate: 1e-6, error: 1e-6 }.within();
        assert!(low > 1e-7 && low < 2e-7 && high > 5e-6 && high < 7e-6, "{low} to {high}");
        let (low, high) = Share { rate: 0.5, error: 0.001 }.within();
        assert!((low - 0.498).abs() < 1e-5 && (high - 0.502).abs() < 1e-5, "{low} to {high}");
    }
}
