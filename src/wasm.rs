//! Floor 6: the browser face. A shell over catalogue, link and session: no logic.
//!
//! Objects cross as plain objects (never as `Map`), numbers of a frame as one copy into a buffer the caller owns.
use crate::{
    catalogue, data,
    lab::{Entry, Fault, GRAIN, Gesture, Image, Inputs, View},
    link::Request,
    session,
};
use js_sys::{Array, Float32Array, Uint8Array};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// What the worker must know of every experiment: its id, and how many steps a second it takes at speed 1.
#[wasm_bindgen]
pub fn entries() -> JsValue {
    let brief = |entry: &&Entry| Brief { id: entry.id, pace: entry.pace };
    plain(&catalogue::all().iter().map(brief).collect::<Vec<_>>())
}

#[derive(Serialize)]
struct Brief {
    id: &'static str,
    pace: f32,
}

/// The middle square of a grey picture at `side` x `side` pixels; see [`data::resize`].
///
/// # Errors
/// If the sizes and the bytes do not fit each other, or a size is 0.
#[wasm_bindgen]
pub fn resize(ink: Vec<u8>, width: usize, height: usize, side: usize) -> Result<Vec<u8>, JsValue> {
    if side == 0 {
        return Err(refusal(&Fault::new("side", "0", "must be at least 1")));
    }
    Ok(Image::new(width, height, ink).map_err(|fault| refusal(&fault))?.square(side))
}

/// Names of the bundled files that a run reads, as an array of strings.
///
/// # Errors
/// An array of all faults of the link.
#[wasm_bindgen]
pub fn files(pairs: &Array) -> Result<JsValue, JsValue> {
    let request = read_request(pairs)?;
    let names: Vec<&str> = (request.entry.files)(&request.values).iter().map(|file| file.name).collect();
    Ok(plain(&names))
}

#[wasm_bindgen]
extern "C" {
    /// Milliseconds, in steps as coarse as the browser sees fit.
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

/// A run.
#[wasm_bindgen]
pub struct Session(session::Session);

/// Everything about the step on screen but the frame's numbers.
#[derive(Serialize)]
struct State<'a> {
    step: u64,
    ended: Option<Over>,
    events: &'a [(u64, &'static str)],
    captions: Vec<String>,
    touched: bool,
}

/// Why a run is over.
#[derive(Serialize)]
struct Over {
    word: &'static str,
    /// The metric that was no longer finite, for a run that diverged.
    metric: Option<&'static str>,
    /// What it was instead.
    value: Option<&'static str>,
}

#[wasm_bindgen]
impl Session {
    /// Begins a run: `pairs` are those of a link, `images` an array of `[param, width, height, Uint8Array]`, `files` one
    /// of `[name, Uint8Array]`. Only a run that is `timed` may read the clock.
    ///
    /// # Errors
    /// An array of all faults: `{name, given, wanted, nearest}`.
    #[wasm_bindgen(constructor)]
    pub fn new(pairs: &Array, images: &Array, files: &Array, timed: bool) -> Result<Session, JsValue> {
        let request = read_request(pairs)?;
        let mut inputs = Inputs::default();
        inputs.clock = timed.then_some(now);
        for file in (request.entry.files)(&request.values) {
            if let Some(bytes) = find_file(files, file) {
                inputs.push_file(file, bytes);
            }
        }
        for image in images.iter() {
            read_image(&request, &cells(&image), &mut inputs).map_err(|fault| refusal(&fault))?;
        }
        session::Session::start(request, inputs).map(Session).map_err(|faults| plain(&faults))
    }

    /// The views of this run.
    pub fn layout(&self) -> JsValue {
        let views: Vec<_> = self.0.layout().iter().map(Measured::new).collect();
        plain(&views)
    }

    /// The still part of every view, back to back.
    pub fn ground(&self) -> Vec<f32> {
        self.0.ground()
    }

    /// Numbers in a row of metrics.
    pub fn width(&self) -> usize {
        self.0.entry().metrics.len()
    }

    /// Floats of one frame.
    pub fn floats(&self) -> usize {
        self.0.floats()
    }

    /// Draws every view into `out`, which holds [`Session::floats`] numbers.
    ///
    /// # Errors
    /// If `out` is of another length.
    pub fn draw(&self, out: &Float32Array) -> Result<(), JsValue> {
        if out.length() as usize != self.0.floats() {
            let wanted = format!("must hold {} floats", self.0.floats());
            return Err(refusal(&Fault::new("frame", &out.length().to_string(), &wanted)));
        }
        let mut frame = vec![0.0; self.0.floats()];
        self.0.draw(&mut frame);
        out.copy_from(&frame);
        Ok(())
    }

    /// `{step, ended, events, captions, touched}` of the step on screen.
    pub fn state(&self) -> JsValue {
        plain(&State {
            step: self.0.step(),
            ended: self.0.ended().map(|ended| {
                let broke = match ended {
                    session::Ended::Diverged { metric, value } => Some((*metric, *value)),
                    _ => None,
                };
                Over {
                    word: ended.word(),
                    metric: broke.map(|(metric, _)| metric),
                    value: broke.map(|(_, value)| value),
                }
            }),
            events: self.0.events(),
            captions: self.0.captions(),
            touched: self.0.touched(),
        })
    }

    /// The last step of this run, as far as is known.
    pub fn last(&self) -> f64 {
        self.0.last() as f64
    }

    /// `[name, {"up-to": number} or {idle: why}]` of settings that reach less far than their parameter would let them.
    pub fn reaches(&self) -> JsValue {
        plain(&self.0.reaches().into_iter().map(|(param, reach)| (param.name, reach)).collect::<Vec<_>>())
    }

    /// The claims, as of now.
    pub fn claims(&self) -> JsValue {
        plain(&self.0.claims())
    }

    /// Rows of metrics since they were last taken, with the step of the first row in front.
    pub fn rows(&mut self) -> Vec<f32> {
        let (from, mut rows) = self.0.take_rows();
        rows.insert(0, from as f32);
        rows
    }

    /// The metrics of the step on screen.
    pub fn metrics(&self) -> Vec<f32> {
        self.0.metrics()
    }

    /// Takes up to `n` steps and returns how many it took.
    pub fn advance(&mut self, n: u32) -> u32 {
        self.0.advance(n.into()) as u32
    }

    /// Goes to a step, back or ahead.
    pub fn seek(&mut self, step: u32) {
        self.0.seek(step.into());
    }

    /// A hand touched a view: `kind` is "drag", "paint" or "wipe"; what a kind does not need is not read.
    ///
    /// # Errors
    /// If there is no such kind or the view is not for touching.
    pub fn touch(&mut self, kind: &str, view: u8, item: u16, x: u16, y: u16, value: u8) -> Result<(), JsValue> {
        let (x, y) = (x.min(GRAIN), y.min(GRAIN));
        let gesture = match kind {
            "drag" => Gesture::Drag { view, x, y },
            "paint" => Gesture::Paint { view, item, x, y, value },
            "wipe" => Gesture::Wipe { view, item },
            _ => return Err(refusal(&Fault::new("gesture", kind, "must be drag, paint or wipe"))),
        };
        self.0.touch(gesture).map_err(|fault| refusal(&fault))
    }

    /// Names of the bundled files that a run under these settings would read and that were not handed in yet.
    pub fn missing(&self, pairs: &Array) -> JsValue {
        let names: Vec<&str> = self.0.missing(&read_pairs(pairs)).iter().map(|file| file.name).collect();
        plain(&names)
    }

    /// Hands in the files that those settings miss: `files` is an array of `[name, Uint8Array]`.
    #[wasm_bindgen(js_name = handIn)]
    pub fn hand_in(&mut self, pairs: &Array, files: &Array) {
        for file in self.0.missing(&read_pairs(pairs)) {
            if let Some(bytes) = find_file(files, file) {
                self.0.hand_in(file, bytes);
            }
        }
    }

    /// Moves settings, pairs of name and text; answers `"now"`, `"again"` or `"restart"`.
    ///
    /// # Errors
    /// An array of all faults; the run stays as it was.
    pub fn set(&mut self, pairs: &Array) -> Result<JsValue, JsValue> {
        self.0.set(&read_pairs(pairs)).map(|live| plain(&live)).map_err(|faults| plain(&faults))
    }

    /// The value of every parameter at the step on screen as text: pairs of name and text.
    pub fn values(&self) -> JsValue {
        plain(&self.0.values().all())
    }

    /// The pairs of this run's link at the step on screen, and whether they say everything.
    pub fn link(&self) -> JsValue {
        plain(&self.0.request().pairs())
    }

    /// Sixteen hexadecimal digits over every number of the run so far.
    pub fn digest(&self) -> String {
        self.0.digest()
    }
}

/// A view with the numbers of floats it takes, so that the page need not know how they are counted.
#[derive(Serialize)]
struct Measured<'a> {
    view: &'a View,
    floats: usize,
    still_floats: usize,
    ground: usize,
}

impl<'a> Measured<'a> {
    fn new(view: &'a View) -> Self {
        Self { view, floats: view.floats(), still_floats: view.still_floats(), ground: view.shape.ground() }
    }
}

// Reading by hand rather than by serde: its deserialisers would be a third of the module.

/// The cells of an array; none for what is no array.
fn cells(value: &JsValue) -> Array {
    value.dyn_ref::<Array>().cloned().unwrap_or_default()
}

/// The text of a value; empty for what is no string.
fn text(value: &JsValue) -> String {
    value.as_string().unwrap_or_default()
}

/// Pairs of texts. What is no pair of strings reads as empty and is refused by name later.
fn read_pairs(pairs: &Array) -> Vec<(String, String)> {
    let rows = pairs.iter().map(|pair| cells(&pair));
    rows.map(|row| (text(&row.get(0)), text(&row.get(1)))).collect()
}

/// The bytes of a file among `[name, Uint8Array]`.
fn find_file(files: &Array, file: &data::File) -> Option<Vec<u8>> {
    let row = files.iter().map(|row| cells(&row)).find(|row| text(&row.get(0)) == file.name)?;
    Some(row.get(1).dyn_into::<Uint8Array>().ok()?.to_vec())
}

fn read_request(pairs: &Array) -> Result<Request, JsValue> {
    Request::parse(&read_pairs(pairs)).map_err(|faults| plain(&faults))
}

fn read_image(request: &Request, cells: &Array, inputs: &mut Inputs) -> Result<(), Fault> {
    let param = request.entry.picture_param(&text(&cells.get(0)))?;
    let size = |cell: u32| cells.get(cell).as_f64().unwrap_or(0.0) as usize;
    let (width, height) = (size(1), size(2));
    let ink = cells.get(3).dyn_into::<Uint8Array>().map_or_else(|_| Vec::new(), |ink| ink.to_vec());
    inputs.push_image(param, Image::new(width, height, ink)?);
    Ok(())
}

/// One fault as the array that every refusal crosses as.
fn refusal(fault: &Fault) -> JsValue {
    plain(&[fault])
}

fn plain<T: Serialize + ?Sized>(value: &T) -> JsValue {
    value.serialize(&Serializer::json_compatible()).unwrap_or_else(Into::into)
}
