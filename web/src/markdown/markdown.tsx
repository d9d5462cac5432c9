import { memo } from 'react';
import ReactMarkdown from 'react-markdown';
import remarkGfm from 'remark-gfm';

export interface MarkdownProps {
  readonly text: string;
  /** More of it will come. */
  readonly isOpen?: boolean;
}

export const Markdown = memo(({ text }: MarkdownProps) => <ReactMarkdown remarkPlugins={[remarkGfm]}>{text}</ReactMarkdown>);
