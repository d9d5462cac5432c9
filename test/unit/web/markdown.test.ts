import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { definitionsOf, splitBlocks } from '../../../web/src/markdown/blocks.ts';
import { closeOpen } from '../../../web/src/markdown/close-open.ts';
import { normalizeMath } from '../../../web/src/markdown/math-delimiters.ts';
import { toSafeAddress } from '../../../web/src/markdown/safe-address.ts';

const markdown = fc
  .array(
    fc.constantFrom(
      'word ',
      '\n',
      '\n\n',
      '```',
      '```js\n',
      '- ',
      '1. ',
      '  ',
      '$$',
      '$',
      '**',
      '`',
      '> ',
      '|',
      '[a](b)',
      '\\(',
      '\\]',
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''));

describe('blocks', () => {
  test('joined they are the text', () => {
    fc.assert(fc.property(markdown, (text) => expect(splitBlocks(text).join('')).toBe(text)));
  });

  test('a text that grows changes only its last block', () => {
    fc.assert(
      fc.property(markdown, markdown, (text, more) => {
        const before = splitBlocks(text).slice(0, -1);
        expect(splitBlocks(text + more).slice(0, before.length)).toEqual(before);
      }),
    );
  });

  test('code and formulas are not split, nor is a list with empty lines', () => {
    expect(splitBlocks('a\n\n```\nb\n\nc\n```\n\nd')).toHaveLength(3);
    expect(splitBlocks('$$\na\n\nb\n$$\n\nc')).toHaveLength(2);
    expect(splitBlocks('- a\n\n- b\n\n  more of b\n\nc')).toHaveLength(2);
  });

  test('definitions of links are found for all blocks', () => {
    expect(definitionsOf(splitBlocks('See [a].\n\n[a]: https://example.org\n'))).toBe(
      '[a]: https://example.org',
    );
  });
});

describe('formulas', () => {
  test.each([
    ['$x^2$ here', '$$x^2$$ here'],
    ['\\(x\\) here', '$$x$$ here'],
    ['\\[x\\]', '\n$$\nx\n$$\n'],
    ['$$x$$', '\n$$\nx\n$$\n'],
    ['a $$x$$ b', 'a $$x$$ b'],
  ])('%j becomes %j', (text, expected) => expect(normalizeMath(text)).toBe(expected));

  test.each([
    'It costs $5 and $10.',
    'From $5 to $6',
    '`$x$`',
    '```\n$x$\n```',
    '\\$x\\$',
    '$ x $',
    '$5/$10',
  ])('%j stays as it is', (text) => expect(normalizeMath(text)).toBe(text));
});

describe('a text that is still being written', () => {
  test.each([
    ['some **bold', 'some **bold**'],
    ['some **', 'some '],
    ['some `code', 'some `code`'],
    ['an *accent', 'an *accent*'],
    ['see [the page](https://exa', 'see the page'],
    ['where \\(x^', 'where '],
    ['so $$x', 'so '],
    ['A title\n-', 'A title\n'],
    ['one\n\n12', 'one\n\n'],
    ['```js\nconst a = `', '```js\nconst a = `'],
    ['3 * 4 is **12**', '3 * 4 is **12**'],
    ['* one\n* two', '* one\n* two'],
  ])('%j is shown as %j', (text, expected) => expect(closeOpen(text)).toBe(expected));
});

describe('addresses', () => {
  test.each(['https://example.org/a', 'http://example.org/', 'mailto:ada@example.org'])(
    '%s is one',
    (address) => expect(toSafeAddress(address)).toBe(address),
  );

  test.each([
    'javascript:alert(1)',
    ' javascript:alert(1)',
    'java\nscript:alert(1)',
    'JAVASCRIPT:alert(1)',
    'data:text/html,<script>',
    'vbscript:x',
    'file:///etc/passwd',
    'blob:https://example.org/1',
    '//example.org',
    '/relative',
    '',
  ])('%j is none', (address) => expect(toSafeAddress(address)).toBeUndefined());
});
