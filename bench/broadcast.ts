import { type DeliveriesMeasured, measureDeliveries } from './lib/deliveries.ts';
import { judgeDeliveries, limitOfDeliveries, plotDeliveries } from './lib/delivery-question.ts';
import type { Question } from './lib/question.ts';

/**
 * What does a broadcast to all cost for each socket that it reaches?
 *
 * Load: 1,000 sockets of 1,000 users, each with another conversation open, so that no two subscriptions have the same variables.
 * Five broadcasts a second enter at another node and come through Redis. The frames of all contestants are equally long.
 *
 * Expected: at most 1.10 times the CPU of a bare ws server that sends the same bytes; wanted is 0.95.
 *
 * Worse: a ratio that rises with the number of conversations, or a delay that rises from event to event.
 */
const optionTable = {
  sockets: { default: 1_000, doc: 'sockets, each of another user with a conversation of its own' },
  rounds: { default: 5, doc: 'in which each contestant has one turn' },
  perSecond: { default: 5, doc: 'broadcasts' },
  seconds: { default: 8, doc: 'of a turn' },
  textBytes: { default: 300, doc: 'length of a broadcast' },
  warmUpSeconds: { default: 5, doc: 'of each contestant, before the rounds' },
} as const;

const atMost = 1.1;

export const broadcast: Question<DeliveriesMeasured, typeof optionTable> = {
  name: 'broadcast',
  doc: 'One event to many sockets of as many users, each with another conversation open.',
  options: optionTable,
  limitMs: limitOfDeliveries,
  measure: (run) => measureDeliveries(run, { kind: 'broadcast', sockets: run.options.sockets }),
  verdicts: (measured) => judgeDeliveries(measured, atMost),
  plots: (measured) => [
    plotDeliveries(measured, 'broadcast', `A broadcast to ${measured.sockets} sockets of as many users`),
  ],
};
