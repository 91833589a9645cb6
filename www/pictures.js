// Pictures of the user's: from files, the clipboard or a drop, as ink (0 paper, 255 ink) that the core then fits to size.
import { strings } from "./strings.js";

const MEGABYTE = 1 << 20;
const HEAVIEST = 20 * MEGABYTE;
const MEGAPIXELS = 40;

/**
 * @typedef {{width: number, height: number, ink: Uint8Array}} Ink
 */

/**
 * Grey by the luma of ITU-R 601 in whole numbers, over white, then turned to ink: so that every browser gets the same.
 * @param {Uint8ClampedArray} rgba
 */
export function inkOf(rgba) {
  const ink = new Uint8Array(rgba.length / 4);
  for (let i = 0; i < ink.length; i++) {
    const at = 4 * i;
    const luma = Math.floor((299 * rgba[at] + 587 * rgba[at + 1] + 114 * rgba[at + 2]) / 1000);
    ink[i] = Math.floor(((255 - luma) * rgba[at + 3]) / 255);
  }
  return ink;
}

/** @param {Uint8Array} ink */
export const isEmpty = (ink) => ink.every((x) => x === ink[0]);

/**
 * @param {File} file
 * @returns {Promise<Ink>}
 * @throws {Error} in words for the user
 */
export async function readPicture(file) {
  const name = file.name || strings.picture(1);
  if (file.size > HEAVIEST) {
    const size = (/** @type {number} */ bytes) => `${Math.ceil(bytes / MEGABYTE)} MB`;
    throw new Error(strings.tooHeavy(name, size(file.size), size(HEAVIEST)));
  }
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Error(strings.notAPicture(name));
  }
  const { width, height } = bitmap;
  if (width * height > MEGAPIXELS * 1e6 || Math.max(width, height) > 65535) {
    bitmap.close();
    throw new Error(strings.tooLarge(name, width, height, MEGAPIXELS));
  }
  const canvas = new OffscreenCanvas(width, height);
  const g = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  g.drawImage(bitmap, 0, 0);
  bitmap.close();
  const ink = inkOf(g.getImageData(0, 0, width, height).data);
  if (isEmpty(ink)) throw new Error(strings.emptyPicture(name));
  return { width, height, ink };
}
