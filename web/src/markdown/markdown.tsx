import { memo, type ReactNode, useMemo } from 'react';
import ReactMarkdown, { type Components, type ExtraProps } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import remarkMath from 'remark-math';
import { definitionsOf, splitBlocks } from './blocks.ts';
import { closeOpen } from './close-open.ts';
import { CodeBlock } from './code-block.tsx';
import { Formula } from './formula.tsx';
import styles from './markdown.module.css';
import { normalizeMath } from './math-delimiters.ts';
import { toSafeAddress } from './safe-address.ts';

type Element = NonNullable<ExtraProps['node']>;

const plugins = [remarkGfm, [remarkMath, { singleDollarTextMath: false }]] satisfies Parameters<
  typeof ReactMarkdown
>[0]['remarkPlugins'];

const textOf = (node: Element | undefined): string =>
  (node?.children ?? [])
    .map((child) => (child.type === 'text' ? child.value : child.type === 'element' ? textOf(child) : ''))
    .join('');

const classesOf = (node: Element | undefined): readonly unknown[] => {
  const { className } = node?.properties ?? {};
  return Array.isArray(className) ? className : [];
};

/** What leads elsewhere does so in a window of its own that learns nothing of this one. */
const SafeLink = ({ address, children }: { address: string | undefined; children: ReactNode }) => {
  const href = toSafeAddress(address);
  if (!href) return <span>{children}</span>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
};

const components: Components = {
  a: ({ href, children }) => <SafeLink address={href}>{children}</SafeLink>,
  // An image would tell its server who reads what, and when.
  img: ({ src, alt }) => (
    <SafeLink address={typeof src === 'string' ? src : undefined}>{alt || 'Image'}</SafeLink>
  ),
  table: ({ children }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and has to be reached by the keyboard for that.
    <section className={styles.table} tabIndex={0} aria-label="Table">
      <table>{children}</table>
    </section>
  ),
  pre({ node }) {
    const code = node?.children.find((child) => child.type === 'element');
    const classes = classesOf(code);
    const source = textOf(code).replace(/\n$/, '');
    if (classes.includes('math-display')) return <Formula source={source} isBlock />;
    const language = classes.map(String).find((each) => each.startsWith('language-'));
    return <CodeBlock code={source} language={language?.slice('language-'.length).toLowerCase()} />;
  },
  code: ({ node, children }) =>
    classesOf(node).includes('math-inline') ? (
      <Formula source={textOf(node)} isBlock={false} />
    ) : (
      <code className={styles.inlineCode}>{children}</code>
    ),
};

/** Addresses are judged where they are used. */
const keepAddress = (address: string) => address;

const Block = memo(({ text }: { readonly text: string }) => (
  <ReactMarkdown remarkPlugins={plugins} components={components} urlTransform={keepAddress}>
    {text}
  </ReactMarkdown>
));

export interface MarkdownProps {
  readonly text: string;
  /** More of it will come. */
  readonly isOpen?: boolean;
}

/** Blocks that are complete are rendered once: a growing text costs its last block alone. */
export const Markdown = memo(({ text, isOpen = false }: MarkdownProps) => {
  const blocks = useMemo(() => {
    const split = splitBlocks(normalizeMath(isOpen ? closeOpen(text) : text));
    const definitions = definitionsOf(split);
    return definitions
      ? split.map((block) => (block.includes('[') ? `${block}\n\n${definitions}` : block))
      : split;
  }, [text, isOpen]);
  return (
    <div className={styles.markdown}>
      {blocks.map((block, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a block is what stands at its place.
        <Block key={at} text={block} />
      ))}
    </div>
  );
});
