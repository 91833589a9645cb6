//! Recommenders side by side that store as much, but for a whole one (Wang, Sui, Wu, Zheng and Xiong 2024, *Dynamic sparse learning: a
//! novel paradigm for efficient recommendation*): tables whose entries move, in three ways, or stay, and tables of fewer columns.
use super::tables::{Moves, Pairs, Recipe, Tables};
use crate::{
    math::{kernels::Workspace, order, rng::Rng},
    model::learning::factors::{self, Factors},
};
use std::rc::Rc;

/// The recommenders.
pub const RIVALS: [&str; 6] = ["DSL", "RigL", "SET", "places stay", "fewer columns", "whole table"];
/// Dynamic sparse learning: entries move to where a running mean of gradients is steepest.
pub const DSL: usize = 0;
/// They move to where the last batch is.
pub const RIGL: usize = 1;
/// They move anywhere.
pub const SET: usize = 2;
/// They stay.
pub const STAY: usize = 3;
/// All entries of tables with fewer columns.
pub const FEWER: usize = 4;
/// All entries.
pub const WHOLE: usize = 5;

/// Columns of whole tables.
pub const COLUMNS: usize = 32;
/// Things that are recommended.
pub const FIRST: usize = 20;
/// Epochs from one question to the next.
pub const ASKED: usize = 3;
/// How tables are trained, but for how long.
const RECIPE: Recipe = Recipe { batch: 512, epochs: 0, rate: 5e-3, decay: 1e-4, every: 20 };
/// The spread of entries at the start.
const SPREAD: f64 = 0.1;

/// Who chose what, and how often all of it is learnt from.
#[derive(Clone, Debug)]
pub struct Market {
    /// What each person chose that is not learnt from, in rising order.
    pub asked: Vec<Vec<u16>>,
    /// People, the most active first, and things, the most popular first.
    pub order: [Vec<usize>; 2],
    /// What recommending by popularity is worth.
    pub recall: f64,
    learnt: Vec<Vec<u16>>,
    /// How often each thing was chosen.
    popular: Vec<f32>,
    pairs: Pairs,
    recipe: Recipe,
}

impl Market {
    /// Of so many things, what each person chose to learn from and to be asked, in rising order.
    pub fn new(items: usize, learnt: Vec<Vec<u16>>, asked: Vec<Vec<u16>>, epochs: usize) -> Self {
        let mut popular = vec![0.0; items];
        learnt.iter().flatten().for_each(|item| popular[usize::from(*item)] += 1.0);
        let falling = |counts: Vec<f64>| order::strongest(&counts).collect();
        let active = learnt.iter().map(|learnt| learnt.len() as f64).collect();
        Self {
            order: [falling(active), falling(popular.iter().copied().map(f64::from).collect())],
            recall: factors::recall(&popular.repeat(learnt.len()), &learnt, &asked, FIRST),
            pairs: Pairs::new(&learnt),
            recipe: Recipe { epochs, ..RECIPE },
            asked,
            learnt,
            popular,
        }
    }

    /// How often it is learnt from.
    pub fn epochs(&self) -> usize {
        self.recipe.epochs
    }
}

/// One pair of tables.
#[derive(Clone)]
pub struct Recommender {
    /// The tables.
    pub tables: Tables,
    /// Of what people chose and no training saw, the share that it finds.
    pub recall: f64,
    /// Epochs and recall.
    pub line: Vec<[f32; 2]>,
    /// Entries at the start.
    budget: usize,
}

impl Recommender {
    fn ask(&mut self, market: &Market) {
        let likings = self.tables.factors.likings(&self.tables.numbers, &mut Workspace::default());
        self.recall = factors::recall(&likings, &market.learnt, &market.asked, FIRST);
        let epochs = self.tables.progress(&market.pairs, &market.recipe) * market.recipe.epochs as f64;
        self.line.push([epochs as f32, self.recall as f32]);
    }

    fn is_over(&self, market: &Market) -> bool {
        self.tables.progress(&market.pairs, &market.recipe) >= 1.0
    }
}

/// All of them at one budget.
#[derive(Clone)]
pub struct Recommenders {
    /// Who chose what.
    pub market: Rc<Market>,
    /// In the order of [`RIVALS`].
    pub all: Vec<Recommender>,
    /// By how many entries a table differed from its start at most, at any budget.
    pub off: usize,
}

impl Recommenders {
    /// None yet.
    pub fn new(market: Market) -> Self {
        Self { market: Rc::new(market), all: Vec::new(), off: 0 }
    }

    /// Begins at the next budget: sparse tables with the same entries at the same places, which are others at another `place`. The
    /// whole table begins with the first budget of a run, and stands beside the others.
    pub fn begin(&mut self, density: f64, is_first: bool, (chance, place): (&Rng, usize)) {
        let market = Rc::clone(&self.market);
        let whole = Factors { users: market.learnt.len(), items: market.popular.len(), columns: COLUMNS };
        let fewer = Factors { columns: ((density * COLUMNS as f64 + 0.5) as usize).max(1), ..whole };
        let places = Tables::anywhere(&whole, density, &mut chance.stream(&format!("places {place}")));
        if is_first {
            self.all.clear();
        }
        for (at, name) in RIVALS.iter().enumerate().take(if is_first { RIVALS.len() } else { WHOLE }) {
            let factors = if at == FEWER { fewer } else { whole };
            let numbers = factors.draw(SPREAD, &mut chance.stream("entries"));
            let kept = if at >= FEWER { vec![true; factors.numbers()] } else { places.clone() };
            let tables = Tables::new(factors, numbers, kept, [chance.stream("order"), chance.stream(name)]);
            let mut begun = Recommender { budget: tables.count(), tables, recall: 0.0, line: Vec::new() };
            begun.ask(&market);
            match self.all.get_mut(at) {
                Some(old) => *old = begun,
                None => self.all.push(begun),
            }
        }
    }

    /// An epoch of each that is not over, in which such a share of the entries moves at first. They are asked in turn.
    pub fn step(&mut self, moved: f64) {
        let market = Rc::clone(&self.market);
        let Market { pairs, recipe, .. } = &*market;
        let (dsl, set) = (Moves::dynamic(moved), Moves::anywhere(moved));
        let moves = [Some(dsl), Some(Moves::rigged()), Some(set), None, None, None];
        for (at, (rival, moves)) in self.all.iter_mut().zip(moves).enumerate() {
            if rival.is_over(&market) {
                continue;
            }
            for _ in 0..pairs.steps(recipe) {
                rival.tables.descend(pairs, recipe, moves);
            }
            let epoch = rival.tables.steps() / pairs.steps(recipe);
            if (epoch + at).is_multiple_of(ASKED) || rival.is_over(&market) {
                rival.ask(&market);
            }
            self.off = self.off.max(rival.tables.count().abs_diff(rival.budget));
        }
    }

    /// Whether they are trained.
    pub fn is_over(&self) -> bool {
        self.all[DSL].is_over(&self.market)
    }

    /// Which of the things that one of them recommends to a person that person chose; behind the last one is popularity.
    pub fn hits(&self, at: usize, person: usize) -> Vec<bool> {
        let likings = match self.all.get(at) {
            Some(rival) => rival.tables.factors.liked_by(person, &rival.tables.numbers),
            None => self.market.popular.clone(),
        };
        let list = factors::first(&likings, &self.market.learnt[person], FIRST);
        list.iter().map(|item| self.market.asked[person].contains(item)).collect()
    }

    /// How many entries a row of a table has, from the most active people or the most popular things on: means of so many rows.
    pub fn entries(&self, at: usize, table: usize, rows: usize) -> Vec<f64> {
        let counts = self.all[at].tables.rows(table);
        let mean = |rows: &[usize]| rows.iter().map(|row| counts[*row]).sum::<usize>() as f64 / rows.len() as f64;
        self.market.order[table].chunks_exact(rows).map(mean).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Even people choose even things, of which each is asked for one.
    fn market(epochs: usize) -> Market {
        let chosen = |asked: bool| -> Vec<Vec<u16>> {
            let of = |u: u16| (0..60).filter(|i| i % 2 == u % 2 && (i / 2 % 10 == u % 10) == asked).collect();
            (0..40).map(of).collect()
        };
        Market::new(60, chosen(false), chosen(true), epochs)
    }

    #[test]
    fn all_store_as_much_but_the_whole_table_which_stands_beside_every_budget() {
        let rng = Rng::new(2);
        let mut rivals = Recommenders::new(market(6));
        rivals.begin(0.25, true, (&rng, 0));
        let counts = |rivals: &Recommenders| rivals.all.iter().map(|rival| rival.tables.count()).collect::<Vec<_>>();
        assert_eq!(counts(&rivals), [800, 800, 800, 800, 800, 3200]);
        let mut epochs = 0;
        while !rivals.is_over() {
            rivals.step(0.5);
            epochs += 1;
        }
        assert_eq!((epochs, rivals.off, counts(&rivals)[DSL]), (6, 0, 800));
        let [first, .., last] = &rivals.all[WHOLE].line[..] else { panic!("it was asked") };
        assert!(last[1] >= first[1] && (last[0] - 6.0).abs() < 1e-6, "{first:?} {last:?}");
        let whole = rivals.all[WHOLE].recall;
        rivals.begin(0.5, false, (&rng, 1));
        assert_eq!(counts(&rivals), [1600, 1600, 1600, 1600, 1600, 3200]);
        assert_eq!((rivals.all[WHOLE].recall.to_bits(), rivals.all[DSL].line.len()), (whole.to_bits(), 1));
        let entries = rivals.entries(DSL, 0, 10);
        assert_eq!((entries.len(), entries.iter().sum::<f64>()), (4, 64.0));
        assert_eq!((rivals.hits(SET, 3).len(), rivals.hits(RIVALS.len(), 3).len()), (FIRST, FIRST));
    }

    #[test]
    fn the_most_active_and_the_most_popular_come_first() {
        let market = Market::new(3, vec![vec![1], vec![0, 1], vec![]], vec![vec![2], vec![], vec![]], 1);
        assert_eq!(market.order, [vec![1, 0, 2], vec![1, 0, 2]]);
        assert!((market.recall - 1.0).abs() < 1e-12, "all that is left is recommended");
    }
}
