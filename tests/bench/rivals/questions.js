// The questions of the training step for rivals that have no gather with a gradient: each is a row with two ones, at its
// first number and at `p` and its second. First numbers and answers do not matter for the time.

/** @param {{pairs: number, p: number}} task */
export function questions({ pairs, p }) {
  const asked = new Float32Array(pairs * 2 * p);
  const answers = new Float32Array(pairs * p);
  for (let i = 0; i < pairs; i++) {
    const [a, b] = [i % p, Math.floor(i / p) % p];
    asked[i * 2 * p + a] = 1;
    asked[i * 2 * p + p + b] = 1;
    answers[i * p + ((a + p - b) % p)] = 1;
  }
  return { asked, answers };
}
