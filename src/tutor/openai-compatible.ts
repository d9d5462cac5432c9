import type { LanguageModelV3, LanguageModelV3Prompt, LanguageModelV3StreamPart } from '@ai-sdk/provider';
import type { AnswerUsage } from '../domain/answer.ts';
import { type CallPhase, createFailures, type Failures } from './failures.ts';
import { type Tutor, type TutorContext, TutorError } from './port.ts';
import { composePrompt } from './prompt.ts';
import { createReply } from './reply.ts';

export interface OpenAiTutorOptions {
  /** The address before `/chat/completions`, such as `http://127.0.0.1:11434/v1`. */
  readonly baseUrl: string;
  /** Null where the endpoint asks for none. */
  readonly apiKey: string | null;
  readonly model: string;
  /** The model's window in tokens: what it reads and what it writes, together. */
  readonly contextTokens: number;
  /** Bound of one answer. Without it the model's own holds, and a quarter of the window is kept free for the answer. */
  readonly maxOutputTokens?: number | undefined;
  /** From the call to the first token; tokens of reasoning count. */
  readonly firstTokenTimeoutMs: number;
  /** From token to token; the time that the consumer takes does not count. */
  readonly idleTimeoutMs: number;
  /** Instructions to stand before what is known of the learner. @default defaultSystemPrompt */
  readonly systemPrompt?: string | undefined;
  /** Must honour the signal. @default the global one */
  readonly fetch?: typeof fetch | undefined;
}

/** An answer is complete at its finish reason: usage and the end of the stream are awaited no longer than this. */
const afterFinishMs = 1_000;

/**
 * A tutor on any endpoint that speaks OpenAI's `/chat/completions` as a stream. One reply is one HTTP call: nothing is
 * retried here, because only the caller knows whether a further attempt is still wanted.
 */
export const createOpenAiTutor = (options: OpenAiTutorOptions): Tutor => {
  const reserved = options.maxOutputTokens ?? Math.floor(options.contextTokens / 4);
  const budgetTokens = options.contextTokens - reserved;
  const failures = createFailures(options);
  let model: Promise<LanguageModelV3> | undefined;

  const ask = async function* (context: TutorContext, upstream: AbortController) {
    const prompt = composePrompt(context, { systemPrompt: options.systemPrompt, budgetTokens });
    model ??= createModel(options);
    yield* readAnswer({ ...options, prompt, failures, model: await model, upstream, context });
  };

  return {
    kind: 'openai-compatible',
    reply: (context, signal) => createReply(signal, (upstream) => ask(context, upstream)),
  };
};

/** The library takes 80 ms and 16 MB to load, which a server with the offline tutor does without. */
const createModel = async (options: OpenAiTutorOptions): Promise<LanguageModelV3> => {
  const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
  const provider = createOpenAICompatible({
    name: 'tutor',
    baseURL: options.baseUrl,
    includeUsage: true,
    ...(options.apiKey ? { apiKey: options.apiKey } : {}),
    ...(options.fetch ? { fetch: options.fetch } : {}),
    ...(isOpenAi(options.baseUrl) ? { transformRequestBody: renameMaxTokens } : {}),
  });
  return provider.chatModel(options.model);
};

/** OpenAI itself refuses `max_tokens` for its newer models; the others know no other name. */
const isOpenAi = (url: string): boolean => URL.canParse(url) && new URL(url).hostname === 'api.openai.com';

const renameMaxTokens = ({ max_tokens, ...body }: Record<string, unknown>): Record<string, unknown> =>
  max_tokens === undefined ? body : { ...body, max_completion_tokens: max_tokens };

interface Call extends Pick<OpenAiTutorOptions, 'firstTokenTimeoutMs' | 'idleTimeoutMs' | 'maxOutputTokens'> {
  readonly model: LanguageModelV3;
  readonly prompt: LanguageModelV3Prompt;
  readonly failures: Failures;
  readonly upstream: AbortController;
  readonly context: TutorContext;
}

/**
 *     request ──first token──▶ tokens ──finish reason──▶ finished ──end of stream──▶ done
 *
 * Before `finished` every silence and every end is a failure; after it none is: the answer is there.
 */
async function* readAnswer(call: Call): AsyncGenerator<string, undefined> {
  const { failures, upstream } = call;
  const silence = createSilence(upstream);
  let phase: CallPhase = 'request';
  let finishReason: string | null = null;
  let usage: AnswerUsage | null = null;
  let hasText = false;
  try {
    silence.begin(call.firstTokenTimeoutMs, 'no token came in time');
    const { stream } = await call.model.doStream({
      prompt: call.prompt,
      abortSignal: upstream.signal,
      includeRawChunks: true,
      ...(call.maxOutputTokens === undefined ? {} : { maxOutputTokens: call.maxOutputTokens }),
    });
    phase = 'stream';
    for await (const part of stream) {
      if (part.type === 'error') throw failures.ofStream(part.error);
      if (part.type === 'text-delta') {
        silence.end();
        hasText = true;
        yield part.delta;
      }
      if (isToken(part)) silence.begin(call.idleTimeoutMs, 'the next token did not come in time');
      finishReason = finishReasonOf(part) ?? finishReason;
      if (finishReason !== null) silence.begin(afterFinishMs, 'the stream did not end');
      if (part.type === 'finish') usage = usageOf(part);
    }
  } catch (error) {
    if (finishReason === null) {
      throw upstream.signal.aborted ? upstream.signal.reason : failures.ofCall(error, phase);
    }
  } finally {
    silence.end();
  }
  if (usage !== null) call.context.onUsage?.(usage);
  assertAnswered(finishReason, hasText);
}

const isToken = (part: LanguageModelV3StreamPart): boolean =>
  part.type === 'text-delta' || part.type === 'reasoning-delta';

/**
 * Read from the raw chunk, because the library tells it only after the end of the stream. Gateways send '' before the
 * end, and 'error' where the model behind them broke off: neither finishes an answer.
 */
const finishReasonOf = (part: LanguageModelV3StreamPart): string | null => {
  if (part.type === 'finish' && part.finishReason.unified === 'content-filter') return 'content_filter';
  if (part.type !== 'raw') return null;
  const chunk = part.rawValue as { choices?: { finish_reason?: unknown }[] } | null | undefined;
  const reason = Array.isArray(chunk?.choices) ? chunk.choices[0]?.finish_reason : null;
  return typeof reason === 'string' && reason !== '' && reason !== 'error' ? reason : null;
};

const usageOf = ({ usage }: Extract<LanguageModelV3StreamPart, { type: 'finish' }>): AnswerUsage | null => {
  const [inputTokens, outputTokens] = [usage.inputTokens.total, usage.outputTokens.total];
  return inputTokens === undefined || outputTokens === undefined ? null : { inputTokens, outputTokens };
};

const assertAnswered = (finishReason: string | null, hasText: boolean): void => {
  if (finishReason === 'content_filter') {
    throw new TutorError('TUTOR_REFUSED', 'the content filter of the model ended the answer');
  }
  if (finishReason === null) {
    throw new TutorError('TUTOR_INTERRUPTED', 'the stream ended without a finish reason');
  }
  if (!hasText) throw new TutorError('TUTOR_INTERRUPTED', `the answer is empty (${finishReason})`);
};

/** Ends the call when nothing is heard for too long. */
const createSilence = (upstream: AbortController) => {
  let timer: NodeJS.Timeout | undefined;
  const end = () => clearTimeout(timer);
  return {
    begin(ms: number, message: string) {
      end();
      timer = setTimeout(() => upstream.abort(new TutorError('TUTOR_TIMEOUT', `${message} (${ms} ms)`)), ms);
    },
    end,
  };
};
