import { useLayoutEffect, useRef } from 'react';
import { createStore } from '../ui/store.ts';
import { useStore } from '../ui/use-store.ts';
import styles from './markdown.module.css';

type Render = typeof import('./katex.ts').renderFormula;

const loaded = createStore<Render | undefined>(undefined);
// biome-ignore lint/correctness/noUnusedVariables: it is read by the assignment that keeps it.
let loading: Promise<void> | undefined;

/** Only texts with formulas pay for it. A failed load is tried again by the next formula. */
const load = () => {
  loading ??= import('./katex.ts')
    .then(({ renderFormula }) => loaded.set(renderFormula))
    .catch(() => {
      loading = undefined;
    });
};

export interface FormulaProps {
  readonly source: string;
  readonly isBlock: boolean;
}

/** The source, until the renderer is there and wherever it cannot read it. */
export const Formula = ({ source, isBlock }: FormulaProps) => {
  const ref = useRef<HTMLSpanElement>(null);
  const render = useStore(loaded);
  useLayoutEffect(() => {
    if (!render) load();
    else if (ref.current) render(source, ref.current, isBlock);
  }, [render, source, isBlock]);
  const className = isBlock ? styles.formulaBlock : styles.formula;
  // The key gives the element to the renderer alone: React must not touch what stands in it.
  return render ? (
    <span key="rendered" ref={ref} className={className} />
  ) : (
    <span key="source" className={className}>
      {source}
    </span>
  );
};
