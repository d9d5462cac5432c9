import type { Writable } from 'node:stream';

interface Handle {
  readonly writeQueueSize?: number;
}

/**
 * Bytes of the write going on that the kernel has not taken yet. It gets smaller while a peer takes a large frame in parts, of which a
 * stream says nothing before the last. Nothing else tells it: the timeouts of `node:net` read it in the same way.
 *
 * @returns 0 when nothing is being written, and for a stream that is no socket.
 */
export const bytesBeforeKernel = (stream: Writable): number =>
  (stream as Writable & { readonly _handle?: Handle | null })._handle?.writeQueueSize ?? 0;
