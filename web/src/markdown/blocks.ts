const fence = /^[ \t]*(`{3,}|~{3,})/;
const listItem = /^[ \t]{0,3}(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)/;
const indented = /^(?: {2,}|\t)\S/;
const definition = /^[ ]{0,3}\[[^\]]+\]:[ \t]*\S/;

/** A fence is closed by its own kind, at least as long, with nothing behind it. */
const isClosing = (line: string, mark: string): boolean => {
  const run = line.trim();
  return run.length >= mark.length && [...run].every((each) => each === mark[0]);
};

/**
 * The blocks of a markdown text, each complete in itself: split at empty lines outside of code and formulas; a list with
 * empty lines in it stays one. Joined they are the text again. A text that grows changes only its last block.
 */
export const splitBlocks = (text: string): readonly string[] => {
  const blocks: string[] = [];
  let current = '';
  let open: string | undefined;
  let isList = false;
  let isAfterEmpty = false;

  for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    const isEmpty = line.trim() === '';
    if (open === undefined && !isEmpty && isAfterEmpty && current.trim() !== '') {
      const goesOn = isList && (listItem.test(line) || indented.test(line));
      if (!goesOn) {
        blocks.push(current);
        current = '';
      }
    }
    if (open === undefined && !isEmpty && current.trim() === '') isList = listItem.test(line);
    current += line;
    isAfterEmpty = open === undefined && isEmpty;

    if (open !== undefined) {
      if (open === '$$' ? line.trim().endsWith('$$') : isClosing(line, open)) open = undefined;
    } else if (line.trim() === '$$') open = '$$';
    else open = fence.exec(line)?.[1];
  }
  if (current !== '') blocks.push(current);
  return blocks;
};

/** Definitions of link addresses, which hold for every block. */
export const definitionsOf = (blocks: readonly string[]): string =>
  blocks
    .flatMap((block) => (fence.test(block) ? [] : block.split('\n').filter((line) => definition.test(line))))
    .join('\n');
