//! Floor 6: the browser face. A shell over catalogue, link and session: no logic.
//!
//! Objects cross as plain objects (never as `Map`), numbers of a frame as one copy into a buffer the caller owns.
use crate::{
    catalogue, data,
    lab::{Fault, Gesture, Image, Inputs, Kind},
    link::Request,
    session,
};
use js_sys::{Array, Float32Array, Uint8Array};
use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

/// Every experiment as data.
#[wasm_bindgen]
pub fn catalogue() -> JsValue {
    plain(catalogue::all())
}

/// Fits a picture into a square: `resize(ink, width, height, side)`; see [`data::resize`].
///
/// # Errors
/// If the sizes and the bytes do not fit each other.
#[wasm_bindgen]
pub fn resize(ink: &[u8], width: usize, height: usize, side: usize) -> Result<Vec<u8>, JsValue> {
    if width == 0 || height == 0 || side == 0 || width.checked_mul(height) != Some(ink.len()) {
        let given = format!("{} bytes for {width} x {height}", ink.len());
        return Err(plain(&[Fault::new(
            "picture",
            given,
            "must be one byte a pixel and not empty",
        )]));
    }
    Ok(data::resize(ink, width, height, side))
}

/// Names of the bundled files that a run reads, as an array of strings.
///
/// # Errors
/// An array of all faults of the link.
#[wasm_bindgen]
pub fn files(pairs: JsValue) -> Result<JsValue, JsValue> {
    let request = read_request(pairs)?;
    let names: Vec<&str> =
        (request.entry.files)(&request.values).iter().map(|file| file.name).collect();
    Ok(plain(&names))
}

/// A run.
#[wasm_bindgen]
pub struct Session(session::Session);

/// A picture as the page hands it over.
#[derive(Deserialize)]
struct Brought {
    param: String,
    width: usize,
    height: usize,
    ink: Vec<u8>,
}

/// A touch as the page hands it over.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
enum Touch {
    Drag { view: u8, x: u16, y: u16 },
    Paint { view: u8, item: u16, x: u16, y: u16, value: u8 },
    Wipe { view: u8, item: u16 },
}

/// Everything about the step on screen but the frame's numbers.
#[derive(Serialize)]
struct State<'a> {
    step: u64,
    ended: Option<Over>,
    events: &'a [(u64, &'static str)],
    captions: Vec<String>,
}

/// Why a run is over.
#[derive(Serialize)]
struct Over {
    word: &'static str,
    /// The metric that was no longer finite, for a run that diverged.
    metric: Option<&'static str>,
}

#[wasm_bindgen]
impl Session {
    /// Begins a run: `pairs` are those of a link, `images` an array of `{param, width, height, ink}`, `files` an array
    /// of `[name, Uint8Array]`.
    ///
    /// # Errors
    /// An array of all faults: `{name, given, wanted, nearest}`.
    #[wasm_bindgen(constructor)]
    pub fn new(pairs: JsValue, images: &Array, files: &Array) -> Result<Session, JsValue> {
        let request = read_request(pairs)?;
        let mut inputs = Inputs::default();
        for file in (request.entry.files)(&request.values) {
            let found = files
                .iter()
                .find(|pair| Array::from(pair).get(0).as_string().as_deref() == Some(file.name));
            let bytes =
                found.and_then(|pair| Array::from(&pair).get(1).dyn_into::<Uint8Array>().ok());
            let bytes =
                bytes.ok_or_else(|| plain(&[Fault::new(file.name, "", "was not handed in")]))?;
            inputs.push_file(file, bytes.to_vec());
        }
        for image in images.iter() {
            read_image(&request, image, &mut inputs)?;
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
            return Err(plain(&[Fault::new("frame", out.length().to_string(), wanted)]));
        }
        let mut frame = vec![0.0; self.0.floats()];
        self.0.draw(&mut frame);
        out.copy_from(&frame);
        Ok(())
    }

    /// `{step, ended, events, captions}` of the step on screen.
    pub fn state(&self) -> JsValue {
        plain(&State {
            step: self.0.step(),
            ended: self.0.ended().map(|ended| Over {
                word: ended.word(),
                metric: match ended {
                    session::Ended::Diverged { metric } => Some(metric),
                    _ => None,
                },
            }),
            events: self.0.events(),
            captions: self.0.captions(),
        })
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

    /// Takes up to `n` steps and returns how many it took.
    pub fn advance(&mut self, n: u32) -> u32 {
        self.0.advance(n.into()) as u32
    }

    /// Goes to a step, back or ahead.
    pub fn seek(&mut self, step: u32) {
        self.0.seek(step.into());
    }

    /// A hand touched a view: `{kind: "drag" | "paint" | "wipe", view, …}`.
    ///
    /// # Errors
    /// If the gesture is malformed or the view not for touching.
    pub fn touch(&mut self, gesture: JsValue) -> Result<(), JsValue> {
        let gesture = match serde_wasm_bindgen::from_value(gesture)
            .map_err(|error| malformed("gesture", &error))?
        {
            Touch::Drag { view, x, y } => Gesture::Drag { view, x, y },
            Touch::Paint { view, item, x, y, value } => Gesture::Paint { view, item, x, y, value },
            Touch::Wipe { view, item } => Gesture::Wipe { view, item },
        };
        self.0.touch(gesture).map_err(|fault| plain(&[fault]))
    }

    /// Moves settings, pairs of name and text; answers `"now"`, `"again"` or `"restart"`.
    ///
    /// # Errors
    /// An array of all faults; the run stays as it was.
    pub fn set(&mut self, pairs: JsValue) -> Result<JsValue, JsValue> {
        let pairs: Vec<(String, String)> =
            serde_wasm_bindgen::from_value(pairs).map_err(|error| malformed("settings", &error))?;
        self.0.set(&pairs).map(|live| plain(&live)).map_err(|faults| plain(&faults))
    }

    /// The value of every parameter as text: pairs of name and text.
    pub fn values(&self) -> JsValue {
        plain(&self.0.request().values.all())
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
    #[serde(flatten)]
    view: &'a crate::lab::View,
    floats: usize,
    still_floats: usize,
    ground: usize,
}

impl<'a> Measured<'a> {
    fn new(view: &'a crate::lab::View) -> Self {
        Self {
            view,
            floats: view.floats(),
            still_floats: view.still_floats(),
            ground: view.shape.ground(),
        }
    }
}

fn read_request(pairs: JsValue) -> Result<Request, JsValue> {
    let pairs: Vec<(String, String)> =
        serde_wasm_bindgen::from_value(pairs).map_err(|error| malformed("link", &error))?;
    Request::parse(&pairs).map_err(|faults| plain(&faults))
}

fn read_image(request: &Request, image: JsValue, inputs: &mut Inputs) -> Result<(), JsValue> {
    let brought: Brought =
        serde_wasm_bindgen::from_value(image).map_err(|error| malformed("picture", &error))?;
    let params = request.entry.params.iter();
    let param = params
        .copied()
        .find(|param| param.name == brought.param && matches!(param.kind, Kind::Images { .. }));
    let Some(param) = param else {
        return Err(plain(&[Fault::new(brought.param, "a picture", "takes no pictures")]));
    };
    if brought.width.checked_mul(brought.height) != Some(brought.ink.len())
        || brought.ink.is_empty()
    {
        let given =
            format!("{} bytes for {} x {}", brought.ink.len(), brought.width, brought.height);
        return Err(plain(&[Fault::new(
            param.name,
            given,
            "must be one byte a pixel and not empty",
        )]));
    }
    inputs.push_image(
        param,
        Image { width: brought.width, height: brought.height, ink: brought.ink },
    );
    Ok(())
}

fn plain<T: Serialize + ?Sized>(value: &T) -> JsValue {
    value.serialize(&Serializer::json_compatible()).unwrap_or_else(|error| error.into())
}

fn malformed(what: &str, error: &serde_wasm_bindgen::Error) -> JsValue {
    plain(&[Fault::new(
        what,
        error.to_string(),
        "must have the form that the worker's messages give it",
    )])
}
