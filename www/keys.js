// The keyboard: Space, arrows, R and N, wherever the focus is not in a control that needs them itself. Over an expanded view only
// what moves along the run that is seen there acts: another run would come with nothing to tell of it.

/** @param {{toggle: () => void, forward: () => void, back: () => void, restart: () => void, newSeed: () => void}} hands */
export function listenToKeys(hands) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = /** @type {HTMLElement} */ (event.target);
    const over = document.querySelector("dialog[open]");
    if (over?.matches(".pad") || target.closest("[popover]")) return;
    const typing = target.matches("input, select, textarea, [contenteditable]");
    const pressing = target.closest("button, a, summary") !== null;
    const acts = /** @type {Record<string, (() => void) | false>} */ ({
      " ": !typing && !pressing && hands.toggle,
      ArrowRight: !typing && hands.forward,
      ArrowLeft: !typing && hands.back,
      r: !typing && !over && hands.restart,
      n: !typing && !over && hands.newSeed,
    });
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
