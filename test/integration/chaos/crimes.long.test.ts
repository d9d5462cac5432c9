import { beforeAll, describe, expect, test } from '@jest/globals';
import { type CheckerName, checkers } from '../../chaos/checkers/all.ts';
import type { FinalStore, Verdict } from '../../chaos/history.ts';
import { type Crime, crimes } from './crimes.ts';
import { type Played, playLesson } from './play.ts';
import { openSchool, storeOf } from './school.ts';

const nothing: Crime = { what: 'nothing is done' };
const names = Object.keys(crimes) as CheckerName[];
const cases = names.flatMap((name) => crimes[name].map((crime) => ({ name, crime })));

const lessons = new Map<Crime, Promise<Played>>();
let store: FinalStore;

// The store can be read when its node has gone: all is done first, and judged then.
beforeAll(async () => {
  const school = await openSchool();
  try {
    for (const crime of [nothing, ...cases.map((one) => one.crime)]) {
      const lesson = playLesson(school, crime);
      lessons.set(crime, lesson);
      // One that goes wrong fails its own test, and the one without a crime fails all.
      if (crime === nothing) await lesson;
      else await Promise.allSettled([lesson]);
    }
  } finally {
    store = await school.close();
  }
}, 240_000);

const judge = async (crime: Crime): Promise<Verdict[]> => {
  const { history, userIds } = await (lessons.get(crime) as Promise<Played>);
  return checkers.map((check) => check(history, storeOf(store, userIds)));
};

const complaining = async (crime: Crime): Promise<string[]> =>
  (await judge(crime)).filter(({ violations }) => violations.length > 0).map(({ name }) => name);

describe('the checkers of the fault test', () => {
  test('find nothing in a lesson in which all goes right, and each judges something', async () => {
    for (const { name, judged, violations } of await judge(nothing)) {
      expect({ name, violations }).toEqual({ name, violations: [] });
      expect({ name, judged }).not.toEqual({ name, judged: 0 });
    }
  });

  test('each have a crime to catch', async () => {
    expect(new Set((await judge(nothing)).map(({ name }) => name))).toEqual(new Set(names));
  });

  test.each(cases)('$name: $crime.what, and it is caught', async ({ name, crime }) => {
    expect(await complaining(crime)).toContain(name);
  });
});
