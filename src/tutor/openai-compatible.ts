import type { AnswerUsage } from '../domain/answer.ts';
import { parseChunk } from './chat-chunk.ts';
import { type ChatRequestOptions, composeChatRequest } from './chat-request.ts';
import { readBeginning, readEvents } from './chat-stream.ts';
import { type CallPhase, createFailures, type Failures } from './failures.ts';
import { type Tutor, type TutorContext, TutorError } from './port.ts';
import { post } from './post.ts';
import { composePrompt } from './prompt.ts';
import { makeReply } from './reply.ts';

export interface OpenAiTutorOptions extends ChatRequestOptions {
  /** The model's window in tokens: what it reads and what it writes, together. */
  readonly contextTokens: number;
  /** From the call to the first token; tokens of reasoning count. */
  readonly firstTokenTimeoutMs: number;
  /** From token to token. */
  readonly idleTimeoutMs: number;
  /** Instructions to stand before what is known of the learner. @default defaultSystemPrompt */
  readonly systemPrompt?: string | undefined;
}

/** An answer is complete at its finish reason: usage and the end of the stream are awaited no longer than this. */
const afterFinishMs = 1_000;

/** The event after the last. */
const done = '[DONE]';

/**
 * A tutor on any endpoint that speaks OpenAI's `/chat/completions` as a stream. One reply is one call: nothing is
 * retried here, because only the caller knows whether a further attempt is still wanted.
 */
export const createOpenAiTutor = (options: OpenAiTutorOptions): Tutor => {
  const reserved = options.maxOutputTokens ?? Math.floor(options.contextTokens / 4);
  const budgetTokens = options.contextTokens - reserved;
  const failures = createFailures(options);
  return {
    kind: 'openai-compatible',
    reply: (context, signal, onText) =>
      makeReply(signal, onText, (upstream, tell) =>
        readAnswer({ options, failures, budgetTokens, context, upstream, tell }),
      ),
  };
};

interface Call {
  readonly options: OpenAiTutorOptions;
  readonly failures: Failures;
  readonly budgetTokens: number;
  readonly context: TutorContext;
  readonly upstream: AbortController;
  readonly tell: (piece: string) => void;
}

/** What is known of an answer so far. */
interface Heard {
  finishReason: string | null;
  usage: AnswerUsage | null;
  hasText: boolean;
  hasRefusal: boolean;
}

/**
 *     request ──first token──▶ tokens ──finish reason──▶ finished ──end of stream──▶ done
 *
 * Before `finished` every silence and every end is a failure; after it none is: the answer is there.
 */
const readAnswer = async (call: Call): Promise<void> => {
  const { options, failures, budgetTokens, context, upstream, tell } = call;
  const messages = composePrompt(context, { systemPrompt: options.systemPrompt, budgetTokens });
  const heard: Heard = { finishReason: null, usage: null, hasText: false, hasRefusal: false };
  const silence = createSilence(upstream);
  const beforeNext = { ms: options.idleTimeoutMs, message: 'the next token did not come in time' };
  const beforeEnd = { ms: afterFinishMs, message: 'the stream did not end' };
  let phase: CallPhase = 'request';

  const take = (data: string): void => {
    if (data === done) return;
    const { text, isAlive, isRefusal, finishReason, usage } = parseChunk(data);
    if (finishReason !== null) heard.finishReason = finishReason;
    if (usage !== null) heard.usage = usage;
    if (isRefusal) heard.hasRefusal = true;
    if (heard.finishReason !== null) silence.begin(beforeEnd);
    else if (isAlive) silence.begin(beforeNext);
    if (text === '') return;
    heard.hasText = true;
    tell(text);
  };

  try {
    silence.begin({ ms: options.firstTokenTimeoutMs, message: 'no token came in time' });
    const response = await post({ ...composeChatRequest(options, messages), signal: upstream.signal });
    const { statusCode = 0 } = response;
    if (statusCode < 200 || statusCode > 299) {
      throw failures.ofStatus(statusCode, await readBeginning(response));
    }
    phase = 'stream';
    await readEvents(response, take);
  } catch (error) {
    if (heard.finishReason === null) {
      throw upstream.signal.aborted ? upstream.signal.reason : failures.ofCall(error, phase);
    }
  } finally {
    silence.end();
  }
  assertFinished(heard);
  if (heard.usage !== null) context.onUsage?.(heard.usage);
  assertAnswered(heard);
};

const assertFinished = ({ finishReason }: Heard): void => {
  if (finishReason === null) {
    throw new TutorError('TUTOR_INTERRUPTED', 'the stream ended without a finish reason');
  }
};

const assertAnswered = ({ finishReason, hasRefusal, hasText }: Heard): void => {
  // A model that refuses ends as if it had answered.
  if (finishReason === 'content_filter' || (finishReason === 'stop' && hasRefusal)) {
    throw new TutorError('TUTOR_REFUSED', 'the content filter of the model ended the answer');
  }
  if (!hasText) throw new TutorError('TUTOR_INTERRUPTED', `the answer is empty (${finishReason})`);
};

interface Bound {
  readonly ms: number;
  readonly message: string;
}

/** Ends the call when nothing is heard for too long. */
const createSilence = (upstream: AbortController) => {
  let timer: NodeJS.Timeout | undefined;
  let current: Bound | null = null;
  const end = () => clearTimeout(timer);
  return {
    begin(bound: Bound) {
      if (bound === current) {
        // Every token comes here: no timer is made for it.
        timer?.refresh();
        return;
      }
      end();
      current = bound;
      const { ms, message } = bound;
      timer = setTimeout(() => upstream.abort(new TutorError('TUTOR_TIMEOUT', `${message} (${ms} ms)`)), ms);
    },
    end,
  };
};
