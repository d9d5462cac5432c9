import type { AnswerUsage } from '../domain/answer.ts';
import { isObject } from '../util/is-object.ts';

/** What one chunk of the stream says, as far as a tutor wants to know. */
export interface ChatChunk {
  /** Empty: none. */
  readonly text: string;
  /** Something of the answer, or of the thoughts before it. */
  readonly isAlive: boolean;
  readonly isRefusal: boolean;
  /** Null: it goes on. */
  readonly finishReason: string | null;
  /** Null: it does not say. */
  readonly usage: AnswerUsage | null;
}

/** A chunk that tells of a failure, or that nobody understands; `detail` is what it said. */
export class ChunkError extends Error {
  readonly detail: unknown;

  constructor(detail: unknown) {
    super('the chunk holds no part of an answer');
    this.name = 'ChunkError';
    this.detail = detail;
  }
}

type Fields = Readonly<Record<string, unknown>>;

const noFields: Fields = {};
const toFields = (value: unknown): Fields => (isObject(value) ? value : noFields);
const toText = (value: unknown): string => (typeof value === 'string' ? value : '');
const toCount = (value: unknown): number => (typeof value === 'number' ? value : 0);

const parse = (data: string): Fields => {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    throw new ChunkError(data);
  }
  if (!isObject(value) || (value.error ?? null) !== null)
    throw new ChunkError(toFields(value).error ?? value);
  return value;
};

/** Mistral's models tell of text and of thoughts in a list of parts. */
const textOfParts = (parts: readonly unknown[]): string =>
  parts
    .map(toFields)
    .map(({ type, text }) => (type === 'text' ? toText(text) : ''))
    .join('');

const hasThoughts = (parts: readonly unknown[]): boolean =>
  parts.some((part) => toFields(part).type === 'thinking');

/** Gateways send '' before the end, and 'error' where the model behind them broke off: neither finishes an answer. */
const toFinishReason = (reason: unknown): string | null =>
  typeof reason === 'string' && reason !== '' && reason !== 'error' ? reason : null;

const toUsage = (usage: unknown): AnswerUsage | null =>
  isObject(usage)
    ? { inputTokens: toCount(usage.prompt_tokens), outputTokens: toCount(usage.completion_tokens) }
    : null;

/**
 * Reads the data of one event. What is not needed is not looked at, because every server adds fields of its own.
 * @throws {ChunkError}
 */
export const parseChunk = (data: string): ChatChunk => {
  const chunk = parse(data);
  if (!Array.isArray(chunk.choices)) throw new ChunkError(chunk);
  const choice = toFields(chunk.choices[0]);
  const { content, refusal, reasoning_content, reasoning } = toFields(choice.delta);
  const isList = Array.isArray(content);
  // Text that is not understood must not be left out of the middle of an answer.
  if (!isList && typeof (content ?? '') !== 'string') throw new ChunkError(chunk);
  const said = isList ? textOfParts(content) : toText(content);
  const refused = toText(refusal);
  const text = said + refused;
  return {
    text,
    isAlive: text !== '' || toText(reasoning_content ?? reasoning) !== '' || (isList && hasThoughts(content)),
    isRefusal: refused !== '',
    finishReason: toFinishReason(choice.finish_reason),
    usage: toUsage(chunk.usage),
  };
};
