import { createWholeCharacters } from './whole-characters.ts';

/** Asks the model and yields what it writes; closes the call when `upstream` aborts, and may abort it itself. */
export type Ask = (upstream: AbortController) => AsyncIterable<string>;

/**
 * Makes the reply that the port promises out of one call of a model. The call begins at the first `next()`; when `signal`
 * aborts, the iteration throws its reason; when the consumer leaves, even while a `next()` is waiting, `upstream` aborts
 * first, otherwise `return()` would wait for the model's next word. No piece is empty or holds half a character.
 */
export const createReply = (signal: AbortSignal, ask: Ask): AsyncIterableIterator<string> => {
  const upstream = new AbortController();
  let left = false;

  const run = async function* (): AsyncGenerator<string, undefined> {
    signal.throwIfAborted();
    const follow = () => upstream.abort(signal.reason);
    signal.addEventListener('abort', follow, { once: true });
    const characters = createWholeCharacters();
    try {
      for await (const piece of ask(upstream)) {
        signal.throwIfAborted();
        const text = characters.push(piece);
        if (text !== '') yield text;
        signal.throwIfAborted();
      }
      const rest = characters.end();
      if (rest !== '') yield rest;
    } catch (error) {
      if (left) return;
      // What failed because of the abort is told as the abort.
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', follow);
      upstream.abort();
    }
  };

  const pieces = run();
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => pieces.next(),
    return() {
      left = true;
      upstream.abort();
      return pieces.return(undefined);
    },
  };
};
