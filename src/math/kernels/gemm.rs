//! A matrix times a matrix.
//!
//! The inner loop makes a tile of 4 rows by 8 columns of the result in eight registers: one vector
//! pair of the right operand and one broadcast number of each row of the left go into eight
//! products and sums. Larger tiles do not fit the registers of x86-64 and are half as fast.
//!
//! The right operand is packed into panels of 8 columns, so that a panel is read in order. The left
//! one is read where it lies if its rows are contiguous, and transposed block by block if not.
//! Packing goes by strides: a transposed operand costs the same.
//!
//! Every element of the result is the plain sum of `a[i][k] * b[k][j]` in order of `k`, however
//! the work is cut into blocks, so a product has the same bits packed, unpacked, or with more rows.
//! A right operand of one column goes to [`gemv`] and has its order of sums.

use std::ops::Range;

use super::assert_len;
use crate::math::mat::View;
use crate::math::simd::F32x4;

/// Rows of a tile.
const ROWS: usize = 4;
/// Columns of a tile.
const COLS: usize = 8;
/// Depth of a block: a panel of that depth stays in the first cache.
const DEPTH: usize = 256;
/// Rows of the left operand that go over one panel: they stay in the second cache.
const TALL: usize = 128;

/// `COLS` neighbouring numbers of a row of the right operand.
type Pair = [F32x4; 2];

/// Memory for packing, kept from call to call. It grows to the largest product it has seen.
#[derive(Clone, Debug, Default)]
pub struct Workspace {
    left: Vec<f32>,
    right: Vec<Pair>,
}

/// A right operand packed once, for many products.
#[derive(Clone, Debug)]
pub struct Packed {
    rows: usize,
    cols: usize,
    panels: Vec<Pair>,
}

impl Packed {
    /// Packs `b`.
    pub fn new(b: View) -> Self {
        let mut panels = Vec::new();
        for block in blocks(b.rows) {
            pack(b, block, &mut panels);
        }
        Self { rows: b.rows, cols: b.cols, panels }
    }

    /// The rows of the operand: the depth of the product.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The columns of the operand.
    pub fn cols(&self) -> usize {
        self.cols
    }
}

/// `C = A B`, for `A` of `m` by `k`, `B` of `k` by `n` and `C` of `m` by `n`, row-major.
pub fn gemm(a: View, b: View, c: &mut [f32], workspace: &mut Workspace) {
    assert_len("gemm: rows of b", b.rows, a.cols);
    assert_len("gemm: c", c.len(), a.rows * b.cols);
    c.fill(0.0);
    for block in blocks(b.rows) {
        workspace.right.clear();
        pack(b, block.clone(), &mut workspace.right);
        add_block(a, block, &workspace.right, b.cols, c, &mut workspace.left);
    }
}

/// [`gemm`] with a right operand that was packed before.
pub fn gemm_packed(a: View, b: &Packed, c: &mut [f32], workspace: &mut Workspace) {
    assert_len("gemm_packed: rows of b", b.rows, a.cols);
    assert_len("gemm_packed: c", c.len(), a.rows * b.cols);
    c.fill(0.0);
    let panels = b.cols.div_ceil(COLS);
    for block in blocks(b.rows) {
        let packed = &b.panels[block.start * panels..block.end * panels];
        add_block(a, block, packed, b.cols, c, &mut workspace.left);
    }
}

/// `0..depth` in blocks of nearly equal size, at most [`DEPTH`]: a short last block would cost
/// nearly as much as a full one.
fn blocks(depth: usize) -> impl Iterator<Item = Range<usize>> {
    let count = depth.div_ceil(DEPTH).max(1);
    let size = depth.div_ceil(count).next_multiple_of(4);
    (0..count).map(move |i| (i * size).min(depth)..((i + 1) * size).min(depth))
}

/// Appends the rows `block` of `b`, as panels of [`COLS`] columns, the last one filled with zeros.
fn pack(b: View, block: Range<usize>, panels: &mut Vec<Pair>) {
    for j in (0..b.cols).step_by(COLS) {
        let width = COLS.min(b.cols - j);
        for k in block.clone() {
            let start = k * b.row_stride + j * b.col_stride;
            let mut lanes = [0.0; COLS];
            for (lane, x) in lanes[..width].iter_mut().zip(b.data[start..].iter().step_by(b.col_stride.max(1))) {
                *lane = *x;
            }
            panels.push(super::vector::load8(&lanes));
        }
    }
}

/// `C += A[.., block] B[block, ..]`, the latter packed.
fn add_block(a: View, block: Range<usize>, panels: &[Pair], n: usize, c: &mut [f32], left: &mut Vec<f32>) {
    let depth = block.len();
    if depth == 0 || n == 0 {
        return;
    }
    for top in (0..a.rows).step_by(TALL) {
        let tall = TALL.min(a.rows - top);
        let (rows, stride) = if a.col_stride == 1 {
            (&a.data[top * a.row_stride + block.start..], a.row_stride)
        } else {
            left.clear();
            for i in top..top + tall {
                for k in block.clone() {
                    left.push(a.data[i * a.row_stride + k * a.col_stride]);
                }
            }
            (&left[..], depth)
        };
        for (p, panel) in panels.chunks_exact(depth).enumerate() {
            let j = p * COLS;
            let width = COLS.min(n - j);
            for i in (0..tall).step_by(ROWS) {
                // Missing rows repeat the last one and are not stored.
                let tile_rows = std::array::from_fn(|r| &rows[(i + r).min(tall - 1) * stride..][..depth]);
                let c = &mut c[(top + i) * n + j..];
                let mut tile = [[F32x4::splat(0.0); 2]; ROWS];
                let height = ROWS.min(tall - i);
                for (r, sums) in tile[..height].iter_mut().enumerate() {
                    let row = &c[r * n..][..width];
                    *sums = match row.first_chunk() {
                        Some(row) => super::vector::load8(row),
                        None => super::vector::load8(&partial(row)),
                    };
                }
                let tile = add_product(tile_rows, panel, tile);
                for (r, sums) in tile[..height].iter().enumerate() {
                    let row = &mut c[r * n..][..width];
                    let mut lanes = [0.0; COLS];
                    let (pair, _) = lanes.as_chunks_mut::<4>();
                    sums[0].store(&mut pair[0]);
                    sums[1].store(&mut pair[1]);
                    row.copy_from_slice(&lanes[..width]);
                }
            }
        }
    }
}

fn partial(row: &[f32]) -> [f32; COLS] {
    let mut lanes = [0.0; COLS];
    lanes[..row.len()].copy_from_slice(row);
    lanes
}

/// The tile plus the product of four rows and a panel.
#[inline(always)]
fn add_product(rows: [&[f32]; ROWS], panel: &[Pair], mut tile: [Pair; ROWS]) -> [Pair; ROWS] {
    let (panel, panel_rest) = panel.as_chunks::<4>();
    let [(r0, rest0), (r1, rest1), (r2, rest2), (r3, rest3)] = rows.map(<[f32]>::as_chunks::<4>);
    for ((((r0, r1), r2), r3), pairs) in r0.iter().zip(r1).zip(r2).zip(r3).zip(panel) {
        for k in 0..4 {
            step(&mut tile, [r0[k], r1[k], r2[k], r3[k]], &pairs[k]);
        }
    }
    for ((((x0, x1), x2), x3), pair) in rest0.iter().zip(rest1).zip(rest2).zip(rest3).zip(panel_rest) {
        step(&mut tile, [*x0, *x1, *x2, *x3], pair);
    }
    tile
}

#[inline(always)]
fn step(tile: &mut [Pair; ROWS], column: [f32; ROWS], pair: &Pair) {
    for (sums, x) in tile.iter_mut().zip(column) {
        let x = F32x4::splat(x);
        sums[0] = sums[0] + x * pair[0];
        sums[1] = sums[1] + x * pair[1];
    }
}
