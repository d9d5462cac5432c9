import { formatNumber, toTicks } from './ticks.ts';

/** What every plot has: its own card in light and dark, a title, two axes with units, a legend. Readable without a browser's fonts. */
export interface Axis {
  readonly label: string;
  readonly unit: string;
}

export interface Scale {
  readonly from: number;
  readonly to: number;
}

export interface Frame {
  /** Of values to places in the picture. */
  x(value: number): number;
  y(value: number): number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface FrameOptions {
  readonly title: string;
  readonly x: Axis & Scale & { readonly ticks?: readonly { readonly at: number; readonly text: string }[] };
  readonly y: Axis & Scale;
  readonly legend: readonly { readonly name: string; readonly className: string }[];
}

const width = 760;
const height = 420;
const margin = { left: 76, right: 24, top: 76, bottom: 62 };

/** Okabe and Ito's colours, which the colour-blind tell apart; lighter on the dark card. No plot has more series. */
const colours = {
  light: ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#7a6a00'],
  dark: ['#56b4e9', '#ff9e4a', '#3ddba5', '#e8a6cb', '#f0e442'],
} as const;

export const seriesCount = colours.light.length;

interface Card {
  readonly paper: string;
  readonly ink: string;
  readonly soft: string;
  readonly grid: string;
  readonly series: readonly string[];
}

/** Plain rules, without variables: not only browsers show these pictures. */
const toRules = ({ paper, ink, soft, grid, series }: Card): string =>
  [
    `.card { fill: ${paper} } .ink { fill: ${ink} } .soft { fill: ${soft} } .grid { stroke: ${grid} }`,
    `.axis, .limit { stroke: ${soft} } .whisker { stroke: ${ink} }`,
    ...series.map((colour, at) => `.fill.s${at} { fill: ${colour} } .stroke.s${at} { stroke: ${colour} }`),
  ].join('\n  ');

const light: Card = {
  paper: '#ffffff',
  ink: '#1f2328',
  soft: '#59636e',
  grid: '#d1d9e0',
  series: colours.light,
};
const dark: Card = {
  paper: '#0d1117',
  ink: '#f0f6fc',
  soft: '#9198a1',
  grid: '#30363d',
  series: colours.dark,
};

const style = `
  text { font-family: system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif; font-size: 13px }
  .title { font-size: 16px; font-weight: 600 }
  .line { fill: none; stroke-width: 2.25; stroke-linejoin: round }
  .limit { stroke-dasharray: 6 4 } .whisker { stroke-width: 1.5 }
  ${toRules(light)}
  @media (prefers-color-scheme: dark) {
  ${toRules(dark)}
  }`;

const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

export const place = (value: number): string => value.toFixed(1);

interface TextOptions {
  readonly className?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly turned?: boolean;
}

export const drawText = (x: number, y: number, text: string, options: TextOptions = {}): string => {
  const { className = 'soft', anchor = 'start', turned = false } = options;
  const turn = turned ? ` transform="rotate(-90 ${place(x)} ${place(y)})"` : '';
  return `<text class="${className}" x="${place(x)}" y="${place(y)}" text-anchor="${anchor}"${turn}>${escapeText(text)}</text>`;
};

const toFrame = ({ x, y }: FrameOptions): Frame => {
  const [left, right] = [margin.left, width - margin.right];
  const [top, bottom] = [margin.top, height - margin.bottom];
  const along = ({ from, to }: Scale, value: number): number => (value - from) / (to - from || 1);
  return {
    left,
    right,
    top,
    bottom,
    x: (value) => left + along(x, value) * (right - left),
    y: (value) => bottom - along(y, value) * (bottom - top),
  };
};

const drawAxes = (frame: Frame, { x, y }: FrameOptions): string[] => {
  const { left, right, top, bottom } = frame;
  const xTicks = x.ticks ?? toTicks(x.from, x.to).map((at) => ({ at, text: formatNumber(at) }));
  const yTicks = toTicks(y.from, y.to);
  const nameOf = ({ label, unit }: Axis): string => (unit === '' ? label : `${label} (${unit})`);
  return [
    ...yTicks.map(
      (at) =>
        `<line class="grid" x1="${left}" x2="${right}" y1="${place(frame.y(at))}" y2="${place(frame.y(at))}"/>`,
    ),
    ...yTicks.map((at) => drawText(left - 8, frame.y(at) + 4, formatNumber(at), { anchor: 'end' })),
    `<line class="axis" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>`,
    ...xTicks.map(({ at, text }) => drawText(frame.x(at), bottom + 20, text, { anchor: 'middle' })),
    drawText((left + right) / 2, height - 14, nameOf(x), { anchor: 'middle' }),
    drawText(22, (top + bottom) / 2, nameOf(y), { anchor: 'middle', turned: true }),
  ];
};

/** Estimated: there is nothing here to measure text with. */
const letterWidth = 7.4;

const drawLegend = ({ legend }: FrameOptions): string[] => {
  let x = margin.left;
  return legend.flatMap(({ name, className }) => {
    const at = x;
    x += 30 + name.length * letterWidth;
    return [
      `<rect class="${className} fill" x="${place(at)}" y="44" width="14" height="14" rx="3"/>`,
      drawText(at + 20, 56, name, { className: 'ink' }),
    ];
  });
};

/** The whole picture; `draw` adds what is plotted. */
export const drawFrame = (options: FrameOptions, draw: (frame: Frame) => readonly string[]): string => {
  const frame = toFrame(options);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escapeText(options.title)}</title>`,
    `<style>${style}\n</style>`,
    `<rect class="card" width="${width}" height="${height}" rx="10"/>`,
    drawText(margin.left, 28, options.title, { className: 'ink title' }),
    ...drawLegend(options),
    ...drawAxes(frame, options),
    ...draw(frame),
    '</svg>',
    '',
  ].join('\n');
};
