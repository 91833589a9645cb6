// A long list that scrolls: only rows near what is in sight have boxes. A thousand pictures, each in a box, would cost
// the browser more in every frame than all that is drawn.

import { DOWN } from "../fade.js";

/** Rows beyond what is in sight that have boxes too. */
const SPARE = 2;

/**
 * @param {HTMLElement} list a grid that scrolls, with rows of one height
 * @param {HTMLElement[]} cells all of its children
 * @param {(from: number, to: number) => void} seen told when other cells have boxes
 */
export function makeRoll(list, cells, seen) {
  let [from, to] = [0, 0];

  /** How many cells stand in a row, and pixels from a row to the next. */
  function measure() {
    const { gridTemplateColumns, rowGap } = getComputedStyle(list);
    return {
      columns: gridTemplateColumns.split(" ").length,
      pitch: cells[from].offsetHeight + Number.parseFloat(rowGap),
    };
  }

  function update() {
    cells[from].hidden = false;
    const { columns, pitch } = measure();
    if (!list.clientHeight || !cells[from].offsetHeight) return;
    const rows = Math.ceil(cells.length / columns);
    const first = Math.max(0, Math.min(rows - 1, Math.floor(list.scrollTop / pitch)) - SPARE);
    const last = Math.min(rows, Math.ceil((list.scrollTop + list.clientHeight) / pitch) + SPARE);
    const [start, end] = [first * columns, Math.min(cells.length, last * columns)];
    // Rows keep their height without boxes, so that the list is as long as it would be with all.
    list.style.gridTemplateRows = `repeat(${rows}, ${cells[from].offsetHeight}px)`;
    cells.forEach((cell, i) => {
      cell.hidden = i < start || i >= end;
      if (!cell.hidden) cell.style.gridRowStart = String(1 + Math.floor(i / columns));
    });
    if (start === from && end === to) return;
    [from, to] = [start, end];
    seen(from, to);
  }

  cells.forEach((cell, i) => {
    cell.setAttribute("aria-setsize", String(cells.length));
    cell.setAttribute("aria-posinset", String(i + 1));
  });
  list.addEventListener("scroll", update);
  return {
    update,
    get columns() {
      return measure().columns;
    },
    /** Whether the cell has a box. @param {number} i */
    has: (i) => i >= from && i < to,
    /** Brings a cell into sight, clear of where the list fades. @param {number} i */
    show(i) {
      const { columns, pitch } = measure();
      const top = Math.floor(i / columns) * pitch;
      const foot = top + pitch + DOWN - list.clientHeight;
      if (top < list.scrollTop) list.scrollTop = top - DOWN;
      else if (foot > list.scrollTop) list.scrollTop = foot;
      update();
    },
  };
}
