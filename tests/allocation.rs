//! A step of training allocates nothing: what it needs is kept from the steps before.
#![cfg(not(target_arch = "wasm32"))]
#![expect(unsafe_code, reason = "an allocator that counts hands on what it is asked for")]

use attractor::{
    math::{mat::Mat, rng::Rng},
    model::{
        learning::{
            adam::{Adam, Settings},
            loss::Loss,
            mlp::Mlp,
            modular::{Operation, Task},
            optimiser::{self, Grokfast},
            pair_net::{self, Activation, PairNet},
            training::Recipe,
            transformer::{self, Transformer},
        },
        pruning::{mask::Mask, score, select, trainee::Trainee},
    },
};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    rc::Rc,
};

struct Counting;

thread_local! {
    /// What this thread has asked for: the threads of other tests are not counted.
    static ASKED: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: the system's allocator does all the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ASKED.set(ASKED.get() + 1);
        // SAFETY: the layout is the caller's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: the place came from the same allocator.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// How often memory is asked for in so many steps, after as many that may grow what is kept.
fn asked(steps: usize, mut step: impl FnMut()) -> usize {
    (0..steps).for_each(|_| step());
    let before = ASKED.get();
    (0..steps).for_each(|_| step());
    ASKED.get() - before
}

const P: usize = 31;

fn task() -> (Task, Vec<u16>) {
    let task = Task::new(Operation::Add, P, 0.5, &mut Rng::new(1).stream("split"));
    let labels = task.train.iter().map(|pair| pair.answer).collect();
    (task, labels)
}

#[test]
fn what_is_counted_is_what_is_asked_for() {
    assert_eq!(asked(5, || drop(std::hint::black_box(vec![1_u8; 100]))), 5);
}

#[test]
fn a_step_of_the_net_for_pairs_allocates_nothing() {
    let (task, labels) = task();
    for (activation, rank) in [(Activation::Square, None), (Activation::Relu, None), (Activation::Relu, Some(40))] {
        let shape = pair_net::Shape { p: P, hidden: 48, activation, tables: 1, rank };
        let mut net = PairNet::new(shape, 1.0, &mut Rng::new(1).stream("weights"));
        let mut adam = Adam::new(net.weights.len(), Settings::new(0.01, 1.0));
        let mut filter = Grokfast::new(net.weights.len(), 0.98, 2.0);
        let count = asked(5, || {
            net.grade(&task.train, &labels, Loss::CrossEntropy);
            let (weights, gradient) = net.descent();
            filter.filter(gradient);
            optimiser::across(shape.parts(), weights, gradient);
            adam.step(weights, gradient);
        });
        assert_eq!(count, 0, "{activation:?} {rank:?}");
    }
}

#[test]
fn a_step_of_the_transformer_allocates_nothing() {
    let (task, labels) = task();
    let shape = transformer::Shape { p: P, width: 32, heads: 4, hidden: 64 };
    let mut net = Transformer::new(shape, 1.0, &mut Rng::new(1).stream("weights"));
    let mut adam = Adam::new(net.weights.len(), Settings::new(0.01, 1.0));
    let count = asked(5, || {
        net.grade(&task.train, &labels, Loss::CrossEntropy);
        let (weights, gradient) = net.descent();
        adam.step(weights, gradient);
    });
    assert_eq!(count, 0);
}

#[test]
fn a_step_of_a_net_under_a_mask_allocates_nothing() {
    let widths = [20, 32, 16, 4];
    let mut chance = Rng::new(1).stream("examples");
    let inputs = Mat::new((0..100 * 20).map(|_| chance.normal() as f32).collect(), 100, 20);
    let labels: Vec<u16> = (0..100).map(|i| i % 4).collect();
    let examples = (inputs.as_ref(), &labels[..]);
    let net = Mlp::new(&widths);
    // The whole net, one that computes as dense as that, and one that computes with what is left. Its last batch is a short one.
    for left in [net.weights(), net.weights() * 3 / 4, net.weights() / 20] {
        let mask = select::global(&net, &score::random(&net, &mut chance), &Mask::full(&net), left);
        let mut trainee = Trainee::new(&widths, Rng::new(1).stream("order"));
        trainee.begin(net.draw(&mut chance), Rc::new(mask), Recipe::usual(100), Rng::new(1).stream("order"));
        let count = asked(6, || {
            assert!(!trainee.learn(examples, 1));
        });
        assert_eq!(count, 0, "{left} weights");
    }
}
