//! Sparse tables of factors in training: of each table only some entries are there, and now and then the smallest go and others
//! come (Wang, Sui, Wu, Zheng and Xiong 2024, *Dynamic sparse learning: a novel paradigm for efficient recommendation*).
use super::rewire::{self, Grow};
use crate::{
    math::rng::Stream,
    model::learning::{
        adam::{Adam, Settings},
        factors::{Factors, Triple},
    },
};

/// The share that moves at the end, and how much stays at a step of the gradients that say where it is steepest.
const LAST: f64 = 0.005;
const MEMORY: f32 = 0.9;

/// How tables are trained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recipe {
    /// Pairs of a step.
    pub batch: usize,
    /// How often each pair is seen.
    pub epochs: usize,
    /// The step size of Adam.
    pub rate: f32,
    /// How much rows are pulled to 0.
    pub decay: f32,
    /// Steps from one move of the entries to the next.
    pub every: usize,
}

/// How entries move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moves {
    /// Where new ones are put.
    pub grow: Grow,
    /// The share of the entries of a table that move at first, and at the end.
    pub shares: (f64, f64),
    /// The share of the training after which all stay.
    pub end: f64,
    /// How much stays at a step of the running mean of gradients that says where it is steepest. At 0 the last batch alone says it.
    pub memory: f32,
}

impl Moves {
    /// Those of dynamic sparse learning: where a running mean of gradients is steepest, all along, such a share at first.
    pub fn dynamic(moved: f64) -> Self {
        Self { grow: Grow::Steepest, shares: (moved, moved.min(LAST)), end: 1.0, memory: MEMORY }
    }

    /// The same to any places (SET, Mocanu et al. 2018).
    pub fn anywhere(moved: f64) -> Self {
        Self { grow: Grow::Anywhere, ..Self::dynamic(moved) }
    }

    /// Those of RigL (Evci et al. 2020): where the last batch is steepest, for three quarters of the training.
    pub fn rigged() -> Self {
        Self { grow: Grow::Steepest, shares: (0.3, 0.0), end: 0.75, memory: 0.0 }
    }

    /// The share that moves at `t` of the training: down half a cosine.
    pub fn at(&self, t: f64) -> f64 {
        let (first, last) = self.shares;
        if t >= self.end { 0.0 } else { last + rewire::moving(first - last, t / self.end) }
    }
}

/// What was chosen, as pairs in the order of the people.
#[derive(Clone, Debug)]
pub struct Pairs {
    known: Vec<Vec<u16>>,
    pairs: Vec<[u16; 2]>,
}

impl Pairs {
    /// Those of what each has chosen, in rising order.
    pub fn new(chosen: &[Vec<u16>]) -> Self {
        let all = chosen.iter().enumerate();
        let pairs = all.flat_map(|(user, chosen)| chosen.iter().map(move |item| [user as u16, *item])).collect();
        Self { known: chosen.to_vec(), pairs }
    }

    /// Steps of an epoch.
    pub fn steps(&self, recipe: &Recipe) -> usize {
        self.pairs.len().div_ceil(recipe.batch)
    }
}

/// Two tables in training.
#[derive(Clone, Debug)]
pub struct Tables {
    /// Their shape.
    pub factors: Factors,
    /// Their entries.
    pub numbers: Vec<f32>,
    /// Which of them are there.
    pub kept: Vec<bool>,
    /// The loss on the last batch.
    pub loss: f64,
    gradient: Vec<f32>,
    /// The running mean of gradients, by every entry.
    steepness: Vec<f32>,
    adam: Adam,
    order: Vec<[u16; 2]>,
    steps: usize,
    order_chance: Stream,
    grow_chance: Stream,
}

impl Tables {
    /// Tables that begin at these numbers, of which `kept` are there. The first stream gives the order of pairs and what they are
    /// held against, the second the places of entries that may come anywhere.
    ///
    /// # Panics
    /// If there are not as many numbers, or kept ones, as the tables have.
    pub fn new(factors: Factors, numbers: Vec<f32>, kept: Vec<bool>, [order_chance, grow_chance]: [Stream; 2]) -> Self {
        assert_eq!((numbers.len(), kept.len()), (factors.numbers(), factors.numbers()), "entries of tables");
        let mut tables = Self {
            gradient: vec![0.0; numbers.len()],
            steepness: vec![0.0; numbers.len()],
            adam: Adam::new(numbers.len(), Settings::new(0.0, 0.0)),
            factors,
            numbers,
            kept,
            loss: 0.0,
            order: Vec::new(),
            steps: 0,
            order_chance,
            grow_chance,
        };
        tables.cut();
        tables
    }

    /// That many entries of each table, at any places.
    pub fn anywhere(factors: &Factors, density: f64, chance: &mut Stream) -> Vec<bool> {
        let mut kept = vec![false; factors.numbers()];
        for table in factors.tables() {
            let count = (density * table.len() as f64 + 0.5) as usize;
            for place in chance.choose(count.min(table.len()), table.len()) {
                kept[table.start + place] = true;
            }
        }
        kept
    }

    /// Entries that are there.
    pub fn count(&self) -> usize {
        self.kept.iter().filter(|kept| **kept).count()
    }

    /// How many entries each row of a table has.
    pub fn rows(&self, table: usize) -> Vec<usize> {
        let kept = &self.kept[self.factors.tables()[table].clone()];
        kept.chunks_exact(self.factors.columns).map(|row| row.iter().filter(|kept| **kept).count()).collect()
    }

    /// Steps that were made.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// The share of the training that was made.
    pub fn progress(&self, pairs: &Pairs, recipe: &Recipe) -> f64 {
        self.steps as f64 / (pairs.steps(recipe) * recipe.epochs).max(1) as f64
    }

    /// One step, in which entries move where that is due.
    pub fn descend(&mut self, pairs: &Pairs, recipe: &Recipe, moves: Option<Moves>) {
        let triples = self.batch(pairs, recipe);
        self.loss = self.factors.learn(&self.numbers, &triples, recipe.decay, &mut self.gradient);
        if let Some(moves) = moves {
            self.remember(moves.memory);
            let share = moves.at(self.progress(pairs, recipe));
            if self.steps > 0 && self.steps.is_multiple_of(recipe.every) && share > 0.0 {
                self.shift(moves.grow, share);
            }
        }
        self.gradient.iter_mut().zip(&self.kept).for_each(|(g, kept)| *g = if *kept { *g } else { 0.0 });
        self.adam.settings = Settings::new(recipe.rate, 0.0);
        self.adam.step(&mut self.numbers, &self.gradient);
        self.steps += 1;
    }

    /// The next pairs, each with a thing that was not chosen.
    fn batch(&mut self, pairs: &Pairs, recipe: &Recipe) -> Vec<Triple> {
        let at = self.steps % pairs.steps(recipe).max(1) * recipe.batch;
        if at == 0 {
            self.order.clone_from(&pairs.pairs);
            self.order_chance.shuffle(&mut self.order);
        }
        let (items, chance) = (self.factors.items, &mut self.order_chance);
        let batch = &self.order[at..(at + recipe.batch).min(self.order.len())];
        let triple = |[user, chosen]: &[u16; 2]| {
            let known = &pairs.known[usize::from(*user)];
            let mut other = chance.below(items) as u16;
            while known.len() < items && known.binary_search(&other).is_ok() {
                other = chance.below(items) as u16;
            }
            [*user, *chosen, other]
        };
        batch.iter().map(triple).collect()
    }

    /// Adds the gradient of the last batch to the running mean.
    fn remember(&mut self, memory: f32) {
        let steepness = self.steepness.iter_mut().zip(&self.gradient);
        steepness.for_each(|(mean, g)| *mean = memory * *mean + (1.0 - memory) * *g);
    }

    /// Moves that share of the entries of each table.
    fn shift(&mut self, grow: Grow, share: f64) {
        let sizes: Vec<f32> = self.numbers.iter().map(|w| w.abs()).collect();
        let worth: Vec<f32> = match grow {
            Grow::Anywhere => sizes.iter().map(|_| self.grow_chance.uniform() as f32).collect(),
            Grow::Steepest => self.steepness.iter().map(|g| g.abs()).collect(),
        };
        for table in self.factors.tables() {
            for place in rewire::exchange(&mut self.kept, table, &sizes, &worth, share) {
                self.numbers[place] = 0.0;
                self.adam.forget(place);
            }
        }
        self.cut();
    }

    /// Puts 0 wherever nothing is there.
    fn cut(&mut self) {
        for (place, kept) in self.kept.iter().enumerate() {
            if !kept {
                self.numbers[place] = 0.0;
                self.adam.forget(place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{kernels::Workspace, rng::Rng};
    use crate::model::learning::factors::recall;

    const RECIPE: Recipe = Recipe { batch: 32, epochs: 60, rate: 0.02, decay: 1e-4, every: 20 };

    #[test]
    fn each_table_keeps_its_number_and_two_tastes_are_learnt() {
        let factors = Factors { users: 30, items: 20, columns: 8 };
        let rng = Rng::new(1);
        // Even people choose even things.
        let chosen: Vec<Vec<u16>> =
            (0..30).map(|u| (0..20).filter(|i| i % 2 == u % 2 && i / 2 != u % 10).collect()).collect();
        let asked: Vec<Vec<u16>> =
            (0..30).map(|u| (0..20).filter(|i| i % 2 == u % 2 && i / 2 == u % 10).collect()).collect();
        let pairs = Pairs::new(&chosen);
        for grow in [Grow::Anywhere, Grow::Steepest] {
            let moves = Moves { grow, shares: (0.5, 0.005), end: 1.0, memory: 0.5 };
            let kept = Tables::anywhere(&factors, 0.3, &mut rng.stream("places"));
            let drawn = factors.draw(0.1, &mut rng.stream("numbers"));
            let mut tables = Tables::new(factors, drawn, kept.clone(), [rng.stream("order"), rng.stream("grow")]);
            let count = |kept: &[bool]| factors.tables().map(|table| kept[table].iter().filter(|kept| **kept).count());
            assert_eq!(count(&kept), [72, 48]);
            assert_eq!([0, 1].map(|table| tables.rows(table).iter().sum::<usize>()), [72, 48]);
            while tables.progress(&pairs, &RECIPE) < 1.0 {
                tables.descend(&pairs, &RECIPE, Some(moves));
                assert_eq!(count(&tables.kept), [72, 48]);
                assert!(tables.numbers.iter().zip(&tables.kept).all(|(w, kept)| *kept || *w == 0.0));
            }
            assert!(tables.kept != kept && tables.count() == 120);
            let likings = factors.likings(&tables.numbers, &mut Workspace::default());
            let found = recall(&likings, &chosen, &asked, 1);
            // By chance it would be one of eleven.
            assert!(found > 0.5, "{grow:?}: {found}");
        }
    }

    #[test]
    fn moves_fall_from_first_to_last() {
        let moves = Moves { grow: Grow::Anywhere, shares: (0.5, 0.1), end: 0.5, memory: 0.0 };
        assert!((moves.at(0.0) - 0.5).abs() < 1e-12 && (moves.at(0.25) - 0.3).abs() < 1e-12);
        assert!((moves.at(0.49) - 0.1).abs() < 1e-2 && moves.at(0.5) == 0.0);
    }
}
