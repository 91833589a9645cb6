// The metrics of a run, step by step. Rows that come again lie over those that were there.

export class History {
  #width = 0;
  /** @type {Float32Array[]} */
  #rows = [];

  /**
   * Takes rows from step `from` on. What was known of later steps stays: the run may only have been stepped back.
   * @param {{from: number, width: number, data: Float32Array}} rows
   */
  add({ from, width, data }) {
    this.#width = width;
    for (let i = 0; (i + 1) * width <= data.length && width > 0; i++) {
      this.#rows[from + i] = data.subarray(i * width, (i + 1) * width);
    }
  }

  /** Forgets what lies behind a step. @param {number} step */
  cut(step) {
    this.#rows.length = Math.min(this.#rows.length, step + 1);
  }

  /** Step and value of one metric. @param {number} metric @returns {[number, number][]} */
  column(metric) {
    if (metric < 0 || metric >= this.#width) return [];
    /** @type {[number, number][]} */
    const out = [];
    this.#rows.forEach((row, step) => out.push([step, row[metric]]));
    return out;
  }
}
