//! Receptive fields: what each unit of a layer looks for, as small pictures side by side, and which inputs are used.
use super::{Place, Shape, View};

/// How fields are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fields {
    /// Pixels of a field down.
    pub rows: usize,
    /// Pixels of a field across.
    pub cols: usize,
    /// Fields.
    pub units: usize,
    /// Fields side by side.
    pub across: usize,
}

impl Fields {
    /// Those of a layer: squares, 16 side by side, where its inputs make a square, else a row for each unit.
    pub fn of(inputs: usize, units: usize) -> Self {
        let side = inputs.isqrt();
        if side * side == inputs {
            Self { rows: side, cols: side, units, across: 16 }
        } else {
            Self { rows: 1, cols: inputs, units, across: 1 }
        }
    }

    /// The size of the whole, with a line of nothing between fields.
    pub fn size(&self) -> (usize, usize) {
        (self.units.div_ceil(self.across) * (self.rows + 1) - 1, self.across * (self.cols + 1) - 1)
    }

    /// The view of the whole, which [`Fields::draw`] fills.
    pub fn view(&self, title: &str) -> View {
        let (rows, cols) = self.size();
        let shape = Shape::Heatmap {
            rows: rows as u32,
            cols: cols as u32,
            row_name: "inputs of units below one another",
            col_name: "inputs of units side by side",
            ends: ("takes away", "adds"),
        };
        View::new(title, Place::Side, shape).moving()
    }

    /// A view of one number for each input: how many weights it has.
    pub fn uses(&self, title: &str) -> View {
        let shape = Shape::Heatmap {
            rows: self.rows as u32,
            cols: self.cols as u32,
            row_name: "inputs down",
            col_name: "inputs across",
            ends: ("", "weights left"),
        };
        View::new(title, Place::Side, shape).moving()
    }

    /// Lays out weights, a row for each unit, into a picture of that size.
    ///
    /// # Panics
    /// If the picture is of another size.
    pub fn draw(&self, weights: &[f32], picture: &mut [f32]) {
        let (down, width) = self.size();
        assert_eq!(picture.len(), down * width, "fields of {down} by {width}");
        for (unit, field) in weights.chunks_exact(self.rows * self.cols).take(self.units).enumerate() {
            let corner = unit / self.across * (self.rows + 1) * width + unit % self.across * (self.cols + 1);
            for (i, row) in field.chunks_exact(self.cols).enumerate() {
                picture[corner + i * width..][..self.cols].copy_from_slice(row);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stand_side_by_side_with_lines_between() {
        let fields = Fields { rows: 1, cols: 2, units: 3, across: 2 };
        assert_eq!(fields.size(), (3, 5));
        let mut picture = vec![0.0; 15];
        fields.draw(&[1., 2., 3., 4., 5., 6.], &mut picture);
        assert_eq!(picture, [1., 2., 0., 3., 4., 0., 0., 0., 0., 0., 5., 6., 0., 0., 0.]);
    }
}
