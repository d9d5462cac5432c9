import { type OpenAiRequest, startOpenAiServer } from './openai-server.ts';

/** What the model answers to one question, spoken by the test; a call that comes later gets it from the beginning. */
export interface SpokenAnswer {
  say(...pieces: string[]): void;
  finish(): void;
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
  pieces(): AsyncGenerator<string>;
}

const createSpeech = (): Speech => {
  const spoken: string[] = [];
  const waiting = new Set<() => void>();
  let isFinished = false;
  let callCount = 0;
  const wake = () => {
    for (const resolve of waiting) resolve();
    waiting.clear();
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
    async *pieces() {
      callCount++;
      for (let next = 0; ; ) {
        while (next < spoken.length) yield spoken[next++] ?? '';
        if (isFinished) return;
        await new Promise<void>((resolve) => waiting.add(resolve));
      }
    },
  };
};

export const startSpokenModel = async (): Promise<SpokenModel> => {
  const speeches = new Map<string, Speech>();
  const questionOf = ({ body }: OpenAiRequest) => body.messages?.at(-1)?.content ?? '';
  const server = await startOpenAiServer({
    script: (request) => ({ tokens: speeches.get(questionOf(request))?.pieces() ?? ['Under', 'stood.'] }),
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
