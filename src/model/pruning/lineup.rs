//! Kernels that take turns with the best dense one (Elsen, Dukhan, Gale and Simonyan 2020, *Fast sparse ConvNets*; Xu, Zhang, Zhang,
//! Wang, Zhao and Zhang 2023, *SparseByteNN*): each pattern at each cut, in a line, and one that the hand has chosen. Who measures
//! time is not known here: the host lets two pieces of work race, and says how many milliseconds each took.
use super::{cut::Cut, group::Pattern, operands::Operands};
use crate::math::{
    kernels::{Panel, Sparse, Workspace},
    mat::Mat,
    order,
};
use std::rc::Rc;

/// Patterns: any weights.
pub const SINGLE: usize = 0;
/// Those of two rows together.
pub const PAIRS: usize = 1;
/// Those of four.
pub const FOURS: usize = 2;
/// So many of each group in a row.
pub const N_OF_M: usize = 3;
/// None are cut.
pub const DENSE: usize = 4;
/// Rows of a block, by pattern.
const ROWS: [usize; 3] = [1, 2, 4];

/// What is cut in blocks.
pub const CUTS: [f64; 8] = [0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];
/// What is kept of groups.
pub const PATTERNS: [Pattern; 5] = [
    Pattern { kept: 3, group: 4 },
    Pattern { kept: 2, group: 4 },
    Pattern { kept: 1, group: 4 },
    Pattern { kept: 1, group: 8 },
    Pattern { kept: 1, group: 16 },
];
/// All that is timed: each pattern at each cut, and the dense kernel that packs as it goes.
pub const TIMED: usize = ROWS.len() * CUTS.len() + PATTERNS.len() + 1;

/// What is timed, as (pattern, share that is cut).
pub fn timed() -> impl Iterator<Item = (usize, f64)> {
    let blocks = (0..ROWS.len()).flat_map(|arm| CUTS.map(|cut| (arm, cut)));
    blocks.chain(PATTERNS.map(|pattern| (N_OF_M, pattern.cut()))).chain([(DENSE, 0.0)])
}

/// The N of M that is nearest to a cut.
pub fn nearest(cut: f64) -> Pattern {
    PATTERNS[order::nearest(&PATTERNS.map(|pattern| pattern.cut()), cut)]
}

/// How a pattern cuts.
pub fn cut_of(arm: usize, cut: f64) -> Cut {
    ROWS.get(arm).map_or_else(|| Cut::Groups(nearest(cut)), |rows| Cut::Blocks(*rows, cut))
}

/// Two pieces of work that race.
pub type Works<'a> = [&'a mut dyn FnMut(); 2];

/// A cut of the weights that are timed.
#[derive(Clone)]
struct Kernel {
    /// None for the dense kernel that packs as it goes.
    form: Option<Rc<dyn Sparse>>,
    /// Milliseconds at its fastest; infinite until it was timed.
    fastest: f64,
}

impl Kernel {
    fn new(form: Option<Rc<dyn Sparse>>) -> Self {
        Self { form, fastest: f64::INFINITY }
    }

    /// Lets it take turns with the dense one, and says how many milliseconds that took.
    fn race(&mut self, operands: &Operands, race: impl FnOnce(Works) -> [f64; 2]) -> [f64; 2] {
        let (mut out, mut other) = (vec![0.0; operands.size()], vec![0.0; operands.size()]);
        let (mut work, mut packing, mut panel) = (Workspace::default(), Workspace::default(), Panel::default());
        let mut rival = || operands.dense(&mut out, &mut work);
        let mut mine = || match &self.form {
            Some(form) => operands.sparse(&**form, &mut other, &mut panel),
            None => operands.unpacked(&mut other, &mut packing),
        };
        let took = race([&mut rival, &mut mine]);
        self.fastest = self.fastest.min(took[1]);
        took
    }
}

/// The line, as far as its kernels were made.
#[derive(Clone)]
pub struct Lineup {
    operands: Rc<Operands>,
    /// In the order of [`timed`].
    kernels: Vec<Kernel>,
    /// Milliseconds of the fastest dense kernel so far; infinite until one was timed.
    pub dense: f64,
    /// How far sparse results are from dense ones at most, against the greatest number.
    pub difference: f64,
    /// The weights under the cut that is shown, and their kernel.
    pub thinned: Rc<Mat>,
    shown: Kernel,
}

impl Lineup {
    /// A line in which nothing was made yet, and a cut that is shown.
    pub fn new(operands: Operands, arm: usize, cut: f64) -> Self {
        let (kernels, thinned) = (Vec::new(), Rc::new(operands.weights.clone()));
        let (dense, difference) = (f64::INFINITY, 0.0);
        let operands = Rc::new(operands);
        let mut line = Self { operands, kernels, dense, difference, thinned, shown: Kernel::new(None) };
        line.show(arm, cut);
        line
    }

    /// Shows another cut.
    pub fn show(&mut self, arm: usize, cut: f64) {
        let (thinned, form) = self.make(arm, cut);
        (self.thinned, self.shown) = (Rc::new(thinned), Kernel::new(Some(form)));
    }

    fn make(&self, arm: usize, cut: f64) -> (Mat, Rc<dyn Sparse>) {
        let cut = cut_of(arm, cut);
        let thinned = cut.thin(&self.operands.weights);
        let form = cut.form(thinned.as_ref());
        (thinned, form)
    }

    /// Kernels that were made.
    pub fn made(&self) -> usize {
        self.kernels.len()
    }

    /// Makes the kernel at a place of the line, and compares what it says with the dense product, if it is the next.
    pub fn prepare(&mut self, place: usize) {
        let (arm, cut) = timed().nth(place).unwrap_or((DENSE, 0.0));
        if self.kernels.len() == place {
            let form = (arm != DENSE).then(|| self.make(arm, cut));
            if let Some((thinned, form)) = &form {
                self.difference = self.difference.max(self.operands.difference(&**form, thinned));
            }
            self.kernels.push(Kernel::new(form.map(|(_, form)| form)));
        }
    }

    /// Times the kernel at a place of the line.
    pub fn time(&mut self, place: usize, race: impl FnOnce(Works) -> [f64; 2]) {
        let Some(kernel) = self.kernels.get_mut(place) else { return };
        let [dense, mine] = kernel.race(&self.operands, race);
        self.dense = self.dense.min(if kernel.form.is_none() { dense.min(mine) } else { dense });
    }

    /// Times the kernel that is shown.
    pub fn time_shown(&mut self, race: impl FnOnce(Works) -> [f64; 2]) {
        let [dense, _] = self.shown.race(&self.operands, race);
        self.dense = self.dense.min(dense);
    }

    /// How many times as fast as dense, once both were timed.
    fn speed_up(&self, kernel: &Kernel) -> Option<f64> {
        (kernel.fastest.is_finite() && self.dense.is_finite()).then(|| self.dense / kernel.fastest)
    }

    /// The speed-up of the kernel that is shown.
    pub fn speed_shown(&self) -> Option<f64> {
        self.speed_up(&self.shown)
    }

    /// The speed-up of a pattern at a cut.
    pub fn speed(&self, arm: usize, cut: f64) -> Option<f64> {
        let place = timed().position(|(of, at)| of == arm && (at - cut).abs() < 1e-9)?;
        self.kernels.get(place).and_then(|kernel| self.speed_up(kernel))
    }

    /// Cut and speed-up of a pattern, as far as it was timed.
    pub fn curve(&self, arm: usize) -> Vec<(f64, f64)> {
        let all = timed().zip(&self.kernels).filter(|((of, _), _)| *of == arm);
        all.filter_map(|((_, cut), kernel)| Some((cut, self.speed_up(kernel)?))).collect()
    }

    /// Billions of operations a second with a share of the weights in so many milliseconds.
    pub fn useful(&self, density: f64, milliseconds: f64) -> f64 {
        density * 1e3 * self.operands.operations() / milliseconds
    }

    /// The same of the kernel that is shown.
    pub fn useful_shown(&self) -> f64 {
        self.useful(self.left(), self.shown.fastest)
    }

    /// The share of the weights that are shown that is there.
    pub fn left(&self) -> f64 {
        let numbers = &self.thinned.data;
        numbers.iter().filter(|w| **w != 0.0).count() as f64 / numbers.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    #[test]
    fn the_fastest_of_all_turns_counts_and_all_products_are_the_dense_one() {
        let operands = Operands::draw([16, 16, 8], &mut Rng::new(1).stream("matrices"));
        let mut line = Lineup::new(operands, FOURS, 0.5);
        assert!((line.left() - 0.5).abs() < 1e-9 && line.speed_shown().is_none());
        // Made up: a kernel takes as long as weights are left, and the dense one twice as long as it should at first.
        for pass in 0..2 {
            for (place, (arm, cut)) in timed().enumerate() {
                line.prepare(place);
                let slow = if pass == 0 { 2.0 } else { 1.0 };
                line.time(place, |works| {
                    works.into_iter().for_each(|work| work());
                    [slow, if arm == DENSE { 3.0 } else { 1.0 - cut }]
                });
            }
        }
        assert_eq!(line.made(), TIMED);
        assert!((line.dense - 1.0).abs() < 1e-12 && line.difference < 1e-6);
        assert!((line.speed(SINGLE, 0.9).unwrap() - 10.0).abs() < 1e-9 && line.speed(SINGLE, 0.91).is_none());
        assert_eq!(line.curve(N_OF_M).len(), PATTERNS.len());
        assert!(line.curve(PAIRS).windows(2).all(|pair| pair[0].1 < pair[1].1));
        line.show(N_OF_M, 0.8);
        line.time_shown(|_| [1.0, 0.25]);
        assert!((line.speed_shown().unwrap() - 4.0).abs() < 1e-9 && (line.left() - 0.25).abs() < 1e-9);
        assert!((line.useful_shown() - line.useful(0.25, 0.25)).abs() < 1e-12);
    }
}
