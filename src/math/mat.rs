//! Row-major matrices and strided views of them.

/// A matrix that owns its numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Mat {
    /// `rows * cols` numbers, one row after the other.
    pub data: Vec<f32>,
    /// How many rows.
    pub rows: usize,
    /// How many columns.
    pub cols: usize,
}

impl Mat {
    /// A matrix of zeros.
    pub fn zeros(rows: usize, cols: usize) -> Self {
        Self { data: vec![0.0; rows * cols], rows, cols }
    }

    /// The matrix of those numbers.
    ///
    /// # Panics
    /// If there are not `rows * cols` numbers.
    pub fn new(data: Vec<f32>, rows: usize, cols: usize) -> Self {
        assert_shape("Mat", &data, rows, cols);
        Self { data, rows, cols }
    }

    /// Row `i`.
    pub fn row(&self, i: usize) -> &[f32] {
        &self.data[i * self.cols..][..self.cols]
    }

    /// Row `i`, to be written.
    pub fn row_mut(&mut self, i: usize) -> &mut [f32] {
        &mut self.data[i * self.cols..][..self.cols]
    }

    /// The same matrix, borrowed.
    pub fn as_ref(&self) -> MatRef<'_> {
        MatRef { data: &self.data, rows: self.rows, cols: self.cols }
    }

    /// The same matrix as a view.
    pub fn view(&self) -> View<'_> {
        self.as_ref().view()
    }

    /// Its transpose as a view; nothing moves.
    pub fn transposed(&self) -> View<'_> {
        self.as_ref().transposed()
    }
}

/// A borrowed matrix, `rows * cols` numbers, one row after the other.
#[derive(Clone, Copy, Debug)]
pub struct MatRef<'a> {
    /// The numbers.
    pub data: &'a [f32],
    /// How many rows.
    pub rows: usize,
    /// How many columns.
    pub cols: usize,
}

impl<'a> MatRef<'a> {
    /// The matrix of those numbers.
    ///
    /// # Panics
    /// If there are not `rows * cols` numbers.
    pub fn new(data: &'a [f32], rows: usize, cols: usize) -> Self {
        assert_shape("MatRef", data, rows, cols);
        Self { data, rows, cols }
    }

    /// Row `i`.
    pub fn row(&self, i: usize) -> &'a [f32] {
        &self.data[i * self.cols..][..self.cols]
    }

    /// The same matrix as a view.
    pub fn view(&self) -> View<'a> {
        let (rows, cols) = (self.rows, self.cols);
        View { data: self.data, rows, cols, row_stride: cols, col_stride: 1 }
    }

    /// Its transpose as a view; nothing moves.
    pub fn transposed(&self) -> View<'a> {
        self.view().transposed()
    }
}

/// A matrix whose element `(i, j)` lies at `i * row_stride + j * col_stride`.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The numbers it looks at.
    pub data: &'a [f32],
    /// How many rows.
    pub rows: usize,
    /// How many columns.
    pub cols: usize,
    /// From one row to the next.
    pub row_stride: usize,
    /// From one column to the next.
    pub col_stride: usize,
}

impl View<'_> {
    /// The transpose; nothing moves.
    #[must_use]
    pub fn transposed(self) -> Self {
        Self { rows: self.cols, cols: self.rows, row_stride: self.col_stride, col_stride: self.row_stride, ..self }
    }
}

impl<'a> From<MatRef<'a>> for View<'a> {
    fn from(matrix: MatRef<'a>) -> Self {
        matrix.view()
    }
}

fn assert_shape(what: &str, data: &[f32], rows: usize, cols: usize) {
    let got = data.len();
    assert_eq!(got, rows * cols, "{what}: got {got} numbers, wanted {rows} x {cols}");
}
