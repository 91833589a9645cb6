// A landscape as a relief that a hand turns. Loaded when it is asked for; the map says the same in less room.
import { rgb } from "./colour.js";

/** Width of the ground over its depth, and how high the highest point stands over the lowest. */
const [WIDE, HIGH] = [1.5, 0.5];
/** How far the eye is from the middle, how much it sees, and the nearest and farthest that is drawn. */
const [DISTANCE, ZOOM, NEAR, FAR] = [3.2, 4, 0.5, 6];
/** Where a line of sight is held against the ground, and how far under it still counts as on it. */
const [SAMPLES, SLACK] = [200, 0.01];

const VERTEX = `#version 300 es
in vec3 place;
in vec3 colour;
uniform mat4 eye;
out vec3 spot;
out vec3 tint;
void main() {
  gl_Position = eye * vec4(place, 1.0);
  spot = place;
  tint = colour;
}`;

const FRAGMENT = `#version 300 es
precision highp float;
in vec3 spot;
in vec3 tint;
uniform vec3 ink;
uniform float levels;
uniform float high;
out vec4 shade;
void main() {
  vec3 normal = normalize(cross(dFdx(spot), dFdy(spot)));
  float light = 0.86 + 0.14 * dot(abs(normal), normalize(vec3(0.4, 1.0, 0.2)));
  float level = spot.y / high * levels;
  // Where the ground is level there is no line to draw.
  float steep = fwidth(level);
  float line = steep < 1e-3 ? 0.0 : 1.0 - min(abs(fract(level - 0.5) - 0.5) / steep, 1.0);
  shade = vec4(mix(tint * light, ink, 0.4 * line), 1.0);
}`;

/**
 * @param {WebGL2RenderingContext} gl @param {number} type @param {string} text
 */
function compile(gl, type, text) {
  const shader = /** @type {WebGLShader} */ (gl.createShader(type));
  gl.shaderSource(shader, text);
  gl.compileShader(shader);
  return shader;
}

/** Where the eye is, and from places to the screen, at an azimuth and an elevation in degrees. @param {number} azimuth @param {number} elevation */
function eyeFrom(azimuth, elevation) {
  const [a, e] = [(azimuth * Math.PI) / 180, (elevation * Math.PI) / 180];
  const [ca, sa, ce, se] = [Math.cos(a), Math.sin(a), Math.cos(e), Math.sin(e)];
  // The ground is turned about its middle, tipped towards the eye, and moved away from it.
  const across = [ca, 0, sa];
  const up = [se * sa, ce, -se * ca];
  const depth = [ce * sa, -se, -ce * ca];
  const [far, flat] = [(FAR + NEAR) / (FAR - NEAR), (-2 * FAR * NEAR) / (FAR - NEAR)];
  const drop = 0.4 * HIGH; // the middle of the heights
  const rows = [
    [...across.map((x) => (ZOOM / WIDE) * x), 0],
    [...up.map((x) => ZOOM * x), -ZOOM * up[1] * drop],
    [...depth.map((x) => far * x), far * (DISTANCE - depth[1] * drop) + flat],
    [...depth, DISTANCE - depth[1] * drop],
  ];
  return {
    from: [-DISTANCE * depth[0], drop - DISTANCE * depth[1], -DISTANCE * depth[2]],
    map: (/** @type {[number, number, number]} */ [x, y, z]) => rows.map(([a, b, c, d]) => a * x + b * y + c * z + d),
  };
}

/** The columns of a linear map with its shift, as the graphics card takes them. @param {(place: [number, number, number]) => number[]} map */
function columns(map) {
  const origin = map([0, 0, 0]);
  const axis = (/** @type {[number, number, number]} */ unit) => map(unit).map((x, i) => x - origin[i]);
  return new Float32Array([...axis([1, 0, 0]), ...axis([0, 1, 0]), ...axis([0, 0, 1]), ...origin]);
}

/**
 * @returns {Relief | null} nothing where the browser has no WebGL 2
 */
export function makeRelief() {
  const canvas = new OffscreenCanvas(1, 1);
  const gl = canvas.getContext("webgl2", { antialias: true, preserveDrawingBuffer: true });
  return gl && new Relief(canvas, gl);
}

export class Relief {
  #canvas;
  #gl;
  #program;
  #count = 0;
  /** Heights of the cells, 0 to 1. @type {Float32Array} */
  #heights = new Float32Array();
  #rows = 0;
  #cols = 0;
  #eye = eyeFrom(0, 0);

  /** @param {OffscreenCanvas} canvas @param {WebGL2RenderingContext} gl */
  constructor(canvas, gl) {
    this.#canvas = canvas;
    this.#gl = gl;
    this.#program = /** @type {WebGLProgram} */ (gl.createProgram());
    gl.attachShader(this.#program, compile(gl, gl.VERTEX_SHADER, VERTEX));
    gl.attachShader(this.#program, compile(gl, gl.FRAGMENT_SHADER, FRAGMENT));
    gl.linkProgram(this.#program);
    gl.useProgram(this.#program);
    gl.enable(gl.DEPTH_TEST);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
    // Six numbers a corner: where it is, and its colour.
    for (const [name, at] of /** @type {[string, number][]} */ ([
      ["place", 0],
      ["colour", 12],
    ])) {
      const slot = gl.getAttribLocation(this.#program, name);
      gl.enableVertexAttribArray(slot);
      gl.vertexAttribPointer(slot, 3, gl.FLOAT, false, 24, at);
    }
  }

  /** @param {number} x @param {number} y in 0 to 1 from the top left @param {number} height 0 to 1 @returns {[number, number, number]} */
  #place(x, y, height) {
    return [WIDE * (x - 0.5), HIGH * height, y - 0.5];
  }

  /**
   * Takes other heights and colours.
   * @param {number} rows @param {number} cols @param {(cell: number) => number} height 0 to 1
   * @param {(cell: number) => import("./colour.js").Rgb} colour
   */
  put(rows, cols, height, colour) {
    const gl = this.#gl;
    [this.#rows, this.#cols] = [rows, cols];
    this.#heights = Float32Array.from({ length: rows * cols }, (_, i) => height(i));
    const corners = new Float32Array(6 * rows * cols);
    for (let i = 0; i < rows * cols; i++) {
      const [x, y] = [((i % cols) + 0.5) / cols, (Math.floor(i / cols) + 0.5) / rows];
      corners.set(this.#place(x, y, this.#heights[i]), 6 * i);
      corners.set(
        colour(i).map((part) => part / 255),
        6 * i + 3,
      );
    }
    const triangles = [];
    for (let row = 0; row < rows - 1; row++) {
      for (let col = 0; col < cols - 1; col++) {
        const i = row * cols + col;
        triangles.push(i, i + cols, i + 1, i + 1, i + cols, i + cols + 1);
      }
    }
    this.#count = triangles.length;
    gl.bufferData(gl.ARRAY_BUFFER, corners, gl.STATIC_DRAW);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, new Uint32Array(triangles), gl.STATIC_DRAW);
  }

  /**
   * The picture from an azimuth and an elevation in degrees, in so many pixels.
   * @param {number} width @param {number} height @param {number} azimuth @param {number} elevation @param {number} levels
   */
  draw(width, height, azimuth, elevation, levels) {
    const gl = this.#gl;
    [this.#canvas.width, this.#canvas.height] = [width, height];
    gl.viewport(0, 0, width, height);
    const part = (/** @type {string} */ token) => rgb(token).map((x) => x / 255);
    // Not the page's own colour: that is the colour of the highest ground.
    const line = part("--line");
    const [r, g, b] = part("--page").map((x, i) => 0.55 * x + 0.45 * line[i]);
    gl.clearColor(r, g, b, 1);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    this.#eye = eyeFrom(azimuth, elevation);
    const at = (/** @type {string} */ name) => gl.getUniformLocation(this.#program, name);
    gl.uniformMatrix4fv(at("eye"), false, columns(this.#eye.map));
    gl.uniform3fv(at("ink"), part("--ink"));
    gl.uniform1f(at("levels"), levels);
    gl.uniform1f(at("high"), HIGH);
    gl.drawElements(gl.TRIANGLES, this.#count, gl.UNSIGNED_INT, 0);
    return this.#canvas;
  }

  /** Where a place of the map, 0 to 1 from its top left, lies on the ground. @param {number} x @param {number} y */
  #on(x, y) {
    const [u, v] = [x, y].map((share) => Math.min(1, Math.max(0, share)));
    const inside = (/** @type {number} */ at, /** @type {number} */ count) => Math.min(count - 1, Math.max(0, at));
    const [col, row] = [inside(u * this.#cols - 0.5, this.#cols), inside(v * this.#rows - 0.5, this.#rows)];
    const [left, top] = [Math.floor(col), Math.floor(row)];
    const along = (/** @type {number} */ row) => {
      const at = inside(row, this.#rows) * this.#cols;
      const [a, b] = [this.#heights[at + left], this.#heights[at + inside(left + 1, this.#cols)]];
      return a + (col - left) * (b - a);
    };
    const [a, b] = [along(top), along(top + 1)];
    return this.#place(u, v, a + (row - top) * (b - a));
  }

  /** Where a place of the map is seen, in shares of the picture. @param {number} x @param {number} y @returns {[number, number]} */
  seen(x, y) {
    const [across, up, , depth] = this.#eye.map(this.#on(x, y));
    return [0.5 + (0.5 * across) / depth, 0.5 - (0.5 * up) / depth];
  }

  /** Whether the ground stands between a place of the map and the eye. @param {number} x @param {number} y */
  hides(x, y) {
    const place = this.#on(x, y);
    const way = this.#eye.from.map((end, i) => end - place[i]);
    // Above the highest point nothing is in the way.
    const step = (HIGH - place[1]) / way[1] / SAMPLES;
    for (let i = 1; i < SAMPLES; i++) {
      const [across, height, down] = place.map((at, k) => at + i * step * way[k]);
      const [u, v] = [across / WIDE + 0.5, down + 0.5];
      if (u < 0 || u > 1 || v < 0 || v > 1) return false;
      if (this.#on(u, v)[1] > height + SLACK) return true;
    }
    return false;
  }
}
