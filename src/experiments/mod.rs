//! Floor 4: the experiments, one file each, and the list that everything is made from.
//!
//! To add one: write its file, then add its `mod` line and its line in [`ALL`].
use crate::lab::Entry;

mod capacity;
mod corrupted_labels;
mod criticality;
mod dense_glass;
mod dense_supervised;
mod dynamic_sparse;
mod energy_dial;
mod essential_sparsity;
mod gradual_pruning;
mod grokking;
mod grokking_tickets;
mod grokking_transformer;
mod group_envelope;
mod hebb_letters;
mod hopfield_layer;
mod hopfield_rules;
mod layer_surgery;
mod lazy_neuron;
mod lazy_to_rich;
mod lottery_jackpots;
mod lottery_ticket;
mod modern_hopfield;
mod multitasking;
mod nm_sparsity;
mod numerical_edge;
mod parameter_sharing;
mod phase_diagram;
mod pruned_memory;
mod pruning_at_init;
mod random_pruning;
mod random_search_nas;
mod sara;
mod scale_mixture;
mod sdr_dendrite;
mod soft_shrinkage;
mod sparse_ift;
mod sparse_kernels;
mod sparse_parity;
mod sparse_recommender;
mod sparse_soups;
mod sparsey;
mod ticket_lab;
mod train_longer;

/// Every experiment, in the order of the gallery.
pub static ALL: &[&Entry] = &[
    &modern_hopfield::ENTRY,
    &hopfield_layer::ENTRY,
    &hopfield_rules::ENTRY,
    &energy_dial::ENTRY,
    &phase_diagram::ENTRY,
    &capacity::ENTRY,
    &pruned_memory::ENTRY,
    &multitasking::ENTRY,
    &dense_supervised::ENTRY,
    &dense_glass::ENTRY,
    &sdr_dendrite::ENTRY,
    &sparsey::ENTRY,
    &grokking::ENTRY,
    &grokking_transformer::ENTRY,
    &numerical_edge::ENTRY,
    &lazy_to_rich::ENTRY,
    &corrupted_labels::ENTRY,
    &grokking_tickets::ENTRY,
    &sparse_parity::ENTRY,
    &train_longer::ENTRY,
    &ticket_lab::ENTRY,
    &lottery_ticket::ENTRY,
    &pruning_at_init::ENTRY,
    &lottery_jackpots::ENTRY,
    &sparse_soups::ENTRY,
    &dynamic_sparse::ENTRY,
    &sparse_recommender::ENTRY,
    &random_pruning::ENTRY,
    &parameter_sharing::ENTRY,
    &random_search_nas::ENTRY,
    &essential_sparsity::ENTRY,
    &gradual_pruning::ENTRY,
    &soft_shrinkage::ENTRY,
    &layer_surgery::ENTRY,
    &sparse_ift::ENTRY,
    &nm_sparsity::ENTRY,
    &sparse_kernels::ENTRY,
    &group_envelope::ENTRY,
    &lazy_neuron::ENTRY,
    &sara::ENTRY,
    &criticality::ENTRY,
    &scale_mixture::ENTRY,
    &hebb_letters::ENTRY,
];
