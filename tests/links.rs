//! Bad links: every fault at once, in words that name what came and what was wanted.
use attractor::{
    lab::Inputs,
    link::{Request, split_query},
    session::Session,
};
use proptest::prelude::*;

fn faults(query: &str) -> Vec<String> {
    match Request::parse(&split_query(query)) {
        Ok(request) => panic!("{query} reads as {}", request.query()),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn every_fault_of_a_link_is_named_at_once() {
    assert_eq!(
        faults("?v=2&id=hebb-letters&seed=-1&at=-9&letters=9&leters=2&flipped=x&cue=1&cue=2&do=0d7&hide=seed"),
        [
            "v must be 1, the version of links read here; got \"2\"",
            "seed must be a whole number up to 4294967295; got \"-1\"",
            "at must be a step, a whole number from 0; got \"-9\"",
            "do must be moves such as 0d2.2048.1024 with ~ between them; got \"0d7\"",
            "letters must be a whole number between 1 and 6; got \"9\"",
            "leters is not a parameter here; got \"2\"; did you mean letters?",
            "flipped must be between 0 and 0.5; got \"x\"",
            "cue was already given; got \"2\"",
        ]
    );
}

#[test]
fn a_step_beyond_the_end_stands_at_the_end() {
    for at in [60, 200] {
        let query = format!("id=capacity&units=30&networks=1&at={at}");
        let request = Request::parse(&split_query(&query)).expect("it reads");
        let session = Session::start(request, Inputs::default()).expect("it starts");
        assert_eq!(session.step(), 12, "{query}");
    }
}

#[test]
fn an_unknown_experiment_gets_the_nearest_name() {
    assert_eq!(
        faults("id=heb-letters"),
        [
            "id must be an experiment, one of those that `attractor list` shows; got \"heb-letters\"; did you mean hebb-letters?"
        ]
    );
    assert_eq!(faults("seed=1"), ["id is missing: a link names its experiment"]);
}

#[test]
fn a_canonical_link_leaves_out_defaults_and_orders_by_the_schema() {
    let request = Request::parse(&split_query("cue=2&letters=4&flipped=0.30&id=hebb-letters&at=0")).expect("it reads");
    assert_eq!(request.query(), "v=1&id=hebb-letters&seed=1&cue=2&flipped=0.3");
}

#[test]
fn a_record_out_of_order_is_refused() {
    let text = "do must come in the order of the steps and end with the run; got \"1w1.0\"";
    assert_eq!(faults("id=hebb-letters&do=5p1.0.9.9.255~1w1.0"), [text]);
}

#[test]
fn a_record_that_touches_what_is_not_for_touching_is_refused() {
    for (record, given) in [("0d250.1.1", "0, view 250"), ("0p0.0.9.9.255", "0, view 0"), ("3w1.0", "3, view 1")] {
        let request = Request::parse(&split_query(&format!("id=hebb-letters&do={record}"))).expect("it reads");
        let Err(faults) = Session::start(request, Inputs::default()) else { panic!("{record} started") };
        let wanted = format!("do must touch views that are for touching, at their step; got {given:?}");
        assert_eq!(faults.iter().map(ToString::to_string).collect::<Vec<_>>(), [wanted]);
    }
}

proptest! {
    /// No text, however odd, makes reading a link panic.
    #[test]
    fn any_query_is_read_or_refused(query in ".{0,80}", record in "[0-9dpws.~:a-zß]{0,40}") {
        let _ = Request::parse(&split_query(&query));
        let _ = Request::parse(&split_query(&format!("id=hebb-letters&do={record}&{query}")));
    }
}
