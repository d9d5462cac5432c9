/** Ends of sentences: a mark followed by a space, or an empty line. Not after a number in a list. */
const sentenceEnd = /(?<!(?:^|\n)\s*\d{1,3})[.!?…:]["')\]*_]*(?=\s)|\n\s*\n/g;

/** How much of a growing text stands in whole sentences. Code is not split: it counts when its fence is closed. */
export const finishedLength = (text: string): number => {
  const openFence =
    text.split(/^(?:```|~~~)/m).length % 2 === 0 ? text.search(/^(?:```|~~~)(?![\s\S]*^(?:```|~~~))/m) : -1;
  const prose = openFence < 0 ? text : text.slice(0, openFence);
  let end = 0;
  for (const match of prose.matchAll(sentenceEnd)) end = match.index + match[0].length;
  return end;
};

/** Markdown as it is spoken: without marks, code and formulas named. */
export const toSpoken = (markdown: string): string =>
  markdown
    .replace(/^(```|~~~)[\s\S]*?(^\1|$(?![\s\S]))/gm, ' Code. ')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/^\s{0,3}(?:#{1,6}|>|[-*+])\s+/gm, '')
    .replace(/\*\*|__|~~|`|\$\$/g, '')
    .replace(/^\|?[\s:|-]+\|[\s:|-]*$/gm, '')
    .replace(/\|/g, ', ')
    .replace(/\s+/g, ' ')
    .trim();
