//! A transformer of one layer that answers questions about two numbers (Power et al. 2022, *Grokking*; Nanda, Chan, Lieberum,
//! Smith and Steinhardt 2023, *Progress measures for grokking via mechanistic interpretability*): the tokens a, b and =, attention
//! of several heads from = to all three, a layer of ReLU, and one output a number. There are no positions, so that `(a, b)` and
//! `(b, a)` are one question, no norms and no biases.
//!
//! Only what comes out at = counts, and its query is the same in every question. What a head thinks of a token and what it takes
//! from it therefore depend on the token alone: two tables of `p + 1` rows, and a question costs three rows of each.
use super::{
    loss::{Loss, Score},
    modular::Pair,
};
use crate::math::{
    kernels::{self, Workspace, gemm},
    mat::MatRef,
    rng::Stream,
};
use std::ops::Range;

/// The size of a net.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Numbers to ask about, and classes.
    pub p: usize,
    /// Numbers of a token.
    pub width: usize,
    /// Heads, which share the width.
    pub heads: usize,
    /// Units of the ReLU layer.
    pub hidden: usize,
}

/// The matrices that are trained, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// A row for each number, and one for =.
    Tokens,
    Queries,
    Keys,
    Values,
    /// From what heads took to what is added at =.
    Mix,
    In,
    Out,
    /// From the end to the classes.
    Answers,
}

const PARTS: [Part; 8] =
    [Part::Tokens, Part::Queries, Part::Keys, Part::Values, Part::Mix, Part::In, Part::Out, Part::Answers];

impl Shape {
    /// Rows and columns of a matrix.
    fn size(&self, part: Part) -> (usize, usize) {
        let Self { p, width, hidden, .. } = *self;
        match part {
            Part::Tokens => (p + 1, width),
            Part::Queries | Part::Keys | Part::Values | Part::Mix => (width, width),
            Part::In => (width, hidden),
            Part::Out => (hidden, width),
            Part::Answers => (width, p),
        }
    }

    /// Where the numbers of a matrix are.
    fn range(&self, part: Part) -> Range<usize> {
        let cells = |part: &Part| self.size(*part).0 * self.size(*part).1;
        let start = PARTS.iter().take_while(|other| **other != part).map(cells).sum();
        start..start + cells(&part)
    }

    /// Numbers of all matrices.
    pub fn weights(&self) -> usize {
        self.range(Part::Answers).end
    }

    /// Numbers of a head.
    fn head(&self) -> usize {
        self.width / self.heads
    }

    fn of<'a>(&self, numbers: &'a [f32], part: Part) -> MatRef<'a> {
        let (rows, cols) = self.size(part);
        MatRef::new(&numbers[self.range(part)], rows, cols)
    }
}

/// A net, its weights, and the gradient of its last pass.
#[derive(Clone, Debug)]
pub struct Transformer {
    shape: Shape,
    /// Of all matrices, one after the other.
    pub weights: Vec<f32>,
    work: Work,
}

/// Memory that is kept from step to step. It is no part of the net: a copy begins without.
#[derive(Debug, Default)]
struct Work {
    gradient: Vec<f32>,
    /// What = asks for.
    query: Vec<f32>,
    /// For each token what it answers and what it gives: (p + 1, width), and what each head thinks of it: (p + 1, heads).
    keys: Vec<f32>,
    values: Vec<f32>,
    scores: Vec<f32>,
    /// For each question: how much of each of the three tokens each head takes, what they took, what is at = after attention, the
    /// ReLU layer, what is at the end, and the outputs.
    shares: Vec<f32>,
    taken: Vec<f32>,
    middle: Vec<f32>,
    units: Vec<f32>,
    end: Vec<f32>,
    outputs: Vec<f32>,
    errors: Errors,
    packing: Workspace,
}

/// What the loss asks of the numbers on the way: for each question at the end, in the ReLU layer and before that; and of =, of
/// what tokens give, are thought of and answer, and of what = asks.
#[derive(Debug, Default)]
struct Errors {
    end: Vec<f32>,
    units: Vec<f32>,
    earlier: Vec<f32>,
    equals: Vec<f32>,
    values: Vec<f32>,
    scores: Vec<f32>,
    keys: Vec<f32>,
    query: Vec<f32>,
    /// Parts of what is asked of tokens.
    by_values: Vec<f32>,
    by_query: Vec<f32>,
}

impl Clone for Work {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// Questions that are answered at a time when all of them are.
const BATCH: usize = 256;

impl Transformer {
    /// Normal weights with the variance `1 / rows` of each matrix, those of tokens with `1 / width`, `scale` times as large.
    ///
    /// # Panics
    /// If heads do not share the width evenly.
    pub fn new(shape: Shape, scale: f64, chance: &mut Stream) -> Self {
        assert!(shape.heads > 0 && shape.width.is_multiple_of(shape.heads), "heads share the width");
        let mut weights = Vec::with_capacity(shape.weights());
        for part in PARTS {
            let (rows, cols) = shape.size(part);
            let inner = if part == Part::Tokens { cols } else { rows };
            let spread = scale / (inner as f64).sqrt();
            weights.extend((0..rows * cols).map(|_| (spread * chance.normal()) as f32));
        }
        Self { shape, weights, work: Work::default() }
    }

    /// Its size.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The weights, and the gradient of the last [`Transformer::grade`].
    pub fn descent(&mut self) -> (&mut [f32], &mut [f32]) {
        (&mut self.weights, &mut self.work.gradient)
    }

    /// Whether it knows the gradient of its weights: a copy does not before it is graded again.
    pub fn is_graded(&self) -> bool {
        !self.work.gradient.is_empty()
    }

    /// The tokens of the numbers, `p` rows of the width.
    pub fn tokens(&self) -> &[f32] {
        &self.weights[..self.shape.p * self.shape.width]
    }

    /// What each head thinks of each number and, last, of =: `p + 1` rows of one number a head. A head takes shares of a, b and =
    /// by the softmax of three of these.
    pub fn scores(&mut self) -> &[f32] {
        self.look_up();
        &self.work.scores
    }

    /// Fills `outputs` with a row for each question.
    ///
    /// # Panics
    /// If there are not `p` outputs for each question.
    pub fn answer(&mut self, questions: &[Pair], outputs: &mut [f32]) {
        let p = self.shape.p;
        assert_eq!(outputs.len(), questions.len() * p, "outputs");
        self.look_up();
        for (questions, outputs) in questions.chunks(BATCH).zip(outputs.chunks_mut(BATCH * p)) {
            self.forward(questions);
            outputs.copy_from_slice(&self.work.outputs);
        }
    }

    /// The score of the answers to all questions, and the gradient of its loss.
    ///
    /// # Panics
    /// If there is not one label for each question.
    pub fn grade(&mut self, questions: &[Pair], labels: &[u16], loss: Loss) -> Score {
        self.look_up();
        self.forward(questions);
        let score = loss.grade(&mut self.work.outputs, labels, self.shape.p);
        self.backward(questions);
        score
    }

    /// What heads think of tokens and take from them.
    fn look_up(&mut self) {
        let Self { shape, weights, work } = self;
        let (rows, width, head) = (shape.p + 1, shape.width, shape.head());
        let tokens = shape.of(weights, Part::Tokens);
        for numbers in [&mut work.keys, &mut work.values] {
            numbers.resize(rows * width, 0.0);
        }
        work.query.resize(width, 0.0);
        work.scores.resize(rows * shape.heads, 0.0);
        gemm(tokens.view(), shape.of(weights, Part::Keys).view(), &mut work.keys, &mut work.packing);
        gemm(tokens.view(), shape.of(weights, Part::Values).view(), &mut work.values, &mut work.packing);
        let equals = MatRef::new(tokens.row(shape.p), 1, width);
        gemm(equals.view(), shape.of(weights, Part::Queries).view(), &mut work.query, &mut work.packing);
        let scale = 1.0 / (head as f32).sqrt();
        for (scores, keys) in work.scores.chunks_exact_mut(shape.heads).zip(work.keys.chunks_exact(width)) {
            let heads = keys.chunks_exact(head).zip(work.query.chunks_exact(head));
            scores.iter_mut().zip(heads).for_each(|(score, (key, query))| *score = scale * kernels::dot(key, query));
        }
    }

    fn forward(&mut self, questions: &[Pair]) {
        let Self { shape, weights, work } = self;
        let (n, width, hidden, heads, head) = (questions.len(), shape.width, shape.hidden, shape.heads, shape.head());
        for (numbers, each) in [
            (&mut work.shares, 3 * heads),
            (&mut work.taken, width),
            (&mut work.middle, width),
            (&mut work.units, hidden),
            (&mut work.end, width),
            (&mut work.outputs, shape.p),
        ] {
            numbers.resize(n * each, 0.0);
        }
        let rows = work.shares.chunks_exact_mut(3 * heads).zip(work.taken.chunks_exact_mut(width));
        for (pair, (shares, taken)) in questions.iter().zip(rows) {
            let tokens = shape.rows(*pair);
            for (h, (shares, taken)) in shares.chunks_exact_mut(3).zip(taken.chunks_exact_mut(head)).enumerate() {
                shares.iter_mut().zip(tokens).for_each(|(share, row)| *share = work.scores[row * heads + h]);
                kernels::softmax(1.0, shares);
                let [a, b, equals] = tokens.map(|row| &work.values[row * width + h * head..][..head]);
                for (i, out) in taken.iter_mut().enumerate() {
                    *out = shares[0] * a[i] + shares[1] * b[i] + shares[2] * equals[i];
                }
            }
        }
        let packing = &mut work.packing;
        let taken = MatRef::new(&work.taken, n, width);
        gemm(taken.view(), shape.of(weights, Part::Mix).view(), &mut work.middle, packing);
        let equals = shape.of(weights, Part::Tokens).row(shape.p);
        for row in work.middle.chunks_exact_mut(width) {
            row.iter_mut().zip(equals).for_each(|(x, e)| *x += e);
        }
        let middle = MatRef::new(&work.middle, n, width);
        gemm(middle.view(), shape.of(weights, Part::In).view(), &mut work.units, packing);
        work.units.iter_mut().for_each(|z| *z = if *z > 0.0 { *z } else { 0.0 });
        let units = MatRef::new(&work.units, n, hidden);
        gemm(units.view(), shape.of(weights, Part::Out).view(), &mut work.end, packing);
        work.end.iter_mut().zip(&work.middle).for_each(|(end, x)| *end += x);
        let end = MatRef::new(&work.end, n, width);
        gemm(end.view(), shape.of(weights, Part::Answers).view(), &mut work.outputs, packing);
    }

    /// The gradient, where the outputs of the last [`Transformer::forward`] were replaced by the gradient by each of them.
    fn backward(&mut self, questions: &[Pair]) {
        let Self { shape, weights, work } = self;
        let (n, width, hidden, heads, head) = (questions.len(), shape.width, shape.hidden, shape.heads, shape.head());
        work.gradient.resize(weights.len(), 0.0);
        let (gradient, packing) = (&mut work.gradient, &mut work.packing);
        let Errors {
            end: errors,
            units: to_units,
            earlier,
            equals: to_equals,
            values: to_values,
            scores: to_scores,
            keys: to_keys,
            query: to_query,
            by_values,
            by_query,
        } = &mut work.errors;
        let rows = shape.p + 1;
        for (numbers, count) in [
            (&mut *errors, n * width),
            (&mut *to_units, n * hidden),
            (&mut *earlier, n * width),
            (&mut *to_equals, width),
            (&mut *to_values, rows * width),
            (&mut *to_scores, rows * heads),
            (&mut *to_keys, rows * width),
            (&mut *to_query, width),
            (&mut *by_values, rows * width),
            (&mut *by_query, width),
        ] {
            numbers.resize(count, 0.0);
        }
        // These are summed up.
        for numbers in [&mut *to_equals, to_values, to_scores, to_query] {
            numbers.fill(0.0);
        }

        let outputs = MatRef::new(&work.outputs, n, shape.p);
        let end = MatRef::new(&work.end, n, width);
        gemm(end.transposed(), outputs.view(), &mut gradient[shape.range(Part::Answers)], packing);
        gemm(outputs.view(), shape.of(weights, Part::Answers).transposed(), errors, packing);

        let units = MatRef::new(&work.units, n, hidden);
        let at_end = MatRef::new(errors, n, width);
        gemm(units.transposed(), at_end.view(), &mut gradient[shape.range(Part::Out)], packing);
        gemm(at_end.view(), shape.of(weights, Part::Out).transposed(), to_units, packing);
        to_units.iter_mut().zip(&work.units).for_each(|(error, z)| *error = if *z > 0.0 { *error } else { 0.0 });
        let to_units = MatRef::new(to_units, n, hidden);
        let middle = MatRef::new(&work.middle, n, width);
        gemm(middle.transposed(), to_units.view(), &mut gradient[shape.range(Part::In)], packing);
        gemm(to_units.view(), shape.of(weights, Part::In).transposed(), earlier, packing);
        errors.iter_mut().zip(&*earlier).for_each(|(error, by_units)| *error += by_units);

        let at_middle = MatRef::new(errors, n, width);
        let taken = MatRef::new(&work.taken, n, width);
        gemm(taken.transposed(), at_middle.view(), &mut gradient[shape.range(Part::Mix)], packing);
        gemm(at_middle.view(), shape.of(weights, Part::Mix).transposed(), earlier, packing);
        for row in errors.chunks_exact(width) {
            to_equals.iter_mut().zip(row).for_each(|(sum, error)| *sum += error);
        }

        // From what heads took to what they think of tokens and take from them.
        for ((pair, shares), errors) in
            questions.iter().zip(work.shares.chunks_exact(3 * heads)).zip(earlier.chunks_exact(width))
        {
            let tokens = shape.rows(*pair);
            for (h, (shares, errors)) in shares.chunks_exact(3).zip(errors.chunks_exact(head)).enumerate() {
                let mut worth = [0.0; 3];
                for ((row, share), worth) in tokens.into_iter().zip(shares).zip(&mut worth) {
                    let place = row * width + h * head..row * width + (h + 1) * head;
                    *worth = kernels::dot(errors, &work.values[place.clone()]);
                    to_values[place].iter_mut().zip(errors).for_each(|(sum, error)| *sum += share * error);
                }
                let mean = worth.iter().zip(shares).map(|(worth, share)| worth * share).sum::<f32>();
                for ((row, share), worth) in tokens.into_iter().zip(shares).zip(worth) {
                    to_scores[row * heads + h] += share * (worth - mean);
                }
            }
        }
        let scale = 1.0 / (head as f32).sqrt();
        let each = to_keys.chunks_exact_mut(width).zip(work.keys.chunks_exact(width));
        for (scores, (to_keys, keys)) in to_scores.chunks_exact(heads).zip(each) {
            for (i, (to_key, key)) in to_keys.iter_mut().zip(keys).enumerate() {
                let error = scale * scores[i / head];
                *to_key = error * work.query[i];
                to_query[i] += error * key;
            }
        }

        let tokens = shape.of(weights, Part::Tokens);
        let to_keys = MatRef::new(to_keys, rows, width);
        let to_values = MatRef::new(to_values, rows, width);
        let to_query = MatRef::new(to_query, 1, width);
        let equals = MatRef::new(tokens.row(shape.p), 1, width);
        gemm(tokens.transposed(), to_keys.view(), &mut gradient[shape.range(Part::Keys)], packing);
        gemm(tokens.transposed(), to_values.view(), &mut gradient[shape.range(Part::Values)], packing);
        gemm(equals.transposed(), to_query.view(), &mut gradient[shape.range(Part::Queries)], packing);
        let by_keys = &mut gradient[shape.range(Part::Tokens)];
        gemm(to_keys.view(), shape.of(weights, Part::Keys).transposed(), by_keys, packing);
        gemm(to_values.view(), shape.of(weights, Part::Values).transposed(), by_values, packing);
        by_keys.iter_mut().zip(&*by_values).for_each(|(sum, by_values)| *sum += by_values);
        gemm(to_query.view(), shape.of(weights, Part::Queries).transposed(), by_query, packing);
        let own = by_keys[shape.p * width..].iter_mut();
        own.zip(to_equals.iter().zip(&*by_query)).for_each(|(sum, (at_end, by_query))| *sum += at_end + by_query);
    }
}

impl Shape {
    /// The rows of the three tokens.
    fn rows(&self, pair: Pair) -> [usize; 3] {
        [pair.a.into(), pair.b.into(), self.p]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        math::{rng::Rng, scalar},
        model::learning::modular::{Operation, Task},
    };

    /// The net in f64, as it is written: the mean squared distance of all questions.
    fn plain(shape: &Shape, weights: &[f64], questions: &[Pair]) -> f64 {
        let part = |part: Part| &weights[shape.range(part)];
        let times = |x: &[f64], of: Part| -> Vec<f64> {
            let (rows, cols) = shape.size(of);
            (0..cols).map(|j| (0..rows).map(|i| x[i] * part(of)[i * cols + j]).sum()).collect()
        };
        let (width, head) = (shape.width, shape.head());
        let token = |row: usize| &part(Part::Tokens)[row * width..][..width];
        let mut sum = 0.0;
        for pair in questions {
            let query = times(token(shape.p), Part::Queries);
            let mut taken = vec![0.0; width];
            for h in 0..shape.heads {
                let place = h * head..(h + 1) * head;
                let weights = shape.rows(*pair).map(|row| {
                    let key = times(token(row), Part::Keys);
                    let dot: f64 = place.clone().map(|i| key[i] * query[i]).sum();
                    scalar::exp(dot / (head as f64).sqrt())
                });
                let all: f64 = weights.iter().sum();
                for (row, weight) in shape.rows(*pair).into_iter().zip(weights) {
                    let value = times(token(row), Part::Values);
                    place.clone().for_each(|i| taken[i] += weight / all * value[i]);
                }
            }
            let middle: Vec<f64> = times(&taken, Part::Mix).iter().zip(token(shape.p)).map(|(x, e)| x + e).collect();
            let units: Vec<f64> = times(&middle, Part::In).into_iter().map(|z| z.max(0.0)).collect();
            let end: Vec<f64> = times(&units, Part::Out).iter().zip(&middle).map(|(x, m)| x + m).collect();
            let outputs = times(&end, Part::Answers);
            let target = |c: usize| if c == usize::from(pair.answer) { 1.0 } else { 0.0 };
            sum += outputs.iter().enumerate().map(|(c, z)| (z - target(c)) * (z - target(c))).sum::<f64>()
                / outputs.len() as f64;
        }
        sum / questions.len() as f64
    }

    const SMALL: Shape = Shape { p: 5, width: 6, heads: 2, hidden: 7 };

    #[test]
    fn the_gradient_is_that_of_the_formula() {
        let rng = Rng::new(2);
        let task = Task::new(Operation::Add, SMALL.p, 0.6, &mut rng.stream("split"));
        let labels: Vec<u16> = task.train.iter().map(|pair| pair.answer).collect();
        let mut net = Transformer::new(SMALL, 1.5, &mut rng.stream("weights"));
        let wide: Vec<f64> = net.weights.iter().copied().map(f64::from).collect();
        let score = net.grade(&task.train, &labels, Loss::Square);
        assert!((score.loss - plain(&SMALL, &wide, &task.train)).abs() < 1e-5);
        for (i, g) in net.work.gradient.iter().enumerate() {
            let moved = |by: f64| {
                let mut moved = wide.clone();
                moved[i] += by;
                plain(&SMALL, &moved, &task.train)
            };
            let slope = (moved(1e-6) - moved(-1e-6)) / 2e-6;
            assert!((f64::from(*g) - slope).abs() < 2e-5, "{i}: {g} and {slope}");
        }
    }

    #[test]
    fn answers_are_those_that_are_graded() {
        let rng = Rng::new(1);
        let task = Task::new(Operation::Add, 29, 0.9, &mut rng.stream("split"));
        let mut net = Transformer::new(Shape { p: 29, ..SMALL }, 1.0, &mut rng.stream("weights"));
        let mut outputs = vec![0.0; task.train.len() * 29];
        net.answer(&task.train, &mut outputs);
        net.forward(&task.train);
        assert_eq!(outputs, net.work.outputs);
    }
}
