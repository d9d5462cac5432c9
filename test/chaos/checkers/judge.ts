import type { About, Checker, FinalStore, History, Verdict, Violation } from '../history.ts';

export interface Judge {
  /** Counts facts that were judged. */
  count(facts?: number): void;
  complain(what: string, about: About): void;
}

/** A checker of this name; `judgeAll` says what it sees. */
export const createChecker =
  (name: string, judgeAll: (judge: Judge, history: History, store: FinalStore) => void): Checker =>
  (history, store): Verdict => {
    let judged = 0;
    const violations: Violation[] = [];
    judgeAll(
      {
        count(facts = 1) {
          judged += facts;
        },
        complain(what, about) {
          violations.push({ what, about });
        },
      },
      history,
      store,
    );
    return { name, judged, violations };
  };
