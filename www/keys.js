// The keyboard: Space, arrows, R and N, wherever the focus is not in a control that needs them itself.

/** @param {{toggle: () => void, forward: () => void, back: () => void, restart: () => void, newSeed: () => void}} hands */
export function listenToKeys(hands) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.closest("dialog.pad, [popover]")) return;
    const typing = target.matches("input, select, textarea, [contenteditable]");
    const pressing = target.closest("button, a, summary") !== null;
    const acts = /** @type {Record<string, (() => void) | false>} */ ({
      " ": !typing && !pressing && hands.toggle,
      ArrowRight: !typing && hands.forward,
      ArrowLeft: !typing && hands.back,
      r: !typing && hands.restart,
      n: !typing && hands.newSeed,
    });
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
