import { type DeliveriesMeasured, measureDeliveries } from './lib/deliveries.ts';
import { judgeDeliveries, limitOfDeliveries, plotDeliveries } from './lib/delivery-question.ts';
import type { Question } from './lib/question.ts';

/**
 * What does a message cost for each socket that follows its conversation?
 *
 * Load: 1,000 sockets of 10 participants, who have 100 devices each, follow one conversation. Five messages a second enter at
 * another node and come through Redis. The frames of all contestants are equally long.
 *
 * Expected: at most 1.10 times the CPU of a bare ws server that sends the same bytes; wanted is 0.95.
 *
 * Worse: a ratio above that of a broadcast, whose subscriptions have less in common.
 */
const optionTable = {
  sockets: { default: 1_000, doc: 'sockets that follow the conversation' },
  participants: { default: 10, doc: 'whose devices they are, at most 50' },
  rounds: { default: 5, doc: 'in which each contestant has one turn' },
  perSecond: { default: 5, doc: 'messages' },
  seconds: { default: 8, doc: 'of a turn' },
  textBytes: { default: 300, doc: 'length of a message' },
  warmUpSeconds: { default: 5, doc: 'of each contestant, before the rounds' },
} as const;

const atMost = 1.1;

export const oneConversation: Question<DeliveriesMeasured, typeof optionTable> = {
  name: 'one-conversation',
  doc: 'One event to many sockets that follow the same conversation.',
  options: optionTable,
  limitMs: limitOfDeliveries,
  measure: (run) => {
    const { sockets, participants } = run.options;
    return measureDeliveries(run, { kind: 'conversation', sockets, participants });
  },
  verdicts: (measured) => judgeDeliveries(measured, atMost),
  plots: (measured) => [
    plotDeliveries(
      measured,
      'one-conversation',
      `A message to ${measured.sockets} sockets in one conversation`,
    ),
  ],
};
