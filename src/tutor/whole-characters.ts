/**
 * Makes a stream of pieces safe to store and to send, wherever the model cut it: a high surrogate at the end of a piece
 * waits for its low half, a lone half becomes U+FFFD, and NUL, which PostgreSQL cannot store, is left out.
 */
export interface WholeCharacters {
  /** What may go out now; may be empty. */
  push(piece: string): string;
  /** What still waited when the text ended. */
  end(): string;
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;

const clean = (text: string): string => text.toWellFormed().replaceAll('\0', '');

export const createWholeCharacters = (): WholeCharacters => {
  let waiting = '';
  return {
    push(piece) {
      const text = waiting + piece;
      const cut = isHighSurrogate(text.charCodeAt(text.length - 1)) ? text.length - 1 : text.length;
      waiting = text.slice(cut);
      return clean(text.slice(0, cut));
    },
    end() {
      const rest = clean(waiting);
      waiting = '';
      return rest;
    },
  };
};
