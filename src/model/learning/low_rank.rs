//! Changes of low rank (Hu, Shen, Wallis, Allen-Zhu, Li, Wang, Wang and Chen 2021, *LoRA: low-rank adaptation of large language
//! models*): to the weights W of each layer of a net that stay as they are, a product `B A` of two thin matrices is added, and only
//! those are learnt. And how many directions any change has.
use super::mlp::{Layer, Mlp};
use crate::math::{
    kernels::{Workspace, gemm},
    linalg,
    mat::MatRef,
    rng::Stream,
};

/// Two thin matrices for each layer: B, a row for each unit, and A, a column for each input. All their numbers stand in one list.
#[derive(Clone, Debug)]
pub struct LowRank {
    pieces: Vec<Piece>,
    whole: usize,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    layer: Layer,
    rank: usize,
    start: usize,
}

impl Piece {
    fn of(self, numbers: &[f32]) -> (MatRef<'_>, MatRef<'_>) {
        let Layer { inputs, units, .. } = self.layer;
        let (b, a) = numbers[self.start..].split_at(units * self.rank);
        (MatRef::new(b, units, self.rank), MatRef::new(&a[..self.rank * inputs], self.rank, inputs))
    }

    fn end(self) -> usize {
        self.start + self.rank * (self.layer.inputs + self.layer.units)
    }
}

impl LowRank {
    /// Changes of that rank, or of a layer's own where it has less.
    pub fn new(net: &Mlp, rank: usize) -> Self {
        let mut start = 0;
        let pieces = net.layers().iter().map(|layer| {
            let piece = Piece { layer: *layer, rank: rank.min(layer.inputs).min(layer.units), start };
            start = piece.end();
            piece
        });
        Self { pieces: pieces.collect(), whole: net.numbers() }
    }

    /// Changes of the greatest rank that have at most so many numbers, and of rank 1 at least.
    pub fn within(net: &Mlp, numbers: usize) -> Self {
        let most = net.layers().iter().map(|layer| layer.inputs.min(layer.units)).max().unwrap_or(1);
        let fits = |low: &Self| low.numbers() <= numbers;
        (1..=most).map(|rank| Self::new(net, rank)).take_while(fits).last().unwrap_or_else(|| Self::new(net, 1))
    }

    /// How many numbers all changes have.
    pub fn numbers(&self) -> usize {
        self.pieces.last().map_or(0, |piece| piece.end())
    }

    /// The greatest rank of a layer.
    pub fn rank(&self) -> usize {
        self.pieces.iter().map(|piece| piece.rank).max().unwrap_or(0)
    }

    /// Numbers that change nothing yet: A normal with the variance `1 / inputs`, B of zeros.
    pub fn draw(&self, chance: &mut Stream) -> Vec<f32> {
        let mut numbers = vec![0.0; self.numbers()];
        for piece in &self.pieces {
            let spread = (1.0 / piece.layer.inputs as f64).sqrt();
            let a = piece.start + piece.layer.units * piece.rank..piece.end();
            numbers[a].iter_mut().for_each(|a| *a = (spread * chance.normal()) as f32);
        }
        numbers
    }

    /// The numbers of a net with the changes added.
    pub fn add(&self, numbers: &[f32], net: &[f32]) -> Vec<f32> {
        let (mut sum, mut packing, mut product) = (net.to_vec(), Workspace::default(), Vec::new());
        for piece in &self.pieces {
            let (b, a) = piece.of(numbers);
            product.resize(piece.layer.weights().len(), 0.0);
            gemm(b.view(), a.view(), &mut product, &mut packing);
            sum[piece.layer.weights()].iter_mut().zip(&product).for_each(|(w, change)| *w += change);
        }
        sum
    }

    /// The gradient by the changes, of that by all numbers of the net.
    ///
    /// # Panics
    /// If one of the lists has another length.
    pub fn gather(&self, numbers: &[f32], gradient: &[f32], by_changes: &mut [f32]) {
        assert_eq!((gradient.len(), by_changes.len()), (self.whole, self.numbers()), "gradients");
        let mut packing = Workspace::default();
        for piece in &self.pieces {
            let Layer { inputs, units, .. } = piece.layer;
            let (b, a) = piece.of(numbers);
            let by_weights = MatRef::new(&gradient[piece.layer.weights()], units, inputs);
            let (by_b, by_a) = by_changes[piece.start..piece.end()].split_at_mut(units * piece.rank);
            gemm(by_weights.view(), a.transposed(), by_b, &mut packing);
            gemm(b.transposed(), by_weights.view(), by_a, &mut packing);
        }
    }
}

/// The squares of the singular values of a matrix, the greatest first.
///
/// # Panics
/// If it is not of that size.
pub fn spectrum(rows: usize, cols: usize, matrix: &[f32]) -> Vec<f64> {
    let gram = gram(rows, cols, matrix);
    linalg::symmetric_eigenvalues(rows, &gram).into_iter().map(|square| square.max(0.0)).collect()
}

/// How much of a matrix its first directions have, added up: of the sum of the squares of its singular values the share of the first,
/// of the first two, and so on.
///
/// # Panics
/// If it is not of that size.
pub fn first_directions(rows: usize, cols: usize, matrix: &[f32], count: usize) -> Vec<f64> {
    let squares = spectrum(rows, cols, matrix);
    let all: f64 = squares.iter().sum();
    let add = |sum: &mut f64, square: f64| {
        *sum += square;
        Some(*sum / all.max(1e-30))
    };
    squares.into_iter().take(count).scan(0.0, add).collect()
}

/// The gradient of the nuclear norm of a matrix, which is the sum of its singular values: `U Vᵀ`, of the directions that it has.
///
/// # Panics
/// If it is not of that size.
pub fn nuclear_gradient(rows: usize, cols: usize, matrix: &[f32]) -> Vec<f32> {
    let pairs = linalg::symmetric_eigen(rows, &gram(rows, cols, matrix));
    let least = pairs.first().map_or(0.0, |(greatest, _)| FAINT * greatest);
    // (M Mᵀ)^(-1/2) M, where M Mᵀ = U S² Uᵀ.
    let mut root = vec![0.0; rows * rows];
    for (square, direction) in pairs.iter().filter(|(square, _)| *square > least) {
        let scale = 1.0 / square.sqrt();
        for (row, x) in root.chunks_exact_mut(rows).zip(direction) {
            row.iter_mut().zip(direction).for_each(|(sum, y)| *sum += scale * x * y);
        }
    }
    let wide: Vec<f64> = matrix.iter().copied().map(f64::from).collect();
    linalg::matmul(rows, rows, cols, &root, &wide).into_iter().map(|x| x as f32).collect()
}

/// Squares of singular values below this share of the greatest are rounding.
const FAINT: f64 = 1e-9;

fn gram(rows: usize, cols: usize, matrix: &[f32]) -> Vec<f64> {
    assert_eq!(matrix.len(), rows * cols, "a matrix of {rows} by {cols}");
    let wide: Vec<f64> = matrix.iter().copied().map(f64::from).collect();
    let turned: Vec<f64> = (0..rows * cols).map(|at| wide[at % rows * cols + at / rows]).collect();
    linalg::matmul(rows, cols, rows, &wide, &turned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        math::{mat::Mat, rng::Rng},
        model::learning::loss::Loss,
    };

    #[test]
    fn directions_are_added_up_from_the_strongest_on() {
        let matrix = [0.0, 3.0, 0.0, 4.0, 0.0, 0.0];
        let shares = first_directions(2, 3, &matrix, 2);
        assert!((shares[0] - 16.0 / 25.0).abs() < 1e-9 && (shares[1] - 1.0).abs() < 1e-9, "{shares:?}");
        assert_eq!(first_directions(2, 3, &[0.0; 6], 1), [0.0]);
    }

    #[test]
    fn the_gradient_is_that_by_the_changes_and_they_begin_as_none() {
        let mut net = Mlp::new(&[5, 7, 3]);
        let mut chance = Rng::new(1).stream("net");
        let drawn = net.draw(&mut chance);
        let low = LowRank::new(&net, 2);
        let mut numbers = low.draw(&mut chance);
        assert_eq!((low.numbers(), low.add(&numbers, &drawn)), (2 * (5 + 7) + 2 * (7 + 3), drawn.clone()));
        numbers.iter_mut().for_each(|x| *x = 0.5 * chance.normal() as f32);
        let inputs = Mat::new((0..30).map(|_| chance.normal() as f32).collect(), 6, 5);
        let labels = [0, 1, 2, 0, 1, 2];
        let mut gradient = vec![0.0; net.numbers()];
        net.learn(&low.add(&numbers, &drawn), inputs.as_ref(), &labels, Loss::CrossEntropy, &mut gradient);
        let mut by_changes = vec![0.0; low.numbers()];
        low.gather(&numbers, &gradient, &mut by_changes);
        for (i, g) in by_changes.iter().enumerate() {
            let mut loss = |by: f32| {
                let mut moved = numbers.clone();
                moved[i] += by;
                net.grade(&low.add(&moved, &drawn), inputs.as_ref(), &labels, Loss::CrossEntropy).loss
            };
            let slope = (loss(1e-3) - loss(-1e-3)) / 2e-3;
            assert!((f64::from(*g) - slope).abs() < 2e-3 * (1.0 + slope.abs()), "{i}: {g} {slope}");
        }
    }

    #[test]
    fn the_rank_is_the_greatest_that_fits() {
        let net = Mlp::new(&[5, 7, 3]);
        assert_eq!([0, 22, 43, 44, 999].map(|numbers| LowRank::within(&net, numbers).rank()), [1, 1, 1, 2, 5]);
    }

    #[test]
    fn the_nuclear_gradient_is_the_slope_of_the_sum_of_singular_values() {
        let mut chance = Rng::new(2).stream("matrix");
        let matrix: Vec<f32> = (0..12).map(|_| chance.normal() as f32).collect();
        let norm = |matrix: &[f32]| spectrum(3, 4, matrix).into_iter().map(f64::sqrt).sum::<f64>();
        for (i, g) in nuclear_gradient(3, 4, &matrix).iter().enumerate() {
            let moved = |by: f32| {
                let mut moved = matrix.clone();
                moved[i] += by;
                norm(&moved)
            };
            let slope = (moved(1e-2) - moved(-1e-2)) / 2e-2;
            assert!((f64::from(*g) - slope).abs() < 1e-3, "{i}: {g} {slope}");
        }
        // One direction: what is in it is of length 1, and there is no other.
        let thin = nuclear_gradient(2, 2, &[3.0, 0.0, 4.0, 0.0]);
        assert!(thin.iter().zip([0.6, 0.0, 0.8, 0.0]).all(|(a, b)| (a - b).abs() < 1e-6), "{thin:?}");
        assert_eq!(nuclear_gradient(2, 2, &[0.0; 4]), [0.0; 4]);
    }
}
