/** What a build is compressed with, best first. */
export const encodings = ['br', 'gzip'] as const;
export type Encoding = (typeof encodings)[number];

/** `gzip;q=0.5, br` as weights. What is written wrongly weighs nothing. */
const parseWeights = (header: string): Map<string, number> =>
  new Map(
    header.split(',').map((part): [string, number] => {
      const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
      const quality = parameters.find((text) => text.startsWith('q='));
      const weight = quality === undefined ? 1 : Number(quality.slice(2));
      return [name, weight >= 0 && weight <= 1 ? weight : 0];
    }),
  );

/** The best of what is there that the header accepts; null: uncompressed. */
export const chooseEncoding = (
  acceptEncoding: string | undefined,
  available: readonly Encoding[],
): Encoding | null => {
  if (acceptEncoding === undefined || available.length === 0) return null;
  const weights = parseWeights(acceptEncoding);
  const weightOf = (name: string): number => weights.get(name) ?? weights.get('*') ?? 0;
  let best: Encoding | null = null;
  for (const encoding of encodings) {
    if (!available.includes(encoding) || weightOf(encoding) === 0) continue;
    if (best === null || weightOf(encoding) > weightOf(best)) best = encoding;
  }
  return best !== null && weightOf(best) >= (weights.get('identity') ?? 0) ? best : null;
};
