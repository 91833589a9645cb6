//! The kernels beside their rivals and beside the limit of the machine, on the same work.
//!
//! `bench.mjs` runs this as wasm in a browser; `cargo run --release` runs it natively, for
//! orientation only.

mod digest;
mod work;

use std::cell::RefCell;

pub use digest::digest;
pub use work::{Case, cases};

thread_local! {
    static CASES: RefCell<Vec<Case>> = RefCell::new(cases());
    static DESCRIPTION: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Writes the list of cases as JSON and returns its length; [`description`] says where it is.
#[unsafe(no_mangle)]
extern "C" fn describe() -> usize {
    let json = CASES.with_borrow(|cases| work::to_json(cases));
    let length = json.len();
    DESCRIPTION.set(json);
    length
}

/// Where the text of the last [`describe`] lies.
#[unsafe(no_mangle)]
extern "C" fn description() -> *const u8 {
    DESCRIPTION.with_borrow(|text| text.as_ptr())
}

/// Runs one contender of one case so many times.
#[unsafe(no_mangle)]
extern "C" fn run(case: usize, contender: usize, times: u32) {
    CASES.with_borrow_mut(|cases| {
        let (_, go) = &mut cases[case].contenders[contender];
        for _ in 0..times {
            go();
        }
    });
}

/// The digest of all results; equal on every target.
#[unsafe(no_mangle)]
extern "C" fn digest_of_results() -> u32 {
    digest()
}
