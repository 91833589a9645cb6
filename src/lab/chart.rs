//! Charts: axes, curves, and how a run writes their points.
use super::Param;
use serde::Serialize;

/// One axis of a chart.
#[derive(Clone, Debug, Serialize)]
pub struct Axis {
    /// In words. That of the y axis stands over it, unless the view's title is the same.
    pub name: &'static str,
    /// Least value shown.
    pub min: f64,
    /// Greatest value shown.
    pub max: f64,
    /// Logarithmic; then `min > 0`.
    pub log: bool,
    /// The parameter whose values lie along it, if any: the hand then sets it at the place where the run is. Where both
    /// axes have one, that place is a dot on the plane.
    pub param: Option<&'static str>,
}

impl Axis {
    /// A linear axis.
    pub fn linear(name: &'static str, min: f64, max: f64) -> Self {
        Self { name, min, max, log: false, param: None }
    }

    /// A logarithmic axis; `min > 0`.
    pub fn log(name: &'static str, min: f64, max: f64) -> Self {
        Self { name, min, max, log: true, param: None }
    }

    /// The same along the values of a parameter.
    #[must_use]
    pub fn of(self, param: &'static Param) -> Self {
        Self { param: Some(param.name), ..self }
    }
}

/// One curve of a chart.
#[derive(Clone, Debug, Serialize)]
pub struct Series {
    /// The metric's name for a metric over steps, else empty.
    pub name: &'static str,
    /// What stands at the curve's end.
    pub label: &'static str,
    /// Room for this many points, or 0 for a metric over steps.
    pub points: u32,
    /// How it is drawn.
    pub drawn: Drawn,
}

/// How a curve is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Drawn {
    /// A line.
    Line,
    /// A dashed line to compare with: what theory says.
    Reference,
    /// Means of several runs as markers, with whiskers from the least to the greatest.
    Spread,
    /// A line of means over a band from the least to the greatest.
    Band,
    /// A dot for each point, and nothing between them.
    Dots,
    /// A line with what is under it shaded: a histogram, by the corners of its bins.
    Area,
    /// At each point an upright line with the label as its word, as a [`Mark`] that comes with the run.
    Events,
    /// Not drawn. Its heights are the values that the parameter of the x axis has along it, where they are not those of the axis
    /// itself: rising, from place to place.
    Scale,
}

impl Series {
    /// A metric over the steps, by its name.
    pub fn metric(name: &'static str, label: &'static str) -> Self {
        Self { name, label, points: 0, drawn: Drawn::Line }
    }

    /// A curve that the run computes.
    pub fn curve(label: &'static str, points: usize) -> Self {
        Self { name: "", label, points: points as u32, drawn: Drawn::Line }
    }

    /// A curve to compare with.
    pub fn reference(label: &'static str, points: usize) -> Self {
        Self { drawn: Drawn::Reference, ..Self::curve(label, points) }
    }

    /// Means with whiskers.
    pub fn spread(label: &'static str, points: usize) -> Self {
        Self { drawn: Drawn::Spread, ..Self::curve(label, points) }
    }

    /// Means with a band.
    pub fn band(label: &'static str, points: usize) -> Self {
        Self { drawn: Drawn::Band, ..Self::curve(label, points) }
    }

    /// Points of their own, in any order.
    pub fn dots(label: &'static str, points: usize) -> Self {
        Self { drawn: Drawn::Dots, ..Self::curve(label, points) }
    }

    /// A curve with its area.
    pub fn area(label: &'static str, points: usize) -> Self {
        Self { drawn: Drawn::Area, ..Self::curve(label, points) }
    }

    /// Lines with a word.
    pub fn events(word: &'static str, points: usize) -> Self {
        Self { drawn: Drawn::Events, ..Self::curve(word, points) }
    }

    /// What the x axis's parameter is along it.
    pub fn scale(label: &'static str, points: usize) -> Self {
        Self { drawn: Drawn::Scale, ..Self::curve(label, points) }
    }

    /// Floats of its marks.
    pub(super) fn marks(&self) -> usize {
        let numbers = if matches!(self.drawn, Drawn::Spread | Drawn::Band) { 4 } else { 2 };
        if self.points == 0 { 0 } else { 1 + numbers * self.points as usize }
    }
}

/// Writes the marks of a chart, a series after the other in the order of [`super::Shape::Lines`].
pub struct Plot<'a> {
    rest: &'a mut [f32],
}

impl<'a> Plot<'a> {
    /// Begins with where the run is on the x axis; a place outside of the axis is not drawn.
    pub fn new(slot: &'a mut [f32], x: f64) -> Self {
        Self::on_plane(slot, x, 0.0)
    }

    /// Begins with where the run is on a plane of two parameters.
    pub fn on_plane(slot: &'a mut [f32], x: f64, y: f64) -> Self {
        slot.fill(0.0);
        let (now, rest) = slot.split_at_mut(2);
        now.copy_from_slice(&[x as f32, y as f32]);
        Self { rest }
    }

    /// The same where the place of the run was written before.
    pub(super) fn rest(rest: &'a mut [f32]) -> Self {
        rest.fill(0.0);
        Self { rest }
    }

    /// The points of a series with room for `room` of them; those that find no room are left out.
    pub fn curve<const W: usize>(&mut self, room: usize, points: impl IntoIterator<Item = [f32; W]>) {
        let (mine, rest) = std::mem::take(&mut self.rest).split_at_mut(1 + W * room);
        self.rest = rest;
        let (count, numbers) = mine.split_at_mut(1);
        for (place, point) in numbers.chunks_exact_mut(W).zip(points) {
            place.copy_from_slice(&point);
            count[0] += 1.0;
        }
    }

    /// The same of points that are told more finely.
    pub fn line(&mut self, room: usize, points: impl IntoIterator<Item = (f64, f64)>) {
        self.curve(room, points.into_iter().map(|(x, y)| [x as f32, y as f32]));
    }

    /// The points of a spread or a band: where on the axis, and a mean, the least and the greatest.
    pub fn spread(&mut self, room: usize, points: impl IntoIterator<Item = (f64, [f64; 3])>) {
        let four = |(x, [mean, least, greatest]): (f64, [f64; 3])| [x, mean, least, greatest].map(|x| x as f32);
        self.curve(room, points.into_iter().map(four));
    }

    /// A series of two points, level from one place to another, once its height is known.
    pub fn level(&mut self, (from, to): (f64, f64), y: impl Into<Option<f64>>) {
        self.line(2, y.into().into_iter().flat_map(|y| [(from, y), (to, y)]));
    }
}

/// Numbers from 0 to 1 as shades under the curves, for a plane of two parameters.
#[derive(Clone, Debug, Serialize)]
pub struct Field {
    /// Cells down.
    pub rows: u32,
    /// Cells across.
    pub cols: u32,
    /// What the shades say.
    pub name: &'static str,
}

/// A vertical line with a word at a fixed place of the x axis.
#[derive(Clone, Debug, Serialize)]
pub struct Mark {
    /// Where on the axis.
    pub at: f64,
    /// The word.
    pub label: String,
}
