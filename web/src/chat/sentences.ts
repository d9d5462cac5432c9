/** Ends of sentences: a mark followed by a space, or an empty line. Not after a number in a list. */
const sentenceEnd = /(?<!(?:^|\n)\s*\d{1,3})[.!?…:]["')\]*_]*(?=\s)|\n\s*\n/g;

/** From the fence that opens code to the line that closes it, which is caught, or to the end of the text. */
const codeBlock = /^[ \t]*(~{3,}|`{3,}(?!.*`))[\s\S]*?(?:(\n[ \t]*\1[~`]*[ \t]*)$|$(?![\s\S]))/gm;

/** As long as the text; in code nothing is taken for an end but the end of its block. */
const maskCode = (text: string): string =>
  text.replace(codeBlock, (block: string, _fence: string, closing: string | undefined) =>
    (closing === undefined ? '' : '.').padStart(block.length, 'x'),
  );

/** How much of a growing text stands in whole sentences. Code is not split: it counts when its fence is closed. */
export const finishedLength = (text: string): number => {
  let end = 0;
  for (const match of maskCode(text).matchAll(sentenceEnd)) end = match.index + match[0].length;
  return end;
};

/** Markdown as it is spoken: without marks, code and formulas named. */
export const toSpoken = (markdown: string): string =>
  markdown
    .replace(codeBlock, ' Code. ')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/^\s{0,3}(?:#{1,6}|>|[-*+])\s+/gm, '')
    .replace(/\*\*|__|~~|`|\$\$/g, '')
    .replace(/^\|?[\s:|-]+\|[\s:|-]*$/gm, '')
    .replace(/\|/g, ', ')
    .replace(/\s+/g, ' ')
    .trim();
