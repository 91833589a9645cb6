//! All ways to make a net sparse in turn, at one share of its weights after another, and what is written down of them: how good each is
//! after each epoch, how many weights come back, how sizes move, and the nets in the end.
use super::sparsifying::{Sizes, Sparsifying, WAYS, Way};
use crate::math::{mat::MatRef, rng::Rng};
use std::{mem, rc::Rc};

/// The layer some of whose weights are followed, and for how many epochs.
const LAYER: usize = 1;
const EPOCHS: usize = 5;
/// How many of them are.
pub const FOLLOWED: usize = 300;
/// The least size of a weight that is told apart from nothing.
pub const LEAST: f32 = 1e-4;

/// The net on its way, and what came of it and of others.
#[derive(Clone, Debug)]
pub struct SparseWays {
    /// The net.
    pub net: Sparsifying,
    /// By way, after each epoch of the trainings of this run at this share: epochs and how good it was.
    pub lines: [Vec<[f32; 2]>; WAYS.len()],
    /// Epochs and what came back, of the two ways on which small weights shrink.
    pub backs: [Vec<[f32; 2]>; 2],
    past: Vec<Sizes>,
    /// By way, the last net that was trained to the end.
    ended: [Rc<Vec<f32>>; WAYS.len()],
}

impl SparseWays {
    /// Nothing is written down yet.
    pub fn new(net: Sparsifying) -> Self {
        let (lines, backs, ended) = Default::default();
        Self { net, lines, backs, past: Vec::new(), ended }
    }

    /// Begins a training. A run begins with the whole net, whose line stands until the next one; each share begins with soft
    /// shrinkage.
    pub fn begin(&mut self, way: Way, kept: f64, chance: (&Rng, usize)) {
        if matches!(way, Way::Whole | Way::Soft) {
            let whole = mem::take(&mut self.lines[Way::Whole as usize]);
            (self.lines, self.backs) = Default::default();
            if way == Way::Soft {
                self.lines[Way::Whole as usize] = whole;
            }
        }
        self.past.clear();
        self.net.begin(way, kept, chance);
    }

    /// Writes down an epoch after which the net is so good.
    pub fn note(&mut self, epoch: usize, quality: f64) {
        let (way, epoch) = (self.net.way as usize, epoch as f32);
        self.lines[way].push([epoch, quality as f32]);
        let back = self.net.returned();
        if let Some(backs) = self.backs.get_mut(way) {
            backs.push([epoch, back as f32]);
        }
        // Once places are fixed nothing comes back: what is told is how small weights came to be so.
        if !self.has_shrunk() || self.past.len() < 2 {
            self.past.push(self.net.sizes(LAYER, FOLLOWED, LEAST));
            if self.past.len() > EPOCHS + 1 {
                self.past.remove(0);
            }
        }
    }

    /// Whether small weights of the net have shrunk, and are gone by now.
    pub fn has_shrunk(&self) -> bool {
        matches!(self.net.way, Way::Soft | Way::Hard) && self.net.is_fixed()
    }

    /// Sizes of weights five epochs ago, or as long as it is known, and now; of a net whose small weights have shrunk, as they went.
    pub fn moved(&self) -> Option<[&Sizes; 2]> {
        let [then, .., now] = &self.past[..] else { return None };
        Some([then, now])
    }

    /// Of these weights, the sizes then and now of those that were above the line, or not, and are so now, or not.
    pub fn crossing(&self, was: bool, is: bool) -> impl Iterator<Item = [f32; 2]> {
        self.moved().into_iter().flat_map(move |[then, now]| {
            let both = then.some.iter().copied().zip(now.some.iter().copied());
            both.filter(move |(a, b)| (*a > then.limit) == was && (*b > now.limit) == is).map(<[f32; 2]>::from)
        })
    }

    /// Epochs and all that had come back by then on one of the two ways on which small weights shrink.
    pub fn came_back(&self, way: usize) -> impl Iterator<Item = [f32; 2]> {
        self.backs[way].iter().scan(0.0, |all, [epoch, back]| {
            *all += back;
            Some([*epoch, *all])
        })
    }

    /// What came back in the last epoch.
    pub fn back(&self) -> f64 {
        let backs = self.backs.get(self.net.way as usize);
        backs.and_then(|backs| backs.last()).map_or(0.0, |[_, back]| f64::from(*back))
    }

    /// Keeps the net at the end of its training.
    pub fn end(&mut self) {
        self.ended[self.net.way as usize] = Rc::new(self.net.pupil.cut());
    }

    /// Whether a net was trained to the end on a way.
    pub fn has_ended(&self, way: usize) -> bool {
        !self.ended[way].is_empty()
    }

    /// What that net answers.
    pub fn answers(&mut self, way: usize, inputs: MatRef) -> Option<&[f32]> {
        let numbers = Rc::clone(&self.ended[way]);
        self.has_ended(way).then(|| &*self.net.pupil.net.outputs(&numbers, inputs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::mat::Mat;

    #[test]
    fn lines_of_the_whole_net_stand_for_a_run_and_others_for_a_share() {
        let rng = Rng::new(8);
        let mut chance = rng.stream("examples");
        let inputs = Mat::new((0..3 * 64).map(|_| chance.normal() as f32).collect(), 64, 3);
        let targets = Mat::new(inputs.data.chunks_exact(3).map(|row| row[0] - row[1]).collect(), 64, 1);
        let mut ways = SparseWays::new(Sparsifying::new(&[3, 20, 20, 1], 64, 5, rng.stream("none")));
        let lengths = |ways: &SparseWays| ways.lines.each_ref().map(Vec::len);
        let mut seen = Vec::new();
        for way in [Way::Whole, Way::Soft, Way::Hard, Way::Soft, Way::Whole] {
            ways.begin(way, 0.2, (&rng, 0));
            assert!(ways.moved().is_none());
            while !ways.net.is_over() {
                ways.net.descend(inputs.as_ref(), targets.as_ref(), 0.5);
                let epoch = ways.net.ended().unwrap();
                ways.note(epoch, epoch as f64);
            }
            ways.end();
            let [then, now] = ways.moved().unwrap();
            assert_eq!((then.some.len(), now.some.len()), (FOLLOWED, FOLLOWED));
            let crossings = [(true, true), (true, false), (false, true), (false, false)];
            assert_eq!(crossings.map(|(was, is)| ways.crossing(was, is).count()).iter().sum::<usize>(), FOLLOWED);
            seen.push(lengths(&ways));
        }
        assert_eq!(seen, [[0, 0, 0, 0, 5], [5, 0, 0, 0, 5], [5, 5, 0, 0, 5], [5, 0, 0, 0, 5], [0, 0, 0, 0, 5]]);
        assert!((ways.back(), ways.came_back(0).count()) == (0.0, 0));
        assert!(ways.has_ended(Way::Soft as usize) && ways.answers(Way::Lot as usize, inputs.as_ref()).is_none());
        assert_eq!(ways.answers(Way::Soft as usize, inputs.as_ref()).map(<[f32]>::len), Some(64));
    }
}
