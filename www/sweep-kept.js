// Runs that are over outlive the page: a sweep goes on where it was, and another one has the runs that both share.
import { codeOf } from "./core.js";
import { packPictures, writeQuery } from "./permalink.js";
import { pairsOf } from "./sweep-table.js";

/** The most runs that the browser keeps, of all experiments: the oldest make room. */
const MOST = 20_000;
const NAME = "attractor-sweeps";
const RUNS = "runs";
const BOOK = "book";

/**
 * @typedef {import("./sweep-table.js").Kept} Kept
 * @typedef {import("./sweep-table.js").Sweep} Sweep
 */

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
const answer = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/**
 * What a run is besides its link: the code that took it and the pictures that were brought, as a digest of both.
 * @param {string} id @param {ArrayBuffer[]} code @param {import("./types.js").Picture[]} pictures
 */
export async function bookOf(id, code, pictures) {
  const bytes = await new Blob([...code, await packPictures(pictures)]).arrayBuffer();
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `${id} ${Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** The rest: its link at its start, and how far it was to go. @param {Sweep} sweep @param {number} run */
const nameOf = (sweep, run) => `${sweep.steps} ${writeQuery(pairsOf(sweep, run))}`;

/** The runs of an experiment that are over. */
export class KeptRuns {
  #book = "";
  /** @type {Map<string, Kept | null>} */
  #known = new Map();
  /** @type {IDBDatabase | null} */
  #base = null;

  /** Looks up what is known from before. @param {string} id @param {import("./types.js").Picture[]} pictures */
  async open(id, pictures) {
    try {
      this.#book = await bookOf(id, await codeOf(id), pictures);
      const request = indexedDB.open(NAME);
      // Numbers that count up tell which is the oldest.
      request.onupgradeneeded = () =>
        request.result.createObjectStore(RUNS, { autoIncrement: true }).createIndex(BOOK, BOOK);
      const base = await answer(request);
      const rows = await answer(base.transaction(RUNS).objectStore(RUNS).index(BOOK).getAll(this.#book));
      for (const { name, taken } of rows) this.#known.set(name, taken);
      this.#base = base;
    } catch {
      // Private windows and frames in a sandbox may refuse: then runs are known as long as the page is there.
    }
  }

  /** What is left of a run: null if it did not begin, undefined if it is not known. @param {Sweep} sweep @param {number} run */
  find(sweep, run) {
    return this.#known.size > 0 ? this.#known.get(nameOf(sweep, run)) : undefined;
  }

  /** @param {Sweep} sweep @param {number} run @param {import("./types.js").Taken | null} taken */
  keep(sweep, run, taken) {
    if (!taken) return this.#put(nameOf(sweep, run), null);
    const { step, ended, digest, metrics, link } = taken;
    const claims = taken.claims.map(({ verdict }) => ({ verdict }));
    this.#put(nameOf(sweep, run), { step, ended, digest, metrics, link, claims });
  }

  /** Forgets all of them, for good once it resolves. @returns {Promise<() => void>} what takes that back */
  async forget() {
    const gone = [...this.#known];
    this.#known.clear();
    await this.#write((runs) => {
      const request = runs.index(BOOK).getAllKeys(this.#book);
      request.onsuccess = () => request.result.forEach((key) => runs.delete(key));
    });
    return () => gone.forEach(([name, taken]) => this.#put(name, taken));
  }

  /** @param {string} name @param {Kept | null} taken */
  #put(name, taken) {
    this.#known.set(name, taken);
    this.#write((runs) => {
      const request = runs.add({ book: this.#book, name, taken });
      request.onsuccess = () => runs.delete(IDBKeyRange.upperBound(Number(request.result) - MOST));
    });
  }

  /** @param {(runs: IDBObjectStore) => void} work @returns {Promise<void>} when it is done, or is known to fail */
  #write(work) {
    return new Promise((done) => {
      try {
        const transaction = this.#base?.transaction(RUNS, "readwrite");
        if (!transaction) return done();
        transaction.oncomplete = () => done();
        transaction.onabort = () => done();
        work(transaction.objectStore(RUNS));
      } catch {
        this.#base = null; // the browser took it away
        done();
      }
    });
  }
}
