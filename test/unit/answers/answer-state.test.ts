import { describe, expect, test } from '@jest/globals';
import {
  type AnswerAction,
  type AnswerState,
  answerStates,
  answerTransitions,
  failureCodes,
  isClosed,
  toFailure,
} from '../../../src/domain/answer.ts';

/** Total: a missing state or action does not compile. */
const expected: Record<AnswerState, Record<AnswerAction, AnswerState | null>> = {
  WAITING: { claim: 'GENERATING', finish: null, stop: 'STOPPED', fail: 'FAILED' },
  GENERATING: { claim: 'GENERATING', finish: 'FINISHED', stop: 'STOPPED', fail: 'FAILED' },
  FINISHED: { claim: null, finish: null, stop: null, fail: null },
  STOPPED: { claim: null, finish: null, stop: null, fail: null },
  FAILED: { claim: null, finish: null, stop: null, fail: null },
};

const cells = Object.entries(expected).flatMap(([state, row]) =>
  Object.entries(row).map(([action, to]) => ({ state, action, to })),
);

describe('the life of an answer', () => {
  test.each(cells)('[N2] $action leads from $state to $to', ({ state, action, to }) => {
    expect(answerTransitions[state as AnswerState][action as AnswerAction]).toBe(to);
  });

  test('[N2] the states without a way out are the closed ones, and every other state can reach each of them', () => {
    const reach = (state: AnswerState, seen = new Set<AnswerState>()): Set<AnswerState> => {
      for (const to of Object.values(answerTransitions[state])) {
        if (to === null || seen.has(to)) continue;
        seen.add(to);
        reach(to, seen);
      }
      return seen;
    };
    const closed = answerStates.filter(isClosed);
    expect(closed).toEqual(['FINISHED', 'STOPPED', 'FAILED']);
    for (const state of answerStates) {
      if (isClosed(state)) expect(reach(state).size).toBe(0);
      else expect([...reach(state)]).toEqual(expect.arrayContaining(closed));
    }
  });

  test('[N2] a failure says for people and for programs why, and whether time heals it', () => {
    for (const code of Object.keys(failureCodes) as (keyof typeof failureCodes)[]) {
      const failure = toFailure(code);
      expect(failure).toEqual({
        code,
        message: expect.stringMatching(/\.$/),
        temporary: expect.any(Boolean),
      });
    }
  });
});
