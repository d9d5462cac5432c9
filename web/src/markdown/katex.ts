import 'katex/dist/katex.min.css';
import katex from 'katex';

/** By DOM calls alone, and bounded: a hostile formula can neither load nor grow without end. */
export const renderFormula = (source: string, element: HTMLElement, displayMode: boolean): void => {
  try {
    katex.render(source, element, {
      displayMode,
      output: 'htmlAndMathml',
      trust: false,
      maxExpand: 200,
      maxSize: 20,
      strict: 'ignore',
      throwOnError: true,
    });
  } catch {
    element.textContent = source;
  }
};
