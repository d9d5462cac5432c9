import { createLazy } from '../ui/lazy.ts';

/** What only some pages, or some texts, need. Without them a text is shown as it was written. */

export const markdown = createLazy(() => import('./markdown.tsx').then(({ Markdown }) => Markdown));

export const formulas = createLazy(() => import('./katex.ts').then(({ renderFormula }) => renderFormula));

export const highlighter = createLazy(() => import('./highlight.ts').then(({ highlight }) => highlight));
