import { TutorError } from './port.ts';

/** Role and separators that surround each message in the model's own format. */
const overheadTokens = 4;

/**
 * An estimate on the safe side, without any model's vocabulary: one token for every three bytes of UTF-8. English comes to
 * about a third more than real tokenizers count, Cyrillic and Arabic to about as many, Chinese and Japanese to one a
 * character.
 */
export const estimateTokens = (text: string): number =>
  Math.ceil(Buffer.byteLength(text) / 3) + overheadTokens;

/**
 * The newest turns that fit into the budget beside the system prompt, oldest first. They are always a gapless end of the
 * conversation with the last turn in it; turns without text (answers that failed before their first token) are left out.
 * @throws {TutorError} CONTEXT_TOO_LONG when the system prompt and the last turn alone are too long.
 */
export const fitTurns = <T extends { readonly text: string }>(
  systemPrompt: string,
  turns: readonly T[],
  budgetTokens: number,
): T[] => {
  let left = budgetTokens - estimateTokens(systemPrompt);
  const kept: T[] = [];
  for (const [index, turn] of [...turns.entries()].reverse()) {
    const isLast = index === turns.length - 1;
    if (turn.text.trim() === '' && !isLast) continue;
    left -= estimateTokens(turn.text);
    if (left >= 0) kept.push(turn);
    else if (isLast) throw new TutorError('CONTEXT_TOO_LONG', tooLong(budgetTokens));
    else break;
  }
  return kept.reverse();
};

const tooLong = (budgetTokens: number): string =>
  `the last message and the system prompt alone exceed the budget of ${budgetTokens} tokens`;
