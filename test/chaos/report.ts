import { checkers } from './checkers/all.ts';
import type { Checker, FinalStore, History, Verdict } from './history.ts';
import { printViolation } from './shrink.ts';
import { printTable, type Summary, toSummary } from './table.ts';

/** More of the same kind show nothing new. */
const shownViolations = 3;
const shownLines = 40;

/** One that is about the whole run cannot be made short. */
const cut = (text: string): string => {
  const lines = text.split('\n');
  const more = lines.length - shownLines;
  return more > 0 ? [...lines.slice(0, shownLines), `  … and ${more} more`].join('\n') : text;
};

const reportViolations = (
  checker: Checker,
  verdict: Verdict,
  history: History,
  store: FinalStore,
): string[] =>
  verdict.violations
    .slice(0, shownViolations)
    .map((violation) => `${verdict.name}: ${cut(printViolation({ checker, history, store, violation }))}\n`);

export interface Report {
  readonly text: string;
  readonly summary: Summary;
  readonly isPassed: boolean;
}

/** All that the checkers have to say of a run. */
export const judgeRun = (history: History, store: FinalStore): Report => {
  const verdicts = checkers.map((check) => check(history, store));
  const summary = toSummary(history, verdicts);
  const violated = checkers.flatMap((checker, at) => {
    const verdict = verdicts[at];
    return verdict ? reportViolations(checker, verdict, history, store) : [];
  });
  const failed = verdicts.filter(({ judged, violations }) => judged === 0 || violations.length > 0).length;
  const outcome = `${verdicts.length - failed} checkers passed, ${failed} failed`;
  return {
    text: [...violated, printTable(summary), outcome].join('\n'),
    summary,
    isPassed: summary.isPassed,
  };
};
