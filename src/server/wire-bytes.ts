/**
 * Bytes of UTF-8 held in a string, a character for each byte: such strings are joined without copying and are written
 * to a stream as `latin1` without a buffer in between.
 */
export const toWireText = (text: string): string =>
  Buffer.byteLength(text) === text.length ? text : Buffer.from(text).toString('latin1');

export const toWireBytes = (value: unknown): string => toWireText(JSON.stringify(value));

const finalTextFrame = 0x81;

/** What stands before so many bytes in a whole text frame of a WebSocket server (RFC 6455 §5.2), unmasked. */
export const toFrameHeader = (length: number): string => {
  if (length < 126) return String.fromCharCode(finalTextFrame, length);
  if (length < 65_536) return String.fromCharCode(finalTextFrame, 126, length >> 8, length & 255);
  const header = Buffer.alloc(10);
  header[0] = finalTextFrame;
  header[1] = 127;
  header.writeBigUInt64BE(BigInt(length), 2);
  return header.toString('latin1');
};

/** `bytes`: of `toWireText`. */
export const toTextFrame = (bytes: string): string => toFrameHeader(bytes.length) + bytes;

/** A whole ping of a WebSocket server without a payload (RFC 6455 §5.5.2). */
export const pingFrame = '\x89\x00';
