//! Floor 6: the native face. Parses words, prints results; no logic.
//!
//! Exit codes: 0 fine, 1 a claim differs, 2 bad usage.
use attractor::{
    catalogue,
    lab::{Claim, Entry, Fault, Image, Inputs, Kind, Param, Verdict},
    link::{self, Request},
    math::decimal,
    session::{Ended, Session},
    sweep::{self, STOPPED},
};
use clap::{
    Args, Parser, Subcommand,
    error::{ContextKind, ContextValue, ErrorKind},
};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use std::{
    error::Error,
    io::{self, Read, Write},
    ops::RangeInclusive,
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};

mod jobs;
mod recall;
mod sweep_command;
mod verify;

/// Associative memory and sparse networks: run the experiments, check their claims, recall patterns.
///
/// Exit codes: 0 fine, 1 a claim differs, 2 bad usage.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// The experiments.
    List {
        /// One array of objects.
        #[arg(long)]
        json: bool,
    },
    /// What experiments show, their parameters, metrics and presets.
    Describe {
        /// All experiments, if none is named.
        ids: Vec<String>,
        /// One object a line.
        #[arg(long)]
        json: bool,
    },
    /// Run an experiment and print its metrics, its claims and its link.
    ///
    /// Only here is there a clock for what is about time itself: `verify` and `sweep` measure nothing that a busy machine could spoil.
    ///
    /// Exit codes: 0 fine, 1 the run came to its end and a claim differs, 2 bad usage.
    Run(RunArgs),
    /// Run experiments to their end and hold their claims against them.
    ///
    /// Where a claim is about other settings and names the preset that measures it, it is taken from a run of that.
    ///
    /// Exit codes: 0 fine, 1 a claim differs, 2 bad usage. A claim that was not measured is counted, and is no failure. Nor is
    /// one that differs under a preset which is there to show where a claim ends.
    Verify(verify::VerifyArgs),
    /// Run an experiment over a grid of parameters and seeds, into a table.
    ///
    /// After a kill the same command goes on where it was. A claim that differs is a cell of the table. Exit codes: 0 fine,
    /// 2 bad usage.
    Sweep(sweep_command::SweepArgs),
    /// Recall patterns from NumPy files by the modern Hopfield update.
    Recall(recall::RecallArgs),
}

#[derive(Args)]
struct Seeds {
    /// The root of all chance, 1 unless given.
    #[arg(long, conflicts_with = "seeds", allow_negative_numbers = true)]
    seed: Option<u32>,
    /// Seeds 1 to N.
    #[arg(long, value_name = "N", value_parser = counted::<u32>, allow_negative_numbers = true)]
    seeds: Option<u32>,
}

impl Seeds {
    fn range(&self) -> RangeInclusive<u32> {
        let one = self.seed.unwrap_or(1);
        self.seeds.map_or(one..=one, |last| 1..=last)
    }
}

#[derive(Args)]
struct RunArgs {
    /// The experiment.
    #[arg(required_unless_present = "link", conflicts_with = "link")]
    id: Option<String>,
    /// A link of the page, from its question mark on, instead of an experiment: everything as it says.
    #[arg(long, value_name = "QUERY", conflicts_with_all = ["set", "seed", "preset"])]
    link: Option<String>,
    /// A parameter and its value; may be repeated.
    #[arg(long, value_name = "K=V")]
    set: Vec<String>,
    /// Start from a preset by its name.
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,
    /// The root of all chance, a whole number, 1 unless given.
    // Read with the settings, so that its fault comes with theirs.
    #[arg(long, allow_negative_numbers = true)]
    seed: Option<String>,
    /// Stop at this step; without it the run goes to its end, or, with a link, to the link's step.
    #[arg(long, value_name = "N", value_parser = whole, allow_negative_numbers = true)]
    steps: Option<u64>,
    /// Print every K-th step.
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = counted::<u64>, allow_negative_numbers = true)]
    every: u64,
    /// One object a line; the last has claims, digest and link, and under `diverged` the metric, value and step that broke.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// A table of the metrics.
    #[arg(long)]
    csv: bool,
}

/// A whole number, or what it must be.
fn whole(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "must be a whole number from 0".to_owned())
}

/// A whole number above 0 that `T` holds, or what it must be.
fn counted<T: TryFrom<u64>>(text: &str) -> Result<T, String> {
    let most = u64::MAX >> (u64::BITS as usize - 8 * size_of::<T>());
    let number = text.parse().ok().filter(|number: &u64| *number > 0).and_then(|number| number.try_into().ok());
    number.ok_or_else(|| match most {
        u64::MAX => "must be a whole number from 1".to_owned(),
        _ => format!("must be a whole number from 1 to {most}"),
    })
}

/// Why the program stops short.
enum Stop {
    /// Each fault is a line; exit code 2.
    Usage(Vec<String>),
    /// Whoever read our output has left: nothing to say.
    Pipe,
}

impl From<Vec<Fault>> for Stop {
    fn from(faults: Vec<Fault>) -> Self {
        Self::Usage(faults.iter().map(ToString::to_string).collect())
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        vec![fault].into()
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Pipe,
            _ => Self::Usage(vec![format!("the output cannot be written: {error}")]),
        }
    }
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand || !error.use_stderr() => {
            error.exit()
        }
        Err(error) => {
            eprintln!("attractor: {}", one_line(&error));
            return ExitCode::from(2);
        }
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    let done = match cli.verb {
        Verb::List { json } => list(&mut out, json),
        Verb::Describe { ids, json } => describe(&mut out, &ids, json),
        Verb::Run(args) => run(&mut out, &args),
        Verb::Verify(args) => verify::verify(&mut out, &args),
        Verb::Sweep(args) => sweep_command::sweep(&mut out, &args),
        Verb::Recall(args) => recall::recall(&mut out, &args),
    };
    match done.and_then(|code| Ok(out.flush().map(|()| code)?)) {
        Ok(code) => code,
        Err(Stop::Pipe) => ExitCode::SUCCESS,
        Err(Stop::Usage(lines)) => {
            for line in lines {
                eprintln!("attractor: {line}");
            }
            ExitCode::from(2)
        }
    }
}

/// What is wrong with the words of a command, without the usage that clap prints below it.
fn one_line(error: &clap::Error) -> String {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    if let (Some(flag), Some(given), Some(why)) =
        (context(ContextKind::InvalidArg), context(ContextKind::InvalidValue), error.source())
    {
        let flag = flag.split(' ').next().unwrap_or(flag);
        let wanted = why.to_string().replace("invalid digit found in string", "must be a whole number");
        let wanted = wanted.replace(&format!("{given} is not in"), "must be in");
        return format!("{flag} {wanted}; got \"{given}\"");
    }
    let text = error.to_string();
    let said = text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
    let said: Vec<&str> = said.filter(|line| !line.is_empty() && !line.starts_with("For more information")).collect();
    said.join(" ").trim_start_matches("error: ").replace(" tip: ", "; ")
}

type Done = Result<ExitCode, Stop>;

fn list(out: &mut impl Write, as_json: bool) -> Done {
    if as_json {
        let about = |entry: &&Entry| json!({"id": entry.id, "title": entry.prose.title, "wing": entry.wing, "paper": entry.prose.paper});
        let all: Vec<Value> = catalogue::all().iter().map(about).collect();
        writeln!(out, "{}", json!(all))?;
    } else {
        let width = catalogue::all().iter().map(|entry| entry.id.len()).max().unwrap_or(0);
        for entry in catalogue::all() {
            writeln!(out, "{:width$}  {}", entry.id, entry.prose.card)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The experiments of those names, or all if there are no names.
fn chosen(ids: &[String]) -> Result<Vec<&'static Entry>, Vec<Fault>> {
    if ids.is_empty() {
        return Ok(catalogue::all().to_vec());
    }
    let (found, faults): (Vec<_>, Vec<_>) = ids.iter().map(|id| catalogue::find(id)).partition(Result::is_ok);
    let faults: Vec<Fault> = faults.into_iter().filter_map(Result::err).collect();
    if faults.is_empty() { Ok(found.into_iter().flatten().collect()) } else { Err(faults) }
}

fn describe(out: &mut impl Write, ids: &[String], as_json: bool) -> Done {
    for entry in chosen(ids)? {
        if as_json {
            let mut told = json!(entry);
            told["version"] = json!(sweep::VERSION);
            writeln!(out, "{told}")?;
        } else {
            describe_in_words(out, entry)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn describe_in_words(out: &mut impl Write, entry: &Entry) -> io::Result<()> {
    writeln!(out, "{}\n{}\n", entry.prose.title, entry.prose.lead)?;
    if let Some(paper) = &entry.prose.paper {
        writeln!(out, "{}. {} ({}). {}\n", paper.authors, paper.title, paper.year, paper.link)?;
    }
    for paragraph in entry.prose.about {
        writeln!(out, "{}\n", paragraph.replace('$', ""))?;
    }
    writeln!(out, "Parameters")?;
    for param in entry.params {
        writeln!(out, "  {:12} {}. {}", param.name, values_of(param), param.help)?;
    }
    writeln!(out, "\nMetrics")?;
    for metric in entry.metrics {
        writeln!(out, "  {:12} {}", metric.name, metric.help)?;
    }
    writeln!(out, "\nPresets")?;
    for preset in entry.presets {
        let set: Vec<String> = preset.set.iter().map(|(name, text)| format!("{name}={text}")).collect();
        writeln!(out, "  {}: {} {}", preset.name, preset.story, set.join(" "))?;
    }
    Ok(())
}

/// What values a parameter takes, in words.
fn values_of(param: &Param) -> String {
    let default = param.write(&param.default());
    match &param.kind {
        Kind::Int { min, max, .. } => format!("whole, {min} to {max}, default {default}"),
        Kind::Float { min, max, .. } | Kind::Share { min, max, .. } => {
            format!("real, {} to {}, default {default}", decimal::write(*min), decimal::write(*max))
        }
        Kind::Choice { options, .. } => {
            let words: Vec<&str> = options.iter().map(|(word, _)| *word).collect();
            format!("{}, default {default}", words.join(" | "))
        }
        Kind::Toggle { .. } => format!("on | off, default {default}"),
        Kind::Text { most, .. } => format!("text of up to {most} characters, default {default}"),
        Kind::Picks { most, words } => {
            let words: String = words.iter().map(|word| format!(" or {word}")).collect();
            format!("up to {most} numbers from 1{words}, joined by dots; default chosen by the run")
        }
        Kind::Images { most } => format!("up to {most} pictures, brought by a link"),
    }
}

fn run(out: &mut impl Write, args: &RunArgs) -> Done {
    let Asked { request, mut inputs, packed } = asked_for(args)?;
    inputs.clock = Some(now);
    let last = match (args.steps, &args.link) {
        (Some(steps), _) => steps,
        (None, Some(_)) => request.at,
        (None, _) => request.entry.steps,
    };
    let mut session = start(Request { at: 0, ..request }, inputs)?;
    let names: Vec<&'static str> = session.entry().metrics.iter().map(|metric| metric.name).collect();
    if args.csv {
        writeln!(out, "step,{}", names.join(","))?;
    }
    loop {
        let over = session.ended().is_some() || session.step() >= last;
        if over || session.step().is_multiple_of(args.every) {
            print_step(out, args, &session, &names)?;
        }
        if over {
            break;
        }
        session.advance(1);
    }
    let claims = session.claims();
    let ended = session.ended().map(Ended::word);
    let link = link_of(&session.request(), packed.as_deref());
    if args.json {
        let diverged = match session.ended() {
            Some(&Ended::Diverged { metric, value }) => Some(Broke { metric, value, step: session.step() }),
            _ => None,
        };
        let end = EndLine { ended, steps: session.step(), diverged, digest: session.digest(), claims: &claims, link };
        writeln!(out, "{}", line(&end))?;
    } else if !args.csv {
        writeln!(out, "{} at step {}, digest {}", ended.unwrap_or(STOPPED), session.step(), session.digest())?;
        if let Some(Ended::Diverged { metric, value }) = session.ended() {
            let step = session.step();
            writeln!(out, "{metric} was {value} at step {step}; --steps {} stops before that", step.saturating_sub(1))?;
        }
        print_claims(out, &claims)?;
        match link {
            Some(query) => writeln!(out, "?{query}")?,
            None => writeln!(out, "no link: more was done to this run than a link holds")?,
        }
    }
    Ok(code(ended.is_some() && claims.iter().any(differs)))
}

/// The clock of this machine, in milliseconds.
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| 1e3 * time.as_secs_f64())
}

fn print_step(out: &mut impl Write, args: &RunArgs, session: &Session, names: &[&'static str]) -> Result<(), Stop> {
    let metrics = session.metrics();
    let step = session.step();
    if args.json {
        let metrics = Named { names, values: &metrics };
        writeln!(out, "{}", line(&StepLine { step, metrics }))?;
    } else if args.csv {
        let cells: Vec<String> = metrics.iter().map(ToString::to_string).collect();
        writeln!(out, "{step},{}", cells.join(","))?;
    } else {
        let cells: Vec<String> =
            names.iter().zip(&metrics).map(|(name, value)| format!("{name} {value:<12.6}")).collect();
        writeln!(out, "step {step:<6} {}", cells.join(" ").trim_end())?;
    }
    Ok(())
}

/// A line of `run --json`. Written from typed numbers: by way of a `Value` an f32 would be printed as the f64 it is not.
#[derive(Serialize)]
struct StepLine<'a> {
    step: u64,
    metrics: Named<'a, &'static str, f32>,
}

/// The last line of `run --json`.
#[derive(Serialize)]
struct EndLine<'a> {
    /// The word that the run ended with; null where it was stopped.
    ended: Option<&'static str>,
    steps: u64,
    /// What broke, where the run ended as `diverged`; null else.
    diverged: Option<Broke>,
    digest: String,
    claims: &'a [Claim],
    /// Null where more was done to the run than a link holds.
    link: Option<String>,
}

/// The first metric, in their order, that was no finite number, what it was instead, and at which step. In the lines of steps
/// such a metric is null, for JSON has no word for it.
#[derive(Serialize)]
struct Broke {
    metric: &'static str,
    /// `not a number`, `infinity` or `minus infinity`.
    value: &'static str,
    step: u64,
}

/// An object of values under their names.
struct Named<'a, N, V> {
    names: &'a [N],
    values: &'a [V],
}

impl<N: Serialize, V: Serialize> Serialize for Named<'_, N, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.names.iter().zip(self.values))
    }
}

/// A value as JSON on one line.
fn line<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| unreachable!("plain data has a JSON form: {error}"))
}

fn print_claims(out: &mut impl Write, claims: &[Claim]) -> Result<(), Stop> {
    for claim in claims {
        let verdict = match claim.verdict() {
            Verdict::Agrees => "agrees  ",
            Verdict::Differs => "DIFFERS ",
            Verdict::NotYet => "not yet ",
            Verdict::NotHere => "not here",
        };
        let nothing = if claim.verdict() == Verdict::NotHere { "nothing" } else { "nothing yet" };
        let measured = claim.measured.as_ref().map_or(nothing, |(_, text)| text);
        let expected = if claim.expected_text.is_empty() { "nothing here" } else { &claim.expected_text };
        // One that is not measured says in its reason what to press.
        let under = claim.preset.filter(|_| claim.measured.is_some());
        let under = under.map_or(String::new(), |preset| format!(" under {preset}"));
        let text = format!("{} Expected {expected}, measured {measured}{under}. {}", claim.says, claim.why);
        writeln!(out, "  {verdict}  {}", text.trim_end())?;
    }
    Ok(())
}

fn differs(claim: &Claim) -> bool {
    claim.verdict() == Verdict::Differs
}

fn code(a_claim_differs: bool) -> ExitCode {
    ExitCode::from(u8::from(a_claim_differs))
}

/// The run that was asked for.
struct Asked {
    request: Request,
    inputs: Inputs,
    /// The pictures as the link brought them.
    packed: Option<String>,
}

/// Reads a link as it stands, or id, preset, seed and settings as the link they would be: all faults at once.
fn asked_for(args: &RunArgs) -> Result<Asked, Stop> {
    let mut faults: Vec<Fault> = Vec::new();
    let pairs = match &args.link {
        // An address may go on to a place in its page.
        Some(address) => link::split_query(address.split('#').next().unwrap_or_default()),
        None => pairs_of(args, &mut faults),
    };
    let find = |wanted: &str| pairs.iter().find(|(key, _)| key == wanted).map(|(_, text)| text.as_str());
    let packed = find("in");
    let mut inputs = Inputs::default();
    // A link without an experiment that is known is refused below.
    if let Some(entry) = find("id").and_then(|id| catalogue::find(id).ok()) {
        if let Some(steps) = args.steps.filter(|steps| *steps > entry.steps) {
            faults.push(Fault::new("steps", &steps.to_string(), &format!("must be at most {}", entry.steps)));
        }
        match packed.map(|text| brought(text, entry)) {
            Some(Ok(pictures)) => inputs = pictures,
            Some(Err(fault)) => faults.push(fault),
            None => {}
        }
    }
    match Request::parse(&pairs) {
        Ok(request) if faults.is_empty() => Ok(Asked { request, inputs, packed: packed.map(str::to_owned) }),
        Ok(_) => Err(faults.into()),
        Err(more) => Err(faults.into_iter().chain(more).collect::<Vec<_>>().into()),
    }
}

/// Id, seed, preset and settings as the pairs of a link.
fn pairs_of(args: &RunArgs, faults: &mut Vec<Fault>) -> Vec<(String, String)> {
    let id = args.id.clone().unwrap_or_default();
    let mut settings: Vec<(String, String)> = Vec::new();
    if let (Some(name), Ok(entry)) = (&args.preset, catalogue::find(&id)) {
        match entry.presets.iter().find(|preset| preset.name.eq_ignore_ascii_case(name)) {
            Some(preset) => {
                // What is set by hand stands over the preset.
                let kept = preset.set.iter().filter(|(key, _)| args.set.iter().all(|text| !sets(text, key)));
                settings.extend(kept.map(|(key, text)| ((*key).into(), (*text).into())));
            }
            None => {
                let names = entry.presets.iter().map(|preset| preset.name);
                faults.push(
                    Fault::new(
                        "preset",
                        name,
                        &format!("must be a preset of {id}, one of: {}", names.clone().collect::<Vec<_>>().join("; ")),
                    )
                    .near(name, names),
                );
            }
        }
    }
    settings.extend(split("set", "a value", &args.set, faults));
    let seed = args.seed.clone().map(|seed| ("seed".to_owned(), seed));
    [("id".to_owned(), id)].into_iter().chain(seed).chain(settings).collect()
}

/// The texts `key=value` that an option was given, as pairs.
fn split(option: &str, value: &str, texts: &[String], faults: &mut Vec<Fault>) -> Vec<(String, String)> {
    let pair = |text: &String| {
        let pair = text.split_once('=').filter(|(key, _)| !key.is_empty());
        let pair = pair.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let wanted = || format!("must be a parameter, an equals sign and {value}");
        pair.ok_or_else(|| faults.push(Fault::new(option, text, &wanted()))).ok()
    };
    texts.iter().filter_map(pair).collect()
}

/// Whether `text`, of the form `key=value`, sets that parameter.
fn sets(text: &str, param: &str) -> bool {
    text.split_once('=').is_some_and(|(key, _)| key == param)
}

/// The run's link with the pictures it was brought; none where more was done to the run than a link holds.
fn link_of(request: &Request, packed: Option<&str>) -> Option<String> {
    let (_, whole) = request.pairs();
    let pictures = packed.map(|text| format!("&in={text}")).unwrap_or_default();
    whole.then(|| request.query() + &pictures)
}

fn start(request: Request, mut inputs: Inputs) -> Result<Session, Stop> {
    for file in (request.entry.files)(&request.values) {
        inputs.push_file(file, file.read());
    }
    Ok(Session::start(request, inputs)?)
}

/// The pictures that a link brings: `in=` is base64url of deflate of, for each picture, the length of its parameter's
/// name in one byte, the name, width and height in two bytes each, and a byte of ink a pixel.
fn brought(text: &str, entry: &Entry) -> Result<Inputs, Fault> {
    /// A few characters can inflate to anything.
    const LARGEST: usize = 4 << 20;
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let fault = |wanted: &str| Fault::new("in", &format!("{} characters", text.len()), wanted);
    let packed = URL_SAFE_NO_PAD.decode(text).map_err(|_| fault("must be base64url"))?;
    let mut bytes = Vec::new();
    let mut inflate = flate2::read::DeflateDecoder::new(packed.as_slice()).take(LARGEST as u64 + 1);
    inflate.read_to_end(&mut bytes).map_err(|_| fault("must be deflated pictures"))?;
    if bytes.len() > LARGEST {
        return Err(fault(&format!("must inflate to at most {LARGEST} bytes")));
    }
    let mut inputs = Inputs::default();
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        let mut take = |count: usize| {
            let (taken, after) =
                rest.split_at_checked(count).ok_or_else(|| fault("ends in the middle of a picture"))?;
            rest = after;
            Ok::<&[u8], Fault>(taken)
        };
        let length = take(1)?[0];
        let name = String::from_utf8_lossy(take(length.into())?).into_owned();
        let size = take(4)?;
        let (width, height) =
            (usize::from(size[0]) << 8 | usize::from(size[1]), usize::from(size[2]) << 8 | usize::from(size[3]));
        let ink = take(width * height)?.to_vec();
        let param = entry.picture_param(&name)?;
        inputs.push_image(param, Image::new(width, height, ink)?);
    }
    Ok(inputs)
}
