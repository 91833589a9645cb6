//! Laws that hold for every experiment in the list.
use attractor::{
    catalogue,
    lab::{Entry, GRAIN, Gesture, Glyphs, Hand, Image, Inputs, Kind, Param, Shape, Values},
    link::{Act, Request},
    session::Session,
};
use std::collections::{BTreeMap, BTreeSet};

fn inputs(entry: &Entry, values: &Values) -> Inputs {
    let mut inputs = Inputs::default();
    for file in (entry.files)(values) {
        inputs.push_file(file, file.read());
    }
    inputs
}

fn start(entry: &'static Entry, values: &Values, seed: u32) -> Session {
    let request = Request { entry, seed, values: values.clone(), at: 0, acts: Vec::new() };
    Session::start(request, inputs(entry, values))
        .unwrap_or_else(|faults| panic!("{} with {:?}: {faults:?}", entry.id, values.pairs()))
}

fn defaults(entry: &'static Entry) -> Values {
    Values::defaults(entry.params)
}

fn frame(session: &Session) -> Vec<f32> {
    let mut frame = vec![0.0; session.floats()];
    session.draw(&mut frame);
    frame
}

/// Every preset of every experiment, with its values.
fn presets() -> impl Iterator<Item = (&'static Entry, &'static str, Values)> {
    catalogue::all().iter().flat_map(|entry| {
        entry.presets.iter().map(|preset| {
            let values = Values::parse(entry.params, preset.set.iter().copied())
                .unwrap_or_else(|faults| panic!("{} preset {}: {faults:?}", entry.id, preset.name));
            (*entry, preset.name, values)
        })
    })
}

#[test]
fn every_file_is_listed_under_its_own_name() {
    let folder =
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/experiments")).expect("the folder is there");
    let files: BTreeSet<String> = folder
        .map(|file| file.expect("it can be read").file_name().to_string_lossy().replace('_', "-"))
        .filter(|name| name != "mod.rs")
        .map(|name| name.trim_end_matches(".rs").to_owned())
        .collect();
    let ids: BTreeSet<String> = catalogue::all().iter().map(|entry| entry.id.to_owned()).collect();
    assert_eq!(files, ids);
}

/// The defaults, but for how often and how long is trained: as little as may be.
fn shortest(entry: &'static Entry) -> Values {
    let mut values = defaults(entry);
    for param in entry.params.iter().filter(|param| ["runs", "epochs"].contains(&param.name)) {
        if let Some(least) = param.extremes().first() {
            values.set(param, least.clone());
        }
    }
    values
}

#[test]
fn a_run_that_names_its_end_ends_there() {
    for entry in catalogue::all() {
        let mut session = start(entry, &shortest(entry), 1);
        let last = session.last();
        // Longer ones are run to their ends by the tests in their files.
        if last < entry.steps && last < 100 {
            session.seek(entry.steps);
            assert_eq!(session.step(), last, "{}", entry.id);
            assert!(session.ended().is_some(), "{}", entry.id);
        }
    }
}

#[test]
fn descriptors_are_whole() {
    for entry in catalogue::all() {
        let id = entry.id;
        assert!(entry.prose.card.split_whitespace().count() <= 12, "{id}: a card says at most 12 words");
        assert!(!entry.prose.lead.is_empty() && !entry.prose.about.is_empty() && entry.steps > 0, "{id}");
        assert!(
            entry.presets.first().is_some_and(|preset| preset.set.is_empty()),
            "{id}: the first preset is the default"
        );
        let names: BTreeSet<&str> = entry.params.iter().map(|param| param.name).collect();
        assert_eq!(names.len(), entry.params.len(), "{id}: two parameters of one name");
        for param in entry.params {
            assert!(
                !["v", "id", "seed", "at", "do", "in"].contains(&param.name),
                "{id}: {} is a key of links",
                param.name
            );
            assert!(!param.help.is_empty() && !param.label.is_empty(), "{id}: {}", param.name);
            if !matches!(param.kind, Kind::Images { .. }) {
                let text = param.write(&param.default());
                assert_eq!(param.parse(&text).as_ref(), Ok(&param.default()), "{id}: the default of {}", param.name);
            }
        }
        // In the table of a sweep each is a column.
        let columns = ["seed", "steps", "ended", "digest", "link"];
        let names: Vec<&str> =
            names.into_iter().chain(entry.metrics.iter().map(|metric| metric.name)).chain(columns).collect();
        let distinct: BTreeSet<&&str> = names.iter().collect();
        assert!(
            distinct.len() == names.len() && names.iter().all(|name| !name.starts_with("claim-")),
            "{id}: {names:?}"
        );
        for metric in entry.metrics {
            assert!(!metric.label.is_empty() && !metric.help.is_empty(), "{id}: {}", metric.name);
        }
        assert!(entry.thumbnail < start(entry, &defaults(entry), 1).layout().len(), "{id}: thumbnail");
    }
}

#[test]
fn values_of_presets_survive_a_link() {
    for (entry, name, values) in presets() {
        let query = Request { entry, seed: 7, values: values.clone(), at: 0, acts: Vec::new() }.query();
        let read = Request::parse(&attractor::link::split_query(&query)).expect("our own link reads");
        assert_eq!(read.values.all(), values.all(), "{} {name}: {query}", entry.id);
        assert_eq!(read.seed, 7);
    }
}

#[test]
fn runs_start_step_and_draw_at_the_ends_of_every_parameter() {
    for entry in catalogue::all() {
        let claims = start(entry, &defaults(entry), 1).claims().len();
        for param in entry.params {
            for value in param.extremes() {
                let mut values = defaults(entry);
                values.set(param, value);
                let mut session = start(entry, &values, 1);
                session.advance(1);
                let numbers = [session.ground(), frame(&session), session.metrics()].concat();
                assert!(numbers.iter().all(|x| x.is_finite()), "{} with {:?}", entry.id, values.pairs());
                // A table of runs has a column for each claim.
                assert_eq!(session.claims().len(), claims, "{} with {:?}", entry.id, values.pairs());
            }
        }
    }
}

#[test]
fn more_pictures_than_fit_are_refused_with_the_limit() {
    for entry in catalogue::all() {
        for param in entry.params {
            let Kind::Images { most } = param.kind else { continue };
            let values = defaults(entry);
            let mut inputs = inputs(entry, &values);
            for _ in 0..=most {
                inputs.push_image(param, Image::new(2, 1, vec![0, 255]).expect("a byte a pixel"));
            }
            let request = Request { entry, seed: 1, values, at: 0, acts: Vec::new() };
            let Err(faults) = Session::start(request, inputs) else { panic!("{}: it started", entry.id) };
            let text = format!("{} must be at most {most} pictures; got \"{}\"", param.name, most + 1);
            assert_eq!(faults[0].to_string(), text, "{}", entry.id);
        }
    }
}

#[test]
fn views_have_titles_captions_and_metrics_that_exist() {
    for (entry, name, values) in presets() {
        let mut session = start(entry, &values, 1);
        for _ in 0..if name == entry.presets[0].name { 3 } else { 1 } {
            session.advance(1);
            for (view, caption) in session.layout().iter().zip(session.captions()) {
                assert!(
                    !view.title.is_empty() && caption.ends_with('.'),
                    "{} {name}: {}: {caption:?}",
                    entry.id,
                    view.title
                );
                if let Shape::Lines { x, series, .. } = &view.shape {
                    for curve in series.iter().filter(|curve| curve.points == 0) {
                        let known = entry.metrics.iter().any(|metric| metric.name == curve.name);
                        assert!(known, "{} {name}: no metric {}", entry.id, curve.name);
                    }
                    let known = x.param.is_none_or(|name| entry.params.iter().any(|param| param.name == name));
                    assert!(known, "{} {name}: no parameter {:?}", entry.id, x.param);
                }
            }
            for (param, _) in session.reaches() {
                assert!(
                    entry.param(param.name).is_some_and(|known| known.is(param)),
                    "{} {name}: {}",
                    entry.id,
                    param.name
                );
            }
            for claim in session.claims() {
                let named = |name| entry.presets.iter().any(|preset| preset.name == name);
                assert!(claim.preset.is_none_or(named), "{}: {claim:?}", entry.id);
                assert!(claim.says.ends_with('.') && !claim.source.is_empty(), "{} {name}: {claim:?}", entry.id);
                assert!(!claim.scale.log || claim.scale.min > 0.0, "{} {name}: {claim:?}", entry.id);
                let reason = claim.measured.is_some() || !claim.why.is_empty();
                assert!(reason, "{} {name}: a claim that is not measured says why: {claim:?}", entry.id);
            }
        }
    }
}

/// That the bits are the same in any batch is seen by the golden rows, which are taken step by step here and at once in Node.
#[test]
fn stepping_back_and_on_again_gives_the_same_bits() {
    for entry in catalogue::all() {
        // That snapshots thin out is tested where they are kept.
        let mut session = start(entry, &defaults(entry), 5);
        session.advance(9);
        let last = session.step();
        let places = [last / 2, 0, last, last / 3, last];
        let mut forward = start(entry, &defaults(entry), 5);
        let mut digest_at = |step: u64| {
            (forward.step()..step).for_each(|_| {
                forward.advance(1);
            });
            (step, forward.digest())
        };
        let digests: BTreeMap<u64, String> = BTreeSet::from(places).into_iter().map(&mut digest_at).collect();
        assert_eq!(session.take_rows(), forward.take_rows(), "{}", entry.id);
        for step in places {
            session.seek(step);
            assert_eq!((session.step(), &session.digest()), (step, &digests[&step]), "{}", entry.id);
        }
    }
}

#[test]
fn a_link_with_touches_gives_the_bits_of_the_run_it_was_taken_from() {
    for entry in catalogue::all() {
        let mut session = start(entry, &defaults(entry), 2);
        for (i, view) in session.layout().to_vec().iter().enumerate().filter(|(_, view)| view.hand != Hand::None) {
            let view_index = i as u8;
            let touches = match &view.shape {
                Shape::Glyphs(Glyphs { paint: Some(item), .. }) => vec![
                    Gesture::Paint { view: view_index, item: *item as u16, x: 900, y: 1000, value: 255 },
                    Gesture::Wipe { view: view_index, item: *item as u16 },
                    Gesture::Paint { view: view_index, item: *item as u16, x: GRAIN, y: 0, value: 255 },
                    Gesture::Paint { view: view_index, item: *item as u16, x: 2000, y: 2000, value: 200 },
                ],
                Shape::Mask { .. } => vec![
                    Gesture::Paint { view: view_index, item: 0, x: 900, y: 1000, value: 255 },
                    Gesture::Paint { view: view_index, item: 0, x: 900, y: 1000, value: 0 },
                    Gesture::Paint { view: view_index, item: 0, x: GRAIN, y: 0, value: 255 },
                ],
                _ => vec![
                    Gesture::Drag { view: view_index, x: 0, y: GRAIN },
                    Gesture::Drag { view: view_index, x: 1500, y: 2500 },
                ],
            };
            for gesture in touches {
                session.advance(2);
                session.touch(gesture).expect("the view is for touching");
            }
            session.advance(4);
            let query = session.request().query();
            let request = Request::parse(&attractor::link::split_query(&query)).expect("our own link reads");
            let again = Session::start(request, inputs(entry, &defaults(entry))).expect("it started before");
            assert_eq!((again.step(), again.digest()), (session.step(), session.digest()), "{}: {query}", entry.id);
            assert_eq!(again.request().query(), query);
        }
    }
}

#[test]
fn a_setting_moved_in_a_run_gives_the_bits_of_a_start_under_it() {
    for entry in catalogue::all() {
        for param in entry.params {
            // Words each do something of their own; of numbers one end tells.
            let mut values = param.extremes();
            values.retain(|value| *value != param.default());
            if !matches!(param.kind, Kind::Choice { .. }) {
                values.truncate(1);
            }
            for value in values {
                let mut session = start(entry, &defaults(entry), 4);
                session.advance(1);
                let pairs = [(param.name.to_owned(), param.write(&value))];
                for file in session.missing(&pairs) {
                    assert!(session.set(&pairs).is_err(), "{}: {} was not handed in", entry.id, file.name);
                    session.hand_in(file, file.read());
                }
                session.set(&pairs).expect("an extreme is allowed");
                let taken_live = session.request().acts.iter().any(|(_, act)| matches!(act, Act::Set(..)));
                session.advance(1);
                let query = session.request().query();
                let request = Request::parse(&attractor::link::split_query(&query)).expect("our own link reads");
                let values = request.values.clone();
                let again = Session::start(request, inputs(entry, &values)).expect("it started before");
                assert_eq!(again.digest(), session.digest(), "{}: {query} (taken live: {taken_live})", entry.id);
            }
        }
    }
}

#[test]
fn a_refused_setting_leaves_the_run_as_it_was() {
    for entry in catalogue::all() {
        let mut session = start(entry, &defaults(entry), 1);
        session.advance(2);
        let before = session.digest();
        let known: &Param = entry.params[0];
        let faults =
            session.set(&[("no-such".into(), "1".into()), (known.name.into(), "no value".into())]).unwrap_err();
        assert_eq!(faults.len(), 2, "all faults at once");
        assert_eq!((session.step(), session.digest()), (2, before));
        let gesture = Gesture::Drag { view: 250, x: 0, y: 0 };
        assert!(session.touch(gesture).is_err());
    }
}
