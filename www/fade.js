// A box that scrolls fades out at the sides where there is more of it: not every system draws a bar there.

/** Pixels over which it fades to the sides, and up and down, where less is beside what is looked at. */
const ACROSS = 28;
export const DOWN = 12;

/** @template {HTMLElement} T @param {T} box */
export function fade(box) {
  const show = () => {
    const { scrollLeft: left, scrollTop: top } = box;
    const rest = {
      left,
      right: box.scrollWidth - box.clientWidth - left,
      top,
      bottom: box.scrollHeight - box.clientHeight - top,
    };
    for (const [side, more] of Object.entries(rest)) {
      const over = side === "left" || side === "right" ? ACROSS : DOWN;
      box.style.setProperty(`--${side}`, `${Math.max(0, Math.min(over, more))}px`);
    }
  };
  box.classList.add("fades");
  box.addEventListener("scroll", show, { passive: true });
  new ResizeObserver(show).observe(box);
  return box;
}
