/** One acknowledged connection, as admins see it. Times are ISO 8601 in UTC. */
export interface ConnectionInfo {
  readonly id: string;
  readonly nodeId: string;
  readonly userId: string;
  readonly userName: string;
  readonly transport: 'WEBSOCKET' | 'SSE';
  readonly userAgent: string | null;
  readonly connectedAt: string;
  readonly lastActivityAt: string;
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly subscriptionCount: number;
}

export interface NodeInfo {
  readonly id: string;
  readonly startedAt: string;
  readonly version: string;
  readonly connectionCount: number;
  readonly userCount: number;
  readonly answersInProgress: number;
  readonly isDraining: boolean;
  readonly residentBytes: number;
}

/** What happened in one interval of `rateIntervalMs`, over all nodes. */
export interface RatePoint {
  /** Begin of the interval, ISO 8601. */
  readonly at: string;
  /** At its end, as the next two. */
  readonly connections: number;
  /** Distinct over all nodes; null when nobody has counted them, as in the moment after the interval. */
  readonly userCount: number | null;
  readonly answersInProgress: number;
  readonly messages: number;
  readonly deltas: number;
  readonly answers: number;
  readonly broadcasts: number;
  /** Sum over the answers that began, in milliseconds; divide by `firstTokens` for the mean. */
  readonly firstTokenMs: number;
  readonly firstTokens: number;
}

export const rateIntervalMs = 5_000;
export const rateHistoryMs = 15 * 60_000;

/**
 * Who is connected, over all nodes. A node writes what concerns itself only, and everything it wrote vanishes
 * `presenceTtlMs` after its last `refresh`, so that a node that died leaves the statistics. Reads and writes reject while
 * the link is down; the caller then knows its own connections only.
 */
export interface Presence {
  /** Adds or replaces connections of this node. */
  put(connections: readonly ConnectionInfo[]): Promise<void>;
  remove(connections: readonly Pick<ConnectionInfo, 'id' | 'userId'>[]): Promise<void>;
  /** Keeps this node alive for `presenceTtlMs` and tells its state. Resolves false when the other side had forgotten this node: put everything again. */
  refresh(node: NodeInfo): Promise<boolean>;
  /** Takes the node and its connections out at once. */
  leave(): Promise<void>;
  nodes(): Promise<NodeInfo[]>;
  /** Distinct users over all nodes. */
  userCount(): Promise<number>;
  /** All connections, or those of one user or node. Cost follows their number. */
  connections(filter?: { userId?: string; nodeId?: string }): Promise<ConnectionInfo[]>;
  /** How many connections a user has over all nodes. Cost follows the number of nodes, and calls of one moment share it. */
  countOf(userId: string): Promise<number>;
  /**
   * Adds to the interval that `point.at` names; `connections` and `answersInProgress` of different nodes add up too.
   * Users do not, who may be on several: they are counted here, once for each interval, whatever `point.userCount` says.
   */
  addRates(point: RatePoint): Promise<void>;
  /** The intervals from `since` (ISO 8601) on, oldest first, without those nobody wrote. */
  rates(since: string): Promise<RatePoint[]>;
  dispose(): Promise<void>;
}

export const presenceTtlMs = 10_000;
export const presenceRefreshMs = 3_000;
