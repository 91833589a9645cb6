//! `attractor recall`: the modern Hopfield update on NumPy's files, for scripts.
use crate::{Done, Stop};
use attractor::{
    math::mat::Mat,
    model::memory::hopfield::{self, Found, Memory, Recall},
};
use clap::{Args, ValueEnum};
use npyz::{DType, NpyFile, NpyHeader, Order, TypeChar, WriterBuilder};
use serde_json::json;
use std::{
    fs,
    io::{ErrorKind, Write},
    path::PathBuf,
    process::ExitCode,
};

/// What to recall, from what.
#[derive(Args)]
pub struct RecallArgs {
    /// The stored patterns, (N, d).
    #[arg(long, value_name = "P.npy")]
    patterns: PathBuf,
    /// The queries, (q, d), of the same type as the patterns.
    #[arg(long, value_name = "Q.npy")]
    queries: PathBuf,
    /// The inverse temperature, above 0.
    #[arg(long, allow_negative_numbers = true, value_parser = read_beta)]
    beta: f64,
    /// How often the update is taken.
    #[arg(long, default_value_t = 1, value_parser = read_updates)]
    updates: usize,
    /// Put patterns and queries at length 1 first.
    #[arg(long, value_enum, default_value_t = Normalise::None)]
    normalise: Normalise,
    /// Where the retrieved states go, (q, d), of the queries' type.
    #[arg(long, value_name = "R.npy")]
    out: PathBuf,
    /// For each query a line: the nearest memory, its weight, the energy before and after.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Normalise {
    None,
    Sphere,
}

/// Rows of one of the two number types.
enum Rows {
    F32(Vec<f32>),
    F64(Vec<f64>),
}

/// A matrix from a file.
struct Table {
    path: String,
    rows: usize,
    cols: usize,
    numbers: Rows,
}

fn read_beta(text: &str) -> Result<f64, &'static str> {
    text.parse().ok().filter(|beta: &f64| *beta > 0.0 && beta.is_finite()).ok_or("must be a number above 0")
}

fn read_updates(text: &str) -> Result<usize, &'static str> {
    text.parse().map_err(|_| "must be a whole number from 0")
}

pub fn recall(out: &mut impl Write, args: &RecallArgs) -> Done {
    let inputs = [&args.patterns, &args.queries];
    if args
        .out
        .canonicalize()
        .is_ok_and(|out| inputs.iter().any(|input| input.canonicalize().is_ok_and(|at| at == out)))
    {
        let name = args.out.display().to_string();
        return Err(refuse(&name, "must not be a file that is read", "the same for --out"));
    }
    let mut patterns = read(&args.patterns)?;
    let mut queries = read(&args.queries)?;
    if patterns.rows == 0 || patterns.cols == 0 {
        return Err(refuse(&patterns.path, "must hold at least one pattern", &format!("shape {}", patterns.shape())));
    }
    if queries.cols != patterns.cols {
        let wanted = format!("must have {} columns like {}", patterns.cols, patterns.path);
        return Err(refuse(&queries.path, &wanted, &format!("shape {}", queries.shape())));
    }
    if args.normalise == Normalise::Sphere {
        patterns.normalise()?;
        queries.normalise()?;
    }
    let shape = [queries.rows as u64, queries.cols as u64];
    let found = match (patterns.numbers, queries.numbers) {
        (Rows::F32(p), Rows::F32(q)) => {
            let beta = args.beta as f32;
            if !(beta > 0.0 && beta.is_finite()) {
                let wanted = format!("--beta must be a float32 above 0 like {}; got {:?}", patterns.path, args.beta);
                return Err(Stop::Usage(vec![wanted]));
            }
            let memory = Memory::new(Mat::new(p, patterns.rows, patterns.cols));
            let Recall { states, found } = hopfield::recall(&memory, &q, beta, args.updates);
            let wide: Vec<f64> = states.iter().copied().map(f64::from).collect();
            finite(&wide, &found, &queries.path)?;
            write(args, &shape, states)?;
            found
        }
        (Rows::F64(p), Rows::F64(q)) => {
            let Recall { states, found } = hopfield::recall64(&p, patterns.cols, &q, args.beta, args.updates);
            finite(&states, &found, &queries.path)?;
            write(args, &shape, states)?;
            found
        }
        (Rows::F32(_), Rows::F64(_)) => {
            return Err(refuse(&queries.path, &format!("must be float32 like {}", patterns.path), "float64"));
        }
        (Rows::F64(_), Rows::F32(_)) => {
            return Err(refuse(&queries.path, &format!("must be float64 like {}", patterns.path), "float32"));
        }
    };
    if args.json {
        for (query, Found { nearest, weight, energy: (before, after) }) in found.iter().enumerate() {
            let line = json!({
                "query": query, "nearest": nearest, "weight": weight, "energy_before": before, "energy_after": after,
            });
            writeln!(out, "{line}")?;
        }
    } else {
        writeln!(out, "{} states of {} numbers in {}", shape[0], shape[1], args.out.display())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Finite patterns and queries can still overflow in their products: no such state is written.
fn finite(states: &[f64], found: &[Found], queries: &str) -> Result<(), Stop> {
    let cols = states.len() / found.len().max(1);
    let fine = |(query, found): (usize, &Found)| {
        let numbers = [found.weight, found.energy.0, found.energy.1];
        states[query * cols..][..cols].iter().chain(&numbers).all(|x| x.is_finite())
    };
    match found.iter().enumerate().position(|one| !fine(one)) {
        Some(row) => {
            let wanted = "must stay finite under the patterns and --beta";
            Err(refuse(queries, wanted, &format!("an overflow at row {row}")))
        }
        None => Ok(()),
    }
}

const WHOLE: &str = "must be whole: it holds fewer numbers than its header announces";
const LONGER: &str = "must end with its numbers: it holds more than its header announces";

fn refuse(path: &str, wanted: &str, got: &str) -> Stop {
    Stop::Usage(vec![format!("{path}: {wanted}; got {got}")])
}

/// What a file is that cannot be read as NumPy's.
fn what_came(bytes: &[u8], error: &std::io::Error) -> String {
    let sign = b"\x93NUMPY";
    if bytes.is_empty() {
        "an empty file".into()
    } else if !bytes.starts_with(sign) && !sign.starts_with(bytes) {
        "one that does not begin like one".into()
    } else if error.kind() == ErrorKind::UnexpectedEof || bytes.len() <= sign.len() {
        format!("a header that is cut off, of {} bytes", bytes.len())
    } else {
        first_line(error)
    }
}

/// What is at fault, without the excerpt of a malformed header that the reader prints below it.
fn first_line(error: &std::io::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

fn read(path: &PathBuf) -> Result<Table, Stop> {
    let name = path.display().to_string();
    let bytes = fs::read(path).map_err(|error| refuse(&name, "must be a file that can be read", &error.to_string()))?;
    let mut data = bytes.as_slice();
    let header = NpyHeader::from_reader(&mut data)
        .map_err(|error| refuse(&name, "must be a NumPy .npy file", &what_came(&bytes, &error)))?;
    let file = NpyFile::with_header(header, data);
    let &[rows, cols] = file.shape() else {
        let wanted = "must have two dimensions, one pattern a row";
        return Err(refuse(&name, wanted, &format!("shape {:?}", file.shape())));
    };
    if file.order() != Order::C {
        return Err(refuse(&name, "must be in C order (numpy.ascontiguousarray)", "Fortran order"));
    }
    let kind = match file.dtype() {
        DType::Plain(kind) if kind.type_char() == TypeChar::Float => kind.size_field(),
        other => return Err(refuse(&name, "must be float32 or float64", &other.descr())),
    };
    // The header may announce anything; the numbers, and no more, must be there before room is made for them.
    let announced = rows.checked_mul(cols).and_then(|count| count.checked_mul(kind));
    let there = data.len() as u64;
    if announced != Some(there) {
        let wanted = if announced.is_some_and(|size| size < there) { LONGER } else { WHOLE };
        return Err(refuse(&name, wanted, &format!("shape ({rows}, {cols}) before {there} bytes")));
    }
    let numbers = match kind {
        4 => file.into_vec().map(Rows::F32),
        8 => file.into_vec().map(Rows::F64),
        _ => return Err(refuse(&name, "must be float32 or float64", &file.dtype().descr())),
    };
    let numbers = numbers.map_err(|error| refuse(&name, "must be a NumPy .npy file", &first_line(&error)))?;
    let table = Table { path: name, rows: rows as usize, cols: cols as usize, numbers };
    let bad = match &table.numbers {
        Rows::F32(numbers) => numbers.iter().position(|x| !x.is_finite()),
        Rows::F64(numbers) => numbers.iter().position(|x| !x.is_finite()),
    };
    match bad {
        Some(i) => {
            let place = format!("one that is not at row {}, column {}", i / table.cols, i % table.cols);
            Err(refuse(&table.path, "must hold finite numbers only", &place))
        }
        None => Ok(table),
    }
}

impl Table {
    fn shape(&self) -> String {
        format!("({}, {})", self.rows, self.cols)
    }

    /// Puts every row at length 1.
    fn normalise(&mut self) -> Result<(), Stop> {
        let cols = self.cols;
        let zeros = match &mut self.numbers {
            Rows::F32(numbers) => numbers.chunks_exact_mut(cols).position(|row| {
                let wide = unit(row.iter().copied().map(f64::from));
                row.iter_mut().zip(&wide).for_each(|(x, wide)| *x = *wide as f32);
                wide.is_empty()
            }),
            Rows::F64(numbers) => numbers.chunks_exact_mut(cols).position(|row| {
                let wide = unit(row.iter().copied());
                row.iter_mut().zip(&wide).for_each(|(x, wide)| *x = *wide);
                wide.is_empty()
            }),
        };
        match zeros {
            Some(row) => {
                Err(refuse(&self.path, "must have no row of zeros to be put at length 1", &format!("one at row {row}")))
            }
            None => Ok(()),
        }
    }
}

/// The row at length 1, empty for a row of zeros. By its largest number first, so that no square leaves the range.
fn unit(row: impl Iterator<Item = f64> + Clone) -> Vec<f64> {
    let largest = row.clone().map(f64::abs).fold(0.0, f64::max);
    if largest == 0.0 {
        return Vec::new();
    }
    let length = row.clone().map(|x| (x / largest) * (x / largest)).sum::<f64>().sqrt();
    row.map(|x| x / largest / length).collect()
}

fn write<T: npyz::AutoSerialize>(args: &RecallArgs, shape: &[u64], states: Vec<T>) -> Result<(), Stop> {
    let name = args.out.display().to_string();
    let fail = |error: std::io::Error| refuse(&name, "must be a file that can be written", &error.to_string());
    let mut bytes = Vec::new();
    let mut writer =
        npyz::WriteOptions::new().default_dtype().shape(shape).writer(&mut bytes).begin_nd().map_err(fail)?;
    writer.extend(states).map_err(fail)?;
    writer.finish().map_err(fail)?;
    fs::write(&args.out, bytes).map_err(fail)
}
