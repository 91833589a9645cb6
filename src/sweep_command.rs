//! `attractor sweep`: a grid of runs on every core, as a table that a kill leaves whole.
//!
//! A row is appended when its run is over, and the table is put in the order of the grid when all are. The same command
//! again reads what is there and takes only the runs that are missing.
use super::{Done, Named, Seeds, Stop, jobs::Jobs, line, split, whole};
use attractor::{
    catalogue,
    lab::{Fault, Inputs, Values},
    link::Request,
    math::decimal,
    sweep::{Cell, Grid, STOPPED, VERSION},
};
use clap::Args;
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use serde_json::{Map, Value};
use std::{
    collections::BTreeMap,
    fmt,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, BufWriter, Read, Seek, SeekFrom, Write},
    ops::Range,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// What to sweep, and where the table goes.
#[derive(Args)]
pub struct SweepArgs {
    /// The experiment.
    id: String,
    /// A parameter and its values; may be repeated. `k=a..b:n` are n values evenly from a to b, `k=a..b:n,log` with even
    /// ratios, `k=x,y,z` these.
    #[arg(long = "axis", value_name = "K=VALUES", required = true)]
    axes: Vec<String>,
    /// Another parameter and its value in every run; may be repeated.
    #[arg(long, value_name = "K=V")]
    set: Vec<String>,
    #[command(flatten)]
    seeds: Seeds,
    /// Stop each run at this step; without it runs go to their end.
    #[arg(long, value_name = "N", value_parser = whole, allow_negative_numbers = true)]
    steps: Option<u64>,
    #[command(flatten)]
    jobs: Jobs,
    /// The table: one row a run, in a file that ends in .csv or .ndjson. What it already holds of this sweep is kept.
    #[arg(long, value_name = "TABLE")]
    out: PathBuf,
    /// Only the I-th of N parts of the sweep. Their tables, put one behind the other, are the table of the whole.
    #[arg(long, value_name = "I/N", value_parser = shard, default_value = "1/1")]
    shard: Shard,
    /// No progress bar. There is none either where the standard error is no terminal.
    #[arg(long)]
    quiet: bool,
}

/// The `number`-th, from 1, of so many parts.
#[derive(Clone, Copy)]
struct Shard {
    number: u32,
    of: u32,
}

fn shard(text: &str) -> Result<Shard, String> {
    let read = || {
        let (number, of) = text.split_once('/')?;
        Some(Shard { number: number.parse().ok()?, of: of.parse().ok()? })
    };
    let fits = |shard: &Shard| (1..=shard.of).contains(&shard.number);
    read().filter(fits).ok_or_else(|| "must be I/N with I from 1 to N, such as 2/8".to_owned())
}

impl Shard {
    /// Its runs: those next to each other, so that the parts follow each other as in the whole.
    fn part(self, runs: usize) -> Range<usize> {
        let end = |number: u32| (runs as u64 * u64::from(number) / u64::from(self.of)) as usize;
        end(self.number - 1)..end(self.number)
    }
}

pub fn sweep(out: &mut impl Write, args: &SweepArgs) -> Done {
    let (grid, format) = asked_for(args)?;
    for note in grid.notes().iter().filter(|_| !args.quiet) {
        eprintln!("attractor: {note}");
    }
    let part = args.shard.part(grid.runs());
    let mut table = Table::open(&args.out, format, &grid, args.shard)?;
    let missing: Vec<usize> = part.clone().filter(|run| !table.rows.contains_key(run)).collect();
    let bar = bar(part.len() as u64, table.rows.len() as u64, args.quiet);
    let keep = |i: usize, row: Vec<Cell>| {
        table.append(missing[i], &row)?;
        bar.inc(1);
        Ok(())
    };
    let done = args.jobs.take_all(&missing, |run| take(&grid, *run), keep);
    bar.finish_and_clear();
    done?;
    table.put_in_order()?;
    writeln!(out, "{} runs in {}, {} of them new", part.len(), args.out.display(), missing.len())?;
    Ok(ExitCode::SUCCESS)
}

/// The sweep and the form of its table: all faults at once.
fn asked_for(args: &SweepArgs) -> Result<(Grid, Format), Stop> {
    let mut faults = Vec::new();
    let format = match args.out.extension().and_then(|end| end.to_str()) {
        Some("csv") => Format::Csv,
        end => {
            if end != Some("ndjson") {
                faults.push(Fault::new("out", &args.out.to_string_lossy(), "must end in .csv or .ndjson"));
            }
            Format::Ndjson
        }
    };
    let axes = split("axis", "its values", &args.axes, &mut faults);
    let set = split("set", "a value", &args.set, &mut faults);
    let entry = match catalogue::find(&args.id) {
        Ok(entry) => entry,
        Err(fault) => return Err([vec![fault], faults].concat().into()),
    };
    // Any run tells how many claims they all make.
    let any = Request { entry, seed: 1, values: Values::defaults(entry.params), at: 0, acts: Vec::new() };
    let claims = super::start(any, Inputs::default())?.claims().len();
    match Grid::parse(entry, claims, &axes, &set, args.seeds.range(), args.steps) {
        Ok(grid) if faults.is_empty() => Ok((grid, format)),
        Ok(_) => Err(faults.into()),
        Err(more) => Err([faults, more].concat().into()),
    }
}

fn bar(runs: u64, done: u64, quiet: bool) -> ProgressBar {
    // Hidden by itself where the standard error is no terminal.
    let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} runs{left}");
    let style = style.unwrap_or_else(|error| unreachable!("the template is well formed: {error}"));
    // Before the first run is over nobody knows; the library would say 0s.
    let style = style.with_key("left", |state: &ProgressState, out: &mut dyn fmt::Write| {
        if state.per_sec() > 0.0 {
            let _ = write!(out, ", {:#} left", HumanDuration(state.eta()));
        }
    });
    let bar = ProgressBar::with_draw_target(Some(runs), target).with_style(style).with_position(done);
    // What an earlier call did says nothing about how quick this one is.
    bar.reset_eta();
    bar.tick();
    bar
}

/// The row of a run, which is taken for it.
fn take(grid: &Grid, run: usize) -> Vec<Cell> {
    let mut session = super::start(grid.request(run), Inputs::default()).ok();
    if let Some(session) = &mut session {
        session.advance(grid.steps());
    }
    grid.row(run, session.as_ref())
}

/// How rows are written, each on a line of its own.
#[derive(Clone, Copy, PartialEq)]
enum Format {
    Csv,
    Ndjson,
}

impl Format {
    /// A row, or the first cells of one, without the end of its line.
    fn write(self, columns: &[String], cells: &[Cell]) -> String {
        match self {
            Self::Csv => csv_line(cells.iter().map(text)),
            Self::Ndjson => line(&Named { names: columns, values: cells }),
        }
    }

    /// What a row begins with that no other row of the sweep does.
    fn beginning(self, grid: &Grid, run: usize) -> String {
        let place = self.write(grid.columns(), &grid.place(run));
        place.trim_end_matches('}').to_owned() + ","
    }

    /// Steps, end and link of a row that has the columns of the sweep and is of this version.
    fn read(self, grid: &Grid, line: &str) -> Option<(u64, String, String)> {
        let columns = grid.columns();
        let find = |wanted: &str| columns.iter().position(|name| name == wanted);
        let (steps, ended, link) = (find("steps")?, find("ended")?, find("link")?);
        let version = find("version")?;
        match self {
            Self::Csv => {
                let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
                let row = reader.records().next()?.ok().filter(|row| row.len() == columns.len())?;
                (&row[version] == VERSION).then_some(())?;
                Some((row[steps].parse().ok()?, row[ended].to_owned(), row[link].to_owned()))
            }
            Self::Ndjson => {
                let row: Map<String, Value> = serde_json::from_str(line).ok()?;
                let cells: Vec<&Value> = row.values().collect();
                (row.keys().eq(columns) && cells[version] == VERSION).then_some(())?;
                let word = |i: usize| cells[i].as_str().map(str::to_owned);
                Some((cells[steps].as_u64()?, word(ended)?, word(link)?))
            }
        }
    }
}

fn csv_line(cells: impl IntoIterator<Item = String>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = writer.write_record(cells.into_iter().map(String::into_bytes));
    written.unwrap_or_else(|error| unreachable!("memory takes what is written: {error}"));
    let bytes = writer.into_inner().unwrap_or_else(|error| unreachable!("memory takes what is written: {error}"));
    String::from_utf8_lossy(&bytes).trim_end_matches('\n').to_owned()
}

/// A cell as it stands in a table of text.
fn text(cell: &Cell) -> String {
    match cell {
        Cell::Whole(n) => n.to_string(),
        Cell::Real(x) => decimal::write(*x),
        Cell::Metric(x) => x.to_string(),
        Cell::Word(word) => word.clone(),
        Cell::Nothing => String::new(),
    }
}

/// The table of a sweep, or of a part of it, in its file.
struct Table<'a> {
    path: &'a Path,
    format: Format,
    grid: &'a Grid,
    /// The first line, where the table has one.
    header: Option<String>,
    file: File,
    /// The line of each run that is over.
    rows: BTreeMap<usize, String>,
}

impl<'a> Table<'a> {
    /// Opens or begins a table. What is there must be of this part of this sweep; else it is left as it is.
    fn open(path: &'a Path, format: Format, grid: &'a Grid, shard: Shard) -> Result<Self, Stop> {
        let fail = |error: io::Error| unwritable(path, &error);
        if path.exists() && !path.is_file() {
            return Err(refuse(path, "must be an ordinary file", "something else"));
        }
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(fail)?;
        // Two sweeps in one file would take runs twice. Some file systems have no locks, and there one must take care.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(refuse(path, "must be the table of one sweep at a time", "one that is being written"));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(fail)?;
        // Parts are put one behind the other: only the first has the header.
        let header = (format == Format::Csv && shard.number == 1).then(|| csv_line(grid.columns().iter().cloned()));
        let mut table = Self { path, format, grid, header, file, rows: BTreeMap::new() };
        let whole = table.read(&bytes, shard.part(grid.runs()))?;
        table.file.set_len(whole as u64).map_err(fail)?;
        table.file.seek(SeekFrom::End(0)).map_err(fail)?;
        if whole == 0
            && let Some(header) = &table.header
        {
            table.file.write_all(format!("{header}\n").as_bytes()).map_err(fail)?;
        }
        Ok(table)
    }

    /// Takes over the rows that are there. Returns the length of what is whole: a kill may have torn the last line.
    fn read(&mut self, bytes: &[u8], part: Range<usize>) -> Result<usize, Stop> {
        if bytes.is_empty() {
            return Ok(0);
        }
        let length = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        let (whole, torn) = bytes.split_at(length);
        let torn = String::from_utf8_lossy(torn);
        let whole = std::str::from_utf8(whole).map_err(|_| refuse(self.path, "must be a table", "what is no text"))?;
        let mut lines = whole.lines().enumerate();
        if let Some(header) = &self.header {
            let first = lines.next().map(|(_, first)| first);
            if first.is_none() && header.starts_with(&*torn) {
                return Ok(0);
            }
            if first != Some(header) {
                let wanted = format!("must begin with {header:?}, the columns of this sweep");
                return Err(refuse(self.path, &wanted, &quoted(first.unwrap_or(&torn))));
            }
        }
        let beginnings = part.map(|run| (self.format.beginning(self.grid, run), run)).collect();
        let wanted = format!("must hold runs of this sweep and shard only, by version {VERSION}");
        for (i, line) in lines {
            let got = || format!("{} in line {}", quoted(line), i + 1);
            let run = run_of(&beginnings, line).filter(|run| self.holds(*run, line));
            let run = run.ok_or_else(|| refuse(self.path, &wanted, &got()))?;
            if self.rows.insert(run, line.to_owned()).is_some_and(|other| other != line) {
                return Err(refuse(self.path, "must hold one row a run", &got()));
            }
        }
        let begins_a_beginning = |torn: &str| {
            let next = beginnings.range(torn.to_owned()..).next();
            next.is_some_and(|(beginning, _)| beginning.starts_with(torn))
        };
        if !torn.is_empty() && !begins_a_beginning(&torn) && run_of(&beginnings, &torn).is_none() {
            return Err(refuse(self.path, &wanted, &quoted(&torn)));
        }
        Ok(length)
    }

    /// Whether a line is the whole row of that run under this sweep, which may have been asked to stop elsewhere.
    fn holds(&self, run: usize, line: &str) -> bool {
        self.format.read(self.grid, line).is_some_and(|(steps, ended, link)| {
            let last = self.grid.steps();
            link == self.grid.link(run, steps) && steps <= last && (steps == last || ended != STOPPED)
        })
    }

    /// Adds the row of a run that is over. It is in the system's hands at once: a kill loses only runs under way.
    fn append(&mut self, run: usize, row: &[Cell]) -> Result<(), Stop> {
        let line = self.format.write(self.grid.columns(), row);
        let written = self.file.write_all(format!("{line}\n").as_bytes());
        written.map_err(|error| unwritable(self.path, &error))?;
        self.rows.insert(run, line);
        Ok(())
    }

    /// Puts the rows in the order of the grid: in a file beside, which then takes the table's place, so that at no time
    /// there is less than the whole.
    fn put_in_order(self) -> Result<(), Stop> {
        let write = || {
            // A link to a table elsewhere stays one.
            let home = fs::canonicalize(self.path)?;
            let mut beside = home.clone().into_os_string();
            beside.push(".sorted");
            let mut file = BufWriter::new(File::create(&beside)?);
            for line in self.header.iter().chain(self.rows.values()) {
                writeln!(file, "{line}")?;
            }
            file.into_inner()?.sync_all()?;
            fs::rename(&beside, home)
        };
        write().map_err(|error| unwritable(self.path, &error))
    }
}

/// The run that a line begins as. No beginning is the beginning of another: it is the last that is not behind the line.
fn run_of(beginnings: &BTreeMap<String, usize>, line: &str) -> Option<usize> {
    let (beginning, run) = beginnings.range(..=line.to_owned()).next_back()?;
    line.starts_with(beginning).then_some(*run)
}

/// The first characters of a text that came.
fn quoted(text: &str) -> String {
    const MOST: usize = 60;
    let dots = if text.chars().count() > MOST { "..." } else { "" };
    format!("{:?}", text.chars().take(MOST).collect::<String>() + dots)
}

fn refuse(path: &Path, wanted: &str, got: &str) -> Stop {
    Stop::Usage(vec![format!("{}: {wanted}; got {got}", path.display())])
}

fn unwritable(path: &Path, error: &io::Error) -> Stop {
    refuse(path, "must be a file that can be read and written", &error.to_string())
}
