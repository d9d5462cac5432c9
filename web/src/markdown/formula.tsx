import { useLayoutEffect, useRef } from 'react';
import { useStore } from '../ui/use-store.ts';
import styles from './markdown.module.css';
import { formulas } from './pieces.ts';

export interface FormulaProps {
  readonly source: string;
  readonly isBlock: boolean;
}

/** The source, until the renderer is there and wherever it cannot read it. */
export const Formula = ({ source, isBlock }: FormulaProps) => {
  const ref = useRef<HTMLSpanElement>(null);
  const render = useStore(formulas.loaded);
  useLayoutEffect(() => {
    if (!render) formulas.load();
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
