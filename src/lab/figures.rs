//! Figures: views that are told once, each with what is drawn in it and what is said under it.
//!
//! An experiment tells all of its figures, one after another, whatever is asked: what the views are, what is drawn in one of them,
//! or its caption. What is not asked for is passed over, so what takes time stands in closures and iterators.
use super::{Axis, Drawn, Fields, Place, Plot, Series, Shape, View, study::Study};

/// What is asked of the figures of a run.
pub struct Figures<'a> {
    asked: Asked<'a>,
    /// The figure whose turn it is.
    at: usize,
}

enum Asked<'a> {
    /// All views.
    Views(Vec<View>),
    /// What is drawn in one.
    Drawing(usize, &'a mut [f32]),
    /// The caption of one.
    Caption(usize, String),
}

impl<'a> Figures<'a> {
    /// Asks for all views.
    pub fn views() -> Self {
        Self { asked: Asked::Views(Vec::new()), at: 0 }
    }

    /// Asks for what is drawn in one.
    pub fn drawing(view: usize, slot: &'a mut [f32]) -> Self {
        Self { asked: Asked::Drawing(view, slot), at: 0 }
    }

    /// Asks for the caption of one.
    pub fn caption(view: usize) -> Self {
        Self { asked: Asked::Caption(view, String::new()), at: 0 }
    }

    /// The views that were told, where they were asked for.
    pub fn told(self) -> Vec<View> {
        if let Asked::Views(views) = self.asked { views } else { Vec::new() }
    }

    /// The caption, where one was asked for.
    pub fn said(self) -> String {
        if let Asked::Caption(_, caption) = self.asked { caption } else { String::new() }
    }

    /// The next figure: a view, and how its slot is filled.
    pub fn view(&mut self, view: View, draw: impl FnOnce(&mut [f32])) -> Figure<'_> {
        match self.turn() {
            Figure::Views(views) => views.push(view),
            Figure::Slot(slot) => draw(slot),
            caption => return caption,
        }
        Figure::Pass
    }

    /// The same of a view that moves with the run and that the hand leaves alone.
    pub fn picture(&mut self, title: &str, place: Place, shape: Shape, draw: impl FnOnce(&mut [f32])) -> Figure<'_> {
        self.view(View::new(title, place, shape).moving(), draw)
    }

    /// The next figure: what each unit of a layer looks for, by its weights, a row for each unit.
    pub fn fields<W: AsRef<[f32]>>(&mut self, title: &str, fields: Fields, weights: impl FnOnce() -> W) -> Figure<'_> {
        self.view(fields.view(title), |slot| {
            // There may be weights for fewer units.
            slot.fill(0.0);
            fields.draw(weights().as_ref(), slot);
        })
    }

    /// The next figure: a chart, whose curves follow.
    pub fn chart(&mut self, title: &str, place: Place, x: Axis, y: Axis) -> Figure<'_> {
        match self.turn() {
            Figure::Views(views) => {
                views.push(View::new(title, place, Shape::lines(x, y, [])));
                views.last_mut().map_or(Figure::Pass, Figure::Chart)
            }
            Figure::Slot(slot) if slot.len() > 1 => {
                let (at, rest) = slot.split_at_mut(2);
                at.copy_from_slice(&[-1.0, 0.0]);
                Figure::Points(at, Plot::rest(rest))
            }
            Figure::Slot(_) => Figure::Pass,
            caption => caption,
        }
    }

    /// What is asked of the next figure.
    #[inline(never)]
    fn turn(&mut self) -> Figure<'_> {
        let turn = self.at;
        self.at += 1;
        match &mut self.asked {
            Asked::Views(views) => Figure::Views(views),
            Asked::Drawing(view, slot) if *view == turn => Figure::Slot(slot),
            Asked::Caption(view, caption) if *view == turn => Figure::Caption(caption),
            _ => Figure::Pass,
        }
    }
}

/// A figure that is being told: of a chart its curves, each with its points; and last what is under it.
pub enum Figure<'f> {
    /// All views are asked for.
    Views(&'f mut Vec<View>),
    /// Of them this is the one of a chart, to which its curves are added.
    Chart(&'f mut View),
    /// What is drawn in it is asked for.
    Slot(&'f mut [f32]),
    /// In a chart: where the run is, and the points of its curves.
    Points(&'f mut [f32], Plot<'f>),
    /// What is under it is asked for.
    Caption(&'f mut String),
    /// Nothing is.
    Pass,
}

/// A place in a chart: x and y, told as finely as its run knows them.
pub trait Spot {
    /// As it is drawn.
    fn pair(self) -> [f32; 2];
}

impl Spot for [f32; 2] {
    fn pair(self) -> [f32; 2] {
        self
    }
}

impl Spot for (f64, f64) {
    fn pair(self) -> [f32; 2] {
        [self.0 as f32, self.1 as f32]
    }
}

impl Spot for (usize, f32) {
    fn pair(self) -> [f32; 2] {
        [self.0 as f32, self.1]
    }
}

impl Spot for (f64, f32) {
    fn pair(self) -> [f32; 2] {
        [self.0 as f32, self.1]
    }
}

impl Figure<'_> {
    /// Where the run is on the x axis. Where this is not told, it is nowhere.
    #[must_use]
    pub fn at(self, x: f64) -> Self {
        self.on_plane(x, 0.0)
    }

    /// Where the run is on a plane of two parameters.
    #[must_use]
    pub fn on_plane(mut self, x: f64, y: f64) -> Self {
        if let Self::Points(at, _) = &mut self {
            at.copy_from_slice(&[x as f32, y as f32]);
        }
        self
    }

    /// A chart that tells of time.
    #[must_use]
    pub fn timed(mut self) -> Self {
        if let Self::Chart(view) = &mut self {
            view.timed = true;
        }
        self
    }

    /// A curve with room for so many points, and those that are known.
    #[must_use]
    pub fn curve<P: Spot>(self, label: &'static str, room: usize, points: impl IntoIterator<Item = P>) -> Self {
        self.series(Series::curve(label, room), points)
    }

    /// A curve for each of several labels, by its number.
    #[must_use]
    pub fn curves<P: Spot, I: IntoIterator<Item = P>>(
        self,
        labels: &[&'static str],
        room: usize,
        mut points: impl FnMut(usize) -> I,
    ) -> Self {
        labels.iter().enumerate().fold(self, |chart, (i, label)| chart.curve(label, room, points(i)))
    }

    /// A curve to compare with.
    #[must_use]
    pub fn reference<P: Spot>(self, label: &'static str, room: usize, points: impl IntoIterator<Item = P>) -> Self {
        self.series(Series::reference(label, room), points)
    }

    /// A level one to compare with, from one place to another, once its height is known.
    #[must_use]
    pub fn level(self, label: &'static str, (from, to): (f64, f64), y: impl Into<Option<f64>>) -> Self {
        self.reference(label, 2, y.into().into_iter().flat_map(|y| [(from, y), (to, y)]))
    }

    /// Points of their own, in any order.
    #[must_use]
    pub fn dots<P: Spot>(self, label: &'static str, room: usize, points: impl IntoIterator<Item = P>) -> Self {
        self.series(Series::dots(label, room), points)
    }

    /// Such points for each of several labels, by its number.
    #[must_use]
    pub fn clouds<P: Spot, I: IntoIterator<Item = P>>(
        self,
        labels: &[&'static str],
        room: usize,
        mut points: impl FnMut(usize) -> I,
    ) -> Self {
        labels.iter().enumerate().fold(self, |chart, (i, label)| chart.dots(label, room, points(i)))
    }

    /// Means with whiskers: where on the axis, and a mean, the least and the greatest.
    #[must_use]
    pub fn spread(
        mut self,
        label: &'static str,
        room: usize,
        points: impl IntoIterator<Item = (f64, [f64; 3])>,
    ) -> Self {
        if let Self::Points(_, plot) = &mut self {
            plot.spread(room, points);
        } else {
            self.add(Series::spread(label, room));
        }
        self
    }

    /// Such means for each of several labels, by its number.
    #[must_use]
    pub fn spreads<I: IntoIterator<Item = (f64, [f64; 3])>>(
        self,
        labels: &[&'static str],
        room: usize,
        mut points: impl FnMut(usize) -> I,
    ) -> Self {
        labels.iter().enumerate().fold(self, |chart, (i, label)| chart.spread(label, room, points(i)))
    }

    /// All arms of a study along its places.
    #[must_use]
    pub fn study(self, study: &Study) -> Self {
        self.spreads(study.arms(), study.places().len(), |arm| study.known(arm))
    }

    /// The same, and under it what is done, by what a place is called.
    pub fn studied(self, study: &Study, place: impl Fn(usize) -> String) {
        self.study(study).caption(|| study.caption(place));
    }

    /// A metric of the run over its steps, by its name.
    #[must_use]
    pub fn metric(mut self, name: &'static str, label: &'static str) -> Self {
        self.add(Series::metric(name, label));
        self
    }

    /// Any other series and its points.
    #[must_use]
    pub fn series<P: Spot>(mut self, series: Series, points: impl IntoIterator<Item = P>) -> Self {
        debug_assert!(!matches!(series.drawn, Drawn::Spread | Drawn::Band), "it has four numbers a point");
        if let Self::Points(_, plot) = &mut self {
            plot.curve(series.points as usize, points.into_iter().map(Spot::pair));
        } else {
            self.add(series);
        }
        self
    }

    /// What stands under it, in whole sentences.
    pub fn caption(self, say: impl FnOnce() -> String) {
        if let Self::Caption(caption) = self {
            *caption = say();
        }
    }

    #[inline(never)]
    fn add(&mut self, more: Series) {
        if let Self::Chart(View { shape: Shape::Lines { series, .. }, .. }) = self {
            series.push(more);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_study_is_drawn_and_says_what_is_done() {
        let mut study = Study::crossed(&["a", "b"], &[2.0], 1);
        study.add(0.5);
        let tell = |figures: &mut Figures| {
            let axis = || Axis::linear("x", 0.0, 3.0);
            figures.chart("a study", Place::Main, axis(), axis()).studied(&study, |place| format!("place {place}"));
        };
        let mut slot = [7.0; 12];
        tell(&mut Figures::drawing(0, &mut slot));
        assert_eq!(slot[2..8], [1.0, 2.0, 0.5, 0.5, 0.5, 0.0]);
        let mut figures = Figures::caption(0);
        tell(&mut figures);
        assert_eq!(figures.said(), "Run 1 of 1: b at place 0.");
    }

    fn tell(figures: &mut Figures) {
        let axis = || Axis::linear("x", 0.0, 1.0);
        let map = Shape::heatmap((1, 2), ["", ""], ("", ""));
        let map = View::new("a map", Place::Side, map).moving();
        figures.view(map, |slot| slot.copy_from_slice(&[0.5, -0.5])).caption(|| "Nothing.".into());
        let mut asked = 0;
        figures
            .chart("a chart", Place::Main, axis(), axis())
            .at(0.25)
            .curves(&["a", "b"], 2, |i| (0..i).map(|i| (i, 0.5_f32)))
            .level("c", (0.0, 1.0), 0.75)
            .clouds(&["e"], 1, |i| [(i, 0.25_f32)])
            .spread("d", 1, [(0.5, [1.0, 0.0, 2.0])])
            .caption(|| {
                asked += 1;
                "Said.".into()
            });
        figures.chart("of metrics", Place::Main, axis(), axis()).metric("m", "m").caption(|| unreachable!());
        assert!(asked < 2);
    }

    #[test]
    fn what_is_told_once_is_the_view_its_numbers_and_its_caption() {
        let mut figures = Figures::views();
        tell(&mut figures);
        let views = figures.told();
        let titles: Vec<&str> = views.iter().map(|view| view.title.as_str()).collect();
        assert_eq!(titles, ["a map", "a chart", "of metrics"]);
        let drawn = |view: usize| {
            let mut slot = vec![7.0; views[view].floats()];
            tell(&mut Figures::drawing(view, &mut slot));
            slot
        };
        assert_eq!((drawn(0), drawn(2)), (vec![0.5, -0.5], vec![]));
        let series = [
            &[0.0; 5][..],
            &[1.0, 0.0, 0.5, 0.0, 0.0],
            &[2.0, 0.0, 0.75, 1.0, 0.75],
            &[1.0, 0.0, 0.25],
            &[1.0, 0.5, 1.0, 0.0, 2.0],
        ];
        assert_eq!(drawn(1), [&[0.25, 0.0][..], &series.concat()].concat());
        let mut figures = Figures::caption(1);
        tell(&mut figures);
        assert_eq!(figures.said(), "Said.");
    }
}
