// Canvases at the screen's own resolution.

/**
 * Sizes a canvas to its box and returns its context, in CSS pixels, with width and height.
 * `null` while the box has no size.
 * @param {HTMLCanvasElement} canvas
 * @returns {{g: CanvasRenderingContext2D, w: number, h: number, density: number} | null}
 */
export function fit(canvas) {
  const [w, h] = [canvas.clientWidth, canvas.clientHeight];
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
  for (let i = 0; i < cols * rows; i++) {
    const [r, g, b] = colour(i);
    image.data[4 * i] = r;
    image.data[4 * i + 1] = g;
    image.data[4 * i + 2] = b;
    image.data[4 * i + 3] = 255;
  }
  return image;
}

/** Draws a bitmap smoothly over a box. @param {CanvasRenderingContext2D} g @param {ImageData} image @param {number} w @param {number} h */
export function spread(g, image, w, h) {
  const small = new OffscreenCanvas(image.width, image.height);
  /** @type {OffscreenCanvasRenderingContext2D} */ (small.getContext("2d")).putImageData(image, 0, 0);
  g.imageSmoothingEnabled = true;
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
