//! How much of a trained net can be cut at once, without any training afterwards (Jaiswal, Liu, Chen and Wang 2023, *The emergence of
//! essential sparsity in large pre-trained models*).
use super::{score, select, trainee::Trainee};
use crate::{
    math::rng::Stream,
    model::learning::{confusion::confusions, loss::Loss, mlp::Mlp, training::Examples},
};
use std::rc::Rc;

/// Shares that are cut: so many parts of all, from nothing on. By lot it is every second one, as far as half of all.
pub const GRID: usize = 20;
/// How many weights of each group stay, and of how many.
pub const GROUPS: [(usize, usize); 6] = [(4, 8), (2, 4), (1, 2), (2, 8), (1, 4), (1, 8)];
/// How much may be lost before the knee.
const LOSS: f64 = 0.01;

/// A net that is cut in all ways, and what was right under each cut, as far as they were made.
#[derive(Clone, Debug)]
pub struct Cuts {
    /// Its numbers.
    pub numbers: Rc<Vec<f32>>,
    /// By shares that are cut: of the smallest, and by lot.
    pub curves: [Vec<f64>; 2],
    /// By [`GROUPS`].
    pub groups: Vec<f64>,
}

impl Cuts {
    /// How many there are.
    pub const ALL: usize = GRID + GRID / 2 + GROUPS.len();

    /// A net that was not cut yet.
    pub fn new(numbers: Vec<f32>) -> Self {
        Self { numbers: Rc::new(numbers), curves: [Vec::new(), Vec::new()], groups: Vec::new() }
    }

    /// One more cut; whether it was the last. All cuts by lot are to follow one lot.
    pub fn go_on(&mut self, trainee: &mut Trainee, lot: &mut Stream, test: Examples) -> bool {
        let net = &trainee.net;
        let [smallest, any] = self.curves.each_ref().map(Vec::len);
        let (cut, curve) = if smallest < GRID {
            (cut(net, &self.numbers, share(0, smallest), &score::magnitude(&self.numbers)), &mut self.curves[0])
        } else if any < GRID / 2 {
            (cut(net, &self.numbers, share(1, any), &score::random(net, lot)), &mut self.curves[1])
        } else {
            let (n, m) = GROUPS[self.groups.len()];
            let mut cut = self.numbers.to_vec();
            select::n_of_m(net, &score::magnitude(&cut), n, m).cut(&mut cut);
            (cut, &mut self.groups)
        };
        curve.push(trainee.ask_as(&cut, test));
        self.groups.len() == GROUPS.len()
    }

    /// Shares that were cut, of the smallest (0) or by lot (1), and what was right.
    pub fn curve(&self, by: usize) -> impl Iterator<Item = (f64, f64)> {
        self.curves[by].iter().enumerate().map(move |(i, right)| (share(by, i), *right))
    }

    /// What was right in groups, by the share that they cut.
    pub fn grouped(&self) -> impl Iterator<Item = (f64, f64)> {
        GROUPS.iter().zip(&self.groups).map(|((n, m), right)| (1.0 - *n as f64 / *m as f64, *right))
    }

    /// The largest share that can be cut, of the smallest (0) or by lot (1), so that neither it nor any smaller one costs more than
    /// a hundredth.
    pub fn knee(&self, by: usize) -> f64 {
        share(by, knee(&self.curves[by]))
    }

    /// What is right when all are made: without the smallest at 0, 0.5, 0.8 and 0.95 of all, without half by lot, and with 4 of 8,
    /// 2 of 4, 1 of 4 and 1 of 8.
    pub fn levels(&self) -> impl Iterator<Item = f64> {
        let [smallest, any] = &self.curves;
        let sizes = [0, 10, 16, 19].map(|at| smallest[at]);
        sizes.into_iter().chain([any[5]]).chain([0, 1, 4, 5].map(|at| self.groups[at]))
    }

    /// The knee of the smallest, with what is right there, once that curve is whole.
    pub fn bend(&self) -> Option<(f64, f64)> {
        let curve = &self.curves[0];
        (curve.len() == GRID).then(|| (self.knee(0), curve[knee(curve)]))
    }
}

/// Numbers of which a share of the weights is cut: those with the least scores.
pub fn cut(net: &Mlp, numbers: &[f32], share: f64, scores: &[f32]) -> Vec<f32> {
    let mut cut = numbers.to_vec();
    select::share(net, scores, 1.0 - share).cut(&mut cut);
    cut
}

/// A net after a cut, and what it says.
#[derive(Clone, Debug, Default)]
pub struct CutNet {
    /// Its numbers.
    pub numbers: Vec<f32>,
    /// The share that it has right.
    pub right: f64,
    /// What it says of each class, as [`confusions`].
    pub mixed: Vec<f32>,
}

impl CutNet {
    /// Cuts a share of the weights, those with the least scores, and asks the net.
    pub fn new(net: &mut Mlp, numbers: &[f32], share: f64, scores: &[f32], (inputs, labels): Examples) -> Self {
        let classes = net.layers().last().map_or(0, |layer| layer.units);
        let numbers = cut(net, numbers, share, scores);
        let outputs = net.outputs(&numbers, inputs);
        let mixed = confusions(outputs, labels, classes);
        let right = Loss::CrossEntropy.grade(outputs, labels, classes).right as f64 / labels.len().max(1) as f64;
        Self { numbers, right, mixed }
    }
}

/// The share of weights nearer to 0 than a hundredth of the spread of their layer at the start.
pub fn near_zero(net: &Mlp, numbers: &[f32]) -> f64 {
    let near = net.layers().iter().map(|layer| {
        let tiny = (0.01 * (2.0 / layer.inputs as f64).sqrt()) as f32;
        numbers[layer.weights()].iter().filter(|w| w.abs() < tiny).count()
    });
    near.sum::<usize>() as f64 / net.weights() as f64
}

/// The share of a cut of a curve.
fn share(by: usize, i: usize) -> f64 {
    ((1 + by) * i) as f64 / GRID as f64
}

/// The place of the last cut before the first that costs.
fn knee(curve: &[f64]) -> usize {
    let holds = curve.iter().take_while(|right| **right >= curve[0] - LOSS - 1e-9).count();
    holds.saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{mat::Mat, rng::Rng};

    #[test]
    fn a_knee_is_the_last_cut_before_the_first_that_costs() {
        assert_eq!(knee(&[0.9, 0.91, 0.89, 0.8, 0.95]), 2);
        assert_eq!(knee(&[0.9, 0.5]), 0);
    }

    #[test]
    fn a_net_is_cut_in_all_ways_one_after_another() {
        let rng = Rng::new(3);
        let mut trainee = Trainee::new(&[16, 8, 2], rng.stream("none"));
        let numbers = trainee.net.draw(&mut rng.stream("weights"));
        let inputs = Mat::new(numbers[..64].to_vec(), 4, 16);
        let test = (inputs.as_ref(), &[0_u16, 1, 0, 1][..]);
        let mut cuts = Cuts::new(numbers.clone());
        let mut made = 1;
        while !cuts.go_on(&mut trainee, &mut rng.stream("lot"), test) {
            made += 1;
        }
        assert_eq!((made, cuts.curves[0].len(), cuts.curves[1].len()), (Cuts::ALL, GRID, GRID / 2));
        // Nothing is cut first, in both ways.
        let whole = trainee.ask_as(&numbers, test);
        assert_eq!((cuts.curve(0).next(), cuts.curve(1).next()), (Some((0.0, whole)), Some((0.0, whole))));
        assert!(cuts.bend().is_some_and(|(at, right)| at < 1.0 && right >= whole - 0.011));
        let half = cut(&trainee.net, &numbers, 0.5, &score::magnitude(&numbers));
        let left = trainee.net.layers().iter().flat_map(|layer| &half[layer.weights()]).filter(|w| **w != 0.0);
        assert_eq!(left.count(), trainee.net.weights() / 2);
        let sizes = score::magnitude(&numbers);
        let shown = CutNet::new(&mut trainee.net, &numbers, 0.5, &sizes, test);
        assert_eq!((shown.right, shown.mixed.len(), &shown.numbers), (cuts.curves[0][10], 4, &half));
        assert_eq!(cuts.levels().nth(1), Some(shown.right));
        assert!(near_zero(&trainee.net, &half) > 0.49 && near_zero(&trainee.net, &numbers) < 0.1);
    }
}
