import type { IncomingMessage } from 'node:http';
import { sleep } from '../util/sleep.ts';

export type Body =
  | { readonly kind: 'whole'; readonly bytes: Buffer }
  /** The bound was passed; the rest is still coming. */
  | { readonly kind: 'too-large' }
  /** The client left in the middle of it. */
  | { readonly kind: 'broken' };

/** Reads a request's body with a bound, before anything parses it. */
export const readBody = (request: IncomingMessage, maxBytes: number): Promise<Body> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (body: Body): void => {
      request.off('data', onData).off('end', onEnd).off('close', onBroken).off('error', onBroken);
      resolve(body);
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maxBytes) settle({ kind: 'too-large' });
      else chunks.push(chunk);
    };
    const onEnd = (): void => settle({ kind: 'whole', bytes: Buffer.concat(chunks) });
    const onBroken = (): void => settle({ kind: 'broken' });

    if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
      resolve({ kind: 'too-large' });
      return;
    }
    request.on('data', onData).on('end', onEnd).on('close', onBroken).on('error', onBroken);
  });

/**
 * Throws away what still comes, but not for long. A socket closed with unread bytes is reset, and the client may then never
 * see the answer that was sent before.
 */
export const discardBody = async (request: IncomingMessage, forMs = 1_000): Promise<void> => {
  const ended = new AbortController();
  const end = (): void => ended.abort();
  request.on('error', end).once('end', end).once('close', end).resume();
  if (!request.readableEnded && !request.destroyed) await sleep(forMs, ended.signal);
};
