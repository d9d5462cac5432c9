import { createWholeCharacters } from './whole-characters.ts';

/**
 * Asks the model and tells each piece that it writes, without a promise for each, because an answer has thousands. Closes
 * the call and rejects when `upstream` aborts, and may abort it itself.
 */
export type Ask = (upstream: AbortController, tell: (piece: string) => void) => Promise<void>;

/** Makes the reply that the port promises out of one call of a model. No piece is empty or holds half a character. */
export const makeReply = async (
  signal: AbortSignal,
  onText: (text: string) => void,
  ask: Ask,
): Promise<void> => {
  signal.throwIfAborted();
  const upstream = new AbortController();
  /** Asked for every piece, which is too often to ask the signal. */
  let isAborted = false;
  const follow = () => {
    isAborted = true;
    upstream.abort(signal.reason);
  };
  signal.addEventListener('abort', follow, { once: true });
  const characters = createWholeCharacters();
  const tell = (text: string) => {
    if (text !== '' && !isAborted) onText(text);
  };
  try {
    await ask(upstream, (piece) => tell(characters.push(piece)));
    tell(characters.end());
  } catch (error) {
    // What failed because of the abort is told as the abort.
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', follow);
    upstream.abort();
  }
  signal.throwIfAborted();
};
