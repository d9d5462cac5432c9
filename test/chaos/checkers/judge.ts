import type { About, FinalStore, History, Verdict, Violation } from '../history.ts';

export interface Judge {
  /** Counts facts that were judged. */
  count(facts?: number): void;
  complain(what: string, about: About): void;
}

/** A checker whose name the compiler knows: what has to be there for each of them can be a Record. */
export type NamedChecker<Name extends string> = (
  history: History,
  store: FinalStore,
) => Verdict & { readonly name: Name };

/** A checker of this name; `judgeAll` says what it sees. */
export const createChecker =
  <Name extends string>(
    name: Name,
    judgeAll: (judge: Judge, history: History, store: FinalStore) => void,
  ): NamedChecker<Name> =>
  (history, store) => {
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
