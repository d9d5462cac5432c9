/** Every so many words, a longer one comes in two tokens, as it does from a model. */
const splitEvery = 4;
const longWord = 7;

/**
 * Cuts a text into tokens as a model streams them: words with the space before them, some long ones in two. The
 * concatenation is the text.
 */
export const splitIntoTokens = (text: string): string[] =>
  (text.match(/\s*\S+|\s+$/g) ?? []).flatMap((word, index) => {
    const characters = [...word];
    if (index % splitEvery !== splitEvery - 1 || characters.length < longWord) return [word];
    const middle = Math.ceil(characters.length / 2);
    return [characters.slice(0, middle).join(''), characters.slice(middle).join('')];
  });
