//! How many random patterns a network with some of its couplings cut still recalls. The number is closed in on from both
//! sides: one network is made and asked for each try.
use super::{
    dilution::{Cut, Order},
    rules::Couplings,
    spins::Spins,
};
use crate::math::{mat::Mat, rng::Stream};

/// Recall has broken where the mean overlap is below this.
pub const BROKEN: f64 = 0.9;
/// A unit of so many is turned over in each cue.
const TURNED: usize = 20;
/// Patterns that are asked for.
const ASKED: usize = 16;
/// Sweeps after which a cue that does not settle is taken as it is.
const SWEEPS: usize = 30;

/// The search for the greatest number of patterns that is recalled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Search {
    holds: usize,
    breaks: usize,
}

impl Search {
    /// From none to `most` patterns.
    pub fn up_to(most: usize) -> Self {
        Self { holds: 0, breaks: most + 1 }
    }

    /// How many patterns to try next; none where the number is found.
    pub fn next(&self) -> Option<usize> {
        (self.breaks - self.holds > 1).then(|| usize::midpoint(self.holds, self.breaks))
    }

    /// What came of that try.
    pub fn tell(&mut self, overlap: f64) {
        let Some(count) = self.next() else { return };
        if overlap >= BROKEN { self.holds = count } else { self.breaks = count }
    }

    /// The greatest number known to be recalled.
    pub fn holds(&self) -> usize {
        self.holds
    }
}

/// The mean overlap after recall of some of the patterns (P, N) over the units that are left, each from a cue of it that is
/// slightly spoilt, with couplings learnt by a rule and then cut.
pub fn recall(patterns: &Mat, learn: fn(&Mat) -> Couplings, cut: Cut, share: f64, stream: &mut Stream) -> f64 {
    let couplings = learn(patterns);
    let left = Order::new(&couplings, cut, stream).cut(&couplings, share);
    let n = patterns.cols;
    let asked = ASKED.min(patterns.rows);
    let overlap = |mu: usize| {
        let mut cue = patterns.row(mu).to_vec();
        stream.choose(n / TURNED, n).into_iter().for_each(|i| cue[i] = -cue[i]);
        let mut spins = Spins::new(&left.couplings, cue);
        spins.settle(&left.couplings, stream, SWEEPS);
        left.recalled(spins.state(), patterns.row(mu))
    };
    (0..asked).map(overlap).sum::<f64>() / asked.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        math::rng::Rng,
        model::memory::{
            dilution,
            rules::{self, random_patterns},
        },
    };

    #[test]
    fn a_search_finds_the_edge_wherever_it_is() {
        for edge in 0..=21 {
            let mut search = Search::up_to(20);
            while let Some(count) = search.next() {
                search.tell(if count <= edge { 1.0 } else { 0.5 });
            }
            assert_eq!(search.holds(), edge.min(20));
        }
    }

    #[test]
    fn cuts_by_chance_take_the_share_of_the_room_that_theory_says() {
        let (n, most) = (200, 70);
        let room = |share: f64| {
            let load = |network| {
                let mut stream = Rng::new(network).stream("patterns");
                let patterns = random_patterns(most, n, &mut stream);
                let mut search = Search::up_to(most);
                while let Some(count) = search.next() {
                    let some = Mat::new(patterns.data[..count * n].to_vec(), count, n);
                    search.tell(recall(&some, rules::hebb, Cut::Random, share, &mut stream));
                }
                search.holds() as f64 / n as f64
            };
            (0..4).map(load).sum::<f64>() / 4.0
        };
        let theory = |share: f64| dilution::load_of_recall(1.0 - share, BROKEN);
        // So few units hold more than theory grants, but lose as much of it.
        let (whole, most_known) = (room(0.0), theory(0.0));
        assert!((0.13..0.18).contains(&whole) && (most_known - 0.138).abs() < 1e-3, "{whole} and {most_known}");
        for share in [0.5, 0.75, 0.9] {
            let ratio = room(share) / whole / (theory(share) / most_known);
            assert!((ratio - 1.0).abs() < 0.25, "{share}: {ratio}");
        }
    }

    #[test]
    fn a_network_without_couplings_recalls_nothing() {
        let mut stream = Rng::new(2).stream("patterns");
        let patterns = random_patterns(3, 100, &mut stream);
        assert!(recall(&patterns, rules::projection, Cut::Random, 0.0, &mut stream) > 0.99);
        assert!(recall(&patterns, rules::projection, Cut::OfFour, 0.9, &mut stream) < 0.01);
    }
}
