//! Arithmetic modulo a prime as a task: pairs, answers, and which of them are trained on (Power, Burda, Edwards, Babuschkin
//! and Misra 2022, *Grokking: generalization beyond overfitting on small algorithmic datasets*).
use crate::math::{formula::Formula, rng::Stream};

/// What is asked of a pair `(a, b)`, modulo p.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `a + b`
    Add,
    /// `a - b`
    Subtract,
    /// `a b`
    Multiply,
    /// `a² + b²`
    Squares,
    /// `a² + ab + b²`
    Mixed,
    /// `a³ + ab`
    Cubic,
    /// Any other.
    Own(Formula),
}

impl Operation {
    /// That of a formula: one of those with a name if it has the same answers modulo `p`.
    pub fn of(formula: Formula, p: usize) -> Self {
        let own = Self::Own(formula);
        let named = [Self::Add, Self::Subtract, Self::Multiply, Self::Squares, Self::Mixed, Self::Cubic];
        let same = |named: &Self| pairs(p).all(|(a, b)| named.answer(a, b, p) == own.answer(a, b, p));
        named.into_iter().find(same).unwrap_or(own)
    }

    /// The answer, for `a` and `b` below `p`.
    pub fn answer(&self, a: usize, b: usize, p: usize) -> usize {
        match self {
            Self::Add => (a + b) % p,
            Self::Subtract => (a + p - b) % p,
            Self::Multiply => a * b % p,
            Self::Squares => (a * a + b * b) % p,
            Self::Mixed => (a * a + a * b + b * b) % p,
            Self::Cubic => (a * a % p * a + a * b) % p,
            Self::Own(formula) => formula.at(a, b, p),
        }
    }

    /// Whether `(a, b)` and `(b, a)` are the same question.
    pub fn is_symmetric(&self, p: usize) -> bool {
        match self {
            Self::Own(_) => pairs(p).all(|(a, b)| self.answer(a, b, p) == self.answer(b, a, p)),
            named => !matches!(named, Self::Subtract | Self::Cubic),
        }
    }
}

/// All pairs of numbers below `p`.
fn pairs(p: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..p).flat_map(move |a| (0..p).map(move |b| (a, b)))
}

/// One question and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The first number.
    pub a: u16,
    /// The second.
    pub b: u16,
    /// What is right.
    pub answer: u16,
}

/// The questions of an operation, each once: where the order of two numbers does not matter only those with `a <= b`, as a
/// net that has one table for both cannot tell them apart.
#[derive(Clone, Debug)]
pub struct Task {
    /// The modulus.
    pub p: usize,
    /// The operation.
    pub operation: Operation,
    /// Whether `(a, b)` and `(b, a)` are the same question.
    pub symmetric: bool,
    /// Questions that are trained on, in order.
    pub train: Vec<Pair>,
    /// All others, in order.
    pub test: Vec<Pair>,
}

impl Task {
    /// A random `fraction` of the questions, but at least one, is trained on.
    pub fn new(operation: Operation, p: usize, fraction: f64, split: &mut Stream) -> Self {
        let number = |x: usize| x as u16;
        let symmetric = operation.is_symmetric(p);
        let first = |a: usize| if symmetric { a } else { 0 };
        let pair = |a: usize, b: usize| Pair { a: number(a), b: number(b), answer: number(operation.answer(a, b, p)) };
        let pairs: Vec<Pair> = (0..p).flat_map(|a| (first(a)..p).map(move |b| pair(a, b))).collect();
        let count = ((fraction * pairs.len() as f64) as usize).max(1).min(pairs.len());
        let mut trained = vec![false; pairs.len()];
        split.choose(count, pairs.len()).into_iter().for_each(|i| trained[i] = true);
        let (train, test): (Vec<_>, Vec<_>) = pairs.into_iter().zip(trained).partition(|(_, trained)| *trained);
        let [train, test] = [train, test].map(|pairs| pairs.into_iter().map(|(pair, _)| pair).collect());
        Self { p, operation, symmetric, train, test }
    }

    /// What is right at a place of a table of `p * p`.
    pub fn right(&self, place: usize) -> usize {
        self.operation.answer(place / self.p, place % self.p, self.p)
    }

    /// How many answers to all `p * p` places are right.
    pub fn count_right(&self, answers: &[u16]) -> usize {
        answers.iter().enumerate().filter(|(place, answer)| usize::from(**answer) == self.right(*place)).count()
    }

    /// Fills a table of `p * p` places by what is said of each question; one that stands for both orders fills both.
    pub fn tabulate<T: Copy>(&self, questions: &[Pair], said: impl Fn(usize) -> T, table: &mut [T]) {
        for (i, pair) in questions.iter().enumerate() {
            let (a, b) = (usize::from(pair.a), usize::from(pair.b));
            let said = said(i);
            table[a * self.p + b] = said;
            if self.symmetric {
                table[b * self.p + a] = said;
            }
        }
    }
}

/// A ring of numbers along which an operation adds or subtracts places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ring {
    /// The numbers in their order: all from 0, or, for products, all but 0 in the order of their discrete logarithms.
    pub order: Vec<usize>,
    places: Vec<Option<usize>>,
    minus: bool,
}

impl Ring {
    /// That of an operation modulo a prime, if it has one.
    pub fn new(operation: &Operation, p: usize) -> Option<Self> {
        let order = match operation {
            Operation::Add | Operation::Subtract => (0..p).collect(),
            Operation::Multiply => by_logarithm(p),
            _ => return None,
        };
        let mut places = vec![None; p];
        order.iter().enumerate().for_each(|(place, x)| places[*x] = Some(place));
        Some(Self { order, places, minus: *operation == Operation::Subtract })
    }

    /// The place of the answer, if both numbers are in the ring.
    pub fn place(&self, pair: &Pair) -> Option<usize> {
        let (n, at) = (self.order.len(), |x: u16| self.places[usize::from(x)]);
        let (a, b) = (at(pair.a)?, at(pair.b)?);
        Some(if self.minus { a + n - b } else { a + b } % n)
    }
}

/// The powers of the least primitive root of a prime `p`: `p - 1` numbers, each from 1 on once.
fn by_logarithm(p: usize) -> Vec<usize> {
    let powers = |g: usize| std::iter::successors(Some(1), move |x| Some(x * g % p));
    let is_root = |g: &usize| powers(*g).skip(1).take_while(|x| *x > 1).count() == p - 2;
    let root = (2..p).find(is_root).unwrap_or(1);
    powers(root).take(p - 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    const ALL: [Operation; 6] = [
        Operation::Add,
        Operation::Subtract,
        Operation::Multiply,
        Operation::Squares,
        Operation::Mixed,
        Operation::Cubic,
    ];

    #[test]
    fn answers_are_those_of_arithmetic_and_symmetric_where_they_say_so() {
        for (operation, answer) in ALL.into_iter().zip([1, 2, 1, 6, 0, 0]) {
            assert_eq!(operation.answer(5, 3, 7), answer, "{operation:?}");
            let same = |a: usize, b: usize| operation.answer(a, b, 31) == operation.answer(b, a, 31);
            assert_eq!((0..961).all(|i| same(i / 31, i % 31)), operation.is_symmetric(31), "{operation:?}");
        }
    }

    #[test]
    fn a_formula_with_the_answers_of_a_named_operation_is_that_one() {
        let of = |text: &str| Operation::of(Formula::read(text).unwrap(), 31);
        assert_eq!(
            [of("b + a"), of("(a + b)^2 - 2ab"), of("a + 30b")],
            [Operation::Add, Operation::Squares, Operation::Subtract]
        );
        assert!(
            matches!(of("a + 2b"), Operation::Own(_)) && !of("a + 2b").is_symmetric(31) && of("3ab").is_symmetric(31)
        );
    }

    #[test]
    fn a_split_has_each_question_once_and_the_same_stream_gives_the_same() {
        for operation in ALL {
            let task = |seed| Task::new(operation.clone(), 31, 0.3, &mut Rng::new(seed).stream("split"));
            let all = if operation.is_symmetric(31) { 31 * 32 / 2 } else { 31 * 31 };
            let Task { train, test, .. } = task(1);
            assert_eq!((train.len(), train.len() + test.len()), ((0.3 * f64::from(all)) as usize, all as usize));
            let mut both: Vec<_> = [train.clone(), test].concat().iter().map(|pair| (pair.a, pair.b)).collect();
            both.sort_unstable();
            both.dedup();
            assert_eq!(both.len(), all as usize);
            assert!(train.is_sorted_by_key(|pair| (pair.a, pair.b)), "{operation:?}");
            assert_eq!(train, task(1).train);
            assert_ne!(train, task(2).train);
        }
    }

    #[test]
    fn a_table_has_every_place_filled() {
        let task = Task::new(Operation::Add, 11, 0.5, &mut Rng::new(1).stream("split"));
        let mut table = vec![99; 121];
        for questions in [&task.train, &task.test] {
            task.tabulate(questions, |i| questions[i].answer, &mut table);
        }
        assert!((0..121).all(|i| usize::from(table[i]) == (i / 11 + i % 11) % 11));
    }

    #[test]
    fn along_its_ring_an_operation_adds_places() {
        for p in [3, 31, 59, 113] {
            for operation in ALL {
                let Some(ring) = Ring::new(&operation, p) else { continue };
                let mut sorted = ring.order.clone();
                sorted.sort_unstable();
                assert_eq!(sorted, (p - sorted.len()..p).collect::<Vec<_>>(), "{operation:?} p = {p}");
                let task = Task::new(operation.clone(), p, 1.0, &mut Rng::new(1).stream("split"));
                let outside = |pair: &&Pair| match ring.place(pair) {
                    Some(place) => {
                        assert_eq!(ring.order[place], usize::from(pair.answer), "{operation:?} {pair:?}");
                        false
                    }
                    None => true,
                };
                let zeros = if operation == Operation::Multiply { p } else { 0 };
                assert_eq!(task.train.iter().filter(outside).count(), zeros, "{operation:?} p = {p}");
            }
        }
    }
}
