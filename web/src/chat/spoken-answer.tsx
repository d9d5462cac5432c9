import { useEffect, useRef, useState } from 'react';
import { type ChatMessage, isClosed } from './conversation-state.ts';
import { finishedLength, toSpoken } from './sentences.ts';

interface Spoken {
  readonly key: string;
  readonly text: string;
}

/** Older ones were heard. */
const keptMax = 4;

/** For screen readers: the sentences of answers that are being made, whole, as they are finished. */
export const SpokenAnswer = ({ messages }: { readonly messages: readonly ChatMessage[] }) => {
  const spokenLength = useRef(new Map<string, number>());
  const [spoken, setSpoken] = useState<readonly Spoken[]>([]);

  useEffect(() => {
    const said: Spoken[] = [];
    for (const { id, answer, text } of messages.slice(-12)) {
      if (!answer) continue;
      const from = spokenLength.current.get(id);
      // What was complete when it was first seen is there to be read, not to be announced.
      if (isClosed(answer) && from === undefined) continue;
      const end = isClosed(answer) ? text.length : finishedLength(text);
      spokenLength.current.set(id, from === undefined ? end : Math.max(from, end));
      const next = from === undefined ? '' : toSpoken(text.slice(from, end));
      if (next) said.push({ key: `${id}:${end}`, text: next });
    }
    if (said.length > 0) setSpoken((before) => [...before, ...said].slice(-keptMax));
  }, [messages]);

  return (
    <div className="visually-hidden" aria-live="polite" role="log" aria-label="Answer">
      {spoken.map(({ key, text }) => (
        <p key={key}>{text}</p>
      ))}
    </div>
  );
};
