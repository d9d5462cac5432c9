import { useEffect, useRef, useState } from 'react';
import { useChat } from './chat-services.ts';

/** What is written and not sent, kept by the browser until it is empty. */
export const useDraft = (conversationId: string | null) => {
  const { storage, viewer } = useChat();
  const key = `edagent.draft.${viewer.user.id}.${conversationId ?? 'new'}`;
  const [text, setText] = useState(() => storage.getItem(key) ?? '');
  const lastKey = useRef(key);
  useEffect(() => {
    // What was typed on while a new conversation got its id goes with it.
    if (lastKey.current !== key) storage.removeItem(lastKey.current);
    lastKey.current = key;
    if (text) storage.setItem(key, text);
    else storage.removeItem(key);
  }, [storage, key, text]);
  return [text, setText] as const;
};
