import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { toTextFrame, toWireBytes, toWireText } from '../../../src/server/wire-bytes.ts';

/** Reads frames by RFC 6455 §5.2: whole text frames without a mask. */
const readFrames = (bytes: Buffer): string[] => {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] !== 0b1000_0001) throw new Error('not a whole text frame');
    const short = bytes.readUInt8(at + 1);
    const [length, header] =
      short < 126
        ? [short, 2]
        : short === 126
          ? [bytes.readUInt16BE(at + 2), 4]
          : [Number(bytes.readBigUInt64BE(at + 2)), 10];
    if (short === 126 && length < 126) throw new Error('not the shortest length');
    texts.push(bytes.toString('utf8', at + header, at + header + length));
    at += header + length;
  }
  return texts;
};

const texts = fc.string({ unit: 'binary', maxLength: 300 });

describe('the bytes of a frame', () => {
  test('are those of UTF-8, whatever the text, also of several frames in one write', () => {
    fc.assert(
      fc.property(fc.array(texts, { minLength: 1, maxLength: 4 }), (values) => {
        const written = values.map((text) => toTextFrame(toWireBytes({ text }))).join('');
        expect(readFrames(Buffer.from(written, 'latin1')).map((text) => JSON.parse(text))).toEqual(
          values.map((text) => ({ text: JSON.parse(JSON.stringify(text)) })),
        );
      }),
    );
  });

  test.each([0, 125, 126, 127, 65_535, 65_536, 200_000])('hold a text of %d bytes', (length) => {
    const text = 'x'.repeat(length);
    expect(readFrames(Buffer.from(toTextFrame(toWireText(text)), 'latin1'))).toEqual([text]);
  });
});
