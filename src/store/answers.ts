import { toFailure } from '../domain/answer.ts';
import { isEntityId } from '../domain/text.ts';
import { claim, endAnswer, isExhausted } from './claim.ts';
import { readLongest, stoppedEnding } from './closing.ts';
import type { StoreContext } from './context.ts';
import { lockConversationOf } from './conversation-lock.ts';
import { findMessage } from './message-rows.ts';
import { isLiveNode, renewal } from './nodes.ts';
import type {
  AnswerClosing,
  AnswerStore,
  Committed,
  HeldAnswer,
  OpenAnswer,
  StopOutcome,
  UnmadeAnswer,
} from './port.ts';
import { retry } from './retry.ts';
import { checkpointText } from './rows.ts';
import { shareStatement } from './share-statement.ts';
import type { Transaction } from './sql.ts';

/** Of an answer `a`: whether it may be claimed, where orphans are those that the condition lets through. */
const isClaimable = (orphans: string): string => `
  a.state in ('WAITING', 'GENERATING') and (a.lease_node is null or ${orphans} and not ${isLiveNode('a.lease_node')})
  and not exists (select from answers b where b.conversation_id = a.conversation_id and b.position < a.position
    and b.state in ('WAITING', 'GENERATING'))`;

const claimableStatement = `
select a.message_id from answers a where ${isClaimable('$2')} order by a.message_id limit $1`;

/** What is asked sees nodes as they were before the renewal. */
const beatStatement = `
with renewed as (${renewal})
select (
    select json_agg(json_build_object('messageId', message_id, 'generation', generation,
      'isStopping', stop_requested_at is not null))
    from answers where state = 'GENERATING' and lease_node = $1
  ) as held, (
    select json_agg(message_id order by message_id) from answers where state = 'GENERATING'
    and stop_requested_at <= clock_timestamp() - $3 * interval '1 millisecond'
  ) as "overdueStops", exists (select from answers a where ${isClaimable('true')}) as "isAnyClaimable"`;

interface BeatRow {
  /** Null: none. */
  held: HeldAnswer[] | null;
  overdueStops: string[] | null;
  isAnyClaimable: boolean;
}

/**
 * The lock makes it wait for a transaction that ends the answer, and then find it ended. One that ends the answer while this
 * is under way waits too, but does not see the chunk, which outlives its answer until the log is trimmed.
 */
const checkpointStatement = `
insert into answer_chunks (message_id, attempt, "offset", text)
select a.message_id, c.attempt, c."offset", c.text
from unnest($1::uuid[], $2::integer[], $3::integer[], $4::integer[], $5::text[])
  as c (message_id, generation, attempt, "offset", text)
join answers a on a.message_id = c.message_id and a.generation = c.generation and a.attempt = c.attempt
where a.state = 'GENERATING'
for share of a
on conflict (message_id, attempt, "offset") do update set text = excluded.text`;

interface OpenRow {
  /** From 1. */
  place: number;
  message_id: string;
  attempt: number;
  started_seq: number;
  text: string;
}

const openStatement = `
select r.place::integer, a.message_id, a.attempt, a.started_seq, ${checkpointText} as text
from unnest($1::uuid[]) with ordinality as r (conversation_id, place)
join answers a on a.conversation_id = r.conversation_id
where a.state = 'GENERATING' and a.stop_requested_at is null
order by r.place, a.position`;

/** Conversations in one statement: few, since an answer may be long. */
const openPerStatement = 100;

const createReadOpen = ({ sql }: StoreContext) =>
  shareStatement({
    maxSize: openPerStatement,
    async run(conversationIds: readonly string[]) {
      const rows = await sql.query<OpenRow>(openStatement, [[...conversationIds]]);
      const open = conversationIds.map((): OpenAnswer[] => []);
      for (const { place, message_id, attempt, started_seq, text } of rows) {
        open[place - 1]?.push({ messageId: message_id, attempt, startedSeq: started_seq, text });
      }
      return open;
    },
  });

const close = async (
  context: StoreContext,
  tx: Transaction,
  closing: AnswerClosing,
): Promise<Committed<{ closed: boolean }>> => {
  const locked = await lockConversationOf(tx, closing.messageId);
  const answer = locked?.openAnswers.find((one) => one.messageId === closing.messageId);
  if (!locked || answer?.state !== 'GENERATING' || answer.generation !== closing.generation) {
    return { result: { closed: false }, placed: [] };
  }
  const ending = answer.isStopRequested ? { ...closing, state: 'STOPPED' as const, failure: null } : closing;
  const placed = await endAnswer(context, tx.last, locked, ending);
  return { result: { closed: true }, placed };
};

const requestStop = async (
  context: StoreContext,
  tx: Transaction,
  messageId: string,
  viewerId: string,
): Promise<StopOutcome> => {
  const locked = await lockConversationOf(tx, messageId);
  if (!locked?.participantIds.includes(viewerId)) return { kind: 'not-found' };
  const answer = locked.openAnswers.find((one) => one.messageId === messageId);
  const isBegun = answer?.state === 'GENERATING';
  let placed: Committed<unknown>['placed'] = [];
  if (isBegun) {
    await tx.query(
      `with changed_conversation as (update conversations set revision = revision + 1 where id = $2)
       update answers set stop_requested_at = coalesce(stop_requested_at, clock_timestamp()) where message_id = $1`,
      [messageId, locked.conversation.id],
    );
  } else if (answer) {
    placed = await endAnswer(context, tx, locked, stoppedEnding(messageId, ''));
  }
  const message = await findMessage(tx, messageId);
  if (!message?.answer) return { kind: 'not-found' };
  const stopping = isBegun && answer.isHeld;
  return { kind: 'done', stopping, isUnmade: isBegun && !stopping, result: message, placed };
};

/** The caller found it so in an earlier transaction: since then it may have been closed, or claimed by another node. */
const closeUnmade = async (
  context: StoreContext,
  tx: Transaction,
  { messageId, maxAttempts, shared }: UnmadeAnswer,
): Promise<Committed<{ closed: boolean }>> => {
  const locked = await lockConversationOf(tx, messageId);
  const answer = locked?.openAnswers.find((one) => one.messageId === messageId);
  const notClosed = { result: { closed: false }, placed: [] };
  if (!locked || answer?.state !== 'GENERATING') return notClosed;
  if (!answer.isStopRequested && (answer.isHeld || !isExhausted(answer, maxAttempts))) return notClosed;
  const stopped = stoppedEnding(messageId, await readLongest(tx, answer, shared));
  const ending = answer.isStopRequested
    ? stopped
    : { ...stopped, state: 'FAILED' as const, failure: toFailure('ATTEMPTS_EXHAUSTED') };
  return { result: { closed: true }, placed: await endAnswer(context, tx.last, locked, ending) };
};

export const createAnswerStore = (context: StoreContext): AnswerStore => {
  const { sql } = context;
  const readOpen = createReadOpen(context);
  return {
    async claimable(limit, { orphans }) {
      const rows = await sql.query<{ message_id: string }>(claimableStatement, [limit, orphans]);
      return rows.map((row) => row.message_id);
    },

    claim: (messageId, nodeId, maxAttempts) => claim(context, { messageId, nodeId, maxAttempts }),

    async checkpoint(pieces) {
      if (pieces.length === 0) return;
      await sql.query(checkpointStatement, [
        pieces.map((piece) => piece.messageId),
        pieces.map((piece) => piece.generation),
        pieces.map((piece) => piece.attempt),
        pieces.map((piece) => piece.offset),
        pieces.map((piece) => piece.text),
      ]);
    },

    close: (closing) => sql.transaction((tx) => close(context, tx, closing)),

    closeUnmade: (answer) => sql.transaction((tx) => closeUnmade(context, tx, answer)),

    async beat(nodeId, { leaseMs, stopOverdueMs }) {
      const [row] = await sql.query<BeatRow>(beatStatement, [nodeId, leaseMs, stopOverdueMs]);
      return {
        held: row?.held ?? [],
        overdueStops: row?.overdueStops ?? [],
        isAnyClaimable: row?.isAnyClaimable ?? false,
      };
    },

    async release(leases, { handedOver }) {
      // The generation rises, otherwise what the giver still writes would count. Without the conversation's lock: a claim
      // that does not see this yet finds the lease held, and the next one does not, or its node dead, and raises it once more.
      await sql.query(
        `update answers a set lease_node = null, generation = a.generation + 1, handovers = a.handovers + $3
         from unnest($1::uuid[], $2::integer[]) as l (message_id, generation)
         where a.message_id = l.message_id and a.generation = l.generation and a.state = 'GENERATING'`,
        [leases.map((lease) => lease.messageId), leases.map((lease) => lease.generation), handedOver ? 1 : 0],
      );
    },

    requestStop: (messageId, viewerId) =>
      sql.transaction((tx) => requestStop(context, tx, messageId, viewerId)),

    retry: (input) => retry(context, input),

    async openIn(conversationId) {
      return isEntityId(conversationId) ? readOpen(conversationId) : [];
    },

    async usageOf(userId, since) {
      const [row] = await sql.query<Awaited<ReturnType<AnswerStore['usageOf']>>>(
        `select (select count(*) from messages m where m.author_kind = 'LEARNER' and m.author_id = $1
             and m.created_at >= $2::timestamptz) as messages,
           count(*) as answers, coalesce(sum(a.input_tokens), 0) as "inputTokens",
           coalesce(sum(a.output_tokens), 0) as "outputTokens"
         from answers a where a.asked_by = $1 and a.created_at >= $2::timestamptz`,
        [userId, since],
      );
      return row ?? { messages: 0, answers: 0, inputTokens: 0, outputTokens: 0 };
    },
  };
};
