import type { Conditions } from './conditions.ts';

/** The bounds of PROTOCOL.md, and what a machine of two cores that carries the whole run takes on top of them. */
export const bounds = {
  stopMs: 250,
  stopWithoutRedisMs: 2_000,
  rightsMs: 2_000,
  rightsWithoutRedisMs: 5_000,
  typingMs: 6_000,
  returnMs: 30_000,
  /** Where the run asks for no other. */
  recoveryP99Ms: 8_000,
  /** From the node's decision to the fact in the history. */
  slackMs: 500,
} as const;

/** The end of the time in which something that was acknowledged may still show. */
export const stopDeadline = (
  conditions: Conditions,
  client: string,
  ackMs: number,
  seenMs: number,
): number => {
  const away = conditions.redisAway(ackMs, seenMs);
  // What a frozen producer had at hand it says when it runs again; without Redis only the store can tell it to stop.
  const ofNodes = conditions.disturbedMs(
    { client: null, traits: away ? ['node', 'store'] : ['node'] },
    ackMs,
    seenMs,
  );
  const ofLine = conditions.disturbedMs({ client, traits: ['network'] }, ackMs, seenMs);
  const boundMs = away ? bounds.stopWithoutRedisMs : bounds.stopMs;
  return ackMs + boundMs + bounds.slackMs + ofNodes + ofLine + conditions.lagMs(seenMs);
};

/** Rights are rows of the store, and a node that does not run cuts nobody. */
export const rightsDeadline = (
  conditions: Conditions,
  client: string,
  ackMs: number,
  seenMs: number,
): number => {
  const boundMs = conditions.redisAway(ackMs, seenMs) ? bounds.rightsWithoutRedisMs : bounds.rightsMs;
  const disturbedMs = conditions.disturbedMs({ client, traits: ['node', 'network', 'store'] }, ackMs, seenMs);
  return ackMs + boundMs + bounds.slackMs + disturbedMs + conditions.lagMs(seenMs);
};
