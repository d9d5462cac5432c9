import { type DeliveriesMeasured, measureDeliveries } from './lib/deliveries.ts';
import { judgeDeliveries, limitOfDeliveries, plotDeliveries } from './lib/delivery-question.ts';
import type { Question } from './lib/question.ts';

/**
 * What does a message cost that has only one subscriber, as most have?
 *
 * Load: 1,000 sockets, each of another user who follows a conversation of its own. Messages enter at another node and come through
 * Redis one by one: first 50 a second over all conversations, for the delays; then 10 bursts of 200, for the CPU, each
 * published while the receiving process is halted. The frames of all contestants are equally long.
 *
 * Expected: at most 1.20 times the CPU of a bare ws server that sends the same bytes; wanted is 1.0.
 *
 * Worse: a ratio that rises with the number of conversations.
 */
const optionTable = {
  sockets: { default: 1_000, doc: 'sockets, each in a conversation of its own' },
  rounds: { default: 5, doc: 'in which each contestant has one turn' },
  perSecond: { default: 50, doc: 'messages of the first part of a turn, over all conversations' },
  seconds: { default: 6, doc: 'of that part' },
  bursts: { default: 10, doc: 'of the second part of a turn' },
  burst: { default: 200, doc: 'messages in each, of as many conversations' },
  textBytes: { default: 300, doc: 'length of a message' },
  warmUpSeconds: { default: 5, doc: 'of each contestant, before the rounds' },
} as const;

const atMost = 1.2;

export const manyConversations: Question<DeliveriesMeasured, typeof optionTable> = {
  name: 'many-conversations',
  doc: 'Events of many conversations with one subscriber each, through Redis.',
  options: optionTable,
  limitMs: limitOfDeliveries,
  measure: (run) => measureDeliveries(run, { kind: 'conversations', sockets: run.options.sockets }),
  verdicts: (measured) => judgeDeliveries(measured, atMost),
  plots: (measured) => [
    plotDeliveries(
      measured,
      'many-conversations',
      `${measured.sockets} conversations with one socket each, through Redis`,
    ),
  ],
};
