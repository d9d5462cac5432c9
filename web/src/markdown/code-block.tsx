import { type ReactNode, useDeferredValue, useEffect, useMemo } from 'react';
import { CopyButton } from '../ui/copy-button.tsx';
import { useStore } from '../ui/use-store.ts';
import type { Token } from './highlight.ts';
import styles from './markdown.module.css';
import { highlighter } from './pieces.ts';

const toNodes = (tokens: readonly (Token | string)[]): ReactNode[] =>
  tokens.map((token, at) =>
    typeof token === 'string' ? (
      token
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: tokens have no other name than their place.
      <span key={at} className={token.className}>
        {toNodes(token.children)}
      </span>
    ),
  );

export interface CodeBlockProps {
  readonly code: string;
  readonly language: string | undefined;
}

/** Coloured when the highlighter is there; the size is the same before. */
export const CodeBlock = ({ code, language }: CodeBlockProps) => {
  const highlight = useStore(highlighter.loaded);
  const deferred = useDeferredValue(code);
  useEffect(() => {
    if (language && !highlight) highlighter.load();
  }, [language, highlight]);
  const nodes = useMemo(
    () => (highlight && language ? toNodes(highlight(deferred, language)) : deferred),
    [highlight, deferred, language],
  );
  return (
    <div className={styles.code}>
      <div className={styles.codeHead}>
        <span>{language ?? 'text'}</span>
        <CopyButton text={code} label="Copy the code" />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and has to be reached by the keyboard for that. */}
      <section className={styles.codeText} tabIndex={0} aria-label={`Code, ${language ?? 'text'}`}>
        <pre>
          <code>{nodes}</code>
        </pre>
      </section>
    </div>
  );
};
