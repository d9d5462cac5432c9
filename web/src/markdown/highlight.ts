import { common, createLowlight } from 'lowlight';

const lowlight = createLowlight(common);
/** Longer ones are shown plain: they would cost more than a frame. */
const longest = 20_000;

export interface Token {
  readonly className: string;
  readonly children: readonly (Token | string)[];
}

type Node = ReturnType<typeof lowlight.highlight>['children'][number];

const toToken = (node: Node): Token | string => {
  if (node.type === 'text') return node.value;
  if (node.type !== 'element') return '';
  const { className } = node.properties;
  return {
    className: Array.isArray(className) ? className.join(' ') : '',
    children: node.children.map(toToken),
  };
};

export const highlight = (code: string, language: string): readonly (Token | string)[] =>
  code.length <= longest && lowlight.registered(language)
    ? lowlight.highlight(language, code).children.map(toToken)
    : [code];
