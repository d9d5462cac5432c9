import { describe, expect, test } from '@jest/globals';
import { checkers } from '../../chaos/checkers/all.ts';
import { checkOneEnd } from '../../chaos/checkers/one-end.ts';
import { checkSilentLoss } from '../../chaos/checkers/silent-loss.ts';
import { checkTyping } from '../../chaos/checkers/typing.ts';
import type { Checker, Fact, Violation } from '../../chaos/history.ts';
import { printViolation, shrink } from '../../chaos/shrink.ts';
import { printTable, toSummary } from '../../chaos/table.ts';
import { alter, cleanRun, frameAt, type Run } from './scene.ts';

const clean = cleanRun();

const firstViolation = (checker: Checker, { history, store }: Run): Violation => {
  const [violation] = checker(history, store).violations;
  if (!violation) throw new Error('there is no violation');
  return violation;
};

const shortest = (checker: Checker, run: Run): Fact[] =>
  shrink({ checker, ...run, violation: firstViolation(checker, run) });

const kindsOf = (facts: readonly Fact[]): string[] =>
  facts.map((fact) => (fact.kind === 'received' ? fact.frame.__typename : fact.kind));

describe('a violation', () => {
  const lost = frameAt(clean, 's1', ({ __typename }) => __typename === 'MessageAdded', 3);
  const withLoss = alter(clean, (fact, index) => (index === lost ? [] : [fact]));

  test('of a lost event shrinks to the events before and after it', () => {
    const facts = shortest(checkSilentLoss, withLoss);
    expect(kindsOf(facts)).toEqual(['subscribed', 'MessageAdded', expect.any(String)]);
    expect(facts.length).toBeLessThan(clean.history.facts.length / 20);
  });

  test('of a second end shrinks to the two', () => {
    const end = frameAt(clean, 's1', ({ __typename }) => __typename === 'AnswerFinished');
    const doubled = alter(clean, (fact, index) => (index === end ? [fact, fact] : [fact]));
    expect(kindsOf(shortest(checkOneEnd, doubled))).toEqual([
      'subscribed',
      'AnswerFinished',
      'AnswerFinished',
    ]);
  });

  test('of an endless typing shrinks to its beginning and the end of the run', () => {
    const endless = alter(clean, (fact) => (fact.kind === 'typing-received' && !fact.isTyping ? [] : [fact]));
    expect(kindsOf(shortest(checkTyping, endless))).toContain('typing-received');
    expect(shortest(checkTyping, endless).length).toBeLessThanOrEqual(4);
  });

  test('is printed with the seed, its facts and the faults around them', () => {
    const violation = firstViolation(checkSilentLoss, withLoss);
    const text = printViolation({ checker: checkSilentLoss, ...withLoss, violation });
    expect(text).toMatch(
      /^s1: conversation:c1 after \d+: MessageAdded \d+ did not come before .* \(seed 1\)\n/,
    );
    expect(text).toMatch(/ {2}subscribed \{.*"conversation:c1 \d+"/);
    expect(text).toMatch(/ {2}received \{.*"MessageAdded"/);
  });
});

describe('the table', () => {
  const verdictsOf = ({ history, store }: Run) => checkers.map((check) => check(history, store));

  test('counts what happened, and passes a clean run', () => {
    const summary = toSummary(clean.history, verdictsOf(clean));
    expect(summary).toMatchObject({
      seed: 1,
      isPassed: true,
      faults: { 'node-kill': 1, 'redis-flush': 0 },
      counts: {
        'messages acknowledged': 6,
        'answers stopped': 1,
        'removals and blocks of someone with a subscription': 2,
        resyncs: 1,
      },
    });
    expect(summary.recovery.count).toBeGreaterThan(0);
    expect(summary.recovery.p99Ms).toBeLessThanOrEqual(summary.recovery.maxMs);
    expect(printTable(summary)).toMatch(/\| order \| 0 violations in \d+ facts \|/);
  });

  test('counts the devices by their client', () => {
    const run = alter(clean, (fact) =>
      fact.kind === 'client-made' && fact.client === 'ann-stock'
        ? [{ ...fact, library: 'urql', resumption: 'anew' }]
        : [fact],
    );
    const { devices } = toSummary(run.history, verdictsOf(clean));
    expect(devices).toEqual({ 'edagent-client': 5, urql: 1 });
  });

  test('does not pass a run of which a checker judged nothing, or that has a violation', () => {
    const verdicts = verdictsOf(clean);
    const nothing = verdicts.map((one) => (one.name === 'rights' ? { ...one, judged: 0 } : one));
    const violated = verdicts.map((one) =>
      one.name === 'order' ? { ...one, violations: [{ what: 'x', about: {} }] } : one,
    );
    for (const judged of [nothing, violated]) expect(toSummary(clean.history, judged).isPassed).toBe(false);
    expect(printTable(toSummary(clean.history, nothing))).toContain('| rights | NOTHING WAS JUDGED |');
    expect(printTable(toSummary(clean.history, violated))).toContain('| order | 1 VIOLATIONS in');
  });
});
