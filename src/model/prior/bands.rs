//! What data say of the values beside them: the mean and the band of a scale mixture of Gaussian processes, with the band of one
//! Gaussian process beside it (Lee, Yun, Yang and Lee 2022, *Scale mixtures of neural network Gaussian processes*). Only the
//! first knows how surprising its data are: a point that lies off widens it everywhere.
use super::{
    gaussian_process::Regression,
    network_kernel::{kernel, kernels},
    scale_mixture::InverseGamma,
    scale_trial::{NOISE, NORMAL, SHARE},
    student,
};

/// What is said of one place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// The mean, which is the same of both.
    pub mean: f64,
    /// Half the width of the mixture's band.
    pub half: f64,
    /// Half the width of the Gaussian one; none where the mixture has no variance.
    pub gaussian: Option<f64>,
}

/// What `data`, places and values, say of any place, by networks of that depth.
pub fn told(depth: usize, prior: InverseGamma, data: &[(f64, f64)]) -> impl Fn(f64) -> Band + use<> {
    let (inputs, values): (Vec<f64>, Vec<f64>) = data.iter().copied().unzip();
    let mut known = kernels(depth, &inputs);
    known.iter_mut().step_by(inputs.len() + 1).for_each(|k| *k += NOISE);
    let regression = Regression::new(&known, &values);
    let after = prior.after(values.len(), regression.surprise());
    let half = student::half_width(after.degrees(), SHARE) * after.scale2().sqrt();
    let gaussian = prior.mean().map(|mean| NORMAL * mean.sqrt());
    move |x| {
        let (mean, variance) = regression.at(inputs.iter().map(|y| kernel(depth, x, *y)), kernel(depth, x, x));
        Band { mean, half: half * variance.sqrt(), gaussian: gaussian.map(|half| half * variance.sqrt()) }
    }
}

/// What is said of a line of places by some data and one point more.
#[derive(Clone, Debug)]
pub struct Bands {
    /// At each place.
    pub line: Vec<Band>,
    /// How many times as wide the mixture's band is at the least, and the Gaussian one there, as if the point lay on the mean of
    /// the others; nothing while it lies in their band.
    pub wider: Option<(f64, Option<f64>)>,
    /// Half the mixture's band at the point.
    pub here: f64,
}

impl Bands {
    /// Of these data and the point `(x, y)`.
    pub fn new(depth: usize, prior: InverseGamma, data: &[(f64, f64)], (x, y): (f64, f64), places: &[f64]) -> Self {
        let with = |y: f64| told(depth, prior, &[data, &[(x, y)]].concat());
        let said = with(y);
        let line: Vec<Band> = places.iter().map(|place| said(*place)).collect();
        let others = told(depth, prior, data)(x);
        let fitting = with(others.mean);
        let ratios = line.iter().zip(places).map(|(here, place)| {
            let there = fitting(*place);
            (here.half / there.half, here.gaussian.zip(there.gaussian).map(|(here, there)| here / there))
        });
        let least = ratios.reduce(|least, ratio| if ratio.0 < least.0 { ratio } else { least });
        Self { here: said(x).half, wider: least.filter(|_| (y - others.mean).abs() > others.half), line }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIOR: InverseGamma = InverseGamma { a: 2.0, b: 2.0 };

    #[test]
    fn one_point_says_what_the_formulas_say() {
        let (x, y, place) = (0.4, 1.5, -0.3);
        let band = told(1, PRIOR, &[(x, y)])(place);
        let (own, both, at) = (kernel(1, x, x) + NOISE, kernel(1, x, place), kernel(1, place, place));
        let variance = at - both * both / own;
        // A posterior of a + 1/2 and b + y² / 2k: as many degrees of freedom as twice the first, and their ratio as scale.
        let scale = (2.0 + y * y / (2.0 * own)) / 2.5;
        let half = student::half_width(5.0, SHARE) * (scale * variance).sqrt();
        assert!((band.mean - both / own * y).abs() < 1e-12 && (band.half - half).abs() < 1e-9, "{band:?} {half}");
        // The mean of the prior's scale is b / (a - 1) = 2.
        let gaussian = NORMAL * (2.0 * variance).sqrt();
        assert!(band.gaussian.is_some_and(|found| (found - gaussian).abs() < 1e-9), "{band:?} {gaussian}");
        assert_eq!(told(1, InverseGamma { a: 1.0, b: 1.0 }, &[(x, y)])(place).gaussian, None);
    }

    #[test]
    fn a_point_that_lies_off_widens_the_mixture_everywhere_and_one_that_fits_does_not() {
        let data = [(-0.8, 0.3), (-0.1, 0.1), (0.5, -0.4)];
        let places: Vec<f64> = (0..9).map(|i| f64::from(i) / 4.0 - 1.0).collect();
        let off = Bands::new(2, PRIOR, &data, (0.9, 9.0), &places);
        let (wider, gaussian) = off.wider.expect("it lies off");
        assert!(wider > 1.5 && gaussian.is_some_and(|ratio| (ratio - 1.0).abs() < 1e-12), "{wider} {gaussian:?}");
        let mean = told(2, PRIOR, &data)(0.9).mean;
        let fits = Bands::new(2, PRIOR, &data, (0.9, mean), &places);
        assert!(fits.wider.is_none() && fits.here < off.here);
        for (off, fits) in off.line.iter().zip(&fits.line) {
            assert!(off.half / fits.half >= wider, "{off:?} {fits:?}");
        }
    }
}
