import type { Feeds } from '../feed/port.ts';
import type { AnswerLease, Store } from '../store/port.ts';
import type { Unmade } from './unmade.ts';

/** What became of a claim: `made` here now, `closed` instead, or nothing because it is not claimable (any more). */
export type ClaimOutcome = 'made' | 'closed' | 'none';

/** Claims answers, each at most once at a time, so that no node takes over from itself. */
export interface Claims {
  /** Rejects when the store is away. */
  claim(messageId: string): Promise<ClaimOutcome>;
  has(messageId: string): boolean;
  /** A stop was committed: if this claim wins, the answer is stopped before it begins. */
  noteStop(messageId: string): void;
  count(): number;
  /** Resolves when those that are under way now have ended. */
  settled(): Promise<void>;
}

export interface ClaimsOptions {
  readonly nodeId: string;
  readonly store: { readonly answers: Pick<Store['answers'], 'claim'> };
  readonly feeds: Pick<Feeds, 'announce'>;
  readonly unmade: Unmade;
  readonly maxAttempts: number;
  readonly mayClaim: (messageId: string) => boolean;
  readonly onLease: (lease: AnswerLease, isStopped: boolean) => void;
}

interface Claim {
  isStopped: boolean;
  readonly outcome: Promise<ClaimOutcome>;
}

export const createClaims = (options: ClaimsOptions): Claims => {
  const { nodeId, store, feeds, unmade, maxAttempts, mayClaim, onLease } = options;
  const underWay = new Map<string, Claim>();

  const run = async (messageId: string): Promise<ClaimOutcome> => {
    const claimed = await store.answers.claim(messageId, nodeId, maxAttempts);
    feeds.announce(claimed.placed);
    const lease = claimed.result;
    if (!lease) return claimed.isUnmade && (await unmade.close(messageId)) ? 'closed' : 'none';
    onLease(lease, underWay.get(messageId)?.isStopped ?? false);
    return 'made';
  };

  const begin = (messageId: string): Promise<ClaimOutcome> => {
    const outcome = run(messageId).finally(() => underWay.delete(messageId));
    underWay.set(messageId, { isStopped: false, outcome });
    return outcome;
  };

  return {
    async claim(messageId) {
      const known = underWay.get(messageId);
      if (known) return known.outcome;
      return mayClaim(messageId) ? begin(messageId) : 'none';
    },
    has: (messageId) => underWay.has(messageId),
    noteStop(messageId) {
      const claim = underWay.get(messageId);
      if (claim) claim.isStopped = true;
    },
    count: () => underWay.size,
    async settled() {
      await Promise.allSettled([...underWay.values()].map(({ outcome }) => outcome));
    },
  };
};
