import { mapOutsideCode } from './code-spans.ts';

const toBlock = (indent: string, formula: string): string => {
  const lines = formula.trim().split('\n');
  return ['', '$$', ...lines.map((line) => line.trim()), '$$', ''].join(`\n${indent}`);
};

/**
 * All the ways in which models write formulas, as the one that the parser takes: `$$` on lines of their own for a block,
 * `$$…$$` within a line. A single dollar counts only when no space follows the first and no space stands before the
 * second, and no digit after it, so that `$5 and $10` are prices. An escaped dollar is never one.
 */
export const normalizeMath = (text: string): string =>
  mapOutsideCode(text, (prose) =>
    prose
      .replace(/([ \t]*)\\\[([\s\S]+?)\\\]/g, (_all, indent: string, formula: string) =>
        toBlock(indent, formula),
      )
      .replace(/\\\((.+?)\\\)/g, (_all, formula: string) => `$$${formula.trim()}$$`)
      .replace(/^([ \t]*)\$\$(?!\$)([^\n$]+?)\$\$[ \t]*$/gm, (_all, indent: string, formula: string) =>
        toBlock(indent, formula),
      )
      .replace(
        /(?<![\\$])\$(?![\s$])((?:\\.|[^$\\\n])*?)(?<![\s\\$])\$(?![\d$])/g,
        (_all, formula: string) => `$$${formula}$$`,
      ),
  );
