//! In Node and in Firefox: the golden rows give the same bits.
#![cfg(target_arch = "wasm32")]

use attractor::{
    data::File,
    lab::Inputs,
    link::{Request, split_query},
    session::Session,
};
use std::io::Read;
use wasm_bindgen_test::wasm_bindgen_test;

/// What the page's worker fetches.
fn file(file: &File) -> Vec<u8> {
    let packed: &[u8] = match file.name {
        "digits.idx.gz" => include_bytes!("../www/data/digits.idx.gz"),
        "small-digits.idx.gz" => include_bytes!("../www/data/small-digits.idx.gz"),
        "more-digits.idx.gz" => include_bytes!("../www/data/more-digits.idx.gz"),
        "photos.idx.gz" => include_bytes!("../www/data/photos.idx.gz"),
        name => panic!("no file {name}"),
    };
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(packed).read_to_end(&mut bytes).expect("bundled files are whole");
    bytes
}

#[wasm_bindgen_test]
fn golden_rows_give_the_same_bits_here() {
    for row in include_str!("golden.tsv").lines().skip(1) {
        let cells: Vec<&str> = row.split('\t').collect();
        let request = Request::parse(&split_query(cells[0])).expect("golden links read");
        let mut inputs = Inputs::default();
        for needed in (request.entry.files)(&request.values) {
            inputs.push_file(needed, file(needed));
        }
        let mut session = Session::start(request, inputs).expect("golden rows start");
        session.seek(cells[1].parse().expect("steps are counted"));
        assert_eq!(session.step().to_string(), cells[1], "{}", cells[0]);
        assert_eq!(session.digest(), cells[3], "{}", cells[0]);
    }
}
