//! Masks by lot, of which only how many weights each layer keeps is chosen (Liu, Chen, Chen, Shen, Mocanu, Wang and Pechenizkiy 2022,
//! *The unreasonable effectiveness of random pruning: return of the most naive baseline for sparse training*).
use super::{mask::Mask, paths::Paths, ratio, score, select, start};
use crate::{
    math::rng::Rng,
    model::learning::{mlp::Mlp, training::Examples},
};

/// Nothing is cut.
pub const WHOLE: usize = 0;
/// Layers get what suits their size.
pub const ERK: usize = 1;
/// What SNIP would give them.
pub const SNIP: usize = 2;
/// As large a share each.
pub const EVEN: usize = 3;
/// The same, and what a unit has lost is not made up for.
pub const PLAIN: usize = 4;
/// As [`ERK`], at other places.
pub const OTHER: usize = 5;
/// Those whose masks differ, as they are shown.
pub const SHOWN: [usize; 5] = [ERK, SNIP, EVEN, OTHER, WHOLE];

/// How much is left, and examples that SNIP is given.
pub type Terms<'a> = (f64, Examples<'a>);

/// The weights of a run before any mask, which nets of one width share.
pub fn draw(net: &Mlp, chance: &Rng) -> Vec<f32> {
    net.draw(&mut chance.stream(&format!("weights {}", net.numbers())))
}

/// The mask of an arm in a run, for a net with these weights.
pub fn choose(net: &mut Mlp, drawn: &[f32], arm: usize, (density, few): Terms, chance: &Rng) -> Mask {
    let counts = match arm {
        WHOLE => return Mask::full(net),
        ERK | OTHER => ratio::erdos_renyi(net, density),
        SNIP => {
            let scores = score::snip(net, drawn, few);
            select::share(net, &scores, density).counts(net)
        }
        _ => ratio::uniform(net, density),
    };
    // Another start does not change the places.
    let name = if arm == PLAIN { EVEN } else { arm };
    select::by_lot(net, &counts, &mut chance.stream(&format!("places {name} {}", net.numbers())))
}

/// What a net of an arm begins with: its numbers, and its mask.
pub fn begin(net: &mut Mlp, arm: usize, terms: Terms, chance: &Rng) -> (Vec<f32>, Mask) {
    let mut numbers = draw(net, chance);
    let mask = choose(net, &numbers, arm, terms, chance);
    if arm != PLAIN {
        start::make_up(net, &mut numbers, &mask);
    }
    (numbers, mask)
}

/// A mask, and what of it is connected.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The mask.
    pub mask: Mask,
    /// What is on a path through it.
    pub paths: Paths,
    /// Weights that are left.
    pub left: usize,
}

/// The nets of a width in a run.
#[derive(Clone, Debug)]
pub struct Width {
    /// Their layers.
    pub net: Mlp,
    /// In the order of [`SHOWN`].
    pub seen: [Seen; SHOWN.len()],
    drawn: Vec<f32>,
}

impl Width {
    /// Chooses the masks for such a net.
    pub fn new(mut net: Mlp, terms: Terms, chance: &Rng) -> Self {
        let drawn = draw(&net, chance);
        let seen = SHOWN.map(|arm| {
            let mask = choose(&mut net, &drawn, arm, terms, chance);
            Seen { paths: Paths::of(&net, &mask), left: mask.counts(&net).iter().sum(), mask }
        });
        Self { net, seen, drawn }
    }

    /// The weights before any training under one of the masks.
    pub fn under(&self, shown: usize) -> Vec<f32> {
        let mut drawn = self.drawn.clone();
        self.seen[shown].mask.cut(&mut drawn);
        drawn
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::toy;

    #[test]
    fn masks_of_a_width_have_as_many_weights_and_differ_in_where() {
        let rng = Rng::new(2);
        let (inputs, labels) = toy::examples((20, 12), &mut rng.stream("examples"), |row| row[0] > row[1]);
        let terms = (0.25, (inputs.as_ref(), &labels[..]));
        let width = Width::new(Mlp::new(&[12, 16, 8, 2]), terms, &rng);
        let all = width.net.weights();
        let near = |left: usize| (left as f64 - 0.25 * all as f64).abs() <= 2.0;
        assert!(width.seen[..4].iter().all(|seen| near(seen.left) && seen.paths.weights <= seen.left));
        assert_eq!((width.seen[4].left, width.under(4)), (all, draw(&width.net, &rng)));
        assert!(width.seen[0].mask != width.seen[3].mask, "other places");
        assert_eq!(width.seen[0].mask.counts(&width.net), width.seen[3].mask.counts(&width.net));
        let gone = width.under(2).iter().zip(width.under(4)).filter(|(a, b)| **a == 0.0 && *b != 0.0).count();
        assert_eq!(gone, all - width.seen[2].left);
        // A fair start differs from a plain one in its numbers alone.
        let [fair, plain] = [EVEN, PLAIN].map(|arm| begin(&mut width.net.clone(), arm, terms, &rng));
        assert!(fair.1 == plain.1 && fair.0 != plain.0);
        assert_eq!(fair.1, width.seen[2].mask);
    }
}
