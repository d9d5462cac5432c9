export {
  type AnswerEvent,
  type AnswerState,
  type AnswerText,
  type AnswerTexts,
  createAnswerTexts,
} from './answer-texts.ts';
export { createEdAgentClient, type EdAgentClientOptions } from './client.ts';
export type { ResyncCause } from './cursors.ts';
export { retryDelayMs } from './retry.ts';
export type { ResyncInfo, RetryInfo } from './subscriptions.ts';
