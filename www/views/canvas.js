// Canvases at the screen's own resolution.

/** Sizes that were measured. @type {WeakMap<Element, [number, number]>} */
const sizes = new WeakMap();

/**
 * Width and height of a box in CSS pixels, as it was measured last: to measure in every frame would lay out the page
 * once for each view.
 * @param {Element} box @param {boolean} again measures anew
 */
export function sizeOf(box, again) {
  const known = sizes.get(box);
  if (known && !again) return known;
  /** @type {[number, number]} */
  const size = [box.clientWidth, box.clientHeight];
  if (size[0] > 0 && size[1] > 0) sizes.set(box, size);
  return size;
}

/**
 * Sizes a canvas to its box and returns its context, in CSS pixels, with width and height.
 * `null` while the box has no size.
 * @param {HTMLCanvasElement} canvas @param {boolean} again measures the box anew
 * @returns {{g: CanvasRenderingContext2D, w: number, h: number, density: number} | null}
 */
export function fit(canvas, again) {
  const [w, h] = sizeOf(canvas, again);
  const g = canvas.getContext("2d");
  if (!w || !h || !g) return null;
  const density = Math.min(3, devicePixelRatio || 1);
  const [width, height] = [Math.round(w * density), Math.round(h * density)];
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  g.setTransform(density, 0, 0, density, 0, 0);
  return { g, w, h, density };
}

/**
 * A picture of one pixel a number.
 * @param {number} cols @param {number} rows
 * @param {(i: number) => [number, number, number]} colour of number i
 */
export function bitmap(cols, rows, colour) {
  const image = new ImageData(cols, rows);
  const { data } = image;
  for (let i = 0; i < cols * rows; i++) {
    const shade = colour(i);
    data[4 * i] = shade[0];
    data[4 * i + 1] = shade[1];
    data[4 * i + 2] = shade[2];
    data[4 * i + 3] = 255;
  }
  return image;
}

/** Draws a bitmap over a box. @param {CanvasRenderingContext2D} g @param {ImageData} image @param {number} w @param {number} h @param {boolean} [smooth] */
export function spread(g, image, w, h, smooth = true) {
  const small = new OffscreenCanvas(image.width, image.height);
  /** @type {OffscreenCanvasRenderingContext2D} */ (small.getContext("2d")).putImageData(image, 0, 0);
  g.imageSmoothingEnabled = smooth;
  g.imageSmoothingQuality = "high";
  g.drawImage(small, 0, 0, w, h);
}

/** Calls back when a box changed its width. @param {Element} box @param {() => void} again @returns {() => void} stops it */
export function onResize(box, again) {
  let last = -1;
  const watch = new ResizeObserver(() => {
    if (box.clientWidth === last) return;
    last = box.clientWidth;
    again();
  });
  watch.observe(box);
  return () => watch.disconnect();
}

/** Whether two runs of numbers are the same. @param {Float32Array} a @param {Float32Array} b */
export const alike = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);
