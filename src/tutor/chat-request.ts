import type { Prompt } from './prompt.ts';

export interface ChatRequestOptions {
  /** The address before `/chat/completions`, such as `http://127.0.0.1:11434/v1`. */
  readonly baseUrl: string;
  /** Null where the endpoint asks for none. */
  readonly apiKey: string | null;
  readonly model: string;
  /** Bound of one answer. Without it the model's own holds, and a quarter of the window is kept free for the answer. */
  readonly maxOutputTokens?: number | undefined;
}

export interface ChatRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** OpenAI itself refuses `max_tokens` for its newer models; the others know no other name. */
const boundName = (url: URL): string =>
  url.hostname === 'api.openai.com' ? 'max_completion_tokens' : 'max_tokens';

/** @throws {TypeError} when the address is none. */
export const composeChatRequest = (
  { baseUrl, apiKey, model, maxOutputTokens }: ChatRequestOptions,
  messages: Prompt,
): ChatRequest => {
  const url = new URL(`${baseUrl.replace(/\/$/, '')}/chat/completions`);
  return {
    url,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'edagent',
      ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
    },
    body: JSON.stringify({
      model,
      messages,
      stream: true,
      stream_options: { include_usage: true },
      ...(maxOutputTokens === undefined ? {} : { [boundName(url)]: maxOutputTokens }),
    }),
  };
};
