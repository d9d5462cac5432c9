/** Fenced blocks (closed or open to the end) and inline code: what no other rule of markdown may touch. */
const code =
  /(^|\n)[ \t]*(`{3,}|~{3,})[^\n]*(?:\n[\s\S]*?(?:\n[ \t]*\2[`~]*[ \t]*(?=\n|$)|$)|$)|(`+)(?!`)[^\n]*?[^`\n]\3(?!`)/g;

/** Changes all of a text but its code. */
export const mapOutsideCode = (text: string, change: (prose: string) => string): string => {
  let at = 0;
  let result = '';
  for (const match of text.matchAll(code)) {
    result += change(text.slice(at, match.index)) + match[0];
    at = match.index + match[0].length;
  }
  return result + change(text.slice(at));
};
