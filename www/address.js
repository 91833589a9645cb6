// The window's address while a run is on screen: it follows the run, and Back leads to what was left.

/** @param {() => void} again called when another entry of the window's history was gone to, whose address is there by then */
export function keepAddress(again) {
  /** The number of the entry that is on screen. @type {number} */
  let place = history.state ?? 0;
  addEventListener("popstate", ({ state }) => {
    if (state === null || state === place) return; // a jump within the page
    place = state;
    again();
  });
  return {
    get place() {
      return place;
    },
    /** @param {string} query */
    follow(query) {
      history.replaceState(place, "", query);
    },
    /** What was stays behind as an entry of its own; the new one follows from here. */
    leave() {
      place += 1;
      history.pushState(place, "", location.href);
    },
  };
}
