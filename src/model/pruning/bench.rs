//! A net in training on a bench: it is cut in several ways at once and asked, while its training knows nothing of that. All orders
//! of weights are stored, so that another cut is a walk and a pass through the net.
use super::{
    budget::Budget,
    criteria::{self, Criteria},
    group::Pattern,
    mask::Mask,
    overlap::Overlap,
    parts,
    ranking::{Cut, Scope},
    sparse_net::SparseNet,
    trainee::Trainee,
};
use crate::{
    math::mat::MatRef,
    model::learning::{mlp::Net, training::Examples},
};
use std::{cell::OnceCell, rc::Rc};

/// Shares at which a net that is cut is asked for its curve.
pub const GRID: [f64; 13] = [0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.99];

/// How it is cut.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Knife {
    /// The share that goes, of the layers that are not locked.
    pub cut: f64,
    /// The criterion of the cut, and that of the one beside it.
    pub by: [usize; 2],
    /// Who competes with whom.
    pub scope: Scope,
    /// A layer that is spared.
    pub locked: Option<usize>,
    /// The share of inputs that lose all their weights.
    pub inputs: f64,
}

impl Knife {
    /// Groups are of so many.
    pub const GROUP: usize = 4;

    /// Whether of each group no more than so many stay.
    pub fn leaves_of_a_group(&self, kept: usize) -> bool {
        matches!(self.scope, Scope::Groups(pattern) if pattern.kept == kept)
    }

    /// The pattern that groups are held against: the one that is asked for, or that of chips.
    pub fn pattern(&self) -> Pattern {
        match self.scope {
            Scope::Groups(pattern) => pattern,
            _ => Pattern { kept: 2, group: Self::GROUP },
        }
    }
}

/// The net as it is cut.
#[derive(Debug)]
pub struct Shown {
    /// The mask of the cut, and that of the one beside it.
    pub masks: [Mask; 2],
    /// What the net has right under both.
    pub right: [f64; 2],
    /// What the masks of all criteria have in common, a row for each, up to the diagonal; and beyond it what they would by chance.
    pub overlaps: Vec<f32>,
    /// What the two masks have in common, and would have by chance; nothing where nothing is left.
    pub pair: Option<(f64, f64)>,
    /// How many groups of each layer keep more than the pattern lets, and how many groups there are.
    pub broken: Vec<(usize, usize)>,
}

/// What is right at each share of [`GRID`].
#[derive(Debug)]
pub struct Curves {
    /// Under both cuts.
    pub cuts: [Vec<f64>; 2],
    /// Under the first if no groups had to be kept; nothing where none have.
    pub ungrouped: Vec<f64>,
}

/// What a mask is made by: whose weights, if not those in training, which criterion, and who competes.
struct Source {
    rival: Option<Rc<Criteria>>,
    by: usize,
    scope: Scope,
}

/// The net, what its weights are worth, and how it is cut.
#[derive(Clone, Debug)]
pub struct Bench {
    /// The net in training.
    pub trainee: Trainee,
    /// What its weights are worth.
    pub criteria: Criteria,
    /// How it is cut: after a change comes a [`Bench::look`] or a [`Bench::show`].
    pub knife: Knife,
    /// Of whose weights the cut beside it is made, where they are not those in training.
    rival: Option<Rc<Criteria>>,
    /// What the brush has left.
    pub painted: Rc<Mask>,
    /// What is found when it is asked for, and then stands until another [`Bench::look`].
    curves: OnceCell<Rc<Curves>>,
    /// Sizes of the weights in training that compete, in their order.
    pub sizes: Rc<Vec<f32>>,
    /// What is seen of it.
    pub shown: Rc<Shown>,
}

impl Bench {
    /// Lays a net on the bench, not asked yet.
    pub fn new(trainee: Trainee, criteria: Criteria, knife: Knife) -> Self {
        let full = Mask::full(&trainee.net);
        let masks = [full.clone(), full.clone()];
        let shown = Shown { masks, right: [0.0; 2], overlaps: Vec::new(), pair: None, broken: Vec::new() };
        let (painted, shown) = (Rc::new(full), Rc::new(shown));
        let (curves, sizes) = Default::default();
        Self { trainee, criteria, knife, rival: None, painted, curves, sizes, shown }
    }

    /// Of whose weights the cut beside it is made, where they are not those in training.
    pub fn rival(&self) -> Option<&Rc<Criteria>> {
        self.rival.as_ref()
    }

    /// Sets these; then comes a [`Bench::show`] at least.
    pub fn stand_beside(&mut self, rival: Option<Rc<Criteria>>) {
        let same = match (&self.rival, &rival) {
            (Some(before), Some(now)) => Rc::ptr_eq(before, now),
            (before, now) => before.is_none() && now.is_none(),
        };
        if !same {
            self.rival = rival;
            self.curves.take();
        }
    }

    /// Takes weights out by hand, or gives them back.
    pub fn paint(&mut self, places: Vec<usize>, out: bool) {
        let painted = Rc::make_mut(&mut self.painted);
        places.into_iter().for_each(|place| painted.set(place, !out));
    }

    /// Gives back all that was taken out by hand.
    pub fn wipe(&mut self) {
        self.painted = Rc::new(Mask::full(&self.trainee.net));
    }

    /// How many weights are out by hand.
    pub fn taken(&self) -> usize {
        let net = &self.trainee.net;
        net.weights() - self.painted.counts(net).iter().sum::<usize>()
    }

    /// Cuts the net in all ways and asks it: its weights, what they are worth, or how it is cut, are others now.
    pub fn look(&mut self, test: Examples) {
        // A hand that paints does so many times between two pictures.
        self.curves.take();
        let Trainee { mask, training, .. } = &self.trainee;
        let competing = self.competing().filter(|place| mask.keeps(*place));
        let mut sizes: Vec<f32> = competing.map(|place| training.numbers[place].abs()).collect();
        sizes.sort_unstable_by(f32::total_cmp);
        self.sizes = Rc::new(sizes);
        self.show(test);
    }

    /// What the net has right at each share that could be cut.
    pub fn curves(&self, test: Examples) -> &Curves {
        self.curves.get_or_init(|| {
            let [a, b] = self.knife.by;
            let scope = self.knife.scope;
            let own = self.curve(&Source { rival: None, by: a, scope }, test);
            let alike = a == b && self.rival.is_none();
            let beside = Source { rival: self.rival.clone(), by: b, scope };
            let beside = if alike { own.clone() } else { self.curve(&beside, test) };
            let ungrouped = match scope {
                Scope::Groups(_) => self.curve(&Source { rival: None, by: a, scope: Scope::Net }, test),
                _ => Vec::new(),
            };
            Rc::new(Curves { cuts: [own, beside], ungrouped })
        })
    }

    /// Cuts it by as much as the knife says and asks it: all that another share needs.
    pub fn show(&mut self, test: Examples) {
        let Knife { cut, by: [a, b], scope, .. } = self.knife;
        let choose = |source: &Source| {
            let among = self.among(source);
            (self.keep(source, &among, cut), among.within(&self.painted))
        };
        let all: Vec<(Mask, Mask)> =
            (0..criteria::COUNT).map(|by| choose(&Source { rival: None, by, scope })).collect();
        let (beside, others) = match &self.rival {
            None => all[b].clone(),
            rival => choose(&Source { rival: rival.clone(), by: b, scope }),
        };
        let masks = [all[a].0.clone(), beside];
        let right = masks.each_ref().map(|mask| self.right(mask, test));
        let net = &self.trainee.net;
        let mut overlaps = vec![0.0; criteria::COUNT * criteria::COUNT];
        for i in 0..criteria::COUNT {
            for j in 0..=i {
                let (shared, chance) =
                    Overlap::of(net, [&all[i].0, &all[j].0], [&all[i].1, &all[j].1]).shares().unwrap_or_default();
                overlaps[criteria::COUNT * j + i] = chance as f32;
                overlaps[criteria::COUNT * i + j] = shared as f32;
            }
        }
        let pair = Overlap::of(net, masks.each_ref(), [&all[a].1, &others]).shares();
        let pattern = self.knife.pattern();
        let broken = net.layers().iter().map(|layer| pattern.broken(layer, &masks[0])).collect();
        self.shown = Rc::new(Shown { masks, right, overlaps, pair, broken });
    }

    /// The mask of the cut.
    pub fn mask(&self) -> &Mask {
        &self.shown.masks[0]
    }

    /// The share of all weights that competes under a lock.
    pub fn unlocked(&self, locked: Option<usize>) -> f64 {
        let net = &self.trainee.net;
        let spared = locked.map_or(0, |i| net.layers()[i].weights().len());
        1.0 - spared as f64 / net.weights() as f64
    }

    /// Places of the weights that compete: those of layers that are not locked.
    pub fn competing(&self) -> impl Iterator<Item = usize> + '_ {
        let layers = self.trainee.net.layers().iter().enumerate();
        layers.filter(|(i, _)| self.knife.locked != Some(*i)).flat_map(|(_, layer)| layer.weights())
    }

    /// The share of all weights that the cut leaves, and how many these are.
    pub fn left(&self) -> (f64, usize) {
        let net = &self.trainee.net;
        (self.mask().density(net), self.mask().counts(net).iter().sum())
    }

    /// Whether the training was without some weights, and nothing more is cut but what the brush took: all criteria then keep the
    /// same.
    pub fn is_spent(&self) -> bool {
        let Trainee { net, mask, .. } = &self.trainee;
        mask.density(net) < 1.0 && self.left().1 == mask.within(&self.painted).counts(net).iter().sum::<usize>()
    }

    /// Whether what goes is what is smallest of all that compete, and nothing else was taken.
    pub fn is_by_size(&self) -> bool {
        let Knife { by, scope, inputs, .. } = self.knife;
        let net = &self.trainee.net;
        let untouched = inputs <= 0.0 && self.painted.density(net) >= 1.0;
        by[0] == criteria::SIZE && scope == Scope::Net && untouched
    }

    /// How many groups keep more than the pattern lets, and how many groups there are.
    pub fn broken(&self) -> (usize, usize) {
        self.shown.broken.iter().fold((0, 0), |all, layer| (all.0 + layer.0, all.1 + layer.1))
    }

    /// Whether groups can be held against the pattern: with more weights than it has, none could keep it.
    pub fn is_judged(&self) -> bool {
        let Pattern { kept, group } = self.knife.pattern();
        matches!(self.knife.scope, Scope::Groups(_)) || self.left().0 * group as f64 <= kept as f64 + 0.01
    }

    /// Lets the whole net and what the cut leaves of it answer in turns: `race` says what that took.
    pub fn race<T>(&self, inputs: MatRef, race: impl FnOnce([&mut dyn FnMut(); 2]) -> T) -> T {
        let Trainee { net, training, .. } = &self.trainee;
        let mut cut = training.numbers.clone();
        self.mask().cut(&mut cut);
        let [mut whole, mut dense] = [net.clone(), net.clone()];
        // Where much is left the dense products are faster: then a cut saves nothing.
        let mut sparse = SparseNet::new(net, self.mask());
        let mut answer = || {
            whole.outputs(&training.numbers, inputs);
        };
        let mut answer_cut = || {
            match &mut sparse {
                Some(sparse) => sparse.outputs(&cut, inputs),
                None => dense.outputs(&cut, inputs),
            };
        };
        race([&mut answer, &mut answer_cut])
    }

    /// What the net costs as it is cut.
    pub fn budget(&self) -> Budget {
        let fits = matches!(self.knife.scope, Scope::Groups(_)) && self.broken().0 == 0;
        let net = &self.trainee.net;
        Budget::of(net, &self.mask().counts(net), fits.then(|| self.knife.pattern()))
    }

    /// What the whole net has right without a share of its weights by a criterion, whatever the knife says.
    pub fn without(&mut self, share: f64, by: usize, test: Examples) -> f64 {
        let full = Mask::full(&self.trainee.net);
        let cut = Cut { left: 1.0 - share, scope: Scope::Net, locked: None, among: &full };
        self.right(&self.criteria.ranking(by).keep(&self.trainee.net, &cut), test)
    }

    /// What a cut may keep: weights in training that the share of inputs did not take; of a rival those that are not in training,
    /// too.
    fn among(&self, source: &Source) -> Mask {
        let Trainee { net, mask, .. } = &self.trainee;
        let mut among = if source.rival.is_some() { Mask::full(net) } else { (**mask).clone() };
        let inputs = net.layers().first().map_or(0, |layer| layer.inputs);
        let out = (self.knife.inputs * inputs as f64 + 0.5) as usize;
        // Nearly always none: their order costs a pass over the layer.
        let worst = if out > 0 { self.criteria_of(source).worst_inputs(net, source.by) } else { Vec::new() };
        for input in worst.into_iter().take(out) {
            parts::of_input(net, input).into_iter().for_each(|place| among.set(place, false));
        }
        among
    }

    fn criteria_of<'a>(&'a self, source: &'a Source) -> &'a Criteria {
        source.rival.as_deref().unwrap_or(&self.criteria)
    }

    /// What a cut keeps. Nothing takes the place of what the brush took: it goes beyond the cut.
    fn keep(&self, source: &Source, among: &Mask, cut: f64) -> Mask {
        let cut = Cut { left: 1.0 - cut, scope: source.scope, locked: self.knife.locked, among };
        self.criteria_of(source).ranking(source.by).keep(&self.trainee.net, &cut).within(&self.painted)
    }

    fn curve(&self, source: &Source, test: Examples) -> Vec<f64> {
        let among = self.among(source);
        let mut net = self.trainee.net.clone();
        GRID.iter().map(|cut| net.share_right(&self.cut(&self.keep(source, &among, *cut)), test)).collect()
    }

    /// The numbers in training under a mask.
    fn cut(&self, mask: &Mask) -> Vec<f32> {
        let mut numbers = self.trainee.training.numbers.clone();
        mask.cut(&mut numbers);
        numbers
    }

    /// The share that is right under a mask.
    fn right(&mut self, mask: &Mask, test: Examples) -> f64 {
        let numbers = self.cut(mask);
        self.trainee.net.share_right(&numbers, test)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        math::rng::Rng,
        model::{learning::training::Recipe, toy},
    };

    #[test]
    fn inputs_and_paint_go_and_come_back_and_the_curve_passes_through_the_cut() {
        let mut trainee = Trainee::new(&[8, 16, 4], Rng::new(1).stream("none"));
        let mut chance = Rng::new(1).stream("net");
        let first = trainee.net.draw(&mut chance);
        let (inputs, labels) = toy::examples((40, 8), &mut chance, |row| row[0] > 0.0);
        let test = (inputs.as_ref(), &labels[..]);
        let full = Rc::new(Mask::full(&trainee.net));
        trainee.begin(first.clone(), full, Recipe::usual(1), chance.clone());
        let criteria = Criteria::new(&mut trainee.net, &first, test, &mut chance);
        let by = [criteria::SIZE, criteria::CHANCE];
        let knife = Knife { cut: 0.5, by, scope: Scope::Net, locked: None, inputs: 0.0 };
        let mut bench = Bench::new(trainee, criteria, knife);
        bench.look(test);
        let at = GRID.iter().position(|cut| (cut - 0.5).abs() < 1e-9).unwrap();
        assert_eq!(bench.shown.right.map(f64::to_bits), [0, 1].map(|side| bench.curves(test).cuts[side][at].to_bits()));
        assert_eq!(by.map(|by| bench.without(0.5, by, test).to_bits()), bench.shown.right.map(f64::to_bits));
        assert_eq!((bench.left(), bench.sizes.len()), ((0.5, 96), 192));
        bench.knife = Knife { inputs: 0.25, cut: 0.0, ..knife };
        bench.paint(parts::of_unit(&bench.trainee.net, 0, 3), true);
        bench.show(test);
        // Two inputs of 16 weights and a unit of 8 + 4, of which two are among those of the inputs.
        assert_eq!(bench.left().1, 192 - 32 - 12 + 2);
        // Nothing takes the place of what is painted out.
        bench.knife = knife;
        bench.wipe();
        bench.show(test);
        let kept: Vec<usize> = bench.mask().places(&bench.trainee.net).take(7).collect();
        bench.paint(kept, true);
        bench.show(test);
        assert_eq!((bench.left().1, bench.taken()), (96 - 7, 7));
        bench.knife = Knife { inputs: 0.25, cut: 0.0, ..knife };
        bench.wipe();
        bench.show(test);
        assert_eq!(bench.left().1, 192 - 32);
        let diagonal: Vec<f32> =
            (0..criteria::COUNT).map(|i| bench.shown.overlaps[i * (criteria::COUNT + 1)]).collect();
        assert!(diagonal.iter().all(|shared| (shared - 1.0).abs() < 1e-6), "{diagonal:?}");
        // Masks that keep all that they may have in common what chance gives, and no more.
        let at = |i: usize, j: usize| bench.shown.overlaps[criteria::COUNT * i + j];
        let apart = (0..criteria::COUNT).flat_map(|i| (0..i).map(move |j| (at(i, j) - at(j, i)).abs()));
        assert!(apart.fold(0.0, f32::max) < 1e-6, "{:?}", bench.shown.overlaps);
        // Under an order of another net the mask beside is its own; groups cost something, and are drawn beside.
        let net = &mut bench.trainee.net.clone();
        let other = net.draw(&mut chance);
        bench.rival = Some(Rc::new(Criteria::new(net, &other, test, &mut chance)));
        let groups = Scope::Groups(Pattern { kept: 2, group: 4 });
        bench.knife = Knife { inputs: 0.0, cut: 0.5, by: [criteria::SIZE; 2], scope: groups, ..knife };
        bench.look(test);
        assert!(
            bench.shown.pair.is_some_and(|(shared, chance)| (shared - chance).abs() < 0.15),
            "{:?}",
            bench.shown.pair
        );
        assert_eq!((bench.curves(test).ungrouped.len(), bench.broken().0), (GRID.len(), 0));
    }
}
