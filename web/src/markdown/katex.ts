import 'katex/dist/katex.min.css';
import katex, { type KatexOptions } from 'katex';

/** What KaTeX makes of a formula before it is DOM. Its types leave it out. */
interface Tree {
  readonly attributes?: Record<string, string>;
  readonly children?: readonly Tree[];
  toNode(): Node;
}

const { __renderToDomTree: toTree } = katex as unknown as {
  readonly __renderToDomTree: (source: string, options: KatexOptions) => Tree;
};

/** In the MathML of `\pmb` and `\fcolorbox`, which nobody sees: the policy of the page would refuse it, and complain. */
const dropStyles = ({ attributes, children = [] }: Tree): void => {
  if (attributes) delete attributes.style;
  for (const child of children) dropStyles(child);
};

/** By DOM calls alone, and bounded: a hostile formula can neither load nor grow without end. */
export const renderFormula = (source: string, element: HTMLElement, displayMode: boolean): void => {
  try {
    const tree = toTree(source, {
      displayMode,
      output: 'htmlAndMathml',
      trust: false,
      maxExpand: 200,
      maxSize: 20,
      strict: 'ignore',
      errorColor: 'var(--danger)',
      throwOnError: true,
    });
    dropStyles(tree);
    element.replaceChildren(tree.toNode());
  } catch {
    element.textContent = source;
  }
};
