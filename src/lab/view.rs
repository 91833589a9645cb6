//! Views: a title and one of a closed set of shapes.
//!
//! A new shape costs a variant here and one file in `www/views/`; think twice.
use super::{Axis, Field, Hand, Mark, Series};
use serde::Serialize;

/// One picture on the stage.
#[derive(Clone, Debug, Serialize)]
pub struct View {
    /// What stands over it.
    pub title: String,
    /// Where it stands.
    pub place: Place,
    /// What the hand may do to it.
    pub hand: Hand,
    /// The ground of the shape is sent once a run instead of at each frame.
    pub still: bool,
    /// It tells of time as the host's clock does: what it draws is no part of the digest.
    #[serde(skip)]
    pub timed: bool,
    /// What the rows of a heat map are called, and its columns alike, where each has a name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<&'static str>,
    /// Rows and columns of a tile of a heat map of tiles; after each comes a row or a column of nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tile: Option<(u32, u32)>,
    /// What it draws.
    pub shape: Shape,
}

/// Where on a wide stage a view stands; narrow stages stack them in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// A row of its own.
    Full,
    /// The large column.
    Main,
    /// The small column.
    Side,
}

/// The closed set of pictures. A slot is the shape's ground (unless the view is still), then its marks.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Shape {
    /// A row of small pictures. Ground: `items * rows * cols` pixels, 0 is page and 1 is ink.
    /// Marks: index of the ringed picture or -1, then one weight in 0..=1 a picture if `weighted`.
    Glyphs(Glyphs),
    /// Energies on a plane, and where recalls end that begin there. Ground: `rows * cols` energies, top row first; where
    /// there are ends, as many numbers of ends after them, -1 where nothing is known yet.
    /// Marks: for each of the `span` states that span the plane its index among the members and (x, y), then the number of
    /// path points and room for `trail` points (x, y), all in 0..=1 from the top left (a point off the plane's cut may lie
    /// outside). The last point of the path is where the state is.
    Surface {
        /// Energies down.
        rows: u32,
        /// Energies across.
        cols: u32,
        /// Names of the states that may span the plane.
        members: Vec<String>,
        /// How many of them do.
        span: u32,
        /// Names of the ends, those of the members first and that of no memory last; none where only energies are shown.
        ends: Vec<String>,
        /// Room for this many points of a path.
        trail: u32,
    },
    /// Curves. Ground: the cells of the field, top row first, below 0 where nothing is known yet. A series without points is the run's metric by its name, against the step; the marks hold the
    /// others, and [`super::Plot`] writes them: x and y where the run is, then for each series how many points are there and room for
    /// `points` of them, two numbers each (x, y) or four for a spread (x, mean, least, greatest).
    Lines {
        /// The horizontal axis.
        x: Axis,
        /// The vertical axis.
        y: Axis,
        /// The curves, the hero first.
        series: Vec<Series>,
        /// Places worth a line and a word.
        marks: Vec<Mark>,
        /// Shades under the curves, if any.
        field: Option<Field>,
    },
    /// Signed numbers in a grid, zero in the middle of the ramp. Ground: `rows * cols` numbers. Marks: none.
    Heatmap {
        /// Numbers down.
        rows: u32,
        /// Numbers across.
        cols: u32,
        /// What a row is.
        row_name: &'static str,
        /// What a column is.
        col_name: &'static str,
        /// What the most negative and the most positive number say.
        ends: (&'static str, &'static str),
    },
    /// Masks side by side: signed numbers where something is left, a dot where it is cut. Ground: for each name `rows * cols`
    /// numbers from -1 to 1, [`Shape::CUT`] or [`Shape::TAKEN`]. Marks: how many of a group may be left.
    Mask {
        /// Numbers down.
        rows: u32,
        /// Numbers across.
        cols: u32,
        /// Rows and columns of a tile; after each tile comes a row or a column of nothing.
        tile: (u32, u32),
        /// Numbers of a group, which follow one another in a row of a tile; 0 where there are no groups.
        group: u32,
        /// What each mask is called. The hand paints on the first.
        names: Vec<&'static str>,
    },
}

/// What a row of small pictures is made of.
#[derive(Clone, Debug, Serialize)]
pub struct Glyphs {
    /// Pixels down.
    pub rows: u32,
    /// Pixels across.
    pub cols: u32,
    /// A name for each picture.
    pub items: Vec<String>,
    /// Photographs keep black and white in both themes; drawings follow the theme's page and ink.
    pub photo: bool,
    /// What the weights are called in the legend, where there are weights.
    pub weighted: Option<&'static str>,
    /// What the ring is called in the legend, where there is one.
    pub ringed: Option<&'static str>,
    /// Which picture the hand may paint.
    pub paint: Option<u32>,
    /// The image parameter under which pictures can be stored, and how many of the first ones can be.
    pub store: Option<(&'static str, u32)>,
    /// The pick parameter that choosing pictures here sets.
    pub picks: Option<&'static str>,
}

impl Glyphs {
    /// Drawings of that size with those names, only to be looked at.
    pub fn new(rows: usize, cols: usize, items: Vec<String>) -> Self {
        Self {
            rows: rows as u32,
            cols: cols as u32,
            items,
            photo: false,
            weighted: None,
            ringed: None,
            paint: None,
            store: None,
            picks: None,
        }
    }
}

impl Shape {
    /// What stands in a [`Shape::Mask`] for a number that is cut: beyond all others, so that it survives being packed in shades.
    pub const CUT: f32 = -2.0;
    /// What stands there for one that the hand took.
    pub const TAKEN: f32 = -3.0;

    /// Curves that the run computes, and nothing else.
    pub fn lines(x: Axis, y: Axis, series: impl IntoIterator<Item = Series>) -> Self {
        Self::Lines { x, y, series: series.into_iter().collect(), marks: Vec::new(), field: None }
    }

    /// Signed numbers in a grid of so many down and across; what a row and a column are, and what the ends of the ramp say.
    pub fn heatmap((rows, cols): (usize, usize), names: [&'static str; 2], ends: (&'static str, &'static str)) -> Self {
        let [row_name, col_name] = names;
        Self::Heatmap { rows: rows as u32, cols: cols as u32, row_name, col_name, ends }
    }

    /// Metrics against the step; the curves' names are the metrics'.
    pub fn over_steps(x: Axis, y: Axis, series: &[(&'static str, &'static str)]) -> Self {
        Self::lines(x, y, series.iter().map(|(name, label)| Series::metric(name, label)))
    }

    /// Energies alone on the plane through three states, which have these names: rows and columns, and room for so many points of a path.
    pub fn landscape(names: [&str; 3], (rows, cols): (usize, usize), trail: usize) -> Self {
        Self::Surface {
            rows: rows as u32,
            cols: cols as u32,
            members: names.map(str::to_owned).into(),
            span: 3,
            ends: Vec::new(),
            trail: trail as u32,
        }
    }

    /// Fills a slot of [`Shape::landscape`]: energies, top row first, where the three states lie, and a path.
    pub fn draw_landscape(slot: &mut [f32], energies: &[f32], places: [(f32, f32); 3], path: &[(f32, f32)]) {
        let (ground, marks) = slot.split_at_mut(energies.len());
        ground.copy_from_slice(energies);
        Self::mark_surface(marks, &[0, 1, 2].map(|k| (k, places[k])), path);
    }

    /// Writes the marks of a [`Shape::Surface`]: which members span it and where they lie, and a path as far as there is room.
    pub fn mark_surface(slot: &mut [f32], members: &[(usize, (f32, f32))], path: &[(f32, f32)]) {
        slot.fill(0.0);
        let (places, way) = slot.split_at_mut(3 * members.len());
        for (place, (member, (x, y))) in places.chunks_exact_mut(3).zip(members) {
            place.copy_from_slice(&[*member as f32, *x, *y]);
        }
        way[0] = path.len() as f32;
        for (pair, (x, y)) in way[1..].chunks_exact_mut(2).zip(path) {
            pair.copy_from_slice(&[*x, *y]);
        }
    }

    /// Floats of the large part that often stays the same for the whole run.
    pub fn ground(&self) -> usize {
        match self {
            Self::Glyphs(glyphs) => glyphs.rows as usize * glyphs.cols as usize * glyphs.items.len(),
            Self::Surface { rows, cols, ends, .. } => {
                *rows as usize * *cols as usize * if ends.is_empty() { 1 } else { 2 }
            }
            Self::Heatmap { rows, cols, .. } => *rows as usize * *cols as usize,
            Self::Mask { rows, cols, names, .. } => names.len() * *rows as usize * *cols as usize,
            Self::Lines { field, .. } => field.as_ref().map_or(0, |field| field.rows as usize * field.cols as usize),
        }
    }

    /// Floats of the small part that moves.
    pub fn marks(&self) -> usize {
        match self {
            Self::Glyphs(glyphs) => 1 + if glyphs.weighted.is_some() { glyphs.items.len() } else { 0 },
            Self::Surface { span, trail, .. } => 3 * *span as usize + 1 + 2 * *trail as usize,
            Self::Heatmap { .. } => 0,
            Self::Mask { .. } => 1,
            Self::Lines { series, .. } => match series.iter().map(Series::marks).sum() {
                0 => 0,
                floats => 2 + floats,
            },
        }
    }
}

impl View {
    /// A view that is only looked at and whose ground stays the same for the whole run.
    pub fn new(title: &str, place: Place, shape: Shape) -> Self {
        let (title, labels) = (title.into(), Vec::new());
        Self { title, place, hand: Hand::None, still: true, timed: false, labels, tile: None, shape }
    }

    /// The same for the hand.
    #[must_use]
    pub fn hand(self, hand: Hand) -> Self {
        Self { hand, ..self }
    }

    /// The same with a ground that changes at each step.
    #[must_use]
    pub fn moving(self) -> Self {
        Self { still: false, ..self }
    }

    /// The same of a heat map whose rows and columns have these names.
    #[must_use]
    pub fn labelled(self, labels: &[&'static str]) -> Self {
        Self { labels: labels.into(), ..self }
    }

    /// The same of a heat map of tiles of so many rows and columns.
    #[must_use]
    pub fn tiled(self, rows: usize, cols: usize) -> Self {
        Self { tile: Some((rows as u32, cols as u32)), ..self }
    }

    /// The same of what tells of time.
    #[must_use]
    pub fn timed(self) -> Self {
        Self { timed: true, ..self }
    }

    /// Floats that a frame carries for this view.
    pub fn floats(&self) -> usize {
        self.shape.marks() + if self.still { 0 } else { self.shape.ground() }
    }

    /// Floats that are sent once, when the run starts.
    pub fn still_floats(&self) -> usize {
        if self.still { self.shape.ground() } else { 0 }
    }
}
