//! The one doorway to transcendental functions.
//!
//! Natively std calls the system's mathematics library, in wasm it calls a copy of the `libm`
//! crate, and the two differ in the last bits. Calling the crate on every target gives the same
//! bits everywhere. As in that crate, a trailing `f` marks the f32 twin.

macro_rules! doorway {
    ($($(#[$doc:meta])* $wide:ident, $narrow:ident = $libm_wide:ident, $libm_narrow:ident;)*) => {$(
        $(#[$doc])*
        #[inline]
        pub fn $wide(x: f64) -> f64 {
            libm::$libm_wide(x)
        }
        $(#[$doc])*
        #[inline]
        pub fn $narrow(x: f32) -> f32 {
            libm::$libm_narrow(x)
        }
    )*};
}

doorway! {
    /// The exponential function.
    exp, expf = exp, expf;
    /// The natural logarithm; NaN below zero.
    ln, lnf = log, logf;
    /// `ln(1 + x)`, accurate near zero.
    ln_1p, ln_1pf = log1p, log1pf;
    /// The square root; NaN below zero.
    sqrt, sqrtf = sqrt, sqrtf;
    /// The sine of an angle in radians.
    sin, sinf = sin, sinf;
    /// The cosine of an angle in radians.
    cos, cosf = cos, cosf;
    /// The angle from 0 to pi whose cosine it is; NaN outside of -1 to 1.
    acos, acosf = acos, acosf;
    /// The angle between -pi/2 and pi/2 whose tangent it is.
    atan, atanf = atan, atanf;
    /// The hyperbolic tangent.
    tanh, tanhf = tanh, tanhf;
    /// The error function.
    erf, erff = erf, erff;
    /// `1 - erf(x)`, accurate in the far tail.
    erfc, erfcf = erfc, erfcf;
    /// The logarithm of the absolute value of the gamma function.
    lgamma, lgammaf = lgamma, lgammaf;
}

/// `x` to the power `y`.
#[inline]
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// `x` to the power `y`.
#[inline]
pub fn powf(x: f32, y: f32) -> f32 {
    libm::powf(x, y)
}
