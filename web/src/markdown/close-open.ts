import { mapOutsideCode } from './code-spans.ts';

const count = (text: string, mark: RegExp): number => text.match(mark)?.length ?? 0;

/** A formula that has only begun is not shown before it is whole. */
const dropOpenMath = (prose: string): string => {
  const isOpen = count(prose, /(?<!\\)\$\$/g) % 2 === 1;
  const end = isOpen ? prose.lastIndexOf('$$') : prose.length;
  return prose.slice(0, end).replace(/\\[([](?:(?!\\[)\]])[\s\S])*$/, '');
};

/** `[a link](https://…`: its text alone, until the address is there. */
const dropOpenLink = (prose: string): string => prose.replace(/!?\[([^\][\n]*)(?:\]\([^)\n]*)?$/, '$1');

/** The beginning of something that would change the lines before it, or stand there as a mark alone. */
const dropLoneMark = (prose: string): string =>
  prose.replace(/\n[ \t]*(?:[-=*+_#>|`~]{1,3}|\d{1,3}[.)]?)[ \t]*$/, '\n');

const closeMark = (prose: string, mark: string, pattern: RegExp): string => {
  const line = prose.slice(prose.lastIndexOf('\n\n') + 1);
  if (count(line, pattern) % 2 === 0) return prose;
  const trimmed = prose.trimEnd();
  // A mark with nothing behind it has opened nothing yet.
  return trimmed.endsWith(mark) ? trimmed.slice(0, -mark.length) : `${trimmed}${mark}`;
};

const closeProse = (prose: string): string => {
  const whole = dropLoneMark(dropOpenLink(dropOpenMath(prose)));
  const strong = closeMark(whole, '**', /\*\*/g);
  const struck = closeMark(strong, '~~', /~~/g);
  const coded = closeMark(struck, '`', /(?<!`)`(?!`)/g);
  return coded === struck ? closeMark(coded, '*', /(?<![*\s]|^)\*(?!\*)|(?<!\*)\*(?![*\s])/gm) : coded;
};

/**
 * The end of a text that is still being written, so that it looks as it will when the rest is there: what is open is
 * closed, what cannot be told yet is left out. Only what stands after the last code is touched.
 */
export const closeOpen = (text: string): string => {
  const parts: string[] = [];
  mapOutsideCode(text, (prose) => {
    parts.push(prose);
    return prose;
  });
  const last = parts.at(-1) ?? '';
  return last === '' ? text : text.slice(0, text.length - last.length) + closeProse(last);
};
