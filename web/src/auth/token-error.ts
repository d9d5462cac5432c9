/** Why no token can be had, told to the person who waits: what is wrong, and what to do. Each may pass by itself. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
}
