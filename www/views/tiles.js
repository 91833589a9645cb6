// Pictures in a grid with a line between, each a tile of cells: as a table a tile is a row.
import { strings } from "../strings.js";

/**
 * @param {{rows: number, cols: number, tile: [number, number]}} view @param {(i: number) => string} said of the number at a place
 * @returns {import("../stage.js").Table}
 */
export function tableOfTiles({ rows, cols, tile: [down, across] }, said) {
  const lines = [];
  for (let top = 0; top + down <= rows; top += down + 1) {
    for (let left = 0; left + across <= cols; left += across + 1) {
      const cell = (/** @type {number} */ i) => said((top + Math.floor(i / across)) * cols + left + (i % across));
      lines.push([String(lines.length + 1), ...Array.from({ length: down * across }, (_, i) => cell(i))]);
    }
  }
  const head = [strings.tileTable, ...Array.from({ length: down * across }, (_, i) => String(i + 1))];
  return { head, rows: lines };
}
