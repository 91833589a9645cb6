//! In Node and in browsers: the golden rows give the same bits, and what crosses to JavaScript is plain.
#![cfg(target_arch = "wasm32")]

use attractor::{
    data::File,
    lab::Inputs,
    link::{Request, split_query},
    session::Session,
    wasm,
};
use js_sys::{Array, JSON, Object, Reflect};
use std::io::Read;
use wasm_bindgen::{JsCast, JsValue};
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

fn pairs(query: &str) -> Array {
    let pairs = split_query(query).into_iter().map(|(key, text)| Array::of2(&key.into(), &text.into()));
    pairs.collect()
}

fn text(value: &JsValue) -> String {
    JSON::stringify(value).expect("plain values have a text").into()
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

#[wasm_bindgen_test]
fn faults_cross_as_plain_objects_all_at_once() {
    let refused = wasm::Session::new(&pairs("id=hebb-letters&letters=9&leters=1"), &Array::new(), &Array::new());
    let faults = refused.err().expect("two faults");
    assert_eq!(
        text(&faults),
        "[{\"name\":\"letters\",\"given\":\"9\",\"wanted\":\"must be a whole number between 1 and 6\",\"nearest\":null},\
         {\"name\":\"leters\",\"given\":\"1\",\"wanted\":\"is not a parameter here\",\"nearest\":\"letters\"}]"
    );
}

#[wasm_bindgen_test]
fn entries_and_layouts_hold_objects_and_no_maps() {
    let first = Array::from(&wasm::entries()).get(0);
    assert!(first.is_instance_of::<Object>() && Reflect::get(&first, &"id".into()).expect("an object").is_string());
    let session = wasm::Session::new(&pairs("id=hebb-letters"), &Array::new(), &Array::new());
    let layout = session.ok().expect("it starts").layout();
    let in_it = |value: &JsValue, key: &str| Reflect::get(value, &key.into()).expect("an object");
    let shape = in_it(&in_it(&Array::from(&layout).get(0), "view"), "shape");
    assert_eq!(in_it(&shape, "kind").as_string().as_deref(), Some("glyphs"));
}

#[wasm_bindgen_test]
fn malformed_messages_are_refused_and_never_trap() {
    let start = |pairs: &Array| wasm::Session::new(pairs, &Array::new(), &Array::new());
    for odd in [JsValue::NULL, 7.into(), "id".into(), Array::of2(&7.into(), &JsValue::UNDEFINED).into()] {
        assert!(start(&Array::of1(&odd)).is_err());
    }
    let picture =
        Array::of1(&Array::of4(&"letters".into(), &1.into(), &1.into(), &js_sys::Uint8Array::new_with_length(1)));
    assert!(wasm::Session::new(&pairs("id=hebb-letters"), &picture, &Array::new()).is_err());
    let mut session = start(&pairs("id=hebb-letters")).ok().expect("it starts");
    assert!(session.touch("squeeze", 1, 0, 0, 0, 0).is_err());
    assert!(session.touch("drag", 200, 0, 0, 0, 0).is_err());
    assert!(session.set(&pairs("letters=x")).is_err());
    assert!(session.draw(&js_sys::Float32Array::new_with_length(3)).is_err());
    assert!(wasm::resize(vec![1, 2, 3], 2, 2, 28).is_err() && wasm::resize(vec![1], 1, 1, 0).is_err());
    assert_eq!(session.advance(2), 2);
}
