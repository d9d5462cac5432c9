/**
 * Close codes beyond those of the graphql-transport-ws protocol. Stock clients come back after every one but `unauthorized`.
 */
export const closeCodes = {
  /** The node stops: connect again, another one serves. */
  goingAway: 1001,
  /** The store cannot be reached, or something unexpected broke: connect again in a moment. */
  tryAgainLater: 1013,
  /** Too slow to take what it subscribed to, or over a limit of the socket. */
  overLimit: 4290,
  /** The node has as many connections as it may. */
  overloaded: 4291,
  /** An administrator cut the connection. */
  disconnected: 4292,
  /** Forged token or blocked user: coming back cannot help. */
  unauthorized: 4401,
  /** The token ended, or the user has too many connections. */
  forbidden: 4403,
} as const;
