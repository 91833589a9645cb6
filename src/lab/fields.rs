//! Receptive fields: what each unit of a layer looks for, as small pictures side by side, and which inputs are used.
use super::{GRAIN, Hand, Place, Shape, View};

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

/// What a mask makes of a weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// It is there.
    There,
    /// It is cut.
    Cut,
    /// The hand took it.
    Taken,
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
        View::new(title, Place::Side, shape).moving().tiled(self.rows, self.cols)
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

    /// A view of several masks of such fields side by side, for the hand to paint on. The inputs of a unit make groups of so many.
    pub fn masks(&self, title: &str, names: &[&'static str], group: usize) -> View {
        let (rows, cols) = self.size();
        let tile = (self.rows as u32, self.cols as u32);
        let shape =
            Shape::Mask { rows: rows as u32, cols: cols as u32, tile, group: group as u32, names: names.into() };
        View::new(title, Place::Main, shape).moving().hand(Hand::Now)
    }

    /// Fills a slot of [`Fields::masks`]: weights against the largest of them under one mask after another, by what each makes of a
    /// place of the layer, and how many of a group may stay.
    pub fn draw_masks(&self, weights: &[f32], masks: &[&dyn Fn(usize) -> Left], most: usize, slot: &mut [f32]) {
        let (pictures, mark) = slot.split_at_mut(slot.len() - 1);
        mark[0] = most as f32;
        let largest = weights.iter().fold(f32::MIN_POSITIVE, |most, w| most.max(w.abs()));
        let size = pictures.len() / masks.len().max(1);
        for (mask, picture) in masks.iter().zip(pictures.chunks_exact_mut(size)) {
            let cell = |(place, w): (usize, &f32)| match mask(place) {
                Left::There => w / largest,
                Left::Cut => Shape::CUT,
                Left::Taken => Shape::TAKEN,
            };
            let cells: Vec<f32> = weights.iter().enumerate().map(cell).collect();
            self.draw(&cells, picture);
        }
    }

    /// The unit and the input at a place that the hand touched, in parts of [`GRAIN`]; nothing between fields.
    pub fn at(&self, x: u16, y: u16) -> Option<(usize, usize)> {
        let (down, across) = self.size();
        let cell = |part: u16, of: usize| (usize::from(part) * of / usize::from(GRAIN)).min(of.saturating_sub(1));
        let (row, col) = (cell(y, down), cell(x, across));
        let (pitch_down, pitch) = (self.rows + 1, self.cols + 1);
        let (i, j) = (row % pitch_down, col % pitch);
        let unit = row / pitch_down * self.across + col / pitch;
        (i < self.rows && j < self.cols && unit < self.units).then_some((unit, i * self.cols + j))
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

    #[test]
    fn masks_stand_side_by_side_and_what_is_cut_is_marked() {
        let fields = Fields { rows: 1, cols: 2, units: 1, across: 1 };
        let mut slot = [7.0; 5];
        let some = |place| if place == 1 { Left::Taken } else { Left::Cut };
        fields.draw_masks(&[1.0, -2.0], &[&|_| Left::There, &some], 2, &mut slot);
        assert_eq!(slot.map(f32::to_bits), [0.5, -1.0, Shape::CUT, Shape::TAKEN, 2.0].map(f32::to_bits));
    }

    #[test]
    fn a_touched_place_is_that_of_its_weight() {
        let fields = Fields { rows: 2, cols: 3, units: 5, across: 2 };
        let (down, across) = fields.size();
        let numbers: Vec<f32> = (1..=30).map(|i| i as f32).collect();
        let mut picture = vec![0.0; down * across];
        fields.draw(&numbers, &mut picture);
        for (at, number) in picture.iter().enumerate() {
            let part = |i: usize, of: usize| ((i as f64 + 0.5) / of as f64 * f64::from(GRAIN)) as u16;
            let touched = fields.at(part(at % across, across), part(at / across, down));
            let found = touched.map_or(0.0, |(unit, input)| numbers[6 * unit + input]);
            assert_eq!(found.to_bits(), number.to_bits(), "{at}");
        }
        assert_eq!((fields.at(0, 0), fields.at(GRAIN, 0)), (Some((0, 0)), Some((1, 2))));
    }
}
