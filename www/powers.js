// What is very small or very large, as people write it: 7.4·10⁻⁴. The core, the links and the tables write 7.4e-4.

/** Every power of ten in a text. @param {string} text */
export const powers = (text) =>
  text.replace(/(?<![\w.])(-?)(\d+(?:\.\d+)?)e([+-]?\d+)(?!\w)/g, (_, sign, digits, exponent) => {
    const raised = String(Number(exponent)).replace(/./g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]);
    return `${sign && "−"}${digits === "1" ? "" : `${digits}·`}10${raised}`;
  });
