import { describe, expect, test } from '@jest/globals';
import { composeChatRequest } from '../../../src/tutor/chat-request.ts';

const compose = (baseUrl: string) =>
  composeChatRequest({ baseUrl, apiKey: 'key', model: 'm', maxOutputTokens: 300 }, []);
const bodyOf = (baseUrl: string): unknown => JSON.parse(compose(baseUrl).body);

describe('a request to a model', () => {
  test('OpenAI itself gets the bound of the answer under its new name, all others under the old', () => {
    expect(bodyOf('https://api.openai.com/v1')).toMatchObject({ max_completion_tokens: 300 });
    expect(bodyOf('https://api.openai.com/v1')).not.toHaveProperty('max_tokens');
    expect(bodyOf('https://api.openai.com.example/v1')).toMatchObject({ max_tokens: 300 });
    expect(bodyOf('https://api.openai.com.example/v1')).not.toHaveProperty('max_completion_tokens');
  });

  test('what stands behind the host of the address stays', () => {
    expect(compose('https://gateway.example/a/b/').url.href).toBe(
      'https://gateway.example/a/b/chat/completions',
    );
  });
});
