import { useEffect } from 'react';
import { useStore } from '../ui/use-store.ts';
import type { MarkdownProps } from './markdown.tsx';
import styles from './markdown-text.module.css';
import { markdown } from './pieces.ts';

/** A text as it was written until the renderer of markdown is there: it is on its way since the page began. */
export const MarkdownText = (props: MarkdownProps) => {
  const Markdown = useStore(markdown.loaded);
  const { text } = props;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a load that failed is tried again by what comes later.
  useEffect(() => {
    if (!Markdown) markdown.load();
  }, [Markdown, text]);
  return Markdown ? <Markdown {...props} /> : <div className={styles.plain}>{text}</div>;
};
