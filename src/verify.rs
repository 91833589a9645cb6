//! `attractor verify`: runs go to their end, and their claims are held against them.
use super::{Done, Seeds, Stop, chosen, code, differs, jobs::Jobs, print_claims, start};
use attractor::{
    lab::{Claim, Entry, Inputs, Preset},
    link::Request,
};
use clap::Args;
use serde_json::json;
use std::{collections::BTreeMap, io::Write};

/// What to verify.
#[derive(Args)]
pub struct VerifyArgs {
    /// All experiments, if none is named.
    ids: Vec<String>,
    #[command(flatten)]
    seeds: Seeds,
    /// Every preset of each, not only its defaults.
    #[arg(long)]
    presets: bool,
    #[command(flatten)]
    jobs: Jobs,
    /// One object a line.
    #[arg(long)]
    json: bool,
}

/// A run to the end that is judged.
struct Trial {
    entry: &'static Entry,
    preset: &'static Preset,
    seed: u32,
    /// Whether claims that name a preset which measures them are taken from a run of that.
    follows: bool,
}

impl Trial {
    /// The claims at the end of the run.
    fn take(&self) -> Result<Vec<Claim>, Stop> {
        let mut claims = self.run(self.preset)?;
        for preset in self.entry.presets.iter().filter(|_| self.follows) {
            let waits = |claim: &Claim| claim.preset == Some(preset.name);
            if claims.iter().any(waits) {
                let there = claims.iter_mut().zip(self.run(preset)?);
                let measured = there.filter(|(claim, there)| waits(claim) && there.measured.is_some());
                measured.for_each(|(claim, there)| *claim = Claim { preset: Some(preset.name), ..there });
            }
        }
        Ok(claims)
    }

    /// Whether it was measured by a preset that is there to show where a claim ends.
    fn is_beyond(&self, claim: &Claim) -> bool {
        let named = |name| self.entry.presets.iter().find(|preset| preset.name == name);
        claim.preset.and_then(named).unwrap_or(self.preset).beyond
    }

    fn run(&self, preset: &Preset) -> Result<Vec<Claim>, Stop> {
        let mut session = start(Request::of(self.entry, preset, self.seed)?, Inputs::default())?;
        session.advance(self.entry.steps);
        Ok(session.claims())
    }

    fn print(&self, out: &mut impl Write, as_json: bool, claims: &[Claim]) -> Result<(), Stop> {
        let Self { entry, preset, seed, .. } = self;
        if as_json {
            writeln!(out, "{}", json!({"id": entry.id, "preset": preset.name, "seed": seed, "claims": claims}))?;
        } else {
            writeln!(out, "{}, {}, seed {seed}", entry.id, preset.name)?;
            if claims.iter().any(|claim| differs(claim) && self.is_beyond(claim)) {
                writeln!(out, "  a preset is there to show where a claim ends")?;
            }
            print_claims(out, claims)?;
        }
        Ok(out.flush()?)
    }
}

pub fn verify(out: &mut impl Write, args: &VerifyArgs) -> Done {
    let mut trials = Vec::new();
    for entry in chosen(&args.ids)? {
        // The first preset is the default.
        let presets = &entry.presets[..if args.presets { entry.presets.len() } else { 1 }];
        let of = |preset| args.seeds.range().map(move |seed| Trial { entry, preset, seed, follows: !args.presets });
        trials.extend(presets.iter().flat_map(of));
    }
    // Printed in their order, and each as soon as those before it are.
    let (mut found, mut printed) = (BTreeMap::new(), 0);
    args.jobs.take_all(&trials, Trial::take, |i, claims| {
        found.insert(i, claims?);
        while let Some(claims) = found.get(&printed) {
            trials[printed].print(out, args.json, claims)?;
            printed += 1;
        }
        Ok(())
    })?;
    let (mut counts, mut beyond) = ([0; 4], 0);
    for (i, claim) in found.iter().flat_map(|(i, claims)| claims.iter().map(move |claim| (*i, claim))) {
        if differs(claim) && trials[i].is_beyond(claim) {
            beyond += 1;
        } else {
            counts[claim.verdict() as usize] += 1;
        }
    }
    let [agree, differ, not_yet, not_here] = counts;
    if !args.json {
        let meant = if beyond > 0 { format!(", {beyond} differ as they are meant to") } else { String::new() };
        writeln!(out, "{agree} agree, {differ} differ, {not_yet} not yet, {not_here} not here{meant}")?;
    }
    Ok(code(differ > 0))
}
