//! Training: gradients, losses, optimisers, and the tasks on which nets grok.
pub mod adam;
pub mod lazy_rich;
pub mod lesson;
pub mod loss;
pub mod mlp;
pub mod modular;
pub mod momentum;
pub mod neuron_waves;
pub mod noisy_labels;
pub mod optimiser;
pub mod pair_net;
pub mod precision;
pub mod rate;
pub mod shrink;
pub mod training;
pub mod waves;
