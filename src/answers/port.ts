import type { RetryOutcome, StopOutcome } from '../store/port.ts';

export interface AnswerHooks {
  /** A delta was published by this node. */
  readonly onDelta?: () => void;
  /** From the claim of an answer to its first piece of text. */
  readonly onFirstToken?: (ms: number) => void;
  /** An answer was closed by this node. */
  readonly onClosed?: () => void;
}

/**
 * Makes the tutor's answers. Any node may make any answer; the lease of DESIGN decides which one does. What this service
 * starts goes on without the client, the socket or the request that asked for it.
 */
export interface Answers {
  /** An answer waits: make it here if nothing is before it; a node that goes tells the others. Never rejects. */
  wake(messageId: string): void;
  /** Tells whoever makes these answers that their stop is committed. */
  tellStopping(conversationId: string, messageIds: readonly string[]): void;
  /** Ends these, whose stop is committed and which no live node makes. Never rejects: what fails is done by a later beat. */
  endUnmade(messageIds: readonly string[]): Promise<void>;
  requestStop(viewerId: string, messageId: string): Promise<StopOutcome>;
  retry(
    viewer: { id: string; name: string },
    input: { clientRetryId: string; messageId: string },
  ): Promise<RetryOutcome>;
  /** How many answers this node makes now. */
  inProgress(): number;
  /** Stops claiming and gives the leases back, so that other nodes go on at once. */
  drain(): Promise<void>;
  dispose(): Promise<void>;
}
