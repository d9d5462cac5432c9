import { useEffect, useState } from 'react';
import type { ChatMessage } from './conversation-state.ts';
import { createSpokenAnswers, type Spoken } from './spoken-answers.ts';

/** Older ones were heard. */
const keptMax = 4;

export interface SpokenAnswerProps {
  readonly messages: readonly ChatMessage[];
  /** What was there before is among the messages. */
  readonly isLoaded: boolean;
}

/** For screen readers: answers as they are made, in whole sentences. */
export const SpokenAnswer = ({ messages, isLoaded }: SpokenAnswerProps) => {
  const [answers] = useState(createSpokenAnswers);
  const [spoken, setSpoken] = useState<readonly Spoken[]>([]);

  useEffect(() => {
    if (!isLoaded) return;
    const said = answers.next(messages);
    if (said.length > 0) setSpoken((before) => [...before, ...said].slice(-keptMax));
  }, [answers, isLoaded, messages]);

  return (
    <div className="visually-hidden" aria-live="polite" role="log" aria-label="Answer">
      {spoken.map(({ key, text }) => (
        <p key={key}>{text}</p>
      ))}
    </div>
  );
};
