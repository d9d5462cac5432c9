/** Counts the messages of each user; over all nodes where they share a Redis. */
export interface MessageLimits {
  /** @throws RATE_LIMITED with the time after which it heals. */
  consumeMessage(userId: string): Promise<void>;
  /** Gives one back: it was a repeat. */
  refundMessage(userId: string): Promise<void>;
}
