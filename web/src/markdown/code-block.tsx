import { type ReactNode, useDeferredValue, useEffect, useMemo } from 'react';
import { CopyButton } from '../ui/copy-button.tsx';
import { createStore } from '../ui/store.ts';
import { useStore } from '../ui/use-store.ts';
import type { highlight as Highlight, Token } from './highlight.ts';
import styles from './markdown.module.css';

const loaded = createStore<typeof Highlight | undefined>(undefined);
// biome-ignore lint/correctness/noUnusedVariables: it is read by the assignment that keeps it.
let loading: Promise<void> | undefined;

const load = () => {
  loading ??= import('./highlight.ts')
    .then(({ highlight }) => loaded.set(highlight))
    .catch(() => {
      loading = undefined;
    });
};

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
  const highlight = useStore(loaded);
  const deferred = useDeferredValue(code);
  useEffect(() => {
    if (language && !highlight) load();
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
