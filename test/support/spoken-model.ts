import { type OpenAiReply, type OpenAiRequest, startOpenAiServer } from './openai-server.ts';

/** What the model answers to one question, spoken by the test; a call that comes later gets it from the beginning. */
export interface SpokenAnswer {
  say(...pieces: string[]): void;
  finish(): void;
  /** The next call fails at once, and for good. */
  refuseNext(): void;
  /** How often it was asked for. */
  readonly callCount: number;
}

/** A model for other processes, whose answers the test speaks. */
export interface SpokenModel {
  /** To be used as base URL. */
  readonly url: string;
  /** To be called before the question is asked; any other question is answered with "Understood." */
  answerTo(question: string): SpokenAnswer;
  dispose(): Promise<void>;
}

interface Speech extends SpokenAnswer {
  reply(): OpenAiReply;
}

const createSpeech = (): Speech => {
  const spoken: string[] = [];
  const waiting = new Set<() => void>();
  let isFinished = false;
  let isRefused = false;
  let callCount = 0;
  const wake = () => {
    for (const resolve of waiting) resolve();
    waiting.clear();
  };
  const pieces = async function* () {
    for (let next = 0; ; ) {
      while (next < spoken.length) yield spoken[next++] ?? '';
      if (isFinished) return;
      await new Promise<void>((resolve) => waiting.add(resolve));
    }
  };
  return {
    get callCount() {
      return callCount;
    },
    say(...pieces) {
      spoken.push(...pieces);
      wake();
    },
    finish() {
      isFinished = true;
      wake();
    },
    refuseNext() {
      isRefused = true;
    },
    reply() {
      callCount++;
      if (!isRefused) return { tokens: pieces() };
      isRefused = false;
      return { status: 403, body: 'Not today.' };
    },
  };
};

export const startSpokenModel = async (): Promise<SpokenModel> => {
  const speeches = new Map<string, Speech>();
  /** What was said since the last answer is one message to the model: the question is the end of it. */
  const speechTo = ({ body }: OpenAiRequest) => {
    const content = body.messages?.at(-1)?.content ?? '';
    return speeches.get(content.split('\n\n').at(-1) ?? '');
  };
  const server = await startOpenAiServer({
    script: (request) => speechTo(request)?.reply() ?? { tokens: ['Under', 'stood.'] },
  });
  return {
    url: server.url,
    answerTo(question) {
      const speech = createSpeech();
      speeches.set(question, speech);
      return speech;
    },
    dispose: () => server.dispose(),
  };
};
